"""Payments: which documents are paid, when, and by whom (spec §3.2)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.calendar import Calendar, Days, first_known
from segmentation.ownership import Ownership, rows_of
from segmentation.types import MOMENT, Base, EntityType


def payments_of(base: Base, ownership: Ownership, calendar: Calendar) -> pd.DataFrame:
    """All payments of all clients, in order of client, day, document type and document.

    A payment is a won deal, or a paid invoice that is not bound to a won deal; amounts do not
    matter. Paid invoices of a won deal are the same payment as the deal: they only move its day to
    the latest of these days, and it counts for the deal's client. Payments of nobody are left out.

    Columns: `client` int32 (client number), `day` datetime64[s] (portal day, never after today),
    `document_type` int8 (`EntityType`: a deal or one of the two kinds of invoices), `document`
    int64 (id within that type).
    """
    deals = base.deals[base.deals["won"]]
    invoices = base.invoices[base.invoices["paid"]]
    deal_of_invoice = rows_of(pd.Index(deals["id"]), invoices["deal"])
    of_won_deal = deal_of_invoice >= 0

    deal_days = payment_days(deals["closed"], deals["created"], calendar)
    invoice_days = payment_days(invoices["paid_at"], invoices["created"], calendar)
    _postpone(deal_days, deal_of_invoice[of_won_deal], invoice_days[of_won_deal])

    own = invoices[~of_won_deal]
    payments = pd.concat(
        [
            _table(ownership.of_documents(deals), deal_days, EntityType.DEAL, deals["id"]),
            _table(ownership.of_documents(own), invoice_days[~of_won_deal], own["kind"], own["id"]),
        ]
    )
    payments = payments[payments["client"] >= 0]
    order = np.lexsort([payments[name] for name in ("document", "document_type", "day", "client")])
    return payments.iloc[order].reset_index(drop=True)


def nth_days(
    payments: pd.DataFrame, counts: NDArray[np.integer], nth: int | NDArray[np.integer]
) -> Days:
    """Per client, the day of its payment number `nth`, counted from 0; NaT where there is none.

    `payments` is what `payments_of` returns, `counts` how many of them each client has.
    """
    begins = np.cumsum(counts) - counts
    exists = (nth >= 0) & (counts > nth)
    days = np.append(payments["day"].to_numpy(), np.datetime64("NaT"))
    return days[np.where(exists, begins + nth, -1)].astype("datetime64[D]")


def payment_days(paid: pd.Series, created: pd.Series, calendar: Calendar) -> Days:
    """The day that each paid document was paid on, or was created on where that is unknown."""
    return first_known(calendar.days(paid), calendar.days_or_first(created))


def _postpone(days: Days, rows: NDArray[np.intp], to: Days) -> None:
    """Moves `days` at `rows` to the later of what they are and `to`, in place."""
    np.maximum.at(days.view(np.int64), rows, to.view(np.int64))


def _table(
    clients: NDArray[np.intp], days: Days, document_type: int | pd.Series, documents: pd.Series
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "client": clients.astype(np.int32),
            "day": days.astype(MOMENT),
            "document_type": np.broadcast_to(np.asarray(document_type, np.int8), len(clients)),
            "document": documents.to_numpy(),
        }
    )

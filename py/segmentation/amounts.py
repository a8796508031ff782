"""How much was paid: the amounts of the documents that payments are (spec §3.2, §5).

`deals` and `invoices` of the base have, beside the columns of `types.SCHEMA`, `amount` float64 and
`currency` int64, a number that stands for its name (0 none). A payment is worth what its own
document says: a won deal's amount, whatever the invoices that are paid for it say.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segmentation.calendar import Days, as_days
from segmentation.ownership import rows_of
from segmentation.past import GONE, NEW
from segmentation.types import Base, EntityType


def with_amounts(base: Base, payments: pd.DataFrame) -> pd.DataFrame:
    """Payments (rows of `payments.payments_of` over this base) with `amount` and `currency`."""
    base = base.deduplicated()
    kinds = base.invoices["kind"]
    amount, currency = np.zeros(len(payments)), np.zeros(len(payments), dtype=np.int64)
    for entity_type, documents in (
        (EntityType.DEAL, base.deals),
        (EntityType.SMART_INVOICE, base.invoices[kinds == EntityType.SMART_INVOICE]),
        (EntityType.OLD_INVOICE, base.invoices[kinds == EntityType.OLD_INVOICE]),
    ):
        of_type = (payments["document_type"] == entity_type).to_numpy()
        rows = rows_of(pd.Index(documents["id"]), payments.loc[of_type, "document"])
        amount[of_type] = documents["amount"].to_numpy()[rows]
        currency[of_type] = documents["currency"].to_numpy()[rows]
    return payments.assign(amount=amount, currency=currency)


def amounts(paid: pd.DataFrame) -> pd.DataFrame:
    """What every client has paid in every currency it ever paid in.

    Columns: `client` int32 (client number), `currency` int64, `amount` float64; in order of client
    and currency. `paid` is what `with_amounts` tells of all payments.
    """
    return paid.groupby(["client", "currency"])[["amount"]].sum().reset_index()


def flow_amounts(paid: pd.DataFrame, moved: pd.DataFrame, ends: Days) -> list[dict[str, Any]]:
    """The money of every flow of `past.flows` whose clients had paid, ready for JSON.

    `[{"from", "to", "currency", "earlier", "between"}]`: what the clients of a flow had paid up to
    the end of the earlier of the two months, and what they paid from then to the end of the later
    one. `paid` is what `with_amounts` tells of all payments, `moved` what `past.moves` tells of
    all clients, `ends` the ends of the two months.
    """
    first, last = np.sort(ends)
    paid = paid[as_days(paid["day"]) <= last]
    is_earlier = as_days(paid["day"]) <= first
    sums = (
        moved.iloc[paid["client"]]
        .assign(
            currency=paid["currency"].to_numpy(),
            earlier=np.where(is_earlier, paid["amount"], 0.0),
            between=np.where(is_earlier, 0.0, paid["amount"]),
        )
        .groupby(["from", "to", "currency"], observed=True)
        .sum()
        .reset_index()
    )
    told = sums[(sums["from"] != NEW) | (sums["to"] != GONE)]
    return [dict(zip(told.columns, row, strict=True)) for row in told.itertuples(index=False)]

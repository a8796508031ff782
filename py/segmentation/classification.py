"""The segments of every client today (spec §3.3–§3.5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.calendar import Calendar, Days, months_before
from segmentation.evidence import contact_data, dialogs, first_request_days
from segmentation.ownership import Ownership
from segmentation.payments import nth_days
from segmentation.types import FREQUENCY, KINDS, LIFECYCLE, MOMENT, Base, Limits


def classify(
    base: Base, ownership: Ownership, payments: pd.DataFrame, calendar: Calendar, limits: Limits
) -> pd.DataFrame:
    """One row per client, the row number being the client number.

    Columns: `kind` ('b2b' or 'b2c'), `id` int64 (of the company or contact), `created_day`,
    `with_contacts` bool (a company with at least one bound contact), `payments` int32 (how many),
    `first_payment_day`, `last_payment_day`, `first_request_day` (NaT if none), `has_dialogs` and
    `has_contact_data` bool, `lifecycle` and `frequency` (codes of `types.LIFECYCLE` and
    `types.FREQUENCY`). Codes are categoricals, days are portal days as datetime64[s].
    """
    companies, contacts = base.companies, base.contacts[ownership.is_client]
    kinds = np.repeat(np.array([0, 1], dtype=np.int8), [len(companies), len(contacts)])
    counts = np.bincount(payments["client"], minlength=len(kinds))
    first_payments = nth_days(payments, counts, 0)
    last_payments = nth_days(payments, counts, counts - 1)
    requests = first_request_days(base, ownership, calendar)
    has_dialogs = dialogs(base, ownership)
    has_contact_data = contact_data(base, ownership)
    return pd.DataFrame(
        {
            "kind": _coded(kinds, KINDS),
            "id": np.concatenate([companies["id"], contacts["id"]]),
            "created_day": calendar.days_or_first(
                pd.concat([companies["created"], contacts["created"]])
            ).astype(MOMENT),
            "with_contacts": np.append(ownership.is_bound, np.zeros(len(contacts), dtype=bool)),
            "payments": counts.astype(np.int32),
            "first_payment_day": first_payments.astype(MOMENT),
            "last_payment_day": last_payments.astype(MOMENT),
            "first_request_day": requests.astype(MOMENT),
            "has_dialogs": has_dialogs,
            "has_contact_data": has_contact_data,
            "lifecycle": lifecycle(
                last_payments, requests, has_dialogs, has_contact_data, calendar.today, limits
            ),
            "frequency": frequency(counts),
        }
    )


def lifecycle(
    last_payments: Days,
    requests: Days,
    has_dialogs: NDArray[np.bool_],
    has_contact_data: NDArray[np.bool_],
    on: Days | np.datetime64,
    limits: Limits,
) -> pd.Categorical[str]:
    """Per client the first stage that fits, in the order of `LIFECYCLE`.

    `on` is the day of the look, one for all or one for each; what came after it is not yet there
    (NaT).
    """
    # Without payments the last day is NaT, and every comparison with NaT is false.
    fits = [
        last_payments >= months_before(on, limits.active_months),
        last_payments >= months_before(on, limits.dormant_months),
        ~np.isnat(last_payments),
        ~np.isnat(requests),
        has_dialogs,
        has_contact_data,
    ]
    empty = LIFECYCLE.index("empty")
    return _coded(np.select(fits, range(len(fits)), default=empty).astype(np.int8), LIFECYCLE)


def frequency(counts: NDArray[np.integer]) -> pd.Categorical[str]:
    """How often each has paid, by the number of payments (spec §3.4)."""
    codes = np.select([counts > 1, counts == 1], [0, 1], default=2)
    return _coded(codes.astype(np.int8), FREQUENCY)


def _coded(codes: NDArray[np.int8], names: tuple[str, ...]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))

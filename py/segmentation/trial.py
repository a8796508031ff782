"""What if the two limits of the lifecycle (spec §3.3) were others: counts, and a suggestion."""

from __future__ import annotations

from typing import Any

import numpy as np

from segmentation.analysis import Analysis
from segmentation.calendar import as_days
from segmentation.growth import paying_stages
from segmentation.types import Limits

DAYS_OF_MONTH = 365.25 / 12
MISSED_PAYMENTS = 2
"""A client is active until it has been silent for so many of its usual gaps between payments."""
DORMANT_BY_ACTIVE = 3
"""The dormant limit by the active one, as in the limits that hold without settings."""
LONGEST_ACTIVE_MONTHS = 24
FEWEST_CLIENTS = 20
"""Of fewer clients with repeated payments nothing usual can be said."""


def trial(analysis: Analysis, limits: Limits) -> dict[str, Any]:
    """Counts under other limits, ready for JSON.

    `{"active_months", "dormant_months", "months", "growth": {code: [counts]} of mode 3,
    "lifecycle": {code: count today}}`. Modes 1, 2, 4 and 5 do not depend on the limits.
    """
    growth = analysis.growth
    stages = paying_stages(growth.days, analysis.clients, analysis.payments, limits)
    return {
        "active_months": limits.active_months,
        "dormant_months": limits.dormant_months,
        "months": list(growth.months),
        "growth": {code: counts.tolist() for code, counts in stages.items()},
        "lifecycle": {code: int(counts[-1]) for code, counts in stages.items()}
        | analysis.counters[5],
    }


def suggestion(analysis: Analysis) -> dict[str, Any] | None:
    """Limits that fit the pace of this portal's clients, ready for JSON; None when too few clients
    have paid on several days.

    `{"median_gap_days", "clients", "active_months", "dormant_months"}`. Of every client with
    payments on several days the median of the days between them is taken, of all these the median
    again, so that every client counts once: who buys daily decides no more than who buys yearly.
    """
    payments = analysis.payments
    clients, days = payments["client"].to_numpy(), as_days(payments["day"])
    gaps = np.diff(days).astype(np.int64)
    repeated = (clients[1:] == clients[:-1]) & (gaps > 0)
    usual = payments.iloc[1:][repeated].assign(gap=gaps[repeated]).groupby("client")["gap"].median()
    if len(usual) < FEWEST_CLIENTS:
        return None
    gap_days = float(usual.median())
    active_months = int(np.ceil(MISSED_PAYMENTS * gap_days / DAYS_OF_MONTH))
    active_months = min(active_months, LONGEST_ACTIVE_MONTHS)
    return {
        "median_gap_days": gap_days,
        "clients": len(usual),
        "active_months": active_months,
        "dormant_months": DORMANT_BY_ACTIVE * active_months,
    }

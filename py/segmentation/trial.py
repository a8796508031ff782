"""What if the two limits of the lifecycle (spec §3.3) were others: counts, who would move, and a
suggestion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.analysis import Analysis
from segmentation.calendar import as_days
from segmentation.classification import lifecycle
from segmentation.growth import PaidSpans
from segmentation.history import History, lay_over
from segmentation.ownership import Ownership
from segmentation.types import LIFECYCLE, PAYING_STAGES, Base, Limits

DAYS_OF_MONTH = 365.25 / 12
MISSED_PAYMENTS = 2
"""A client is active until it has been silent for so many of its usual gaps between payments."""
DORMANT_BY_ACTIVE = 3
"""The dormant limit by the active one, as in the limits that hold without settings."""
LONGEST_ACTIVE_MONTHS = 24
FEWEST_CLIENTS = 20
"""Of fewer clients with repeated payments nothing usual can be said."""


@dataclass(frozen=True)
class Trial:
    """What does not depend on the limits, prepared for many tries.

    `cards` has for every client how many companies and contacts bear its marks: itself, and a
    company's contacts. Closed months are those of `history`.
    """

    analysis: Analysis
    history: History
    spans: PaidSpans
    cards: NDArray[np.intp]

    @classmethod
    def of(cls, base: Base, analysis: Analysis, history: History) -> Trial:
        """For the `analysis` of a base."""
        ownership = Ownership.of(base.deduplicated())
        cards = np.bincount(ownership.contact_clients, minlength=len(analysis.clients))
        cards[: len(ownership.company_ids)] += 1
        spans = PaidSpans.of(analysis.growth.days, analysis.clients, analysis.payments)
        return cls(analysis, history, spans, cards)

    def told(self, limits: Limits) -> dict[str, Any]:
        """Counts under other limits, ready for JSON.

        `{"active_months", "dormant_months", "months", "growth": {code: [counts]} of mode 3 with
        closed months as the chart would show them, "lifecycle": {code: count today}, "moves":
        [{"from", "to", "count"}] of the clients that would change their stage today, "clients": how
        many these are, "cards": on how many companies and contacts that would be marked}`. Modes 1,
        2, 4 and 5 do not depend on the limits.
        """
        stages = self.spans.stages(limits)
        growth = self.analysis.growth
        growth = replace(growth, modes=growth.modes | {3: stages})
        shown = lay_over(growth, self.history, limits, self.spans.stages)
        return {
            "active_months": limits.active_months,
            "dormant_months": limits.dormant_months,
            "months": shown.months,
            "growth": {code: counts.tolist() for code, counts in shown.modes[3].items()},
            "lifecycle": {code: int(counts[-1]) for code, counts in stages.items()}
            | self.analysis.counters[5],
            **self._moves(limits),
        }

    def _moves(self, limits: Limits) -> dict[str, Any]:
        clients, size = self.analysis.clients, len(PAYING_STAGES)
        was = clients["lifecycle"].cat.codes.to_numpy().astype(np.intp)
        paying = was < size
        last_payments = as_days(clients["last_payment_day"])[paying]
        nothing = np.zeros(len(last_payments), dtype=np.bool_)
        today = self.analysis.calendar.today
        stages = lifecycle(last_payments, last_payments, nothing, nothing, today, limits).codes
        pairs = np.bincount(was[paying] * size + stages, minlength=size * size)
        counts = pairs.reshape(size, size)
        np.fill_diagonal(counts, 0)
        return {
            "moves": [
                {"from": LIFECYCLE[row], "to": LIFECYCLE[column], "count": int(counts[row, column])}
                for row, column in zip(*np.nonzero(counts), strict=True)
            ],
            "clients": int(counts.sum()),
            "cards": int(self.cards[paying][was[paying] != stages].sum()),
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

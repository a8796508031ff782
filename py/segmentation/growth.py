"""How the segments grew: one point per month, exact for payments (spec §3.7).

A client is in one segment of a mode for a span of points. Counting spans by where they begin and
end, and summing up, gives all points at once: time and memory are linear in clients and payments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.calendar import Calendar, Days, as_days, months_before
from segmentation.payments import nth_days
from segmentation.types import Base, Limits

Counts = NDArray[np.int64]
"""How many there are at each point."""

Modes = dict[int, dict[str, Counts]]
"""Counts per mode and segment code."""

Indices = NDArray[np.intp]
"""Numbers of points; the number of points itself stands for never."""


@dataclass(frozen=True)
class Growth:
    """Counts at the end of every month, the last point being today.

    `months` names the points as 'YYYY-MM', `days` are their portal days, and `modes` has for each
    mode and segment code (`types.MODES`) an array of counts as long as these.
    """

    months: list[str]
    days: Days
    modes: Modes


def growth_of(
    base: Base, clients: pd.DataFrame, payments: pd.DataFrame, calendar: Calendar, limits: Limits
) -> Growth:
    """Growth from the month of the first company or contact to the current month.

    A client is in the history from the day of its creation, in every mode. Modes 1 and 2 take
    today's bindings; modes 3 and 4 replay the payments; mode 5 has requests from the day of the
    first document, and before it today's dialogs and contact data, which have no history in the
    portal. Without any company or contact there is one point, the current month, of zeros.
    """
    points = calendar.points()
    return Growth(
        months=np.datetime_as_string(points, unit="M").tolist(),
        days=points,
        modes={
            1: companies_and_contacts(points, base, calendar),
            **modes_of_clients(points, clients, payments, limits),
        },
    )


def companies_and_contacts(points: Days, base: Base, calendar: Calendar) -> dict[str, Counts]:
    """Mode 1 at these points: all companies and contacts by their creation."""
    line = _Timeline(points)
    companies, contacts = (
        line.since(line.first_at(calendar.days_or_first(table["created"])))
        for table in (base.companies, base.contacts)
    )
    return {"companies": companies, "contacts": contacts, "all": companies + contacts}


def modes_of_clients(
    points: Days, clients: pd.DataFrame, payments: pd.DataFrame, limits: Limits
) -> Modes:
    """Modes 2 to 5 at these points, which may be any run of ends of months.

    Counts of all clients are the sums of the counts of parts of them.
    """
    line = _Timeline(points)
    created = line.first_at(as_days(clients["created_day"]))
    return {
        2: _kinds(line, created, clients),
        3: PaidSpans.of(points, clients, payments).stages(limits),
        4: _frequencies(line, created, clients, payments),
        5: _unpaid_stages(line, created, clients),
    }


class _Timeline:
    """Points in time, and how many spans cover each."""

    def __init__(self, points: Days) -> None:
        self.points = points
        self.never = len(points)

    def first_at(self, days: Days) -> Indices:
        """The first point on or after each day; never for NaT, which sorts behind all days."""
        return np.searchsorted(self.points, days)

    def first_beyond(self, days: Days, months: int) -> Indices:
        """The first point at which each day is more than so many months ago."""
        # Later points have later limits, or the same one where a shorter month clips them.
        return np.searchsorted(months_before(self.points, months), days, side="right")

    def covering(self, starts: Indices, ends: Indices | int) -> Counts:
        """How many of the spans from start to before end cover each point."""
        ends = np.broadcast_to(ends, len(starts))
        lasting = starts < ends
        began = np.bincount(starts[lasting], minlength=self.never + 1)
        ended = np.bincount(ends[lasting], minlength=self.never + 1)
        return np.cumsum(began - ended, dtype=np.int64)[: self.never]

    def since(self, starts: Indices) -> Counts:
        """How many have started by each point."""
        return self.covering(starts, self.never)


@dataclass(frozen=True)
class PaidSpans:
    """For how long every payment is its client's last one: what of mode 3 no limit decides on.

    A span goes from one number of a point to before another; `day_of` is the place of its payment's
    day in `days`. Payments that another one follows before the next point have none.
    """

    line: _Timeline
    days: Days
    day_of: Indices
    starts: Indices
    ends: Indices

    @classmethod
    def of(cls, points: Days, clients: pd.DataFrame, payments: pd.DataFrame) -> PaidSpans:
        """The spans at these points, which may be any run of ends of months."""
        line = _Timeline(points)
        created = line.first_at(as_days(clients["created_day"]))
        paying, days = payments["client"].to_numpy(), as_days(payments["day"])
        starts = np.maximum(line.first_at(days), created[paying])
        is_newest = np.append(paying[1:] != paying[:-1], True)[: len(paying)]
        ends = np.where(is_newest, line.never, np.roll(starts, -1))
        lasting = starts < ends
        known, day_of = np.unique(days[lasting], return_inverse=True)
        return cls(line, known, day_of, starts[lasting], ends[lasting])

    def stages(self, limits: Limits) -> dict[str, Counts]:
        """Mode 3 with these limits: active, then dormant, then lost, until the next payment."""
        line, starts, ends = self.line, self.starts, self.ends
        dormant = line.first_beyond(self.days, limits.active_months)[self.day_of]
        lost = line.first_beyond(self.days, limits.dormant_months)[self.day_of]
        return {
            "active": line.covering(starts, np.minimum(dormant, ends)),
            "dormant": line.covering(np.maximum(starts, dormant), np.minimum(lost, ends)),
            "lost": line.covering(np.maximum(starts, lost), ends),
        }


def _kinds(line: _Timeline, created: Indices, clients: pd.DataFrame) -> dict[str, Counts]:
    is_b2b = (clients["kind"] == "b2b").to_numpy()
    with_contacts = clients["with_contacts"].to_numpy()
    return {
        "b2b_with_contacts": line.since(created[with_contacts]),
        "b2b_without_contacts": line.since(created[is_b2b & ~with_contacts]),
        "b2c": line.since(created[~is_b2b]),
        "all": line.since(created),
    }


def _frequencies(
    line: _Timeline, created: Indices, clients: pd.DataFrame, payments: pd.DataFrame
) -> dict[str, Counts]:
    counts = clients["payments"].to_numpy()
    first = line.first_at(nth_days(payments, counts, 0))
    second = line.first_at(nth_days(payments, counts, 1))
    return {
        "regular": line.since(np.maximum(created, second)),
        "first": line.covering(np.maximum(created, first), second),
        "none": line.covering(created, first),
    }


def _unpaid_stages(line: _Timeline, created: Indices, clients: pd.DataFrame) -> dict[str, Counts]:
    paid = line.first_at(as_days(clients["first_payment_day"]))
    asked = line.first_at(as_days(clients["first_request_day"]))
    has_dialogs = clients["has_dialogs"].to_numpy()
    has_contact_data = clients["has_contact_data"].to_numpy()
    before = {
        "dialogs": has_dialogs,
        "contacts": ~has_dialogs & has_contact_data,
        "empty": ~has_dialogs & ~has_contact_data,
    }
    idle_until = np.minimum(asked, paid)
    return {
        "requests": line.covering(np.maximum(created, asked), paid),
        **{
            stage: line.covering(created[those], idle_until[those])
            for stage, those in before.items()
        },
    }

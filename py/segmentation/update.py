"""The next look: only clients that a change touches are classified again (spec §3.9, §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo

import numpy as np
import pandas as pd

from segmentation.analysis import Analysis, analyse
from segmentation.calendar import Calendar, as_days
from segmentation.classification import classify, lifecycle
from segmentation.counters import counters_of
from segmentation.evidence import Flags
from segmentation.growth import (
    Growth,
    Modes,
    PaidSpans,
    companies_and_contacts,
    modes_of_clients,
)
from segmentation.ownership import Numbers
from segmentation.part import part_of
from segmentation.payments import payments_of
from segmentation.touched import Changed, Owned, counterparts, touched_clients
from segmentation.types import MOMENT, Base, Limits


def reanalyse(
    before: Analysis,
    base_before: Base,
    base_after: Base,
    changed: Changed,
    now: datetime,
    timezone: tzinfo,
    limits: Limits | None = None,
) -> Analysis:
    """`analyse(base_after, now, timezone, limits)`, out of what was known `before`.

    `before` is the analysis of `base_before`; `changed` has the keys (`types.KEYS`) of the rows in
    which the two bases differ, see `touched.Changed`. Where little of the earlier look holds
    (another time zone, another first day, an earlier `now`), all is analysed anew.
    """
    limits = limits or Limits()
    before = relimited(before, limits)
    after = Owned.of(base_after)
    calendar = Calendar.of(after.base, now, timezone)
    if not _holds(before, calendar):
        return analyse(base_after, now, timezone, limits)
    earlier = Owned.of(base_before)
    known_as = counterparts(earlier, after)
    touched = touched_clients(earlier, after, changed, known_as)
    if calendar.today != before.calendar.today:
        touched |= np.append(_may_have_moved(before), False)[known_as]

    part = part_of(after, touched)
    payments = payments_of(part.base, part.ownership, calendar)
    clients = classify(part.base, part.ownership, payments, calendar, limits)
    all_clients = _staged(_clients(before, clients, known_as, touched), calendar, limits)
    all_payments = _payments(before, payments, known_as, touched)

    closed, points = before.growth.days[:-1], calendar.points()
    gone = np.ones(len(before.clients), dtype=bool)
    gone[known_as[~touched]] = False
    growth = Growth(
        months=np.datetime_as_string(points, unit="M").tolist(),
        days=points,
        modes={1: companies_and_contacts(points, after.base, calendar)}
        | _replaced(
            before.growth.modes,
            modes_of_clients(closed, *_only(before, gone), limits),
            modes_of_clients(closed, clients, payments, limits),
            modes_of_clients(points[len(closed) :], all_clients, all_payments, limits),
        ),
    )
    return Analysis(all_clients, all_payments, growth, counters_of(growth), calendar, limits)


def relimited(before: Analysis, limits: Limits) -> Analysis:
    """The same look with other limits, as `analyse` would make it with these."""
    if limits == before.limits:
        return before
    growth, clients = before.growth, before.clients
    spans = PaidSpans.of(growth.days, clients, before.payments)
    growth = replace(growth, modes=growth.modes | {3: spans.stages(limits)})
    return replace(
        before,
        clients=_staged(clients, before.calendar, limits),
        growth=growth,
        counters=counters_of(growth),
        limits=limits,
    )


def _holds(before: Analysis, calendar: Calendar) -> bool:
    """Whether what was known of untouched clients is still so, but for the passing of time."""
    known = before.calendar
    return bool(
        known.timezone == calendar.timezone
        and known.first_day == calendar.first_day
        and known.today <= calendar.today
    )


def _may_have_moved(before: Analysis) -> Flags:
    """Clients dated on the day of the look before: days ahead of it counted as that day."""
    columns = ["created_day", "last_payment_day", "first_request_day"]
    today = before.calendar.today.astype(MOMENT)
    dated: Flags = (before.clients[columns] == today).any(axis=1).to_numpy()
    return dated


def _clients(
    before: Analysis, again: pd.DataFrame, known_as: Numbers, touched: Flags
) -> pd.DataFrame:
    """All clients by number: touched ones as classified again, the others as they were."""
    numbers = np.concatenate([np.flatnonzero(~touched), np.flatnonzero(touched)])
    rows = pd.concat([before.clients.iloc[known_as[~touched]], again])
    return rows.iloc[np.argsort(numbers)].reset_index(drop=True)


def _staged(clients: pd.DataFrame, calendar: Calendar, limits: Limits) -> pd.DataFrame:
    """The clients with the lifecycle of today, which goes on for those whom nothing touches."""
    return clients.assign(
        lifecycle=lifecycle(
            as_days(clients["last_payment_day"]),
            as_days(clients["first_request_day"]),
            clients["has_dialogs"].to_numpy(),
            clients["has_contact_data"].to_numpy(),
            calendar.today,
            limits,
        )
    )


def _payments(
    before: Analysis, again: pd.DataFrame, known_as: Numbers, touched: Flags
) -> pd.DataFrame:
    """All payments by client; those of one client come from one side, and in order."""
    numbers_now = np.full(len(before.clients), -1)
    numbers_now[known_as[~touched]] = np.flatnonzero(~touched)
    numbers = np.concatenate(
        [numbers_now[before.payments["client"]], np.flatnonzero(touched)[again["client"]]]
    )
    payments = pd.concat([before.payments, again]).assign(client=numbers.astype(np.int32))
    order = np.argsort(numbers, kind="stable")
    return payments.iloc[order[numbers[order] >= 0]].reset_index(drop=True)


def _only(before: Analysis, wanted: Flags) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The wanted clients as they were, numbered anew, and their payments."""
    payments = before.payments[wanted[before.payments["client"]]]
    numbers = np.cumsum(wanted, dtype=np.int32) - 1
    return before.clients[wanted], payments.assign(client=numbers[payments["client"]])


def _replaced(before: Modes, gone: Modes, again: Modes, since: Modes) -> Modes:
    """Counts in which touched clients as they were give way to what they are now.

    The last point of `before` was the day of that look; from there on all are counted, `since`.
    """
    return {
        mode: {
            code: np.append(before[mode][code][:-1] - gone[mode][code] + counts, since[mode][code])
            for code, counts in segments.items()
        }
        for mode, segments in again.items()
    }

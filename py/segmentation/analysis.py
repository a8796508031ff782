"""All the rules in a row: from the tables of a portal to its segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

import pandas as pd

from segmentation.calendar import Calendar
from segmentation.classification import classify
from segmentation.counters import counters_of
from segmentation.growth import Growth, growth_of
from segmentation.ownership import Ownership
from segmentation.payments import payments_of
from segmentation.types import Base, Limits


@dataclass(frozen=True)
class Analysis:
    """The segments of a portal at one moment.

    `clients`: one row per client (see `classification.classify`). `payments`: every payment with
    its day and document; its column `client` is the row number in `clients` (see
    `payments.payments_of`). `growth`: counts by month. `counters`: counts today, per mode and
    segment code. `calendar` and `limits` are what it was made with.
    """

    clients: pd.DataFrame
    payments: pd.DataFrame
    growth: Growth
    counters: dict[int, dict[str, int]]
    calendar: Calendar
    limits: Limits


def analyse(base: Base, now: datetime, timezone: tzinfo, limits: Limits | None = None) -> Analysis:
    """Every rule of spec §3.1–§3.7 over a base, as seen at `now` in the portal's time zone.

    `now` is an aware datetime (ValueError if naive). The result does not depend on the order of
    rows, except that of rows with the same id the last one counts.
    """
    limits = limits or Limits()
    base = base.deduplicated()
    calendar = Calendar.of(base, now, timezone)
    ownership = Ownership.of(base)
    payments = payments_of(base, ownership, calendar)
    clients = classify(base, ownership, payments, calendar, limits)
    growth = growth_of(base, clients, payments, calendar, limits)
    return Analysis(clients, payments, growth, counters_of(growth), calendar, limits)

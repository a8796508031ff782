"""Moments to portal days, ends of months, and subtraction of calendar months.

Dates are compared in the portal's time zone, months are calendar months (spec §3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.types import MOMENT, Base

Days = NDArray[np.datetime64]
"""An array of calendar days, `datetime64[D]`, NaT where there is none."""

ONE_DAY = np.timedelta64(1, "D")
DAYS_OF_SHORTER_MONTHS = 4
"""So many more days than months may pass before a day at the end of February is surpassed."""


@dataclass(frozen=True)
class Calendar:
    """The days of one portal as seen at one moment.

    `today` is the portal's day of that moment. `first_day` is the day of the first company or
    contact; what has no date at all counts from it, since it must have a place in the history and
    nothing tells a better one. Where no company or contact has a date, it is today.
    """

    timezone: tzinfo
    today: np.datetime64
    first_day: np.datetime64

    @classmethod
    def of(cls, base: Base, now: datetime, timezone: tzinfo) -> Calendar:
        """The calendar of a base at `now`. Raises ValueError when `now` has no time zone."""
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        today = np.datetime64(now.astimezone(timezone).date(), "D")
        created = pd.concat([base.companies["created"], base.contacts["created"]])
        first = portal_days(pd.Series([created.min()], dtype=MOMENT), timezone)
        return cls(timezone, today, np.fmin(first, today)[0])

    def days(self, moments: pd.Series) -> Days:
        """Portal days of UTC moments, none later than today; NaT stays NaT."""
        return np.minimum(portal_days(moments, self.timezone), self.today)

    def days_or_first(self, moments: pd.Series) -> Days:
        """As `days`, with the first day where there is no moment."""
        return first_known(self.days(moments), self.first_day)

    def points(self) -> Days:
        """Ends of the months from that of the first day to the current one, whose end is today."""
        first, current = np.array([self.first_day, self.today]).astype("datetime64[M]")
        return np.minimum(last_day(np.arange(first, current + 1)), self.today)


def portal_days(moments: pd.Series, timezone: tzinfo) -> Days:
    """Calendar days of UTC moments in the portal's time zone."""
    local = moments.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
    return as_days(local)


def as_days(column: pd.Series) -> Days:
    """A column of moments without a time zone as calendar days."""
    days: Days = column.to_numpy().astype("datetime64[D]")
    return days


def first_known(days: Days, other: Days | np.datetime64) -> Days:
    """`days`, and `other` where they are NaT."""
    return np.where(np.isnat(days), other, days)


def last_day(months: NDArray[np.datetime64]) -> Days:
    """Last days of calendar months."""
    next_first: Days = (months + 1).astype("datetime64[D]")
    return next_first - ONE_DAY


def months_before(days: Days | np.datetime64, months: int) -> Days:
    """The same day of the month so many months earlier, or that month's last day if it has none.

    31 August minus 6 months is 28 or 29 February (spec §3).
    """
    month = days.astype("datetime64[M]")
    day_of_month = days - month.astype("datetime64[D]")
    target = month - months
    same_day: Days = target.astype("datetime64[D]") + day_of_month
    return np.minimum(same_day, last_day(target))


def first_day_beyond(day: np.datetime64, months: int) -> np.datetime64:
    """The first day on which a day is more than so many calendar months ago."""
    later = day + np.arange(31 * months + DAYS_OF_SHORTER_MONTHS)
    beyond: np.datetime64 = later[np.searchsorted(months_before(later, months), day, side="right")]
    return beyond

"""When things happen in a made-up firm: it grows, sells by season, and works on working days."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY_S: Final = 86_400
_OPENS_S: Final = 9 * 3600
_OPEN_FOR_S: Final = 10 * 3600
_YEARS: Final = 8.4
# Sales of a month against the average one, January first.
_SEASON: Final = (0.6, 0.9, 1.1, 1.15, 0.8, 0.95, 0.85, 0.85, 1.1, 1.2, 1.2, 1.3)
_WEEKDAY: Final = (1.0, 1.1, 1.1, 1.05, 0.95, 0.2, 0.12)


class Timeline:
    """Maps shares of all that ever happened (0 = the first day, 1 = now) to moments and back.

    Equal steps of the share are equally many events, so times drawn in shares follow growth, season
    and week by themselves. ``now_s``: unix seconds; ``offset_s``: the zone, seconds east of UTC.
    """

    def __init__(self, now_s: int, offset_s: int) -> None:
        self.now_s = now_s
        today = (now_s + offset_s) // DAY_S
        days = np.arange(today - int(_YEARS * 365.25), today + 1, dtype=np.int64)
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        age = (days - days[0]) / 365.25
        weights = (
            (1 - np.exp(-age / 2.5) + 0.08)
            * np.asarray(_SEASON)[months]
            * np.asarray(_WEEKDAY)[(days + 3) % 7]
        )
        opens = days * DAY_S - offset_s + _OPENS_S
        open_for = np.full(len(days), _OPEN_FOR_S, dtype=np.float64)
        open_for[-1] = np.clip(now_s - opens[-1], 0, _OPEN_FOR_S)
        weights[-1] *= open_for[-1] / _OPEN_FOR_S
        self._opens: Floats = opens.astype(np.float64)
        self._open_for = np.maximum(open_for, 1.0)
        self._ends: Floats = np.cumsum(weights) / weights.sum()
        self._weights: Floats = weights / weights.sum()
        self.start_s = int(opens[0])

    def moments(self, shares: Floats) -> Ints:
        """Unix seconds of shares from 0 to 1."""
        day = np.minimum(np.searchsorted(self._ends, shares, side="right"), len(self._ends) - 1)
        passed = (shares - self._ends[day]) / np.maximum(self._weights[day], 1e-300) + 1
        moments = self._opens[day] + np.clip(passed, 0, 1) * self._open_for[day]
        return np.minimum(moments, self.now_s).astype(np.int64)

    def shares(self, moments: Ints) -> Floats:
        """Shares of moments; a night belongs to the day before it."""
        day = np.clip(
            np.searchsorted(self._opens, moments, side="right") - 1, 0, len(self._opens) - 1
        )
        passed = np.clip((moments - self._opens[day]) / self._open_for[day], 0, 1)
        return self._ends[day] - self._weights[day] * (1 - passed)

    def between(self, rng: np.random.Generator, first: Ints, last: Ints, lean: float = 1.0) -> Ints:
        """A moment between each pair; ``lean`` above 1 draws it towards the first."""
        low, high = self.shares(first), self.shares(last)
        drawn = self.moments(low + (high - low) * rng.random(len(first)) ** lean)
        return np.maximum(np.minimum(drawn, self.now_s), first)

    def later(self, rng: np.random.Generator, moments: Ints, days: float) -> Ints:
        """Moments some days later, by an exponential law with that mean, never after now."""
        waits = rng.exponential(days * DAY_S, len(moments)).astype(np.int64)
        late = moments + waits
        # What would fall after now is spread over what is left, so that nothing piles up at now.
        spread = moments + ((self.now_s - moments) * rng.random(len(moments))).astype(np.int64)
        return np.where(late > self.now_s, spread, late)

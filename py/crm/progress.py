"""What a person is told while a portal is being read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from crm.client import Retry

SPEED_OVER_S = 10.0


@dataclass(frozen=True)
class Progress:
    """Facts of a reading under way; all of this run, none of earlier ones.

    ``month`` is the earliest one not complete yet (None at the end), ``rows`` are counted per
    table, as the portal sent them. ``waiting`` lists methods that wait for their reset:
    ``{"method": str, "until": unix seconds}``. ``in_vain`` counts commands whose answers brought
    nothing. ``retries`` counts repeated requests by reason, a code of ``crm.errors``;
    ``last_retry`` is the youngest. ``remaining_s`` is an estimate, None before the first answers.
    """

    month: str | None
    months_done: int
    months_total: int
    rows: dict[str, int]
    rows_per_s: float
    requests: int
    commands: int
    in_vain: int
    in_flight: int
    waiting: list[dict[str, Any]]
    retries: dict[str, int]
    last_retry: Retry | None
    remaining_s: float | None


@dataclass
class Speed:
    """Rows per second over the last seconds."""

    _arrivals: deque[tuple[float, int]] = field(default_factory=deque)
    _started_s: float | None = None

    def arrived(self, rows: int, now_s: float) -> None:
        """Count rows of an answer."""
        if self._started_s is None:
            self._started_s = now_s
        self._arrivals.append((now_s, rows))

    def rows_per_s(self, now_s: float) -> float:
        """The present speed; 0 when nothing came for a while."""
        while self._arrivals and self._arrivals[0][0] < now_s - SPEED_OVER_S:
            self._arrivals.popleft()
        if self._started_s is None:
            return 0.0
        over_s = min(SPEED_OVER_S, max(1.0, now_s - self._started_s))
        return sum(rows for _, rows in self._arrivals) / over_s

    def seconds_for(self, rows: int, now_s: float) -> float:
        """How long so many rows take at the present speed; 0 before that can be told."""
        rows_per_s = self.rows_per_s(now_s)
        settled = self._started_s is not None and now_s - self._started_s >= SPEED_OVER_S
        return rows / rows_per_s if settled and rows_per_s else 0.0

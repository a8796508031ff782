"""What the page is told while the portal is being read: the ``progress`` event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm.progress import Progress
from crm.protocols import Clock
from engine.page import Event
from storage.records import Run

REASONS = {
    "connection_lost": "network",
    "session_expired": "token",
    "portal_overloaded": "rate",
}
"""What a person is told of a request that is repeated, by the code of its error."""


class Reports:
    """Turns the reader's progress into events."""

    def __init__(self, clock: Clock, send: Callable[[Event], None]) -> None:
        self._clock = clock
        self._send = send
        self._repeated = 0
        self._repeat: dict[str, Any] | None = None

    def of_months(self, progress: Progress, run: Run) -> None:
        """Tell how a full reading stands."""
        month = progress.month or run.months[-1]
        self._tell(progress, "full", month, len(run.done), len(run.months))

    def of_changes(self, progress: Progress, run: Run) -> None:
        """Tell how the reading of changes stands; all months of ``run`` are there. At the end of a
        full reading it is the last bit of that.
        """
        kind = "next" if run.state == "complete" else "full"
        self._tell(progress, kind, run.months[-1], len(run.months), len(run.months))

    def _tell(self, progress: Progress, kind: str, month: str, done: int, total: int) -> None:
        self._send(
            {
                "type": "progress",
                "kind": kind,
                "month": month,
                "months_done": done,
                "months_total": total,
                "rows": dict(progress.rows),
                "rows_total": sum(progress.rows.values()),
                "rows_per_s": progress.rows_per_s,
                "remaining_s": progress.remaining_s,
                "requests": progress.requests,
                "waiting": self._waiting(progress),
            }
        )

    def _waiting(self, progress: Progress) -> dict[str, Any] | None:
        """What the reading waits for just now: a request to be repeated, or a method's reset."""
        now_s = self._clock.now_s()
        repeated = sum(progress.retries.values())
        if repeated > self._repeated and progress.last_retry is not None:
            retry = progress.last_retry
            self._repeat = {
                "reason": REASONS.get(retry.reason, "retry"),
                "method": retry.method,
                "until_s": now_s + retry.wait_s,
            }
        self._repeated = repeated
        if self._repeat is not None and self._repeat["until_s"] > now_s:
            return self._repeat
        for method in progress.waiting:
            return {"reason": "operating", "method": method["method"], "until_s": method["until"]}
        return None

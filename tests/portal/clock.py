"""The three times of the emulated portal.

* Portal time: what ``server.time`` tells and what new rows are stamped with; may be frozen.
* Wall time: real unix seconds; tokens expire by it and ``time.start`` shows it.
* Emulated time: seconds since the start, running ``speed`` times faster than the wall; pace, limits
  and latency are counted in it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone


class Clock:
    """``frozen_at`` (unix seconds) stops portal time; ``speed`` is how fast emulated time runs."""

    def __init__(
        self,
        *,
        offset: str = "+00:00",
        frozen_at: int | None = None,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ):
        self.speed = speed
        self.zone = parse_offset(offset)
        self.frozen_at = frozen_at
        self._monotonic = monotonic
        self._wall = wall
        self._started = monotonic()

    def portal_s(self) -> int:
        """Portal time in unix seconds."""
        return int(self._wall()) if self.frozen_at is None else self.frozen_at

    def wall_s(self) -> float:
        """Real unix seconds."""
        return self._wall()

    def emulated_s(self) -> float:
        """Emulated seconds since the start of the emulator."""
        return (self._monotonic() - self._started) * self.speed

    def wall_of(self, emulated_s: float) -> float:
        """The real unix second at which emulated time shows ``emulated_s``."""
        return self._wall() + (emulated_s - self.emulated_s()) / self.speed

    async def pause(self, emulated_s: float) -> None:
        """Wait for so many emulated seconds."""
        if emulated_s > 0:
            await asyncio.sleep(emulated_s / self.speed)

    def iso(self, unix_s: float) -> str:
        """``2026-05-14T10:26:32+03:00`` in the portal's time zone."""
        moment = datetime.fromtimestamp(int(unix_s), UTC).astimezone(self.zone)
        return moment.isoformat()


def parse_offset(offset: str) -> timezone:
    """Time zone of ``+03:00``; ValueError for anything else."""
    found = re.fullmatch(r"([+-])(\d{2}):(\d{2})", offset)
    if found is None:
        raise ValueError(f"time zone {offset!r} is not of the form +03:00")
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))

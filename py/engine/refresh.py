"""The refresh: read what is missing, store each month with its checkpoint, show what is there (spec
§4).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crm.client import Portal
from crm.protocols import Clock
from crm.reader import MonthRead, Progress, read_months
from crm.survey import Survey, survey
from engine.page import Event
from engine.view import build_view, is_complete
from segmentation.types import SCHEMA, Base
from storage.packing import pack, unpack
from storage.protocol import Store
from storage.records import Run, RunState

STALE_AFTER = timedelta(days=1)
"""A run whose first month was read longer ago than this says so beside the charts."""
CURRENT_MONTH_FRESH = timedelta(minutes=10)
"""A sitting that goes on after a longer break reads the current month again."""
REASONS = {
    "connection_lost": "network",
    "session_expired": "token",
    "portal_overloaded": "rate",
}
"""What a person is told of a request that is repeated, by the code of its error."""
SHARE_FOR_VIEWS = 0.15
"""Part of the worker's time that drawing half-read charts may take."""


class Refresh:
    """One sitting of a refresh: from the survey, or from the last checkpoint, to the complete
    charts.
    """

    def __init__(
        self,
        portal: Portal,
        store: Store,
        clock: Clock,
        send: Callable[[Event], None],
        running: asyncio.Event,
    ) -> None:
        """``running`` is the pause switch: while it is cleared no new request leaves."""
        self._portal = portal
        self._store = store
        self._clock = clock
        self._send = send
        self._running = running
        self._months: dict[str, dict[str, pd.DataFrame]] = {}
        self._show_partial = True
        self._next_view_s = 0.0
        self._saving = asyncio.Lock()
        self._repeated = 0
        self._repeat: dict[str, Any] | None = None
        self.run: Run | None = None

    async def work(self) -> None:
        """Read until everything is stored and shown.

        Raises a ``PortalError`` or ``StorageError``; whatever months were stored by then stay
        stored.
        """
        unfinished = await self._unfinished()
        facts = await survey(self._portal)
        self._show_partial = not is_complete(await self._store.load_view())
        run = self.run = await self._restore(await self._begin(unfinished, facts))
        reading = read_months(
            self._portal, facts, run.missing, progress=self._report, running=self._running
        )
        async for month in reading:
            await self._keep(month)
            await self._maybe_show(facts)
        await self._finish(facts)

    async def _unfinished(self) -> Run:
        """The run to go on with; a new one is stored at once, so that an early end is not the end
        of it.
        """
        run = await self._store.load_run()
        if run is not None and run.state != "complete":
            return run
        new = Run(id=1 if run is None else run.id + 1, started_at="", as_of="", months=())
        await self._store.save_run(replace(new, state=self._run_state()))
        return new

    async def _begin(self, run: Run, facts: Survey) -> Run:
        """The run with its months brought up to the portal's present."""
        as_of = facts.now.isoformat(timespec="seconds")
        if not run.months:
            run = replace(run, started_at=as_of, as_of=as_of, months=tuple(facts.months))
        else:
            done = set(run.done) - _outdated(run, facts)
            run = replace(
                run,
                as_of=as_of,
                months=tuple(facts.months),
                done=tuple(month for month in facts.months if month in done),
            )
        run = replace(run, state=self._run_state())
        await self._store.save_run(run)
        return run

    async def _restore(self, run: Run) -> Run:
        """Take the months of earlier sittings from the store; a damaged one is read again."""
        for month, tables in (await self._store.load_months(run)).items():
            with contextlib.suppress(ValueError, KeyError):
                self._months[month] = {name: unpack(tables[name]) for name in SCHEMA}
        return replace(run, done=tuple(month for month in run.done if month in self._months))

    async def remember_pause(self) -> None:
        """Store whether a person has paused, so that the next opening does not go on by itself."""
        async with self._saving:
            if self.run is not None and self.run.state != "complete":
                run = replace(self.run, state=self._run_state())
                await self._store.save_run(run)
                self.run = run

    def _run_state(self) -> RunState:
        return "running" if self._running.is_set() else "paused"

    async def _keep(self, month: MonthRead) -> None:
        packed = {name: pack(table) for name, table in month.tables.items()}
        async with self._saving:
            assert self.run is not None
            run = self.run.with_month(month.month, month.notes)
            run = replace(run, state=self._run_state())
            await self._store.save_month(run, month.month, packed)
            self.run = run
        self._months[month.month] = month.tables

    async def _maybe_show(self, facts: Survey) -> None:
        """Draw what has been read so far, unless older complete charts are on screen."""
        if not self._show_partial or self._clock.monotonic_s() < self._next_view_s:
            return
        assert self.run is not None
        through = self.run.through
        if through is None or through == self.run.months[-1]:
            return
        started_s = self._clock.monotonic_s()
        view = build_view(
            self._base(through),
            _end_of_month(through, facts),
            facts.timezone,
            as_of=facts.now,
            partial=True,
            notes=facts.notes,
        )
        self._send({"type": "view", "view": view})
        await self._store.save_view(json.dumps(view))
        spent_s = self._clock.monotonic_s() - started_s
        self._next_view_s = self._clock.monotonic_s() + max(1.0, spent_s / SHARE_FOR_VIEWS)

    async def _finish(self, facts: Survey) -> None:
        assert self.run is not None
        run = replace(self.run, state="complete")
        notes = [*facts.notes, *run.notes, *_age_notes(run, facts)]
        view = build_view(
            self._base(run.months[-1]),
            facts.now,
            facts.timezone,
            as_of=facts.now,
            notes=notes,
        )
        async with self._saving:
            await self._store.finish(run, json.dumps(view))
            self.run = run
        self._send({"type": "view", "view": view})

    def _base(self, through: str) -> Base:
        """All stored months up to ``through`` as the rules want them."""
        months = [self._months[month] for month in sorted(self._months) if month <= through]
        return Base(
            **{
                name: pd.concat([month[name] for month in months], ignore_index=True)
                for name in SCHEMA
            }
        )

    def _report(self, progress: Progress) -> None:
        assert self.run is not None
        self._send(
            {
                "type": "progress",
                "month": progress.month or self.run.months[-1],
                "months_done": len(self.run.done),
                "months_total": len(self.run.months),
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
            self._repeated = repeated
            retry = progress.last_retry
            self._repeat = {
                "reason": REASONS.get(retry.reason, "retry"),
                "method": retry.method,
                "until_s": now_s + retry.wait_s,
            }
        if self._repeat is not None and self._repeat["until_s"] > now_s:
            return self._repeat
        for method in progress.waiting:
            return {"reason": "operating", "method": method["method"], "until_s": method["until"]}
        return None


def _outdated(run: Run, facts: Survey) -> set[str]:
    """Months of an earlier sitting that do not hold what they would hold today.

    The first month is open to the past and the last one to the future: when the base begins or ends
    in another month now, both the old and the new one are read again. The current month also when
    it was read a while ago.
    """
    outdated: set[str] = set()
    if run.months[0] != facts.months[0]:
        outdated |= {run.months[0], facts.months[0]}
    if run.months[-1] != facts.months[-1]:
        outdated |= {run.months[-1], facts.months[-1]}
    if facts.now - datetime.fromisoformat(run.as_of) > CURRENT_MONTH_FRESH:
        outdated.add(facts.months[-1])
    return outdated


def _end_of_month(month: str, facts: Survey) -> datetime:
    """The last second of ``month`` (``YYYY-MM``) on the portal's clock."""
    year, number = (int(part) for part in month.split("-"))
    first_of_next = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=facts.timezone)
    return first_of_next - timedelta(seconds=1)


def _age_notes(run: Run, facts: Survey) -> list[dict[str, Any]]:
    started = datetime.fromisoformat(run.started_at)
    if facts.now - started < STALE_AFTER:
        return []
    return [{"code": "read_over_days", "params": {"since": run.started_at}}]

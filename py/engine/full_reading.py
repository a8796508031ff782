"""The full reading: month by month, each stored with its checkpoint and shown (spec §4)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from crm.client import Portal
from crm.progress import Progress
from crm.protocols import Clock
from crm.reader import MonthRead, read_months
from crm.survey import Survey, survey
from crm.tables import TABLES
from engine import reading_facts
from engine.base import PortalBase
from engine.lifecycle_limits import in_force, limits_of, with_limits
from engine.memory import Held
from engine.page import Event
from engine.reports import Reports
from engine.view import build_view, is_complete
from segmentation.analysis import analyse
from storage.packing import pack, unpack
from storage.protocol import Store
from storage.records import Run, RunState

SHARE_FOR_VIEWS = 0.15
"""Part of the worker's time that drawing half-read charts may take."""


class FullReading:
    """One sitting of a full reading: from the survey, or from the last checkpoint, to its last
    month.

    What changes in the portal meanwhile is not in it: a next run from the moment it began is to
    follow.
    """

    def __init__(
        self,
        portal: Portal,
        store: Store,
        clock: Clock,
        send: Callable[[Event], None],
        reports: Reports,
        running: asyncio.Event,
    ) -> None:
        self._portal = portal
        self._store = store
        self._clock = clock
        self._send = send
        self._reports = reports
        self._running = running
        self._months: dict[str, dict[str, pd.DataFrame]] = {}
        self._show_partial = True
        self._next_view_s = 0.0
        self._saving = asyncio.Lock()
        self.run: Run | None = None

    async def work(self, *, start_over: bool) -> Held:
        """Read until every month is stored; the unfinished run that is in the store goes on, unless
        all is to ``start_over``.

        Raises a ``PortalError`` or ``StorageError``; whatever months were stored by then stay
        stored.
        """
        unfinished = await self._unfinished(start_over)
        chosen = await in_force(self._portal, unfinished)
        unfinished = replace(unfinished, limits=with_limits(chosen.limits))
        facts = await survey(self._portal)
        self._show_partial = not is_complete(await self._store.load_view())
        run = self.run = await self._restore(await self._begin(unfinished, facts))
        reading = read_months(
            self._portal, facts, run.missing, progress=self._report, running=self._running
        )
        async for month in reading:
            await self._keep(month)
            await self._maybe_show(facts)
        base = PortalBase.of(self._parts(run.months[-1]))
        self._months.clear()
        return Held(self.run, base)

    async def remember_pause(self) -> None:
        """Store whether a person has paused, so that the next opening does not go on by itself."""
        async with self._saving:
            if self.run is not None:
                run = replace(self.run, state=self._run_state())
                await self._store.save_run(run)
                self.run = run

    async def _unfinished(self, start_over: bool) -> Run:
        """The run to go on with; a new one is stored at once, so that an early end is not the end
        of it.
        """
        run = await self._store.load_run()
        if run is not None and run.state != "complete" and not start_over:
            return run
        return await self._new_run(run)

    async def _new_run(self, before: Run | None) -> Run:
        number = 1 if before is None else before.id + 1
        limits = () if before is None else before.limits
        run = Run(
            id=number, started_at="", as_of="", months=(), state=self._run_state(), limits=limits
        )
        await self._store.begin(run)
        return run

    async def _begin(self, run: Run, facts: Survey) -> Run:
        """The run with its months brought up to the portal's present; a new one when the portal
        tells by other rules than before what its rows mean.
        """
        as_of = facts.now.isoformat(timespec="seconds")
        read_with = reading_facts.from_json(run.facts)
        if run.months and not reading_facts.read_alike(read_with, facts.facts):
            run = await self._new_run(run)
        if not run.months:
            run = replace(
                run,
                started_at=as_of,
                cursor=facts.cursor,
                facts=reading_facts.to_json(facts.facts),
            )
        done = set(run.done) - _outdated(run, facts)
        run = replace(
            run,
            as_of=as_of,
            months=tuple(facts.months),
            done=tuple(month for month in facts.months if month in done),
            notes=(*run.notes, *(note for note in facts.notes if note not in run.notes)),
            state=self._run_state(),
        )
        await self._store.save_run(run)
        return run

    async def _restore(self, run: Run) -> Run:
        """Take the months of earlier sittings from the store; a damaged one is read again."""
        for month, tables in (await self._store.load_months(run)).items():
            with contextlib.suppress(ValueError, KeyError):
                self._months[month] = {name: unpack(tables[name]) for name in TABLES}
        return replace(run, done=tuple(month for month in run.done if month in self._months))

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
        base, limits = PortalBase.of(self._parts(through)).as_base(), limits_of(self.run)
        growth = analyse(base, _end_of_month(through, facts), facts.timezone, limits).growth
        view = build_view(
            growth, facts.timezone, limits, as_of=facts.now, partial=True, notes=facts.notes
        )
        self._send({"type": "view", "view": view})
        await self._store.save_view(json.dumps(view))
        spent_s = self._clock.monotonic_s() - started_s
        self._next_view_s = self._clock.monotonic_s() + max(1.0, spent_s / SHARE_FOR_VIEWS)

    def _parts(self, through: str) -> list[dict[str, pd.DataFrame]]:
        """The tables of all stored months up to ``through``, in order."""
        return [self._months[month] for month in sorted(self._months) if month <= through]

    def _report(self, progress: Progress) -> None:
        assert self.run is not None
        self._reports.of_months(progress, self.run)


def _outdated(run: Run, facts: Survey) -> set[str]:
    """Months of an earlier sitting that do not hold what they would hold today.

    The first month is open to the past and the last one to the future: when the base begins or ends
    in another month now, both the old and the new one are read again.
    """
    outdated: set[str] = set()
    if run.months and run.months[0] != facts.months[0]:
        outdated |= {run.months[0], facts.months[0]}
    if run.months and run.months[-1] != facts.months[-1]:
        outdated |= {run.months[-1], facts.months[-1]}
    return outdated


def _end_of_month(month: str, facts: Survey) -> datetime:
    """The last second of ``month`` (``YYYY-MM``) on the portal's clock."""
    year, number = (int(part) for part in month.split("-"))
    first_of_next = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=facts.timezone)
    return first_of_next - timedelta(seconds=1)

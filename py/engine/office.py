"""Makes the jobs of one opened page, and knows what is left to be done."""

from __future__ import annotations

import asyncio
from typing import Any

from engine.comparing import Comparing, tell_marks
from engine.filling import Filling
from engine.fills import Fills
from engine.jobs import Due, Job, Request, Send, Workplace
from engine.lifecycle_limits import in_force, limits_of
from engine.lists import Lists
from engine.mark_chores import RemoveMarks, ShowInCard
from engine.mark_events import MarksBoard
from engine.marks import set_automatic, standing
from engine.memory import Memory
from engine.page import Event
from engine.publishing import adopt
from engine.refresh import Refresh
from engine.refreshing import Refreshing
from engine.set_up import SetUp
from engine.setting_limits import SettingLimits
from engine.snapshot import Snapshot, Sync
from engine.trials import Trials
from engine.undoing import Undoing


class Office:
    """The jobs of one page (see ``engine.jobs.Jobs``); they share what they know of the base and of
    the marks.
    """

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._memory = Memory(place.store)
        self._board = MarksBoard()

    def make(self, request: Request, send: Send, running: asyncio.Event) -> Job:
        """See ``engine.jobs.Jobs``."""
        place, board = self._place, self._board
        board.send = send
        sync = self._syncing(send, running)
        if request.job == "refresh":
            refresh = self._refresh(send, running, full=bool(request.params.get("full")))
            return Refreshing(place, refresh, self._memory.snapshot, board, send)
        if request.job == "limits":
            return SettingLimits(place, self._memory, board, send, request.params)
        if request.job == "set_up":
            return SetUp(place, send)
        if request.job == "undo":
            return Undoing(place, sync, board, running, request.params.get("id"))
        what = request.params.get("do")
        if what == "remove":
            return RemoveMarks(place, sync, board)
        if what == "show_in_card":
            return ShowInCard(place, board)
        if what == "preview":
            return Comparing(place, self._memory.snapshot, board)
        automatic = request.params.get("automatic")
        return Filling(place, self._memory.snapshot, sync, board, running, automatic=automatic)

    def lists(self, *, is_admin: bool) -> Lists:
        """What the page can ask at any time, a job at work or not."""
        return Lists(self._place, self._memory, is_admin=is_admin)

    def trials(self) -> Trials:
        """Other limits of the lifecycle, to be tried at any time."""
        return Trials(self._place, self._memory)

    async def due(self) -> Due | None:
        """See ``engine.jobs.Jobs``."""
        run = await self._place.store.load_run()
        if run is not None and run.state != "complete":
            return Due(Request("refresh"), run.state == "paused")
        fill = (await Fills.load(self._place.store)).unfinished
        if fill is None or run is None:
            return None
        kind = "undo" if fill.kind == "undo" else "marks"
        what = "undo" if fill.kind == "undo" else "write"
        return Due(Request(kind, {"do": what}), fill.state == "paused")

    async def overtaken(self) -> Request | None:
        """See ``engine.jobs.Jobs``."""
        run = await self._place.store.load_run()
        if run is None or run.state != "complete":
            return None
        chosen = await in_force(self._place.portal, run)
        return None if chosen.limits == limits_of(run) else Request("limits")

    async def as_of(self) -> str | None:
        """See ``engine.jobs.Jobs``."""
        run = await self._place.store.load_run()
        return run.as_of if run is not None and run.state == "complete" else None

    async def shared_view(self) -> dict[str, Any] | None:
        """See ``engine.jobs.Jobs``."""
        return await adopt(self._place.portal, self._place.store)

    async def show_marks(self, send: Send) -> None:
        """See ``engine.jobs.Jobs``."""
        self._board.send = send
        await tell_marks(self._board, self._place.store, await self._memory.snapshot())

    async def set_automatic(self, on: bool, send: Send) -> None:
        """See ``engine.jobs.Jobs``."""
        await set_automatic(self._place.store, on)
        self._board.send = send
        self._board.tell(**await standing(self._place.store))

    def heard(self, event: Event) -> None:
        """See ``engine.jobs.Jobs``."""
        if event["type"] == "marks":
            self._board.note(**event)

    def _refresh(self, send: Send, running: asyncio.Event, *, full: bool = False) -> Refresh:
        place = self._place
        return Refresh(
            place.portal, place.store, place.clock, send, running, self._memory, full=full
        )

    def _syncing(self, send: Send, running: asyncio.Event) -> Sync:
        async def sync() -> Snapshot:
            await self._refresh(send, running).work()
            snapshot = await self._memory.snapshot()
            assert snapshot is not None, "a refresh that has ended leaves a base"
            return snapshot

        return sync

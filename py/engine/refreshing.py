"""A refresh with what belongs to it: the portal is prepared before, marks are compared after."""

from __future__ import annotations

from engine.comparing import tell_marks
from engine.fills import Fills
from engine.jobs import Request, Send, Workplace
from engine.mark_events import MarksBoard
from engine.marks import is_automatic
from engine.refresh import Refresh
from engine.set_up import SetUp, is_set_up
from engine.snapshot import LoadSnapshot
from storage.records import Run


class Refreshing:
    """One sitting of a refresh."""

    name = "refresh"

    def __init__(
        self,
        place: Workplace,
        refresh: Refresh,
        snapshot: LoadSnapshot,
        board: MarksBoard,
        send: Send,
    ) -> None:
        self._place = place
        self._refresh = refresh
        self._snapshot = snapshot
        self._board = board
        self._send = send

    @property
    def saved_through(self) -> str | None:
        """See ``engine.jobs.Job``."""
        return self._refresh.run.through if self._refresh.run is not None else None

    async def work(self) -> Request | None:
        """Refresh; a fill that was left in the middle goes on after it, and so does one that a
        person has allowed for every refresh.
        """
        store = self._place.store
        if not await is_set_up(self._place):
            if await store.load_run() is None:
                # So that an end during the preparation is not the end of it.
                await store.begin(Run(id=1, started_at="", as_of="", months=()))
            await SetUp(self._place, self._send).work()
        await self._refresh.work()
        left = await tell_marks(self._board, store, await self._snapshot(), self._place.portal)
        fill = (await Fills.load(store)).unfinished
        if fill is not None and fill.state != "paused":
            if fill.kind == "undo":
                return Request("undo", {"do": "undo"})
            return Request("marks", {"do": "write"})
        if fill is None and left and await is_automatic(store):
            return Request("marks", {"do": "write"})
        return None

    async def remember_pause(self) -> None:
        """See ``engine.jobs.Job``."""
        await self._refresh.remember_pause()

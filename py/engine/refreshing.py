"""A refresh with what belongs to it: once its charts are shown the portal is prepared, if it is not
yet, and marks are compared.
"""

from __future__ import annotations

from engine.comparing import tell_marks
from engine.fills import Fills
from engine.jobs import Request, Send, Workplace
from engine.mark_events import MarksBoard
from engine.marks import is_automatic
from engine.refresh import Refresh
from engine.set_up import SetUp, is_set_up
from engine.snapshot import LoadSnapshot, Snapshot


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
        await self._refresh.work()
        if not await is_set_up(self._place):
            await SetUp(self._place, self._send).work()
        return await what_follows(self._place, self._board, await self._snapshot())

    async def remember_pause(self) -> None:
        """See ``engine.jobs.Job``."""
        await self._refresh.remember_pause()


async def what_follows(
    place: Workplace, board: MarksBoard, snapshot: Snapshot | None
) -> Request | None:
    """Tell what marks would change now that there is a new view; what is to be written by itself:
    the rest of a fill, or what a person has allowed.
    """
    left = await tell_marks(board, place.store, snapshot)
    fill = (await Fills.load(place.store)).unfinished
    if fill is not None and fill.state != "paused":
        if fill.kind == "undo":
            return Request("undo", {"do": "undo"})
        return Request("marks", {"do": "write"})
    if fill is None and left and await is_automatic(place.store):
        return Request("marks", {"do": "write"})
    return None

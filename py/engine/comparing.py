"""The job that shows what writing marks would come to, without writing anything."""

from __future__ import annotations

import pandas as pd

from engine.fills import FillJournal, Fills
from engine.jobs import Request, Workplace
from engine.mark_events import MarksBoard, samples_of
from engine.marks import names_of, standing, tell_preview
from engine.snapshot import LoadSnapshot, Snapshot
from storage.protocol import Store


class Comparing:
    """Compares what is wanted with what the base knows of the portal's marks."""

    name = "marks"
    saved_through: str | None = None

    def __init__(self, place: Workplace, snapshot: LoadSnapshot, board: MarksBoard) -> None:
        self._place = place
        self._snapshot = snapshot
        self._board = board

    async def work(self) -> Request | None:
        """Tell it, with the names of a few samples."""
        place = self._place
        await tell_marks(self._board, place.store, await self._snapshot())
        return None

    async def remember_pause(self) -> None:
        """It is over before anybody could pause it."""


async def tell_marks(board: MarksBoard, store: Store, snapshot: Snapshot | None) -> int:
    """Tell how the marks stand: what would be written, or how the unfinished fill is; the answer is
    how many updates are to be made.
    """
    if snapshot is None:
        board.tell(state="unknown", **await standing(store))
        return 0
    fills = await Fills.load(store)
    unfinished = fills.unfinished
    rows = pd.DataFrame()
    if unfinished is not None:
        rows = await FillJournal(store, fills, unfinished, snapshot.version).rows()
    operations = snapshot.differences(rows)
    names = names_of(snapshot.base, samples_of(operations))
    await tell_preview(board, store, operations, names, unfinished)
    return len(operations)

"""The job that takes a fill of marks back, leaving alone what is no longer as the fill left it."""

from __future__ import annotations

import asyncio
from typing import Any

import pandas as pd

from crm.errors import PortalError
from crm.mark_definitions import COMPANY, CONTACT
from crm.mark_fields import MarkFields, ensure
from crm.mark_journal import DOUBTFUL
from crm.mark_outlook import WriteProgress
from crm.mark_reader import read_marks
from crm.mark_writer import write_marks
from engine.filling import moment_of, waiting_of
from engine.fills import NO_BASE, Fill, FillJournal, Fills
from engine.jobs import Request, Workplace
from engine.mark_events import REFUSALS, MarksBoard, refusal_told
from engine.marks import set_automatic, standing
from engine.snapshot import Sync
from engine.undo import LISTED_CONFLICTS, UndoPlan, plan, reverse
from storage.errors import StorageError

PORTION = 1000
"""So many entities are looked at and then written."""
LOOKS = 3
"""So often they are, where somebody changes them in this very moment."""
LATE_S = 70.0
"""A request of a closed tab may be carried out so much later; the portal cuts it at 60 s."""


class Undoing:
    """One sitting of an undo.

    It needs no memory of what is done: whoever holds again what they held before the fill is done.
    Its journal is there for the counts.
    """

    name = "undo"
    saved_through: str | None = None

    def __init__(
        self,
        place: Workplace,
        sync: Sync,
        board: MarksBoard,
        running: asyncio.Event,
        fill: int | None = None,
    ) -> None:
        """``fill`` is the id of the fill to be taken back; the youngest one when None."""
        self._place = place
        self._sync = sync
        self._running = running
        self._wanted = fill
        self._board = board
        self._journal: FillJournal | None = None
        self._looked_at = 0
        self._left = 0
        self._conflicts: list[dict[str, Any]] = []
        self._conflicts_total = 0
        self._gone = 0

    async def work(self) -> Request | None:
        """Take the fill back; later refreshes then write nothing by themselves."""
        store = self._place.store
        fills = await Fills.load(store)
        fill = self._fill_of(fills)
        if fill is None:
            self._board.tell(**await standing(store))
            return None
        try:
            fields = (await ensure(self._place.portal, self._place.language)).fields
        except REFUSALS as refusal:
            self._board.tell(state="refused", **refusal_told(refusal))
            return None
        try:
            journal = await self._begin(fills, fill)
            await self._take_back(fields, fill, journal)
            await self._running.wait()
            self._tell(state="settling", remaining_s=None, per_s=0.0, waiting=None)
            await journal.save(state="settling")
            await self._sync()
        except (PortalError, StorageError) as error:
            self._board.tell(state="paused", reason=error.code)
            raise
        await journal.save(state="complete")
        self._tell(state="undone", **await standing(store))
        return None

    async def remember_pause(self) -> None:
        """Keep in the record of the undo that a person has paused it."""
        if self._journal is not None and self._journal.fill.state != "complete":
            paused = not self._running.is_set()
            await self._journal.save(state="paused" if paused else "running")
            self._board.tell(state="paused" if paused else "undoing", waiting=None)

    def _fill_of(self, fills: Fills) -> Fill | None:
        under_way = fills.unfinished
        if under_way is not None and under_way.kind == "undo":
            return fills.get(under_way.of)
        return fills.undoable if self._wanted is None else fills.get(self._wanted)

    async def _begin(self, fills: Fills, fill: Fill) -> FillJournal:
        """The journal of the undo; a fill that has not come to its end is over with this."""
        store = self._place.store
        await set_automatic(store, False)
        undo = fills.unfinished
        if undo is None or undo.kind != "undo":
            undo = fills.begun("undo", moment_of(self._place.clock), of=fill.id)
        journal = await FillJournal.open(store, fills, undo, NO_BASE)
        await journal.take_back(fill.id)
        self._journal = journal
        self._board.note(**await standing(store), reason=None, words="")
        return journal

    async def _take_back(self, fields: MarkFields, fill: Fill, journal: FillJournal) -> None:
        clock = self._place.clock
        late_from_s = clock.monotonic_s() + LATE_S
        rows = await FillJournal(self._place.store, journal.fills, fill, NO_BASE).rows()
        back = reverse(rows)
        self._left = len(back)
        runs = self._running.is_set()
        await journal.save(state="running" if runs else "paused", total=len(back))
        self._tell(state="undoing" if runs else "paused")
        doubtful = _doubtful(back, rows)
        await self._portions(fields, back[~doubtful], journal)
        if doubtful.any():
            await clock.sleep(max(0.0, late_from_s - clock.monotonic_s()))
            await self._portions(fields, back[doubtful], journal)

    async def _portions(self, fields: MarkFields, back: pd.DataFrame, journal: FillJournal) -> None:
        for start in range(0, len(back), PORTION):
            await self._running.wait()
            await self._portion(fields, back.iloc[start : start + PORTION], journal)

    async def _portion(self, fields: MarkFields, back: pd.DataFrame, journal: FillJournal) -> None:
        """Look at some entities, write what is to be brought back, and look again at those whom
        somebody has changed in this very moment.
        """
        for _ in range(LOOKS):
            plans = await self._look(fields, back)
            operations = pd.concat([found.operations for found in plans], ignore_index=True)
            if not await self._write(fields, operations, journal):
                break
        for found in plans:
            self._conflicts += found.conflicts[: LISTED_CONFLICTS - len(self._conflicts)]
            self._conflicts_total += found.conflicts_total
            self._gone += found.gone
        self._looked_at += len(back)
        self._left -= len(back)
        self._tell(state="undoing")

    async def _write(
        self, fields: MarkFields, operations: pd.DataFrame, journal: FillJournal
    ) -> int:
        """Write; the answer is how many were left alone, since somebody was faster."""
        disturbed = 0

        def report(progress: WriteProgress) -> None:
            nonlocal disturbed
            disturbed = progress.conflicts
            left = self._left - progress.done
            self._tell(
                state="undoing" if self._running.is_set() else "paused",
                per_s=progress.per_s,
                remaining_s=left / progress.per_s if progress.per_s else None,
                waiting=waiting_of(progress),
            )

        await write_marks(
            self._place.portal,
            fields,
            operations,
            journal,
            progress=report,
            running=self._running,
            guard=True,
        )
        return disturbed

    async def _look(self, fields: MarkFields, back: pd.DataFrame) -> list[UndoPlan]:
        plans = []
        for entity in (COMPANY, CONTACT):
            mine = back[back["entity"] == entity].reset_index(drop=True)
            ids = mine["id"].to_numpy()
            plans.append(plan(mine, await read_marks(self._place.portal, fields, entity, ids)))
        return plans

    def _tell(self, **changes: Any) -> None:
        assert self._journal is not None
        fill = self._journal.fill
        done = max(fill.done, self._looked_at - self._gone - fill.refused)
        facts = {
            **fill.counts,
            "done": done,
            "gone": self._gone,
            "conflicts": self._conflicts,
            "conflicts_total": self._conflicts_total,
        }
        self._board.tell(**{**facts, **changes})


def _doubtful(back: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Which of the operations take back a write that nobody has heard of."""
    if rows.empty:
        return pd.Series([], dtype=bool)
    unheard = pd.MultiIndex.from_frame(rows.loc[rows["state"] == DOUBTFUL, ["entity", "id"]])
    return pd.Series(pd.MultiIndex.from_frame(back[["entity", "id"]]).isin(unheard))

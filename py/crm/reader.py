"""Reading the months of a portal: many batches in flight, the earliest months first, each delivered
when complete.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from crm.cells import Cell
from crm.client import Portal
from crm.flights import Flights
from crm.outlook import remaining_pages
from crm.plan import cells_of
from crm.progress import Progress
from crm.protocols import Running
from crm.survey import Note, Survey
from crm.tables import TABLES, table

__all__ = ["MonthRead", "Progress", "read_months"]

WINDOW_ROWS = 100_000
"""Rows per method that may be read, or asked for, ahead of the last month that was taken."""


@dataclass(frozen=True)
class MonthRead:
    """One complete month: all tables, empty ones too, and what was odd about their rows."""

    month: str
    tables: dict[str, pd.DataFrame]
    notes: list[Note] = field(default_factory=list)


async def read_months(
    portal: Portal,
    survey: Survey,
    wanted: Sequence[str],
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    running: Running | None = None,
) -> AsyncIterator[MonthRead]:
    """Read the ``wanted`` months of ``survey.months``, the earliest first, and give each as soon as
    it is complete, which need not be in order: so little is lost when reading is cut short.

    To go on after an interruption want the months that were not taken yet: nothing else is asked
    for. While ``running`` is cleared no new request leaves; those under way, repeats of failed ones
    included, come home and are kept.

    Every row that was there when the survey was made, and still is, is in exactly one month, and a
    row's page is asked for once. Rows that are made while reading runs may be missing (only the
    last month is open to the future): the next refresh brings them.

    A month counts as taken when the next one is asked for. Raises a PortalError when reading cannot
    go on, after all months that were complete by then.
    """
    reader = _Reader(portal, survey, wanted, progress, running)
    work = asyncio.ensure_future(reader.run())
    try:
        while (month := await reader.complete.get()) is not None:
            yield month
            reader.taken(month)
        await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


class _Reader(Flights):
    """One reading of months under way."""

    def __init__(
        self,
        portal: Portal,
        survey: Survey,
        wanted: Sequence[str],
        progress: Callable[[Progress], None],
        running: Running | None,
    ) -> None:
        super().__init__(portal, progress, running)
        self.complete: asyncio.Queue[MonthRead | None] = asyncio.Queue()
        self._survey = survey
        self._wanted = list(wanted)
        self._months = cells_of(survey, wanted)
        self._frames: list[dict[str, list[pd.DataFrame]]] = [{} for _ in wanted]
        self._notes: list[list[Note]] = [[] for _ in wanted]
        self._next = 0
        self._delivered: set[int] = set()
        self._taken = 0
        self._held: Counter[str] = Counter()
        self._held_of_month: list[Counter[str]] = [Counter() for _ in wanted]

    async def run(self) -> None:
        """Read everything; ends with None in the queue of complete months, also when it raises."""
        try:
            await self.fly()
        finally:
            self.complete.put_nowait(None)

    def taken(self, month: MonthRead) -> None:
        """A delivered month is in safe hands: the window moves on."""
        self._held -= self._held_of_month[self._wanted.index(month.month)]
        self._taken += 1
        self.stir()

    def unfinished(self) -> Sequence[Sequence[Cell]]:
        """The months from the earliest that is not complete on."""
        return self._months[self._next :]

    def open_cells(self) -> list[Cell]:
        """Cells with something left to ask, the earliest months first, as far as the window
        reaches.

        The month that everybody waits for is always within it.
        """
        awaited = self._next if self._taken == len(self._delivered) else None
        full = {method for method, rows in self._held.items() if rows >= WINDOW_ROWS}
        return [
            cell
            for index in range(self._next, len(self._months))
            for cell in self._months[index]
            if index == awaited or cell.source.method not in full
        ]

    def take_in(self) -> None:
        """Turn cells that are done into frames and hand out the months that are complete."""
        for index in range(self._next, len(self._months)):
            for cell in [cell for cell in self._months[index] if cell.done]:
                self._months[index].remove(cell)
                self._frame(cell)
            if not self._months[index] and index not in self._delivered:
                self._hand_out(index)
        while self._next in self._delivered:
            self._next += 1

    def hold(self, cell: Cell, rows: int) -> None:
        """Count rows towards the window."""
        method = cell.source.method
        self._held[method] += rows
        self._held_of_month[cell.month][method] += rows

    def report(self) -> None:
        """Tell how the reading stands."""
        at_end = self._next >= len(self._wanted)
        self.tell(
            remaining_pages(self._months),
            foreseeable=bool(self.rows),
            month=None if at_end else self._wanted[self._next],
            months_done=len(self._delivered),
            months_total=len(self._wanted),
        )

    def _hand_out(self, index: int) -> None:
        self._delivered.add(index)
        frames, self._frames[index] = self._frames[index], {}
        tables = {name: _joined(name, frames.get(name, [])) for name in TABLES}
        self.complete.put_nowait(MonthRead(self._wanted[index], tables, self._notes[index]))

    def _frame(self, cell: Cell) -> None:
        frames = self._frames[cell.month]
        for name, frame in cell.source.frames(cell.all_rows(), self._survey.facts).items():
            frames.setdefault(name, []).append(frame)
        if cell.without_id:
            note = {"code": "rows_without_id", "source": cell.source.name, "count": cell.without_id}
            self._notes[cell.month].append(note)


def _joined(name: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    return pd.concat(frames, ignore_index=True) if frames else table(name)

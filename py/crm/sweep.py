"""Sweeps: all rows of a source that were changed since a moment, or whose ids lie in a range."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from crm.answer import Result
from crm.cells import LONGEST_CHAIN, SPLIT_PAGES, Cell, Shape, Span, Step
from crm.client import Portal
from crm.flights import Flights
from crm.outlook import remaining_pages
from crm.progress import Progress
from crm.protocols import Running
from crm.query import MAX_COMMANDS, Command
from crm.sources import Facts, Source
from crm.survey import SourceFacts
from crm.tables import PAGE_ROWS

FIRST_CHAIN = 4
"""What changed lies anywhere among the ids, mostly at their end: how dense the first rows are tells
nothing of the others, so chains simply double."""


LANES = 8
"""So many batches of single commands are under way at most."""
PARTS, SMALL_PART = 3, 8
"""Few commands are shared among so many batches, which the portal works on side by side."""
FULL_SWEEP = 24
"""Pages of a batch: twice as many would take twice as long."""


class Sweep(Cell):
    """Rows of one source: changed at ``since_s`` or later, with ids above ``after`` and up to
    ``upto``.

    ``last_id`` is where the ids end about, for splitting what turns out to be long; ``rows`` is how
    many are expected, where that is known.
    """

    def __init__(
        self,
        source: Source,
        facts: Facts,
        *,
        since_s: int | None = None,
        after: int = 0,
        upto: int | None = None,
        last_id: int = 0,
        rows: int | None = None,
    ) -> None:
        shape = Shape(SourceFacts(source, None, last_id, 0), months=1)
        super().__init__(shape, 0, since_s, None, facts, by=source.modified)
        self.spans = [Span(after, upto)]
        self._expected_pages = 0 if rows is None else rows // PAGE_ROWS + 1

    def remaining_pages(self, span: Span) -> float:
        """So many pages are asked for next."""
        doubled = FIRST_CHAIN << min(span.rounds, 4)
        expected = self._expected_pages - len(span.pages)
        return float(min(expected if expected > 0 else doubled, LONGEST_CHAIN))

    def step(self, span: Span) -> Step:
        """The next chain of a span, which is split first when it is long."""
        thought = super().remaining_pages(span) if self.probed else None
        if thought is not None and thought > SPLIT_PAGES:
            self._split(span, thought)
        if not self.shape.chained or span.failures:
            return Step(1)
        return Step(int(self.remaining_pages(span)))


class Sweeping(Flights):
    """Sweeps under way; in few requests, since there is little to read."""

    def __init__(
        self, portal: Portal, progress: Callable[[Progress], None], running: Running | None
    ) -> None:
        super().__init__(portal, progress, running)
        portal.on_retry = self.note_retry
        self._sweeps: list[Cell] = []
        self._lanes = asyncio.Semaphore(LANES)

    async def ask(self, commands: Sequence[Command]) -> list[Result]:
        """Commands that do not refer to each other, in batches side by side; one result each.

        Raises a PortalError when a request as a whole fails.
        """
        size = min(MAX_COMMANDS, max(SMALL_PART, -(-len(commands) // PARTS)))
        parts = [commands[start : start + size] for start in range(0, len(commands), size)]
        answers = await asyncio.gather(*map(self._asked, parts), return_exceptions=True)
        results: list[Result] = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            results += answer
        return results

    async def _asked(self, commands: Sequence[Command]) -> list[Result]:
        async with self._lanes:
            if self.running is not None:
                await self.running.wait()
            results = await self.portal.batch(commands)
        self.report()
        return results

    async def sweep(self, sweeps: Iterable[Sweep]) -> None:
        """Read these to their end. Raises a PortalError when that cannot be."""
        self._sweeps = list(sweeps)
        await self.fly()

    def unfinished(self) -> Sequence[Sequence[Cell]]:
        """All of them in one group."""
        return [self._sweeps] if self._sweeps else []

    def open_cells(self) -> list[Cell]:
        """All of them."""
        return self._sweeps

    def take_in(self) -> None:
        """Those who asked have the rows."""
        self._sweeps = [cell for cell in self._sweeps if not cell.done]

    def hold(self, cell: Cell, rows: int) -> None:
        """Nobody waits for rows to be taken."""

    def size(self, pages_to_come: int, now_s: float) -> int:
        """Half batches while they are few, full ones for what is long."""
        size = FULL_SWEEP if pages_to_come <= 10 * FULL_SWEEP else self.portal.size.commands
        return min(self.portal.size.commands, size)

    def came(self, source: Source, rows: int) -> None:
        """Count rows that came by other ways."""
        self.rows[source.table] += rows
        self.speed.arrived(rows, self.portal.clock.monotonic_s())

    def report(self) -> None:
        """Tell how the reading stands."""
        pages = remaining_pages([self._sweeps])
        self.tell(pages, foreseeable=bool(pages))

"""Reading the months of a portal: many batches in flight, the earliest months first, each delivered
when complete.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from crm.answer import Result
from crm.batches import Job, compose, size_of
from crm.client import Portal, Retry, Ticket
from crm.errors import (
    TRANSIENT,
    AnswerUnreadable,
    OperationLimit,
    PortalError,
    RequestCut,
)
from crm.fields import PAGE_ROWS, TABLES, table
from crm.outlook import remaining_pages, remaining_s, waiting_methods
from crm.plan import Cell, Doubt, Span, cells_of
from crm.progress import Progress, Speed
from crm.protocols import Running
from crm.query import Command
from crm.survey import Note, Survey

__all__ = ["MonthRead", "Progress", "read_months"]

WINDOW_ROWS = 100_000
"""Rows per method that may be read, or asked for, ahead of the last month that was taken."""
PARTIAL_AFTER_S = 1.0
"""A batch that is not full waits so long for company while requests are scarce."""
TROUBLE = 3
"""So many requests waiting to be repeated keep new ones from leaving."""
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True)
class MonthRead:
    """One complete month: all seven tables, empty ones too, and what was odd about their rows."""

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


class _Reader:
    """One reading under way."""

    def __init__(
        self,
        portal: Portal,
        survey: Survey,
        wanted: Sequence[str],
        progress: Callable[[Progress], None],
        running: Running | None,
    ) -> None:
        self.complete: asyncio.Queue[MonthRead | None] = asyncio.Queue()
        self._portal = portal
        self._survey = survey
        self._wanted = list(wanted)
        self._progress = progress
        self._running = running
        self._months = cells_of(survey, wanted)
        self._frames: list[dict[str, list[pd.DataFrame]]] = [{} for _ in wanted]
        self._notes: list[list[Note]] = [[] for _ in wanted]
        self._next = 0
        self._delivered: set[int] = set()
        self._taken = 0
        self._held: Counter[str] = Counter()
        self._held_of_month: list[Counter[str]] = [Counter() for _ in wanted]
        self._flights: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        self._failure: BaseException | None = None
        self._partial_since_s: float | None = None
        self._speed = Speed()
        self._rows: Counter[str] = Counter()
        self._in_vain = 0
        self._retries: Counter[str] = Counter()
        self._last_retry: Retry | None = None
        self._requests_before = portal.requests
        self._commands_before = portal.commands

    async def run(self) -> None:
        """Read everything; ends with None in the queue of complete months, also when it raises."""
        self._portal.on_retry = self._note_retry
        try:
            self._deliver()
            while self._next < len(self._months) and self._failure is None:
                await self._advance()
            if self._failure is not None:
                raise self._failure
            self._report()
        finally:
            for flight in self._flights:
                flight.cancel()
            self.complete.put_nowait(None)

    def taken(self, month: MonthRead) -> None:
        """A delivered month is in safe hands: the window moves on."""
        self._held -= self._held_of_month[self._wanted.index(month.month)]
        self._taken += 1
        self._stirred.set()

    async def _advance(self) -> None:
        """Send one batch if that is due, else wait for something to change."""
        if self._running is not None and not self._running.is_set():
            if not self._flights:
                await self._running.wait()
            else:
                await self._wait(LOOK_AGAIN_S)
            return
        now_s = self._portal.clock.monotonic_s()
        wait_s = self._portal.bucket.wait_s(now_s)
        if len(self._flights) >= self._portal.lanes.limit or self._portal.in_trouble >= TROUBLE:
            await self._wait(LOOK_AGAIN_S)
        elif wait_s > 0:
            await self._wait(wait_s)
        else:
            to_come = sum(remaining_pages(self._months).values())
            size = size_of(self._portal, to_come, now_s)
            jobs = compose(self._open_cells(), self._portal, size, now_s)
            if jobs and self._is_due(jobs, size, to_come, now_s):
                self._partial_since_s = None
                self._send(jobs)
            else:
                await self._wait(PARTIAL_AFTER_S / 2)

    def _open_cells(self) -> list[Cell]:
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

    def _is_due(self, jobs: Sequence[Job], size: int, to_come: int, now_s: float) -> bool:
        """Whether to send a batch: full ones at once, others when requests are not scarce."""
        if sum(job.step.pages for job in jobs) >= size or not self._flights:
            return True
        if self._portal.bucket.available(now_s) > to_come / self._portal.size.commands + 1:
            return True
        if self._partial_since_s is None:
            self._partial_since_s = now_s
        return now_s - self._partial_since_s >= PARTIAL_AFTER_S

    def _send(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.span.in_flight = True
            self._hold(job.cell, job.step.pages * PAGE_ROWS)
        commands = [command for job in jobs for command in job.commands]
        ticket = self._portal.admit(commands)
        flight = asyncio.ensure_future(self._fly(jobs, commands, ticket))
        self._flights.add(flight)
        flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        if not flight.cancelled() and (error := flight.exception()) is not None:
            self._failure = self._failure or error
        self._stirred.set()

    async def _fly(self, jobs: Sequence[Job], commands: Sequence[Command], ticket: Ticket) -> None:
        """One batch there and back."""
        try:
            results = await self._portal.send(commands, ticket)
        except RequestCut:
            results = None
        finally:
            for job in jobs:
                job.span.in_flight = False
                self._hold(job.cell, -job.step.pages * PAGE_ROWS)
        if results is not None:
            place = 0
            for job in jobs:
                self._take(job, results[place : place + job.step.pages])
                place += job.step.pages
            self._deliver()
        self._report()

    def _take(self, job: Job, results: Sequence[Result]) -> None:
        """Add the pages of a job to its span, up to the first one that is short, failed or
        doubtful.
        """
        cell, span, shape = job.cell, job.span, job.cell.shape
        span.rounds += 1
        shape.planned += len(results)
        for number, result in enumerate(results):
            page = None if result.error is not None else cell.source.rows(result.value)
            if page is None:
                self._failed(cell, span, result, number)
                return
            try:
                cell.take(span, page, job.step.backwards)
            except Doubt as doubt:
                shape.doubts += 1
                self._again(
                    cell, span, AnswerUnreadable(method=cell.source.method, reason=str(doubt))
                )
                return
            span.failures = 0
            self._rows[cell.source.table] += len(page)
            self._speed.arrived(len(page), self._portal.clock.monotonic_s())
            self._hold(cell, len(page))
            if span.done:
                shape.wasted += len(results) - number - 1
                self._in_vain += len(results) - number - 1
                break

    def _failed(self, cell: Cell, span: Span, result: Result, number: int) -> None:
        """A command's own error: repeated when it may pass, or when a macro may be to blame."""
        error = result.error or AnswerUnreadable(method=cell.source.method, reason="no_rows")
        if isinstance(error, OperationLimit):
            self._note_retry(Retry(error.code, cell.source.method, 1, 0.0))
        elif isinstance(error, TRANSIENT):
            self._again(cell, span, error)
        elif number > 0:
            cell.shape.doubts += 1
            span.failures += 1
        else:
            raise type(error)(**{**error.params, "table": cell.source.table})

    def _again(self, cell: Cell, span: Span, error: PortalError) -> None:
        """Ask a span's next page once more, by itself and a little later; raises when that has not
        helped.
        """
        span.failures += 1
        wait_s = self._portal.repeat_in_s(error, span.failures)
        if wait_s is None:
            raise type(error)(**{**error.params, "table": cell.source.table})
        span.not_before_s = self._portal.clock.monotonic_s() + wait_s
        self._note_retry(Retry(error.code, cell.source.method, span.failures, wait_s))

    def _deliver(self) -> None:
        """Turn cells that are done into frames and hand out the months that are complete."""
        for index in range(self._next, len(self._months)):
            for cell in [cell for cell in self._months[index] if cell.done]:
                self._months[index].remove(cell)
                self._frame(cell)
            if not self._months[index] and index not in self._delivered:
                self._hand_out(index)
        while self._next in self._delivered:
            self._next += 1

    def _hand_out(self, index: int) -> None:
        self._delivered.add(index)
        frames, self._frames[index] = self._frames[index], {}
        tables = {name: _joined(name, frames.get(name, [])) for name in TABLES}
        self.complete.put_nowait(MonthRead(self._wanted[index], tables, self._notes[index]))

    def _frame(self, cell: Cell) -> None:
        frame = cell.source.tabulate(cell.all_rows(), self._survey.facts)
        self._frames[cell.month].setdefault(cell.source.table, []).append(frame)
        if cell.without_id:
            note = {"code": "rows_without_id", "source": cell.source.name, "count": cell.without_id}
            self._notes[cell.month].append(note)

    def _hold(self, cell: Cell, rows: int) -> None:
        method = cell.source.method
        self._held[method] += rows
        self._held_of_month[cell.month][method] += rows

    async def _wait(self, longest_s: float) -> None:
        """Wait for an answer, for a month to be taken, or for so long."""
        self._stirred.clear()
        timer = asyncio.ensure_future(self._stir_after(longest_s))
        try:
            await self._stirred.wait()
            if timer.done():
                self._report()
        finally:
            timer.cancel()

    async def _stir_after(self, seconds: float) -> None:
        await self._portal.clock.sleep(seconds)
        self._stirred.set()

    def _note_retry(self, retry: Retry) -> None:
        self._retries[retry.reason] += 1
        self._last_retry = retry

    def _report(self) -> None:
        now_s = self._portal.clock.monotonic_s()
        at_end = self._next >= len(self._wanted)
        pages = remaining_pages(self._months)
        self._progress(
            Progress(
                month=None if at_end else self._wanted[self._next],
                months_done=len(self._delivered),
                months_total=len(self._wanted),
                rows=dict(self._rows),
                rows_per_s=self._speed.rows_per_s(now_s),
                requests=self._portal.requests - self._requests_before,
                commands=self._portal.commands - self._commands_before,
                in_vain=self._in_vain,
                in_flight=len(self._flights),
                waiting=waiting_methods(self._portal, pages),
                retries=dict(self._retries),
                last_retry=self._last_retry,
                remaining_s=(remaining_s(self._portal, pages, self._speed) if self._rows else None),
            )
        )


def _joined(name: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    return pd.concat(frames, ignore_index=True) if frames else table(name)

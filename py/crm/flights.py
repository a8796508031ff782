"""Reading cells: batches composed of their pages, many of them under way, within the portal's
limits.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from crm.answer import Result
from crm.batches import Job, compose, size_of
from crm.cells import Cell, Doubt, Span
from crm.client import Portal, Retry, Ticket
from crm.errors import TRANSIENT, AnswerUnreadable, OperationLimit, PortalError, RequestCut
from crm.outlook import remaining_pages, remaining_s, waiting_methods
from crm.progress import Progress, Speed
from crm.protocols import Running
from crm.query import Command
from crm.tables import PAGE_ROWS

PARTIAL_AFTER_S = 1.0
"""A batch that is not full waits so long for company while requests are scarce."""
TROUBLE = 3
"""So many requests waiting to be repeated keep new ones from leaving."""
LOOK_AGAIN_S = 1.0


class Flights(ABC):
    """One reading of cells under way; what is read, and what becomes of it, is told by those who
    derive from it.
    """

    def __init__(
        self, portal: Portal, progress: Callable[[Progress], None], running: Running | None
    ) -> None:
        self.portal = portal
        self.running = running
        self._progress = progress
        self._requests_before = portal.requests
        self._commands_before = portal.commands
        self.rows: Counter[str] = Counter()
        self.speed = Speed()
        self.in_vain = 0
        self.retries: Counter[str] = Counter()
        self.last_retry: Retry | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        self._failure: BaseException | None = None
        self._partial_since_s: float | None = None

    @abstractmethod
    def unfinished(self) -> Sequence[Sequence[Cell]]:
        """Cells that are not taken in yet, by groups; nothing at the end."""

    @abstractmethod
    def open_cells(self) -> list[Cell]:
        """Those of them that may be asked for now, the most urgent first."""

    @abstractmethod
    def take_in(self) -> None:
        """Take the cells that are done out of the unfinished ones."""

    @abstractmethod
    def report(self) -> None:
        """Tell a person how it goes."""

    @abstractmethod
    def hold(self, cell: Cell, rows: int) -> None:
        """So many more rows of the cell are asked for or there; fewer when negative."""

    def size(self, pages_to_come: int, now_s: float) -> int:
        """Commands for the next batch."""
        return size_of(self.portal, pages_to_come, now_s)

    @property
    def in_flight(self) -> int:
        """Batches under way."""
        return len(self._under_way)

    def stir(self) -> None:
        """Something has changed: more may be asked for."""
        self._stirred.set()

    def note_retry(self, retry: Retry) -> None:
        """Count a repeated request, for the report."""
        self.retries[retry.reason] += 1
        self.last_retry = retry

    def tell(
        self,
        pages: Mapping[str, int],
        *,
        foreseeable: bool,
        month: str | None = None,
        months_done: int = 0,
        months_total: int = 0,
    ) -> None:
        """Tell how the reading stands that has ``pages`` to come; how long they take is told when
        that is ``foreseeable``.
        """
        portal = self.portal
        self._progress(
            Progress(
                month=month,
                months_done=months_done,
                months_total=months_total,
                rows=dict(self.rows),
                rows_per_s=self.speed.rows_per_s(portal.clock.monotonic_s()),
                requests=portal.requests - self._requests_before,
                commands=portal.commands - self._commands_before,
                in_vain=self.in_vain,
                in_flight=self.in_flight,
                waiting=waiting_methods(portal, pages),
                retries=dict(self.retries),
                last_retry=self.last_retry,
                remaining_s=remaining_s(portal, pages, self.speed) if foreseeable else None,
            )
        )

    async def fly(self) -> None:
        """Read all cells. While ``running`` is cleared no new batch leaves; raises a PortalError
        when reading cannot go on.
        """
        self.portal.on_retry = self.note_retry
        try:
            self.take_in()
            while self.unfinished() and self._failure is None:
                await self._advance()
            if self._failure is not None:
                raise self._failure
            self.report()
        finally:
            for flight in self._under_way:
                flight.cancel()

    async def _advance(self) -> None:
        """Send one batch if that is due, else wait for something to change."""
        if self.running is not None and not self.running.is_set():
            if not self._under_way:
                await self.running.wait()
            else:
                await self._wait(LOOK_AGAIN_S)
            return
        now_s = self.portal.clock.monotonic_s()
        wait_s = self.portal.bucket.wait_s(now_s)
        if self.in_flight >= self.portal.lanes.limit or self.portal.in_trouble >= TROUBLE:
            await self._wait(LOOK_AGAIN_S)
        elif wait_s > 0:
            await self._wait(wait_s)
        else:
            to_come = sum(remaining_pages(self.unfinished()).values())
            size = self.size(to_come, now_s)
            jobs = compose(self.open_cells(), self.portal, size, now_s)
            if jobs and self._is_due(jobs, size, to_come, now_s):
                self._partial_since_s = None
                self._send(jobs)
            else:
                await self._wait(PARTIAL_AFTER_S / 2)

    def _is_due(self, jobs: Sequence[Job], size: int, to_come: int, now_s: float) -> bool:
        """Whether to send a batch: full ones at once, others when requests are not scarce."""
        if sum(job.step.pages for job in jobs) >= size or not self._under_way:
            return True
        if self.portal.bucket.available(now_s) > to_come / self.portal.size.commands + 1:
            return True
        if self._partial_since_s is None:
            self._partial_since_s = now_s
        return now_s - self._partial_since_s >= PARTIAL_AFTER_S

    def _send(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.span.in_flight = True
            self.hold(job.cell, job.step.pages * PAGE_ROWS)
        commands = [command for job in jobs for command in job.commands]
        ticket = self.portal.admit(commands)
        flight = asyncio.ensure_future(self._fly(jobs, commands, ticket))
        self._under_way.add(flight)
        flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._under_way.discard(flight)
        if not flight.cancelled() and (error := flight.exception()) is not None:
            self._failure = self._failure or error
        self.stir()

    async def _fly(self, jobs: Sequence[Job], commands: Sequence[Command], ticket: Ticket) -> None:
        """One batch there and back."""
        try:
            results = await self.portal.send(commands, ticket)
        except RequestCut:
            results = None
        finally:
            for job in jobs:
                job.span.in_flight = False
                self.hold(job.cell, -job.step.pages * PAGE_ROWS)
        if results is not None:
            place = 0
            for job in jobs:
                self._take(job, results[place : place + job.step.pages])
                place += job.step.pages
            self.take_in()
        self.report()

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
            self.rows[cell.source.table] += len(page)
            self.speed.arrived(len(page), self.portal.clock.monotonic_s())
            self.hold(cell, len(page))
            if span.done:
                shape.wasted += len(results) - number - 1
                self.in_vain += len(results) - number - 1
                break

    def _failed(self, cell: Cell, span: Span, result: Result, number: int) -> None:
        """A command's own error: repeated when it may pass, or when a macro may be to blame."""
        error = result.error or AnswerUnreadable(method=cell.source.method, reason="no_rows")
        if isinstance(error, OperationLimit):
            self.note_retry(Retry(error.code, cell.source.method, 1, 0.0))
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
        wait_s = self.portal.repeat_in_s(error, span.failures)
        if wait_s is None:
            raise type(error)(**{**error.params, "table": cell.source.table})
        span.not_before_s = self.portal.clock.monotonic_s() + wait_s
        self.note_retry(Retry(error.code, cell.source.method, span.failures, wait_s))

    async def _wait(self, longest_s: float) -> None:
        """Wait for an answer, for somebody who stirs, or for so long."""
        self._stirred.clear()
        timer = asyncio.ensure_future(self._stir_after(longest_s))
        try:
            await self._stirred.wait()
            if timer.done():
                self.report()
        finally:
            timer.cancel()

    async def _stir_after(self, seconds: float) -> None:
        await self.portal.clock.sleep(seconds)
        self.stir()

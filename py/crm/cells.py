"""Which pages of a cell to ask for next.

A cell is one source in one month. It is read in the order of ids, uncounted, page after page: the
last id of a page is the next one's lower bound, so rows that come or go meanwhile shift nothing.
Several pages go into one batch as a chain whose links refer to the page before; a chain that is
longer than the cell asks in vain, one that is shorter costs another round, so its length is
estimated from the density of ids and from where the next month begins. A big cell is split into
disjoint id ranges (spans), which are read in parallel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from crm.convert import moment_s, whole_number
from crm.months import iso
from crm.query import Command, encode, result_of
from crm.sources import Facts, Source
from crm.survey import SourceFacts
from crm.tables import PAGE_ROWS, Row

LONGEST_CHAIN = 48
SPLIT_PAGES = 60
"""A span thought to be longer than this is split ..."""
SPAN_PAGES = 40
"""... into spans of about this length."""
CAUTION = 0.96
"""Chains are planned a little short: a link too few costs a round that runs beside others, one too
many a command.
"""
FIRST_GUESS = 6
"""Where the end of a span is guessed, its first chain is at most so long, later ones twice as long
each.
"""
PRIOR_ROWS = 100
"""The source's density of ids counts like so many rows of the cell's own."""
DAY_S = 86400
"""Rows may lie so far outside their month: a portal may take the bounds in another time zone."""


class Doubt(Exception):
    """Rows that were not asked for: a chain that went wrong, or a portal that does not do what it
    is told.
    """


@dataclass(eq=False)
class Span:
    """Ids above ``after`` and up to ``upto`` of one cell, and the pages read of them so far."""

    after: int = 0
    upto: int | None = None
    pages: list[list[Row]] = field(default_factory=list)
    tail: list[Row] = field(default_factory=list)
    in_flight: bool = False
    done: bool = False
    guessed: bool = False
    rounds: int = 0
    failures: int = 0
    not_before_s: float = 0.0


@dataclass(frozen=True)
class Step:
    """What to ask of a span: a chain of ``pages``, or, backwards, its last page."""

    pages: int
    backwards: bool = False


@dataclass
class Shape:
    """What has been learnt of one source: where its months begin, how dense its ids are, what was
    in vain.
    """

    facts: SourceFacts
    months: int
    mean_pages: float = 1.0
    firsts: dict[int, int] = field(default_factory=dict)
    rows: int = 0
    ids: int = 0
    planned: int = 0
    wasted: int = 0
    doubts: int = 0

    @property
    def chained(self) -> bool:
        """Whether chains can be trusted on this portal."""
        return self.doubts < 3

    @property
    def wasteful(self) -> bool:
        """Whether estimates have been too long so far."""
        return self.wasted > 10 + 0.12 * self.planned

    def density(self, rows: int, ids: int) -> float:
        """Rows per id, of a cell with ``rows`` over ``ids`` so far, leaning on the source where it
        has few.
        """
        source = self.rows / self.ids if self.ids else 1.0
        return (rows + PRIOR_ROWS) / (ids + PRIOR_ROWS / source)

    def begin_after(self, month: int) -> int | None:
        """The first id of the next month that has rows, the source's last id after the last; None
        if not known.
        """
        for later in range(month + 1, self.months):
            first = self.firsts.get(later)
            if first is None:
                return None
            if first:
                return first
        return self.facts.last_id


class Cell:
    """One source in one month, by the day of creation or another day of its rows."""

    def __init__(
        self,
        shape: Shape,
        month: int,
        since_s: int | None,
        until_s: int | None,
        facts: Facts,
        *,
        by: str | None = None,
    ):
        self.shape = shape
        self.month = month
        self.since_s = since_s
        self.until_s = until_s
        self.zone_s = facts.offset_s
        self.by = by or self.source.created
        self.spans = [Span()]
        self.probed = False
        self.without_id = 0
        self._dense_rows = 0
        self._dense_ids = 0
        bounds = {f"{sign}{self.by}": iso(at, self.zone_s) for sign, at in self._bounds()}
        self._query = encode(self.source.params(facts, bounds))
        self._backwards = encode(self.source.params(facts, bounds, order={self.source.id: "DESC"}))

    @property
    def source(self) -> Source:
        """What is read."""
        return self.shape.facts.source

    @property
    def done(self) -> bool:
        """Whether all rows are there."""
        return all(span.done for span in self.spans)

    def all_rows(self) -> list[Row]:
        """The rows of a cell that is done."""
        return [row for span in self.spans for page in (*span.pages, span.tail) for row in page]

    def remaining_pages(self, span: Span) -> float | None:
        """Estimate of the pages that a span still has; None where its end is not in sight."""
        if not self.probed:
            return self.shape.mean_pages
        end = span.upto if span.upto is not None else self.shape.begin_after(self.month)
        if end is None or end <= span.after:
            return None
        return (
            self.shape.density(self._dense_rows, self._dense_ids) * (end - span.after) / PAGE_ROWS
        )

    def step(self, span: Span) -> Step:
        """What to ask next of a span, which is split first when it is long."""
        if not self.probed:
            return Step(1)
        pages = self.remaining_pages(span)
        if pages is None:
            return Step(1, backwards=span.upto is None)
        if pages > SPLIT_PAGES:
            self._split(span, pages)
            pages = self.remaining_pages(span) or 1.0
        if not self.shape.chained or span.failures:
            return Step(1)
        length = int(pages * CAUTION) + 1
        if span.guessed or self.shape.wasteful:
            length = min(length, FIRST_GUESS * 2 ** min(span.rounds, 4))
        return Step(min(length, LONGEST_CHAIN))

    def commands(self, span: Span, step: Step, first_index: int) -> list[Command]:
        """The commands of a step, the first of which is number ``first_index`` of its batch."""
        commands = []
        after: int | str = span.after
        for index in range(first_index, first_index + step.pages):
            limits: dict[str, int | str] = {f">{self.source.id}": after}
            if span.upto is not None:
                limits[f"<={self.source.id}"] = span.upto
            query = self._backwards if step.backwards else self._query
            commands.append(Command(self.source.method, f"{query}&{encode({'filter': limits})}"))
            after = result_of(index, *self.source.path, PAGE_ROWS - 1, self.source.id)
        return commands

    def take(self, span: Span, page: Sequence[Any], backwards: bool = False) -> None:
        """Add a page to a span, which is done when the page is a short one.

        Raises Doubt when rows are not above the last one, not in the span or far outside the month;
        nothing of the page is kept then.
        """
        id_name = self.source.id
        found = [(whole_number(row.get(id_name)), row) for row in page if isinstance(row, dict)]
        if backwards:
            found.reverse()
        rows = [row for number, row in found if number]
        ids = [number for number, _ in found if number]
        self._check(span, rows, ids)
        if len(page) >= PAGE_ROWS and not rows:
            raise Doubt("rows_without_id")
        self.without_id += len(page) - len(rows)
        self._note(ids, probe=not self.probed, full=len(page) >= PAGE_ROWS, backwards=backwards)
        span.done = len(page) < PAGE_ROWS
        if backwards:
            span.tail = [*rows, *span.tail]
            if not span.done:
                span.upto, span.guessed = ids[0] - 1, True
                span.done = span.upto <= span.after
            return
        span.pages.append(rows)
        if ids:
            span.after = ids[-1]
        span.done = span.done or span.after == span.upto

    def _bounds(self) -> list[tuple[str, int]]:
        bounds = ((">=", self.since_s), ("<", self.until_s))
        return [(sign, at) for sign, at in bounds if at is not None]

    def _check(self, span: Span, rows: Sequence[Row], ids: Sequence[int]) -> None:
        if any(later <= earlier for earlier, later in pairwise((span.after, *ids))):
            raise Doubt("ids_out_of_order")
        if ids and span.upto is not None and ids[-1] > span.upto:
            raise Doubt("ids_outside")
        for row in (*rows[:1], *rows[-1:]):
            at = moment_s(row.get(self.by), self.zone_s)
            if at is None:
                continue
            early = self.since_s is not None and at < self.since_s - DAY_S
            late = self.until_s is not None and at >= self.until_s + DAY_S
            if early or late:
                raise Doubt("dates_outside")

    def _note(self, ids: Sequence[int], probe: bool, full: bool, backwards: bool) -> None:
        """Learn from a page: where the month begins, how dense its ids are."""
        if probe:
            self.probed = True
            self.shape.firsts[self.month] = ids[0] if ids else 0
        if full and len(ids) > 1 and not backwards:
            width = ids[-1] - ids[0] + 1
            self._dense_rows += len(ids)
            self._dense_ids += width
            self.shape.rows += len(ids)
            self.shape.ids += width

    def _split(self, span: Span, pages: float) -> None:
        """Divide a long span evenly by ids; the last part keeps its end, which may be open."""
        end = span.upto if span.upto is not None else self.shape.begin_after(self.month)
        parts = min(math.ceil(pages / SPAN_PAGES), 64)
        if end is None or end - span.after < parts:
            return
        marks = [span.after + (end - span.after) * part // parts for part in range(1, parts)]
        rest = [
            Span(after, upto, guessed=True)
            for after, upto in zip(marks, [*marks[1:], span.upto], strict=True)
        ]
        span.guessed = True
        rest[-1].tail, span.tail = span.tail, []
        span.upto = marks[0]
        place = self.spans.index(span) + 1
        self.spans[place:place] = rest

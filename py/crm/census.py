"""The census: what a portal counts against what is known, and the search for the difference.

Counting tells that rows are gone, or there without having been seen, not which. Ranges of ids are
divided and counted until reading them is cheaper than counting on. A range in which as many rows
came as went looks untouched; rows that come have new ids, so that takes one restored under its old
id.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from crm.convert import Ints, whole_number
from crm.query import MAX_COMMANDS, Command
from crm.rows import Facts
from crm.sources import Source
from crm.sweep import Sweep, Sweeping
from crm.tables import PAGE_ROWS

WORTH = 0.7
"""Counting must save so much: it takes a round, and reading is needed in the end anyway."""
COUNT_PAGES = 3.0
"""A count costs about as much as so many pages (reference §6)."""


@dataclass(frozen=True)
class Range:
    """Ids above ``after`` and up to ``upto`` of a source, and those of its rows that are known;
    ``off`` is how many rows the portal's count differs by.
    """

    source: Source
    after: int
    upto: int
    ids: Ints
    off: int = 0

    def parts(self, number: int) -> list[Range]:
        """The range in so many parts with about as many known ids each."""
        cuts = [len(self.ids) * part // number for part in range(number + 1)]
        parts = []
        after = self.after
        for first, last in pairwise(cuts):
            upto = self.upto if last == len(self.ids) else int(self.ids[last - 1])
            parts.append(replace(self, after=after, upto=upto, ids=self.ids[first:last]))
            after = upto
        return parts

    def best_number(self, ranges: int) -> int:
        """In how many parts to divide it when there are so many ranges; 1: read it."""
        pages = len(self.ids) / PAGE_ROWS + 1
        number = min(MAX_COMMANDS, max(2, math.isqrt(int(self.off * pages / COUNT_PAGES))))
        number = min(number, max(2, 4 * MAX_COMMANDS // ranges))
        thought = number * COUNT_PAGES + min(self.off, number) * pages / number
        return number if thought < WORTH * pages and len(self.ids) >= number else 1


@dataclass
class Difference:
    """Ids of one source that are gone, and those that are there without being known."""

    gone: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)


def command_to_count(source: Source, after: int, upto: int) -> Command:
    """A count of the source's rows in a range of ids."""
    limits = {**source.filter, f">{source.id}": after, f"<={source.id}": upto}
    if source.flag:
        limits[source.flag] = "N"
    params = {**source.fixed, "select": [source.id], "filter": limits, "start": 0}
    return Command.of(source.method, {**params, "order": {source.id: "ASC"}})


async def compare(ranges: Sequence[Range], errand: Sweeping) -> dict[Source, Difference]:
    """The difference per source, of ranges that are known to be off. Raises a PortalError."""
    to_read: list[Range] = []
    while ranges:
        parts: list[Range] = []
        for each in ranges:
            number = each.best_number(len(ranges))
            if number > 1:
                parts += each.parts(number)
            else:
                to_read.append(each)
        commands = [command_to_count(part.source, part.after, part.upto) for part in parts]
        ranges = []
        for part, result in zip(parts, await errand.ask(commands), strict=True):
            result.get()
            off = len(part.ids) if result.total is None else abs(len(part.ids) - result.total)
            if off:
                ranges.append(replace(part, off=off))
    return await _read(to_read, errand)


async def _read(ranges: Sequence[Range], errand: Sweeping) -> dict[Source, Difference]:
    sweeps = [(each, _sweep_of(each)) for each in ranges]
    await errand.sweep(sweep for _, sweep in sweeps)
    differences: dict[Source, Difference] = {}
    for each, sweep in sweeps:
        present = {
            whole_number(row.get(each.source.id))
            for row in sweep.all_rows()
            if not each.source.flag or row.get(each.source.flag) != "Y"
        }
        known = set(each.ids.tolist())
        difference = differences.setdefault(each.source, Difference())
        difference.gone |= known - present
        difference.unknown |= present - known
    return differences


def _sweep_of(each: Range) -> Sweep:
    source, rows = _ids_only(each.source), len(each.ids)
    return Sweep(source, Facts(), after=each.after, upto=each.upto, rows=rows)


def _ids_only(source: Source) -> Source:
    flag = (source.flag,) if source.flag else ()
    return replace(source, select=(source.id, *flag))

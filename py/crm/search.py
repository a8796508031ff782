"""The search for changes: what to ask, in which order, until nothing is left to be looked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from crm.answer import Result
from crm.bindings import differing, links_of, part_of_the_day
from crm.census import Range, compare
from crm.convert import Ints, whole_number
from crm.deletions import Deletion, command_of, read_queue
from crm.errors import AnswerUnreadable
from crm.known import Known
from crm.looks import Look, raise_unless_closed
from crm.query import Command
from crm.rows import COMPANY, LEAD, Facts
from crm.sources import BINDINGS, COMPANIES, CONTACTS, LINKS, SMART_INVOICES, SOURCES, Source
from crm.survey import Note
from crm.sweep import Sweep, Sweeping
from crm.tables import PAGE_ROWS, Row

OVERLAP_S = 600
"""Changes are looked for from so long before the last reading on: clocks of a portal's machines
differ, and a change counts from when it began."""
Wanted = dict[Source, set[int]]


class Search:
    """One search for what changed between ``since`` and ``now``."""

    def __init__(
        self,
        errand: Sweeping,
        facts: Facts,
        known: Known,
        since: datetime,
        now: datetime,
        before: Facts | None,
    ) -> None:
        self.known = known
        self.notes: list[Note] = []
        self.deletions: list[Deletion] = []
        self.cursor = 0
        self._errand = errand
        self._now = now
        self._facts = facts
        self._since_s = int(since.timestamp()) - OVERLAP_S
        self._whole = _to_read_whole(facts, before)
        self._rows: defaultdict[Source, dict[int, Row]] = defaultdict(dict)
        self._gone: defaultdict[Source, set[int]] = defaultdict(set)
        self._asked: defaultdict[Source, set[int]] = defaultdict(set)
        self._closed: set[Source] = set()
        self._totals: dict[Source, int] = {}
        self._compared: set[int] = set()

    def rows_of(self, source: Source) -> dict[int, Row]:
        """Rows of a source as they are now, by their ids."""
        return {number: row for number, row in self._rows[source].items() if _belongs(source, row)}

    def left_of(self, source: Source) -> set[int]:
        """Known rows that are there and belong to the table no longer."""
        strangers = [id for id, row in self._rows[source].items() if not _belongs(source, row)]
        return self.known.among(source, strangers)

    def gone_of(self, source: Source) -> set[int]:
        """Known rows that are not there any more."""
        return self._gone[source]

    async def run(self, cursor: int) -> None:
        """Find everything. Raises a PortalError."""
        await self._look(cursor)
        await self._follow(await self._pointed_out())
        await self._follow(await self._uncounted())

    async def _look(self, cursor: int) -> None:
        """Read what tells of itself, and what the queue tells."""
        looks = []
        for source in (*SOURCES, BINDINGS):
            since_s = None if source in self._whole else self._since_s
            looks.append(Look(source, self.known, self._facts, since_s))
        asked = [look.commands() for look in looks]
        commands = [command for own in asked for command in own]
        queue, *results = await self._errand.ask([command_of(cursor), *commands])
        for look, own in zip(looks, asked, strict=True):
            look.begin(results[: len(own)])
            results = results[len(own) :]
            if look.closed:
                self._close(look)
        await self._sweep([sweep for look in looks for sweep in look.to_go_on])
        for look in looks:
            self._keep(look.source, look.rows())
            self.notes += look.notes
            if look.total is not None:
                self._totals[look.source] = look.total
        await self._read_queue(queue, cursor)

    async def _sweep(self, sweeps: Sequence[Sweep]) -> None:
        """Read these to their end, and compare a part of the links along with them."""
        if LINKS in self._closed:
            await self._errand.sweep(sweeps)
            return
        ranges = part_of_the_day(self.known, self._now)
        part = [
            Sweep(LINKS, self._facts, after=each.after, upto=each.upto, rows=len(each.ids))
            for each in ranges
        ]
        await self._errand.sweep([*sweeps, *part])
        rows = [row for sweep in part for row in sweep.all_rows()]
        before = links_of(self.known, "contact", np.concatenate([each.ids for each in ranges]))
        self._compared = differing(before, LINKS.tabulate(rows, self._facts))

    async def _read_queue(self, first: Result, cursor: int) -> None:
        told = await read_queue(first, cursor, self._errand.ask, self._facts.offset_s)
        self.deletions, self.cursor = told.deletions, told.cursor
        if told.refusal is not None:
            raise_unless_closed(told.refusal)
            self.notes.append({"code": "queue_closed", "reason": told.refusal.code})

    def _close(self, look: Look) -> None:
        """Go on without a source; raises when that cannot be."""
        source, refusal = look.source, look.refusal
        self._closed.add(source)
        if refusal is not None and not source.optional:
            raise type(refusal)(**{**refusal.params, "table": source.table})
        if source is LINKS:
            self.notes.append({"code": "links_primary_only"})
        elif source is not BINDINGS and refusal is not None and refusal.code != "method_missing":
            note = {"code": "left_out", "source": source.name, "reason": refusal.code}
            self.notes.append(note)

    def _keep(self, source: Source, rows: Iterable[Row]) -> None:
        self._rows[source] |= {whole_number(row.get(source.id)): row for row in rows}

    async def _pointed_out(self) -> Wanted:
        """Rows to be read again since an event or a company names them."""
        wanted: Wanted = defaultdict(set)
        told: defaultdict[int, set[int]] = defaultdict(set)
        for deletion in self.deletions:
            told[deletion.entity_type].add(deletion.id)
        for source in SOURCES:
            if source is not LINKS:
                wanted[source] |= self.known.among(source, told[source.entity_type])
        for source, ids in self.known.referring(LEAD, told[LEAD]):
            wanted[source] |= set(ids.tolist())
        wanted[CONTACTS] |= await self._rebound()
        return wanted

    async def _rebound(self) -> set[int]:
        """Contacts whose companies changed what is bound to them."""
        if {LINKS, BINDINGS} & self._closed:
            return self._compared | await self._bound_to_changed()
        companies = self._rows[BINDINGS]
        now = BINDINGS.tabulate(list(companies.values()), self._facts)
        bound = differing(links_of(self.known, "company", companies), now)
        return (bound | self._compared) - self._rows[LINKS].keys()

    async def _bound_to_changed(self) -> set[int]:
        """Where companies do not list their contacts: all contacts bound to those that changed."""
        companies = sorted(self._rows[COMPANIES])
        changing = CONTACTS.changing()
        starts = range(0, len(companies), PAGE_ROWS)
        filters = [{"@COMPANY_ID": companies[start : start + PAGE_ROWS]} for start in starts]
        sweeps = [Sweep(replace(changing, filter=each), self._facts) for each in filters]
        await self._errand.sweep(sweeps)
        for sweep in sweeps:
            self._keep(CONTACTS, sweep.all_rows())
        bound: set[int] = set()
        for source, ids in self.known.referring(COMPANY, companies):
            if source is CONTACTS:
                bound |= set(ids.tolist())
        return bound - self._rows[CONTACTS].keys()

    async def _follow(self, wanted: Wanted) -> None:
        """Read these rows again, and whatever refers to those that are gone, and so on."""
        while any(wanted.values()):
            wanted = self._referring(await self._read_again(wanted))

    async def _read_again(self, wanted: Wanted) -> Wanted:
        """Read rows by their ids; those that are gone."""
        if LINKS not in self._closed:
            wanted[LINKS] = wanted.get(LINKS, set()) | wanted.get(CONTACTS, set())
        parts: list[tuple[Source, list[int]]] = []
        for source, ids in wanted.items():
            left = sorted(ids - self._asked[source])
            self._asked[source] |= ids
            parts += [(source, left[at : at + PAGE_ROWS]) for at in range(0, len(left), PAGE_ROWS)]
        commands = [self._command_by_id(source, part) for source, part in parts]
        gone: Wanted = defaultdict(set)
        for (source, part), result in zip(parts, await self._errand.ask(commands), strict=True):
            found = _by_id(source, result)
            if not found.keys() <= set(part):
                raise AnswerUnreadable(method=source.method, reason="ids_outside")
            self._errand.came(source, len(found))
            self._rows[source] |= found
            if source is not LINKS:
                gone[source] |= set(part) - found.keys()
        return {source: self._lose(source, ids) for source, ids in gone.items()}

    def _command_by_id(self, source: Source, ids: Sequence[int]) -> Command:
        params = source.changing().params(self._facts, {f"@{source.id}": ids})
        return Command.of(source.method, params)

    def _lose(self, source: Source, ids: set[int]) -> set[int]:
        """Rows are not there: which of them that is news of."""
        for each in (source, LINKS) if source is CONTACTS else (source,):
            for number in ids & self._rows[each].keys():
                del self._rows[each][number]
        news = self.known.among(source, ids) - self._gone[source]
        self._gone[source] |= news
        return news

    def _referring(self, gone: Wanted) -> Wanted:
        """Rows that refer, as far as is known, to any of those that are gone."""
        wanted: Wanted = defaultdict(set)
        for source, lost in gone.items():
            if lost:
                for other, ids in self.known.referring(source.entity_type, lost):
                    wanted[other] |= set(ids.tolist()) - self._gone[other]
        return wanted

    async def _uncounted(self) -> Wanted:
        """Compare what is known by now with what the portal counted, and find what differs: rows
        to be read.
        """
        ranges = []
        for source, total in self._totals.items():
            last_id = self.known.last_id(CONTACTS if source is LINKS else source)
            ids = self._linked(last_id) if source is LINKS else self._present(source, last_id)
            if len(ids) != total:
                ranges.append(Range(source, 0, last_id, ids, abs(len(ids) - total)))
        wanted: Wanted = defaultdict(set)
        gone: Wanted = {}
        for source, difference in (await compare(ranges, self._errand)).items():
            if source is LINKS:
                wanted[CONTACTS] |= difference.gone | difference.unknown
            else:
                gone[source] = self._lose(source, difference.gone)
                wanted[source] |= difference.unknown
        for source, referring in self._referring(gone).items():
            wanted[source] |= referring
        return wanted

    def _present(self, source: Source, last_id: int) -> Ints:
        """Ids up to the last known one that should be there."""
        lost = np.array([*self._gone[source], *self.left_of(source)], np.int64)
        came = np.array([*self.rows_of(source)], np.int64)
        return np.union1d(np.setdiff1d(self.known.ids(source), lost), came[came <= last_id])

    def _linked(self, last_id: int) -> Ints:
        """Ids up to the last known one of contacts that should have companies."""
        read = self._rows[LINKS]
        settled = np.array([*read, *self._gone[CONTACTS]], np.int64)
        now = LINKS.tabulate(list(read.values()), self._facts)["contact"].to_numpy()
        return np.union1d(np.setdiff1d(self.known.ids(LINKS), settled), now[now <= last_id])


def _belongs(source: Source, row: Row) -> bool:
    return not source.flag or row.get(source.flag) != "Y"


def _by_id(source: Source, result: Result) -> dict[int, Row]:
    rows = source.rows(result.get())
    if rows is None:
        raise AnswerUnreadable(method=source.method, reason="no_rows")
    return {whole_number(row.get(source.id)): row for row in rows if isinstance(row, dict)}


def _to_read_whole(facts: Facts, before: Facts | None) -> set[Source]:
    """Sources whose rows mean something else than before: another stage is a paid one, a mark's
    field or one of its options was made anew.
    """
    if before is None:
        return set()
    whole = {SMART_INVOICES} if facts.paid_stages != before.paid_stages else set()
    for source in (COMPANIES, CONTACTS):
        now, then = facts.marks_of(source.table), before.marks_of(source.table)
        same_fields = now.ids.items() >= then.ids.items()
        if not same_fields or not now.options.items() >= then.options.items():
            whole.add(source)
    return whole

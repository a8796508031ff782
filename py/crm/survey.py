"""A first look at a portal, two requests: its time, what is there to read, since when, and roughly
how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from crm.answer import Result
from crm.client import Portal
from crm.convert import moment_s, whole_number
from crm.errors import PortalError
from crm.glance import commands_to_glance, read_glance
from crm.months import month_of, months_between
from crm.query import Command
from crm.sources import COMPANIES, CONTACTS, LINKS, SOURCES, Facts, Source
from crm.tables import PAGE_ROWS

Note = dict[str, Any]
"""``{"code": str, ...}``: something that a person should know beside the charts; the code is the
key of its text.
"""

FAR_FUTURE = "2100-01-01T00:00:00+00:00"
EARLIEST_S = 631_152_000
"""No base begins before 1990; its first month is open to the past, so older rows are in it."""


@dataclass(frozen=True)
class SourceFacts:
    """What is known of one source.

    ``first_s`` is the creation of the oldest row (unix, None when not known), ``sorted`` whether
    the portal did sort by it, so that there is surely nothing before. ``rows`` is a guess from the
    density of the youngest ids, exact below one page. ``dated`` is false when the portal cannot
    tell the source's rows by creation date: they are then all read with the first month.
    """

    source: Source
    first_s: int | None
    last_id: int
    rows: int
    sorted: bool = True
    dated: bool = True


@dataclass(frozen=True)
class Survey:
    """A portal before it is read. Notes are JSON-ready; ``cursor`` is the last id in its queue of
    offline events, from which on changes are to be looked for later.
    """

    now: datetime
    months: list[str]
    sources: tuple[SourceFacts, ...]
    facts: Facts = field(default_factory=Facts)
    notes: list[Note] = field(default_factory=list)
    cursor: int = 0

    @property
    def offset_s(self) -> int:
        """The portal's offset from UTC."""
        return self.facts.offset_s

    @property
    def timezone(self) -> timezone:
        """The portal's time zone, as the fixed offset of now."""
        return timezone(timedelta(seconds=self.offset_s))

    @property
    def first_month(self) -> str:
        """The month of the first company or contact; the current one when there is none."""
        return self.months[0]

    @property
    def rough_totals(self) -> dict[str, int]:
        """Rows per source, guessed."""
        return {facts.source.name: facts.rows for facts in self.sources}


async def survey(portal: Portal) -> Survey:
    """Look at a portal. Raises a PortalError, AccessDenied for one when a table that must be read
    is closed.

    Sources that a portal does not have, or that this person may not read and the rules can do
    without, are left out with a note.
    """
    commands = commands_to_glance()
    own = len(commands)
    for source in SOURCES:
        commands += _look(source)
    results = await portal.batch(commands)
    looks = results[own:]
    notes: list[Note] = []
    found = []
    for source, first, last in zip(SOURCES, looks[::2], looks[1::2], strict=True):
        facts = _found(source, first, last, notes)
        if facts is not None:
            found.append(facts)
    seen = await read_glance(portal, results[:own])
    return Survey(
        now=seen.now,
        months=_months(found, seen.now, seen.facts.offset_s),
        sources=tuple(found),
        facts=seen.facts,
        notes=notes,
        cursor=seen.cursor,
    )


def _look(source: Source) -> list[Command]:
    """The source's oldest rows, and its last ones by a filter on creation date, which tries that
    filter too.
    """
    oldest = source.params(Facts(), {}, order={source.created: "ASC"})
    last = source.params(Facts(), {f"<{source.created}": FAR_FUTURE}, order={source.id: "DESC"})
    return [Command.of(source.method, oldest), Command.of(source.method, last)]


def _found(source: Source, first: Result, last: Result, notes: list[Note]) -> SourceFacts | None:
    """What the two looks at a source tell; None when it is left out. Raises when it must not be."""
    if first.error is not None and last.error is not None:
        _leave_out(source, first.error, notes)
        return None
    oldest, youngest = _rows(source, first), _rows(source, last)
    if not oldest and not youngest:
        return None
    if source is LINKS and not any("companyIds" in row for row in [*oldest, *youngest]):
        notes.append({"code": "links_primary_only"})
        return None
    created = [moment_s(row.get(source.created), 0) for row in oldest]
    known = [at for at in created if at is not None]
    dated = bool(youngest) and len(known) == len(created)
    if not dated:
        notes.append({"code": "undated_rows", "source": source.name})
    ids = sorted(whole_number(row.get(source.id)) for row in youngest or oldest)
    return SourceFacts(
        source=source,
        first_s=max(EARLIEST_S, min(known)) if known else None,
        last_id=ids[-1],
        rows=_rough_rows(ids),
        sorted=bool(known) and known == sorted(known),
        dated=dated,
    )


def _leave_out(source: Source, error: PortalError, notes: list[Note]) -> None:
    if not source.optional:
        raise type(error)(**{**error.params, "table": source.table})
    if source is LINKS:
        notes.append({"code": "links_primary_only"})
    elif error.code != "method_missing":
        notes.append({"code": "left_out", "source": source.name, "reason": error.code})


def _rows(source: Source, result: Result) -> list[dict[str, Any]]:
    rows = None if result.error is not None else source.rows(result.value)
    return [row for row in rows or [] if isinstance(row, dict)]


def _rough_rows(ids: Sequence[int]) -> int:
    if len(ids) < PAGE_ROWS:
        return len(ids)
    return round(ids[-1] * (len(ids) - 1) / max(1, ids[-1] - ids[0]))


def _months(found: Sequence[SourceFacts], now: datetime, offset_s: int) -> list[str]:
    """From the month of the first client to the present one."""
    this_month = month_of(now.timestamp(), offset_s)
    firsts = [
        month_of(facts.first_s, offset_s)
        for facts in found
        if facts.source in (COMPANIES, CONTACTS) and facts.first_s is not None
    ]
    return months_between(min(firsts, default=this_month), this_month)

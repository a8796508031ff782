"""Companies and contacts of a segment as one person may read them: found by their marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm.answer import Result
from crm.client import Portal
from crm.errors import AnswerUnreadable
from crm.mark_definitions import COMPANY, CONTACT, DEFINITIONS
from crm.mark_fields import MarkFields, look
from crm.query import Command
from crm.rows import Facts
from crm.sources import COMPANIES, CONTACTS, Source
from crm.tables import PAGE_ROWS, Row

MOST_ROWS = 5_000
"""Rows of each kind that are read; of more the newest."""

Conditions = Mapping[str, Sequence[str]]
"""Codes of which a mark must have one, by mark."""


class NotMarked(Exception):
    """Nobody has written marks yet, or not these."""

    code = "marks_missing"
    params: Mapping[str, str] = {}


@dataclass(frozen=True)
class Marked:
    """Tables ``companies``, ``company_cards``, ``contacts`` and ``contact_cards`` with the rows
    that were read, and ``visible``: how many there are for this person.
    """

    tables: dict[str, pd.DataFrame]
    visible: int


async def fields_in_use(portal: Portal) -> MarkFields:
    """The fields of the marks. Raises NotMarked where nothing readable has a mark, a PortalError
    when the portal cannot be asked.
    """
    fields = await look(portal)
    if not fields.complete:
        raise NotMarked
    name = DEFINITIONS["type"].name
    counts = [
        _command(source, filter, 0, fields)
        for source in (COMPANIES, CONTACTS)
        for filter in ({f"!{name}": ""}, {})
    ]
    marked, companies, marked_contacts, contacts = map(_total, await portal.batch(counts))
    if not marked + marked_contacts and companies + contacts:
        raise NotMarked
    return fields


async def read_marked(
    portal: Portal,
    fields: MarkFields,
    companies: Conditions | None,
    contacts: Conditions | None,
) -> Marked:
    """All companies and contacts whose marks are such, without conditions all; None leaves them
    out. Raises a PortalError.
    """
    wanted = [
        (source, _filter(fields, entity, conditions))
        for source, entity, conditions in (
            (COMPANIES, COMPANY, companies),
            (CONTACTS, CONTACT, contacts),
        )
        if conditions is not None
    ]
    first = await portal.batch([_command(source, filter, 0, fields) for source, filter in wanted])
    totals = [_total(result) for result in first]
    rest = [
        (place, _command(source, filter, start, fields))
        for place, (source, filter) in enumerate(wanted)
        for start in range(PAGE_ROWS, min(totals[place], MOST_ROWS), PAGE_ROWS)
    ]
    rows: dict[str, dict[Any, Row]] = {COMPANIES.name: {}, CONTACTS.name: {}}
    further = await portal.batch([command for _, command in rest])
    places = [*range(len(wanted)), *(place for place, _ in rest)]
    for place, result in zip(places, [*first, *further], strict=True):
        source = wanted[place][0]
        for row in source.rows(result.get()) or ():
            # A row that moved to the next page while pages were read comes twice.
            rows[source.name][row.get(source.id)] = row
    facts = Facts(marks=fields)
    tables = COMPANIES.frames(list(rows[COMPANIES.name].values()), facts)
    tables |= CONTACTS.frames(list(rows[CONTACTS.name].values()), facts)
    return Marked(tables, sum(totals))


def _filter(fields: MarkFields, entity: int, conditions: Conditions) -> dict[str, Any]:
    options = fields.of(entity).options
    return {
        DEFINITIONS[mark].name: [options[mark][code] for code in codes]
        for mark, codes in conditions.items()
    }


def _command(source: Source, filter: Mapping[str, Any], start: int, fields: MarkFields) -> Command:
    params = source.params(Facts(marks=fields), filter, {source.id: "DESC"})
    return Command.of(source.method, {**params, "start": start})


def _total(result: Result) -> int:
    result.get()
    if result.total is None:
        raise AnswerUnreadable(method="list", reason="not_counted")
    return result.total

"""What changed in a portal since it was read: rows that came or changed, and rows that are gone.

Changed rows tell of themselves by the date of their last change. What does not tell is looked for:
deleted rows by the portal's queue of events and by counting, what a merger moved by reading again
whatever referred to the one that is gone, contacts bound from a company's side by the contacts of
the companies that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from crm.client import Portal
from crm.convert import Ints
from crm.glance import Glance
from crm.known import Known
from crm.mergers import merged_into
from crm.progress import Progress
from crm.protocols import Running
from crm.rows import COMPANY, CONTACT, Facts
from crm.search import Search
from crm.sources import COMPANIES, CONTACTS, LINKS, SOURCES
from crm.survey import Note, Survey
from crm.sweep import Sweeping
from crm.tables import KEYS, TABLES, table

__all__ = ["Changes", "Departure", "read_changes"]


@dataclass(frozen=True)
class Departure:
    """A client that was deleted: ``entity`` 4 (company) or 3 (contact), its id, the moment (unix,
    None where nothing tells), the user who did it and the client it was merged into, 0 where that
    is not known.
    """

    entity: int
    id: int
    at_s: int | None = None
    by: int = 0
    merged_into: int = 0


@dataclass(frozen=True)
class Changes:
    """Changes up to ``as_of``, a moment of the portal's clock.

    ``tables`` hold rows as they are now, with the columns of ``crm.tables.TABLES``; most are
    changed or new, some are as they were. Its links are all links of the contacts in ``relinked``,
    which have no others. ``deleted`` holds the keys of known rows that are gone, for tables that
    lost some. ``facts`` are the portal's at that moment, ``cursor`` is the last event seen in the
    queue: both are to be given to the next reading of changes.
    """

    as_of: datetime
    facts: Facts
    tables: dict[str, pd.DataFrame]
    relinked: Ints
    deleted: dict[str, pd.DataFrame] = field(default_factory=dict)
    departures: list[Departure] = field(default_factory=list)
    cursor: int = 0
    notes: list[Note] = field(default_factory=list)


async def read_changes(
    portal: Portal,
    glance: Glance | Survey,
    known: Mapping[str, pd.DataFrame],
    since: datetime,
    cursor: int,
    *,
    before: Facts | None = None,
    progress: Callable[[Progress], None] = lambda progress: None,
    running: Running | None = None,
) -> Changes:
    """Read what changed, so that ``known`` with these changes is what a full reading would find.

    ``glance`` is a fresh one: its moment is the ``as_of`` of the changes. ``since`` is the moment
    at which the reading of the oldest of the ``known`` rows began (``as_of`` of the last changes;
    ``started_at`` of a first run, which may have been read over days). ``cursor`` and ``before``
    are the cursor and the facts that the last reading gave.

    While ``running`` is cleared no new request leaves. Rows that change while this goes on are in
    these changes or in the next ones. Raises a PortalError; nothing is to be kept then.
    """
    errand = Sweeping(portal, progress, running)
    search = Search(errand, glance.facts, Known(known), since, glance.now, before)
    await search.run(cursor)
    tables = _tables(search, glance.facts)
    return Changes(
        as_of=glance.now,
        facts=glance.facts,
        tables=tables,
        relinked=_relinked(search),
        deleted=_deleted(search),
        departures=_departures(search, tables),
        cursor=search.cursor,
        notes=search.notes,
    )


def _tables(search: Search, facts: Facts) -> dict[str, pd.DataFrame]:
    frames: dict[str, list[pd.DataFrame]] = {}
    for source in SOURCES:
        rows = list(search.rows_of(source).values())
        for name, frame in source.frames(rows, facts).items() if rows else ():
            frames.setdefault(name, []).append(frame)
    return {
        name: pd.concat(frames[name], ignore_index=True) if name in frames else table(name)
        for name in TABLES
    }


def _relinked(search: Search) -> Ints:
    """Contacts whose links were read, and those that are gone with theirs."""
    read = np.array([*search.rows_of(LINKS)], np.int64)
    return np.union1d(read, np.array([*search.gone_of(CONTACTS)], np.int64))


def _deleted(search: Search) -> dict[str, pd.DataFrame]:
    frames: dict[str, list[pd.DataFrame]] = {}
    for source in SOURCES:
        ids = np.array(sorted(search.gone_of(source) | search.left_of(source)), np.int64)
        if len(ids):
            columns = {"id": ids, "kind": np.full(len(ids), source.entity_type, np.int64)}
            for name in source.tables:
                keys = pd.DataFrame({key: columns[key] for key in KEYS[name]})
                frames.setdefault(name, []).append(keys)
    return {name: pd.concat(found, ignore_index=True) for name, found in frames.items()}


def _departures(search: Search, tables: Mapping[str, pd.DataFrame]) -> list[Departure]:
    departures = []
    told = {(event.entity_type, event.id): event for event in search.deletions}
    for entity, source in ((COMPANY, COMPANIES), (CONTACT, CONTACTS)):
        gone = search.gone_of(source)
        heirs = merged_into(search.known, tables, entity, gone) if gone else {}
        for number in sorted(gone):
            event = told.get((entity, number))
            at_s, by = (event.at_s, event.by) if event else (None, 0)
            departures.append(Departure(entity, number, at_s, by, heirs.get(number, 0)))
    return departures

"""What has to be the same in the end, whatever went wrong on the way."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pandas as pd

from crm import app_storage
from crm.mark_journal import DOUBTFUL
from crm.tables import KEYS, TABLES
from engine.fills import NO_BASE, FillJournal, Fills
from engine.memory import Memory
from engine.publishing import HISTORY, VIEW
from engine.undo import reverse
from engine.view import is_complete
from portal.state import PortalState
from segmentation.marks import MARKS
from storage.records import Run
from unit.emulated import EmulatedPortal
from unit.engine.opened import all_marks
from unit.faults.disk import Disk
from unit.faults.scenes import Place

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("ru", "en")
MOMENTS = {"as_of", "taken_at", "at", "until", "by_name"}
"""When something was looked at, which another refresh does at another moment."""
WRITTEN = {"DATE_MODIFY", "MODIFY_BY_ID", "LAST_ACTIVITY_TIME", "LAST_ACTIVITY_BY", "EXTRA"}
"""What writing marks changes in a row of a client, besides what is in user fields."""
PORTAL_TABLES = (
    *("companies", "contacts", "deals", "invoices", "old_invoices", "activities"),
    *("requisites", "links"),
)
UPDATES = {"crm.company.update": "4", "crm.contact.update": "3", "crm.item.update": ""}
"""Methods that update clients, and of which type; the last one is told the type."""
LATE = {"view", "shared view", "shared history", "preparation"}
"""What a portal that refuses may leave behind, told beside the charts, until the next refresh or
until the person has the portal prepared once more.
"""
KEPT = {"history", "shared history", "view", "shared view", "fills"}
"""What keeps the trace of a wrong value for good: a month that was closed with it, a fill that
wrote it.
"""
KEPT_BY_UNDO = {"base", "marks"}
"""An undo leaves alone what it finds changed since: a wrong value looks like that."""

Outcome = dict[str, Any]


async def outcome_of(place: Place) -> Outcome:
    """All that has to be the same: base, view and history here and in the portal, marks, journal,
    what was prepared in the portal, and its own rows.
    """
    state, disk = place.state, place.disk
    portal = EmulatedPortal(state=state).client()
    shared = [await app_storage.load(portal, name) for name in (VIEW, HISTORY)]
    return {
        "base": await _base(disk),
        "counts": _counts(disk.view),
        "view": _timeless(disk.view),
        "history": _timeless(disk.facts.get(HISTORY)),
        "shared view": _timeless(shared[0]),
        "shared history": _timeless(shared[1]),
        "marks": await all_marks(state),
        "fills": await _fills(disk),
        "preparation": _preparation(state),
        "rows of the portal": _rows(state),
    }


def differing(one: Outcome, other: Outcome) -> list[str]:
    """The names of what is not the same."""
    return [name for name in one if not _same(one[name], other[name])]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        return one.equals(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def half_written(disk: Disk) -> list[str]:
    """What a disk lacks of what its run says is there; nothing, whenever one looks."""
    run = None if disk.run is None else Run.from_json(disk.run)
    if run is None:
        return [] if disk.run is None else ["a run that cannot be read"]
    missing = [month for month in run.done if (run.id, month) not in disk.months]
    unheard = [number for number in run.changes if (run.id, number) not in disk.changes]
    troubles = [f"months that are not there: {missing}"] if missing else []
    troubles += [f"changes that are not there: {unheard}"] if unheard else []
    if run.state == "complete" and not is_complete(disk.view):
        troubles.append("a complete run without its view")
    return troubles


def updated(place: Place) -> Counter[tuple[str, str]]:
    """How often each client was updated, by kind and id."""
    counts: Counter[tuple[str, str]] = Counter()
    for entry in place.state.log._entries:
        for command in entry.commands:
            if command.method in UPDATES:
                values = parse_qs(command.query)
                kind = UPDATES[command.method] or values["entityTypeId"][0]
                counts[kind, values["id"][0]] += 1
    return counts


@cache
def texts(language: str) -> dict[str, Any]:
    """All texts of the page."""
    path = ROOT / f"static/translations/{language}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def is_told(code: str) -> bool:
    """Whether people are told what a code means and what to do, in every language."""
    names = (f"error.{code}", f"error.{code}.advice")
    return all(texts(language).get(name) for language in LANGUAGES for name in names)


async def _base(disk: Disk) -> Any:
    held = await Memory(disk).held()
    if held is None:
        return None
    tables = held.base.tables
    return {
        name: tables[name]
        .drop(columns="modified", errors="ignore")
        .sort_values(KEYS[name], ignore_index=True)
        for name in TABLES
    }


def _counts(view: str | None) -> Any:
    """The counters, without the series and what is noted beside them."""
    modes = json.loads(view or "{}").get("modes", {})
    return {mode: {code: each["count"] for code, each in of.items()} for mode, of in modes.items()}


def _timeless(text: bytes | str | None) -> Any:
    """What a JSON text holds, without the moments of looking."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without(each) for name, each in value.items() if name not in MOMENTS}
        return [without(each) for each in value] if isinstance(value, list) else value

    return None if text is None else without(json.loads(text))


async def _fills(disk: Disk) -> list[Any]:
    """The fills as they are told, and what an undo of each would write; the journal of an undo is
    there for the counts alone.
    """
    fills = await Fills.load(disk)
    told: list[Any] = []
    for fill in fills.fills:
        rows = await FillJournal(disk, fills, fill, NO_BASE).rows()
        told.append([fill.kind, fill.state, fill.undone, fill.refused, fill.gone])
        if fill.kind == "fill":
            doubtful = 0 if rows.empty else int((rows["state"] == DOUBTFUL).sum())
            told.append([fill.done, doubtful, _taken_back(rows)])
    return told


def _taken_back(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return rows
    names = ["entity", "id", *(f"after_{mark}" for mark in MARKS)]
    return reverse(rows)[names].sort_values(["entity", "id"], ignore_index=True)


def _preparation(state: PortalState) -> dict[str, Any]:
    query = state.database.query
    fields = query("select * from user_fields order by ENTITY_ID, FIELD_NAME")
    return {
        "fields": [[row["ENTITY_ID"], row["FIELD_NAME"], _options(row["LIST"])] for row in fields],
        "storages": query("select ENTITY, ACCESS from storages order by ENTITY"),
        "heads": query("select NAME, count(*) as heads from storage_items group by NAME"),
        "placements": query(
            "select PLACEMENT, HANDLER from placements order by PLACEMENT, HANDLER"
        ),
        "events": query("select EVENT_NAME, HANDLER from event_handlers order by EVENT_NAME"),
        "options": query("select name, value from app_options order by name"),
    }


def _options(text: str | None) -> list[str]:
    return [str(option["XML_ID"]) for option in json.loads(text or "null") or []]


def _rows(state: PortalState) -> dict[str, list[Any]]:
    """The portal's rows without marks; the other user fields too."""
    found = {}
    for table in PORTAL_TABLES:
        found[table] = [_row(row) for row in state.database.query(f"select * from {table}")]
    return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    extra = json.loads(row.get("EXTRA") or "{}")
    others = {name: each for name, each in extra.items() if not name.startswith("UF_CRM_CLB_")}
    return {name: each for name, each in row.items() if name not in WRITTEN} | {"others": others}

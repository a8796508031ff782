"""Marks in the emulated portal's own database: those that are there, and those that ought to be by
the brute-force oracle; neither goes through the product's code.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime, timezone
from typing import Any

from property.marks import MARKS, Entity, Marks, wanted_of
from property.portals import Case

from .oracle_of_database import rows_of_database

ENTITIES: tuple[tuple[int, str, str], ...] = (
    (4, "companies", "CRM_COMPANY"),
    (3, "contacts", "CRM_CONTACT"),
)
ACTIVE_MONTHS, DORMANT_MONTHS = 6, 18
NOTHING: Marks = dict.fromkeys(MARKS)


def wanted_marks(connection: sqlite3.Connection, as_of: str) -> dict[Entity, Marks]:
    """What every company and contact ought to hold at the ISO moment ``as_of``."""
    now = datetime.fromisoformat(as_of)
    assert isinstance(now.tzinfo, timezone)
    case = Case(rows_of_database(connection), now, now.tzinfo, (ACTIVE_MONTHS, DORMANT_MONTHS))
    return wanted_of(case)


def held_marks(connection: sqlite3.Connection) -> dict[Entity, Marks]:
    """What every company and contact holds; own companies are none of ours, unless they hold
    something.
    """
    held = {}
    for number, table, name in ENTITIES:
        codes = _codes_of_options(connection, name)
        for row in connection.execute(f"SELECT * FROM {table}"):
            extra = json.loads(row["EXTRA"] or "{}")
            marks = {mark: _value(mark, extra.get(field_name(mark)), codes) for mark in MARKS}
            is_own = table == "companies" and row["IS_MY_COMPANY"] == "Y"
            if not is_own or marks != NOTHING:
                held[number, row["ID"]] = marks
    return held


def field_name(mark: str) -> str:
    """The portal's name of a mark's field."""
    return f"UF_CRM_CLB_{mark.upper()}"


def counts_by_mark(wanted: dict[Entity, Marks], held: dict[Entity, Marks]) -> dict[str, int]:
    """How many companies and contacts differ in each mark, where any do."""
    counts = {
        mark: sum(marks[mark] != held[entity][mark] for entity, marks in wanted.items())
        for mark in MARKS
    }
    return {mark: count for mark, count in counts.items() if count}


def _codes_of_options(connection: sqlite3.Connection, name: str) -> dict[int, str]:
    lists = connection.execute("SELECT LIST FROM user_fields WHERE ENTITY_ID = ?", (name,))
    return {
        option["ID"]: option["XML_ID"]
        for row in lists
        for option in json.loads(row["LIST"] or "[]")
    }


def _value(mark: str, stored: Any, codes: dict[int, str]) -> Any:
    """A stored value as the oracle tells it."""
    if stored is None:
        return None
    if mark in ("type", "lifecycle", "frequency"):
        return codes[stored]
    if mark == "last_pay":
        return date.fromisoformat(stored)
    if mark in ("dialogs", "contacts"):
        return bool(stored)
    return int(stored)

"""Portals in plain rows, and the tables that the rules take.

A portal is a dictionary of lists of rows: tables and columns as in `segmentation.types.SCHEMA`,
moments being UTC datetimes or None. `portal` builds one out of single rows, with dates as text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd

from segmentation import Analysis, Base, Limits, analyse
from segmentation.types import MOMENT, SCHEMA, EntityType

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Entry = tuple[str, Row]

LEAD, DEAL, CONTACT, COMPANY = (
    int(entity)
    for entity in (EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY)
)
OLD, SMART = int(EntityType.OLD_INVOICE), int(EntityType.SMART_INVOICE)


def base_of(rows: Rows) -> Base:
    """The tables of a portal."""
    tables = {
        table: {
            name: _column([row[name] for row in rows[table]], dtype)
            for name, dtype in columns.items()
        }
        for table, columns in SCHEMA.items()
    }
    return Base(**{table: pd.DataFrame(columns) for table, columns in tables.items()})


def _column(values: list[Any], dtype: str) -> pd.Series:
    if dtype == MOMENT:
        values = [value and value.astimezone(UTC).replace(tzinfo=None) for value in values]
    return pd.Series(values, dtype=dtype)


def portal(*entries: Entry) -> Rows:
    """A portal of these rows."""
    rows: Rows = {table: [] for table in SCHEMA}
    for table, row in entries:
        rows[table].append(row)
    return rows


def look(
    *entries: Entry, now: str = "2024-08-31 12:00", hours: float = 0, limits: Limits | None = None
) -> Analysis:
    """What the rules say of these rows at `now` (UTC) in a portal so many hours ahead of UTC."""
    moment, zone = at(now), timezone(timedelta(hours=hours))
    assert moment is not None
    return analyse(base_of(portal(*entries)), moment, zone, limits)


def segments(analysis: Analysis, kind: str, id: int) -> Row:
    """The row of one client, days as text, an absent day as ''."""
    clients = analysis.clients
    found = clients[(clients["kind"] == kind) & (clients["id"] == id)]
    assert len(found) == 1, f"{kind} {id}: {len(found)} rows"
    return {
        name: ("" if pd.isna(value) else f"{value:%Y-%m-%d}") if name.endswith("_day") else value
        for name, value in zip(found.columns, found.iloc[0], strict=True)
    }


def at(text: str | None) -> datetime | None:
    """'2024-03-01' or '2024-03-01 21:30' (UTC) as a moment; None stays None."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def company(
    id: int,
    created: str | None = "2020-01-15",
    has_contact_data: bool = False,
    has_chat: bool = False,
    lead: int = 0,
    by: int = 1,
) -> Entry:
    row = person(created, has_contact_data, has_chat, lead, by)
    return "companies", {"id": id, **row}


def contact(
    id: int,
    company: int = 0,
    created: str | None = "2020-01-15",
    has_contact_data: bool = False,
    has_chat: bool = False,
    lead: int = 0,
    by: int = 1,
) -> Entry:
    row = person(created, has_contact_data, has_chat, lead, by)
    return "contacts", {"id": id, "company": company, **row}


def person(created: str | None, has_contact_data: bool, has_chat: bool, lead: int, by: int) -> Row:
    """What companies and contacts have in common."""
    return {
        "created": at(created),
        "has_contact_data": has_contact_data,
        "has_chat": has_chat,
        "lead": lead,
        "created_by": by,
    }


def link(contact: int, company: int) -> Entry:
    return "links", {"contact": contact, "company": company}


def deal(
    id: int,
    company: int = 0,
    contact: int = 0,
    created: str | None = "2023-01-15",
    won: str | bool = False,
) -> Entry:
    """A deal in work, or won on a day, or won (True) without a closing day."""
    row = {"company": company, "contact": contact, "won": bool(won)}
    closed = at(won) if isinstance(won, str) else None
    return "deals", {"id": id, "created": at(created), **row, "closed": closed}


def invoice(
    id: int,
    company: int = 0,
    contact: int = 0,
    created: str | None = "2023-01-15",
    paid: str | bool = False,
    deal: int = 0,
    kind: int = SMART,
) -> Entry:
    """An open invoice, or paid on a day, or paid (True) on an unknown day."""
    row = {"company": company, "contact": contact, "deal": deal, "paid": bool(paid)}
    paid_at = at(paid) if isinstance(paid, str) else None
    return "invoices", {"id": id, "kind": kind, "created": at(created), **row, "paid_at": paid_at}


def activity(id: int, owner_type: int, owner: int) -> Entry:
    row = {"owner_type": owner_type, "owner": owner}
    return "activities", {"id": id, "created": at("2023-01-15"), **row}


def requisite(id: int, owner_type: int, owner: int) -> Entry:
    row = {"owner_type": owner_type, "owner": owner}
    return "requisites", {"id": id, "created": at("2023-01-15"), **row}


def refusal(action: Callable[[], object]) -> str:
    """The message of the ValueError that the action raises; '' if it raises none."""
    try:
        action()
    except ValueError as error:
        return str(error)
    return ""

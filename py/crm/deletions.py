"""The portal's queue of offline events, read for what was deleted; nothing is ever taken out of it,
since many browsers read the same one (reference §4.6).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crm.answer import Result, mapping
from crm.convert import moment_s, whole_number
from crm.errors import PortalError
from crm.glance import QUEUE
from crm.query import Command
from crm.rows import (
    ACTIVITY,
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    OLD_INVOICE,
    REQUISITE,
    SMART_INVOICE,
)
from crm.tables import PAGE_ROWS

_TYPES = {
    "ONCRMCOMPANYDELETE": COMPANY,
    "ONCRMCONTACTDELETE": CONTACT,
    "ONCRMDEALDELETE": DEAL,
    "ONCRMLEADDELETE": LEAD,
    "ONCRMINVOICEDELETE": OLD_INVOICE,
    "ONCRMACTIVITYDELETE": ACTIVITY,
    "ONCRMREQUISITEDELETE": REQUISITE,
}
_ITEM_DELETED = "ONCRMDYNAMICITEMDELETE"
"""Smart invoices; the type is in the data, or at the end of the name."""

PAGES_AT_ONCE = 100
"""So many pages are asked for before it is seen whether they were full: a count may be wrong."""

Ask = Callable[[Sequence[Command]], Awaitable[list[Result]]]


@dataclass(frozen=True)
class Deletion:
    """An object that is said to have been deleted: its entity type, id, when (unix) and by whom."""

    entity_type: int
    id: int
    at_s: int | None
    by: int


@dataclass(frozen=True)
class Queue:
    """Deletions in the order of events, and the last event that was seen. ``refusal`` says why the
    queue cannot be read; the cursor stays where it was then.
    """

    deletions: list[Deletion]
    cursor: int
    refusal: PortalError | None = None


def command_of(cursor: int, start: int = 0) -> Command:
    """A page of the events after ``cursor``, counted: later pages are told by their starts."""
    params = {"filter": {">ID": cursor}, "order": {"ID": "ASC"}, "start": start}
    return Command.of(QUEUE, params)


async def read_queue(first: Result, cursor: int, ask: Ask, offset_s: int) -> Queue:
    """All deletions after ``cursor``; ``first`` is the result of the first page.

    Raises a PortalError when a later page is refused.
    """
    if first.error is not None:
        return Queue([], cursor, first.error)
    events = _events(first)
    start, total = PAGE_ROWS, first.total or 0
    while start < total and len(events) == start:
        starts = range(start, min(total, start + PAGES_AT_ONCE * PAGE_ROWS), PAGE_ROWS)
        for result in await ask([command_of(cursor, start) for start in starts]):
            result.get()
            events += _events(result)
        start = starts[-1] + PAGE_ROWS
    deletions = [_deletion(event, offset_s) for event in events]
    last = max((whole_number(event.get("ID")) for event in events), default=cursor)
    known = [deletion for deletion in deletions if deletion is not None]
    return Queue(known, max(cursor, last))


def _events(result: Result) -> list[dict[str, Any]]:
    rows = result.value if isinstance(result.value, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _deletion(event: dict[str, Any], offset_s: int) -> Deletion | None:
    name = str(event.get("EVENT_NAME") or "").upper()
    fields = mapping(mapping(event.get("EVENT_DATA")).get("FIELDS"))
    entity_type = _TYPES.get(name, 0)
    if name.startswith(_ITEM_DELETED):
        told = fields.get("ENTITY_TYPE_ID") or name[len(_ITEM_DELETED) :].lstrip("_")
        entity_type = SMART_INVOICE if whole_number(told) == SMART_INVOICE else 0
    number = whole_number(fields.get("ID"))
    if not entity_type or not number:
        return None
    more = {
        str(key).lower(): value for key, value in mapping(event.get("EVENT_ADDITIONAL")).items()
    }
    at_s = moment_s(event.get("TIMESTAMP_X"), offset_s)
    return Deletion(entity_type, number, at_s, whole_number(more.get("user_id")))

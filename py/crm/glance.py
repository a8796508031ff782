"""A glance at a portal: its time, what its rows mean, how far its queue of events has come.

One request, and a second one where it has smart invoices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from crm.answer import Result
from crm.client import Portal
from crm.convert import whole_number
from crm.errors import (
    AccessDenied,
    AnswerUnreadable,
    MethodMissing,
    RequestRefused,
    ScopeMissing,
)
from crm.mark_fields import MarkFields, commands_to_look, read_look
from crm.query import Command
from crm.rows import SMART_INVOICE, Facts

QUEUE = "event.offline.list"


@dataclass(frozen=True)
class Glance:
    """A portal at the moment ``now`` of its own clock. ``cursor`` is the last id in its queue of
    offline events, 0 when it is empty or closed to this person.
    """

    now: datetime
    facts: Facts
    cursor: int = 0

    @property
    def timezone(self) -> timezone:
        """The portal's time zone, as the fixed offset of now."""
        return timezone(timedelta(seconds=self.facts.offset_s))


async def glance(portal: Portal) -> Glance:
    """Look. Raises a PortalError."""
    return await read_glance(portal, await portal.batch(commands_to_glance()))


def commands_to_glance() -> list[Command]:
    """Commands whose results ``read_glance`` takes, for those who ask for more in one request."""
    return [
        Command.of("server.time"),
        Command.of("crm.category.list", {"entityTypeId": SMART_INVOICE}),
        Command.of(QUEUE, {"order": {"ID": "DESC"}}),
        *commands_to_look(),
    ]


async def read_glance(portal: Portal, results: Sequence[Result]) -> Glance:
    """The results of ``commands_to_glance``, in their order; asks for the stages of invoices."""
    now, categories, queue, *marks = results
    moment = _server_time(now)
    offset = moment.utcoffset() or timedelta()
    paid_stages = await _paid_stages(portal, _funnels(categories))
    facts = Facts(int(offset.total_seconds()), paid_stages, _marks(marks))
    return Glance(moment, facts, _last_event(queue))


def _server_time(result: Result) -> datetime:
    text = result.get()
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise AnswerUnreadable(method="server.time", reason="no_time") from error
    if moment.tzinfo is None:
        raise AnswerUnreadable(method="server.time", reason="no_time")
    return moment


def _marks(results: Sequence[Result]) -> MarkFields | None:
    """The fields of marks; None where this person may not know them."""
    try:
        return read_look(results)
    except (AccessDenied, MethodMissing, ScopeMissing):
        return None


def _last_event(result: Result) -> int:
    rows = result.value if result.error is None and isinstance(result.value, list) else []
    return max((whole_number(row.get("ID")) for row in rows if isinstance(row, dict)), default=0)


def _funnels(result: Result) -> list[int]:
    """Ids of the funnels of smart invoices; none where the portal has no such invoices.

    A funnel that was only not told of is none that is gone: all its invoices would be unpaid.
    """
    if isinstance(result.error, (AccessDenied, MethodMissing, RequestRefused, ScopeMissing)):
        return []
    told = result.get()
    rows = told.get("categories") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise AnswerUnreadable(method="crm.category.list", reason="no_rows")
    return [whole_number(row.get("id")) for row in rows if isinstance(row, dict)]


async def _paid_stages(portal: Portal, funnels: Sequence[int]) -> frozenset[str]:
    """Codes of the stages of smart invoices whose semantics is success (reference §4)."""
    commands = [
        Command.of("crm.status.list", {"filter": {"ENTITY_ID": f"SMART_INVOICE_STAGE_{number}"}})
        for number in funnels
    ]
    paid: set[str] = set()
    for result in await portal.batch(commands):
        stages = result.get()
        if not isinstance(stages, list):
            raise AnswerUnreadable(method="crm.status.list", reason="no_rows")
        for stage in stages:
            if isinstance(stage, dict) and _is_success(stage):
                paid.add(str(stage.get("STATUS_ID")))
    return frozenset(paid)


def _is_success(stage: dict[str, Any]) -> bool:
    extra = stage.get("EXTRA")
    return stage.get("SEMANTICS") == "S" or (
        isinstance(extra, dict) and extra.get("SEMANTICS") == "success"
    )

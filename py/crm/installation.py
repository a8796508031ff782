"""Preparing a portal for the app, step by step; each may be made again at any moment and then
writes nothing.

Order: permissions, marks (user fields), the app's storage, the queue of deletions (offline events),
the places in cards, lists and CRM analytics. A step that is refused does not keep the next ones
from being made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm import app_storage, mark_fields
from crm.answer import Result, listed, objects
from crm.client import Portal
from crm.errors import AccessDenied, MethodMissing, PortalError, RequestRefused, ScopeMissing
from crm.mark_fields import MarksRefused
from crm.query import Command

DELETIONS = (
    "ONCRMCOMPANYDELETE",
    "ONCRMCONTACTDELETE",
    "ONCRMDEALDELETE",
    "ONCRMLEADDELETE",
    "ONCRMINVOICEDELETE",
    "ONCRMDYNAMICITEMDELETE",
    "ONCRMACTIVITYDELETE",
    "ONCRMREQUISITEDELETE",
)
_APP = {"ru": "Сегментация клиентов", "en": "Client segmentation"}
_CARD = {"ru": "Сегмент клиента", "en": "Client segment"}
_CARD_QUERY = "?place=card"
"""By it the page knows from its address that it is a card's tab, before the portal has said so."""


@dataclass(frozen=True)
class Spot:
    """One of the app's places; ``query`` is what follows the app's address in it."""

    titles: Mapping[str, str] = field(default_factory=lambda: _APP)
    query: str = ""


PLACEMENTS: Mapping[str, Spot] = {
    "CRM_COMPANY_DETAIL_TAB": Spot(_CARD, _CARD_QUERY),
    "CRM_CONTACT_DETAIL_TAB": Spot(_CARD, _CARD_QUERY),
    "CRM_COMPANY_LIST_TOOLBAR": Spot(),
    "CRM_CONTACT_LIST_TOOLBAR": Spot(),
    "CRM_ANALYTICS_MENU": Spot(),
    "CRM_ANALYTICS_TOOLBAR": Spot(),
}

# Each permission and those that hold it too.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "crm": (),
    "user": ("user_basic", "user_brief"),
    "placement": (),
    "entity": (),
}

_ALREADY_THERE = "already binded"
_REASONS = {
    "ERROR_WRONG_HANDLER_URL": "wrong_handler",
    "ERROR_UNSUPPORTED_PROTOCOL": "wrong_handler",
    "ERROR_PLACEMENT_NOT_FOUND": "placement_missing",
    "ERROR_PLACEMENT_MAX_COUNT": "placement_taken",
}


@dataclass(frozen=True)
class Step:
    """What became of one step.

    ``code``: ``scopes``, ``marks``, ``storage``, ``deletions`` or ``placements``. ``state``:
    ``done`` (written now), ``already`` (nothing was to be done), ``refused``, ``missing_scope``.
    ``reason`` of a refusal: ``no_right``, ``scope``, ``method_missing``,
    ``offline_events_missing``, ``event_missing``, ``wrong_handler``, ``placement_missing``,
    ``placement_taken``, a reason of MarksRefused, or ``portal_refused``. ``params``: ``words`` (the
    portal's own), ``scopes`` (those that are missing), ``written`` (how many things).
    """

    code: str
    state: str
    reason: str = ""
    params: dict[str, Any] = field(default_factory=dict)


async def set_up(portal: Portal, *, handler: str, language: str) -> list[Step]:
    """Prepare the portal; an administrator may. The steps come in that order.

    ``handler``: address of the app's page, without a query. ``language`` (``ru`` or another): of
    new options of the marks. Raises a PortalError when the portal cannot be worked with at all.
    """
    granted = await _granted(portal)
    return [
        _scopes(granted),
        await _step("marks", "crm", granted, lambda: _set_up_marks(portal, language)),
        await _step("storage", "entity", granted, lambda: _set_up_storage(portal)),
        await _step("deletions", "crm", granted, lambda: _bind_deletions(portal)),
        await _step("placements", "placement", granted, lambda: _bind_places(portal, handler)),
    ]


async def _granted(portal: Portal) -> frozenset[str]:
    """The app's permissions; all of them where the portal does not tell: each step will see."""
    try:
        told = listed(await portal.call("scope"))
    except (AccessDenied, MethodMissing, RequestRefused):
        told = []
    return frozenset(str(scope) for scope in told or SCOPES)


def _scopes(granted: frozenset[str]) -> Step:
    missing = [scope for scope in SCOPES if not _has(granted, scope)]
    if missing:
        return Step("scopes", "missing_scope", "scope", {"scopes": missing})
    return Step("scopes", "already")


def _has(granted: frozenset[str], scope: str) -> bool:
    return not granted.isdisjoint((scope, *SCOPES[scope]))


async def _step(
    code: str, scope: str, granted: frozenset[str], work: Callable[[], Awaitable[int]]
) -> Step:
    """Do the ``work``, which returns how many things it has written, and tell what became of it."""
    if not _has(granted, scope):
        return Step(code, "missing_scope", "scope", {"scopes": [scope]})
    try:
        written = await work()
    except ScopeMissing:
        return Step(code, "missing_scope", "scope", {"scopes": [scope]})
    except (AccessDenied, MethodMissing, RequestRefused, MarksRefused, _Lacking) as error:
        return Step(code, "refused", _reason(error), _told(error))
    return Step(code, "done", params={"written": written}) if written else Step(code, "already")


class _Lacking(PortalError):
    """The portal has not what the step needs; ``reason`` names it."""


def _reason(error: PortalError) -> str:
    if isinstance(error, MarksRefused | _Lacking):
        return str(error.params["reason"])
    if isinstance(error, AccessDenied):
        return "no_right"
    if isinstance(error, MethodMissing):
        return "method_missing"
    return _REASONS.get(str(error.params.get("error")), "portal_refused")


def _told(error: PortalError) -> dict[str, Any]:
    names = ("words", "table", "mark", "field")
    return {name: error.params[name] for name in names if error.params.get(name)}


async def _set_up_marks(portal: Portal, language: str) -> int:
    ensured = await mark_fields.ensure(portal, language)
    return sum(step["action"] != "kept" for step in ensured.steps)


async def _set_up_storage(portal: Portal) -> int:
    return int(await app_storage.ensure(portal))


async def _bind_deletions(portal: Portal) -> int:
    """Let the portal queue what is deleted, as far as it has an event for that."""
    known, bound = await _deletions(portal)
    if not known:
        raise _Lacking(reason="event_missing")
    missing = [event for event in known if event not in bound]
    return await _bind(portal, [_offline("event.bind", event) for event in missing])


def _offline(method: str, event: str) -> Command:
    return Command.of(method, {"event": event, "event_type": "offline"})


async def _deletions(portal: Portal) -> tuple[list[str], list[str]]:
    """Which of DELETIONS the portal knows, and which are queued already; _Lacking where it has no
    queue.
    """
    queue, events, handlers = await portal.batch(
        [
            Command.of("method.get", {"name": "event.offline.list"}),
            Command.of("events"),
            Command.of("event.get"),
        ]
    )
    described = queue.get()
    if isinstance(described, dict) and not described.get("isExisting", True):
        raise _Lacking(reason="offline_events_missing")
    known = {str(event).upper() for event in listed(events.get())}
    bound = {
        str(row.get("event")).upper()
        for row in objects(handlers.get())
        if str(row.get("offline")) == "1" and not row.get("connector_id")
    }
    return (
        [event for event in DELETIONS if event in known],
        [event for event in DELETIONS if event in bound],
    )


async def _bind_places(portal: Portal, handler: str) -> int:
    """Put the app into the places that the portal has; a handler of an earlier address of the app
    goes.
    """
    available, bound = await _places(portal)
    wanted = {
        place: handler + PLACEMENTS[place].query for place in PLACEMENTS if place in available
    }
    if not wanted:
        raise _Lacking(reason="placement_missing")
    new = [
        _binding(place, address)
        for place, address in wanted.items()
        if (place, address) not in bound
    ]
    old = [place for place in bound if place[0] in wanted and wanted[place[0]] != place[1]]
    return await _bind(portal, new) + await _unbind(portal, [_unbinding(*place) for place in old])


async def _places(portal: Portal) -> tuple[set[str], list[tuple[str, str]]]:
    """Which places there are for the app, and where it stands with which handler."""
    there, bound = await portal.batch([Command.of("placement.list"), Command.of("placement.get")])
    rows = objects(bound.get())
    return (
        {str(place) for place in listed(there.get())},
        [(str(row.get("placement")), str(row.get("handler"))) for row in rows],
    )


def _binding(place: str, handler: str) -> Command:
    titles = PLACEMENTS[place].titles
    by_language = {language: {"TITLE": title} for language, title in titles.items()}
    return Command.of(
        "placement.bind",
        {"PLACEMENT": place, "HANDLER": handler, "TITLE": titles["en"], "LANG_ALL": by_language},
    )


def _unbinding(place: str, handler: str) -> Command:
    return Command.of("placement.unbind", {"PLACEMENT": place, "HANDLER": handler})


async def _bind(portal: Portal, commands: list[Command]) -> int:
    """Carry out commands that bind something: what is bound already, maybe by an attempt whose
    answer got lost, is fine.
    """
    for bound in await portal.batch(commands):
        if not _is_there(bound):
            bound.get()
    return len(commands)


async def _unbind(portal: Portal, commands: list[Command]) -> int:
    for unbound in await portal.batch(commands):
        unbound.get()
    return len(commands)


def _is_there(bound: Result) -> bool:
    return bound.error is not None and _ALREADY_THERE in str(bound.error.params.get("words"))

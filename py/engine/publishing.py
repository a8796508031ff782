"""Counts, charts and history for everybody in the portal: left in its own app storage by whoever
refreshes, taken from there by whoever may not.

Nothing here fails a refresh: what could not be shared is told beside the charts.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm import app_storage
from crm.client import Portal
from crm.errors import PortalError
from engine.view import is_drawable
from storage.errors import StorageError
from storage.protocol import Store

VIEW, HISTORY = "view", "history"
"""Names in the portal's app storage; ``HISTORY`` is the name of the browser's fact too."""


@dataclass(frozen=True)
class Published:
    """The history as the portal has it: ``history`` is None when it has none. Where it could not be
    asked, ``trouble`` is the code of the error, and what is there must not be written over.
    """

    history: Any = None
    trouble: str | None = None


async def published_history(portal: Portal) -> Published:
    """The history that the portal keeps, whoever wrote it."""
    try:
        return Published(parsed(await app_storage.load(portal, HISTORY)))
    except PortalError as error:
        return Published(trouble=error.code)


async def publish(
    portal: Portal, view: dict[str, Any], history: dict[str, Any], published: Published
) -> dict[str, Any] | None:
    """Leave view and history in the portal's storage; a note when that did not work out.

    ``published`` is what was there when ``history`` was made: where nothing has changed since,
    nothing is written.
    """
    if published.trouble is not None:
        return _not_shared(published.trouble)
    try:
        if history != published.history:
            await app_storage.save(portal, HISTORY, json.dumps(history).encode())
        await app_storage.save(portal, VIEW, json.dumps(view).encode())
    except PortalError as error:
        return _not_shared(error.code)
    return None


async def adopt(portal: Portal, store: Store) -> dict[str, Any] | None:
    """The view that the portal keeps, now in this browser too if there is room; None when it keeps
    none that can be drawn, or nothing that the browser does not have.

    Raises a PortalError when the portal cannot be asked, a StorageError when the browser cannot be
    read.
    """
    view = parsed(await app_storage.load(portal, VIEW))
    if not is_drawable(view):
        return None
    own = parsed(await store.load_view())
    if is_drawable(own) and not _is_news(view, own):
        return None
    view["shared"] = True
    with contextlib.suppress(StorageError):
        await store.save_view(json.dumps(view))
    return dict(view)


async def published_as_of(portal: Portal) -> datetime | None:
    """The moment of the view that the portal keeps; None when it keeps none. Raises a
    PortalError.
    """
    view = parsed(await app_storage.load(portal, VIEW))
    return _moment(view) if is_drawable(view) else None


def _is_news(view: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether a view is younger than the own one, or as young and counted with other limits."""
    if _moment(view) == _moment(own):
        return bool(view.get("limits") != own.get("limits"))
    return _moment(view) > _moment(own)


def _moment(view: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(view["as_of"])


def _not_shared(reason: str) -> dict[str, Any]:
    return {"code": "not_shared", "reason": reason}


def parsed(text: bytes | str | None) -> Any:
    """What a JSON text holds; None when there is none, or none that can be read."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None

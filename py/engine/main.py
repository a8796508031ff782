"""Entry of the worker: the engine's exports, called by the page with JSON texts (protocol 1)."""

import asyncio
import json
from collections.abc import Callable

from pyscript import sync
from pyscript.js_modules import idb

from crm.client import Portal
from engine.browser import BrowserClock, FetchTransport, PageTokens, WorkerPage
from engine.page import PROTOCOL_VERSION, Event
from engine.refresh import Refresh
from engine.session import Session, State
from engine.tabs import Tabs
from storage.browser import BrowserStore
from storage.errors import StorageError
from storage.memory import MemoryStore
from storage.protocol import Store

page = WorkerPage(sync)
clock = BrowserClock()
session: Session | None = None


def _host(origin: str) -> str:
    return origin.split("://", 1)[-1]


async def open(text: str) -> str:
    """Open the cache of one user of one portal; ``text`` holds protocol, portal, user_id, is_admin,
    language.
    """
    global session
    config = json.loads(text)
    if config["protocol"] != PROTOCOL_VERSION:
        raise ValueError(f"protocol {config['protocol']} asked, {PROTOCOL_VERSION} spoken")
    portal, user_id = str(config["portal"]), str(config["user_id"])
    store: Store
    try:
        store = await BrowserStore.open(idb, _host(portal), user_id)
    except StorageError as error:
        page.send({"type": "cache", "unavailable": error.code})
        store = MemoryStore()

    # One for all sittings: it knows how much of the portal's limits is used up.
    client = Portal(FetchTransport(portal), clock, PageTokens(page, clock))

    def new_refresh(send: Callable[[Event], None], running: asyncio.Event) -> Refresh:
        return Refresh(client, store, clock, send, running)

    def hear(event: Event) -> None:
        if session is not None:
            session.hear(event)

    session = Session(
        page,
        store,
        Tabs(f"client-segmentation|{_host(portal)}|{user_id}", hear),
        new_refresh,
        clock.sleep,
        may_refresh=bool(config["is_admin"]),
    )
    return _told(await session.open())


async def refresh() -> str:
    """Start a refresh or go on with one; see ``Session.refresh``."""
    assert session is not None
    return _told(await session.refresh())


async def pause() -> str:
    """Pause the refresh; see ``Session.pause``."""
    assert session is not None
    return _told(await session.pause())


def _told(state: State) -> str:
    return json.dumps(state.event())


__export__ = ["open", "refresh", "pause"]

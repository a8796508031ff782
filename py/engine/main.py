"""Entry of the worker: the engine's exports, called by the page with JSON texts (protocol 2)."""

import json

from pyscript import sync
from pyscript.js_modules import idb

from crm.client import Portal
from engine.browser import BrowserClock, FetchTransport, PageTokens, WorkerPage
from engine.jobs import Workplace
from engine.office import Office
from engine.page import PROTOCOL_VERSION, Event
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
    language, and handler: the address that the portal opens the app by.
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

    def hear(event: Event) -> None:
        if session is not None:
            session.hear(event)

    place = Workplace(
        # One for all sittings: it knows how much of the portal's limits is used up.
        portal=Portal(FetchTransport(portal), clock, PageTokens(page, clock)),
        store=store,
        clock=clock,
        language=str(config["language"]),
        handler=str(config["handler"]),
        lasts=not isinstance(store, MemoryStore),
    )
    session = Session(
        page,
        store,
        Tabs(f"client-segmentation|{_host(portal)}|{user_id}", hear),
        Office(place),
        clock.sleep,
        is_admin=bool(config["is_admin"]),
    )
    return _told(await session.open())


async def refresh(text: str) -> str:
    """Start a refresh or go on with one; ``text`` holds full. See ``Session.refresh``."""
    assert session is not None
    return _told(await session.refresh(full=bool(json.loads(text).get("full"))))


async def pause(text: str) -> str:
    """Pause what runs; ``text`` holds nothing. See ``Session.pause``."""
    assert session is not None
    return _told(await session.pause())


async def marks(text: str) -> str:
    """Do something with the marks; ``text`` holds do and more. See ``Session.marks``."""
    assert session is not None
    return _told(await session.marks(json.loads(text)))


async def set_up(text: str) -> str:
    """Prepare the portal for the app; ``text`` holds nothing. See ``Session.set_up``."""
    assert session is not None
    return _told(await session.set_up())


def _told(state: State) -> str:
    return json.dumps(state.event())


__export__ = ["open", "refresh", "pause", "marks", "set_up"]

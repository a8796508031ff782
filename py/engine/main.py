"""Entry of the worker: the engine's exports, called by the page with JSON texts (protocol 2)."""

import json
from typing import Any

from pyscript import sync
from pyscript.js_modules import idb

from crm.client import Portal
from engine.browser import (
    BrowserClock,
    FetchTransport,
    PageTokens,
    WorkerPage,
    as_object,
    load_package,
)
from engine.jobs import Workplace
from engine.lists import Lists
from engine.office import Office
from engine.page import PROTOCOL_VERSION, Event
from engine.session import Session, State
from engine.tabs import Tabs
from engine.trials import Trials
from storage.browser import BrowserStore
from storage.errors import StorageError
from storage.memory import MemoryStore
from storage.protocol import Store

page = WorkerPage(sync)
clock = BrowserClock()
session: Session | None = None
lists: Lists | None = None
trials: Trials | None = None


def _host(origin: str) -> str:
    return origin.split("://", 1)[-1]


async def open(text: str) -> str:
    """Open the cache of one user of one portal; ``text`` holds protocol, portal, user_id, is_admin,
    language, handler: the address that the portal opens the app by, and looks_only: whether
    questions are all that is going to be asked.
    """
    global session, lists, trials
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
    office = Office(place)
    lists = office.lists(is_admin=bool(config["is_admin"]))
    trials = office.trials()
    works = bool(config["is_admin"]) and not config["looks_only"]
    session = Session(
        page,
        store,
        Tabs(f"client-segmentation|{_host(portal)}|{user_id}", hear),
        office,
        clock.sleep,
        is_admin=works,
    )
    return _told(session.state if config["looks_only"] else await session.open())


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


async def set_limits(text: str) -> str:
    """Put limits of the lifecycle in force; ``text`` holds active_months and dormant_months. See
    ``Session.set_limits``.
    """
    assert session is not None
    return _told(await session.set_limits(json.loads(text)))


async def query(text: str) -> str:
    """A window of a list of clients; ``text`` holds segment, search, filters, sort, from, count.
    See ``Lists.query``.
    """
    assert lists is not None
    return json.dumps(await lists.query(json.loads(text)))


async def client(text: str) -> str:
    """All that is known of a client; ``text`` holds entity and id. See ``Lists.client``."""
    assert lists is not None
    return json.dumps(await lists.client(json.loads(text)))


async def compare(text: str) -> str:
    """Who moved where between two months; ``text`` holds state, before, after. See
    ``Lists.compare``.
    """
    assert lists is not None
    return json.dumps(await lists.compare(json.loads(text)))


async def trial(text: str) -> str:
    """What other limits of the lifecycle would come to; ``text`` holds active_months and
    dormant_months, or nothing for those in force. See ``Trials.trial``.
    """
    assert trials is not None
    return json.dumps(await trials.trial(json.loads(text)))


async def export(text: str) -> Any:
    """A list as a file; ``text`` holds the question and format, name, columns, titles, words. The
    answer has ``text``, the JSON of name and type or of an error, and ``bytes``. See
    ``Lists.export``.
    """
    assert lists is not None
    facts = json.loads(text)
    if facts.get("format") == "xlsx":
        await load_package("xlsxwriter")
    file = await lists.export(facts)
    if isinstance(file, dict):
        return as_object({"text": json.dumps(file), "bytes": b""})
    told = {"name": file.name, "type": file.type}
    return as_object({"text": json.dumps(told), "bytes": file.content})


def _told(state: State) -> str:
    return json.dumps(state.event())


__export__ = [
    "open",
    "refresh",
    "pause",
    "marks",
    "set_up",
    "set_limits",
    "query",
    "client",
    "compare",
    "trial",
    "export",
]

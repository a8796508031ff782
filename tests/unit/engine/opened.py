"""The whole engine of one browser over the emulated portal: opened, ordered about, killed."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import pandas as pd

from crm.client import Portal
from crm.mark_fields import look
from crm.mark_reader import read_marks
from crm.protocols import Answer
from engine.jobs import Workplace
from engine.office import Office
from engine.page import Event
from engine.session import Session
from portal.database import Database
from portal.generator import generate
from portal.state import PortalState
from segmentation.marks import MARKS
from storage.memory import MemoryStore
from unit.crm.virtual_time import EPOCH_S, VirtualClock
from unit.emulated import EmulatedPortal

from .tabs_in_memory import Browser, Tab

HANDLER = "https://app.example.com/index.html"
COMPANY, CONTACT = 4, 3
UPDATE = re.compile(r"^crm\.(company|contact|item)\.update$")


def generated(clients: int, seed: int = 1) -> Database:
    """A believable portal."""
    database = Database.create(None)
    moscow = timezone(timedelta(hours=3))
    generate(database, clients, seed, datetime.fromtimestamp(EPOCH_S, moscow))
    database.build_indexes()
    return database


class Unstoppable(EmulatedPortal):
    """What a portal has begun it ends, whether or not anybody waits for the answer."""

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        work = asyncio.ensure_future(super().post(method, body, timeout_s))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(work)


class MortalStore:
    """A store as one tab reaches it: with the tab, its writes end too."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        if self.dead:
            raise asyncio.CancelledError
        return getattr(self._store, name)


class Opened:
    """One opened application of one person; several may share a browser, a store and a portal."""

    def __init__(
        self,
        state: PortalState,
        store: MemoryStore | None = None,
        browser: Browser | None = None,
        *,
        user: int = 1,
        is_admin: bool = True,
        handler: str = HANDLER,
        lasts: bool = True,
        portal: Unstoppable | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.portal = portal or Unstoppable(state=state, user=user)
        self.memory = store or MemoryStore()
        self.store = MortalStore(self.memory)
        self.tab = Tab(browser or Browser())
        client = self.portal.client()
        clock = client.clock
        place = Workplace(client, self.store, clock, "ru", handler, lasts)
        office = Office(place)
        self.lists = office.lists(is_admin=is_admin)
        self.trials = office.trials()
        self.session = Session(self, self.store, self.tab, office, clock.sleep, is_admin=is_admin)
        self.tab.hear = self.session.hear

    async def get_auth(self, renew: bool) -> dict[str, Any] | None:
        raise AssertionError("the emulated portal is its own source of tokens")

    def send(self, event: Event) -> None:
        self.events.append(event)

    @property
    def marks(self) -> Event:
        """The last event of the marks."""
        return [event for event in self.events if event["type"] == "marks"][-1]

    @property
    def view(self) -> dict[str, Any]:
        """The last view."""
        found: dict[str, Any] = [e["view"] for e in self.events if e["type"] == "view"][-1]
        return found

    @property
    def errors(self) -> list[str]:
        """Codes of the errors that were told."""
        return [str(event["code"]) for event in self.events if event["type"] == "error"]

    async def rests(self, *states: str) -> None:
        """Wait until nothing is done any more, or one of ``states`` is reached."""
        for _ in range(100_000):
            state = self.session.state.state
            if state in (states or ("idle", "error")) and self.session.state.where == "here":
                return
            await asyncio.sleep(1)
        raise AssertionError(f"still {self.session.state}")

    async def refreshed(self) -> None:
        """Refresh and wait for the end."""
        await self.session.refresh()
        await self.rests()

    async def ordered(self, do: str, **more: Any) -> Event:
        """Order something of the marks and wait for the end."""
        await self.session.marks({"do": do, **more})
        await self.rests()
        return self.marks

    async def until_done(self, share: float, done: str = "done") -> None:
        """Wait until so much of the writing is done."""
        for _ in range(100_000):
            told = [event for event in self.events if event["type"] == "marks"]
            if told and told[-1][done] >= share * max(1, told[-1]["total"]) > 0:
                return
            await asyncio.sleep(0.5)
        raise AssertionError("never came so far")

    async def kill(self) -> None:
        """End the tab without a word."""
        self.store.dead = True
        self.tab.close()
        task = self.session._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


def commands(state: PortalState, after: int = 0) -> list[tuple[str, str]]:
    """Every command that has reached the portal after request ``after``: method and query."""
    return [
        (command["method"], command["query"])
        for entry in state.log.after(after)
        for command in entry["commands"]
    ]


def updates(state: PortalState, after: int = 0) -> Counter[tuple[int, int]]:
    """How often each company and contact was updated, by entity type and id."""
    found: Counter[tuple[int, int]] = Counter()
    for method, query in commands(state, after):
        if UPDATE.match(method):
            values = parse_qs(query)
            entity = {"crm.company.update": COMPANY, "crm.contact.update": CONTACT}.get(method)
            found[entity or int(values["entityTypeId"][0]), int(values["id"][0])] += 1
    return found


def last_request(state: PortalState) -> int:
    """Number of the last request."""
    log = state.log.after(0)
    return int(log[-1]["n"]) if log else 0


async def all_marks(state: PortalState) -> pd.DataFrame:
    """What the portal holds of all marks, in order of entity type and id."""
    portal = Portal(*_eyes(state))
    fields = await look(portal)
    parts = []
    for entity, table in ((COMPANY, "companies"), (CONTACT, "contacts")):
        ids = [int(row["ID"]) for row in state.database.query(f"select ID from {table}")]
        parts.append((await read_marks(portal, fields, entity, ids)).assign(entity=entity))
    columns = ["entity", "id", *(f"mark_{mark}" for mark in MARKS)]
    held = pd.concat(parts, ignore_index=True)[columns]
    return held.sort_values(["entity", "id"], ignore_index=True)


def _eyes(state: PortalState) -> tuple[Any, Any, Any]:
    looker = EmulatedPortal(state=state)
    return looker, VirtualClock(), looker


async def write_by_hand(
    state: PortalState, entity: int, number: int, values: dict[str, Any]
) -> None:
    """A person changes fields of a company or contact."""
    method = "crm.company.update" if entity == COMPANY else "crm.contact.update"
    await Portal(*_eyes(state)).call(method, {"id": number, "fields": values})


def ids_of(events: Sequence[dict[str, Any]]) -> list[int]:
    """Ids in samples, conflicts or refusals."""
    return [int(event["id"]) for event in events]

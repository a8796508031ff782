"""Refreshes of an emulated portal, each over a store that outlives it; in virtual time."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pandas as pd

from crm.tables import KEYS, TABLES
from engine.memory import Memory
from engine.page import Event
from engine.refresh import Refresh
from portal.database import Database
from portal.generator import generate
from portal.state import Options, PortalState
from storage.memory import MemoryStore
from storage.records import Run
from unit.crm.virtual_time import EPOCH_S
from unit.emulated import EmulatedPortal, virtual_clock

ZONE = timezone(timedelta(hours=3))
YEARS = 2
CREATED = {
    "companies": "DATE_CREATE",
    "contacts": "DATE_CREATE",
    "deals": "DATE_CREATE",
    "invoices": "createdTime",
    "old_invoices": "DATE_INSERT",
    "activities": "CREATED",
    "requisites": "DATE_CREATE",
}
"""Column of the creation date by table."""


def new_portal(clients: int = 120, seed: int = 1) -> PortalState:
    """The last years of a small believable portal; to be made in a virtual loop."""
    database = Database.create(None)
    generate(database, clients, seed, datetime.fromtimestamp(EPOCH_S, ZONE))
    for table, created in CREATED.items():
        database.connection.execute(
            f'DELETE FROM "{table}" WHERE "{created}" < ?', (EPOCH_S - YEARS * 365 * 86_400,)
        )
    database.build_indexes()
    return PortalState(database, Options(pace="cloud"), virtual_clock(database))


class Sitting:
    """One opening of the app by a person; without a memory of its own it remembers nothing of the
    sittings before.
    """

    def __init__(
        self,
        state: PortalState,
        store: MemoryStore,
        memory: Memory | None = None,
        *,
        full: bool = False,
    ) -> None:
        self.events: list[Event] = []
        self.running = asyncio.Event()
        self.running.set()
        self.emulated = EmulatedPortal(state=state)
        portal = self.emulated.client()
        memory = memory or Memory(store)
        self.refresh = Refresh(
            portal, store, portal.clock, self.events.append, self.running, memory, full=full
        )

    @property
    def views(self) -> list[dict[str, Any]]:
        return [event["view"] for event in self.events if event["type"] == "view"]


async def refreshed(
    state: PortalState,
    store: MemoryStore,
    memory: Memory | None = None,
    *,
    full: bool = False,
) -> Sitting:
    """A sitting that reached its end."""
    sitting = Sitting(state, store, memory, full=full)
    await sitting.refresh.work()
    return sitting


async def killed(state: PortalState, store: MemoryStore, after_s: float) -> bool:
    """A sitting that ends after so many virtual seconds without a word; whether it was still at
    work.
    """
    job = asyncio.ensure_future(Sitting(state, store).refresh.work())
    done, _ = await asyncio.wait([job], timeout=after_s)
    await ended(job)
    return not done


async def ended(job: asyncio.Future[None]) -> None:
    """A sitting is over, whatever it was doing, and what it had under way with it."""
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    await asyncio.sleep(0)


async def killed_with_months(state: PortalState, store: MemoryStore, months: int) -> None:
    """A sitting that ends without a word when so many months are stored."""
    job = asyncio.ensure_future(Sitting(state, store).refresh.work())
    while len(store.months) < months:
        await asyncio.sleep(0.01)
    await ended(job)


def run_of(store: MemoryStore) -> Run:
    assert store.run is not None
    stored = Run.from_json(store.run)
    assert stored is not None
    return stored


def view_of(store: MemoryStore) -> dict[str, Any]:
    assert store.view is not None
    view: dict[str, Any] = json.loads(store.view)
    return view


async def tables_of(store: MemoryStore) -> dict[str, pd.DataFrame]:
    """The base that the store holds, without the dates of change, which tell nothing."""
    held = await Memory(store).held()
    assert held is not None
    return {
        name: held.base.tables[name].drop(columns="modified", errors="ignore") for name in TABLES
    }


async def assert_same_base(one: MemoryStore, other: MemoryStore) -> None:
    """Both stores hold the same tables."""
    left, right = await tables_of(one), await tables_of(other)
    for name in TABLES:
        keys = KEYS[name]
        differing = pd.concat([left[name], right[name]]).drop_duplicates(keep=False)
        assert not len(differing), f"{name}:\n{differing.sort_values(keys)}"

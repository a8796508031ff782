"""What one administrator has counted, for everybody in the portal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from crm import app_storage
from engine.publishing import adopt
from portal.entities import OLD_LISTS
from portal.state import PortalState
from storage.memory import MemoryStore
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal

from .office_life import OfficeLife
from .sittings import new_portal, refreshed, run_of, view_of

DAY_S = 86_400
Story = Callable[[PortalState, MemoryStore], Awaitable[None]]


def told(story: Story) -> None:
    """A story of one portal and the browser of an administrator who has refreshed."""

    async def tell() -> None:
        state = new_portal()
        store = MemoryStore()
        await refreshed(state, store)
        await story(state, store)
        state.database.close()

    run(tell())


def manager_of(state: PortalState) -> EmulatedPortal:
    """Somebody who is no administrator."""
    users = state.database.rows("users", "ACTIVE = 'Y'")
    return EmulatedPortal(
        state=state, user=next(user["ID"] for user in users if not state.is_admin(user["ID"]))
    )


def lists_asked(state: PortalState, after: int) -> list[str]:
    """Methods of the CRM that were asked for after a request."""
    return [
        command["method"]
        for entry in state.log.after(after)
        for command in entry["commands"]
        if command["method"].startswith("crm.")
    ]


def test_a_manager_gets_the_counts_and_charts_of_the_last_refresh_and_asks_for_no_client() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        mine, requests = MemoryStore(), len(state.log.after(0))
        view = await adopt(manager_of(state).client(), mine)
        assert view == view_of(mine) == view_of(store) | {"shared": True}
        assert lists_asked(state, requests) == []

    told(story)


def test_a_view_that_is_here_already_is_not_taken_again() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        mine = MemoryStore()
        client = manager_of(state).client()
        assert await adopt(client, mine) is not None
        assert await adopt(client, mine) is None
        assert await adopt(EmulatedPortal(state=state).client(), store) is None
        assert not view_of(store)["shared"]
        await asyncio.sleep(3600)
        await refreshed(state, store)
        renewed = await adopt(client, mine)
        assert renewed is not None
        assert renewed["as_of"] == view_of(store)["as_of"]

    told(story)


def test_what_is_no_view_is_not_taken() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        admin, mine = EmulatedPortal(state=state).client(), MemoryStore()
        for data in (b"{", b"\xff", b"[]", json.dumps({"version": 99}).encode()):
            await app_storage.save(admin, "view", data)
            assert await adopt(admin, mine) is None
        assert mine.view is None

    told(story)


def test_a_new_browser_knows_the_closed_months_that_another_one_has_seen() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        before = view_of(store)
        await asyncio.sleep(40 * DAY_S)
        old = state.clock.portal_s() - 365 * DAY_S
        life = OfficeLife(state, 1)
        assert life.delete_all_created_before(OLD_LISTS["contact"], old) > 3
        new = MemoryStore()
        await refreshed(state, new)
        closed = len(before["months"]) - 1
        for segment in ("companies", "contacts", "all"):
            series = view_of(new)["modes"]["1"][segment]["series"]
            assert series[:closed] == before["modes"]["1"][segment]["series"][:closed]
        assert view_of(new)["months"][:closed] == before["months"][:closed]

    told(story)


def test_two_browsers_add_to_one_history() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        other = MemoryStore()
        await refreshed(state, other)
        for each in (store, other):
            await asyncio.sleep(40 * DAY_S)
            OfficeLife(state, 1).delete()
            await refreshed(state, each)
        for each in (store, other):
            await refreshed(state, each)
        assert json.loads(store.facts["history"]) == json.loads(other.facts["history"])

    told(story)


def test_a_storage_that_refuses_is_noted_beside_the_charts_and_stops_nothing() -> None:
    async def tell() -> None:
        state = new_portal()
        state.options = replace(state.options, without=frozenset({"entity"}))
        store = MemoryStore()
        sitting = await refreshed(state, store)
        assert run_of(store).state == "complete"
        notes: list[dict[str, Any]] = [
            note for note in view_of(store)["notes"] if note["code"] == "not_shared"
        ]
        assert len(notes) == 1
        assert notes[0]["reason"]
        assert view_of(store) == sitting.views[-1]
        await refreshed(state, store)
        assert [note["code"] for note in view_of(store)["notes"]].count("not_shared") == 1
        state.database.close()

    run(tell())

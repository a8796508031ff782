"""Two administrators, buttons pressed at unlucky moments, storages that are full or hold nonsense,
clocks that jump.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm import app_storage
from crm.changes import Departure
from engine.fills import Fills
from engine.publishing import HISTORY, VIEW, adopt
from portal.state import Options, PortalState
from segmentation.steps import departed, is_sound
from storage.errors import StorageFull
from storage.memory import MemoryStore
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal, virtual_clock

from .opened import Opened, all_marks, generated, last_request, updates
from .sittings import ZONE, Sitting, new_portal, refreshed, run_of
from .test_publishing import manager_of

pytestmark = pytest.mark.thorough

CLIENTS = 80
LATER = datetime(2026, 3, 1, 12, tzinfo=ZONE)


def scene(story: Callable[[PortalState], Awaitable[None]]) -> None:
    async def work() -> None:
        database = generated(CLIENTS)
        await story(PortalState(database, Options(pace="cloud"), virtual_clock(database)))
        database.close()

    run(work())


async def browser(state: PortalState) -> Opened:
    """An administrator who has refreshed and written nothing yet."""
    opened = Opened(state)
    await opened.session.open()
    await opened.refreshed()
    return opened


def test_a_second_administrator_does_not_write_again_what_the_first_one_wrote() -> None:
    async def story(state: PortalState) -> None:
        one, other = await browser(state), await browser(state)
        assert (await one.ordered("write"))["state"] == "done"
        held, after = await all_marks(state), last_request(state)
        assert (await other.ordered("write"))["state"] == "done"
        assert not updates(state, after)
        # Nor is it the second one's to be taken back.
        await other.ordered("undo")
        assert (await all_marks(state)).equals(held)

    scene(story)


def test_two_administrators_writing_at_a_time_share_the_work() -> None:
    async def story(state: PortalState) -> None:
        one, other = await browser(state), await browser(state)
        after = last_request(state)
        await asyncio.gather(one.ordered("write"), other.ordered("write"))
        assert one.marks["state"] == other.marks["state"] == "done"
        counts = updates(state, after)
        assert sum(counts.values()) < 1.7 * len(counts)
        third = await browser(state)
        assert third.marks["state"] == "none"

    scene(story)


@pytest.mark.parametrize("job", ["write", "undo"])
@pytest.mark.parametrize("pressed_after_s", [0.05, 0.5, 1.0])
def test_a_pause_before_the_first_batch_outlives_the_tab(job: str, pressed_after_s: float) -> None:
    async def story(state: PortalState) -> None:
        opened = await browser(state)
        await opened.ordered("write")
        if job == "write":
            await opened.ordered("undo")
        await opened.session.marks({"do": job})
        await asyncio.sleep(pressed_after_s)
        await opened.session.marks({"do": "pause"})
        await asyncio.sleep(30)
        await opened.kill()
        after = last_request(state)
        again = Opened(state, opened.memory)
        await again.session.open()
        await asyncio.sleep(600)
        assert not updates(state, after)
        unfinished = (await Fills.load(opened.memory)).unfinished
        assert unfinished is None or unfinished.state == "paused"

    scene(story)


class FullStore(MemoryStore):
    """Takes nothing more."""

    async def save_view(self, view: str) -> None:
        raise StorageFull("no room")


def test_charts_that_a_full_browser_cannot_keep_are_shown_all_the_same() -> None:
    async def story(state: PortalState) -> None:
        await browser(state)
        manager = Opened(state, FullStore(), user=manager_of(state).user, is_admin=False)
        await manager.session.open()
        await asyncio.sleep(30)
        assert manager.view["shared"]

    scene(story)


@pytest.mark.parametrize(
    "odd",
    [
        {"version": 2, "partial": False},
        {"version": 2, "partial": False, "as_of": "yesterday", "months": [], "modes": {}},
        {"version": 2, "partial": False, "as_of": "2026-01-01T00:00:00", "months": 5, "modes": 5},
        {"version": [], "partial": False},
        [],
        "text",
        "[" * 50_000,
    ],
)
def test_a_shared_view_that_makes_no_sense_is_none(odd: Any) -> None:
    async def story(state: PortalState) -> None:
        portal, store = EmulatedPortal(state=state).client(), MemoryStore()
        text = odd if isinstance(odd, str) and odd.startswith("[") else json.dumps(odd)
        await app_storage.save(portal, VIEW, text.encode())
        assert await adopt(portal, store) is None
        assert store.view is None

    scene(story)


def test_a_base_from_the_future_is_read_anew() -> None:
    async def tell() -> None:
        state = new_portal()
        store = MemoryStore()
        await refreshed(state, store)
        before = run_of(store)
        # The portal's clock was a year ahead at the last refresh and has been put right.
        ahead = datetime.fromisoformat(before.synced_at) + timedelta(days=366)
        held = json.loads(store.run or "")
        store.run = json.dumps(
            held | {name: ahead.isoformat(timespec="seconds") for name in ("synced_at", "as_of")}
        )
        sitting = Sitting(state, store)
        await sitting.refresh.work()
        assert run_of(store).id > before.id
        assert run_of(store).synced_at < ahead.isoformat()
        state.database.close()

    run(tell())


@pytest.mark.parametrize("at_s", [-62_135_610_000, 253_402_300_000, 10**18])
def test_a_departure_at_an_impossible_moment_was_between_two_refreshes(at_s: int) -> None:
    departures = [Departure(4, 7, at_s, 1)]
    (step,) = departed(departures, LATER - timedelta(days=1), LATER, ZONE)
    assert is_sound(step)
    assert step["until"] == LATER.isoformat(timespec="seconds")


class Filling(MemoryStore):
    """Takes so many records of batches, then nothing more until there is room."""

    room = 10**9

    async def put_batch(self, fill: int, number: int, batch: bytes, fill_json: str) -> None:
        if not self.room:
            raise StorageFull("no room")
        self.room -= 1
        await super().put_batch(fill, number, batch, fill_json)


@pytest.mark.parametrize("room", [0, 1, 2, 3, 4, 5, 6])
def test_a_fill_that_meets_a_full_browser_goes_on_when_there_is_room(room: int) -> None:
    async def story(state: PortalState) -> None:
        before = await all_marks(state)
        store = Filling()
        opened = Opened(state, store)
        await opened.session.open()
        await opened.refreshed()
        after = last_request(state)
        store.room = room
        await opened.ordered("write")
        assert opened.errors == ["storage_full"]
        assert opened.marks["state"] == "paused"
        store.room = 10**9
        assert (await opened.ordered("write"))["state"] == "done"
        assert set(updates(state, after).values()) == {1}
        await opened.refreshed()
        assert opened.marks["state"] == "none"
        await opened.ordered("undo")
        held = await all_marks(state)
        columns = ["mark_lifecycle", "mark_payments", "mark_parent"]
        assert held[columns].equals(before[columns])

    scene(story)


def test_months_closed_by_a_clock_that_ran_ahead_are_closed_anew() -> None:
    async def tell() -> None:
        state = new_portal()
        store = MemoryStore()
        await refreshed(state, store)
        history = json.loads(store.facts[HISTORY])
        month, snapshot = history["months"].popitem()
        history["months"] |= {
            month: snapshot | {"taken_at": "2099-01-01T00:00:00+03:00"},
            "2098-12": snapshot | {"taken_at": "2099-01-01T00:00:00+03:00"},
        }
        store.facts[HISTORY] = json.dumps(history)
        await app_storage.save(EmulatedPortal(state=state).client(), HISTORY, b"{}")
        await refreshed(state, store)
        closed = json.loads(store.facts[HISTORY])["months"]
        assert "2098-12" not in closed
        assert closed[month]["taken_at"] < "2099"
        state.database.close()

    run(tell())

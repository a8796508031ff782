"""The refresh over a fake portal and a store in memory: checkpoints, resuming, views."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from crm.errors import PortalError
from engine.page import Event
from engine.refresh import Refresh
from segmentation.types import SCHEMA
from storage.errors import StorageFull
from storage.memory import MemoryStore
from storage.packing import unpack
from storage.records import Run
from unit.crm.fake_portal import FakePortal, Refusal
from unit.crm.reading import portal_of, read_all
from unit.crm.virtual_time import run
from unit.crm.worlds import large

WORLD = large(600, 18, seed=4)


def new_portal() -> FakePortal:
    """The same portal each time, nothing asked of it yet."""
    return WORLD.portal()


def rows_sent(fake: FakePortal) -> int:
    return sum(sum(times.values()) for times in fake.served.values())


class Sitting:
    """One opening of the app: a refresh over a store that outlives it."""

    def __init__(self, fake: FakePortal, store: MemoryStore) -> None:
        self.events: list[Event] = []
        self.running = asyncio.Event()
        self.running.set()
        portal = portal_of(fake)
        self.refresh = Refresh(portal, store, portal.clock, self.events.append, self.running)

    @property
    def views(self) -> list[dict[str, Any]]:
        return [event["view"] for event in self.events if event["type"] == "view"]


def refreshed(fake: FakePortal, store: MemoryStore) -> Sitting:
    async def work() -> Sitting:
        sitting = Sitting(fake, store)
        await sitting.refresh.work()
        return sitting

    return run(work())


def killed(fake: FakePortal, store: MemoryStore, after_s: float) -> bool:
    """A sitting that ends after so many virtual seconds without a word; whether it was still at
    work.
    """

    async def work() -> bool:
        job = asyncio.ensure_future(Sitting(fake, store).refresh.work())
        done, _ = await asyncio.wait([job], timeout=after_s)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        return not done

    return run(work())


def run_of(store: MemoryStore) -> Run:
    assert store.run is not None
    stored = Run.from_json(store.run)
    assert stored is not None
    return stored


def view_of(store: MemoryStore) -> dict[str, Any]:
    assert store.view is not None
    view: dict[str, Any] = json.loads(store.view)
    return view


def test_a_refresh_stores_every_row_that_the_portal_has() -> None:
    fake, store = new_portal(), MemoryStore()
    refreshed(fake, store)
    expected = read_all(new_portal()).tables
    months = [store.months[key] for key in sorted(store.months)]
    for name in SCHEMA:
        stored = pd.concat([unpack(month[name]) for month in months], ignore_index=True)
        pd.testing.assert_frame_equal(stored, expected[name])


def test_the_last_view_is_complete_and_the_one_that_was_sent() -> None:
    store = MemoryStore()
    sitting = refreshed(new_portal(), store)
    assert view_of(store) == sitting.views[-1]
    assert not view_of(store)["partial"]
    counters = {
        mode: {segment: facts["count"] for segment, facts in segments.items()}
        for mode, segments in view_of(store)["modes"].items()
    }
    clients = counters["2"]["all"]
    assert clients > 0
    assert clients == sum(counters["4"].values())
    assert clients == sum(counters["3"].values()) + sum(counters["5"].values())


@pytest.mark.parametrize("seed", range(4))
def test_a_run_killed_again_and_again_ends_as_if_nothing_had_happened(seed: int) -> None:
    chance = random.Random(seed)
    undisturbed = MemoryStore()
    refreshed(new_portal(), undisturbed)
    store = MemoryStore()
    for _ in range(50):
        stored = set(Run.from_json(store.run).done) if store.run else set()  # type: ignore[union-attr]
        fake = new_portal()
        at_work = killed(fake, store, chance.uniform(0.0, 8.0))
        assert stored <= {month for _, month in store.months}
        if not at_work:
            break
    else:
        refreshed(new_portal(), store)
    assert view_of(store)["modes"] == view_of(undisturbed)["modes"]
    assert store.months.keys() == undisturbed.months.keys()


def test_a_stored_month_is_not_asked_for_again() -> None:
    store = MemoryStore()
    refreshed(new_portal(), store)
    complete = run_of(store)
    lost = complete.months[3]
    store.run = replace(
        complete, state="running", done=tuple(m for m in complete.done if m != lost)
    ).to_json()
    whole, fake = new_portal(), new_portal()
    refreshed(whole, MemoryStore())
    refreshed(fake, store)
    assert rows_sent(fake) < rows_sent(whole) / 3
    assert set(Run.from_json(store.run).done) == set(complete.months)  # type: ignore[union-attr]


def test_a_month_that_the_browser_has_lost_is_read_again() -> None:
    undisturbed, store = MemoryStore(), MemoryStore()
    refreshed(new_portal(), undisturbed)
    refreshed(new_portal(), store)
    complete = run_of(store)
    store.run = replace(complete, state="running").to_json()
    del store.months[complete.id, complete.months[5]]
    refreshed(new_portal(), store)
    assert view_of(store)["modes"] == view_of(undisturbed)["modes"]


def test_a_second_refresh_shows_no_half_read_charts_and_drops_the_first_ones_months() -> None:
    store = MemoryStore()
    refreshed(new_portal(), store)
    first = view_of(store)
    again = refreshed(new_portal(), store)
    assert all(not view["partial"] for view in again.views)
    assert view_of(store)["modes"] == first["modes"]
    assert {number for number, _ in store.months} == {2}


def test_an_error_of_the_store_leaves_what_was_stored() -> None:
    class FullStore(MemoryStore):
        async def save_month(self, run: Run, month: str, tables: dict[str, bytes]) -> None:
            if len(self.months) == 4:
                raise StorageFull("quota")
            await super().save_month(run, month, tables)

    store = FullStore()
    with pytest.raises(StorageFull):
        refreshed(new_portal(), store)
    run_ = run_of(store)
    assert len(run_.done) == len(store.months) == 4


def test_a_portal_that_refuses_is_told_and_nothing_is_lost() -> None:
    store = MemoryStore()
    fake = new_portal()
    fake.inner_fault = lambda method, query: (
        Refusal(403, "ACCESS_DENIED") if method == "crm.deal.list" else None
    )
    with pytest.raises(PortalError) as caught:
        refreshed(fake, store)
    assert caught.value.code == "access_denied"


def test_progress_tells_month_counts_and_speed() -> None:
    sitting = refreshed(new_portal(), MemoryStore())
    reports = [event for event in sitting.events if event["type"] == "progress"]
    assert reports[-1]["months_done"] <= reports[-1]["months_total"]
    assert all(len(report["month"]) == 7 for report in reports)
    assert reports[-1]["rows_total"] == sum(reports[-1]["rows"].values()) > 0
    json.dumps(reports)


def test_a_base_that_begins_later_than_before_is_read_from_its_new_first_month_on() -> None:
    undisturbed, store = MemoryStore(), MemoryStore()
    refreshed(new_portal(), undisturbed)
    refreshed(new_portal(), store)
    complete = run_of(store)
    earlier = ("2023-01", *complete.months)
    store.run = replace(complete, state="running", months=earlier, done=earlier[:3]).to_json()
    store.months[complete.id, "2023-01"] = store.months[complete.id, complete.months[1]]
    refreshed(new_portal(), store)
    assert view_of(store)["modes"] == view_of(undisturbed)["modes"]


def test_a_damaged_month_is_read_again() -> None:
    undisturbed, store = MemoryStore(), MemoryStore()
    refreshed(new_portal(), undisturbed)
    refreshed(new_portal(), store)
    complete = run_of(store)
    store.run = replace(complete, state="running").to_json()
    store.months[complete.id, complete.months[2]]["deals"] = b"damaged"
    refreshed(new_portal(), store)
    assert view_of(store)["modes"] == view_of(undisturbed)["modes"]


def test_a_pause_during_the_first_look_is_remembered() -> None:
    async def work() -> str:
        store = MemoryStore()
        sitting = Sitting(new_portal(), store)
        job = asyncio.ensure_future(sitting.refresh.work())
        await asyncio.sleep(0.01)
        sitting.running.clear()
        await asyncio.sleep(30)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        assert store.run is not None
        return store.run

    paused = Run.from_json(run(work()))
    assert paused is not None
    assert paused.state == "paused"
    assert paused.done == ()


def test_a_run_killed_during_the_first_look_is_known_to_be_unfinished() -> None:
    store = MemoryStore()
    assert killed(new_portal(), store, 0.01)
    begun = run_of(store)
    assert begun.state == "running"
    refreshed(new_portal(), store)
    assert not view_of(store)["partial"]

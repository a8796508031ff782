"""The refresh over an emulated portal and a store in memory: checkpoints, resuming, views."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pandas as pd
import pytest

from crm.errors import PortalError
from crm.tables import TABLES
from portal.entities import OLD_LISTS
from portal.state import PortalState
from storage.errors import StorageFull
from storage.memory import MemoryStore
from storage.packing import unpack
from storage.protocol import Packed
from storage.records import Run
from unit.crm.reading import read
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal

from .office_life import OfficeLife
from .sittings import (
    CREATED,
    Sitting,
    assert_same_base,
    ended,
    killed,
    killed_with_months,
    new_portal,
    refreshed,
    run_of,
    view_of,
)

pytestmark = pytest.mark.thorough

Story = Callable[[PortalState, MemoryStore], Awaitable[None]]


def told(story: Story) -> None:
    """A story of one portal and one browser, in virtual time."""

    async def tell() -> None:
        state = new_portal()
        try:
            await story(state, MemoryStore())
        finally:
            state.database.close()

    run(tell())


def rows_of_months(state: PortalState, first: int = 0) -> int:
    """Rows that the portal has sent by date of creation since its request number ``first``."""
    by_creation = [f"%3E%3D{created}" for created in set(CREATED.values())]
    return sum(
        command["rows"]
        for entry in state.log.after(first)
        for command in entry["commands"]
        if any(since in command["query"] for since in by_creation)
    )


def test_a_refresh_stores_every_row_that_the_portal_has() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        expected = (await read(EmulatedPortal(state=state).client())).tables
        months = [store.months[key] for key in sorted(store.months)]
        for name in TABLES:
            stored = pd.concat([unpack(month[name]) for month in months], ignore_index=True)
            pd.testing.assert_frame_equal(stored, expected[name])
        assert run_of(store).changes == ()

    told(story)


def test_the_last_view_is_complete_and_the_one_that_was_sent() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        sitting = await refreshed(state, store)
        view = view_of(store)
        assert view == sitting.views[-1]
        assert not view["partial"]
        assert not view["shared"]
        counters = {
            mode: {segment: facts["count"] for segment, facts in segments.items()}
            for mode, segments in view["modes"].items()
        }
        clients = counters["2"]["all"]
        assert clients > 0
        assert clients == sum(counters["4"].values())
        assert clients == sum(counters["3"].values()) + sum(counters["5"].values())
        assert run_of(store).as_of == run_of(store).synced_at == view["as_of"]

    told(story)


@pytest.mark.parametrize("seed", range(4))
def test_a_run_killed_again_and_again_ends_as_if_nothing_had_happened(seed: int) -> None:
    chance = random.Random(seed)

    async def story(state: PortalState, store: MemoryStore) -> None:
        undisturbed = MemoryStore()
        await refreshed(state, undisturbed)
        for _ in range(20):
            stored = set(run_of(store).done) if store.run else set()
            at_work = await killed(state, store, chance.uniform(0.0, 8.0))
            assert stored <= {month for _, month in store.months}
            if not at_work:
                break
        else:
            await refreshed(state, store)
        assert view_of(store)["modes"] == view_of(undisturbed)["modes"]
        assert store.months.keys() == undisturbed.months.keys()
        await assert_same_base(store, undisturbed)

    told(story)


@pytest.mark.parametrize("seed", range(3))
def test_what_changes_while_a_first_run_goes_on_over_days_is_in_it(seed: int) -> None:
    chance = random.Random(seed)

    async def story(state: PortalState, store: MemoryStore) -> None:
        life = OfficeLife(state, seed)
        for _ in range(4):
            await killed(state, store, chance.uniform(0.3, 4.0))
            life.live(8)
            await asyncio.sleep(chance.choice([10, 3600, 86400, 20 * 86400]))
        await refreshed(state, store)
        at_once = MemoryStore()
        await refreshed(state, at_once)
        await assert_same_base(store, at_once)
        assert view_of(store)["modes"] == view_of(at_once)["modes"]

    told(story)


def test_a_stored_month_is_not_asked_for_again() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        whole, requests = rows_of_months(state), len(state.log.after(0))
        complete = run_of(store)
        lost = complete.months[3]
        store.run = replace(
            complete, state="running", done=tuple(m for m in complete.done if m != lost)
        ).to_json()
        await refreshed(state, store)
        assert 0 < rows_of_months(state, requests) < whole / 5
        assert set(run_of(store).done) == set(complete.months)

    told(story)


def damaged(store: MemoryStore, run: Run, month: str) -> None:
    store.months[run.id, month]["deals"] = b"damaged"


def lost(store: MemoryStore, run: Run, month: str) -> None:
    del store.months[run.id, month]


@pytest.mark.parametrize("harm", [damaged, lost])
@pytest.mark.parametrize("state_of_run", ["running", "complete"])
def test_a_month_that_the_browser_has_lost_is_read_again(
    harm: Callable[[MemoryStore, Run, str], None], state_of_run: str
) -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        undisturbed = MemoryStore()
        await refreshed(state, undisturbed)
        await refreshed(state, store)
        complete = run_of(store)
        if state_of_run == "running":
            store.run = replace(complete, state="running", changes=(), sync=0).to_json()
        harm(store, complete, complete.months[5])
        await refreshed(state, store)
        await assert_same_base(store, undisturbed)
        assert view_of(store)["modes"] == view_of(undisturbed)["modes"]

    told(story)


def test_a_full_refresh_over_a_base_reads_all_anew_and_shows_no_half_read_charts() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        first, history = view_of(store), store.facts["history"]
        requests = len(state.log.after(0))
        whole = rows_of_months(state)
        again = await refreshed(state, store, full=True)
        assert rows_of_months(state, requests) > whole * 0.8
        assert all(not view["partial"] for view in again.views)
        assert view_of(store)["modes"] == first["modes"]
        assert store.facts["history"] == history
        assert {number for number, _ in store.months} == {2}

    told(story)


def test_a_full_refresh_that_is_killed_goes_on_as_such() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        job = asyncio.ensure_future(Sitting(state, store, full=True).refresh.work())
        while run_of(store).id == 1 or len(store.months) < 3:
            await asyncio.sleep(0.01)
        await ended(job)
        assert run_of(store).state == "running"
        assert not view_of(store)["partial"]
        await refreshed(state, store)
        assert run_of(store).id == 2
        assert run_of(store).state == "complete"

    told(story)


def test_a_run_of_an_earlier_version_is_followed_by_a_full_reading() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        first, months = view_of(store), len(store.months)
        store.run = json.dumps(json.loads(store.run or "") | {"tables_version": 1})
        again = await refreshed(state, store)
        assert len(store.months) == months
        assert all(not view["partial"] for view in again.views)
        assert view_of(store)["modes"] == first["modes"]

    told(story)


def test_when_a_stage_comes_to_mean_paid_invoices_are_read_with_that() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        state.database.connection.execute(
            "UPDATE statuses SET SEMANTICS = 'S' "
            "WHERE ENTITY_ID LIKE 'SMART_INVOICE%' AND SEMANTICS = 'F'"
        )
        await refreshed(state, store)
        at_once = MemoryStore()
        await refreshed(state, at_once)
        await assert_same_base(store, at_once)

    told(story)


def test_an_error_of_the_store_leaves_what_was_stored() -> None:
    class FullStore(MemoryStore):
        async def save_month(self, run: Run, month: str, tables: Packed) -> None:
            if len(self.months) == 4:
                raise StorageFull("quota")
            await super().save_month(run, month, tables)

    async def story(state: PortalState, _: MemoryStore) -> None:
        store = FullStore()
        with pytest.raises(StorageFull):
            await refreshed(state, store)
        assert len(run_of(store).done) == len(store.months) == 4

    told(story)


def test_a_portal_that_refuses_is_told_and_nothing_is_lost() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        before = (store.run, dict(store.months), store.view)
        state.faults.set("ACCESS_DENIED=1")
        with pytest.raises(PortalError):
            await refreshed(state, store)
        assert (store.run, dict(store.months), store.view) == before

    told(story)


def test_progress_tells_month_counts_and_speed_and_which_kind_of_run_it_is() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        for kind in ("full", "next"):
            sitting = await refreshed(state, store)
            reports = [event for event in sitting.events if event["type"] == "progress"]
            assert reports
            assert {report["kind"] for report in reports} == {kind}
            assert reports[-1]["months_done"] <= reports[-1]["months_total"]
            assert all(len(report["month"]) == 7 for report in reports)
            assert reports[-1]["rows_total"] == sum(reports[-1]["rows"].values())
            json.dumps(reports)

    told(story)


def test_a_base_that_begins_later_than_before_is_read_from_its_new_first_month_on() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await killed_with_months(state, store, 3)
        begun = run_of(store)
        beginning = 1_300_000_000
        life = OfficeLife(state, 1)
        for name in ("company", "contact"):
            rows = state.database.rows(OLD_LISTS[name].table)
            beginning = max(beginning, min(row["DATE_CREATE"] for row in rows) + 40 * 86_400)
        for name in ("company", "contact"):
            life.delete_all_created_before(OLD_LISTS[name], beginning)
        await refreshed(state, store)
        assert run_of(store).months[0] > begun.months[0]
        at_once = MemoryStore()
        await refreshed(state, at_once)
        await assert_same_base(store, at_once)

    told(story)


def test_a_pause_during_the_first_look_is_remembered() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        sitting = Sitting(state, store)
        job = asyncio.ensure_future(sitting.refresh.work())
        await asyncio.sleep(0.01)
        sitting.running.clear()
        await asyncio.sleep(30)
        await ended(job)
        assert run_of(store).state == "paused"
        assert run_of(store).done == ()

    told(story)


def test_a_pause_is_remembered_while_months_are_read() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        sitting = Sitting(state, store)
        job = asyncio.ensure_future(sitting.refresh.work())
        while not store.months:
            await asyncio.sleep(0.01)
        sitting.running.clear()
        await sitting.refresh.remember_pause()
        assert run_of(store).state == "paused"
        sitting.running.set()
        await sitting.refresh.remember_pause()
        assert run_of(store).state == "running"
        await job
        await sitting.refresh.remember_pause()
        assert run_of(store).state == "complete"

    told(story)


def test_a_run_killed_during_the_first_look_is_known_to_be_unfinished() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        assert await killed(state, store, 0.01)
        assert run_of(store).state == "running"
        await refreshed(state, store)
        assert not view_of(store)["partial"]

    told(story)

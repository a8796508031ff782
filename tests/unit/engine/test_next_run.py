"""Next runs over an emulated portal: what changed is taken in, and nothing else is asked."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from crm.convert import currency_name
from crm.installation import set_up
from engine import next_run
from engine.memory import Memory
from portal.entities import OLD_LISTS
from portal.state import PortalState
from storage.memory import MemoryStore
from storage.protocol import Facts, Packed
from storage.records import Run
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal

from .office_life import OfficeLife
from .sittings import assert_same_base, killed, new_portal, refreshed, run_of, view_of

pytestmark = pytest.mark.thorough

DAY_S = 86_400
Story = Callable[[PortalState, MemoryStore], Awaitable[None]]


def told(story: Story, *, clients: int = 120, events: bool = False, seed: int = 1) -> None:
    """A story of one portal, which may be set up for the app, and one browser, in virtual time."""

    async def tell() -> None:
        state = new_portal(clients, seed)
        store = MemoryStore()
        try:
            if events:
                client = EmulatedPortal(state=state).client()
                await set_up(client, handler="https://apps.example.org/index.html", language="ru")
            await refreshed(state, store)
            await story(state, store)
        finally:
            state.database.close()

    run(tell())


async def assert_as_if_read_at_once(state: PortalState, store: MemoryStore) -> None:
    """A full reading by a browser with the same history comes to the same."""
    at_once = MemoryStore()
    at_once.facts = dict(store.facts)
    await refreshed(state, at_once)
    await assert_same_base(store, at_once)
    view, other = view_of(store), view_of(at_once)
    for facts in ("modes", "months", "through", "steps", "notes"):
        assert view[facts] == other[facts], facts


@pytest.mark.parametrize("events", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_random_edits_taken_in_run_by_run_come_to_what_a_full_reading_finds(
    seed: int, events: bool
) -> None:
    chance = random.Random(seed)

    async def story(state: PortalState, store: MemoryStore) -> None:
        life, memory = OfficeLife(state, seed), Memory(store)
        for _ in range(chance.randint(1, 4)):
            await asyncio.sleep(chance.choice([1, 300, 3600, DAY_S, 40 * DAY_S, 200 * DAY_S]))
            life.live(chance.randint(0, 25))
            await asyncio.sleep(chance.choice([1, 700]))
            await refreshed(state, store, chance.choice([memory, None]))
        await assert_as_if_read_at_once(state, store)

    told(story, events=events, seed=seed)


@pytest.mark.parametrize("seed", range(4))
def test_a_next_run_killed_at_any_moment_is_made_again_from_the_last_one(seed: int) -> None:
    chance = random.Random(seed)

    async def story(state: PortalState, store: MemoryStore) -> None:
        life = OfficeLife(state, seed)
        for _ in range(6):
            life.live(10)
            await asyncio.sleep(chance.choice([30, DAY_S]))
            before = store.run
            if await killed(state, store, chance.uniform(0.0, 2.5)):
                assert run_of(store).state == "complete"
                assert store.run == before or run_of(store).sync > json.loads(before or "")["sync"]
        await refreshed(state, store)
        await assert_as_if_read_at_once(state, store)

    told(story, seed=seed)


def test_where_nothing_has_changed_nothing_is_stored_but_the_moment() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        await refreshed(state, store)
        before, requests = run_of(store), len(state.log.after(0))
        await asyncio.sleep(3600)
        await refreshed(state, store)
        assert run_of(store).changes == before.changes
        assert run_of(store).sync == before.sync + 1
        assert run_of(store).synced_at > before.synced_at
        assert len(state.log.after(requests)) <= 25

    told(story)


def test_new_names_phones_and_amounts_come_with_the_next_run_and_touch_no_client() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        client = EmulatedPortal(state=state).client()
        number = state.database.rows("contacts")[0]["ID"]
        deal = state.database.rows("deals", "IS_RECURRING = 'N'")[0]["ID"]
        phone = [{"VALUE": "+7 900 111-11-11", "VALUE_TYPE": "WORK"}]
        names = {"LAST_NAME": "Ким", "NAME": "Анна", "SECOND_NAME": ""}
        fields = {**names, "PHONE": phone, "ASSIGNED_BY_ID": 2}
        await client.call("crm.contact.update", {"id": number, "fields": fields})
        money = {"OPPORTUNITY": 1250.5, "CURRENCY_ID": "USD"}
        await client.call("crm.deal.update", {"id": deal, "fields": money})
        before = await Memory(store).held()
        await refreshed(state, store)
        held = await Memory(store).held()
        assert held is not None and before is not None
        card = held.base.tables["contact_cards"].set_index("id").loc[number]
        assert (card["name"], card["responsible"]) == ("Ким Анна", 2)
        assert card["phones"].split("\n")[-1] == "+7 900 111-11-11"
        sold = held.base.tables["deals"].set_index("id").loc[deal]
        assert (sold["amount"], currency_name(sold["currency"])) == (1250.5, "USD")
        assert len(store.changes) == 1
        await assert_as_if_read_at_once(state, store)

    told(story)


def test_own_marks_written_come_back_once_and_touch_no_client() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        client = EmulatedPortal(state=state).client()
        row = state.database.rows("companies", "IS_MY_COMPANY = 'N'")[0]
        await client.call(
            "crm.company.update", {"id": row["ID"], "fields": {"UF_CRM_CLB_PAYMENTS": 7}}
        )
        await refreshed(state, store)
        first = run_of(store)
        held = await Memory(store).held()
        assert held is not None
        companies = held.base.tables["companies"].set_index("id")
        assert companies.loc[row["ID"], "mark_payments"] == 7
        await asyncio.sleep(3600)
        await refreshed(state, store)
        assert run_of(store).changes == first.changes
        await assert_as_if_read_at_once(state, store)

    told(story, events=True)


def test_a_field_of_marks_that_was_deleted_is_known_to_be_empty() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        client = EmulatedPortal(state=state).client()
        row = state.database.rows("contacts")[0]
        await client.call(
            "crm.contact.update", {"id": row["ID"], "fields": {"UF_CRM_CLB_PAYMENTS": 7}}
        )
        await refreshed(state, store)
        fields = await client.call(
            "crm.contact.userfield.list", {"filter": {"FIELD_NAME": "UF_CRM_CLB_PAYMENTS"}}
        )
        await client.call("crm.contact.userfield.delete", {"id": fields[0]["ID"]})
        await refreshed(state, store)
        held = await Memory(store).held()
        assert held is not None
        assert set(held.base.tables["contacts"]["mark_payments"]) == {-1}
        await assert_as_if_read_at_once(state, store)

    told(story, events=True)


def test_change_records_are_put_together_when_there_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(next_run, "MOST_CHANGES", 3)

    async def story(state: PortalState, store: MemoryStore) -> None:
        life, memory = OfficeLife(state, 5), Memory(store)
        most = 0
        for _ in range(9):
            life.live(6)
            await asyncio.sleep(3600)
            await refreshed(state, store, memory)
            assert len(run_of(store).changes) == len(store.changes)
            most = max(most, len(store.changes))
        assert most == 3
        await assert_as_if_read_at_once(state, store)

    told(story)


@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_when_a_change_record_is_lost_all_is_read_anew(harm: str) -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        OfficeLife(state, 5).live(10)
        await refreshed(state, store)
        key = next(iter(store.changes))
        if harm == "lost":
            del store.changes[key]
        else:
            store.changes[key] = {"deals": b"damaged"}
        await refreshed(state, store)
        assert run_of(store).id == 2
        await assert_as_if_read_at_once(state, store)

    told(story)


def test_a_bulk_deletion_is_a_step_down_while_closed_months_keep_their_height() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        before = view_of(store)
        old = state.clock.portal_s() - 365 * DAY_S
        await asyncio.sleep(40 * DAY_S)
        life = OfficeLife(state, 1)
        gone = life.delete_all_created_before(OLD_LISTS["contact"], old)
        assert gone > 5
        await refreshed(state, store)
        view = view_of(store)
        last = len(before["months"]) - 1
        contacts = view["modes"]["1"]["contacts"]["series"]
        # The month that was current then has been closed by this refresh, after the deletion.
        assert contacts[:last] == before["modes"]["1"]["contacts"]["series"][:last]
        assert contacts[-1] == before["modes"]["1"]["contacts"]["count"] - gone
        assert contacts[-1] < contacts[last - 1]
        steps = [step for step in view["steps"] if step["code"] == "deleted"]
        assert sum(step["contacts"] for step in steps) == gone
        assert {step["month"] for step in steps} == {view["months"][-1]}
        assert all("ids" not in step for step in view["steps"])
        if steps[0]["by"]:
            assert steps[0]["by_name"]
        await refreshed(state, store)
        assert view_of(store)["steps"] == view["steps"]

    told(story, clients=300, events=True)


def test_the_seal_is_one_transaction() -> None:
    class Failing(MemoryStore):
        broken = False

        async def finish(
            self, run: Run, view: str, *, change: Packed | None = None, facts: Facts | None = None
        ) -> None:
            if self.broken:
                raise OSError("the tab is gone")
            await super().finish(run, view, change=change, facts=facts)

    async def tell() -> None:
        state, store = new_portal(), Failing()
        await refreshed(state, store)
        OfficeLife(state, 2).live(10)
        before = json.dumps([store.run, store.view, store.facts, [*store.changes]], default=str)
        store.broken = True
        with pytest.raises(OSError, match="gone"):
            await refreshed(state, store)
        after = json.dumps([store.run, store.view, store.facts, [*store.changes]], default=str)
        assert after == before
        store.broken = False
        await refreshed(state, store)
        await assert_as_if_read_at_once(state, store)
        state.database.close()

    run(tell())


def test_a_run_is_only_compared_with_the_same_run() -> None:
    async def story(state: PortalState, store: MemoryStore) -> None:
        memory = Memory(store)
        first = await memory.held()
        assert first is not None
        OfficeLife(state, 3).live(10)
        await refreshed(state, store)  # in another tab
        again = await memory.held()
        assert again is not None
        assert again.run == run_of(store)
        assert again.base is not first.base
        assert (await memory.held()) is not None
        assert replace(again.run, sync=first.run.sync) != first.run

    told(story)

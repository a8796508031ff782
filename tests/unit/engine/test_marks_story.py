"""Marks from the first refresh to their removal, over the emulated portal in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pandas as pd
import pytest

from crm.client import Portal
from crm.mark_journal import DONE, DOUBTFUL, GONE, REFUSED
from engine.memory import Memory
from portal.state import Options, PortalState
from unit.crm.virtual_time import VirtualClock, run
from unit.emulated import EmulatedPortal, virtual_clock

from .opened import (
    COMPANY,
    CONTACT,
    Opened,
    all_marks,
    commands,
    generated,
    ids_of,
    last_request,
    updates,
    write_by_hand,
)
from .tabs_in_memory import Browser

pytestmark = pytest.mark.thorough

CLIENTS, MANY = 80, 400
LIFECYCLE = "UF_CRM_CLB_LIFECYCLE"
WRITES = ("update", "add", "set", "delete", "bind")


def portal(clients: int = CLIENTS, **options: Any) -> PortalState:
    """A believable portal that nobody has opened the app in."""
    database = generated(clients)
    return PortalState(database, Options(pace="cloud", **options), virtual_clock(database))


def scene(story: Callable[[PortalState], Awaitable[None]], **options: Any) -> None:
    async def work() -> None:
        await story(portal(**options))

    run(work())


async def filled(state: PortalState, *, automatic: bool = False) -> Opened:
    """An administrator's browser after the first refresh and the first fill."""
    opened = Opened(state)
    await opened.session.open()
    await opened.refreshed()
    assert (await opened.ordered("write", automatic=automatic))["state"] == "done"
    return opened


async def option_of(state: PortalState, entity: int, code: str) -> int:
    """Number of an option of the lifecycle."""
    looker = EmulatedPortal(state=state)
    method = "crm.company" if entity == COMPANY else "crm.contact"
    rows = await Portal(looker, VirtualClock(), looker).call(
        f"{method}.userfield.list", {"filter": {"FIELD_NAME": LIFECYCLE}}
    )
    return next(int(one["ID"]) for one in rows[0]["LIST"] if one["XML_ID"] == code)


def test_the_first_refresh_prepares_the_portal_and_writes_no_marks() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await asyncio.sleep(5)
        assert opened.marks["state"] == "unknown"
        await opened.refreshed()
        steps = [event for event in opened.events if event["type"] == "set_up"][-1]
        assert steps["done"]
        assert {step["state"] for step in steps["steps"]} == {"already", "done"}
        assert not updates(state)
        assert opened.marks["state"] == "preview"
        counts = state.database.count("companies"), state.database.count("contacts")
        own = sum(
            row["IS_MY_COMPANY"] == "Y"
            for row in state.database.query("select IS_MY_COMPANY from companies")
        )
        assert (opened.marks["companies"], opened.marks["contacts"]) == (counts[0] - own, counts[1])
        assert opened.marks["total"] == sum(counts) - own
        assert opened.errors == []

    scene(story)


def test_the_preview_tells_counts_changes_names_and_time() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        told = opened.marks
        assert (
            sum(change["count"] for change in told["fields"]["type"]["changes"])
            == told["fields"]["type"]["count"]
            == told["total"]
        )
        assert len(told["samples"]) == 5
        titles = {
            (COMPANY, row["ID"]): row["TITLE"]
            for row in state.database.query("select ID, TITLE from companies")
        }
        companies = [one for one in told["samples"] if one["entity"] == COMPANY]
        assert companies
        assert [one["name"] for one in companies] == [
            titles[COMPANY, one["id"]] for one in companies
        ]
        assert told["forecast_s"] > 0
        assert not told["forecast_measured"]

    scene(story)


def test_every_entity_is_written_once_and_a_second_run_writes_nothing() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        told = opened.marks
        counted = updates(state)
        assert set(counted.values()) == {1}
        assert counted.total() == told["total"] == told["done"]
        before = last_request(state)
        await opened.refreshed()
        assert opened.marks["state"] == "none"
        assert (await opened.ordered("write"))["state"] == "none"
        assert not updates(state, before)
        assert opened.errors == []

    scene(story)


def test_the_next_forecast_is_made_of_what_was_measured() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        await write_by_hand(
            state,
            CONTACT,
            state.database.query("select min(ID) as ID from contacts")[0]["ID"],
            {LIFECYCLE: ""},
        )
        await opened.refreshed()
        assert opened.marks["forecast_measured"]
        assert opened.marks["forecast_s"] <= 1

    scene(story)


def test_a_preview_at_opening_asks_the_portal_for_its_settings_alone() -> None:
    async def story(state: PortalState) -> None:
        first = Opened(state)
        await first.session.open()
        await first.refreshed()
        before = last_request(state)
        second = Opened(state, first.memory)
        await second.session.open()
        await asyncio.sleep(5)
        assert second.marks["state"] == "preview"
        assert second.marks["fields"] == first.marks["fields"]
        assert [method for method, _ in commands(state, before)] == ["app.option.get"]

    scene(story)


def test_a_persons_change_is_seen_and_put_right() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        as_filled = await all_marks(state)
        victim = int(as_filled.loc[as_filled["entity"] == CONTACT, "id"].iloc[3])
        await write_by_hand(state, CONTACT, victim, {LIFECYCLE: "", "UF_CRM_CLB_PAYMENTS": 77})
        before = last_request(state)
        await opened.refreshed()
        assert opened.marks["total"] == 1
        assert ids_of(opened.marks["samples"]) == [victim]
        assert (await opened.ordered("write"))["state"] == "done"
        assert updates(state, before) == {(CONTACT, victim): 1}
        pd.testing.assert_frame_equal(await all_marks(state), as_filled)

    scene(story)


def test_what_is_allowed_once_is_written_after_each_refresh_until_an_undo() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state, automatic=True)
        as_filled = await all_marks(state)
        victim = int(as_filled.loc[as_filled["entity"] == COMPANY, "id"].iloc[3])
        await write_by_hand(state, COMPANY, victim, {LIFECYCLE: ""})
        before = last_request(state)
        await opened.refreshed()
        assert opened.marks["state"] == "done"
        assert opened.marks["automatic"]
        assert updates(state, before) == {(COMPANY, victim): 1}
        pd.testing.assert_frame_equal(await all_marks(state), as_filled)
        assert not (await opened.ordered("undo"))["automatic"]
        before = last_request(state)
        await opened.refreshed()
        assert opened.marks["state"] == "preview"
        assert not updates(state, before)

    scene(story)


def test_a_fill_is_taken_back_and_conflicts_are_listed() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        before_fill = await all_marks(state)
        await opened.ordered("write", automatic=False)
        as_filled = await all_marks(state)
        written = (as_filled["entity"] == COMPANY) & (as_filled["mark_type"] >= 0)
        company = int(as_filled.loc[written, "id"].iloc[0])
        await write_by_hand(state, COMPANY, company, {"UF_CRM_CLB_PAYMENTS": 4321})
        told = await opened.ordered("undo", id=opened.marks["undoable"]["id"])
        assert told["state"] == "undone"
        assert told["conflicts_total"] == 1
        (conflict,) = told["conflicts"]
        assert (conflict["entity"], conflict["id"]) == (COMPANY, company)
        assert (conflict["mark"], conflict["found"]) == ("payments", 4321)
        after = await all_marks(state)
        kept = (after["entity"] == COMPANY) & (after["id"] == company)
        assert after.loc[kept, "mark_payments"].tolist() == [4321]
        after.loc[kept, "mark_payments"] = -1
        pd.testing.assert_frame_equal(without_booleans(after), without_booleans(before_fill))
        assert told["undoable"] is None
        assert opened.errors == []

    scene(story)


def without_booleans(held: pd.DataFrame) -> pd.DataFrame:
    """A portal's boolean, once written, has no empty value; it goes back to no."""
    both = held[["mark_dialogs", "mark_contacts"]].replace(-1, 0)
    return held.assign(**{name: both[name] for name in both})


def test_somebody_deleted_meanwhile_is_gone_and_no_error() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        await opened.refreshed()  # the base then knows the fields, and is not read again to write
        looker = EmulatedPortal(state=state)
        number = state.database.query("select max(ID) as ID from contacts")[0]["ID"]
        await Portal(looker, VirtualClock(), looker).call("crm.contact.delete", {"id": number})
        told = await opened.ordered("write")
        assert (told["state"], told["gone"]) == ("done", 1)
        assert told["done"] == told["total"] - 1
        assert opened.errors == []

    scene(story)


def test_removal_leaves_no_field_and_a_later_fill_writes_all_again() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state, automatic=True)
        total = opened.marks["total"]
        told = await opened.ordered("remove")
        assert (told["state"], told["undoable"], told["automatic"]) == ("removed", None, False)
        looker = EmulatedPortal(state=state)
        rows = await Portal(looker, VirtualClock(), looker).call("crm.company.userfield.list")
        assert [row for row in rows if row["FIELD_NAME"].startswith("UF_CRM_CLB_")] == []
        assert not opened.memory.journal
        await opened.refreshed()
        assert (opened.marks["state"], opened.marks["total"]) == ("preview", total)
        assert (await opened.ordered("write"))["done"] == total

    scene(story)


def test_a_portal_that_refuses_the_fields_says_why_and_is_read_all_the_same() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        assert not opened.view["partial"]
        assert opened.marks["state"] == "preview"
        told = await opened.ordered("write")
        assert told["state"] == "refused"
        assert told["reason"]
        assert not updates(state)
        assert opened.errors == []
        assert opened.session.state.state == "idle"

    scene(story, without=frozenset({"userfields"}))


def test_fields_are_shown_in_the_card_only_where_people_made_a_layout() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        state_before = opened.marks["state"]
        told = await opened.ordered("show_in_card")
        assert (told["reason"], told["state"]) == ("no_layout", state_before)

    scene(story)


def test_a_prepared_portal_is_not_prepared_again() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        before = last_request(state)
        await opened.refreshed()
        asked = {method for method, _ in commands(state, before)}
        assert not {method for method in asked if method.startswith(("placement", "event.bind"))}
        await opened.session.set_up()
        await opened.rests()
        steps = [event for event in opened.events if event["type"] == "set_up"][-1]["steps"]
        assert {step["state"] for step in steps} == {"already"}

    scene(story)


def test_a_paused_fill_stays_paused_until_somebody_goes_on() -> None:
    async def story(state: PortalState) -> None:
        first = Opened(state)
        await first.session.open()
        await first.refreshed()
        await first.session.marks({"do": "write", "automatic": False})
        await first.until_done(0.2)
        assert (await first.session.marks({"do": "pause"})).state == "paused"
        await asyncio.sleep(60)
        assert first.marks["state"] == "paused"
        sent = updates(state).total()
        await asyncio.sleep(600)
        assert updates(state).total() == sent < first.marks["total"]
        await first.kill()
        second = Opened(state, first.memory)
        opened = await second.session.open()
        assert (opened.state, opened.job) == ("paused", "marks")
        await asyncio.sleep(60)
        assert (second.marks["state"], second.marks["done"]) == ("paused", first.marks["done"])
        assert updates(state).total() == sent
        told = await second.ordered("write")
        assert (told["state"], told["done"]) == ("done", told["total"])
        assert set(updates(state).values()) == {1}

    scene(story, clients=MANY)


def test_a_paused_fill_is_taken_back() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        before_fill = await all_marks(state)
        await opened.session.marks({"do": "write", "automatic": False})
        await opened.until_done(0.3)
        await opened.session.pause()
        told = await opened.ordered("undo")
        assert (told["state"], told["conflicts_total"]) == ("undone", 0)
        await asyncio.sleep(120)
        after = await all_marks(state)
        pd.testing.assert_frame_equal(without_booleans(after), without_booleans(before_fill))

    scene(story, clients=MANY)


def test_another_tab_watches_the_writing_and_takes_it_over() -> None:
    async def story(state: PortalState) -> None:
        browser = Browser()
        first = Opened(state, browser=browser)
        second = Opened(state, first.memory, browser)
        await first.session.open()
        await second.session.open()
        await first.refreshed()
        await first.session.marks({"do": "write", "automatic": False})
        await first.until_done(0.2)
        assert (second.session.state.where, second.session.state.job) == ("other_tab", "marks")
        assert second.marks == first.marks
        await first.kill()
        await second.rests()
        await second.rests("idle")
        assert second.marks["state"] == "done"
        assert second.marks["done"] == second.marks["total"]
        assert max(updates(state).values()) <= 2

    scene(story, clients=MANY)


def test_who_is_not_an_administrator_asks_nothing_of_the_crm() -> None:
    async def story(state: PortalState) -> None:
        admin = await filled(state)
        before = last_request(state)
        manager = Opened(state, user=3, is_admin=False)
        await manager.session.open()
        await asyncio.sleep(30)
        assert manager.view["shared"]
        assert manager.view["modes"] == admin.view["modes"]
        assert manager.session.state.as_of == admin.view["as_of"]
        await manager.session.refresh()
        for order in ("preview", "write", "undo", "remove", "show_in_card", "automatic"):
            await manager.session.marks({"do": order, "automatic": True})
        await manager.session.set_up()
        await asyncio.sleep(30)
        assert manager.errors == ["not_administrator"] * 8
        asked = {method for method, _ in commands(state, before)}
        assert asked
        assert {method for method in asked if not method.startswith("entity.")} == set()
        assert not {method for method in asked if method.rsplit(".", 1)[1] in WRITES}

    scene(story)


def test_before_an_administrator_has_begun_others_are_told_so() -> None:
    async def story(state: PortalState) -> None:
        manager = Opened(state, user=3, is_admin=False)
        await manager.session.open()
        await asyncio.sleep(30)
        assert manager.errors == ["not_set_up"]

    scene(story)


def test_a_new_browser_of_an_administrator_shows_the_shared_charts_at_once() -> None:
    async def story(state: PortalState) -> None:
        first = await filled(state)
        second = Opened(state)
        await second.session.open()
        await asyncio.sleep(30)
        assert second.view["shared"]
        assert second.view["modes"] == first.view["modes"]
        assert second.marks["state"] == "unknown"

    scene(story)


def test_what_the_base_knows_already_is_not_taken_from_the_journal() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        snapshot = await Memory(opened.memory).snapshot()
        assert snapshot is not None
        every = snapshot.differences(pd.DataFrame())
        run, sync = snapshot.version
        journal = every.head(5).assign(
            state=[DONE, DONE, REFUSED, GONE, DOUBTFUL], run=run, sync=[sync, sync - 1, 0, 0, 0]
        )
        left = snapshot.differences(journal)
        assert len(left) == len(every) - 4
        assert left.iloc[0]["id"] == every.iloc[1]["id"], "written before this base was read"

    scene(story)


def test_nothing_is_written_to_a_portal_before_the_charts_are_complete() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.session.refresh()
        while not [event for event in opened.events if event["type"] == "view"]:
            assert not writings(state)
            await asyncio.sleep(0.2)
        await opened.rests()
        assert {method for method, _ in writings(state)} >= {"crm.company.userfield.add"}

    scene(story)


def writings(state: PortalState) -> list[tuple[str, str]]:
    """Commands that change something in the CRM or bind something to it."""
    verbs = ("add", "update", "delete", "bind", "set")
    return [
        (method, query)
        for method, query in commands(state)
        if method.rpartition(".")[2] in verbs and not method.startswith("entity.")
    ]


def test_a_portal_whose_preparation_was_cut_short_is_prepared_by_the_next_refresh() -> None:
    async def story(state: PortalState) -> None:
        first = Opened(state)
        await first.session.open()
        await first.session.refresh()
        while not [event for event in first.events if event["type"] == "set_up"]:
            await asyncio.sleep(0.1)
        await first.kill()
        second = Opened(state, first.memory)
        await second.session.open()
        assert not second.view["partial"]
        await second.refreshed()
        steps = [event for event in second.events if event["type"] == "set_up"][-1]["steps"]
        assert {step["state"] for step in steps} <= {"done", "already"}
        assert second.marks["state"] == "preview"

    scene(story)


def test_an_app_at_another_address_is_bound_anew() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        await opened.refreshed()
        moved = Opened(state, opened.memory, handler="https://elsewhere.example.com/index.html")
        await moved.session.open()
        await moved.refreshed()
        steps = [event for event in moved.events if event["type"] == "set_up"][-1]["steps"]
        assert [step["code"] for step in steps if step["state"] == "done"] == ["placements"]

    scene(story)


def test_nothing_is_written_where_the_browser_keeps_no_journal() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state, lasts=False)
        await opened.session.open()
        await opened.refreshed()
        told = await opened.ordered("write")
        assert (told["state"], told["reason"]) == ("refused", "no_storage")
        assert not updates(state)

    scene(story)

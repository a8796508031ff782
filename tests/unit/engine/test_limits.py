"""Limits of the lifecycle as a setting of the portal: tried, put in force, found by everybody."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.client import Portal
from engine.lifecycle_limits import OPTION, limits_of, with_limits
from portal.state import Options, PortalState
from storage.records import Run
from unit.crm.virtual_time import VirtualClock, run
from unit.emulated import EmulatedPortal, virtual_clock

from .office_life import OfficeLife
from .opened import Opened, all_marks, commands, generated, last_request, updates
from .sittings import view_of
from .tabs_in_memory import Browser

pytestmark = pytest.mark.thorough

DAY_S = 86_400
SHORT = {"active_months": 2, "dormant_months": 5}
USUAL = {"active_months": 6, "dormant_months": 18}
READING = ("crm.company.list", "crm.contact.list", "crm.deal.list", "crm.item.list")
Story = Callable[[PortalState], Awaitable[None]]


def scene(story: Story, **options: Any) -> None:
    """A story of a believable portal, in virtual time."""

    async def work() -> None:
        database = generated(120)
        state = PortalState(database, Options(pace="cloud", **options), virtual_clock(database))
        await story(state)
        database.close()

    run(work())


async def filled(state: PortalState) -> Opened:
    """An administrator's browser after the first refresh."""
    opened = Opened(state)
    await opened.session.open()
    await opened.refreshed()
    return opened


async def set_limits(opened: Opened, limits: dict[str, int]) -> None:
    await opened.session.set_limits(limits)
    await opened.rests()


async def set_option(state: PortalState, value: Any) -> None:
    looker = EmulatedPortal(state=state)
    portal = Portal(looker, VirtualClock(), looker)
    await portal.call("app.option.set", {"options": {OPTION: value}})


def lifecycle(view: dict[str, Any]) -> dict[str, int]:
    stages = view["modes"]["3"] | view["modes"]["5"]
    return {code: segment["count"] for code, segment in stages.items()}


def counted(view: dict[str, Any]) -> dict[str, Any]:
    """What of a view does not depend on the moment."""
    return {name: view[name] for name in ("months", "limits", "modes", "steps", "notes")}


def test_limits_put_in_force_count_as_a_refresh_with_them_does() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        before = opened.view
        assert before["limits"] == USUAL
        requests = last_request(state)
        await set_limits(opened, SHORT)
        assert opened.errors == []
        asked = {method for method, _ in commands(state, requests)}
        assert not asked & {"crm.deal.list", "crm.item.list", "crm.activity.list"}
        view = opened.view
        assert (view["limits"], view["as_of"]) == (SHORT, before["as_of"])
        assert view["modes"]["3"] != before["modes"]["3"]
        assert all(view["modes"][mode] == before["modes"][mode] for mode in "1245")
        assert view == view_of(opened.memory)
        at_once = Opened(state)
        await at_once.session.open()
        await at_once.refreshed()
        assert counted(at_once.view) == counted(view)

    scene(story)


def test_the_marks_that_would_change_are_told_and_written_as_after_a_refresh() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        await opened.ordered("write")
        written = await all_marks(state)
        tried = await opened.trials.trial(SHORT)
        before = last_request(state)
        await set_limits(opened, SHORT)
        assert opened.marks["state"] == "preview"
        assert opened.marks["total"] == tried["cards"] > 0
        changing = {name for name, told in opened.marks["fields"].items() if told["count"]}
        assert changing == {"lifecycle"}
        assert not updates(state, before)
        await opened.ordered("write")
        assert len(updates(state, before)) == tried["cards"]
        differing = (await all_marks(state))["mark_lifecycle"] != written["mark_lifecycle"]
        assert differing.sum() == tried["cards"]
        await set_limits(opened, USUAL)
        await opened.ordered("write")
        assert (await all_marks(state)).equals(written)

    scene(story)


def test_marks_are_written_without_a_question_where_a_person_has_allowed_it() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        await opened.ordered("write", automatic=True)
        before = last_request(state)
        cards = (await opened.trials.trial(SHORT))["cards"]
        await set_limits(opened, SHORT)
        assert opened.marks["state"] == "done"
        assert len(updates(state, before)) == cards

    scene(story)


def test_the_limits_before_bring_all_back() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        before = opened.view
        await set_limits(opened, SHORT)
        await set_limits(opened, USUAL)
        assert opened.view == before

    scene(story)


def test_a_trial_says_what_putting_in_force_comes_to_and_changes_nothing() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        # Some months get closed, and some of those who were counted are deleted.
        await asyncio.sleep(70 * DAY_S)
        life = OfficeLife(state, 3)
        life.live(10)
        for _ in range(12):
            life.delete()
        await opened.refreshed()
        stored, requests = opened.memory.run, last_request(state)
        now = await opened.trials.trial({})
        assert (now["active_months"], now["dormant_months"]) == (6, 18)
        assert now["lifecycle"] == now["in_force"]["lifecycle"] == lifecycle(opened.view)
        assert now["months"] == opened.view["months"]
        assert (now["moves"], now["cards"]) == ([], 0)
        tried = await opened.trials.trial(SHORT)
        assert tried["in_force"] == now["in_force"]
        assert sum(tried["lifecycle"].values()) == sum(now["lifecycle"].values())
        assert (opened.memory.run, last_request(state)) == (stored, requests)
        await set_limits(opened, SHORT)
        view = opened.view
        assert tried["lifecycle"] == lifecycle(view)
        assert tried["months"] == view["months"]
        assert tried["growth"] == {
            code: segment["series"] for code, segment in view["modes"]["3"].items()
        }
        again = await opened.trials.trial({})
        assert again["in_force"] == SHORT | {"lifecycle": lifecycle(view)}

    scene(story)


def test_what_are_no_limits_is_refused_by_a_trial_and_by_the_job() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        stored = opened.memory.run
        for wrong in (
            {"active_months": 6},
            {"active_months": 6, "dormant_months": 6},
            {"active_months": 6.5, "dormant_months": 18},
            {"active_months": 0, "dormant_months": 10**12},
            {"active_months": "6", "dormant_months": None},
        ):
            assert (await opened.trials.trial(wrong))["error"]["code"] == "bad_query"
            await opened.session.set_limits(wrong)
            await opened.rests()
            assert opened.errors[-1] == "engine_failed"
        assert state.app.options().get(OPTION) is None
        assert opened.memory.run == stored

    scene(story)


def test_without_a_base_there_is_nothing_to_try() -> None:
    async def story(state: PortalState) -> None:
        opened = Opened(state)
        await opened.session.open()
        assert (await opened.trials.trial({}))["error"]["code"] == "no_base"
        await asyncio.sleep(5)

    scene(story)


def test_another_browser_takes_the_limits_over_when_it_is_opened() -> None:
    async def story(state: PortalState) -> None:
        other = await filled(state)
        await other.kill()
        await asyncio.sleep(60)
        opened = await filled(state)
        await set_limits(opened, SHORT)
        again = Opened(state, other.memory)
        await again.session.open()
        await asyncio.sleep(5)
        await again.rests()
        assert again.view["limits"] == SHORT
        assert again.view["as_of"] < opened.view["as_of"]
        assert lifecycle(again.view) == lifecycle(opened.view)
        assert again.errors == []
        shared = Opened(state, user=_somebody(state), is_admin=False)
        await shared.session.open()
        await asyncio.sleep(5)
        assert shared.view["as_of"] == opened.view["as_of"], "the younger base stays shared"

    scene(story)


def test_a_refresh_takes_over_what_was_set_elsewhere_meanwhile() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        await set_option(state, json.dumps(SHORT))
        await opened.refreshed()
        assert opened.view["limits"] == SHORT
        await opened.kill()
        again = Opened(state, opened.memory)
        await again.session.open()
        assert (await again.trials.trial({}))["active_months"] == 2

    scene(story)


def test_everybody_gets_the_new_counts_though_the_moment_is_the_same() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        reader = Opened(state, user=_somebody(state), is_admin=False)
        await reader.session.open()
        await asyncio.sleep(5)
        assert reader.view == opened.view | {"shared": True}
        await set_limits(opened, SHORT)
        later = Opened(state, reader.memory, user=_somebody(state), is_admin=False)
        await later.session.open()
        await asyncio.sleep(5)
        assert later.view == opened.view | {"shared": True}

    scene(story)


def test_where_a_younger_base_is_shared_a_refresh_follows() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        await asyncio.sleep(3600)
        younger = await filled(state)
        await set_limits(opened, SHORT)
        assert opened.view["as_of"] > younger.view["as_of"]
        assert opened.view["limits"] == SHORT

    scene(story)


def test_other_tabs_of_the_browser_follow() -> None:
    async def story(state: PortalState) -> None:
        browser = Browser()
        one = Opened(state, browser=browser)
        await one.session.open()
        await one.refreshed()
        other = Opened(state, one.memory, browser)
        await other.session.open()
        await other.lists.query({"segment": {"mode": 3, "code": "lost", "month": None}})
        await set_limits(one, SHORT)
        await asyncio.sleep(5)
        assert other.view == one.view
        found = await other.lists.query({"segment": {"mode": 3, "code": "lost", "month": None}})
        assert found["of"] == lifecycle(one.view)["lost"]
        assert (await other.trials.trial({}))["active_months"] == 2

    scene(story)


@pytest.mark.parametrize("seed", range(6))
def test_a_tab_killed_while_limits_are_set_leaves_the_old_or_the_new_ones(seed: int) -> None:
    chance = random.Random(seed)

    async def story(state: PortalState) -> None:
        opened = await filled(state)
        before = lifecycle(opened.view)
        expected = (await opened.trials.trial(SHORT))["lifecycle"]
        await opened.session.set_limits(SHORT)
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        await opened.kill()
        again = Opened(state, opened.memory)
        await again.session.open()
        await asyncio.sleep(5)
        await again.rests()
        is_set = state.app.options().get(OPTION) is not None
        assert lifecycle(again.view) == (expected if is_set else before)
        assert again.errors == []
        reader = Opened(state, user=_somebody(state), is_admin=False)
        await reader.session.open()
        await asyncio.sleep(5)
        assert counted(reader.view) == counted(again.view)

    scene(story)


def test_an_interrupted_first_reading_counts_with_the_limits_in_force() -> None:
    async def story(state: PortalState) -> None:
        await set_option(state, json.dumps(SHORT))
        opened = Opened(state)
        await opened.session.open()
        await opened.session.refresh()
        while not any(event["type"] == "view" for event in opened.events):
            await asyncio.sleep(0.1)
        assert opened.view["partial"]
        assert opened.view["limits"] == SHORT
        await opened.kill()
        again = Opened(state, opened.memory)
        await again.session.open()
        await again.rests()
        assert again.view["limits"] == SHORT
        assert not again.view["partial"]

    scene(story)


@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        "[6, 18]",
        "{}",
        "null",
        '{"active_months": 18, "dormant_months": 6}',
        '{"active_months": true, "dormant_months": 18}',
        '{"active_months": 1, "dormant_months": 1000000000000}',
        '{"active_months": "6", "dormant_months": "18"}',
        "[" * 100_000,
        {"active_months": "6"},
    ],
)
def test_a_setting_that_is_no_limits_counts_as_none_and_is_noted(value: Any) -> None:
    async def story(state: PortalState) -> None:
        await set_option(state, value)
        opened = await filled(state)
        assert opened.view["limits"] == USUAL
        assert {"code": "limits_unreadable"} in opened.view["notes"]
        await set_limits(opened, SHORT)
        assert opened.view["limits"] == SHORT
        assert {"code": "limits_unreadable"} not in opened.view["notes"]

    scene(story)


@pytest.mark.parametrize(
    ("kept", "expected"), [((), (6, 18)), ((3, 9), (3, 9)), ((9, 3), (6, 18)), ((3,), (3, 18))]
)
def test_a_run_counts_with_the_limits_it_keeps_if_they_are_any(
    kept: tuple[int, ...], expected: tuple[int, int]
) -> None:
    run = Run(id=1, started_at="", as_of="", months=(), limits=kept)
    assert with_limits(limits_of(run)) == expected


def test_a_portal_without_a_storage_of_the_app_keeps_limits_too() -> None:
    async def story(state: PortalState) -> None:
        state.options = replace(state.options, without=frozenset({"entity"}))
        opened = await filled(state)
        await set_limits(opened, SHORT)
        assert opened.view["limits"] == SHORT
        assert opened.errors == []
        assert [note["code"] for note in opened.view["notes"]].count("not_shared") == 1
        other = await filled(state)
        assert other.view["limits"] == SHORT

    scene(story)


def test_a_portal_that_refuses_the_setting_keeps_the_counts_as_they_are() -> None:
    async def story(state: PortalState) -> None:
        opened = await filled(state)
        before = opened.view
        opened.portal.user = _somebody(state)
        opened.portal._session = state.sessions.open(opened.portal.user)
        await set_limits(opened, SHORT)
        assert opened.errors == ["access_denied"]
        assert opened.view == before == view_of(opened.memory)

    scene(story)


def _somebody(state: PortalState) -> int:
    """A person who is no administrator."""
    users = state.database.rows("users", "ACTIVE = 'Y'")
    return int(next(user["ID"] for user in users if not state.is_admin(user["ID"])))

"""What an administrator is told while a portal is prepared."""

from __future__ import annotations

from typing import Any

import pytest

from crm.installation import SCOPES
from ui.set_up import STEPS, TROUBLES, SetUp, step_lines, step_state, step_title
from unit.ui.words import LANGUAGES, texts_of

TEXTS = texts_of()
REASONS = (
    "no_right",
    "method_missing",
    "offline_events_missing",
    "event_missing",
    "wrong_handler",
    "placement_missing",
    "placement_taken",
    "portal_refused",
    "plan",
    "scope",
    "field_of_other_type",
)


def step(code: str, state: str = "done", reason: str = "", **params: Any) -> dict[str, Any]:
    return {"code": code, "state": state, "reason": reason, "params": params}


def set_up(*steps: dict[str, Any]) -> SetUp:
    return SetUp({"type": "set_up", "steps": list(steps), "done": True})


def test_before_it_begins_all_steps_are_ahead() -> None:
    ahead = SetUp()
    assert [one["code"] for one in ahead.steps] == list(STEPS)
    assert {one["state"] for one in ahead.steps} == {"pending"}
    assert not (ahead.begun or ahead.troubled or ahead.ready or ahead.may_finish)


def test_a_set_up_that_has_just_begun_still_has_all_steps_ahead() -> None:
    begun = SetUp({"steps": [], "done": False})
    assert len(begun.steps) == len(STEPS)
    assert not begun.begun


def test_when_all_is_prepared_the_installation_may_be_finished() -> None:
    ready = set_up(*[step(code) for code in STEPS])
    assert ready.ready
    assert ready.may_finish


@pytest.mark.parametrize("state", TROUBLES)
def test_what_the_app_can_do_without_keeps_nobody_from_finishing(state: str) -> None:
    lacking = set_up(step("marks"), step("storage", state, "scope", scopes=["entity"]))
    assert lacking.troubled
    assert not lacking.ready
    assert lacking.may_finish


def test_without_access_to_the_crm_the_installation_is_not_finished() -> None:
    assert not set_up(step("scopes", "missing_scope", "scope", scopes=["crm"])).may_finish


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_missing_permission_says_which_box_to_tick(scope: str, language: str) -> None:
    texts = texts_of(language)
    told = step_lines(step("scopes", "missing_scope", "scope", scopes=[scope]), texts)
    assert texts.say("scope." + scope) in told[0]


def test_what_does_not_work_without_a_permission_is_told_once() -> None:
    crm = step_lines(step("scopes", "missing_scope", "scope", scopes=["crm", "entity"]), TEXTS)
    assert [line for line in crm if "не работает совсем" in line]
    entity = step_lines(step("scopes", "missing_scope", "scope", scopes=["entity"]), TEXTS)
    assert len(entity) == 1
    storage = step_lines(step("storage", "missing_scope", "scope", scopes=["entity"]), TEXTS)
    assert storage[-1] == TEXTS.say("set_up.step.storage.without")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_has_its_words(reason: str, language: str) -> None:
    texts = texts_of(language)
    told = step_lines(step("placements", "refused", reason), texts)
    assert len(told) >= 2
    assert told[-1] == texts.say("set_up.step.placements.without")
    known = texts.has(f"set_up.reason.{reason}") or texts.has(f"marks.reason.{reason}")
    assert known


def test_a_refusal_that_nobody_knows_passes_on_what_the_portal_said() -> None:
    told = step_lines(step("deletions", "refused", "eclipse", words="No moon"), TEXTS)
    assert any("No moon" in line for line in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_state_has_its_name(language: str) -> None:
    texts = texts_of(language)
    for code in STEPS:
        assert step_title(step(code), texts) != code
        assert step_lines(step(code), texts)
    states = ["pending", "done", "already", *TROUBLES]
    assert len({step_state(step("marks", state), texts) for state in states}) == len(states)

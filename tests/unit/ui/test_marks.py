"""What the panel of the marks offers and tells in every state."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation import marks as rules
from ui import marks as states
from ui.marks import ACTIONS, MARKS, Marks
from ui.marks_wording import (
    card_answer,
    card_name,
    card_path,
    field_changes,
    forecast,
    lines,
    speed,
    title,
    value,
)
from ui.wording import NAME_LENGTH, cards, cut
from unit.ui.words import LANGUAGES, texts_of

TEXTS = texts_of()
UNDOABLE = {"id": 3, "at": "2026-11-22T05:41:00+03:00", "count": 1236}
REFUSALS = ("no_right", "plan", "scope", "field_of_other_type", "no_storage", "portal_refused")


def marks(state: str, **facts: Any) -> Marks:
    return Marks({"type": "marks", "state": state, "total": 1240, **facts})


def test_before_any_event_nothing_is_known_and_only_counting_is_offered() -> None:
    assert Marks().state == states.UNKNOWN
    assert Marks().actions(may_begin=True) == ["preview"]


def test_a_state_that_a_newer_engine_invents_is_taken_for_unknown() -> None:
    assert marks("dancing").state == states.UNKNOWN


@pytest.mark.parametrize("state", ACTIONS)
def test_undoing_is_offered_only_where_there_is_something_to_undo(state: str) -> None:
    assert "undo" not in marks(state).actions(may_begin=True)
    offered = marks(state, undoable=UNDOABLE).actions(may_begin=True)
    assert ("undo" in offered) == ("undo" in ACTIONS[state])


@pytest.mark.parametrize("state", ACTIONS)
def test_nothing_is_begun_while_a_refresh_runs(state: str) -> None:
    offered = marks(state, undoable=UNDOABLE).actions(may_begin=False)
    assert offered == (["pause"] if state in ("writing", "undoing") else [])
    assert not marks(state).manageable(may_begin=False)


def test_the_fields_are_left_alone_while_they_are_written() -> None:
    manageable = {state for state in ACTIONS if marks(state).manageable(may_begin=True)}
    assert manageable == {"unknown", "none", "preview", "paused", "done", "undone"}


def test_what_is_left_counts_cards_that_nobody_has_come_to() -> None:
    assert marks("writing", done=300, refused=3, gone=1).left == 936


def test_the_marks_are_those_of_the_rules() -> None:
    assert MARKS == rules.MARKS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_rules_has_its_word(language: str) -> None:
    texts = texts_of(language)
    for mark, codes in rules.CODES.items():
        assert [code for code in codes if not texts.has(f"marks.value.{mark}.{code}")] == []
    assert [mark for mark in MARKS if not texts.has("marks.field." + mark)] == []


@pytest.mark.parametrize(
    ("mark", "told", "words"),
    [
        ("type", None, "пусто"),
        ("type", "b2c", "B2C"),
        ("lifecycle", "dormant", "спящий"),
        ("dialogs", True, "да"),
        ("contacts", False, "нет"),
        ("payments", 1240, "1\u00a0240"),
        ("payments", 0, "0"),
        ("parent", 1240, "компания № 1240"),
        ("last_pay", "2026-03-14", "14 март 2026"),
        ("last_pay", "junk", "чужое значение"),
        ("lifecycle", rules.FOREIGN_TOLD, "чужое значение"),
        ("payments", rules.FOREIGN_TOLD, "чужое значение"),
    ],
)
def test_a_value_is_told_in_words(mark: str, told: Any, words: str) -> None:
    assert value(mark, told, TEXTS) == words


def test_changes_are_told_with_their_counts_the_most_frequent_first_and_the_rest_together() -> None:
    facts = {
        "count": 650,
        "changes": [
            {"from": "active", "to": "dormant", "count": 100},
            {"from": None, "to": "active", "count": 500},
        ],
    }
    assert field_changes("lifecycle", facts, TEXTS) == [
        ("пусто → активный", "500"),
        ("активный → спящий", "100"),
        ("остальные", "50"),
    ]


def test_values_that_hardly_repeat_are_told_by_the_kind_of_change() -> None:
    changes = [
        {"from": None, "to": 1, "count": 3},
        {"from": None, "to": 2, "count": 2},
        {"from": 2, "to": 3, "count": 1},
        {"from": 2, "to": None, "count": 1},
    ]
    assert field_changes("parent", {"count": 7, "changes": changes}, TEXTS) == [
        ("пусто → указана", "5"),
        ("сменится на другую", "1"),
        ("указана → пусто", "1"),
    ]


@pytest.mark.parametrize(
    ("companies", "contacts", "told"),
    [
        (310, 930, "310 компаний и 930 контактов"),
        (1, 0, "1 компания"),
        (0, 2, "2 контакта"),
        (0, 0, "0 контактов"),
    ],
)
def test_cards_are_told_as_companies_and_contacts(companies: int, contacts: int, told: str) -> None:
    assert cards(companies, contacts, TEXTS) == told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ACTIONS)
def test_every_state_says_what_it_is(state: str, language: str) -> None:
    facts = {"companies": 310, "contacts": 930, "done": 5, "refused": 2, "gone": 1}
    told = marks(state, **facts, undoable=UNDOABLE, reason="plan", conflicts_total=3)
    texts = texts_of(language)
    words = [title(told, texts), *lines(told, texts)]
    assert all(words)
    assert not [line for line in words if "{" in line or "marks." in line]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [*REFUSALS, "access_denied", "never_heard_of", None])
def test_every_refusal_is_explained_and_says_what_to_do(reason: str | None, language: str) -> None:
    texts = texts_of(language)
    refused = marks("refused", reason=reason, words="Access denied.")
    assert title(refused, texts)
    advice, words = lines(refused, texts)
    assert advice
    assert "Access denied." in words
    if reason in REFUSALS:
        assert texts.has(f"marks.reason.{reason}")


def test_a_preview_tells_how_many_cards_and_that_nothing_is_written_yet() -> None:
    preview = marks("preview", companies=310, contacts=930)
    assert title(preview, TEXTS) == "Изменится 1\u00a0240 карточек"
    assert lines(preview, TEXTS)[0] == "310 компаний и 930 контактов"
    assert "ничего не записано" in lines(preview, TEXTS)[1]


def test_a_forecast_says_whether_it_was_measured() -> None:
    assert "оценка" in forecast(marks("preview", forecast_s=600), TEXTS)
    assert "оценка" not in forecast(marks("preview", forecast_s=600, forecast_measured=True), TEXTS)
    assert forecast(marks("preview"), TEXTS) == ""


def test_the_speed_is_told_a_minute() -> None:
    assert speed(marks("writing", per_s=2.2), TEXTS) == "132 в минуту"
    assert speed(marks("writing", per_s=0.0), TEXTS) == ""


def test_an_interrupted_writing_says_why_and_how_to_go_on() -> None:
    told = lines(marks("paused", reason="connection_lost"), TEXTS)
    assert len(told) == 1
    assert "Нет связи с порталом" in told[0]
    assert "Продолжить" in told[0]
    assert lines(marks("paused"), TEXTS) == [TEXTS.say("marks.paused.lead")]


@pytest.mark.parametrize("answer", ["shown", "already", "no_layout", "no_right"])
def test_showing_the_fields_in_cards_is_answered(answer: str) -> None:
    assert card_answer(answer, TEXTS)


@pytest.mark.parametrize("answer", [None, "plan"])
def test_other_reasons_are_no_answer_about_cards(answer: str | None) -> None:
    assert card_answer(answer, TEXTS) == ""


def test_a_card_is_found_by_its_kind_and_number() -> None:
    assert card_path(4, 12) == "/crm/company/details/12/"
    assert card_path(3, 7) == "/crm/contact/details/7/"


def test_a_card_without_a_name_is_called_by_its_number() -> None:
    assert card_name(4, 1201, TEXTS) == "Компания № 1201"
    assert card_name(3, 7, TEXTS, " \n ") == "Контакт № 7"
    assert card_name(3, 7, TEXTS, "<b>Иван</b>\n Петров") == "<b>Иван</b> Петров"


def test_long_names_are_cut() -> None:
    assert cut("А" * NAME_LENGTH) == "А" * NAME_LENGTH
    shortened = cut("А" * 500)
    assert len(shortened) == NAME_LENGTH
    assert shortened.endswith("…")

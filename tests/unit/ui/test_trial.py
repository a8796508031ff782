"""Other limits of the lifecycle on the page: what sliders allow, what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from ui.modes import mode_of
from ui.trial import (
    ACTIVE,
    DORMANT,
    MOST_MONTHS,
    Limits,
    Trial,
    difference,
    move_lines,
    question_lines,
    suggestion_words,
)
from ui.view import View
from ui.wording import how_counted

from .words import LANGUAGES, facts_of, months_up_to, texts_of, view_of

MONTHS = months_up_to("2024-03", 3)


def trial(**changes: Any) -> Trial:
    facts = {
        "active_months": 3,
        "dormant_months": 18,
        "months": MONTHS,
        "growth": {"active": [3, 2, 1], "dormant": [4, 5, 6], "lost": [7, 8, 9]},
        "lifecycle": {"active": 3, "dormant": 6, "lost": 9},
        "in_force": {
            "active_months": 6,
            "dormant_months": 18,
            "lifecycle": {"active": 5, "dormant": 4, "lost": 9},
        },
        "moves": [
            {"from": "dormant", "to": "lost", "count": 1},
            {"from": "active", "to": "dormant", "count": 1234},
        ],
        "clients": 1235,
        "cards": 2000,
        "suggestion": {
            "median_gap_days": 45.0,
            "clients": 1234,
            "active_months": 3,
            "dormant_months": 9,
        },
    }
    return Trial({**facts, **changes})


def pair(limits: Limits) -> tuple[int, int]:
    return limits.active, limits.dormant


@pytest.mark.parametrize(
    ("which", "months", "expected"),
    [
        (ACTIVE, 9, (9, 18)),
        (ACTIVE, 18, (17, 18)),
        (ACTIVE, 36, (17, 18)),
        (ACTIVE, 0, (1, 18)),
        (DORMANT, 12, (6, 12)),
        (DORMANT, 6, (6, 7)),
        (DORMANT, 1, (6, 7)),
        (DORMANT, 1000, (6, MOST_MONTHS)),
    ],
)
def test_a_slider_stops_before_the_other_one(
    which: str, months: int, expected: tuple[int, int]
) -> None:
    assert pair(Limits(6, 18).moved(which, months)) == expected


def test_the_numbers_differ_from_those_in_force_by_so_many() -> None:
    texts = texts_of()
    told = {code: difference(trial(), code, texts) for code in ("active", "dormant", "lost")}
    assert told == {"active": "\u22122 к нынешним", "dormant": "+2 к нынешним", "lost": ""}
    assert trial().changes
    assert not trial(active_months=6).changes


def test_moves_are_told_in_words_the_most_numerous_first() -> None:
    assert move_lines(trial(), texts_of()) == [
        "Активные → Спящие: 1\u00a0234 клиента",
        "Спящие → Потерянные: 1 клиент",
    ]


def test_a_suggestion_comes_with_its_reason() -> None:
    words = suggestion_words(trial(), texts_of())
    assert "раз в 45 дней" in words
    assert "у 1\u00a0234 клиентов" in words
    assert words.endswith("предлагаем 3 месяца и 9 месяцев.")
    suggested = trial().suggested
    assert suggested is not None
    assert pair(suggested) == (3, 9)


def test_limits_in_force_are_not_suggested_again() -> None:
    in_force = {"active_months": 3, "dormant_months": 9, "lifecycle": {}}
    fitting = trial(in_force=in_force)
    assert fitting.suggested is None
    assert "3 месяца и 9 месяцев" in suggestion_words(fitting, texts_of())


def test_without_enough_payments_no_limits_are_suggested() -> None:
    without = trial(suggestion=None)
    assert without.suggested is None
    assert suggestion_words(without, texts_of()) == texts_of().say("trial.suggestion.none")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_tells_who_moves_which_cards_and_what_of_past_months(language: str) -> None:
    texts = texts_of(language)
    lines = question_lines(trial(), False, texts)
    assert texts.number(1235) in lines[0]
    assert texts.number(2000) in lines[1]
    assert texts.say("trial.ask.months") in lines
    assert lines[1] != question_lines(trial(), True, texts)[1]
    nobody = question_lines(trial(clients=0, cards=0), False, texts)
    assert nobody[0] == texts.say("trial.ask.nobody")
    assert len(nobody) == 3


def test_the_chart_gets_the_growth_that_was_counted_and_nothing_else_changes() -> None:
    view = view_of(3)
    drawn = trial().drawn_over(view)
    lifecycle = mode_of("3")
    assert drawn.series(lifecycle, "active") == [3, 2, 1]
    assert drawn.count(lifecycle, "lost") == 9
    assert view.series(lifecycle, "active") != [3, 2, 1]
    assert drawn.series(mode_of("5"), "empty") == view.series(mode_of("5"), "empty")
    assert (drawn.as_of, drawn.months) == (view.as_of, view.months)


def test_a_growth_of_other_months_is_not_drawn_over_a_view() -> None:
    view = view_of(4)
    assert trial().drawn_over(view) is view


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ((1, 2), "за последний 1 месяц, Спящие — раньше, но не больше 2 месяцев назад"),
        ((2, 21), "за последние 2 месяца, Спящие — раньше, но не больше 21 месяца назад"),
        ((6, 18), "за последние 6 месяцев, Спящие — раньше, но не больше 18 месяцев назад"),
    ],
)
def test_how_stages_are_counted_is_said_with_the_limits_of_the_view(
    months: tuple[int, int], expected: str
) -> None:
    limits = {"active_months": months[0], "dormant_months": months[1]}
    view = View.of(facts_of(MONTHS, limits=limits))
    assert expected in how_counted(mode_of("3"), view, texts_of())


@pytest.mark.parametrize(
    "limits",
    [
        None,
        7,
        [],
        {},
        {"active_months": "6", "dormant_months": 18},
        *(
            {"active_months": active, "dormant_months": dormant}
            for active, dormant in ((0, 5), (18, 6), (6, 6), (6.5, 18), (6, None))
        ),
    ],
)
def test_limits_of_a_view_that_cannot_be_any_are_the_usual_ones(limits: Any) -> None:
    view = View.of(facts_of(MONTHS, limits=limits))
    assert view is not None
    assert view.limits_months == (6, 18)

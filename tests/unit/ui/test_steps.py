"""Imports, deletions and merges on the chart and in its list."""

from __future__ import annotations

from typing import Any

import pytest

from ui.palette import SURFACE, TEXT
from ui.steps import (
    escaped,
    markers,
    step_author,
    step_moment,
    step_words,
    steps_shown,
    told_of_months,
)
from ui.wording import seconds_between
from unit.ui.words import LANGUAGES, texts_of, view_of

TEXTS = texts_of()


def step(code: str = "import", month: str = "2024-02", **facts: Any) -> dict[str, Any]:
    usual = {"companies": 0, "contacts": 1240, "at": None, "until": None, "by": 0, "by_name": ""}
    return {"code": code, "month": month, **usual, **facts}


def test_an_import_tells_how_much_came_within_what_time() -> None:
    within = step(at="2024-02-14T10:05:00+03:00", until="2024-02-14T10:17:00+03:00")
    assert step_words(within, TEXTS) == "Импорт: 1\u00a0240 контактов за 12 minute"
    at_once = step(at="2024-02-14T10:05:00+03:00", until="2024-02-14T10:05:31+03:00")
    assert step_words(at_once, TEXTS).endswith("меньше чем за минуту")
    assert step_words(step(), TEXTS) == "Импорт: 1\u00a0240 контактов"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["import", "deleted", "merged"])
def test_every_kind_is_told_in_words(code: str, language: str) -> None:
    told = step_words(step(code, companies=3), texts_of(language))
    assert "3" in told
    assert "{" not in told


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2024-02-14T10:05:00+03:00", "2024-02-14T10:17:10+03:00", 730),
        ("2024-02-29T23:50:00+03:00", "2024-03-01T00:10:00+03:00", 1200),
        ("2024-12-31T23:59:00+03:00", "2025-01-01T00:00:00+03:00", 60),
    ],
)
def test_time_passes_over_the_end_of_a_month(start: str, end: str, seconds: int) -> None:
    assert seconds_between(start, end) == seconds


def test_the_moment_is_as_exact_as_is_known() -> None:
    at, until = "2024-02-14T10:05:00+03:00", "2024-02-16T10:05:00+03:00"
    assert step_moment(step(), TEXTS) == "февраль 2024"
    assert step_moment(step("deleted", at=at, until=at), TEXTS) == "14 февраль 2024, 10:05"
    assert step_moment(step("deleted", at=at, until=until), TEXTS).startswith("между 14 февраль")
    assert step_moment(step("import", at=at, until=until), TEXTS) == "14 февраль 2024, 10:05"
    later = "2024-02-14T10:17:00+03:00"
    told = step_moment(step("merged", at=at, until=later), TEXTS)
    assert told == "между 14 февраль 2024, 10:05 и 10:17"


def test_the_newest_step_is_told_first_and_those_out_of_range_not_at_all() -> None:
    steps = [step(month="2024-01"), step("merged", "2024-03"), step("deleted", "2019-01")]
    view = view_of(3, steps=steps)
    assert [one["month"] for one in steps_shown(view, 0)] == ["2024-03", "2024-01"]
    assert [one["month"] for one in steps_shown(view, 2)] == ["2024-03"]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_each_kind_has_a_shape_of_its_own_that_stands_out(look: str) -> None:
    steps = [step(), step("deleted"), step("merged", "2024-03")]
    traces = markers(view_of(3, steps=steps), 0, 100.0, look)
    assert len({trace["marker"]["symbol"] for trace in traces}) == 3
    assert {trace["marker"]["color"] for trace in traces} == {TEXT[look]}
    assert TEXT[look] != SURFACE[look]


def test_signs_of_one_month_stand_below_each_other() -> None:
    steps = [step(), step("deleted"), step("merged", "2024-03")]
    heights = {
        trace["name"]: trace["y"] for trace in markers(view_of(3, steps=steps), 0, 100.0, "light")
    }
    assert heights["import"] != heights["deleted"]
    assert heights["merged"] == [max(heights["import"][0], heights["deleted"][0])]


def test_hovering_tells_names_as_text_and_never_as_markup() -> None:
    name = "<b>Иван</b> <a href='x'>&"
    told = told_of_months(view_of(3, steps=[step(by_name=name)]), True, TEXTS)["2024-02"]
    assert "<b>" not in told
    assert "&lt;b&gt;Иван&lt;/b&gt;" in told
    assert "&amp;" in told


def test_a_narrow_chart_tells_the_size_alone() -> None:
    view = view_of(3, steps=[step(companies=2, by_name="Ann")])
    assert told_of_months(view, False, TEXTS)["2024-02"] == "<br>▲ Импорт: 1\u00a0242"
    assert "Ann" in told_of_months(view, True, TEXTS)["2024-02"]


def test_an_author_whom_the_portal_does_not_name_is_left_out() -> None:
    assert step_author(step(by_name=None)) == step_author(step(by_name="  ")) == ""


def test_escaping_leaves_nothing_to_interpret() -> None:
    assert escaped("<&>") == "&lt;&amp;&gt;"

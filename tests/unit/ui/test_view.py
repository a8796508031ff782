"""A view is taken as a whole or not at all."""

from __future__ import annotations

import json

import pytest

from ui.modes import MODES, mode_of
from ui.view import VIEW_VERSION, View, change_over_year
from unit.ui.words import facts_of, months_up_to, view_of


def test_a_view_survives_the_way_through_the_store() -> None:
    view = View.from_json(json.dumps(facts_of(["2024-02", "2024-03"])))
    assert view is not None
    assert view.count(mode_of("3"), "lost") == 6
    assert view.series(mode_of("3"), "lost") == [3, 6]


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", "3", '{"version": 1}'])
def test_what_is_no_view_is_no_view(text: str | None) -> None:
    assert View.from_json(text) is None


def test_a_view_of_a_newer_version_is_left_alone() -> None:
    assert View.of(facts_of(["2024-03"], version=VIEW_VERSION + 1)) is None


def test_a_view_that_an_older_version_stored_is_drawn_without_steps() -> None:
    facts = facts_of(["2024-02", "2024-03"], version=1)
    view = View.of(facts)
    assert view is not None
    assert (view.steps, view.shared) == ([], False)
    assert view.count(mode_of("3"), "lost") == 6


def test_steps_of_a_kind_that_nobody_knows_are_left_out() -> None:
    known = {"code": "import", "month": "2024-03", "companies": 3, "contacts": 0}
    view = View.of(facts_of(["2024-03"], steps=[known, {"code": "eclipse", "month": "2024-03"}]))
    assert view is not None
    assert view.steps == [known]
    assert View.of(facts_of(["2024-03"], steps=["import"])) is None


def test_a_view_whose_series_do_not_fit_its_months_is_damaged() -> None:
    facts = facts_of(["2024-02", "2024-03"])
    facts["modes"]["5"]["empty"]["series"] = [1]
    assert View.of(facts) is None


def test_the_sums_add_up_the_segments() -> None:
    view = view_of(3)
    for mode in MODES:
        columns = [view.series(mode, segment) for segment in mode.segments]
        assert view.totals(mode) == [sum(row) for row in zip(*columns, strict=True)]


def test_an_unknown_month_is_the_last_one() -> None:
    view = view_of(5)
    assert view.index("2024-01") == 2
    assert view.index(None) == view.index("1999-01") == 4


def test_a_view_tells_the_limits_that_it_was_made_with() -> None:
    limits = {"active_months": 3, "dormant_months": 12}
    assert view_of(2, limits=limits).limits_months == (3, 12)
    assert view_of(2).limits_months == (6, 18)
    assert view_of(2, limits={"active_months": 3}).limits_months == (6, 18)


def test_no_months_mean_no_clients() -> None:
    assert view_of(0).empty
    assert not view_of(1).empty


def test_growth_over_a_year_needs_a_year() -> None:
    series = list(range(0, 300, 10))
    assert change_over_year(series, 11) is None
    assert change_over_year(series, 12) == 120


def test_the_made_months_run_up_to_the_last() -> None:
    assert months_up_to("2024-01", 3) == ["2023-11", "2023-12", "2024-01"]

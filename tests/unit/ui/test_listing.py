"""What a list asks of the engine, and the columns that a person has chosen."""

from __future__ import annotations

import json

import pytest

from ui.listing import COLUMNS, NAMES, Layout, Listing


def test_a_question_says_what_is_asked_for_and_which_rows() -> None:
    listing = Listing({"mode": "3", "code": "active", "month": "2024-03"})
    listing.search = "ром"
    assert listing.question(120, 60) == {
        "segment": {"mode": "3", "code": "active", "month": "2024-03"},
        "search": "ром",
        "filters": {},
        "sort": [],
        "from": 120,
        "count": 60,
    }


def test_words_sort_from_the_first_letter_and_numbers_from_the_greatest() -> None:
    listing = Listing({"mode": "2", "code": "all", "month": None})
    listing.sort_by("name", False)
    assert listing.all_rows()["sort"] == [["name", False]]
    listing.sort_by("payments", False)
    assert listing.all_rows()["sort"] == [["payments", True]]


def test_sorting_goes_the_other_way_and_then_away() -> None:
    listing = Listing({"mode": "2", "code": "all", "month": None})
    seen = []
    for _ in range(4):
        listing.sort_by("last_payment", False)
        seen.append(listing.direction("last_payment"))
    assert seen == ["descending", "ascending", "none", "descending"]


def test_a_second_column_sorts_within_the_first_only_when_asked() -> None:
    listing = Listing({"mode": "2", "code": "all", "month": None})
    listing.sort_by("lifecycle", False)
    listing.sort_by("payments", True)
    assert listing.sort == [("lifecycle", False), ("payments", True)]
    listing.sort_by("name", False)
    assert listing.sort == [("name", False)]


@pytest.mark.parametrize("empty", [None, "", [], {"from": None, "to": ""}, {}])
def test_an_empty_filter_is_none(empty: object) -> None:
    listing = Listing({"mode": "2", "code": "all", "month": None})
    listing.filter("payments", {"from": 2, "to": None})
    assert listing.filters == {"payments": {"from": 2}}
    listing.filter("payments", empty)
    assert listing.filters == {}


def test_zero_is_a_filter() -> None:
    listing = Listing({"mode": "2", "code": "all", "month": None})
    listing.filter("payments", {"from": None, "to": 0})
    assert listing.filters == {"payments": {"to": 0}}


def test_the_usual_layout_begins_with_the_name() -> None:
    assert Layout().shown[0] == "name"
    assert set(Layout().shown) < set(NAMES)


def test_a_column_that_comes_back_stands_where_it_usually_does() -> None:
    layout = Layout()
    usual = list(layout.shown)
    layout.show("payments", False)
    assert "payments" not in layout.shown
    layout.show("payments", True)
    assert layout.shown == usual


def test_all_columns_can_be_shown_at_once() -> None:
    layout = Layout()
    for column in COLUMNS:
        layout.show(column.name, True)
    assert sorted(layout.shown) == sorted(NAMES)


def test_a_layout_is_remembered() -> None:
    layout = Layout()
    layout.show("inn", True)
    layout.widths_px["name"] = 411
    again = Layout.from_text(layout.to_text())
    assert again.shown == layout.shown
    assert (again.width_px("name"), again.width_px("kind")) == (411, 80)


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        "",
        "{",
        "[]",
        "7",
        '{"shown": 5}',
        '{"shown": ["name"], "widths_px": {"name": "wide"}}',
        '{"shown": ["phone"], "widths_px": {}}',
    ],
)
def test_a_damaged_layout_is_the_usual_one(damaged: str | None) -> None:
    assert Layout.from_text(damaged).shown == Layout().shown


def test_columns_that_there_no_longer_are_and_mad_widths_are_left_out() -> None:
    text = json.dumps({"shown": ["name", "old", "id", "id"], "widths_px": {"id": 9e9, "old": 1}})
    layout = Layout.from_text(text)
    assert layout.shown == ["name", "id"]
    assert layout.widths_px == {"id": 900}

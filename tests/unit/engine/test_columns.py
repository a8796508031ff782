"""Columns of a list: cells, order, filters; empty values last, whichever way."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.columns import BadCondition, Codes, Column, Dates, Lists, Numbers, People, Words
from engine.listing import Listing
from engine.question import BadQuestion, Question
from engine.search import Index

COLUMNS: dict[str, Column] = {
    "code": Codes(np.array([1, -1, 0, 1], np.int8), ("a", "b")),
    "number": Numbers(np.array([2.0, np.nan, -3.0, 10.0])),
    "money": Numbers(np.array([0.105, np.nan, 1e12, -1.0]), decimals=2),
    "day": Dates(np.array(["2024-02-29", "NaT", "1999-12-31", "2024-03-01"], "M8[D]")),
    "person": People(np.array([7, 0, 9, 8]), {7: "Яна", 9: "анна"}),
    "text": Words(["Ёж", "", "=1+1", "аб\nвг"]),
    "list": Lists({3: [["USD", 1.5]]}, 4),
}
EVERY = np.arange(4)


def fitting(column: str, condition: object) -> list[int]:
    rows: list[int] = np.flatnonzero(COLUMNS[column].fits(condition)).tolist()
    return rows


def listing() -> Listing:
    text = COLUMNS["text"]
    assert isinstance(text, Words)
    return Listing(COLUMNS, Index([text.texts], ["", "", "", ""]), lambda _: np.ones(4, np.bool_))


def ordered(*sort: tuple[str, bool]) -> list[int]:
    rows: list[int] = (
        listing().find(Question.read({"sort": [list(pair) for pair in sort]})).rows.tolist()
    )
    return rows


def test_cells_are_ready_for_json() -> None:
    rows = listing().cells(EVERY)
    assert json.loads(json.dumps(rows, allow_nan=False)) == [
        ["b", 2, 0.1, "2024-02-29", 7, "Ёж", None],
        [None, None, None, None, None, "", None],
        ["a", -3, 1e12, "1999-12-31", 9, "=1+1", None],
        ["b", 10, -1.0, "2024-03-01", 8, "аб, вг", [["USD", 1.5]]],
    ]


@pytest.mark.parametrize(
    ("column", "condition", "rows"),
    [
        ("code", ["b"], [0, 3]),
        ("code", ["a", "b", "c"], [0, 2, 3]),
        ("code", ["c"], []),
        ("number", {"from": 2}, [0, 3]),
        ("number", {"to": "2"}, [0, 2]),
        ("number", {"from": "-3", "to": "2,5"}, [0, 2]),
        ("number", {"from": "", "to": None}, [0, 2, 3]),
        ("day", {"from": "2024-02-29"}, [0, 3]),
        ("day", {"from": "2024-02-29", "to": "2024-02-29"}, [0]),
        ("person", [7, "9"], [0, 2]),
        ("person", ["²"], []),
        ("text", "еж", [0]),
        ("text", "вг АБ", [3]),
        ("text", "=1", [2]),
    ],
)
def test_filters(column: str, condition: object, rows: list[int]) -> None:
    assert fitting(column, condition) == rows


@pytest.mark.parametrize(
    ("column", "condition"),
    [
        ("code", "a"),
        ("code", {"from": 1}),
        ("number", [1]),
        ("number", {"from": "nan"}),
        ("day", {"to": "tomorrow"}),
        ("person", {"id": 7}),
        ("text", ["еж"]),
        ("list", ["x"]),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(column: str, condition: object) -> None:
    with pytest.raises(BadCondition):
        fitting(column, condition)
    with pytest.raises(BadQuestion):
        listing().find(Question.read({"filters": {column: condition}}))


@pytest.mark.parametrize(
    ("column", "rising"),
    [
        ("code", [2, 0, 3, 1]),
        ("number", [2, 0, 3, 1]),
        ("day", [2, 0, 3, 1]),
        ("person", [2, 0, 3, 1]),
        ("text", [2, 3, 0, 1]),
    ],
)
def test_sorting_keeps_empty_values_last_both_ways(column: str, rising: list[int]) -> None:
    assert ordered((column, False)) == rising
    falling = ordered((column, True))
    assert falling[-1] == rising[-1] == 1
    if column != "code":
        assert falling[:3] == rising[:3][::-1]


def test_the_second_column_decides_among_equals_of_the_first() -> None:
    assert ordered(("code", False), ("number", True)) == [2, 3, 0, 1]


def test_an_answer_is_kept_until_names_change() -> None:
    names = {7: "б", 8: "а"}
    people = People(np.array([7, 8]), names)
    one = Listing({"person": people}, Index([["", ""]], ["", ""]), lambda _: np.ones(2, np.bool_))
    question = Question.read({"sort": [["person", False]]})
    assert one.find(question).rows.tolist() == [1, 0]
    names[8] = "в"
    one.forget()
    assert one.find(question).rows.tolist() == [0, 1]

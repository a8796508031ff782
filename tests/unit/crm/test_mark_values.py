"""Marks between the forms of REST and the columns of the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm.mark_definitions import DEFINITIONS, MARKS
from crm.mark_fields import EntityMarks, read_look
from crm.mark_values import columns, fields, select_names
from crm.tables import MARK_COLUMNS
from unit.crm.test_mark_fields import answers

MARKS_THERE = read_look(answers()).companies
NO_DAY = np.datetime64("NaT")


def read(mark: str, *values: Any) -> list[Any]:
    """The mark's column, of rows with these values."""
    rows = [{DEFINITIONS[mark].name: value} for value in values]
    column = columns(rows, MARKS_THERE)[f"mark_{mark}"]
    assert column.dtype == MARK_COLUMNS[f"mark_{mark}"]
    return list(column)


def test_all_eight_columns_come_in_their_types_whatever_a_row_has() -> None:
    made = columns([{}, {"UF_CRM_CLB_PAYMENTS": "3"}], MARKS_THERE)
    assert {name: str(column.dtype) for name, column in made.items()} == MARK_COLUMNS
    assert list(made["mark_payments"]) == [-1, 3]
    assert list(made["mark_parent"]) == [0, 0]
    assert np.isnat(made["mark_last_pay"]).all()


def test_options_are_known_by_their_ids_in_both_forms() -> None:
    assert read("type", "1100", 1101, "", None, False, "9", 9, "1100,1101", ["1100"]) == [
        0, 1, -1, -1, -1, -2, -2, -2, -2,
    ]  # fmt: skip


def test_a_deleted_option_is_no_value_of_the_mark() -> None:
    options = {"type": {"b2c": 1101}}
    marks = EntityMarks(MARKS_THERE.ids, options)
    rows = [{"UF_CRM_CLB_TYPE": "1100"}, {"UF_CRM_CLB_TYPE": "1101"}]
    assert list(columns(rows, marks)["mark_type"]) == [-2, 1]


def test_parents_come_bare_or_with_the_prefix_of_companies() -> None:
    assert read("parent", "17", 17, "CO_17", "C_17", "x", "", None, "0", str(2**53)) == [
        17, 17, 17, -2, -2, 0, 0, 0, 2**53,
    ]  # fmt: skip


def test_counts_below_zero_or_too_large_are_no_counts() -> None:
    assert read("payments", "0", 5, "-3", "1.5", "", None, "9" * 30, "many") == [
        0, 5, -2, -2, -1, -1, -2, -2,
    ]  # fmt: skip


def test_yes_and_no_come_in_several_forms() -> None:
    assert read("dialogs", "1", 1, True, "Y", "0", 0, False, "N", "", None, "perhaps") == [
        1, 1, 1, 1, 0, 0, 0, 0, -1, -1, -2,
    ]  # fmt: skip


def test_a_day_is_the_one_that_is_written_whatever_hour_follows() -> None:
    assert read("last_pay", "2024-03-31T03:00:00+03:00", "2024-03-30T14:00:00-10:00") == [
        np.datetime64("2024-03-31T00:00:00"),
        np.datetime64("2024-03-31T00:00:00"),
    ]
    days = read("last_pay", "31.03.2024", "2024-03-31", "", None, "soon")
    assert days[:2] == [np.datetime64("2024-03-31T00:00:00")] * 2
    assert np.isnat(days[2:]).all()


def operation(**after: Any) -> dict[str, Any]:
    empty = {mark: 0 if mark == "parent" else -1 for mark in MARKS} | {"last_pay": NO_DAY}
    return {f"after_{mark}": value for mark, value in (empty | after).items()}


def bits(*marks: str) -> int:
    return sum(1 << MARKS.index(mark) for mark in marks)


def test_only_marks_that_change_are_written() -> None:
    row = operation(type=1, payments=3)
    assert fields(MARKS_THERE, row, bits("payments")) == {"UF_CRM_CLB_PAYMENTS": 3}
    assert fields(MARKS_THERE, row, 0) == {}


def test_values_are_written_in_the_forms_that_the_portal_takes() -> None:
    row = operation(
        parent=7,
        type=1,
        lifecycle=0,
        frequency=2,
        last_pay=np.datetime64("2024-03-31T00:00:00"),
        payments=0,
        dialogs=0,
        contacts=1,
    )
    assert fields(MARKS_THERE, row, 255) == {
        "UF_CRM_CLB_PARENT": 7,
        "UF_CRM_CLB_TYPE": 1101,
        "UF_CRM_CLB_LIFECYCLE": 1200,
        "UF_CRM_CLB_FREQUENCY": 1302,
        "UF_CRM_CLB_LAST_PAY": "2024-03-31",
        "UF_CRM_CLB_PAYMENTS": 0,
        "UF_CRM_CLB_DIALOGS": 0,
        "UF_CRM_CLB_CONTACTS": 1,
    }


def test_empty_and_foreign_values_are_written_as_empty_texts() -> None:
    assert set(fields(MARKS_THERE, operation(), 255).values()) == {""}
    foreign = operation(**{mark: -2 for mark in MARKS if mark != "last_pay"})
    assert set(fields(MARKS_THERE, foreign, 255).values()) == {""}


def test_a_mark_without_its_option_cannot_be_written() -> None:
    with pytest.raises(KeyError):
        fields(EntityMarks(MARKS_THERE.ids, {}), operation(type=1), bits("type"))


def test_what_is_written_is_read_as_the_same() -> None:
    row = operation(parent=7, type=0, lifecycle=6, frequency=0, payments=12, dialogs=1, contacts=0)
    row["after_last_pay"] = np.datetime64("2020-02-29T00:00:00")
    written = fields(MARKS_THERE, row, 255)
    for form in (dict, lambda values: {name: str(value) for name, value in values.items()}):
        again = columns([form(written)], MARKS_THERE)
        assert {f"after_{mark}": again[f"mark_{mark}"][0] for mark in MARKS} == row


def test_fields_are_selected_that_exist() -> None:
    assert select_names(EntityMarks()) == ()
    assert select_names(EntityMarks({"payments": 4, "type": 2})) == (
        "UF_CRM_CLB_TYPE",
        "UF_CRM_CLB_PAYMENTS",
    )

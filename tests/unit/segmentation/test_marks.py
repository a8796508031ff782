"""What companies and contacts ought to hold in their marks, and what is to be written."""

import json
import random

import numpy as np
import pandas as pd
import pytest

from property.mark_comparison import check_marks
from property.portals import any_case
from segmentation import Base, analyse
from segmentation.marks import (
    COLUMNS,
    MARKS,
    changes_told,
    operations,
    summary,
    wanted_marks,
)
from unit.segmentation.rows import (
    COMPANY,
    activity,
    at,
    base_of,
    company,
    contact,
    deal,
    link,
    portal,
)

PORTALS = 60

NOW = at("2024-08-31 12:00")
EMPTY = {name: 0 if name == "mark_parent" else -1 for name in COLUMNS} | {"mark_last_pay": "NaT"}

PAYING = (
    company(1, has_contact_data=True),
    company(5),
    contact(2, company=1),
    contact(3),
    deal(4, company=1, won="2024-08-01"),
    deal(7, company=1, won="2024-08-15"),
    activity(6, COMPANY, 1),
)


def wanted_of(base: Base) -> dict[str, pd.DataFrame]:
    assert NOW is not None
    return wanted_marks(base, analyse(base, NOW, NOW.tzinfo))


def holding(base: Base, table: str, **marks: object) -> pd.DataFrame:
    """A table of the base, the same held by every row, empty where not said."""
    frame = getattr(base, table)[["id"]].copy()
    for name, dtype in COLUMNS.items():
        value = marks.get(name.removeprefix("mark_"), EMPTY[name])
        frame[name] = np.full(len(frame), np.array(value).astype(dtype))
    return frame


def empty(base: Base) -> dict[str, pd.DataFrame]:
    return {table: holding(base, table) for table in ("companies", "contacts")}


def marks_of(frame: pd.DataFrame, id: int) -> list[object]:
    row = frame[frame["id"] == id].iloc[0]
    return [row[f"mark_{mark}"] for mark in MARKS]


def test_marks_of_random_portals_are_as_the_oracle_says() -> None:
    for seed in range(PORTALS):
        pick = random.Random(seed).choice
        case = any_case(pick)
        try:
            check_marks(case, pick)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {case}") from error


def test_a_company_carries_its_own_marks_and_no_parent() -> None:
    marks = marks_of(wanted_of(base_of(portal(*PAYING)))["companies"], 1)
    assert marks == [0, 0, 0, 0, pd.Timestamp("2024-08-15"), 2, 1, 1]


def test_a_company_contact_carries_its_companys_marks_and_its_parent() -> None:
    marks = marks_of(wanted_of(base_of(portal(*PAYING)))["contacts"], 2)
    assert marks == [1, 0, 0, 0, pd.Timestamp("2024-08-15"), 2, 1, 1]


def test_a_contact_of_no_company_carries_its_own_marks() -> None:
    marks = marks_of(wanted_of(base_of(portal(*PAYING)))["contacts"], 3)
    assert marks == [0, 1, 6, 2, pd.NaT, 0, 0, 0]


def test_a_contact_bound_by_a_link_alone_carries_the_companys_marks() -> None:
    base = base_of(portal(company(9), company(4), contact(2), link(2, 9), link(2, 4)))
    assert marks_of(wanted_of(base)["contacts"], 2)[0] == 4


def test_wanted_marks_have_the_promised_dtypes_also_of_an_empty_portal() -> None:
    for base in (Base.empty(), base_of(portal(*PAYING))):
        for frame in wanted_of(base).values():
            assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
                "id": "int64",
                **COLUMNS,
            }


@pytest.mark.parametrize("entries", [(), PAYING])
def test_operations_have_the_promised_columns_and_dtypes(entries: tuple) -> None:
    base = base_of(portal(*entries))
    found = operations(wanted_of(base), empty(base))
    dtypes = {name: str(dtype) for name, dtype in found.dtypes.items()}
    assert dtypes == {
        "entity": "int8",
        "id": "int64",
        "rank": "int8",
        "changed": "int16",
        **{f"before_{mark}": COLUMNS[f"mark_{mark}"] for mark in MARKS},
        **{f"after_{mark}": COLUMNS[f"mark_{mark}"] for mark in MARKS},
    }
    assert list(found.index) == list(range(len(found)))


def test_where_everything_is_as_wanted_nothing_is_to_be_written() -> None:
    base = base_of(portal(*PAYING))
    wanted = wanted_of(base)
    assert len(operations(wanted, wanted)) == 0


def test_those_who_pay_come_first_and_companies_before_contacts() -> None:
    base = base_of(portal(*PAYING, contact(8, company=1), deal(9, contact=3)))
    found = operations(wanted_of(base), empty(base))
    order = list(zip(found["rank"], found["entity"], found["id"], strict=True))
    assert order == [(0, 4, 1), (0, 3, 2), (0, 3, 8), (3, 3, 3), (6, 4, 5)]


def test_a_value_that_is_none_of_ours_is_written_over() -> None:
    base = base_of(portal(contact(3)))
    wanted = wanted_of(base)
    for mark in ("parent", "type", "lifecycle", "frequency", "payments", "dialogs", "contacts"):
        held = wanted["contacts"].copy()
        held[f"mark_{mark}"] = np.array([-2], dtype=COLUMNS[f"mark_{mark}"])
        found = operations(wanted, {"companies": wanted["companies"], "contacts": held})
        assert found["changed"].tolist() == [1 << MARKS.index(mark)]


def test_of_a_row_that_was_read_twice_the_last_one_is_what_the_portal_holds() -> None:
    base = base_of(portal(contact(3)))
    wanted = wanted_of(base)
    twice = pd.concat([holding(base, "contacts"), wanted["contacts"]])
    assert len(operations(wanted, {"companies": wanted["companies"], "contacts": twice})) == 0


def test_what_is_not_there_any_more_is_not_written() -> None:
    base = base_of(portal(contact(3), contact(4)))
    held = {table: frame[frame["id"] != 3] for table, frame in empty(base).items()}
    assert operations(wanted_of(base), held)["id"].tolist() == [4]


def test_a_summary_counts_per_field_and_names_changes_by_code() -> None:
    base = base_of(portal(*PAYING))
    present = empty(base)
    present["companies"] = holding(base, "companies", lifecycle=-2, dialogs=0, type=0)
    said = json.loads(json.dumps(summary(operations(wanted_of(base), present))))
    assert (said["total"], said["companies"], said["contacts"]) == (4, 2, 2)
    assert list(said["fields"]) == list(MARKS)
    assert said["fields"]["parent"] == {
        "count": 1,
        "changes": [{"from": None, "to": 1, "count": 1}],
    }
    assert said["fields"]["type"]["count"] == 2
    assert said["fields"]["lifecycle"]["changes"] == [
        {"from": "foreign", "to": "active", "count": 1},
        {"from": "foreign", "to": "empty", "count": 1},
        {"from": None, "to": "active", "count": 1},
        {"from": None, "to": "empty", "count": 1},
    ]
    assert said["fields"]["last_pay"]["changes"] == [{"from": None, "to": "2024-08-15", "count": 2}]
    assert {"from": False, "to": True, "count": 1} in said["fields"]["dialogs"]["changes"]


def test_a_summary_tells_the_most_frequent_changes_only() -> None:
    companies = [company(id) for id in range(1, 11)]
    deals = [
        deal(100 * id + number, company=id, won="2024-08-01")
        for id in range(1, 11)
        for number in range(id)
    ]
    base = base_of(portal(*companies, *deals))
    said = summary(operations(wanted_of(base), empty(base)))["fields"]["payments"]
    assert said["count"] == 10
    assert [change["to"] for change in said["changes"]] == list(range(1, 9))


def test_a_summary_counts_kinds_of_changes_where_every_client_has_a_value_of_its_own() -> None:
    companies = [company(id) for id in range(1, 30)]
    deals = [deal(id, company=id, won=f"2024-08-{1 + id % 10:02d}") for id in range(1, 30)]
    base = base_of(portal(*companies, *deals))
    held = empty(base)
    held["companies"].loc[:9, "mark_last_pay"] = pd.Timestamp("2020-01-01")
    said = summary(operations(wanted_of(base), held))["fields"]["last_pay"]
    assert said["count"] == 29
    assert said["changes"] == [
        {"from": None, "to": "2024-08-02", "count": 19},
        {"from": "2020-01-01", "to": "2024-08-02", "count": 10},
    ]


def test_a_summary_of_nothing_is_all_zeros() -> None:
    base = Base.empty()
    said = summary(operations(wanted_of(base), empty(base)))
    assert said["total"] == 0
    assert said["fields"]["payments"] == {"count": 0, "changes": []}


def test_single_operations_are_told_change_by_change() -> None:
    base = base_of(portal(contact(3)))
    wanted = wanted_of(base)
    held = wanted["contacts"].assign(
        mark_parent=7,
        mark_last_pay=np.array(["2024-02-29"], "datetime64[s]"),
        mark_contacts=np.array([1], "int8"),
    )
    found = operations(wanted, {"companies": wanted["companies"], "contacts": held})
    assert changes_told(found) == [
        [
            {"mark": "parent", "from": 7, "to": None},
            {"mark": "last_pay", "from": "2024-02-29", "to": None},
            {"mark": "contacts", "from": True, "to": False},
        ]
    ]

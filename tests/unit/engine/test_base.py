"""The tables in memory: laid over each other, compared, kept and taken back."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from crm.tables import KEYS, MARK_COLUMNS, TABLES, table
from engine.base import PortalBase
from engine.delta import Delta, merged
from segmentation.types import SCHEMA

from .portal_tables import Tables, laid_over, records, some_delta, some_rows, some_tables

SEEDS = range(25)


def assert_same(base: PortalBase, other: PortalBase) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(base.tables[name], other.tables[name])


def companies(*ids: int) -> pd.DataFrame:
    keys = pd.DataFrame({"id": np.array(ids, "int64")})
    return some_rows("companies", keys, random.Random(1))


def base_of(**tables: pd.DataFrame) -> PortalBase:
    return PortalBase.of([{name: tables.get(name, table(name)) for name in TABLES}])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_delta_replaces_adds_and_removes_rows_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    tables, delta = some_tables(chance), some_delta(chance)
    after = PortalBase.of([tables]).apply(delta).base
    assert {name: records(rows) for name, rows in after.tables.items()} == laid_over(tables, delta)
    for name, rows in after.tables.items():
        assert not rows.duplicated(KEYS[name]).any()
        assert dict(rows.dtypes.astype(str)) == TABLES[name]
    after.as_base()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_delta_touched_is_every_row_that_the_rules_see_differently(seed: int) -> None:
    chance = random.Random(seed)
    before, delta = PortalBase.of([some_tables(chance)]), some_delta(chance)
    applied = before.apply(delta)
    assert applied.touched.keys() <= SCHEMA.keys()
    for name in SCHEMA:
        one, other = (
            records(base.tables[name][list(SCHEMA[name])]) for base in (before, applied.base)
        )
        places = [list(SCHEMA[name]).index(key) for key in KEYS[name]]
        expected = {tuple(int(row[place]) for place in places) for row in one ^ other}  # type: ignore[call-overload]
        touched = applied.touched.get(name, pd.DataFrame(columns=KEYS[name]))
        assert {tuple(key) for key in touched.to_numpy().tolist()} == expected
        assert len(touched) == len(expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_deltas_put_together_do_what_they_do_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    base = PortalBase.of([some_tables(chance)])
    deltas = [some_delta(chance) for _ in range(4)]
    step_by_step = base
    for delta in deltas:
        step_by_step = step_by_step.apply(delta).base
    assert_same(base.apply(merged(deltas)).base, step_by_step)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_news_of_a_delta_lead_to_the_same_base_and_are_no_news_again(seed: int) -> None:
    chance = random.Random(seed)
    base, delta = PortalBase.of([some_tables(chance)]), some_delta(chance)
    applied = base.apply(delta)
    kept = Delta.unpacked(applied.delta.packed())
    assert_same(base.apply(kept).base, applied.base)
    again = applied.base.apply(delta)
    assert again.delta.is_empty
    assert again.touched == {}


def test_of_a_row_that_was_read_twice_the_last_one_counts() -> None:
    early, late = companies(5, 3), companies(3)
    late["lead"] = 77
    parts: list[Tables] = [
        {name: table(name) for name in TABLES} | {"companies": rows} for rows in (early, late)
    ]
    rows = PortalBase.of(parts).tables["companies"]
    assert rows["id"].tolist() == [3, 5]
    assert rows["lead"].tolist()[0] == 77


def test_a_row_whose_marks_alone_changed_is_news_but_nothing_for_the_rules() -> None:
    rows = companies(1, 2)
    marked = rows.assign(mark_payments=np.array([4, rows["mark_payments"][1]]))
    applied = base_of(companies=rows).apply(Delta({"companies": marked}))
    assert applied.delta.rows["companies"]["id"].tolist() == [1]
    assert len(applied.touched["companies"]) == 0


def test_marks_that_were_written_are_in_the_base_and_others_stay() -> None:
    rows = table(
        "companies",
        {
            name: np.zeros(3, kind) if name != "id" else np.array([2, 4, 9])
            for name, kind in TABLES["companies"].items()
        },
    )
    after = {
        name.replace("mark_", "after_"): np.ones(3, kind) for name, kind in MARK_COLUMNS.items()
    }
    written = pd.DataFrame(
        {
            "entity": np.array([4, 4, 3], "int8"),
            "id": np.array([4, 9999, 2]),
            "changed": np.array([0b100010, 0b1, 0b1], "int16"),
            **after,
        }
    )
    before = base_of(companies=rows)
    base = before.with_marks(written)
    marks = base.tables["companies"][list(MARK_COLUMNS)]
    assert marks["mark_type"].tolist() == marks["mark_payments"].tolist() == [0, 1, 0]
    others = [name for name in MARK_COLUMNS if name not in ("mark_type", "mark_payments")]
    assert not marks[others].astype("int64").to_numpy().any()
    assert dict(marks.dtypes.astype(str)) == MARK_COLUMNS
    assert before.tables["companies"]["mark_type"].tolist() == [0, 0, 0]

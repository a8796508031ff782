"""Marks as the rules say against marks as the oracle says."""

from __future__ import annotations

from typing import Any

import pandas as pd

from property.comparison import analysed
from property.marks import (
    MARKS,
    Entity,
    Marks,
    any_present,
    base_holding,
    operations_of,
    value_of,
    wanted_of,
)
from property.portals import Case, Pick
from segmentation.marks import operations, wanted_marks
from unit.segmentation.rows import base_of


def check_marks(case: Case, pick: Pick) -> None:
    """Raises AssertionError where the two differ."""
    wanted = wanted_of(case)
    frames = wanted_marks(base_of(case.rows), analysed(case))
    assert said_of(frames) == wanted
    present = any_present(case, pick)
    base = base_holding(case, present)
    found = operations(frames, {"companies": base.companies, "contacts": base.contacts})
    assert changes_of(found) == operations_of(wanted, present)
    check_rank(found, wanted)


def said_of(frames: dict[str, pd.DataFrame]) -> dict[Entity, Marks]:
    """Every entity's marks, as values."""
    return {
        (entity, row["id"]): {mark: value_of(mark, row[f"mark_{mark}"]) for mark in MARKS}
        for entity, table in ((4, "companies"), (3, "contacts"))
        for row in frames[table].to_dict("records")
    }


def changes_of(operations: pd.DataFrame) -> list[Any]:
    """Operations in the form of the oracle."""
    return [
        (
            row["entity"],
            row["id"],
            {
                mark: (
                    value_of(mark, row[f"before_{mark}"]),
                    value_of(mark, row[f"after_{mark}"]),
                )
                for bit, mark in enumerate(MARKS)
                if row["changed"] >> bit & 1
            },
        )
        for row in operations.to_dict("records")
    ]


def check_rank(operations: pd.DataFrame, wanted: dict[Entity, Marks]) -> None:
    """Every row has all that is wanted and the rank of its stage, also where nothing changes."""
    for row in operations.to_dict("records"):
        marks = wanted[row["entity"], row["id"]]
        after = {mark: value_of(mark, row[f"after_{mark}"]) for mark in MARKS}
        assert after == marks
        assert value_of("lifecycle", row["rank"]) == marks["lifecycle"]

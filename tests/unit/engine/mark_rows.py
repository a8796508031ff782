"""Rows of operations and frames of marks, written by what is different from empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from segmentation.marks import COLUMNS, MARKS

EMPTY: dict[str, Any] = {
    "parent": 0,
    "type": -1,
    "lifecycle": -1,
    "frequency": -1,
    "last_pay": pd.NaT,
    "payments": -1,
    "dialogs": -1,
    "contacts": -1,
}
Marks = Mapping[str, Any]


def marks(**held: Any) -> dict[str, Any]:
    """Values of all marks, those that are not named empty."""
    return {**EMPTY, **held}


def operation(entity: int, number: int, before: Marks, after: Marks) -> dict[str, Any]:
    """One operation."""
    changed = sum(
        1 << bit
        for bit, mark in enumerate(MARKS)
        if before[mark] is not after[mark] and before[mark] != after[mark]
    )
    row = {"entity": entity, "id": number, "rank": max(0, after["lifecycle"]), "changed": changed}
    row |= {f"before_{mark}": before[mark] for mark in MARKS}
    return row | {f"after_{mark}": after[mark] for mark in MARKS}


def operations(*rows: dict[str, Any]) -> pd.DataFrame:
    """Operations as a frame."""
    types = {"entity": "int8", "id": "int64", "rank": "int8", "changed": "int16"}
    for side in ("before", "after"):
        types |= {f"{side}_{mark}": COLUMNS[f"mark_{mark}"] for mark in MARKS}
    return pd.DataFrame(list(rows), columns=list(types)).astype(types)


def held(marks_by_id: Mapping[int, Marks]) -> pd.DataFrame:
    """What the portal holds: ``id`` and the mark columns."""
    rows = [
        {"id": number, **{f"mark_{mark}": one[mark] for mark in MARKS}}
        for number, one in marks_by_id.items()
    ]
    types = {"id": "int64", **COLUMNS}
    return pd.DataFrame(rows, columns=list(types)).astype(types)

"""Marks: what the eight user fields of companies and contacts ought to hold, and what differs from
what the portal holds (spec §3.8).

A frame of marks has a column `mark_<name>` for each of `MARKS`, of the dtypes in `COLUMNS`. Empty
is 0 for the parent, NaT for the day and -1 for the others; -2 (`FOREIGN`) is what the portal holds
and no rule would ever write, so it differs from everything wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.analysis import Analysis
from segmentation.ownership import Numbers, Ownership
from segmentation.types import FREQUENCY, KINDS, LIFECYCLE, MOMENT, Base, EntityType

MARKS = (
    "parent",
    "type",
    "lifecycle",
    "frequency",
    "last_pay",
    "payments",
    "dialogs",
    "contacts",
)
"""Names of the marks; the position is the bit of a mark in `changed`."""

COLUMNS: dict[str, str] = {
    "mark_parent": "int64",
    "mark_type": "int8",
    "mark_lifecycle": "int8",
    "mark_frequency": "int8",
    "mark_last_pay": MOMENT,
    "mark_payments": "int64",
    "mark_dialogs": "int8",
    "mark_contacts": "int8",
}
"""Columns and dtypes of a frame of marks."""

ENTITIES = {"companies": int(EntityType.COMPANY), "contacts": int(EntityType.CONTACT)}
"""Tables that carry marks, by the portal's number of their entity type."""

EMPTY, FOREIGN = -1, -2
FOREIGN_TOLD = "foreign"
"""How a value that no rule would write is told."""

CODES = {"type": KINDS, "lifecycle": LIFECYCLE, "frequency": FREQUENCY}
"""Marks whose numbers stand for codes of segments."""
SINGULAR = ("parent", "last_pay")
"""Marks whose values are nearly as many as clients: a summary counts kinds of their changes."""
CHANGES_TOLD = 8
"""The most frequent changes of a mark that a summary tells."""

Told = str | int | bool | None
"""A value of a mark for JSON: a code, a day as 'YYYY-MM-DD', a number, a truth value; None when
empty; `FOREIGN_TOLD`."""


def wanted_marks(base: Base, analysis: Analysis) -> dict[str, pd.DataFrame]:
    """What every company and every contact ought to hold, by table, in order of id.

    Columns: `id` int64 and those of `COLUMNS`. A contact bound to a company carries its parent
    company and that company's marks; a client has no parent. `analysis` is that of `base`.
    """
    base = base.deduplicated()
    ownership = Ownership.of(base)
    ids = ownership.company_ids.to_numpy()
    parents = np.where(ownership.is_client, 0, np.append(ids, 0)[ownership.parents])
    companies = np.arange(len(ids))
    return {
        "companies": _marks(ids, np.zeros_like(ids), analysis.clients, companies),
        "contacts": _marks(
            ownership.contact_ids.to_numpy(), parents, analysis.clients, ownership.contact_clients
        ),
    }


def _marks(
    ids: NDArray[np.int64], parents: NDArray[np.int64], clients: pd.DataFrame, rows: Numbers
) -> pd.DataFrame:
    own = {
        "mark_type": clients["kind"].cat.codes,
        "mark_lifecycle": clients["lifecycle"].cat.codes,
        "mark_frequency": clients["frequency"].cat.codes,
        "mark_last_pay": clients["last_payment_day"],
        "mark_payments": clients["payments"],
        "mark_dialogs": clients["has_dialogs"],
        "mark_contacts": clients["has_contact_data"],
    }
    marks = {name: column.to_numpy()[rows] for name, column in own.items()}
    return pd.DataFrame({"id": ids, "mark_parent": parents, **marks}).astype(COLUMNS)


def operations(
    wanted: Mapping[str, pd.DataFrame], present: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """One row per company or contact whose marks differ, the most useful first.

    `present` has the tables of the base with what the portal holds in columns as in `COLUMNS`; of
    rows with one id the last one counts. What is wanted of somebody who is not there is left out.

    Columns: `entity` int8 (4 company, 3 contact), `id` int64, `rank` int8 (the wanted stage of the
    lifecycle: those who pay first), `changed` int16 (bit i: `MARKS[i]` differs), and
    `before_<mark>` and `after_<mark>` for every mark. In order of rank, companies before contacts,
    id.
    """
    parts = [
        _differences(entity, wanted[table], present[table]) for table, entity in ENTITIES.items()
    ]
    found = pd.concat(parts, ignore_index=True)
    order = np.lexsort([found["id"], -found["entity"], found["rank"]])
    return found.iloc[order].reset_index(drop=True)


def _differences(entity: int, wanted: pd.DataFrame, present: pd.DataFrame) -> pd.DataFrame:
    present = present.drop_duplicates("id", keep="last")
    rows = pd.Index(present["id"]).get_indexer(pd.Index(wanted["id"]))
    after, before = wanted[rows >= 0], present.iloc[rows[rows >= 0]]
    changed = np.zeros(len(after), dtype=np.int16)
    for bit, mark in enumerate(MARKS):
        changed |= _differs(before[f"mark_{mark}"], after[f"mark_{mark}"]).astype(np.int16) << bit
    differing = changed != 0
    rank = after["mark_lifecycle"].to_numpy()
    columns = {
        "entity": np.full(len(after), entity, dtype=np.int8),
        "id": after["id"].to_numpy(),
        "rank": rank.astype(np.int8),
        "changed": changed,
        **{f"before_{mark}": _typed(before, mark) for mark in MARKS},
        **{f"after_{mark}": _typed(after, mark) for mark in MARKS},
    }
    return pd.DataFrame({name: values[differing] for name, values in columns.items()})


def _typed(marks: pd.DataFrame, mark: str) -> NDArray[Any]:
    return marks[f"mark_{mark}"].to_numpy().astype(COLUMNS[f"mark_{mark}"])


def _differs(one: pd.Series, other: pd.Series) -> NDArray[np.bool_]:
    both_empty = one.isna().to_numpy() & other.isna().to_numpy()
    differs: NDArray[np.bool_] = (one.to_numpy() != other.to_numpy()) & ~both_empty
    return differs


def summary(operations: pd.DataFrame) -> dict[str, Any]:
    """What operations will do, ready for JSON.

    `{"total", "companies", "contacts", "fields": {mark: {"count", "changes": [{"from", "to",
    "count"}]}}}`: per mark how many will change, and the most frequent changes of values (`Told`);
    of the marks in `SINGULAR` one example of each kind of change stands for all of the kind.
    """
    entity = operations["entity"]
    return {
        "total": len(operations),
        **{table: int((entity == number).sum()) for table, number in ENTITIES.items()},
        "fields": {mark: _summary_of(mark, _having(operations, mark)) for mark in MARKS},
    }


def _having(operations: pd.DataFrame, mark: str) -> pd.DataFrame:
    rows = np.flatnonzero(operations["changed"].to_numpy() >> MARKS.index(mark) & 1)
    return operations.iloc[rows]


def _summary_of(mark: str, operations: pd.DataFrame) -> dict[str, Any]:
    pair = [f"before_{mark}", f"after_{mark}"]
    if mark in SINGULAR:
        operations = _by_example(operations[pair])
    counts = operations.groupby(pair, dropna=False).size().rename("count").reset_index()
    # Groups come in order of values, so equal counts keep an order of their own.
    top = counts.sort_values("count", ascending=False, kind="stable").head(CHANGES_TOLD)
    before, after = (told(mark, top[column]) for column in pair)
    return {
        "count": len(operations),
        "changes": [
            {"from": one, "to": other, "count": count}
            for one, other, count in zip(before, after, top["count"].tolist(), strict=True)
        ],
    }


def _by_example(changes: pd.DataFrame) -> pd.DataFrame:
    """Every change as the first one that likewise fills, replaces or empties a value."""
    if changes.empty:
        return changes
    has_value = changes.notna() & (changes != 0)
    return changes.groupby([column for _, column in has_value.items()]).transform("first")


def told(mark: str, values: pd.Series) -> list[Told]:
    """Values of a mark for JSON."""
    if mark == "last_pay":
        return [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in values]
    names: dict[int, Told] = {EMPTY: None, FOREIGN: FOREIGN_TOLD}
    if mark == "parent":
        names[0] = None
    elif mark in CODES:
        names |= dict(enumerate(CODES[mark]))
    elif mark in ("dialogs", "contacts"):
        names |= {0: False, 1: True}
    return [names.get(value, value) for value in values.tolist()]


def changes_told(operations: pd.DataFrame) -> list[list[dict[str, Told]]]:
    """For each of a few operations, what changes: `{"mark", "from", "to"}`, in order of `MARKS`."""
    changes: list[list[dict[str, Told]]] = [[] for _ in range(len(operations))]
    for mark in MARKS:
        differs = operations["changed"].to_numpy() >> MARKS.index(mark) & 1
        before = told(mark, operations[f"before_{mark}"])
        after = told(mark, operations[f"after_{mark}"])
        for row in np.flatnonzero(differs):
            changes[row].append({"mark": mark, "from": before[row], "to": after[row]})
    return changes

"""Random edits of a portal, as people make them between two refreshes.

An edited portal is a case of its own, seen later; beside it stands which rows differ.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pandas as pd

from property.oracle import Row, Rows
from property.portals import Case, Pick, any_case
from segmentation.types import KEYS, SCHEMA

EDITS = (
    "add",
    "add",
    "change",
    "change",
    "change",
    "delete",
    "delete",
    "merge",
    "move",
    "un-win",
    "links",
)
LATER = (
    timedelta(0),
    timedelta(0),
    timedelta(minutes=5),
    timedelta(days=1),
    timedelta(days=31),
    timedelta(days=200),
    timedelta(days=600),
    timedelta(days=-1),
)
DOCUMENTS = ("deals", "invoices")


def once(rows: Rows) -> Rows:
    """Every object once, the last of its rows, as a base in memory holds them."""
    return {
        table: list({tuple(row[key] for key in KEYS[table]): row for row in found}.values())
        for table, found in rows.items()
    }


def edited(case: Case, pick: Pick) -> Case:
    """The portal after a few edits, at a later moment (or, where a clock was wrong, an earlier
    one).
    """
    rows = deepcopy(case.rows)
    for _ in range(pick((0, 1, 1, 2, 3, 5))):
        edit(rows, any_case(pick).rows, pick)
    return replace(case, rows=once(rows), now=case.now + pick(LATER))


def edit(rows: Rows, other: Rows, pick: Pick) -> None:
    """One edit in place; `other` is a portal to take rows and values from."""
    kind = pick(EDITS)
    table = pick(DOCUMENTS if kind in ("move", "un-win") else tuple(SCHEMA))
    if kind == "add":
        rows[table] += other[table]
    elif kind == "merge":
        merge(rows, pick)
    elif kind == "links":
        rows["links"] = other["links"]
    elif rows[table]:
        row = pick(rows[table])
        if kind == "delete":
            rows[table].remove(row)
        else:
            change(row, table, kind, other, pick)


def change(row: Row, table: str, kind: str, other: Rows, pick: Pick) -> None:
    """New values in a row, its key staying what it is."""
    if kind == "un-win":
        row.update({"won": False} if table == "deals" else {"paid": False})
    elif other[table]:
        names = [name for name in SCHEMA[table] if name not in KEYS[table]]
        wanted = ("company", "contact") if kind == "move" else names
        row.update({name: pick(other[table])[name] for name in wanted})


def merge(rows: Rows, pick: Pick) -> None:
    """Two companies or contacts become one: what referred to the one refers to the other."""
    table, column, owner_type = pick((("companies", "company", 4), ("contacts", "contact", 3)))
    if len(rows[table]) < 2:
        return
    kept, gone = pick(rows[table])["id"], pick(rows[table])["id"]
    if kept == gone:
        return
    rows[table] = [row for row in rows[table] if row["id"] != gone]
    for found in rows.values():
        for row in found:
            if row.get(column) == gone:
                row[column] = kept
            if row.get("owner_type") == owner_type and row["owner"] == gone:
                row["owner"] = kept


def changed_between(before: Case, after: Case) -> dict[str, pd.DataFrame]:
    """Keys of the rows that differ; of links only their contacts."""
    changed = {}
    for table, keys in KEYS.items():
        one, other = (
            {tuple(row[key] for key in keys): row for row in case.rows[table]}
            for case in (before, after)
        )
        differing = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        columns = pd.DataFrame(differing, columns=keys).astype(
            {key: SCHEMA[table][key] for key in keys}
        )
        changed[table] = columns[["contact"]] if table == "links" else columns
    return changed

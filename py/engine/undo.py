"""Taking back a fill of marks: pure functions from its journal and what the portal holds now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm.mark_comparison import Bits, compare
from crm.mark_journal import DONE, DOUBTFUL
from segmentation.marks import MARKS, told

LISTED_CONFLICTS = 100


@dataclass(frozen=True)
class UndoPlan:
    """What taking back comes to for some entities.

    ``operations`` have the form that the writer takes. ``restored`` counts entities that hold
    already what they held before, ``gone`` those that there are no more. ``conflicts`` are marks
    that are neither as the fill left them nor as they were before: ``entity``, ``id``, ``mark``,
    ``expected``, ``found``.
    """

    operations: pd.DataFrame
    conflicts: list[dict[str, Any]]
    conflicts_total: int
    restored: int
    gone: int


def reverse(rows: pd.DataFrame) -> pd.DataFrame:
    """The operations that take back what the rows of a fill's journal did: one per entity, from
    what the fill made of it last to what it was first. The most useful clients come first.

    Doubtful rows are taken as written: what the portal holds will tell.
    """
    if rows.empty:
        return rows
    keys = ["entity", "id"]
    sent = rows[rows["state"].isin([DONE, DOUBTFUL])]
    sent = sent.sort_values(keys, kind="stable", ignore_index=True)
    first = ~sent.duplicated(keys, keep="first").to_numpy()
    last = ~sent.duplicated(keys, keep="last").to_numpy()
    earliest, latest = (sent[where].reset_index(drop=True) for where in (first, last))
    back = latest[["entity", "id", "rank"]].copy()
    changed = sent["changed"].to_numpy()
    back["changed"] = (
        np.bitwise_or.reduceat(changed, np.flatnonzero(first)) if len(sent) else changed
    )
    for mark in MARKS:
        back[f"before_{mark}"] = latest[f"after_{mark}"]
        back[f"after_{mark}"] = earliest[f"before_{mark}"]
    return back.sort_values(["rank", *keys], ignore_index=True)


def plan(back: pd.DataFrame, present: pd.DataFrame) -> UndoPlan:
    """Bring marks back where they are as the fill left them.

    ``back`` is part of what ``reverse`` made, all of one entity type; ``present`` what the portal
    holds now: ``id`` and the mark columns.
    """
    found = compare(back, present)
    changed = found.undone & ~found.disturbed
    operations = back.assign(
        changed=changed, **{f"before_{mark}": held for mark, held in found.held.items()}
    )
    return UndoPlan(
        operations=operations[changed != 0].reset_index(drop=True),
        conflicts=_listed(back, operations, found.disturbed),
        conflicts_total=int(sum((found.disturbed >> bit & 1).sum() for bit in range(len(MARKS)))),
        restored=int((found.there & (found.undone == 0)).sum()),
        gone=int((~found.there).sum()),
    )


def _listed(back: pd.DataFrame, held: pd.DataFrame, disturbed: Bits) -> list[dict[str, Any]]:
    """The first conflicts: ``held`` has in ``before_*`` what was found."""
    listed: list[dict[str, Any]] = []
    for bit, mark in enumerate(MARKS):
        rows = np.flatnonzero(disturbed >> bit & 1)[: LISTED_CONFLICTS - len(listed)]
        columns = {
            "entity": back["entity"].iloc[rows].tolist(),
            "id": back["id"].iloc[rows].tolist(),
            "mark": [mark] * len(rows),
            "expected": told(mark, back[f"before_{mark}"].iloc[rows]),
            "found": told(mark, held[f"before_{mark}"].iloc[rows]),
        }
        for values in zip(*columns.values(), strict=True):
            listed.append(dict(zip(columns, values, strict=True)))
    return listed

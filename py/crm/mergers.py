"""Where the belongings of a deleted client went: that is how a merger shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from crm.known import REFERENCES, Known, Reference, refers
from crm.tables import KEYS


def merged_into(
    known: Known, now: Mapping[str, pd.DataFrame], entity_type: int, gone: Collection[int]
) -> dict[int, int]:
    """Per deleted object the one to which most of what belonged to it belongs ``now``.

    Those of which nothing moved to another object of the type are left out: they were deleted
    without a heir, or had nothing.
    """
    ids = np.fromiter(gone, np.int64, len(gone))
    moves = [
        _moves(known, now, reference, entity_type, ids)
        for reference in REFERENCES[entity_type]
        if reference.table != "links" and reference.table in known.tables
    ]
    if not moves:
        return {}
    moved = pd.concat(moves, ignore_index=True)
    moved = moved[(moved["heir"] > 0) & ~moved["heir"].isin(ids)]
    counts = moved.groupby(["gone", "heir"]).size().sort_values(kind="stable")
    heirs = counts.index.to_frame(index=False).drop_duplicates("gone", keep="last")
    return dict(zip(heirs["gone"].tolist(), heirs["heir"].tolist(), strict=True))


def _moves(
    known: Known,
    now: Mapping[str, pd.DataFrame],
    reference: Reference,
    entity_type: int,
    ids: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> pd.DataFrame:
    """``gone`` and ``heir`` of every row that referred to one of the objects and is there still."""
    rows, keys = known.tables[reference.table], KEYS[reference.table]
    before = rows.loc[refers(rows, reference, entity_type, ids), [*keys, reference.column]]
    after = now[reference.table]
    if reference.typed:
        after = after[after["owner_type"] == entity_type]
    both = before.merge(after[[*keys, reference.column]], on=keys, suffixes=("_before", "_after"))
    moved = pd.DataFrame(
        {"gone": both[f"{reference.column}_before"], "heir": both[f"{reference.column}_after"]}
    )
    if reference.table == "contacts" and "links" in known.tables:
        moved = moved[~_were_linked(both["id"], moved["heir"], known.tables["links"])]
    return moved


def _were_linked(contacts: pd.Series, companies: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Which contacts had that company before: when their first one goes, the next takes its place,
    and that is no merger.
    """
    pairs = pd.MultiIndex.from_arrays([contacts, companies])
    return pd.Series(pairs.isin(pd.MultiIndex.from_frame(links)), index=contacts.index)

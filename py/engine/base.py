"""The tables of a portal in memory, brought up to date by deltas.

Everything is whole columns at once: a million clients take a second or two, no row is looked at by
itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.tables import TABLES, table
from engine.delta import Delta, Ints, codes_of, in_order, keys_of
from segmentation.marks import ENTITIES, MARKS
from segmentation.types import SCHEMA, Base

Rows = NDArray[np.intp]
"""Row numbers."""


@dataclass(frozen=True)
class Applied:
    """A base after a delta.

    ``delta`` is what of it was news: without the rows that were known just so, and the deletions of
    what was never there. ``touched`` has, per table, the keys of the rows that the rules may see
    differently now: new, changed and gone ones; a change of marks alone is none for the rules.
    """

    base: PortalBase
    delta: Delta
    touched: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class PortalBase:
    """What is known of a portal at one moment; never changed in place, so that an earlier one can
    be compared with.

    ``tables`` have the columns of ``crm.tables.TABLES``, each row once, in the order of the keys.
    """

    tables: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, parts: Iterable[Mapping[str, pd.DataFrame]]) -> PortalBase:
        """The base that these parts make up; of rows with the same key the last one counts."""
        parts = list(parts)
        return cls(
            {name: in_order(name, _joined([part[name] for part in parts], name)) for name in TABLES}
        )

    def as_base(self) -> Base:
        """The base as the rules take it."""
        return Base(**{name: self.tables[name] for name in SCHEMA})

    def apply(self, delta: Delta) -> Applied:
        """The base after a delta, with what of the delta was news."""
        tables = dict(self.tables)
        rows: dict[str, pd.DataFrame] = {}
        deleted: dict[str, pd.DataFrame] = {}
        touched: dict[str, pd.DataFrame] = {}
        for name in TABLES:
            if name == "links":
                continue
            change = _Change.of(name, tables[name], delta)
            if change.is_none:
                continue
            tables[name] = change.result()
            if name in SCHEMA:
                touched[name] = change.touched()
            if len(change.came):
                rows[name] = change.came
            if len(change.gone):
                deleted[name] = keys_of(name, change.before.take(change.gone))
        links, relinked, changed_links = _relinked(tables["links"], delta)
        if len(changed_links):
            tables["links"] = links
            touched["links"] = changed_links
            kept = links[np.isin(links["contact"].to_numpy(), relinked)]
            if len(kept):
                rows["links"] = kept.reset_index(drop=True)
        return Applied(PortalBase(tables), Delta(rows, deleted, relinked), touched)

    def with_marks(self, written: pd.DataFrame) -> PortalBase:
        """The base after these operations were written: rows with ``entity``, ``id``, ``changed``
        and ``after_<mark>``.
        """
        tables = dict(self.tables)
        for name, entity in ENTITIES.items():
            operations = written[written["entity"].to_numpy() == entity]
            tables[name] = _written(tables[name], operations)
        return PortalBase(tables)


@dataclass(frozen=True)
class _Change:
    """What a delta does to one table: ``came`` are rows that are new or different, ``replaced`` and
    ``gone`` the numbers of the rows before that they replace or that were deleted, ``seen`` tells
    for each row that came whether the rules see a difference.
    """

    name: str
    before: pd.DataFrame
    came: pd.DataFrame
    seen: NDArray[np.bool_]
    replaced: Rows
    gone: Rows

    @classmethod
    def of(cls, name: str, before: pd.DataFrame, delta: Delta) -> _Change:
        codes = codes_of(name, before)
        gone_codes = codes_of(name, delta.deleted.get(name))
        position, found = _find(codes, gone_codes)
        gone = np.unique(position[found])
        rows = in_order(name, delta.rows.get(name, table(name)))
        rows = rows[~np.isin(codes_of(name, rows), gone_codes)]
        position, found = _find(codes, codes_of(name, rows))
        differs, seen = ~found, ~found
        old, new = before.take(position[found]), rows[found]
        for column in TABLES[name]:
            unequal = ~_equal(old[column].to_numpy(), new[column].to_numpy())
            differs[found] |= unequal
            if column in SCHEMA.get(name, ()):
                seen[found] |= unequal
        came = rows[differs].reset_index(drop=True)
        return cls(name, before, came, seen[differs], position[differs & found], gone)

    @property
    def is_none(self) -> bool:
        return not len(self.came) and not len(self.gone)

    def result(self) -> pd.DataFrame:
        stays = np.ones(len(self.before), np.bool_)
        stays[self.replaced] = False
        stays[self.gone] = False
        return in_order(self.name, _joined([self.before[stays], self.came], self.name))

    def touched(self) -> pd.DataFrame:
        came = keys_of(self.name, self.came[self.seen])
        gone = keys_of(self.name, self.before.take(self.gone))
        return pd.concat([came, gone], ignore_index=True)


def _relinked(before: pd.DataFrame, delta: Delta) -> tuple[pd.DataFrame, Ints, pd.DataFrame]:
    """Links after a delta, the contacts that have other links now, and the links that came or
    went.
    """
    dropped = codes_of("contacts", delta.deleted.get("contacts"))
    new = in_order("links", delta.rows.get("links", table("links")))
    new = new[~np.isin(new["contact"].to_numpy(), dropped)]
    left = np.isin(before["contact"].to_numpy(), delta.unlinked)
    both = pd.concat([before[left], new], ignore_index=True)
    changed = both[~both.duplicated(keep=False)].reset_index(drop=True)
    relinked = np.setdiff1d(changed["contact"].to_numpy(), dropped)
    links = in_order("links", _joined([before[~left], new], "links"))
    return links, relinked, changed


def _written(rows: pd.DataFrame, operations: pd.DataFrame) -> pd.DataFrame:
    places, found = _find(rows["id"].to_numpy(), operations["id"].to_numpy())
    changed = operations["changed"].to_numpy()
    columns: dict[str, NDArray[np.generic]] = {}
    for bit, mark in enumerate(MARKS):
        differs = found & ((changed >> bit & 1) == 1)
        if differs.any():
            values = rows[f"mark_{mark}"].to_numpy().copy()
            values[places[differs]] = operations[f"after_{mark}"].to_numpy()[differs]
            columns[f"mark_{mark}"] = values
    return rows.assign(**columns) if columns else rows


def _find(codes: Ints, wanted: Ints) -> tuple[Rows, NDArray[np.bool_]]:
    """Row numbers of the wanted codes among rising ``codes``, and which of them are there."""
    places = np.searchsorted(codes, wanted)
    found = places < len(codes)
    found[found] = codes[places[found]] == wanted[found]
    return places, found


def _equal(one: NDArray[np.generic], other: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where two columns of the same type are equal; no moment equals no moment."""
    if one.dtype.kind == "M":
        one, other = one.view(np.int64), other.view(np.int64)
    equal: NDArray[np.bool_] = one == other
    return equal


def _joined(frames: list[pd.DataFrame], name: str) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else table(name)

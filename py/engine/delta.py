"""What of the tables came, changed or went between two syncs: laid over a base, and kept as the
change records of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.tables import KEYS
from storage.packing import pack, unpack

Ints = NDArray[np.int64]

KINDS_OF_INVOICES = 64
"""More than the greatest entity type that an invoice can have."""
DELETED = "deleted_"
"""Before a table's name: the packed keys of its deleted rows."""
RELINKED = "relinked"


def no_contacts() -> Ints:
    """No ids at all."""
    return np.array([], np.int64)


@dataclass(frozen=True)
class Delta:
    """Rows as they are now, and keys of rows that are gone; tables with neither are left out.

    ``rows`` have the columns of ``crm.tables.TABLES``, ``deleted`` the columns of ``KEYS``. The
    links of the contacts in ``relinked`` are those in ``rows`` and no others; a deleted contact has
    none.
    """

    rows: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    deleted: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    relinked: Ints = field(default_factory=no_contacts)

    @property
    def is_empty(self) -> bool:
        """Whether nothing came, changed or went."""
        return not (self.rows or self.deleted or len(self.relinked))

    @property
    def unlinked(self) -> Ints:
        """Contacts whose former links no longer count."""
        return np.union1d(self.relinked, codes_of("contacts", self.deleted.get("contacts")))

    def then(self, later: Delta) -> Delta:
        """Both deltas as one, the later one having the last word."""
        rows: dict[str, pd.DataFrame] = {}
        deleted: dict[str, pd.DataFrame] = {}
        for name in KEYS:
            came, went = later.rows.get(name), later.deleted.get(name)
            settled = later.unlinked if name == "links" else codes_of(name, came, went)
            _put(rows, name, _without(name, self.rows.get(name), settled), came)
            if name != "links":
                gone = _without(name, self.deleted.get(name), codes_of(name, came, went))
                _put(deleted, name, gone, went)
        dropped = codes_of("contacts", later.deleted.get("contacts"))
        relinked = np.union1d(np.setdiff1d(self.relinked, dropped), later.relinked)
        return Delta(rows, deleted, relinked)

    def packed(self) -> dict[str, bytes]:
        """The delta as tables for the store."""
        tables = {name: pack(rows) for name, rows in self.rows.items()}
        tables |= {DELETED + name: pack(keys) for name, keys in self.deleted.items()}
        if len(self.relinked):
            tables[RELINKED] = pack(pd.DataFrame({"contact": self.relinked}))
        return tables

    @classmethod
    def unpacked(cls, tables: Mapping[str, bytes]) -> Delta:
        """The delta that :meth:`packed` gave; ValueError when the bytes are something else."""
        frames = {name: unpack(data) for name, data in tables.items()}
        relinked = frames.pop(RELINKED, None)
        return cls(
            rows={name: rows for name, rows in frames.items() if name in KEYS},
            deleted={
                name.removeprefix(DELETED): keys
                for name, keys in frames.items()
                if name.startswith(DELETED)
            },
            relinked=no_contacts() if relinked is None else relinked["contact"].to_numpy(),
        )


def merged(deltas: Iterable[Delta]) -> Delta:
    """All deltas, given in the order of time, as one."""
    return reduce(Delta.then, deltas, Delta())


def codes_of(name: str, *frames: pd.DataFrame | None) -> Ints:
    """One whole number per row that stands for its key: ids, with the kind for invoices; for links
    the contact, by which they are replaced.
    """
    found = [_codes(name, frame) for frame in frames if frame is not None]
    return np.concatenate(found) if found else no_contacts()


def keys_of(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The key columns of rows."""
    return rows[KEYS[name]].reset_index(drop=True)


def in_order(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of their keys, the last one of each key."""
    columns = [rows[key].to_numpy() for key in KEYS["links"]] if name == "links" else []
    columns = columns or [_codes(name, rows)]
    rising = _rises(columns)
    if rising.all():
        return rows
    order = np.lexsort(columns[::-1])
    is_last = np.append(_rises([column[order] for column in columns]), True)
    return rows.take(order[is_last]).reset_index(drop=True)


def _rises(columns: list[NDArray[Any]]) -> NDArray[np.bool_]:
    """For all rows but the last: whether the next row's key is greater."""
    rises = np.zeros(max(0, len(columns[0]) - 1), np.bool_)
    for column in reversed(columns):
        rises = (column[1:] > column[:-1]) | ((column[1:] == column[:-1]) & rises)
    return rises


def _codes(name: str, rows: pd.DataFrame) -> Ints:
    codes: Ints = rows["contact" if name == "links" else "id"].to_numpy()
    return codes * KINDS_OF_INVOICES + rows["kind"].to_numpy() if name == "invoices" else codes


def _without(name: str, rows: pd.DataFrame | None, settled: Ints) -> pd.DataFrame | None:
    if rows is None or not len(settled):
        return rows
    return rows[~np.isin(_codes(name, rows), settled)]


def _put(
    frames: dict[str, pd.DataFrame],
    name: str,
    earlier: pd.DataFrame | None,
    later: pd.DataFrame | None,
) -> None:
    found = [frame for frame in (earlier, later) if frame is not None and len(frame)]
    if found:
        frames[name] = pd.concat(found, ignore_index=True)

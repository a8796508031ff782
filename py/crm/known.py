"""What is known of a portal from earlier readings, as far as the search for changes asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.convert import Ints
from crm.rows import COMPANY, CONTACT, DEAL, LEAD, OLD_INVOICE, SMART_INVOICE
from crm.sources import SOURCES, Source


@dataclass(frozen=True)
class Reference:
    """A column of a table that names rows of an entity type; where ``typed``, the column
    ``owner_type`` tells of which.
    """

    table: str
    column: str
    typed: bool = False


_OWNED = (Reference("activities", "owner", True), Reference("requisites", "owner", True))
REFERENCES: dict[int, tuple[Reference, ...]] = {
    COMPANY: (
        Reference("contacts", "company"),
        Reference("links", "company"),
        Reference("deals", "company"),
        Reference("invoices", "company"),
        *_OWNED,
    ),
    CONTACT: (Reference("deals", "contact"), Reference("invoices", "contact"), *_OWNED),
    DEAL: (Reference("invoices", "deal"), *_OWNED),
    LEAD: (Reference("companies", "lead"), Reference("contacts", "lead"), *_OWNED),
    SMART_INVOICE: _OWNED,
    OLD_INVOICE: _OWNED,
}
"""What may refer to an object; merging objects moves it without a trace in its own row."""


class Known:
    """Tables of ``crm.tables`` in any order of rows; tables that are missing are empty."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables

    def ids(self, source: Source) -> Ints:
        """Ids of a source's rows, in order, each once; of links, the contacts that have any."""
        return self._ids.get(source.name, np.array([], np.int64))

    def last_id(self, source: Source) -> int:
        """The greatest of them; 0 when there is none."""
        ids = self.ids(source)
        return int(ids[-1]) if len(ids) else 0

    def among(self, source: Source, ids: Collection[int]) -> set[int]:
        """Those of ``ids`` that are known."""
        wanted = np.fromiter(ids, np.int64, len(ids))
        return set(wanted[np.isin(wanted, self.ids(source))].tolist())

    def referring(self, entity_type: int, ids: Collection[int]) -> Iterator[tuple[Source, Ints]]:
        """Sources with the ids of their rows that refer to any of these objects; contacts for
        links.
        """
        wanted = np.fromiter(ids, np.int64, len(ids))
        for reference in REFERENCES.get(entity_type, ()):
            rows = self.tables.get(reference.table)
            if rows is None:
                continue
            found = rows[refers(rows, reference, entity_type, wanted)]
            for source in SOURCES:
                if source.table == ("contacts" if reference.table == "links" else reference.table):
                    yield source, _ids_of(found, source, reference.table)

    @cached_property
    def _ids(self) -> dict[str, Ints]:
        return {
            source.name: np.unique(_ids_of(self.tables[source.table], source, source.table))
            for source in SOURCES
            if source.table in self.tables
        }


def refers(
    rows: pd.DataFrame, reference: Reference, entity_type: int, ids: Ints
) -> npt.NDArray[np.bool_]:
    """Which rows of the reference's table refer to any of the objects."""
    found: npt.NDArray[np.bool_] = np.isin(rows[reference.column].to_numpy(), ids)
    if reference.typed:
        found &= rows["owner_type"].to_numpy() == entity_type
    return found


def _ids_of(rows: pd.DataFrame, source: Source, table: str) -> Ints:
    if table == "links":
        return rows["contact"].to_numpy()
    ids: Ints = rows["id"].to_numpy()
    return ids[rows["kind"].to_numpy() == source.entity_type] if table == "invoices" else ids

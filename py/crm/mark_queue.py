"""Operations that wait to be written, the most useful first."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.mark_definitions import COMPANY, CONTACT, DEFINITIONS, MARKS
from crm.mark_fields import MarkFields
from crm.mark_values import fields, item_fields
from crm.query import Command

OWN_METHODS = {COMPANY: "crm.company.update", CONTACT: "crm.contact.update"}
ITEM_METHOD = "crm.item.update"
"""Writes either; all three have execution time of their own."""
SILENT = {"REGISTER_SONET_EVENT": "N", "REGISTER_HISTORY_EVENT": "N"}
"""Parameters of the own methods: a mark is no news for the feed or for the card's history."""

SUSPECT_FROM = 2
"""So many bad ends of batches make an operation go alone: one client whom the portal cannot save
does not hold up the others.
"""

Places = list[int]
"""Places of operations in the table that was given."""


class Queue:
    """The operations of one writing. Each has its place, from 0 on, for good."""

    def __init__(
        self, operations: pd.DataFrame, marks: MarkFields, *, were_sent: bool = False
    ) -> None:
        """``operations`` as ``segmentation.marks.operations`` has them, the most useful first.
        ``were_sent`` is whether an earlier writing has sent them.
        """
        self._marks = marks
        self._columns = {
            str(name): column.to_numpy(copy=True) for name, column in operations.items()
        }
        self._entities = self._columns["entity"]
        self._blame = np.zeros(len(operations), np.int16)
        self._sent = np.full(len(operations), were_sent)
        self._waiting: dict[int, Places] = {
            entity: np.flatnonzero(self._entities == entity).tolist() for entity in OWN_METHODS
        }

    @property
    def waiting(self) -> dict[int, int]:
        """Operations that nobody has taken, by entity type."""
        return {entity: len(places) for entity, places in self._waiting.items()}

    def next_entity(self) -> int | None:
        """The entity type whose next operation is the most useful; of equals, the one with more to
        come. None when all are taken.
        """
        waiting = [entity for entity, places in self._waiting.items() if places]
        ranks = self._columns["rank"]
        return min(
            waiting,
            key=lambda entity: (
                int(ranks[self._waiting[entity][0]]),
                -len(self._waiting[entity]),
            ),
            default=None,
        )

    def take(self, entity: int, most: int) -> Places:
        """The next operations of companies or contacts, at most so many.

        One that is to blame for several batches that ended badly comes alone.
        """
        heap, taken = self._waiting[entity], Places()
        while heap and len(taken) < most:
            is_suspect = self._blame[heap[0]] >= SUSPECT_FROM
            if taken and is_suspect:
                break
            taken.append(heapq.heappop(heap))
            if is_suspect:
                break
        return taken

    def put_back(self, places: Sequence[int]) -> None:
        """Let operations wait again, in their order."""
        for place in places:
            heapq.heappush(self._waiting[int(self._entities[place])], place)

    def sent(self, places: Sequence[int]) -> None:
        """Remember that operations have left."""
        self._sent[list(places)] = True

    def fresh(self, places: Sequence[int]) -> Places:
        """Those that have never left."""
        return [place for place in places if not self._sent[place]]

    def failed(self, place: int) -> int:
        """Blame an operation for a batch that ended badly; how often that was done by now."""
        self._blame[place] += 1
        return int(self._blame[place])

    def frame(self, places: Sequence[int]) -> pd.DataFrame:
        """The operations as they are known now."""
        rows = list(places)
        return pd.DataFrame({name: column[rows] for name, column in self._columns.items()})

    def ids(self, places: Sequence[int]) -> npt.NDArray[np.int64]:
        """Ids of companies or contacts."""
        return self._columns["id"][list(places)].astype(np.int64)

    def command(self, place: int, method: str) -> Command:
        """The update of one operation."""
        entity, number = int(self._entities[place]), int(self._columns["id"][place])
        row = {f"after_{mark}": self._columns[f"after_{mark}"][place] for mark in MARKS}
        values = fields(self._marks.of(entity), row, int(self._columns["changed"][place]))
        if method == ITEM_METHOD:
            params = {
                "entityTypeId": entity,
                "id": number,
                "fields": item_fields(values),
                "useOriginalUfNames": "Y",
            }
        else:
            params = {"id": number, "fields": values, "params": SILENT}
        return Command.of(method, params)

    def is_kept(self, place: int, answer: Any) -> bool:
        """Whether the item that ``crm.item.update`` gives back holds the zero that was written: how
        a portal takes it is not documented.
        """
        count = MARKS.index("payments")
        if not self._columns["changed"][place] >> count & 1:
            return True
        if self._columns["after_payments"][place]:
            return True
        item = answer.get("item") if isinstance(answer, dict) else None
        held = item.get(DEFINITIONS["payments"].name, 0) if isinstance(item, dict) else 0
        return str(held) == "0"

    def correct(self, place: int, changed: int, before: Mapping[str, Any]) -> None:
        """Take in what an entity holds now: its true image before, and the marks left to write."""
        self._columns["changed"][place] = changed
        for mark in MARKS:
            self._columns[f"before_{mark}"][place] = before[mark]

"""Fills of marks: their records, and the journal that is on the disk before a batch leaves.

A *fill* writes the marks that differ; an *undo* takes a fill back. Both leave every batch they send
in the journal, with what was there before. The last ``KEPT_FILLS`` fills can be undone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.mark_journal import DONE, DOUBTFUL, GONE, REFUSED
from storage.layout import FILL
from storage.packing import pack, unpack
from storage.protocol import Store

KEPT_FILLS = 3
LISTED_REFUSALS = 20
"""So many entities that the portal refused are told by name."""
STATES = 6
"""How many states ``crm.mark_journal`` knows."""

Version = tuple[int, int]
"""Id of the reading and number of the sync: tells a base from the next one."""
NO_BASE: Version = (0, 0)
"""For journals that no base is compared with."""


@dataclass(frozen=True)
class Fill:
    """How a fill or an undo stands; counts are updates, of all its sittings.

    ``of`` is the fill that an undo takes back, ``undone`` says that a fill has been taken back, at
    least in part. ``started_at`` is an ISO moment. ``refusals`` hold ``entity``, ``id`` and
    ``words``, those of the portal.
    """

    id: int
    kind: Literal["fill", "undo"]
    started_at: str
    state: Literal["running", "paused", "settling", "complete"] = "running"
    total: int = 0
    done: int = 0
    refused: int = 0
    gone: int = 0
    of: int = 0
    undone: bool = False
    refusals: tuple[dict[str, Any], ...] = ()

    @property
    def counts(self) -> dict[str, Any]:
        """What the page is told of it."""
        return {
            "total": self.total,
            "done": self.done,
            "refused": self.refused,
            "gone": self.gone,
            "refusals": list(self.refusals),
            "words": self.refusals[0]["words"] if self.refusals else "",
        }


@dataclass(frozen=True)
class Fills:
    """The fills that are remembered, the youngest last."""

    fills: tuple[Fill, ...] = ()

    @classmethod
    async def load(cls, store: Store) -> Fills:
        """What the store remembers; nothing when that cannot be read."""
        text = await store.load_fact(FILL)
        try:
            records = json.loads(text or "[]")
            return cls(tuple(Fill(**{**record, **_tuples(record)}) for record in records))
        except (ValueError, TypeError, KeyError):
            return cls()

    def to_json(self) -> str:
        """JSON text for the store."""
        return json.dumps([asdict(fill) for fill in self.fills])

    @property
    def unfinished(self) -> Fill | None:
        """The fill or undo to go on with."""
        last = self.fills[-1] if self.fills else None
        return last if last is not None and last.state != "complete" else None

    @property
    def undoable(self) -> Fill | None:
        """The youngest fill that has written something and has not been taken back."""
        for fill in reversed(self.fills):
            if fill.kind == "fill" and not fill.undone and fill.done:
                return fill
        return None

    def get(self, number: int) -> Fill | None:
        """The fill with this id."""
        return next((fill for fill in self.fills if fill.id == number), None)

    def begun(self, kind: Literal["fill", "undo"], started_at: str, of: int = 0) -> Fill:
        """A new fill or undo, not among these yet."""
        number = max((fill.id for fill in self.fills), default=0) + 1
        return Fill(id=number, kind=kind, started_at=started_at, of=of)

    def having(self, fill: Fill) -> Fills:
        """These with ``fill`` in place of its earlier self, or as the youngest."""
        if self.get(fill.id) is None:
            return Fills((*self.fills, fill))
        return Fills(tuple(fill if one.id == fill.id else one for one in self.fills))

    def kept(self) -> Fills:
        """The last few fills, and the undos since the oldest of them."""
        numbers = [fill.id for fill in self.fills if fill.kind == "fill"][-KEPT_FILLS:]
        oldest = min(numbers, default=0)
        return Fills(tuple(fill for fill in self.fills if fill.id >= oldest))


@dataclass
class FillJournal:
    """Journal of one fill (see ``crm.mark_journal.Journal``), and the keeper of its record.

    ``version`` is that of the base the updates were computed from: the updates of an older version
    are in the base already.
    """

    store: Store
    fills: Fills
    fill: Fill
    version: Version
    doubtful: dict[int, pd.DataFrame] = field(default_factory=dict)
    _next: int = 1

    @classmethod
    async def open(cls, store: Store, fills: Fills, fill: Fill, version: Version) -> FillJournal:
        """Go on with the journal of ``fill``, or begin it, when journals too old are dropped."""
        journal = cls(store, fills.having(fill).kept(), fill, version)
        await store.drop_fills(
            [one.id for one in journal.fills.fills], {FILL: journal.fills.to_json()}
        )
        counts = np.zeros(STATES, np.int64)
        for number, data in (await store.load_batches(fill.id)).items():
            batch = unpack(data)
            states = batch["state"].to_numpy()
            counts += np.bincount(states, minlength=STATES)
            if (states == DOUBTFUL).any():
                journal.doubtful[number] = batch
            journal._next = number + 1
        journal._change(
            done=int(counts[DONE]), refused=int(counts[REFUSED]), gone=int(counts[GONE])
        )
        return journal

    @property
    def known(self) -> int:
        """Updates that are settled or in doubt."""
        doubtful = sum(int((rows["state"] == DOUBTFUL).sum()) for rows in self.doubtful.values())
        return self.fill.done + self.fill.refused + self.fill.gone + doubtful

    async def sent(self, batch: pd.DataFrame) -> int:
        """Put a batch on the disk that is about to leave; its number."""
        number, self._next = self._next, self._next + 1
        run, sync = self.version
        batch = batch.assign(
            state=np.int8(DOUBTFUL), run=np.int64(run), sync=np.int64(sync)
        ).reset_index(drop=True)
        self.doubtful[number] = batch
        await self._put(number, batch)
        return number

    async def settled(self, number: int, states: NDArray[np.int8], words: Sequence[str]) -> None:
        """Take in what became of a batch's rows: one state and the portal's words for each."""
        batch = self.doubtful.pop(number)
        before = batch["state"].to_numpy()
        run, sync = self.version
        batch = batch.assign(
            state=np.asarray(states, np.int8), run=np.int64(run), sync=np.int64(sync)
        )
        if (batch["state"] == DOUBTFUL).any():
            self.doubtful[number] = batch
        counts = np.bincount(states, minlength=STATES) - np.bincount(before, minlength=STATES)
        self._change(
            done=self.fill.done + int(counts[DONE]),
            refused=self.fill.refused + int(counts[REFUSED]),
            gone=self.fill.gone + int(counts[GONE]),
            refusals=(*self.fill.refusals, *_refusals(batch, words))[:LISTED_REFUSALS],
        )
        await self._put(number, batch)

    async def rows(self) -> pd.DataFrame:
        """All rows of the journal in the order they were sent; no columns when there is none."""
        batches = await self.store.load_batches(self.fill.id)
        tables = [unpack(data) for data in batches.values()]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    async def save(self, **changes: Any) -> None:
        """Change the record of the fill and write it."""
        self._change(**changes)
        await self.store.save_facts({FILL: self.fills.to_json()})

    async def take_back(self, number: int) -> None:
        """Remember that a fill is being taken back, which is its end."""
        fill = self.fills.get(number)
        if fill is not None:
            self.fills = self.fills.having(replace(fill, undone=True, state="complete"))
        await self.save()

    def _change(self, **changes: Any) -> None:
        self.fill = replace(self.fill, **changes)
        self.fills = self.fills.having(self.fill)

    async def _put(self, number: int, batch: pd.DataFrame) -> None:
        await self.store.put_batch(self.fill.id, number, pack(batch), self.fills.to_json())


def _refusals(batch: pd.DataFrame, words: Sequence[str]) -> list[dict[str, Any]]:
    refused = np.flatnonzero(batch["state"] == REFUSED)
    return [
        {
            "entity": int(batch["entity"].iloc[row]),
            "id": int(batch["id"].iloc[row]),
            "words": words[row],
        }
        for row in refused[:LISTED_REFUSALS]
    ]


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {"refusals": tuple(record["refusals"])}

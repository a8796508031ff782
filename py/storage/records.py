"""The record of a refresh: which months it covers, which of them are stored, how it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

TABLES_VERSION = 3
"""Raised whenever the columns of the stored tables change; a run of another version starts over."""

RunState = Literal["running", "paused", "complete"]


@dataclass(frozen=True)
class Run:
    """A full reading and the syncs that have brought it up to date since.

    ``months`` are all months it covers in order (``YYYY-MM``), ``done`` those stored,
    ``started_at`` and ``as_of`` ISO moments of the portal's clock: when it began, and when its last
    sitting began. ``notes`` tell what was odd about the rows read: ``{"code": str, ...}``.

    Once complete, ``synced_at`` is the ISO moment up to which every change is in the store,
    ``sync`` the number of the last sync, and ``changes`` the numbers of the change records that are
    to be laid over the months, in order. ``cursor`` is the last deletion event that has been heard
    (in an unfinished run: the last one before it began). ``facts`` are what the rows were read
    with, as JSON: if they change, rows that nobody touched would read differently. ``limits`` are
    those of the lifecycle that the view was counted with, in months; empty for the usual ones.
    """

    id: int
    started_at: str
    as_of: str
    months: tuple[str, ...]
    done: tuple[str, ...] = ()
    notes: tuple[dict[str, Any], ...] = ()
    state: RunState = "running"
    tables_version: int = field(default=TABLES_VERSION)
    synced_at: str = ""
    sync: int = 0
    changes: tuple[int, ...] = ()
    cursor: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    limits: tuple[int, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Months still to be read, in order."""
        done = set(self.done)
        return [month for month in self.months if month not in done]

    @property
    def through(self) -> str | None:
        """The last month up to which everything is stored without a gap, or None."""
        done = set(self.done)
        last = None
        for month in self.months:
            if month not in done:
                break
            last = month
        return last

    def with_month(self, month: str, notes: Sequence[dict[str, Any]] = ()) -> Run:
        """The same run with one more month stored, and what was odd about its rows."""
        return replace(self, done=(*self.done, month), notes=(*self.notes, *notes))

    def synced(self, synced_at: str, cursor: int, facts: dict[str, Any], *, changed: bool) -> Run:
        """The same run, complete and one sync further; ``changed`` says whether the sync leaves a
        change record, which then has the number ``sync``.
        """
        number = self.sync + 1
        return replace(
            self,
            state="complete",
            as_of=synced_at,
            synced_at=synced_at,
            sync=number,
            changes=(*self.changes, number) if changed else self.changes,
            cursor=cursor,
            facts=facts,
        )

    def compacted(self) -> Run:
        """The same run with a single change record, of the last number, in place of all."""
        return replace(self, changes=self.changes[-1:])

    def to_json(self) -> str:
        """JSON text for the store."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Run | None:
        """The run a JSON text holds; None when it was written by a version with other tables or is
        damaged.
        """
        try:
            facts: dict[str, Any] = json.loads(text)
            run = cls(
                id=int(facts["id"]),
                started_at=str(facts["started_at"]),
                as_of=str(facts["as_of"]),
                months=tuple(facts["months"]),
                done=tuple(facts["done"]),
                notes=tuple(facts["notes"]),
                state=facts["state"],
                tables_version=int(facts["tables_version"]),
                synced_at=str(facts.get("synced_at", "")),
                sync=int(facts.get("sync", 0)),
                changes=tuple(facts.get("changes", ())),
                cursor=int(facts.get("cursor", 0)),
                facts=dict(facts.get("facts", {})),
                limits=tuple(facts.get("limits", ())),
            )
        except (ValueError, KeyError, TypeError):
            return None
        return run if run.tables_version == TABLES_VERSION else None

"""The job that writes marks: what differs is written with a journal, then looked at again, until
nothing differs (spec §3.8).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, tzinfo
from typing import Any

import pandas as pd

from crm.errors import PortalError
from crm.mark_fields import MarkFields, ensure
from crm.mark_outlook import WriteProgress
from crm.mark_writer import settle_doubtful, write_marks
from crm.protocols import Clock
from engine.fills import FillJournal, Fills
from engine.forecast import forecast_s
from engine.jobs import Request, Workplace
from engine.mark_events import REFUSALS, MarksBoard, refusal_told
from engine.marks import (
    remember_seconds_per_update,
    seconds_per_update,
    set_automatic,
    standing,
    tell_preview,
)
from engine.snapshot import LoadSnapshot, Snapshot, Sync
from segmentation.marks import summary
from storage.errors import StorageError

ROUNDS = 3
"""So often what differs is written and looked at again in one fill; where robots go on changing
marks, the next refresh shows what is left.
"""
LATE_S = 20.0
"""A batch takes 15 s at most as a rule; one of a closed tab may be under way for so long."""
OLD_AFTER_S = 3600.0
"""A base older than this is brought up to date before anything is written."""


class Filling:
    """One sitting of a fill: the first, or one that goes on where the last one ended."""

    name = "marks"
    saved_through: str | None = None

    def __init__(
        self,
        place: Workplace,
        snapshot: LoadSnapshot,
        sync: Sync,
        board: MarksBoard,
        running: asyncio.Event,
        *,
        automatic: bool | None = None,
    ) -> None:
        """``automatic`` is whether a person wants later refreshes to write by themselves; None when
        nobody was asked.
        """
        self._place = place
        self._automatic = automatic
        self._load = snapshot
        self._sync = sync
        self._running = running
        self._board = board
        self._journal: FillJournal | None = None
        self._measured_s: dict[str, float] = {}
        self._late_from_s = 0.0

    async def work(self) -> Request | None:
        """Write until nothing differs.

        Without a lasting store nothing is: after an early end nobody could tell what was written.
        """
        if not self._place.lasts:
            self._board.tell(state="refused", reason="no_storage", words="")
            return None
        snapshot = await self._load()
        if snapshot is None:
            self._board.tell(state="unknown")
            return None
        if self._automatic is not None:
            await set_automatic(self._place.store, self._automatic)
        self._board.note(**await standing(self._place.store))
        try:
            ensured = await ensure(self._place.portal, self._place.language)
        except REFUSALS as refusal:
            await self._refused(refusal)
            return None
        try:
            await self._fill(snapshot, ensured.fields)
        except (PortalError, StorageError) as error:
            self._board.tell(state="paused", reason=error.code)
            raise
        return None

    async def remember_pause(self) -> None:
        """Keep in the record of the fill that a person has paused it."""
        if self._journal is not None and self._journal.fill.state != "complete":
            paused = not self._running.is_set()
            await self._journal.save(state="paused" if paused else "running")
            self._board.tell(state="paused" if paused else "writing", waiting=None)

    async def _fill(self, snapshot: Snapshot, fields: MarkFields) -> None:
        store = self._place.store
        fills = await Fills.load(store)
        fill = fills.unfinished
        if snapshot.mark_fields != fields or self._is_old(snapshot):
            snapshot = await self._sync()
        if fill is None or fill.kind != "fill":
            operations = snapshot.differences(pd.DataFrame())
            if operations.empty:
                await tell_preview(self._board, store, operations, {})
                return
            fill = fills.begun("fill", moment_of(self._place.clock, snapshot.as_of.tzinfo))
        journal = await FillJournal.open(store, fills, fill, snapshot.version)
        self._journal = journal
        if not self._running.is_set():
            await self.remember_pause()
        self._late_from_s = self._place.clock.monotonic_s() + LATE_S
        for number in range(ROUNDS):
            await self._running.wait()
            operations = snapshot.differences(await journal.rows())
            if not number:
                await self._note_counts(operations)
            if len(operations):
                await self._write(fields, operations, journal)
            if journal.doubtful:
                await self._settle_doubtful(fields, journal)
            rows = await journal.rows()
            if rows.empty or not snapshot.written_since(rows).any():
                break
            await self._running.wait()
            snapshot = await self._look_again(journal)
        await journal.save(state="complete")
        self._board.note(**await standing(store))
        self._tell(state="done", remaining_s=None, per_s=0.0, waiting=None)

    async def _settle_doubtful(self, fields: MarkFields, journal: FillJournal) -> None:
        """Find out about batches of an earlier sitting, once the portal must be through with them,
        and write what is missing.
        """
        clock = self._place.clock
        self._tell(state="writing", waiting=None)
        await clock.sleep(max(0.0, self._late_from_s - clock.monotonic_s()))
        await settle_doubtful(
            self._place.portal,
            fields,
            dict(journal.doubtful),
            journal,
            progress=self._report,
            running=self._running,
        )

    async def _write(
        self, fields: MarkFields, operations: pd.DataFrame, journal: FillJournal
    ) -> None:
        store = self._place.store
        await journal.save(state="running", total=journal.known + len(operations))
        self._tell(state="writing", reason=None)
        try:
            await write_marks(
                self._place.portal,
                fields,
                operations,
                journal,
                progress=self._report,
                running=self._running,
            )
        finally:
            if self._measured_s:
                await remember_seconds_per_update(store, self._measured_s)

    async def _note_counts(self, operations: pd.DataFrame) -> None:
        """What is going to be written; later rounds only add a little."""
        counts = summary(operations)
        seconds_s = await seconds_per_update(self._place.store)
        self._board.note(
            companies=counts["companies"],
            contacts=counts["contacts"],
            fields=counts["fields"],
            forecast_s=round(forecast_s(counts["companies"], counts["contacts"], seconds_s)),
            forecast_measured=bool(seconds_s),
        )

    def _report(self, progress: WriteProgress) -> None:
        self._measured_s.update(progress.seconds_per_update)
        self._tell(
            state="writing" if self._running.is_set() else "paused",
            per_s=progress.per_s,
            remaining_s=progress.remaining_s,
            waiting=waiting_of(progress),
        )

    async def _look_again(self, journal: FillJournal) -> Snapshot:
        """Take in what has come about meanwhile, own writes too: they are no news later."""
        await journal.save(state="settling")
        self._tell(state="settling", remaining_s=None, per_s=0.0, waiting=None)
        snapshot = await self._sync()
        journal.version = snapshot.version
        return snapshot

    async def _refused(self, refusal: PortalError) -> None:
        """The portal does not let the fields be; nothing of it is tried again by itself."""
        fills = await Fills.load(self._place.store)
        if fills.unfinished is not None:
            journal = FillJournal(self._place.store, fills, fills.unfinished, (0, 0))
            await journal.save(state="paused")
        self._board.tell(state="refused", **refusal_told(refusal))

    def _tell(self, **changes: Any) -> None:
        assert self._journal is not None
        self._board.tell(**{**self._journal.fill.counts, **changes})

    def _is_old(self, snapshot: Snapshot) -> bool:
        return self._place.clock.now_s() - snapshot.as_of.timestamp() > OLD_AFTER_S


def moment_of(clock: Clock, timezone: tzinfo | None = UTC) -> str:
    """Now as ISO text."""
    return datetime.fromtimestamp(clock.now_s(), timezone).isoformat(timespec="seconds")


def waiting_of(progress: WriteProgress) -> dict[str, Any] | None:
    """What the writing waits for, as the page gets it."""
    for method in progress.waiting:
        return {"reason": "operating", "method": method["method"], "until_s": method["until"]}
    return None

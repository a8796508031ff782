"""The base of the last refresh, taken from the store once and then kept in memory for all jobs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from crm.tables import TABLES
from engine.base import PortalBase
from engine.delta import Delta, merged
from engine.lifecycle_limits import limits_of
from engine.snapshot import Snapshot
from segmentation.analysis import Analysis, analyse
from segmentation.update import relimited
from storage.packing import unpack
from storage.protocol import Store
from storage.records import Run


@dataclass(frozen=True)
class Held:
    """A base as it was sealed with ``run``; its analysis, as of that moment, if anybody has needed
    it yet.
    """

    run: Run
    base: PortalBase
    analysis: Analysis | None = None


class Memory:
    """What the store holds, unpacked; another tab may bring the store further at any time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: Held | None = None
        self._holding = asyncio.Lock()

    async def held(self) -> Held | None:
        """The base of the last complete refresh; None when there is none, or when part of it is
        missing or damaged, so that all has to be read anew.
        """
        async with self._holding:
            return await self._hold()

    async def _hold(self) -> Held | None:
        run = await self._store.load_run()
        if run is None or run.state != "complete":
            self._held = None
        elif self._held is None or _version(self._held.run) != _version(run):
            self._held = None  # two bases at a time would be one too many for small machines
            base = await _stored(self._store, run)
            self._held = None if base is None else Held(run, base)
        else:
            self._held = replace(self._held, run=run)
        return self._held

    async def snapshot(self) -> Snapshot | None:
        """As :meth:`held`, with its analysis."""
        held = await self.held()
        if held is None:
            return None
        analysis = _analysed(held)
        self._held = replace(held, analysis=analysis)
        return Snapshot(held.run, held.base, analysis)

    def keep(self, held: Held) -> None:
        """Remember what has just been sealed."""
        self._held = held

    def forget(self) -> None:
        """Let go of the memory; the store has it all."""
        self._held = None


def _version(run: Run) -> tuple[int, int]:
    return run.id, run.sync


def _analysed(held: Held) -> Analysis:
    """The analysis with the limits of the run; another tab may have set others."""
    limits = limits_of(held.run)
    if held.analysis is not None:
        return relimited(held.analysis, limits)
    as_of = datetime.fromisoformat(held.run.as_of)
    assert as_of.tzinfo is not None
    return analyse(held.base.as_base(), as_of, as_of.tzinfo, limits)


async def _stored(store: Store, run: Run) -> PortalBase | None:
    months = await store.load_months(run)
    changes = await store.load_changes(run)
    if run.missing or len(months) < len(run.done) or len(changes) < len(run.changes):
        return None
    try:
        parts = [{name: unpack(months[month][name]) for name in TABLES} for month in sorted(months)]
        base = PortalBase.of(parts)
        return base.apply(merged(Delta.unpacked(tables) for tables in changes.values())).base
    except (ValueError, KeyError):
        return None

"""The next run: what changed since the last one is read, laid over the base, and sealed with its
view in one transaction (spec §4).

Nothing is stored before the seal, and a run that begins again from the last one finds the same
changes again: it may end at any moment.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from crm.changes import Changes, read_changes
from crm.client import Portal
from crm.glance import Glance
from crm.progress import Progress
from engine import reading_facts
from engine.base import Applied
from engine.delta import Delta, merged
from engine.lifecycle_limits import InForce, in_force, with_limits
from engine.memory import Held, Memory
from engine.outcome import Outcome, outcome_of, with_names
from engine.page import Event
from engine.publishing import HISTORY, Published, parsed, publish, published_history
from segmentation.analysis import Analysis, analyse
from segmentation.types import Limits
from segmentation.update import reanalyse
from storage.protocol import Store
from storage.records import Run

MOST_CHANGES = 30
"""More change records than this become one."""


@dataclass
class NextRun:
    """Brings a base up to the portal's present; ``report`` is told how the reading stands."""

    portal: Portal
    store: Store
    memory: Memory
    send: Callable[[Event], None]
    report: Callable[[Progress], None]
    running: asyncio.Event

    async def take_in(self, held: Held, now: Glance) -> Held:
        """Read all changes up to ``now``; seal, show and share what comes of it.

        Raises a ``PortalError`` or ``StorageError``, before or after the seal, never amid it.
        """
        changes = await read_changes(
            self.portal,
            now,
            held.base.tables,
            since(held.run),
            held.run.cursor,
            before=reading_facts.from_json(held.run.facts),
            progress=self.report,
            running=self.running,
        )
        applied = held.base.apply(_delta(changes))
        published = await published_history(self.portal)
        chosen = await in_force(self.portal, held.run)
        run = replace(held.run, limits=with_limits(chosen.limits))
        analysis = _analysis(held, applied, changes.as_of, chosen.limits)
        outcome = await self._outcome(run, applied, analysis, changes, published, chosen)
        sealed = await self._seal(run, applied, analysis, changes, outcome)
        await self._share(outcome, published)
        await self._compact()
        return sealed

    async def _outcome(
        self,
        run: Run,
        applied: Applied,
        analysis: Analysis,
        changes: Changes,
        published: Published,
        chosen: InForce,
    ) -> Outcome:
        own = parsed(await self.store.load_fact(HISTORY))
        outcome = outcome_of(
            applied.base.as_base(),
            analysis,
            (own, published.history),
            changes.departures,
            since=since(run),
            as_of=changes.as_of,
            notes=[
                *run.notes,
                *(note for note in changes.notes if note not in run.notes),
                *chosen.notes,
            ],
        )
        return replace(outcome, view=await with_names(self.portal, outcome.view))

    async def _seal(
        self, run: Run, applied: Applied, analysis: Analysis, changes: Changes, outcome: Outcome
    ) -> Held:
        run = run.synced(
            changes.as_of.isoformat(timespec="seconds"),
            changes.cursor,
            reading_facts.to_json(changes.facts),
            changed=not applied.delta.is_empty,
        )
        await self.store.finish(
            run,
            json.dumps(outcome.view),
            change=None if applied.delta.is_empty else applied.delta.packed(),
            facts={HISTORY: json.dumps(outcome.history)},
        )
        sealed = Held(run, applied.base, analysis)
        self.memory.keep(sealed)
        self.send({"type": "view", "view": outcome.view})
        return sealed

    async def _share(self, outcome: Outcome, published: Published) -> None:
        note = await publish(self.portal, outcome.view, outcome.history, published)
        if note is not None:
            view = outcome.view | {"notes": [*outcome.view["notes"], note]}
            await self.store.save_view(json.dumps(view))
            self.send({"type": "view", "view": view})

    async def _compact(self) -> None:
        """Keep the change records few."""
        run = await self.store.load_run()
        if run is None or len(run.changes) <= MOST_CHANGES:
            return
        changes = await self.store.load_changes(run)
        if len(changes) == len(run.changes):
            whole = merged(Delta.unpacked(tables) for tables in changes.values())
            await self.store.compact(run.compacted(), whole.packed())


def since(run: Run) -> datetime:
    """The moment from which on changes are not in the base yet."""
    return datetime.fromisoformat(run.synced_at or run.started_at)


def _delta(changes: Changes) -> Delta:
    return Delta(
        rows={name: rows for name, rows in changes.tables.items() if len(rows)},
        deleted={name: keys for name, keys in changes.deleted.items() if len(keys)},
        relinked=np.unique(changes.relinked),
    )


def _analysis(held: Held, applied: Applied, as_of: datetime, limits: Limits) -> Analysis:
    """The analysis of the new base, out of the earlier one where there is one."""
    timezone = as_of.tzinfo
    assert timezone is not None
    base = applied.base.as_base()
    if held.analysis is None:
        return analyse(base, as_of, timezone, limits)
    return reanalyse(
        held.analysis, held.base.as_base(), base, applied.touched, as_of, timezone, limits
    )

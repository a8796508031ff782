"""Writing marks: batches with a journal, within the portal's limits, each entity once.

Companies and contacts have a method of their own, ``crm.item.update`` writes either, and each of
the three has execution time of its own (reference §3.1). Each has a lane with one batch at a time:
a portal works on the commands of a batch one after another, and a lane that never stops uses up
more than its method is allowed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from crm.client import Portal
from crm.errors import PortalError
from crm.mark_batch import Batch, Lane
from crm.mark_comparison import compare
from crm.mark_fields import MarkFields
from crm.mark_journal import (
    CONFLICT,
    DONE,
    DOUBTFUL,
    GONE,
    NOT_WRITTEN,
    REFUSED,
    Journal,
    States,
)
from crm.mark_outlook import Rate, WriteProgress, outlook, seconds_for
from crm.mark_queue import ITEM_METHOD, OWN_METHODS, Places, Queue
from crm.mark_reader import read_marks
from crm.outlook import waiting_methods
from crm.protocols import Running

__all__ = ["Journal", "WriteProgress", "settle_doubtful", "write_marks"]

LOOK_AGAIN_S = 5.0


async def write_marks(
    portal: Portal,
    fields: MarkFields,
    operations: pd.DataFrame,
    journal: Journal,
    *,
    progress: Callable[[WriteProgress], None] = lambda progress: None,
    running: Running | None = None,
    guard: bool = False,
) -> None:
    """Write ``operations``, the most useful first; returns when every one is settled.

    Every batch is in the ``journal`` before it leaves. While ``running`` is cleared none leaves,
    and those under way are settled. Entities are looked at right before: who holds already what is
    wanted is DONE without a write, with ``changed`` 0 in the journal. With ``guard`` those with a
    changed mark that is neither as the operation expects it nor as it wants it are left alone
    (CONFLICT).

    Raises a PortalError, or what the journal raises, when writing cannot go on, after the batches
    under way were settled as far as that can be told. Cancelled at any moment it leaves those
    DOUBTFUL: ``settle_doubtful`` comes before going on then.
    """
    if not fields.complete:
        raise ValueError("marks are written to a portal that has all their fields")
    queue = Queue(operations, fields)
    await _Writer(portal, fields, queue, journal, progress, running, guard).run()


async def settle_doubtful(
    portal: Portal,
    fields: MarkFields,
    batches: Mapping[int, pd.DataFrame],
    journal: Journal,
    *,
    progress: Callable[[WriteProgress], None] = lambda progress: None,
    running: Running | None = None,
    guard: bool = False,
) -> None:
    """Find out what became of ``batches`` of the journal after an end without warning, and write
    what is missing, as ``write_marks`` does. Rows with another state than DOUBTFUL in a column
    ``state`` keep it.
    """
    unwritten = []
    for number, batch in batches.items():
        states = _states_of(batch)
        for entity in OWN_METHODS:
            rows = np.flatnonzero((batch["entity"] == entity) & (states == DOUBTFUL))
            if len(rows):
                part = batch.iloc[rows].reset_index(drop=True)
                present = await read_marks(portal, fields, entity, part["id"].to_numpy())
                found = compare(part, present)
                settled = [~found.there, found.undone == 0]
                states[rows] = np.select(settled, [GONE, DONE], NOT_WRITTEN)
                unwritten.append(part[found.undone != 0] if guard else found.left_of(part))
        await journal.settled(number, states, [""] * len(batch))
    if unwritten:
        left = pd.concat(unwritten).drop_duplicates(["entity", "id"], keep="last")
        left = left.sort_values(["rank", "entity", "id"], ascending=[True, False, True])
        queue = Queue(left, fields, were_sent=True)
        await _Writer(portal, fields, queue, journal, progress, running, guard).run()


def _states_of(batch: pd.DataFrame) -> States:
    if "state" in batch:
        return batch["state"].to_numpy(np.int8, copy=True)
    return np.full(len(batch), DOUBTFUL, np.int8)


class _Writer:
    """One writing under way."""

    def __init__(
        self,
        portal: Portal,
        fields: MarkFields,
        queue: Queue,
        journal: Journal,
        progress: Callable[[WriteProgress], None],
        running: Running | None,
        guard: bool,
    ) -> None:
        self._portal = portal
        self._fields = fields
        self._queue = queue
        self._total = sum(queue.waiting.values())
        self._journal = journal
        self._progress = progress
        self._running = running
        self._guard = guard
        self._lanes = [Lane(method) for method in (*OWN_METHODS.values(), ITEM_METHOD)]
        self._in_flight = 0
        self._stirred = asyncio.Event()
        self._failure: Exception | None = None
        self._ended: Counter[int] = Counter()
        self._rate = Rate(portal.clock.monotonic_s())
        self._requests_before = portal.requests

    async def run(self) -> None:
        """Write everything."""
        lanes = [asyncio.ensure_future(self._work(lane)) for lane in self._lanes]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        if self._failure is not None:
            raise self._failure
        for missing in [lane.missing for lane in self._lanes if lane.missing is not None]:
            if any(self._queue.waiting.values()):
                raise missing
        self._report()

    async def _work(self, lane: Lane) -> None:
        """Batch after batch, until nothing is left or another lane has failed."""
        while self._failure is None and lane.missing is None:
            if self._running is not None and self._is_paused:
                self._report()
                await self._running.wait()
                continue
            entity = self._entity_for(lane)
            if entity is None:
                if not self._in_flight:
                    break
                await self._stir()
            elif most := self._room(lane):
                await self._write(lane, entity, self._queue.take(entity, most))
            else:
                await self._wait_for_room(lane)
        self._stirred.set()

    @property
    def _is_paused(self) -> bool:
        return self._running is not None and not self._running.is_set()

    def _entity_for(self, lane: Lane) -> int | None:
        """Whose operations a lane takes next; None when there are none for it now."""
        if lane.method == ITEM_METHOD:
            return self._queue.next_entity()
        entity = next(entity for entity, own in OWN_METHODS.items() if own == lane.method)
        return entity if self._queue.waiting[entity] else None

    def _room(self, lane: Lane) -> int:
        """How many updates a lane may send now."""
        room_s = self._portal.budget.room_s(lane.method, self._portal.clock.monotonic_s())
        if room_s <= 0:
            return 0
        fitting = int(min(room_s, lane.size.aim_s) / lane.update_s)
        return min(lane.size.commands, max(1, fitting))

    async def _wait_for_room(self, lane: Lane) -> None:
        """Sleep until the method's reset, or a little, to see whether writing was paused."""
        now_s = self._portal.clock.monotonic_s()
        until_s = self._portal.budget.free_at_s(lane.method, now_s)
        self._report()
        await self._portal.clock.sleep(min(LOOK_AGAIN_S, max(1.0, until_s - now_s)))

    async def _stir(self) -> None:
        """Wait for a batch under way: what it does not write may be for this lane."""
        self._stirred.clear()
        await self._stirred.wait()

    async def _write(self, lane: Lane, entity: int, places: Places) -> None:
        """One batch there and back; a failure ends the writing. Cancelled, it stays doubtful."""
        self._in_flight += 1
        batch = Batch(self._portal, self._fields, self._queue, entity, places, guard=self._guard)
        try:
            await batch.look_before()
            if self._is_paused:
                # Until somebody goes on, what was seen may long be otherwise.
                self._queue.put_back(places)
                return
            number = await self._journal.sent(self._queue.frame(places))
            try:
                if batch.open:
                    await batch.send(lane)
            except PortalError as error:
                self._failure = self._failure or error
            await self._settle(number, batch)
        except Exception as error:
            self._failure = self._failure or error
        finally:
            self._in_flight -= 1
            self._stirred.set()

    async def _settle(self, number: int, batch: Batch) -> None:
        """Tell the journal, and let rows wait again that were not written."""
        states = np.array(list(batch.states.values()), np.int8)
        words = [batch.words.get(place, "") for place in batch.states]
        await self._journal.settled(number, states, words)
        again = [place for place, state in batch.states.items() if state == NOT_WRITTEN]
        self._queue.put_back(again)
        ended = Counter(int(state) for state in states if state not in (NOT_WRITTEN, DOUBTFUL))
        self._ended += ended
        self._rate.settled(ended.total(), self._portal.clock.monotonic_s())
        self._report()

    def _report(self) -> None:
        now_s = self._portal.clock.monotonic_s()
        lanes = [lane for lane in self._lanes if lane.missing is None]
        measured = {lane.method: lane.update_s for lane in lanes if lane.is_measured}
        waiting = self._queue.waiting
        outlooks = {
            lane.method: outlook(self._portal.budget, lane.method, lane.update_s, now_s)
            for lane in lanes
        }
        self._progress(
            WriteProgress(
                done=self._ended[DONE],
                refused=self._ended[REFUSED],
                gone=self._ended[GONE],
                conflicts=self._ended[CONFLICT],
                total=self._total,
                per_s=self._rate.per_s(now_s),
                remaining_s=seconds_for(waiting, outlooks) if measured else None,
                waiting=waiting_methods(self._portal, self._useful(lanes)),
                requests=self._portal.requests - self._requests_before,
                seconds_per_update=measured,
            )
        )

    def _useful(self, lanes: Sequence[Lane]) -> dict[str, int]:
        """Methods with something left to write, and how much."""
        left = {OWN_METHODS[entity]: count for entity, count in self._queue.waiting.items()}
        left[ITEM_METHOD] = sum(self._queue.waiting.values())
        return {lane.method: left[lane.method] for lane in lanes if left[lane.method]}

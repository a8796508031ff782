"""One batch of marks there and back: what became of each of its rows.

The answer tells it. Where that is lost, or a command met an error of its own, nothing is repeated
blindly: the entities are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from crm.answer import Result
from crm.client import Portal, Retry
from crm.errors import (
    TRANSIENT,
    AnswerTimeout,
    AppRefused,
    ConnectionLost,
    MethodMissing,
    OperationLimit,
    PlanRefused,
    PortalBlocked,
    PortalDeleted,
    PortalError,
    PortalOverloaded,
    RequestRefused,
    ScopeMissing,
    SessionExpired,
)
from crm.mark_comparison import Comparison, compare
from crm.mark_fields import MarkFields
from crm.mark_journal import CONFLICT, DONE, DOUBTFUL, GONE, NOT_WRITTEN, REFUSED
from crm.mark_queue import ITEM_METHOD, Places, Queue
from crm.mark_reader import read_marks
from crm.sizing import BatchSize, CommandCosts

UNKNOWN_UPDATE_S = 1.5
"""What an update is thought to take before one was measured: 0.3 to 3 s have been seen."""
FAILURES = 6
"""An operation that is to blame for so many batches that ended badly, alone in the last ones, is
taken for refused.
"""

_NEVER_BEGUN = (OperationLimit, SessionExpired)
"""Errors of single commands that say that nothing was done and that it may be done later."""
_HOPELESS = (AppRefused, PlanRefused, PortalBlocked, PortalDeleted, ScopeMissing)
"""Errors of single commands that every other command would meet too."""
_BLAMELESS = (ConnectionLost, PortalOverloaded)
"""Bad ends of a batch that none of its commands can have brought about."""


class Lane:
    """One method at work, and what was learnt of it.

    ``failures`` counts batches that ended badly, one after another; ``missing`` is set when the
    portal does not know the method.
    """

    def __init__(self, method: str) -> None:
        self.method = method
        self.size = BatchSize()
        self.failures = 0
        self.missing: PortalError | None = None
        self.is_measured = False
        self._costs = CommandCosts(UNKNOWN_UPDATE_S)

    @property
    def update_s(self) -> float:
        """Seconds that one update is thought to take."""
        return self._costs.of(self.method)

    def measured(self, seconds: float | None) -> None:
        """Take in one update's time."""
        if seconds is not None:
            self._costs.measured(self.method, seconds)
            self.is_measured = True


class Batch:
    """Operations of one entity type that go together. ``states`` tells by place what became of
    them, ``words`` what the portal said of those that it refused. With ``guard`` what somebody has
    changed is left alone, however late that is seen.
    """

    def __init__(
        self,
        portal: Portal,
        fields: MarkFields,
        queue: Queue,
        entity: int,
        places: Places,
        *,
        guard: bool,
    ) -> None:
        self.states: dict[int, int] = dict.fromkeys(places, DOUBTFUL)
        self.words: dict[int, str] = {}
        self._portal = portal
        self._fields = fields
        self._queue = queue
        self._entity = entity
        self._guard = guard

    @property
    def open(self) -> Places:
        """Rows of which nothing is known yet."""
        return [place for place, state in self.states.items() if state == DOUBTFUL]

    async def look_before(self) -> None:
        """Settle what is as it is to be, maybe by another administrator's doing; take in what the
        others hold, or with ``guard`` leave alone whom somebody has changed. Raises a PortalError.

        What this writing has sent before may be done by that, so it is looked at no more.
        """
        places = self.open if self._guard else self._queue.fresh(self.open)
        found = await self._found(places)
        for row, place in enumerate(places):
            if not found.there[row]:
                self.states[place] = GONE
            elif not found.undone[row]:
                self.states[place] = DONE
                self._queue.correct(place, 0, found.held_by(row))
            elif self._guard and found.disturbed[row]:
                self.states[place] = CONFLICT
            else:
                self._queue.correct(place, int(found.undone[row]), found.held_by(row))

    async def send(self, lane: Lane) -> None:
        """Send the open rows and find out what became of them.

        Raises a PortalError when there is no going on; rows that are still open are in doubt then.
        """
        places = self.open
        commands = [self._queue.command(place, lane.method) for place in places]
        self._queue.sent(places)
        sent_s = self._portal.clock.monotonic_s()
        try:
            results = await self._portal.send_once(commands)
        except TRANSIENT as error:
            await self._in_doubt(lane, error, self._portal.clock.monotonic_s() - sent_s)
        except PortalError as error:
            self.states.update(dict.fromkeys(places, NOT_WRITTEN))
            if not isinstance(error, OperationLimit):
                raise
        else:
            lane.size.whole()
            await self._take(lane, results)
            await self._end_unless_of_use(lane, results)

    async def _take(self, lane: Lane, results: Sequence[Result]) -> None:
        """Settle rows by their commands' results where these say enough; look at the others."""
        unclear: dict[int, PortalError] = {}
        hopeless: PortalError | None = None
        for place, result in zip(self.open, results, strict=True):
            error = result.error
            if error is None and result.value:
                lane.measured(result.timing.seconds)
                if lane.method == ITEM_METHOD and not self._queue.is_kept(place, result.value):
                    self.states[place] = NOT_WRITTEN
                    lane.missing = RequestRefused(method=lane.method, words="")
                else:
                    self.states[place] = DONE
            elif isinstance(error, (MethodMissing, *_NEVER_BEGUN, *_HOPELESS)):
                self.states[place] = NOT_WRITTEN
                if isinstance(error, MethodMissing):
                    lane.missing = error
                elif isinstance(error, _HOPELESS):
                    hopeless = error
            else:
                unclear[place] = error or RequestRefused(method=lane.method, words="")
        if unclear:
            await self._judge(unclear, own=True)
        if hopeless is not None:
            raise hopeless

    async def _end_unless_of_use(self, lane: Lane, results: Sequence[Result]) -> None:
        """Batches of which not one command was begun are sent again a few times, not for ever."""
        vain = [r.error for r in results if isinstance(r.error, (SessionExpired, *_BLAMELESS))]
        if len(vain) < len(results):
            lane.failures = 0
            return
        lane.failures += 1
        if lane.failures >= FAILURES and vain[0] is not None:
            raise vain[0]
        await self._portal.clock.sleep(lane.failures)

    async def _in_doubt(self, lane: Lane, error: PortalError, elapsed_s: float) -> None:
        """Nobody knows what the portal has done: wait a little, then look."""
        places = self.open
        lane.failures += 1
        is_cut = isinstance(error, AnswerTimeout) or error.params.get("status") == 504
        if is_cut:
            lane.size.cut(len(places))
        wait_s = self._portal.repeat_in_s(error, lane.failures)
        if wait_s is None:
            raise error
        self._portal.on_retry(Retry(error.code, lane.method, lane.failures, wait_s))
        await self._portal.clock.sleep(wait_s)
        await self._judge(dict.fromkeys(places, error), own=False)
        if is_cut:
            worked_on = 1 + sum(self.states[place] == DONE for place in places)
            for _ in range(worked_on):
                lane.measured(elapsed_s / worked_on)

    async def _judge(self, errors: Mapping[int, PortalError], *, own: bool) -> None:
        """Settle rows by what the portal holds now. What has not got its marks and was not refused
        is to be sent again, with its true image before.

        ``own`` errors are each one's own; another one ended the whole batch, and if any command is
        to blame for that, it is the first that is not done: they are worked on in their order.
        """
        found = await self._found(list(errors))
        suspect = None if own else list(errors)[int(np.argmax(found.undone != 0))]
        for row, (place, error) in enumerate(errors.items()):
            if not found.there[row]:
                self.states[place] = GONE
            elif not found.undone[row]:
                self.states[place] = DONE
            elif self._guard and found.disturbed[row]:
                self.states[place] = CONFLICT
            elif self._may_be_repeated(place, error, is_suspect=own or place == suspect):
                self.states[place] = NOT_WRITTEN
                self._queue.correct(place, int(found.undone[row]), found.held_by(row))
            else:
                self.states[place] = REFUSED
                self.words[place] = str(error.params.get("words") or error.code)

    def _may_be_repeated(self, place: int, error: PortalError, *, is_suspect: bool) -> bool:
        if not isinstance(error, TRANSIENT):
            return False
        if isinstance(error, _BLAMELESS) or not is_suspect:
            return True
        return self._queue.failed(place) < FAILURES

    async def _found(self, places: Places) -> Comparison:
        ids = self._queue.ids(places)
        present = await read_marks(self._portal, self._fields, self._entity, ids)
        return compare(self._queue.frame(places), present)

"""One opening of the app whose steps are counted, and in which one of them goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, NoReturn

import numpy as np

from crm.client import Portal
from crm.errors import AnswerTimeout, ConnectionLost, SessionExpired
from crm.protocols import Answer
from portal.errors import known
from portal.state import PortalState
from storage.errors import StorageFull, StorageUnavailable
from unit.crm.virtual_time import VirtualClock, VirtualLoop
from unit.engine.opened import Opened, Unstoppable
from unit.faults.disk import Disk
from unit.faults.fault import Step
from unit.faults.garbled import GARBLES, PAGE

REFUSALS = {
    "503": "QUERY_LIMIT_EXCEEDED",
    "500": "INTERNAL_SERVER_ERROR",
    "down": "INTERNAL_SERVER_ERROR",
    "429": "OPERATION_TIME_LIMIT",
    "denied": "INVALID_CREDENTIALS",
    "blocked": "OVERLOAD_LIMIT",
}
PAGES = {"502": 502, "html": 200}
LASTING = ("offline", "down", "full-on")
LOST_TRANSACTIONS = {"power": 1, "power-3": 3}
OPERATION_S = 0.002
"""An operation of the store takes so long before it is done, and again until that is told."""
LATENCY_S, SLOW_S, SILENCE_S, PAUSE_S = 0.05, 40.0, 30.0, 60.0
SLEEP_S, JUMP_S = 7_200.0, 20 * 86_400.0


class Life:
    """Counts the steps of one opening and knows which of them goes wrong.

    ``over`` is set when the tab is to die, ``pauses`` when a person is to press the button.
    """

    def __init__(self, step: Step | None = None, chance: Random | None = None) -> None:
        self.step = step
        self.chance = chance or Random(0)
        self.counts = {"requests": 0, "operations": 0}
        self.is_met = False
        self.is_dead = False
        self.has_given_up = False
        self.over = asyncio.Event()
        self.pauses = asyncio.Event()

    def next_request(self) -> str:
        """The kind of fault that the next request meets; empty for none."""
        return self._next("requests", of_store=False)

    def next_operation(self) -> str:
        """The kind of fault that the next operation of the store meets; empty for none."""
        return self._next("operations", of_store=True)

    def _next(self, what: str, *, of_store: bool) -> str:
        self.counts[what] += 1
        step, number = self.step, self.counts[what]
        if step is None or step.is_of_store != of_store:
            return ""
        lasts = step.kind in LASTING and not self.has_given_up
        if number == step.number or (lasts and number > step.number):
            self.is_met = True
            return step.kind
        return ""

    def end(self) -> None:
        """The tab dies."""
        self.is_dead = True
        self.over.set()

    async def never(self) -> NoReturn:
        """Wait for what will not come: whoever waits is dead."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends this")


class JumpingClock(VirtualClock):
    """A machine's clock that can be put wrong."""

    def jump(self, seconds: float) -> None:
        """Put it ahead by so much."""
        self._ahead_s += seconds


class FaultyPortal(Unstoppable):
    """The portal as one tab reaches it."""

    def __init__(self, state: PortalState, life: Life) -> None:
        super().__init__(state=state)
        self.life = life
        self.clock = JumpingClock()
        self._is_signed_out = False

    def client(self, **options: Any) -> Portal:
        chance = np.random.default_rng(1).random
        return Portal(self, self.clock, self, chance=lambda: float(chance()), **options)

    async def renew(self) -> str:
        if self._is_signed_out:
            raise SessionExpired()
        return await super().renew()

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        life = self.life
        if life.is_dead:
            await life.never()
        kind = life.next_request()
        answer = await self._instead(kind, method, body)
        if answer is None:
            answer = await super().post(method, body, timeout_s)
            answer = await self._afterwards(kind, method, answer, timeout_s)
        if life.is_dead:
            await life.never()
        return answer

    async def _instead(self, kind: str, method: str, body: str) -> Answer | None:
        """What becomes of a request that the portal does not work on; None when it does."""
        if kind in REFUSALS:
            await asyncio.sleep(LATENCY_S)
            error = known(REFUSALS[kind])
            return Answer(error.status, json.dumps(error.body()))
        if kind in PAGES:
            return Answer(PAGES[kind], PAGE)
        match kind:
            case "reset" | "offline":
                await asyncio.sleep(LATENCY_S)
                raise ConnectionLost(method=method)
            case "expired" | "signed-out":
                self._is_signed_out = kind == "signed-out"
                self.state.sessions.expire_all()
            case "dies-before":
                self.life.end()
            case "dies-during" | "silent":
                _sent = asyncio.ensure_future(super().post(method, body, 0))
                _sent.add_done_callback(lambda done: done.cancelled() or done.exception())
                await asyncio.sleep(0 if kind == "dies-during" else SILENCE_S)
                self.life.end()
            case "paused" | "paused-dies":
                self.life.pauses.set()
            case "sleeps":
                loop = asyncio.get_running_loop()
                assert isinstance(loop, VirtualLoop)
                loop.jump(SLEEP_S)
                raise ConnectionLost(method=method)
            case "ahead":
                self.clock.jump(JUMP_S)
            case "behind":
                self.clock.jump(-JUMP_S)
        if self.life.is_dead:
            await self.life.never()
        return None

    async def _afterwards(self, kind: str, method: str, answer: Answer, timeout_s: float) -> Answer:
        """What becomes of the answer."""
        match kind:
            case "lost":
                raise ConnectionLost(method=method)
            case "timeout":
                await asyncio.sleep(timeout_s)
                raise AnswerTimeout(method=method)
            case "slow":
                await asyncio.sleep(SLOW_S)
            case "dies-after":
                self.life.end()
        if kind in GARBLES:
            text = GARBLES[kind](self.life.chance, answer.text)
            self.life.is_met = text != answer.text
            return Answer(answer.status, text)
        return answer


class FaultyStore:
    """The store as one tab reaches it."""

    def __init__(self, disk: Disk, life: Life) -> None:
        self._disk = disk
        self._life = life

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def operation(*args: Any, **named: Any) -> Any:
            return await self._meet(name, *args, **named)

        return operation

    async def _meet(self, name: str, *args: Any, **named: Any) -> Any:
        life, disk = self._life, self._disk
        if life.is_dead:
            await life.never()
        kind = life.next_operation()
        await asyncio.sleep(OPERATION_S)
        if kind in ("full", "full-on"):
            raise StorageFull("no room")
        if kind == "refused":
            raise StorageUnavailable("the database is closed")
        if kind == "store-dies-before":
            life.end()
        if life.is_dead:
            await life.never()
        disk.about_to(name)
        answer = await getattr(disk, name)(*args, **named)
        disk.done(name)
        if kind in LOST_TRANSACTIONS:
            disk.lose(LOST_TRANSACTIONS[kind])
        if kind in LOST_TRANSACTIONS or kind == "store-dies-after":
            life.end()
            await life.never()
        await asyncio.sleep(OPERATION_S)
        if life.is_dead:
            await life.never()
        return answer


class FaultyTab(Opened):
    """The app, opened over a portal and a disk, with one thing that goes wrong."""

    def __init__(self, state: PortalState, disk: Disk, life: Life) -> None:
        self.life = life
        super().__init__(state, FaultyStore(disk, life), portal=FaultyPortal(state, life))  # type: ignore[arg-type]

    @property
    def has_ended_well(self) -> bool:
        """Whether nothing is left to be ordered again."""
        marks = [event["state"] for event in self.events if event["type"] == "marks"]
        is_refused = marks[-1:] == ["refused"]
        return self.session.state.state == "idle" and not self.errors and not is_refused

    async def at_rest(self) -> None:
        """Wait until nothing is done any more, tasks beside the job included."""
        while True:
            await self.rests()
            self.life.has_given_up = True
            if not self.session._side_tasks:
                return
            await asyncio.sleep(1)

    async def kill(self) -> None:
        self.life.end()
        await super().kill()
        aside = [*self.session._side_tasks]
        for task in aside:
            task.cancel()
        if aside:
            await asyncio.wait(aside)

"""The portal: calls and batches that keep its limits, survive its moods and end in a value or one
clear error.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from crm.answer import Result, read_answer, read_batch
from crm.errors import (
    TRANSIENT,
    AnswerTimeout,
    OperationLimit,
    PortalError,
    PortalOverloaded,
    RequestCut,
    RequestTooHeavy,
    SessionExpired,
)
from crm.limits import OperatingBudget, RequestBucket
from crm.protocols import Clock, TokenSource, Transport
from crm.query import Command, batch_query, encode
from crm.session import Session
from crm.sizing import BatchSize, CommandCosts, Lanes

T = TypeVar("T")

ANSWER_WITHIN_S = 70.0
"""The cloud cuts a request at 60 s; an answer that is not there well after that is lost."""


@dataclass(frozen=True)
class RetryPolicy:
    """Repeats of a request that failed in passing: exponential, with up to half of chance."""

    attempts: int = 7
    overload_attempts: int = 14
    heavy_attempts: int = 3
    renewals: int = 8
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0

    def allowed(self, error: PortalError | None) -> int:
        """How often a request with this outcome is made at most."""
        if isinstance(error, PortalOverloaded | OperationLimit):
            return self.overload_attempts
        return self.attempts if isinstance(error, TRANSIENT) else 1

    def wait_s(self, attempt: int, chance: float) -> float:
        """Seconds before the next attempt after number ``attempt``; ``chance`` is from 0 to 1."""
        wait_s: float = min(self.longest_wait_s, self.first_wait_s * 2 ** (attempt - 1))
        return wait_s * (0.5 + chance)


@dataclass(frozen=True)
class Retry:
    """A request that is going to be repeated, for the person to see why it takes longer."""

    reason: str
    method: str
    attempt: int
    wait_s: float


class Ticket:
    """A request's place in the bucket, and the operating time it is expected to take."""

    def __init__(self, budget: OperatingBudget, expected_s: Mapping[str, float]) -> None:
        self._budget = budget
        self._expected_s = dict(expected_s)
        for method, seconds in self._expected_s.items():
            budget.start(method, seconds)

    def give_back(self) -> None:
        """The expectation is over: the answer is there, or will not come. Once is enough."""
        for method, seconds in self._expected_s.items():
            self._budget.finish(method, seconds)
        self._expected_s = {}


class Portal:
    """One portal as one person may use it.

    ``call``, ``batch`` and ``send`` are for reading and for writes that may be repeated: after a
    lost answer a request is sent again. ``send_once`` is for all other writes.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        tokens: TokenSource,
        *,
        bucket: RequestBucket | None = None,
        budget: OperatingBudget | None = None,
        retries: RetryPolicy | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.clock = clock
        self.bucket = bucket or RequestBucket()
        self.budget = budget or OperatingBudget()
        self.costs = CommandCosts()
        self.size = BatchSize()
        self.lanes = Lanes()
        self.requests = 0
        self.commands = 0
        self.in_trouble = 0
        self.on_retry: Callable[[Retry], None] = lambda retry: None
        self._transport = transport
        self._session = Session(tokens, clock)
        self._retries = retries or RetryPolicy()
        self._chance = chance

    async def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """The ``result`` of one method; raises a PortalError."""
        await self._wait_for_room({method: 1})
        query = encode(params or {})

        def read(answered: Result) -> Any:
            self._learn(method, answered, answered)
            return answered.get()

        return await self._ask(method, query, {method: 1}, read)

    async def batch(self, commands: Sequence[Command]) -> list[Result]:
        """Any number of commands that do not refer to each other: one result each, in their order.

        Commands that failed in passing or met their method's time limit are repeated, the others
        are not. Raises a PortalError when a request as a whole fails.
        """
        results: dict[int, Result] = {}
        failures: Counter[int] = Counter()
        while missing := [index for index in range(len(commands)) if index not in results]:
            part = self._fitting(commands, missing)
            await self._wait_for_room(Counter(commands[index].method for index in part))
            try:
                answers = await self.send([commands[index] for index in part])
            except RequestCut:
                continue
            again: list[int] = []
            for index, result in zip(part, answers, strict=True):
                failures[index] += 1
                if failures[index] < self._retries.allowed(result.error):
                    again.append(failures[index])
                else:
                    results[index] = result
            if again:
                await self.clock.sleep(self._retries.wait_s(max(again), self._chance()))
        return [results[index] for index in range(len(commands))]

    def _fitting(self, commands: Sequence[Command], missing: Sequence[int]) -> Sequence[int]:
        """The first of the ``missing`` that make one batch, at least one of them."""
        seconds = 0.0
        for place, index in enumerate(missing[: self.size.commands]):
            seconds += self.costs.of(commands[index].method)
            if seconds > self.size.aim_s and place:
                return missing[:place]
        return missing[: self.size.commands]

    def admit(self, commands: Sequence[Command]) -> Ticket:
        """Take the place of a batch in the request bucket and in the methods' budgets, now.

        For those who plan by what is free (``bucket.wait_s``, ``budget.room_s``), so that two plans
        do not count on the same place. The ticket goes to ``send``.
        """
        return self._admit(Counter(command.method for command in commands))

    async def send(self, commands: Sequence[Command], ticket: Ticket | None = None) -> list[Result]:
        """Exactly one batch request, whose commands may refer to earlier ones
        (``query.result_of``).

        Raises RequestCut when the portal cut it, or its answer got lost: ask for less, ``size`` has
        shrunk; RequestTooHeavy when that happens to a single command time and again; another
        PortalError when the request as a whole fails. Errors of single commands are in their
        results.
        """

        def read(answered: Result) -> list[Result]:
            results = read_batch(answered.get(), commands)
            for command, result in zip(commands, results, strict=True):
                self._learn(command.method, result, answered)
            for result in results:
                if isinstance(result.error, SessionExpired):
                    raise result.error
            return results

        methods = Counter(command.method for command in commands)
        try:
            results = await self._ask("batch", batch_query(commands), methods, read, ticket)
        finally:
            if ticket is not None:
                ticket.give_back()
        self.size.whole()
        return results

    async def send_once(self, commands: Sequence[Command]) -> list[Result]:
        """Exactly one batch request of changes, never repeated once the portal may have worked on
        it. Errors of single commands are in their results.

        Raises one of ``errors.TRANSIENT`` when nobody knows what became of the commands: some, all
        or none of them may be done. After any other PortalError none is. A token is checked before
        any work, so a refused one is renewed and the batch sent.
        """
        methods = Counter(command.method for command in commands)
        query, renewals = batch_query(commands), 0
        while True:
            token = await self._session.token()
            ticket = await self._admitted(methods)
            sent_s = self.clock.monotonic_s()
            try:
                answered = await self._exchange("batch", f"auth={token}&{query}", ticket)
                results = read_batch(answered.get(), commands)
            except SessionExpired as error:
                renewals += 1
                if renewals > self._retries.renewals:
                    raise
                self.on_retry(Retry(error.code, "batch", renewals, 0.0))
                await self._session.renew(token)
            except OperationLimit:
                for method in methods:
                    self.budget.blocked(method, None, self.clock.monotonic_s())
                raise
            except TRANSIENT:
                now_s = self.clock.monotonic_s()
                for method in methods:
                    self.budget.unanswered(method, now_s - sent_s, now_s)
                raise
            else:
                for command, result in zip(commands, results, strict=True):
                    self._learn(command.method, result, answered)
                if any(isinstance(result.error, SessionExpired) for result in results):
                    with suppress(SessionExpired):  # the next batch will meet and tell it
                        await self._session.renew(token)
                return results

    def repeat_in_s(self, error: PortalError, attempt: int) -> float | None:
        """Seconds to wait before a command that failed ``attempt`` times is sent again; None: no
        more.
        """
        if attempt >= self._retries.allowed(error):
            return None
        return self._retries.wait_s(attempt, self._chance())

    async def _ask(
        self,
        method: str,
        query: str,
        methods: Mapping[str, int],
        read: Callable[[Result], T],
        ticket: Ticket | None = None,
    ) -> T:
        """Send one request until ``read`` accepts its answer or the error is final."""
        commands = sum(methods.values())
        attempt, renewals = 0, 0
        while True:
            token = await self._session.token()
            try:
                ticket = ticket or await self._admitted(methods)
                return read(await self._exchange(method, f"auth={token}&{query}", ticket))
            except SessionExpired as error:
                renewals += 1
                if renewals > self._retries.renewals:
                    raise
                self.on_retry(Retry(error.code, method, renewals, 0.0))
                await self._session.renew(token)
            except (OperationLimit, *TRANSIENT) as error:
                attempt += 1
                await self._back_off(error, attempt, method, commands)
                await self._wait_for_room(methods)
            ticket = None

    def _admit(self, methods: Mapping[str, int]) -> Ticket:
        self.bucket.take(self.clock.monotonic_s())
        self.requests += 1
        self.commands += sum(methods.values())
        seconds = {name: count * self.costs.of(name) for name, count in methods.items()}
        return Ticket(self.budget, seconds)

    async def _admitted(self, methods: Mapping[str, int]) -> Ticket:
        """Wait for a place in the bucket and take it."""
        while (wait_s := self.bucket.wait_s(self.clock.monotonic_s())) > 0:
            await self.clock.sleep(wait_s)
        return self._admit(methods)

    async def _exchange(self, method: str, body: str, ticket: Ticket) -> Result:
        """One request and its answer, with what it says of time taken in."""
        sent_s = self.clock.monotonic_s()
        try:
            answer = await self._transport.post(method, body, ANSWER_WITHIN_S + self.lanes.queued_s)
        finally:
            ticket.give_back()
        result = read_answer(answer, method)
        elapsed_s = self.clock.monotonic_s() - sent_s
        if isinstance(result.error, PortalOverloaded):
            self.bucket.refused(self.clock.monotonic_s())
        else:
            self.bucket.accepted(self.clock.monotonic_s())
            worked_s = result.timing.seconds
            self.lanes.answered(elapsed_s, elapsed_s if worked_s is None else worked_s)
        return result

    async def _back_off(self, error: PortalError, attempt: int, method: str, commands: int) -> None:
        """Wait before the next attempt; raises when there is to be none."""
        if isinstance(error, AnswerTimeout) or error.params.get("status") == 504:
            self.size.cut(commands)
            if commands > 1:
                self.on_retry(Retry(RequestCut.code, method, attempt, 0.0))
                raise RequestCut(method=method) from error
            if attempt >= self._retries.heavy_attempts:
                raise RequestTooHeavy(method=method) from error
        if attempt >= self._retries.allowed(error):
            raise error
        wait_s = self._retries.wait_s(attempt, self._chance())
        self.on_retry(Retry(error.code, method, attempt, wait_s))
        self.in_trouble += 1
        try:
            await self.clock.sleep(wait_s)
        finally:
            self.in_trouble -= 1

    def _learn(self, method: str, result: Result, answered: Result) -> None:
        """Take in what one answered command says of its cost and of its method's time."""
        timing, now_s = result.timing, self.clock.monotonic_s()
        reset_in_s = timing.reset_in_s(answered.timing)
        if timing.seconds is not None and result.error is None:
            self.costs.measured(method, timing.seconds)
        if isinstance(result.error, OperationLimit):
            self.budget.blocked(method, reset_in_s, now_s)
        elif timing.operating_s is not None:
            at_unix_s = timing.finish_unix_s or 0.0
            self.budget.told(method, timing.operating_s, at_unix_s, reset_in_s, now_s)

    async def _wait_for_room(self, methods: Mapping[str, int]) -> None:
        """Sleep until none of ``methods`` waits for its reset."""
        for method in methods:
            while self.budget.room_s(method, now_s := self.clock.monotonic_s()) <= 0:
                until_s = self.budget.free_at_s(method, now_s)
                await self.clock.sleep(min(60.0, max(1.0, until_s - now_s)))

"""One request at work: its calls one after another, their cost in time, the limits and the cut.

Server time is waited for, not computed, so that requests overlap as on a real portal. A call's
rows are read or written when its time begins; a request that would last longer than the cut ends
with RequestCut, and what it has written by then stays.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from portal.errors import administrator_required, known
from portal.limits import RECORDED_ABOVE_S
from portal.methods.availability import scope_of
from portal.methods.call import Answer, Call, Caller
from portal.methods.table import method_of
from portal.pace import REQUEST_CUT_S
from portal.requestlog import Command
from portal.state import PortalState


class RequestCut(Exception):
    """The request was cut at its longest duration; no answer of it arrives."""


class Execution:
    """Runs the calls of one HTTP request. ``blocked`` is a method to refuse whatever its budget."""

    def __init__(self, state: PortalState, caller: Caller, blocked: str = ""):
        self._state = state
        self._caller = caller
        self._blocked = blocked
        self._started_s = state.clock.emulated_s()
        self._spent_s = 0.0
        self._spent: defaultdict[str, list[float]] = defaultdict(list)

    async def call(
        self, method: str, parameters: dict[str, Any], command: Command
    ) -> dict[str, Any]:
        """Run one call: ``result``, ``total``, ``next`` and ``time`` of the answer.

        Raises RestError for an answer that is an error, RequestCut at the longest duration.
        """
        described = method_of(method, self._state.options.without)
        if described is None:
            raise known("ERROR_METHOD_NOT_FOUND")
        if scope_of(method) not in ("", *self._state.scopes):
            raise known("insufficient_scope")
        if method == self._blocked or self._is_over_limit(method):
            raise known("OPERATION_TIME_LIMIT")
        if described.app_only and not self._caller.is_app:
            raise known("WRONG_AUTH_TYPE")
        if described.admin_only and not self._caller.is_admin:
            raise administrator_required()
        began_s = self._state.clock.emulated_s()
        answer = described.handler(Call(self._state, self._caller, parameters))
        cost_s = self._state.pace.cost_s(
            described.work, all_fields=answer.all_fields, counted=answer.counted
        )
        self._spent[method].append(cost_s)
        await self._spend(cost_s)
        command.rows = answer.rows
        command.operating_s = cost_s
        return _body(answer, self._time(method, began_s, cost_s))

    def close(self) -> None:
        """Count the request's time against the limits; once, when it ends in whatever way."""
        if self._state.limits.are_on:
            for method, costs in self._spent.items():
                self._state.limits.operating.record(
                    self._caller.client, method, sum(costs), self._started_s
                )

    def batch_time(self) -> dict[str, Any]:
        """The ``time`` of a whole batch, which has no operating limit of its own."""
        return self._time("batch", self._started_s, self._spent_s)

    def _is_over_limit(self, method: str) -> bool:
        limits = self._state.limits
        return limits.are_on and limits.operating.is_blocked(
            self._caller.client, method, self._pending_s(method)
        )

    def _pending_s(self, method: str) -> float:
        # Short calls of the running request are counted only when it ends.
        return sum(cost for cost in self._spent[method] if cost > RECORDED_ABOVE_S)

    async def _spend(self, cost_s: float) -> None:
        self._spent_s += cost_s
        is_cut = self._spent_s > REQUEST_CUT_S
        until_s = self._started_s + min(self._spent_s, REQUEST_CUT_S)
        await self._state.clock.pause(until_s - self._state.clock.emulated_s())
        if is_cut:
            raise RequestCut

    def _time(self, method: str, began_s: float, processing_s: float) -> dict[str, Any]:
        """``time`` of an answer: start and finish in real time, durations and ``operating`` in
        emulated seconds, ``operating_reset_at`` as the real unix second at which the emulated reset
        comes, so that a client waits by its own clock and not too long at any speed.
        """
        clock, limits = self._state.clock, self._state.limits
        duration_s = clock.emulated_s() - began_s
        start, finish = clock.wall_of(began_s), clock.wall_s()
        block = {
            "start": start,
            "finish": finish,
            "duration": duration_s,
            "processing": processing_s or duration_s,
            "date_start": clock.iso(start),
            "date_finish": clock.iso(finish),
        }
        if limits.are_on:
            reset_s = limits.operating.reset_at_s(self._caller.client, method, self._started_s)
            block["operating_reset_at"] = round(clock.wall_of(reset_s) + 0.5)
        block["operating"] = limits.operating.used_s(self._caller.client, method) + self._pending_s(
            method
        )
        return block


def _body(answer: Answer, time: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"result": answer.result}
    if answer.next is not None:
        body["next"] = answer.next
    if answer.total is not None:
        body["total"] = answer.total
    body["time"] = time
    return body

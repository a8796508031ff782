"""How a writing of marks goes: what a person is told of it, and how long it will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.limits import OperatingBudget
from crm.mark_definitions import COMPANY, CONTACT
from crm.mark_queue import ITEM_METHOD, OWN_METHODS

SPEED_OVER_S = 120.0
LONGEST_S = 30 * 86400.0


@dataclass(frozen=True)
class WriteProgress:
    """Facts of a writing under way; counts are of ``total`` operations.

    ``waiting`` lists methods that wait for their reset: ``{"method": str, "until": unix seconds}``.
    ``requests`` are those of this writing, looks included. ``seconds_per_update`` is what an update
    takes of a method's execution time, of methods that were measured. ``remaining_s`` is an
    estimate, None before the first answer.
    """

    done: int
    refused: int
    gone: int
    conflicts: int
    total: int
    per_s: float
    remaining_s: float | None
    waiting: list[dict[str, Any]]
    requests: int
    seconds_per_update: dict[str, float]


@dataclass
class Rate:
    """Operations per second over the last minutes."""

    started_s: float
    _settled: deque[tuple[float, int]] = field(default_factory=deque)

    def settled(self, count: int, now_s: float) -> None:
        """Count operations that came to their end."""
        self._settled.append((now_s, count))

    def per_s(self, now_s: float) -> float:
        """The present speed; 0 when nothing was settled for a while."""
        while self._settled and self._settled[0][0] < now_s - SPEED_OVER_S:
            self._settled.popleft()
        over_s = min(SPEED_OVER_S, max(1.0, now_s - self.started_s))
        return sum(count for _, count in self._settled) / over_s


@dataclass(frozen=True)
class Outlook:
    """One method as the estimate sees it: seconds an update takes, seconds allowed per window, and
    how far into a window it is, which begins with the allowed ones.
    """

    update_s: float
    into_s: float
    allowed_s: float
    window_s: float

    def updates_in(self, seconds: float) -> float:
        """How many updates, one after another, fit into so many seconds."""
        windows, rest_s = divmod(self.into_s + seconds, self.window_s)
        spent_s = windows * self.allowed_s + min(rest_s, self.allowed_s)
        return (spent_s - min(self.into_s, self.allowed_s)) / self.update_s


def outlook(budget: OperatingBudget, method: str, update_s: float, now_s: float) -> Outlook:
    """That of a method now."""
    room_s = budget.room_s(method, now_s)
    into_s = budget.allowed_s - room_s
    if room_s <= 0:
        into_s = budget.WINDOW_S - (budget.free_at_s(method, now_s) - now_s)
    into_s = min(max(into_s, 0.0), budget.WINDOW_S)
    return Outlook(update_s, into_s, budget.allowed_s, budget.WINDOW_S)


def seconds_for(left: Mapping[int, int], lanes: Mapping[str, Outlook]) -> float:
    """Seconds to write what is ``left`` of companies and contacts: each has a lane of its own, and
    what that does not manage in the time is left to the lane that takes both.
    """
    if not any(left.values()):
        return 0.0

    def fits(seconds: float) -> bool:
        surplus = sum(
            max(0.0, left.get(entity, 0) - _updates(lanes, OWN_METHODS[entity], seconds))
            for entity in (COMPANY, CONTACT)
        )
        return surplus <= _updates(lanes, ITEM_METHOD, seconds)

    shortest_s, longest_s = 0.0, LONGEST_S
    while longest_s - shortest_s > 1.0:
        middle_s = (shortest_s + longest_s) / 2
        shortest_s, longest_s = (shortest_s, middle_s) if fits(middle_s) else (middle_s, longest_s)
    return longest_s


def _updates(lanes: Mapping[str, Outlook], method: str, seconds: float) -> float:
    return lanes[method].updates_in(seconds) if method in lanes else 0.0

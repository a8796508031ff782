"""The two limits of the platform, in emulated seconds: requests per source address, seconds per
method.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BASKET_S: Final = 60
BASKETS: Final = 10
RECORDED_ABOVE_S: Final = 0.1


@dataclass(frozen=True)
class LimitRules:
    """Leaky bucket: blocked above ``burst``, drains ``per_second``; ``operating_s`` per method in
    10 min.
    """

    per_second: float = 2.0
    burst: int = 50
    operating_s: float = 480.0


@dataclass
class _Basket:
    first_s: float
    used_s: float = 0.0


class LeakyBuckets:
    """One counter per source address: +1 per admitted request, −``per_second`` each second.

    A refused request leaves the counter as it was.
    """

    def __init__(self, rules: LimitRules, emulated_s: Callable[[], float]):
        self._rules = rules
        self._now = emulated_s
        self._levels: dict[str, tuple[float, float]] = {}

    def level(self, address: str) -> float:
        """How full the address's bucket is now."""
        level, at = self._levels.get(address, (0.0, 0.0))
        return max(0.0, level - (self._now() - at) * self._rules.per_second)

    def admit(self, address: str) -> bool:
        """Count a request; False when it must be refused."""
        level = self.level(address) + 1
        if level > self._rules.burst:
            return False
        self._levels[address] = (level, self._now())
        return True

    def levels(self) -> dict[str, float]:
        """Every address seen and how full its bucket is."""
        return {address: round(self.level(address), 2) for address in self._levels}


class OperatingBaskets:
    """Execution seconds per (client id, method) in ten baskets of one minute.

    A basket leaves the sum when its minute is the tenth before the current one; what is told about
    it (``reset_at_s``) is ten minutes after its first call, up to a minute later than it really
    leaves.
    """

    def __init__(self, rules: LimitRules, emulated_s: Callable[[], float]):
        self._limit_s = rules.operating_s
        self._now = emulated_s
        self._baskets: defaultdict[tuple[str, str], dict[int, _Basket]] = defaultdict(dict)

    def record(self, client: str, method: str, seconds: float, started_s: float) -> None:
        """Add the time of all calls of a method in one request, begun at ``started_s``; little is
        free.
        """
        if seconds > RECORDED_ABOVE_S:
            basket = self._live(client, method).setdefault(
                int(started_s // BASKET_S), _Basket(started_s)
            )
            basket.used_s += seconds

    def used_s(self, client: str, method: str) -> float:
        """Seconds used in the last ten minutes."""
        return sum(basket.used_s for basket in self._live(client, method).values())

    def is_blocked(self, client: str, method: str, pending_s: float = 0.0) -> bool:
        """Whether the method must be refused; ``pending_s``: what the running request has used of
        it.
        """
        return self.used_s(client, method) + pending_s > self._limit_s

    def reset_at_s(self, client: str, method: str, started_s: float) -> float:
        """Emulated second that is told as the reset, for a request begun at ``started_s``."""
        baskets = self._live(client, method)
        first_s = baskets[min(baskets)].first_s if baskets else started_s
        return first_s + BASKETS * BASKET_S

    def used(self) -> dict[str, float]:
        """Every method used in the last ten minutes and its seconds, all clients together."""
        sums: defaultdict[str, float] = defaultdict(float)
        for client, method in list(self._baskets):
            sums[method] += self.used_s(client, method)
        return {method: round(seconds, 3) for method, seconds in sums.items() if seconds}

    def _live(self, client: str, method: str) -> dict[int, _Basket]:
        first = int(self._now() // BASKET_S) - BASKETS + 1
        baskets = self._baskets[client, method]
        for minute in [minute for minute in baskets if minute < first]:
            del baskets[minute]
        return baskets


class Limits:
    """Both limits under one clock; ``rules`` None switches them off."""

    def __init__(self, rules: LimitRules | None, emulated_s: Callable[[], float]):
        self.are_on = rules is not None
        self.buckets = LeakyBuckets(rules or LimitRules(), emulated_s)
        self.operating = OperatingBaskets(rules or LimitRules(), emulated_s)

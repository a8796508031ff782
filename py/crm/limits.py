"""The portal's two limits, kept before they are hit: requests per second, and execution time per
method.

Source: the platform's page on REST limits (reference §3.1). All times are the clock's monotonic
seconds: a person's clock may be hours off the portal's.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

RECOVERY = 1.03
"""After a refusal the rate grows by this factor with every request that is let through."""
SLOWDOWN = 0.7
"""A refusal slows the rate by this factor: others use the same address."""
SLOWEST = 0.1
"""The rate never falls below this share of the nominal one."""
GRAIN_S = 5.0
"""Operating time is remembered in grains of so many seconds."""
SHORTEST_S = 1e-4
"""Shorter waits are none: clocks need not be able to tell them from nothing."""
HOLD_S = 2.0
"""Nothing leaves for so long after a refusal."""


@dataclass
class RequestBucket:
    """Leaky bucket of HTTP requests: the portal drains 2 a second and holds 50, per source address.

    Kept slightly inside, since requests that leave evenly may arrive bunched. ``spacing_s`` spreads
    the burst a little, so that a bucket that others have filled is noticed by a few refusals and
    not by fifty.
    """

    rate_per_s: float = 1.96
    burst: float = 48
    spacing_s: float = 0.03
    level: float = 0.0
    _share: float = 1.0
    _at_s: float = 0.0
    _not_before_s: float = 0.0

    def available(self, now_s: float) -> float:
        """Requests that the bucket would take at once."""
        return self.burst - self._level(now_s)

    def wait_s(self, now_s: float) -> float:
        """Seconds until a request may leave; 0 when it may now."""
        overfull = self._level(now_s) + 1 - self.burst
        wait_s = max(overfull / (self.rate_per_s * self._share), self._not_before_s - now_s)
        return wait_s if wait_s > SHORTEST_S else 0.0

    def take(self, now_s: float) -> None:
        """Count one request that leaves now."""
        self.level = self._level(now_s) + 1
        self._at_s = now_s
        self._not_before_s = max(self._not_before_s, now_s + self.spacing_s)

    def accepted(self, now_s: float) -> None:
        """A request came through: recover towards the nominal rate."""
        if self._share < 1:
            self.level, self._at_s = self._level(now_s), now_s
            self._share = min(1.0, self._share * RECOVERY)

    def refused(self, now_s: float) -> None:
        """503: the portal's bucket is full, whoever filled it."""
        self.level, self._at_s = self.burst, now_s
        self._not_before_s = now_s + HOLD_S
        self._share = max(SLOWEST, self._share * SLOWDOWN)

    def _level(self, now_s: float) -> float:
        return max(0.0, self.level - (now_s - self._at_s) * self.rate_per_s * self._share)


@dataclass
class _Usage:
    """What is known of one method: seconds spent with their times, and seconds still to come in."""

    spent: deque[tuple[float, float]] = field(default_factory=deque)
    total_s: float = 0.0
    expected_s: float = 0.0
    reset_s: float | None = None
    blocked_until_s: float = 0.0
    told_at_unix_s: float = 0.0
    probe_s: float = 0.0

    def add(self, seconds: float, now_s: float) -> None:
        """Seconds just spent; those of a few seconds are kept as one."""
        self.total_s += seconds
        if self.spent and now_s - self.spent[-1][0] < GRAIN_S:
            at, earlier = self.spent.pop()
            self.spent.append((at, earlier + seconds))
        else:
            self.spent.append((now_s, seconds))

    def drop(self, seconds: float) -> None:
        """Take so many seconds away, the oldest first."""
        while seconds > 0 and self.spent:
            at, oldest = self.spent.popleft()
            if oldest > seconds:
                self.spent.appendleft((at, oldest - seconds))
            self.total_s = max(0.0, self.total_s - min(oldest, seconds))
            seconds -= oldest


class OperatingBudget:
    """Execution seconds per method: at most 480 in ten one-minute baskets, shared by all users of
    the app.

    The portal tells its own count (``operating``) and when its oldest basket drops out
    (``operating_reset_at``) with every answer; what is under way is predicted, since it will be
    counted too. How much drops out at a reset only the portal knows: ``PROBE_S`` of the margin are
    spent then to hear it.
    """

    WINDOW_S = 600.0
    BASKET_S = 60.0
    PROBE_S = 6.0

    def __init__(self, limit_s: float = 480.0, margin_s: float = 24.0) -> None:
        self._allowed_s = limit_s - margin_s
        self._methods: dict[str, _Usage] = {}

    @property
    def allowed_s(self) -> float:
        """Seconds per method and window that are made use of."""
        return self._allowed_s

    def room_s(self, method: str, now_s: float) -> float:
        """Seconds of ``method`` that may be started now; 0 while it waits for its reset."""
        usage = self._usage(method, now_s)
        if now_s < usage.blocked_until_s:
            return 0.0
        return max(0.0, self._allowed_s + usage.probe_s - usage.total_s - usage.expected_s)

    def free_at_s(self, method: str, now_s: float) -> float:
        """When ``method`` may get room again; now when it has some."""
        usage = self._usage(method, now_s)
        if now_s < usage.blocked_until_s:
            return usage.blocked_until_s
        if self.room_s(method, now_s) > 0 or not usage.spent:
            return now_s
        return usage.reset_s or usage.spent[0][0] + self.WINDOW_S

    def start(self, method: str, seconds: float) -> None:
        """Expect ``seconds`` of ``method`` to be spent by a request that leaves now."""
        self._methods.setdefault(method, _Usage()).expected_s += seconds

    def finish(self, method: str, seconds: float) -> None:
        """Take back what ``start`` announced: the answer is there, or will not come."""
        usage = self._methods.setdefault(method, _Usage())
        usage.expected_s = max(0.0, usage.expected_s - seconds)

    def told(
        self,
        method: str,
        operating_s: float,
        at_unix_s: float,
        reset_in_s: float | None,
        now_s: float,
    ) -> None:
        """Take in the portal's own count of the moment ``at_unix_s`` on its clock.

        The youngest count is the truth; an older one, of an answer that took longer, can only add.
        """
        usage = self._usage(method, now_s)
        if operating_s > usage.total_s:
            usage.add(operating_s - usage.total_s, now_s)
        elif at_unix_s >= usage.told_at_unix_s:
            usage.drop(usage.total_s - operating_s)
        if at_unix_s < usage.told_at_unix_s:
            return
        usage.told_at_unix_s = at_unix_s
        usage.probe_s = 0.0
        if reset_in_s is not None and reset_in_s > 0:
            usage.reset_s = now_s + reset_in_s

    def unanswered(self, method: str, seconds: float, now_s: float) -> None:
        """A request was lost on which the portal may have worked for ``seconds``: so many are taken
        for spent until it tells its own count again.
        """
        self._usage(method, now_s).add(seconds, now_s)

    def blocked(self, method: str, reset_in_s: float | None, now_s: float) -> float:
        """The portal refused ``method`` (429): nothing of it until its reset, which is returned."""
        usage = self._usage(method, now_s)
        if reset_in_s is not None and reset_in_s > 0:
            usage.reset_s = now_s + reset_in_s
        usage.blocked_until_s = (usage.reset_s or now_s + self.BASKET_S) + 1
        return usage.blocked_until_s

    def _usage(self, method: str, now_s: float) -> _Usage:
        """The method's record without what has surely dropped out of the window by now."""
        usage = self._methods.setdefault(method, _Usage())
        while usage.spent and usage.spent[0][0] <= now_s - self.WINDOW_S:
            usage.drop(usage.spent[0][1])
        if usage.reset_s is not None and now_s >= usage.reset_s:
            usage.reset_s = None
            usage.probe_s = self.PROBE_S
        return usage

"""How much to ask at once, learnt from the answers: seconds per command, commands per batch,
requests in flight.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.query import MAX_COMMANDS


@dataclass
class CommandCosts:
    """Mean execution seconds of one command, per method; young measurements count more."""

    unknown_s: float = 0.1
    _mean_s: dict[str, float] = field(default_factory=dict)

    def of(self, method: str) -> float:
        """Seconds that one command of ``method`` is thought to take."""
        return self._mean_s.get(method, self.unknown_s)

    def measured(self, method: str, seconds: float) -> None:
        """Take in one command's time."""
        mean_s = self._mean_s.get(method)
        self._mean_s[method] = seconds if mean_s is None else mean_s + 0.1 * (seconds - mean_s)


@dataclass
class BatchSize:
    """Commands per batch: full ones, unless that would come near the portal's 60 s cut.

    ``aim_s`` is what a batch may be thought to take; a cut halves the count whatever was thought,
    and every batch that comes home whole lets it grow again.
    """

    aim_s: float = 15.0
    most: int = MAX_COMMANDS
    _cut_to: float = MAX_COMMANDS

    @property
    def commands(self) -> int:
        """At most so many commands in the next batch."""
        return max(1, min(self.most, int(self._cut_to)))

    def cut(self, commands: int) -> None:
        """A batch of so many commands was cut."""
        self._cut_to = max(1.0, min(self._cut_to, commands / 2))

    def whole(self) -> None:
        """A batch came home whole."""
        self._cut_to = min(float(self.most), self._cut_to * 1.1)


@dataclass
class Lanes:
    """Requests in flight. Many are needed to keep the pace, since a batch takes seconds: at 2 a
    second and 4 s each eight, and fifty while the burst lasts.

    A browser may have fewer connections than that (six to a host without HTTP/2); more requests
    then only queue up before they leave. That shows as answers that take longer than the portal
    says it worked, and the number goes down to what is of use.
    """

    most: int = 50
    fewest: int = 8
    queued_s: float = 0.0
    _limit: float = 24.0

    @property
    def limit(self) -> int:
        """At most so many requests in flight."""
        return int(self._limit)

    def answered(self, elapsed_s: float, worked_s: float) -> None:
        """Take in one answer: how long it took from here, and how long the portal worked on it."""
        self.queued_s = max(elapsed_s - worked_s, 0.0)
        if self.queued_s > max(2.0, worked_s):
            self._limit = max(float(self.fewest), self._limit * 0.8)
        else:
            self._limit = min(float(self.most), self._limit + 1)

"""Faults on demand, repeatable by seed: which request fails, and how."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from portal.errors import KNOWN

SLOW_S: Final = 8.0

KINDS: Final[dict[str, str]] = {
    "503": "refused: HTTP 503 QUERY_LIMIT_EXCEEDED",
    "429": "HTTP 429 OPERATION_TIME_LIMIT; in a batch every command of its first method gets it",
    "500": "HTTP 500 INTERNAL_SERVER_ERROR, before any work",
    "502": "HTTP 502 with an HTML page, before any work",
    "html": "HTTP 200 with an HTML page, before any work",
    "slow": "the answer comes later by S emulated seconds (P:S, S is 8 unless given)",
    "lost": "all the work is done, then the connection is dropped without an answer",
    "reset": "the connection is dropped before any work",
    "expire": "the request's token runs out just before it is checked",
}

GRAMMAR: Final = "\n".join(
    [
        "SPEC is a list of NAME=VALUE parted by commas:",
        "  seed=N            seed of the choices, 0 unless given",
        "  KIND=P            share of REST requests, 0 to 1, that meet this fault",
        "  at=K:KIND         the K-th REST request from now on (1 is the next one) meets it",
        "                    for certain; may be repeated; at=K:slow:S for a slow one",
        "  refresh_silent=P  share of BX24.refreshAuth calls that are never answered",
        "KIND is one of",
        *(f"  {kind:<8} {text}" for kind, text in KINDS.items()),
        "or an error code of the platform: " + ", ".join(KNOWN) + ".",
        "Example: seed=7,503=0.05,500=0.02,slow=0.05:8,lost=0.02,at=3:expire,refresh_silent=1",
    ]
)


class FaultSpecError(ValueError):
    """A fault specification that cannot be read; its text says what is wrong and what would be
    right.
    """


@dataclass(frozen=True)
class Fault:
    """What happens to one request; ``slow_s`` matters for ``slow`` alone."""

    kind: str
    slow_s: float = 0.0


@dataclass
class _Plan:
    seed: int = 0
    shares: dict[str, float] = field(default_factory=dict)
    slow_s: float = SLOW_S
    at: dict[int, Fault] = field(default_factory=dict)
    refresh_silent: float = 0.0


class Faults:
    """The faults in force. ``next_fault`` is asked once per REST request."""

    def __init__(self, spec: str = ""):
        self.spec = ""
        self.counts: defaultdict[str, int] = defaultdict(int)
        self._plan = _Plan()
        self._random = random.Random(0)
        self._requests = 0
        self.set(spec)

    def set(self, spec: str) -> None:
        """Put another specification in force and count requests from 1 again; ``''`` ends all
        faults.

        Raises FaultSpecError and changes nothing when the specification cannot be read.
        """
        self._plan = _parse(spec)
        self.spec = spec
        self._random = random.Random(self._plan.seed)
        self._requests = 0
        self.counts.clear()

    def next_fault(self) -> Fault | None:
        """The fault that the next REST request meets, None for none."""
        self._requests += 1
        draw = self._random.random()
        fault = self._plan.at.get(self._requests) or self._drawn(draw)
        if fault:
            self.counts[fault.kind] += 1
        return fault

    def refresh_is_silent(self) -> bool:
        """Whether this call of BX24.refreshAuth gets no answer."""
        silent = self._random.random() < self._plan.refresh_silent
        if silent:
            self.counts["refresh_silent"] += 1
        return silent

    def _drawn(self, draw: float) -> Fault | None:
        for kind, share in self._plan.shares.items():
            if draw < share:
                return Fault(kind, self._plan.slow_s if kind == "slow" else 0.0)
            draw -= share
        return None


def _parse(spec: str) -> _Plan:
    plan = _Plan()
    for part in filter(None, (part.strip() for part in spec.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise FaultSpecError(f"fault {part!r} has no value: write NAME=VALUE, e.g. 503=0.05")
        if name == "seed":
            plan.seed = int(_number(part, value, whole=True))
        elif name == "refresh_silent":
            plan.refresh_silent = _share(part, value)
        elif name == "at":
            _add_certain(plan, part, value)
        else:
            _add_share(plan, part, _kind(part, name), value)
    if sum(plan.shares.values()) > 1:
        raise FaultSpecError("the shares of all faults together are above 1")
    return plan


def _add_certain(plan: _Plan, part: str, value: str) -> None:
    number, _, rest = value.partition(":")
    name, _, slow_s = rest.partition(":")
    kind = _kind(part, name)
    if slow_s and kind != "slow":
        raise FaultSpecError(f"fault {part!r}: only slow takes seconds")
    seconds = _number(part, slow_s) if slow_s else SLOW_S
    k = int(_number(part, number, whole=True))
    if k < 1:
        raise FaultSpecError(f"fault {part!r}: requests are counted from 1")
    plan.at[k] = Fault(kind, seconds if kind == "slow" else 0.0)


def _add_share(plan: _Plan, part: str, kind: str, value: str) -> None:
    share, _, slow_s = value.partition(":")
    if slow_s:
        if kind != "slow":
            raise FaultSpecError(f"fault {part!r}: only slow takes seconds")
        plan.slow_s = _number(part, slow_s)
    plan.shares[kind] = _share(part, share)


def _kind(part: str, name: str) -> str:
    if name not in KINDS and name not in KNOWN:
        raise FaultSpecError(
            f"fault {part!r}: {name!r} is not known; take {', '.join(KINDS)}, refresh_silent, "
            "seed, at or an error code of the platform"
        )
    return name


def _share(part: str, text: str) -> float:
    share = _number(part, text)
    if share > 1:
        raise FaultSpecError(f"fault {part!r}: a share lies between 0 and 1")
    return share


def _number(part: str, text: str, *, whole: bool = False) -> float:
    try:
        number = float(int(text)) if whole else float(text)
    except ValueError:
        expected = "a whole number" if whole else "a number"
        raise FaultSpecError(f"fault {part!r}: {text!r} is not {expected}") from None
    if not 0 <= number < 1e9:
        raise FaultSpecError(f"fault {part!r}: {text!r} must not be negative or huge")
    return number

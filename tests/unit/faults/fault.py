"""A fault by its name: `SCENE:KIND:STEP`, such as `fill:lost:7`.

`SCENE` may have the number of a portal (`fill#2`), `STEP` counts requests to the portal or
operations of the store from the opening of the app on, from 1. More faults, each for the opening
that follows the one before, are joined with a plus: `fill:lost:7+dies-before:3`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REQUEST_KINDS = {
    "reset": "the line breaks before the portal has heard of the request",
    "lost": "the portal does the work, the answer is lost",
    "timeout": "the portal does the work, no answer within the time that a request has",
    "slow": "the answer comes 40 s late",
    "503": "QUERY_LIMIT_EXCEEDED",
    "500": "INTERNAL_SERVER_ERROR",
    "502": "a page of the web server",
    "429": "OPERATION_TIME_LIMIT for the request",
    "html": "200 with a page",
    "expired": "the token has run out",
    "denied": "403 INVALID_CREDENTIALS",
    "blocked": "503 OVERLOAD_LIMIT",
    "dies-before": "the tab dies as the request is about to leave",
    "dies-during": "the tab dies with the request on its way",
    "dies-after": "the tab dies as the answer arrives",
    "silent": "the request is never answered, half a minute later the tab dies",
    "offline": "from here on there is no line, until the app has given up",
    "down": "from here on the portal answers 500, until the app has given up",
    "signed-out": "from here on no token is valid, until the page is loaded anew",
    "paused": "a person pauses, and goes on a minute later",
    "paused-dies": "a person pauses, and the tab dies a minute later",
    "sleeps": "the machine sleeps for two hours, the request is lost",
    "ahead": "the machine's clock jumps 20 days ahead",
    "behind": "the machine's clock jumps 20 days back",
}
STORE_KINDS = {
    "full": "the disk is full, nothing of the operation is done",
    "refused": "the browser's database fails, nothing of the operation is done",
    "full-on": "the disk is full for every operation from here on, until the app has given up",
    "store-dies-before": "the tab dies before the operation is done",
    "store-dies-after": "the tab dies when the operation is done, and before it knows",
    "power": "the machine dies after the operation: what was not on the disk yet is lost",
    "power-3": "the same, and the two transactions before are lost too",
}
PATTERN = re.compile(r"(?P<scene>[a-z-]+)(#(?P<portal>\d+))?:(?P<steps>.+)")


@dataclass(frozen=True, order=True)
class Step:
    """What happens, and at which request or operation of an opening."""

    kind: str
    number: int

    @property
    def is_of_store(self) -> bool:
        """Whether ``number`` counts operations of the store."""
        return self.kind in STORE_KINDS

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True, order=True)
class Fault:
    """One story to be told: a scene, a portal, and what goes wrong in which opening."""

    scene: str
    steps: tuple[Step, ...]
    portal: int = 1

    @classmethod
    def named(cls, name: str) -> Fault:
        """The fault of this name; raises ValueError for what is none."""
        found = PATTERN.fullmatch(name)
        if found is None:
            raise ValueError(f"{name!r} is not of the form SCENE:KIND:STEP")
        steps = []
        for part in found["steps"].split("+"):
            kind, _, number = part.partition(":")
            steps.append(Step(kind, int(number)))
        return cls(found["scene"], tuple(steps), int(found["portal"] or 1))

    @property
    def kind(self) -> str:
        """The kinds alone, as a report counts them."""
        return "two in a row" if len(self.steps) > 1 else self.steps[0].kind

    def __str__(self) -> str:
        portal = "" if self.portal == 1 else f"#{self.portal}"
        return f"{self.scene}{portal}:{'+'.join(map(str, self.steps))}"

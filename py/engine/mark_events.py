"""What the page is told of marks: the ``marks`` event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from crm.errors import (
    AccessDenied,
    MethodMissing,
    PlanRefused,
    PortalError,
    RequestRefused,
    ScopeMissing,
)
from crm.mark_fields import MarksRefused
from engine.page import Event
from segmentation.marks import changes_told

SAMPLES = 5

NOTHING_KNOWN: Mapping[str, Any] = {
    "state": "unknown",
    "total": 0,
    "done": 0,
    "refused": 0,
    "gone": 0,
    "companies": 0,
    "contacts": 0,
    "fields": {},
    "samples": [],
    "forecast_s": 0.0,
    "forecast_measured": False,
    "remaining_s": None,
    "per_s": 0.0,
    "waiting": None,
    "refusals": [],
    "conflicts": [],
    "conflicts_total": 0,
    "undoable": None,
    "automatic": False,
    "reason": None,
    "words": "",
}
"""The event before anything is known (docs/architecture.md, messages)."""


class MarksBoard:
    """The ``marks`` event as it stands, told by one job after another; ``send`` is where to."""

    def __init__(self) -> None:
        self.send: Callable[[Event], None] = lambda event: None
        self._event: Event = {"type": "marks", **NOTHING_KNOWN}

    @property
    def state(self) -> str:
        """The state last told."""
        return str(self._event["state"])

    def note(self, **changes: Any) -> None:
        """Change some of the facts, to be sent with the next ones."""
        self._event.update(changes)

    def tell(self, **changes: Any) -> None:
        """Change some of the facts and send all of them."""
        self.note(**changes)
        self.send(dict(self._event))


def samples_of(operations: pd.DataFrame) -> pd.DataFrame:
    """A few operations of different kinds: the first of each stage and set of marks, then more."""
    first = operations.drop_duplicates(["rank", "changed"])
    both = pd.concat([first, operations.head(SAMPLES)])
    return both.drop_duplicates(["entity", "id"]).head(SAMPLES)


def samples_told(
    samples: pd.DataFrame, names: Mapping[tuple[int, int], str]
) -> list[dict[str, Any]]:
    """Samples for the event; ``names`` by entity type and id, as far as they are known."""
    entities, ids = samples["entity"].tolist(), samples["id"].tolist()
    return [
        {"entity": entity, "id": id_, "name": names.get((entity, id_), ""), "changes": changes}
        for entity, id_, changes in zip(entities, ids, changes_told(samples), strict=True)
    ]


REFUSALS = (
    AccessDenied,
    MarksRefused,
    MethodMissing,
    PlanRefused,
    RequestRefused,
    ScopeMissing,
)
"""How a portal may refuse to have the fields made or removed."""


def refusal_told(refusal: PortalError) -> dict[str, str]:
    """What the event says of a refusal."""
    return {
        "reason": str(refusal.params.get("reason", refusal.code)),
        "words": str(refusal.params.get("words", "")),
    }

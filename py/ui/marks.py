"""The marks in the portal, as the engine tells of them (protocol 2, event ``marks``); pure."""

from typing import Any

MARKS = (
    "parent",
    "type",
    "lifecycle",
    "frequency",
    "last_pay",
    "payments",
    "dialogs",
    "contacts",
)
"""The eight marks in the order of spec §3.8."""

NONE, UNKNOWN, PREVIEW = "none", "unknown", "preview"
WRITING, PAUSED, SETTLING, DONE, REFUSED = "writing", "paused", "settling", "done", "refused"
UNDOING, UNDONE, REMOVED = "undoing", "undone", "removed"

ACTIONS = {
    UNKNOWN: ("preview",),
    NONE: ("undo",),
    PREVIEW: ("write", "undo"),
    WRITING: ("pause",),
    PAUSED: ("write", "undo"),
    SETTLING: (),
    DONE: ("undo",),
    REFUSED: ("preview", "undo"),
    UNDOING: ("pause",),
    UNDONE: ("preview", "undo"),
    REMOVED: ("preview",),
}
"""What a person may do in each state; ``undo`` only while there is something to undo."""
UNDER_WAY = (WRITING, SETTLING, UNDOING)
WITH_PROGRESS = (WRITING, PAUSED, SETTLING, UNDOING)
WITH_CONFLICTS = (UNDOING, UNDONE)
WITH_REFUSALS = (DONE, UNDONE, PAUSED)
UNMANAGEABLE = (WRITING, SETTLING, UNDOING, REMOVED, REFUSED)


class Marks:
    """One event ``marks``; without facts the marks have not been compared with the portal yet.

    Counts are cards: companies and contacts together. ``refusals`` are cards that the portal did
    not let be written, ``conflicts`` marks that an undo left alone, since somebody had changed them
    after the writing.
    """

    def __init__(self, facts: dict[str, Any] | None = None) -> None:
        facts = {} if facts is None else facts
        self.state: str = facts.get("state", UNKNOWN)
        if self.state not in ACTIONS:
            self.state = UNKNOWN
        self.total: int = facts.get("total") or 0
        self.done: int = facts.get("done") or 0
        self.refused: int = facts.get("refused") or 0
        self.gone: int = facts.get("gone") or 0
        self.companies: int = facts.get("companies") or 0
        self.contacts: int = facts.get("contacts") or 0
        self.fields: dict[str, dict[str, Any]] = facts.get("fields") or {}
        self.samples: list[dict[str, Any]] = facts.get("samples") or []
        self.forecast_s: float | None = facts.get("forecast_s")
        self.forecast_measured = bool(facts.get("forecast_measured"))
        self.remaining_s: float | None = facts.get("remaining_s")
        self.per_s: float | None = facts.get("per_s")
        self.waiting: dict[str, Any] | None = facts.get("waiting")
        self.refusals: list[dict[str, Any]] = facts.get("refusals") or []
        self.conflicts: list[dict[str, Any]] = facts.get("conflicts") or []
        self.conflicts_total: int = facts.get("conflicts_total") or len(self.conflicts)
        self.undoable: dict[str, Any] | None = facts.get("undoable")
        self.automatic = bool(facts.get("automatic"))
        self.reason: str | None = facts.get("reason")
        self.words: str = facts.get("words") or ""

    @property
    def under_way(self) -> bool:
        """Whether the portal is being written to."""
        return self.state in UNDER_WAY

    @property
    def left(self) -> int:
        """Cards that a writing still has to come to."""
        return max(0, self.total - self.done - self.refused - self.gone)

    def actions(self, may_begin: bool) -> list[str]:
        """What is offered now; ``may_begin`` is False while the engine does something else."""
        if not may_begin and not self.under_way:
            return []
        return [
            action
            for action in ACTIONS[self.state]
            if action != "undo" or self.undoable is not None
        ]

    def manageable(self, may_begin: bool) -> bool:
        """Whether the fields themselves may be shown in cards or removed now."""
        return may_begin and self.state not in UNMANAGEABLE

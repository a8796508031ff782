"""Counters and series of the last refresh, as the engine sent them or the browser kept them."""

import json
from typing import Any

from ui.modes import MODES, Mode

VIEW_VERSION = 2
DRAWN_VERSIONS = (1, 2)
"""Version 1 has no steps and is never shared; a newer one than these is left alone."""
MONTHS_A_YEAR = 12
STEP_CODES = ("import", "deleted", "merged")
USUAL_LIMITS_MONTHS = (6, 18)
"""Limits of the lifecycle (spec §3.3) in views that do not tell any."""


class View:
    """One view (protocol 2, event ``view``): months ``YYYY-MM`` and a whole number per segment and
    month.

    The point of a month is the state at its end, that of the last month the state at ``as_of``.
    ``limits_months`` are the active and the dormant limit that the counts were made with, ``steps``
    are imports, deletions and merges (spec §3.7), ``shared`` says that the view came from
    the portal's own storage, where an administrator's refresh left it.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self.as_of: str = facts["as_of"]
        self.partial: bool = facts["partial"]
        self.through: str | None = facts["through"]
        self.months: list[str] = facts["months"]
        self.notes: list[dict[str, Any]] = facts["notes"]
        self.shared = bool(facts.get("shared"))
        self.limits_months = _limits_months(facts.get("limits"))
        self.steps = [step for step in facts.get("steps", []) if step.get("code") in STEP_CODES]
        self._facts = facts
        self._modes: dict[str, dict[str, dict[str, Any]]] = facts["modes"]

    @classmethod
    def of(cls, facts: Any) -> "View | None":
        """The view in ``facts``; None when another version wrote them or they are damaged."""
        try:
            if facts["version"] not in DRAWN_VERSIONS:
                return None
            view = cls(facts)
            for mode in MODES:
                for segment in mode.segments:
                    if len(view.series(mode, segment)) != len(view.months):
                        return None
            return view
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    @classmethod
    def from_json(cls, text: str | None) -> "View | None":
        """The view in a JSON text; None when there is none or it cannot be read."""
        if text is None:
            return None
        try:
            return cls.of(json.loads(text))
        except ValueError:
            return None

    @property
    def empty(self) -> bool:
        """Whether there is not a single company or contact."""
        return not self.months or self._modes["1"]["all"]["count"] == 0

    @property
    def cards(self) -> int:
        """How many companies and contacts there are."""
        return 0 if self.empty else self.count(MODES[0], "all")

    def series(self, mode: Mode, segment: str) -> list[int]:
        """The counts of a segment, one a month."""
        series: list[int] = self._modes[mode.number][segment]["series"]
        return series

    def with_series(self, mode: Mode, series: dict[str, list[int]]) -> "View":
        """The same view with other counts in one mode."""
        changed = {code: {"count": counts[-1], "series": counts} for code, counts in series.items()}
        modes = dict(self._modes)
        modes[mode.number] = changed
        facts = dict(self._facts)
        facts["modes"] = modes
        return View(facts)

    def totals(self, mode: Mode) -> list[int]:
        """The sums of a mode's segments, one a month."""
        if mode.total is not None:
            return self.series(mode, mode.total)
        columns = [self.series(mode, segment) for segment in mode.segments]
        return [sum([column[i] for column in columns]) for i in range(len(self.months))]

    def count(self, mode: Mode, segment: str) -> int:
        """Today's count of a segment."""
        count: int = self._modes[mode.number][segment]["count"]
        return count

    def index(self, month: str | None) -> int:
        """Position of a month; of the last one for None and for a month that is not there."""
        if month is not None and month in self.months:
            return self.months.index(month)
        return len(self.months) - 1


def _limits_months(told: Any) -> tuple[int, int]:
    """The limits in a view; the usual ones where it tells none, or what cannot be any."""
    found = told if isinstance(told, dict) else {}
    active, dormant = found.get("active_months"), found.get("dormant_months")
    if not isinstance(active, int) or not isinstance(dormant, int) or not 0 < active < dormant:
        return USUAL_LIMITS_MONTHS
    return active, dormant


def change_over_year(series: list[int], index: int) -> int | None:
    """How much a series grew in the twelve months up to ``index``; None where not known."""
    if index < MONTHS_A_YEAR:
        return None
    return series[index] - series[index - MONTHS_A_YEAR]

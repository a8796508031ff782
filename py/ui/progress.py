"""The progress of a refresh: month, counts, speed, time left, and what it waits for.

A next run takes seconds: a line says so, and nothing moves.
"""

import time
from typing import Any

from ui.dom import mark, part, show, write
from ui.screen import PAUSED, Screen
from ui.texts import Texts
from ui.wording import duration, waiting

UNKNOWN = "\u2014"
SPOKEN_EVERY_S = 30
"""A screen reader is told of the progress this often, not at every event."""
TABLES = (
    "companies",
    "contacts",
    "links",
    "deals",
    "invoices",
    "activities",
    "requisites",
)


class ProgressPanel:
    """The box with the progress; hidden while nothing is read."""

    def __init__(self) -> None:
        self._box = part("progress")
        self._bar = part("bar")
        self._bar_done = part("bar-done")
        self._spoken_at_s = 0.0

    def draw(self, screen: Screen, texts: Texts) -> None:
        """Show how far the refresh is."""
        show(self._box, screen.progress_visible)
        facts = screen.progress
        if not screen.progress_visible or facts is None or screen.next_run:
            mark(self._box, "data-progress-month", None)
        if not screen.progress_visible:
            return
        self._draw_kind(screen.next_run)
        write(part("progress-hint"), _hint(screen, texts))
        if facts is None:
            self._draw_beginning(screen, texts)
        elif screen.next_run:
            self._draw_next(screen, facts, texts)
        else:
            self._draw_month(screen, facts, texts)
            self._draw_numbers(facts, screen.state == PAUSED, texts)
        now_s = time.time()
        waits = facts is not None and screen.state != PAUSED
        line = waiting(texts, facts.get("waiting"), now_s) if facts and waits else ""
        write(part("progress-waiting"), line)
        show(part("progress-waiting"), bool(line))
        if facts is not None:
            self._speak(now_s)

    def _draw_kind(self, next_run: bool) -> None:
        """A next run has no months to count and nothing worth a bar."""
        mark(self._box, "class", "progress progress-calm box" if next_run else "progress box")
        show(self._bar, not next_run)
        show(part("progress-facts"), not next_run)

    def _draw_beginning(self, screen: Screen, texts: Texts) -> None:
        write(part("progress-title"), texts.say(_beginning(screen)))
        write(part("progress-months"), "")
        write(part("progress-tables"), "")
        self._bar_done.style.width = "0"
        for name in ("left", "rows", "speed", "requests"):
            write(part("progress-" + name), UNKNOWN)

    def _draw_next(self, screen: Screen, facts: dict[str, Any], texts: Texts) -> None:
        write(part("progress-title"), texts.say(_beginning(screen)))
        write(part("progress-months"), "")
        write(part("progress-tables"), _tables(facts, texts))

    def _draw_month(self, screen: Screen, facts: dict[str, Any], texts: Texts) -> None:
        month, done, total = facts["month"], facts["months_done"], facts["months_total"]
        mark(self._box, "data-progress-month", month)
        key = "progress.paused_at" if screen.state == PAUSED else "progress.month"
        if month is None:
            key = _beginning(screen)
        write(part("progress-title"), texts.say(key, month=texts.month(month) if month else ""))
        write(part("progress-months"), _months(facts, texts))
        mark(self._bar, "aria-valuemax", str(total))
        mark(self._bar, "aria-valuenow", str(done))
        mark(self._bar, "aria-label", texts.say("progress.label"))
        self._bar_done.style.width = f"{100 * done / total if total else 0:.1f}%"

    def _draw_numbers(self, facts: dict[str, Any], paused: bool, texts: Texts) -> None:
        left_s = facts["remaining_s"]
        left = texts.say("progress.estimating") if left_s is None else duration(texts, left_s)
        rows_per_s = texts.number(round(facts["rows_per_s"]))
        speed = texts.say("progress.per_second", number=rows_per_s)
        write(part("progress-left"), UNKNOWN if paused else left)
        write(part("progress-speed"), UNKNOWN if paused else speed)
        write(part("progress-rows"), texts.number(facts["rows_total"]))
        write(part("progress-requests"), texts.number(facts["requests"]))
        write(part("progress-tables"), _tables(facts, texts))

    def _speak(self, now_s: float) -> None:
        if now_s - self._spoken_at_s < SPOKEN_EVERY_S:
            return
        self._spoken_at_s = now_s
        words = [str(part(name).textContent) for name in ("progress-title", "progress-months")]
        write(part("progress-spoken"), ". ".join([word for word in words if word]))


def _beginning(screen: Screen) -> str:
    """Key of the title before there is a month to name."""
    if screen.state == PAUSED:
        return "progress.paused"
    return "progress.next" if screen.next_run else "progress.beginning"


def _tables(facts: dict[str, Any], texts: Texts) -> str:
    """``Компании 120 · Контакты 340``."""
    rows = facts.get("rows") or {}
    return " · ".join(
        [
            texts.say("table." + name) + "\u00a0" + texts.number(rows[name])
            for name in TABLES
            if rows.get(name)
        ]
    )


def _months(facts: dict[str, Any], texts: Texts) -> str:
    return texts.count(
        "progress.months", facts["months_total"], done=texts.number(facts["months_done"])
    )


def _hint(screen: Screen, texts: Texts) -> str:
    if screen.in_other_tab:
        return texts.say("progress.other_tab")
    if screen.state == PAUSED:
        return texts.say("progress.paused_hint")
    return texts.say("progress.next_hint" if screen.next_run else "progress.hint")

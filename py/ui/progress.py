"""The progress of a refresh: month, counts, speed, time left, and what it waits for."""

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
        if not screen.progress_visible or facts is None:
            mark(self._box, "data-progress-month", None)
            if screen.progress_visible:
                self._draw_beginning(screen, texts)
            return
        self._draw_month(screen, facts, texts)
        self._draw_numbers(facts, screen.state == PAUSED, texts)
        now_s = time.time()
        line = "" if screen.state == PAUSED else waiting(texts, facts["waiting"], now_s)
        write(part("progress-waiting"), line)
        show(part("progress-waiting"), bool(line))
        self._speak(now_s, screen, facts, texts)

    def _draw_beginning(self, screen: Screen, texts: Texts) -> None:
        paused = screen.state == PAUSED
        write(
            part("progress-title"), texts.say("progress.paused" if paused else "progress.beginning")
        )
        write(part("progress-months"), "")
        write(part("progress-hint"), _hint(screen, texts))
        write(part("progress-tables"), "")
        show(part("progress-waiting"), False)
        self._bar_done.style.width = "0"
        for name in ("left", "rows", "speed", "requests"):
            write(part("progress-" + name), UNKNOWN)

    def _draw_month(self, screen: Screen, facts: dict[str, Any], texts: Texts) -> None:
        month, done, total = facts["month"], facts["months_done"], facts["months_total"]
        mark(self._box, "data-progress-month", month)
        key = "progress.paused_at" if screen.state == PAUSED else "progress.month"
        if month is None:
            key = "progress.beginning"
        write(part("progress-title"), texts.say(key, month=texts.month(month) if month else ""))
        write(part("progress-months"), _months(facts, texts))
        write(part("progress-hint"), _hint(screen, texts))
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
        tables = [
            texts.say("table." + name) + "\u00a0" + texts.number(facts["rows"][name])
            for name in TABLES
            if facts["rows"].get(name)
        ]
        write(part("progress-tables"), " · ".join(tables))

    def _speak(self, now_s: float, screen: Screen, facts: dict[str, Any], texts: Texts) -> None:
        if now_s - self._spoken_at_s < SPOKEN_EVERY_S:
            return
        self._spoken_at_s = now_s
        title = str(part("progress-title").textContent)
        write(part("progress-spoken"), title + ". " + _months(facts, texts))


def _months(facts: dict[str, Any], texts: Texts) -> str:
    return texts.count(
        "progress.months", facts["months_total"], done=texts.number(facts["months_done"])
    )


def _hint(screen: Screen, texts: Texts) -> str:
    if screen.in_other_tab:
        return texts.say("progress.other_tab")
    return texts.say("progress.paused_hint" if screen.state == PAUSED else "progress.hint")

"""The panel of the marks under the charts: what would change, the writing, its end, the undo."""

import time
from typing import Any

from pyscript import document

from ui.dom import make, make_button, mark, on, part, show, write
from ui.marks import (
    PAUSED,
    PREVIEW,
    SETTLING,
    WITH_CONFLICTS,
    WITH_PROGRESS,
    WITH_REFUSALS,
    Marks,
)
from ui.marks_tables import OpenCard, conflict_table, field_rows, refusal_table, sample_rows
from ui.marks_wording import forecast, lines, speed, title
from ui.screen import Screen
from ui.texts import Texts
from ui.wording import duration, waiting

UNKNOWN = "\u2014"
SPOKEN_EVERY_S = 30
"""A screen reader is told of the writing this often, not at every event."""
ACTIONS = ("write", "preview", "pause", "undo")
MANAGING = ("card", "remove")
FACTS = ("left", "speed", "done", "refused")
WARNINGS = ("robots", "modified", "first", "safe")


class MarksPanel:
    """The elements of the panel; ``buttons`` and ``automatic`` are for whoever acts on them."""

    def __init__(self, open_card: OpenCard) -> None:
        self._open_card = open_card
        self._box = part("marks")
        self.buttons = {name: _button(name) for name in ACTIONS + MANAGING}
        self.automatic = make("input", attributes={"type": "checkbox", "id": "marks-automatic"})
        self._words: list[tuple[Any, str]] = []
        self._drawn: Marks | None = None
        self._drawn_texts: Texts | None = None
        self._spoken_at_s = 0.0
        self._build()

    def draw(self, screen: Screen, texts: Texts, portal: str) -> None:
        """Show the marks as the engine last told of them."""
        show(self._box, screen.marks_visible)
        if not screen.marks_visible:
            return
        marks, may_begin = screen.marks, screen.marks_may_begin
        for name, value in (
            ("state", marks.state),
            ("total", str(marks.total)),
            ("done", str(marks.done)),
            ("refused", str(marks.refused)),
        ):
            mark(self._box, "data-marks-" + name, value)
        if texts is not self._drawn_texts:
            for element, key in self._words:
                write(element, texts.say(key))
        if marks is not self._drawn or texts is not self._drawn_texts:
            self._draw_state(marks, texts)
            self._draw_rows(marks, texts, portal)
        self._drawn, self._drawn_texts = marks, texts
        show(self._wait, screen.reading)
        self._draw_progress(marks, texts)
        self._draw_buttons(marks, may_begin, texts)

    def tell(self, words: str) -> None:
        """Show what came of something that was asked for beside the writing."""
        write(self._answer, words)
        show(self._answer, bool(words))

    def _build(self) -> None:
        self._head = make("h2", "marks-title", attributes={"id": "marks-title"})
        self._state = make(
            "h3", "marks-state", attributes={"tabindex": "-1", "aria-live": "polite"}
        )
        self._lines = make("div", "marks-lines")
        self._wait = make("p", "marks-wait")
        self._progress = self._made_progress()
        self._preview = self._made_preview()
        self._refusals = make("div", "table-frame", attributes={"tabindex": "0", "role": "group"})
        self._conflicts = make("div", "table-frame", attributes={"tabindex": "0", "role": "group"})
        self._answer = make("p", "marks-answer", attributes={"role": "status"})
        actions = make("div", "marks-actions")
        for name in ACTIONS:
            actions.append(self.buttons[name])
        self._box.append(
            self._head,
            self._worded("p", "marks.about", "marks-about"),
            self._state,
            self._lines,
            self._wait,
            self._progress,
            self._preview,
            self._refusals,
            self._conflicts,
            actions,
            self._answer,
            self._made_managing(),
        )
        self._words += [
            (self._head, "marks.title"),
            (self._wait, "marks.wait"),
            (self.buttons["preview"], "action.marks_preview"),
            (self.buttons["pause"], "action.pause"),
            (self.buttons["undo"], "action.marks_undo"),
            (self.buttons["card"], "action.marks_card"),
            (self.buttons["remove"], "action.marks_remove"),
        ]
        show(self._answer, False)

    def _made_progress(self) -> Any:
        box = make("div", "marks-progress")
        self._bar = make("div", "bar", attributes={"role": "progressbar", "aria-valuemin": "0"})
        self._bar_done = make("div", "bar-done")
        self._bar.append(self._bar_done)
        self._waiting = make("p", "progress-waiting")
        facts = make("dl", "progress-facts")
        self._facts = {}
        for name in FACTS:
            pair, self._facts[name] = make("div"), make("dd")
            pair.append(self._worded("dt", "marks.progress." + name), self._facts[name])
            facts.append(pair)
        self._spoken = make("p", "unseen", attributes={"aria-live": "polite"})
        box.append(self._bar, self._waiting, facts, self._spoken)
        return box

    def _made_preview(self) -> Any:
        box = make("div", "marks-preview")
        self._forecast = make("p", "marks-forecast")
        self._fields = make("ul", "mark-fields")
        self._samples_head = self._worded("h4", "marks.samples", "marks-subtitle")
        self._samples = make("ul", "mark-samples")
        warnings = make("ul", "marks-warnings")
        for name in WARNINGS:
            warnings.append(self._worded("li", "marks.warning." + name))
        box.append(
            self._forecast,
            self._worded("h4", "marks.fields", "marks-subtitle"),
            self._fields,
            self._samples_head,
            self._samples,
            self._worded("h4", "marks.before", "marks-subtitle"),
            warnings,
        )
        return box

    def _made_managing(self) -> Any:
        self._managing = make("details", "marks-managing")
        label = make("label", "tick", attributes={"for": "marks-automatic"})
        label.append(self.automatic, self._worded("span", "marks.automatic"))
        hints = make("div", "marks-hints")
        for name in MANAGING:
            row = make("div", "marks-hint")
            row.append(self.buttons[name], self._worded("p", "marks.hint." + name))
            hints.append(row)
        self._managing.append(self._worded("summary", "marks.managing"), label, hints)
        return self._managing

    def _worded(self, tag: str, key: str, class_name: str = "") -> Any:
        """An element whose text is always that of a key."""
        element = make(tag, class_name)
        self._words.append((element, key))
        return element

    def _draw_state(self, marks: Marks, texts: Texts) -> None:
        write(self._state, title(marks, texts))
        told = lines(marks, texts)
        if [str(line.textContent) for line in self._lines.children] != told:
            self._lines.replaceChildren(*[make("p", "", line) for line in told])
        self.automatic.checked = marks.automatic

    def _draw_rows(self, marks: Marks, texts: Texts, portal: str) -> None:
        show(self._preview, marks.state == PREVIEW)
        if marks.state == PREVIEW:
            words = forecast(marks, texts)
            write(self._forecast, words)
            show(self._forecast, bool(words))
            self._fields.replaceChildren(*field_rows(marks, texts))
            rows = sample_rows(marks, texts, portal, self._open_card)
            self._samples.replaceChildren(*rows)
            show(self._samples_head, bool(rows))
        refusals = marks.state in WITH_REFUSALS and bool(marks.refusals)
        show(self._refusals, refusals)
        if refusals:
            self._refusals.replaceChildren(refusal_table(marks, texts, portal, self._open_card))
            mark(self._refusals, "aria-label", texts.say("marks.refusals.title"))
        conflicts = marks.state in WITH_CONFLICTS and bool(marks.conflicts)
        show(self._conflicts, conflicts)
        if conflicts:
            self._conflicts.replaceChildren(conflict_table(marks, texts, portal, self._open_card))
            mark(self._conflicts, "aria-label", texts.say("marks.conflicts.title"))

    def _draw_progress(self, marks: Marks, texts: Texts) -> None:
        show(self._progress, marks.state in WITH_PROGRESS)
        if marks.state not in WITH_PROGRESS:
            return
        told = marks.done + marks.refused + marks.gone
        share = told / marks.total if marks.total else 0
        mark(self._bar, "aria-valuemax", str(marks.total))
        mark(self._bar, "aria-valuenow", str(told))
        mark(self._bar, "aria-label", texts.say("marks.progress.label"))
        self._bar_done.style.width = f"{100 * share:.1f}%"
        moving = marks.state not in (PAUSED, SETTLING)
        left = UNKNOWN if not moving else texts.say("progress.estimating")
        if moving and marks.remaining_s is not None:
            left = duration(texts, marks.remaining_s)
        write(self._facts["left"], left)
        write(self._facts["speed"], (speed(marks, texts) if moving else "") or UNKNOWN)
        number = texts.number(marks.done)
        done = texts.say("marks.of", done=number, total=texts.number(marks.total))
        write(self._facts["done"], done)
        write(self._facts["refused"], texts.number(marks.refused))
        now_s = time.time()
        line = waiting(texts, marks.waiting, now_s) if moving else ""
        write(self._waiting, line)
        show(self._waiting, bool(line))
        if now_s - self._spoken_at_s >= SPOKEN_EVERY_S:
            self._spoken_at_s = now_s
            write(self._spoken, title(marks, texts) + ". " + done)

    def _draw_buttons(self, marks: Marks, may_begin: bool, texts: Texts) -> None:
        offered = marks.actions(may_begin)
        pressed = document.activeElement.getAttribute("data-action")
        for name in ACTIONS:
            show(self.buttons[name], name in offered)
            if name not in offered and pressed == "marks-" + name:
                self._state.focus()  # else whoever works by keyboard is sent back to the top
        paused = marks.state == PAUSED
        write(
            self.buttons["write"], texts.say("action.continue" if paused else "action.marks_write")
        )
        write(self.buttons["preview"], texts.say("action.marks_preview"))
        write(self.buttons["pause"], texts.say("action.pause"))
        write(self.buttons["undo"], texts.say("action.marks_undo"))
        show(self._managing, marks.manageable(may_begin))


def _button(name: str) -> Any:
    main = "button button-main" if name in ("write", "preview") else "button"
    return make_button("marks-" + name, main)


def listen(panel: MarksPanel, name: str, act: Any) -> None:
    """Call ``act`` whenever a person presses the button of that name."""
    on(panel.buttons[name], "click", lambda event: act())

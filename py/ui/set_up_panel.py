"""The preparation of a portal: its steps, what is missing and why, the end of an installation."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document

from ui.dom import make, make_button, mark, on, part, show, write
from ui.screen import RUNNING, SET_UP, Screen
from ui.set_up import PENDING, TROUBLES, SetUp, step_lines, step_state, step_title
from ui.texts import Texts

SIGNS = {"done": "\u2713", "already": "\u2713", "refused": "!", "missing_scope": "!"}


class SetUpPanel:
    """``begin`` prepares the portal, ``finish`` ends the installation."""

    def __init__(self, begin: Callable[[], None], finish: Callable[[], None]) -> None:
        self._box = part("set-up")
        self._title = make("h2", "message-title", attributes={"id": "set-up-title"})
        self._lead = make("p", "message-lead")
        self._steps = make("ol", "set-up-steps", attributes={"aria-live": "polite"})
        self._begin = make_button("set-up", "button button-main")
        self._finish = make_button("finish-set-up", "button button-main")
        self._note = make("p", "set-up-note")
        actions = make("div", "marks-actions")
        actions.append(self._begin, self._finish)
        self._box.append(self._title, self._lead, self._steps, self._note, actions)
        self._drawn: tuple[Any, ...] | None = None
        on(self._begin, "click", lambda event: begin())
        on(self._finish, "click", lambda event: finish())

    def draw(self, screen: Screen, texts: Texts) -> None:
        """Show the steps as the engine last told of them, or what is ahead."""
        show(self._box, screen.set_up_visible)
        if not screen.set_up_visible:
            return
        facts = screen.set_up or SetUp()
        installing = screen.main == SET_UP
        working = screen.state == RUNNING and screen.job == "set_up"
        wanted = (facts, installing, working, screen.engine_ready, texts)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        key = "set_up.install" if installing else "set_up.missing"
        if installing and facts.ready:
            key = "set_up.ready"
        self._place(installing)
        write(self._title, texts.say(key + ".title"))
        write(self._lead, texts.say(key + ".lead"))
        steps = [step for step in facts.steps if installing or step["state"] in TROUBLES]
        self._steps.replaceChildren(*[_row(step, working, texts) for step in steps])
        note = installing and facts.troubled
        write(self._note, texts.say("set_up.note") if note else "")
        show(self._note, note)
        self._draw_buttons(facts, installing, working, screen.engine_ready, texts)

    def _place(self, installing: bool) -> None:
        """In the middle of an installation; behind everything else later, where charts matter."""
        mark(self._box, "class", "set-up box" if installing else "set-up set-up-later box")
        home = document.querySelector("main") if installing else part("app")
        if self._box.parentElement is not home:
            home.append(self._box)

    def _draw_buttons(
        self, facts: SetUp, installing: bool, working: bool, ready: bool, texts: Texts
    ) -> None:
        finished = installing and facts.may_finish
        key = "action.set_up_again" if facts.begun else "action.set_up"
        if working or not ready:
            key = "action.set_up_working" if working else "action.queued"
        write(self._begin, texts.say(key))
        mark(self._begin, "aria-busy", "true" if working or not ready else None)
        show(self._begin, not (installing and facts.ready))
        mark(
            self._begin, "class", "button button-main" if installing and not finished else "button"
        )
        write(self._finish, texts.say("action.finish_set_up"))
        show(self._finish, finished and not working)


def _row(step: dict[str, Any], working: bool, texts: Texts) -> Any:
    state = step["state"]
    row = make("li", "set-up-step")
    row.setAttribute("data-set-up-step", str(step["code"]))
    row.setAttribute("data-step-state", str(state))
    if state == PENDING and working:
        row.append(make("span", "spinner", attributes={"aria-hidden": "true"}))
    else:
        row.append(make("span", "set-up-sign", SIGNS.get(state, ""), {"aria-hidden": "true"}))
    words = make("div", "set-up-words")
    head = make("p", "set-up-head")
    head.append(
        make("strong", "", step_title(step, texts)),
        make("span", "set-up-state", step_state(step, texts)),
    )
    words.append(head)
    for line in step_lines(step, texts):
        words.append(make("p", "set-up-line", line))
    row.append(words)
    return row

"""The steps of the chart as a list: what happened, when, how much, by whom."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import make, mark, on, part, show, write
from ui.steps import AUTHOR_LENGTH, SIGNS, step_author, step_moment, step_words, steps_shown
from ui.texts import Texts
from ui.view import View
from ui.wording import TITLE_LENGTH, cut


class StepList:
    """``choose_month(month)`` is called when a person picks a step."""

    def __init__(self, choose_month: Callable[[str], None]) -> None:
        self._choose_month = choose_month
        self._box = part("steps")
        self._list = part("steps-list")
        self._drawn: tuple[Any, ...] | None = None
        self._buttons: list[Any] = []

    def draw(self, view: View, first_index: int, chosen: str | None, texts: Texts) -> None:
        """List the steps from a month on; ``chosen`` is the month that the counters show."""
        steps = steps_shown(view, first_index)
        show(self._box, bool(steps))
        write(part("steps-title"), texts.count("steps.title", len(steps)))
        if (steps, texts) != self._drawn:  # else whoever stands on one would lose their place
            self._drawn = (steps, texts)
            self._buttons = [self._button(step, texts) for step in steps]
            self._list.replaceChildren(*[_row(button) for button in self._buttons])
        for button in self._buttons:
            here = str(button.getAttribute("data-step-month")) == chosen
            mark(button, "aria-current", "true" if here else None)

    def _button(self, step: dict[str, Any], texts: Texts) -> Any:
        month = step["month"]
        button = make("button", "step", attributes={"type": "button"})
        button.setAttribute("data-step", step["code"])
        button.setAttribute("data-step-month", month)
        words = make("span", "step-words", step_words(step, texts))
        author = step_author(step)
        if author:
            full = {"title": cut(author, TITLE_LENGTH)}
            words.append(", ", make("bdi", "", cut(author, AUTHOR_LENGTH), full))
        button.append(
            make("span", "step-sign", SIGNS[step["code"]], {"aria-hidden": "true"}),
            words,
            make("span", "step-moment", step_moment(step, texts)),
        )
        on(button, "click", lambda event: self._choose_month(month))
        return button


def _row(button: Any) -> Any:
    row = make("li")
    row.append(button)
    return row

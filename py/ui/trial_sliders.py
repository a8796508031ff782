"""The two sliders of the limits: labelled, moved by mouse, finger and keys, never crossing."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import make, mark, on, write
from ui.texts import Texts
from ui.trial import ACTIVE, DORMANT, LONGEST_MONTHS, Limits


class Sliders:
    """``element`` holds both; ``changed(limits)`` is called while a person moves one of them."""

    def __init__(self, texts: Texts, changed: Callable[[Limits], None]) -> None:
        self._texts = texts
        self._changed = changed
        self.limits: Limits | None = None
        self.element = make("div", "trial-sliders")
        self._inputs: dict[str, Any] = {}
        self._values: dict[str, Any] = {}
        for which in (ACTIVE, DORMANT):
            self.element.append(self._row(which))

    def set(self, limits: Limits) -> None:
        """Move both to these limits."""
        self.limits = limits
        for which, months in limits.order.items():
            slider = self._inputs[which]
            if int(slider.max) < months:
                slider.max = str(months)
            slider.value = str(months)
            mark(slider, "aria-valuetext", self._texts.count("why.months", months))
            write(self._values[which], self._texts.count("trial." + which + ".value", months))

    def _row(self, which: str) -> Any:
        slider_id = "trial-" + which.replace("_", "-")
        slider = make("input", "trial-slider", attributes={"type": "range", "id": slider_id})
        for name, value in (("min", 1), ("max", LONGEST_MONTHS[which]), ("step", 1)):
            mark(slider, name, str(value))
        mark(slider, "data-slider", which)
        on(slider, "input", lambda event: self._move(which, int(slider.value)))
        self._inputs[which] = slider
        self._values[which] = make("output", "trial-months", attributes={"for": slider_id})
        mark(self._values[which], "aria-hidden", "true")
        label = make("label", "trial-label", attributes={"for": slider_id})
        label.append(make("span", "", self._texts.say("trial." + which)))
        row = make("div", "trial-row")
        head = make("div", "trial-row-head")
        head.append(label, self._values[which])
        hint_id = slider_id + "-hint"
        hint = self._texts.say("trial." + which + ".hint")
        row.append(head, slider, make("p", "trial-hint", hint, {"id": hint_id}))
        mark(slider, "aria-describedby", hint_id)
        return row

    def _move(self, which: str, months: int) -> None:
        if self.limits is not None:
            self.set(self.limits.moved(which, months))
            self._changed(self.limits)

"""A row of buttons of which one is on."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import make, mark, on, write
from ui.texts import Texts


class Choice:
    """A row of buttons of which one is on, in the manner of radio buttons."""

    def __init__(
        self, element: Any, values: tuple[str, ...], chosen: str, choose: Callable[[str], None]
    ) -> None:
        self.element = element
        self._values = values
        self._chosen = chosen
        self._choose = choose
        self._buttons = {}
        for value in values:
            button = make("button", "choice-button", attributes={"type": "button", "role": "radio"})
            self._buttons[value] = button
            on(button, "click", self._when_clicked(value))
            element.append(button)
        on(element, "keydown", self._when_key_pressed)
        self._mark()

    def translate(self, texts: Texts, prefix: str) -> None:
        """Name the group and its buttons."""
        mark(self.element, "aria-label", texts.say(prefix + "label"))
        for value, button in self._buttons.items():
            write(button, texts.say(prefix + value))

    def _when_clicked(self, value: str) -> Callable[[Any], None]:
        return lambda event: self._pick(value)

    def _when_key_pressed(self, event: Any) -> None:
        steps = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}
        step = steps.get(str(event.key))
        if step is not None:
            event.preventDefault()
            position = self._values.index(self._chosen) + step
            self._pick(self._values[position % len(self._values)])
            self._buttons[self._chosen].focus()

    def _pick(self, value: str) -> None:
        self._chosen = value
        self._mark()
        self._choose(value)

    def _mark(self) -> None:
        for value, button in self._buttons.items():
            mark(button, "aria-checked", "true" if value == self._chosen else "false")
            mark(button, "tabindex", "0" if value == self._chosen else "-1")

"""The bar that says of which day the counters are, and steps from month to month."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document

from ui.dom import mark, on, part, show, write
from ui.screen import CHARTS, Screen
from ui.texts import Texts
from ui.wording import point_day


class MomentBar:
    """``choose_month(month)`` is called with the month a person steps to, or None for today, and
    ``compare(month)`` with the one that is to be compared with others.
    """

    def __init__(
        self,
        choose_month: Callable[[str | None], None],
        compare: Callable[[str | None], None],
    ) -> None:
        self._choose_month = choose_month
        self._screen: Screen | None = None
        self._before = _button("month-before")
        self._after = _button("month-after")
        self._now = _button("month-now")
        self._compare = _button("compare-month")
        on(self._before, "click", lambda event: self._step(-1))
        on(self._after, "click", lambda event: self._step(1))
        on(self._now, "click", lambda event: self._choose_month(None))
        on(self._compare, "click", lambda event: compare(self._month))

    def translate(self, texts: Texts) -> None:
        """Name the buttons that have no words on them."""
        mark(self._before, "aria-label", texts.say("action.month_before"))
        mark(self._after, "aria-label", texts.say("action.month_after"))

    def draw(self, screen: Screen, texts: Texts) -> None:
        """Show the day of the chosen month, or of the last refresh."""
        self._screen = screen
        view = screen.view
        show(part("moment"), screen.main == CHARTS)
        if view is None or view.empty:
            return
        index = view.index(screen.month)
        key = "moment.now" if screen.month is None else "moment.then"
        if view.partial and screen.month is None:
            key = "moment.partial"
        write(part("moment-day"), texts.say(key, day=point_day(texts, view, index)))
        mark(part("moment"), "class", "moment" if screen.month is None else "moment moment-past")
        mark(self._before, "aria-disabled", "true" if index == 0 else "false")
        mark(self._after, "aria-disabled", "true" if index == len(view.months) - 1 else "false")
        show(self._now, screen.month is not None)
        show(self._compare, "compare" in screen.views and len(view.months) > 1)

    @property
    def _month(self) -> str | None:
        return self._screen.month if self._screen is not None else None

    def _step(self, by: int) -> None:
        view = self._screen.view if self._screen is not None else None
        if self._screen is None or view is None or view.empty:
            return
        index = view.index(self._screen.month) + by
        if 0 <= index < len(view.months):
            self._choose_month(view.months[index])


def _button(action: str) -> Any:
    return document.querySelector('[data-action="' + action + '"]')

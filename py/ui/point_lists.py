"""Who is behind a point of the chart: a button to every segment's list at the month shown."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui import palette
from ui.dom import make, on, part, show, write
from ui.modes import Mode
from ui.screen import Screen
from ui.texts import Texts
from ui.view import View
from ui.wording import point_day


class PointLists:
    """``open_list("3.active")`` is called when a person asks who was counted at the month."""

    def __init__(self, open_list: Callable[[str], None]) -> None:
        self._open_list = open_list
        self._box = part("point")

    def draw(self, screen: Screen, texts: Texts) -> None:
        """Offer the lists of the month that was chosen in the chart, or of today."""
        view = screen.view
        show(self._box, screen.lists_visible)
        if view is None or not screen.lists_visible:
            return
        mode, index = screen.mode, view.index(screen.month)
        write(part("point-day"), texts.say("point.title", day=point_day(texts, view, index)))
        items = [self._item(view, mode, segment, index, texts) for segment in mode.segments]
        part("point-lists").replaceChildren(*items)

    def _item(self, view: View, mode: Mode, segment: str, index: int, texts: Texts) -> Any:
        code = mode.number + "." + segment
        name = texts.say("segment." + code)
        button = make("button", "point-list", attributes={"type": "button"})
        button.setAttribute("data-point-list", code)
        swatch = make("span", "swatch", attributes={"aria-hidden": "true"})
        for look in ("light", "dark"):
            swatch.style.setProperty("--" + look, palette.colour(mode.number, segment, look))
        count = texts.number(view.series(mode, segment)[index])
        button.append(swatch, make("span", "", name), make("span", "point-count", count))
        on(button, "click", lambda event: self._open_list(code))
        item = make("li")
        item.append(button)
        return item

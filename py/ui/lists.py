"""Lists of clients over the view that they are opened from; their modules are run when they are
first needed.
"""

from typing import Any

from pyscript import document

from ui.dom import mark, part, show
from ui.modes import mode_of
from ui.texts import Texts
from ui.view import View
from ui.wording import point_day


class Lists:
    """``desk`` is the ``ui.views.Desk`` of the page."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk
        self._list: Any = None
        self._opened_from: Any = None

    def open_counted(self, code: str) -> None:
        """List who is counted in a mode and a segment, such as ``3.active``, at the month that is
        on screen.
        """
        screen = self._desk.screen
        if screen.view is None:
            return
        mode, segment = code.split(".")
        name = title(mode, segment, screen.month, screen.view, self._desk.texts)
        self.open({"mode": mode, "code": segment, "month": screen.month}, name)

    def open(self, segment: dict[str, Any], name: str) -> None:
        """List a segment as ``query`` takes it, under this name."""
        from ui.list_view import ListView
        from ui.listing import Listing

        desk = self._desk
        if desk.bridge is None:
            return
        if self._list is None:
            self._list = ListView(desk.ask, desk.bridge, self.close, desk.texts)
        self._opened_from = document.activeElement
        mark(document.documentElement, "data-screen", "list")
        show(part("list"), True)
        self._list.open(Listing(segment), name)

    def close(self) -> None:
        """Back to the view, to where the list was opened."""
        if part("list").hidden:
            return
        mark(document.documentElement, "data-screen", None)
        show(part("list"), False)
        if self._opened_from is not None:
            self._opened_from.focus()


def title(mode: str, segment: str, month: str | None, view: View, texts: Texts) -> str:
    """``Активные, 31 марта 2024``."""
    known = segment in mode_of(mode).segments
    name = "segment." + mode + "." + segment if known else "total." + mode
    day = point_day(texts, view, view.index(month))
    return texts.say("list.title", segment=texts.say(name), day=day)

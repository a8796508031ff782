"""Lists of clients in the place of the charts; their modules are run when they are first needed."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document

from ui.bridge import Bridge
from ui.dom import mark, part, show
from ui.modes import mode_of
from ui.texts import Texts
from ui.view import View
from ui.wording import point_day


class Lists:
    """``ask(what, order)`` is a coroutine function that has the engine answer."""

    def __init__(self, ask: Callable[[str, dict[str, Any]], Any]) -> None:
        self._ask = ask
        self._list: Any = None
        self._opened_from: Any = None

    def open(self, code: str, month: str | None, view: View, bridge: Bridge, texts: Texts) -> None:
        """Open the list of ``code``, a mode and a segment such as ``3.active``, at a month."""
        from ui.list_view import ListView
        from ui.listing import Listing

        if self._list is None:
            self._list = ListView(self._ask, bridge, self.close, texts)
        self._opened_from = document.activeElement
        mark(document.documentElement, "data-screen", "list")
        show(part("list"), True)
        mode, segment = code.split(".")
        self._list.open(Listing(mode, segment, month), title(mode, segment, month, view, texts))

    def close(self) -> None:
        """Back to the charts, to where the list was opened."""
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

"""The views of the page beside the overview, and what they may ask of it.

Their modules are run when they are first shown, so that the charts are not kept waiting.
"""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document

from ui.bridge import Bridge
from ui.dom import make, mark, on, part, show, write
from ui.lists import Lists
from ui.screen import OVERVIEW, VIEWS, Screen
from ui.texts import Texts

Ask = Callable[[str, Any], Any]


class Desk:
    """What every view works with; ``bridge`` and ``texts`` are there before any view is."""

    def __init__(self, ask: Ask, screen: Screen, texts: Texts, redraw: Callable[[], None]) -> None:
        """``ask(what, order)`` is a coroutine function that has the engine answer; EngineTrouble
        when it refuses.
        """
        self.ask = ask
        self.screen = screen
        self.texts = texts
        self.bridge: Bridge | None = None
        self.redraw = redraw
        self.lists = Lists(self)
        self._views: Any = None

    def open_list(self, segment: dict[str, Any], title: str) -> None:
        """List the clients of a segment as ``query`` takes it; closed, it leads back here."""
        self.lists.open(segment, title)

    def open_guide(self, code: str) -> None:
        """Explain a counter, such as ``3.active``, or another article."""
        self.go("guide", code)

    def open_overview(self, mode: str | None = None, month: str | None = None) -> None:
        """Counters and chart, of a mode and at a month if these are named."""
        if mode is not None:
            self.screen.choose(mode, month)
        self.go(OVERVIEW)

    def go(self, view: str, wanted: Any = None) -> None:
        """Show another view; ``wanted`` is what it shall open."""
        self._views.go(view, wanted)

    def serve(self, views: "Views") -> None:
        """Let ``go`` lead to these."""
        self._views = views


class Views:
    """The buttons between the views, and the one that is shown."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, Any] = {}
        self._tabs: dict[str, Any] = {}
        self._list = part("views")
        desk.serve(self)
        for name in VIEWS:
            tab = make("button", "view-tab", attributes={"type": "button"})
            tab.setAttribute("data-view-tab", name)
            on(tab, "click", self._going(name))
            self._tabs[name] = tab
            self._list.append(tab)

    def translate(self) -> None:
        """Put the language's words in."""
        mark(self._list, "aria-label", self._desk.texts.say("views.label"))
        for name, tab in self._tabs.items():
            write(tab, self._desk.texts.say("view." + name))

    def go(self, name: str, wanted: Any = None) -> None:
        """Show a view and let it open what is wanted."""
        self._desk.lists.close()
        self._desk.screen.place = name
        self._draw_place()
        view = self._view(name)
        if view is not None:
            view.open(wanted)
        self._desk.redraw()

    def draw(self) -> None:
        """Offer the views that there are for this person now."""
        screen = self._desk.screen
        offered = screen.views
        if screen.place not in offered:
            screen.place = OVERVIEW
        for name, tab in self._tabs.items():
            show(tab, name in offered)
        show(self._list, len(offered) > 1)
        self._draw_place()
        if screen.place in self._known:
            self._known[screen.place].draw()

    def _draw_place(self) -> None:
        place = self._desk.screen.place
        mark(document.documentElement, "data-view", place)
        for name, tab in self._tabs.items():
            mark(tab, "aria-current", "page" if name == place else None)
            if name != OVERVIEW:
                show(part(name), name == place)

    def _going(self, name: str) -> Callable[[Any], None]:
        return lambda event: self.go(name)

    def _view(self, name: str) -> Any:
        if name == OVERVIEW:
            return None
        if name not in self._known:
            self._known[name] = _view_class(name)(part(name), self._desk)
        return self._known[name]


def _view_class(name: str) -> Any:
    if name == "compare":
        from ui.compare_view import CompareView

        return CompareView
    if name == "trial":
        from ui.trial_view import TrialView

        return TrialView
    from ui.guide_view import GuideView

    return GuideView

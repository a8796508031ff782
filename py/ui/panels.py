"""The five modes as tabs, each with the panel of its counters."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.counters import Counters
from ui.dom import make, mark, on, part, show, to_script, write
from ui.modes import MODES, Mode
from ui.screen import Screen
from ui.texts import Texts
from ui.troubles import note_lines
from ui.wording import how_counted

STEPS = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}


class Panels:
    """Tabs and panels; ``choose(mode)`` is called when a person picks another mode,
    ``open_list("3.active")`` when they ask who is counted there, and ``open_guide("3.active")``
    when they ask how.
    """

    def __init__(
        self,
        choose: Callable[[Mode], None],
        open_list: Callable[[str], None],
        open_guide: Callable[[str], None],
    ) -> None:
        self._choose = choose
        self._panels: dict[str, Panel] = {}
        self._list = part("tabs")
        for mode in MODES:
            panel = Panel(mode, open_list, open_guide)
            self._panels[mode.number] = panel
            self._list.append(panel.tab)
            part("panels").append(panel.element)
            on(panel.tab, "click", self._when_clicked(mode))
        on(self._list, "keydown", self._when_key_pressed)

    def translate(self, texts: Texts) -> None:
        """Put the language's words in."""
        mark(self._list, "aria-label", texts.say("tabs.label"))
        for panel in self._panels.values():
            panel.translate(texts)

    def draw(self, screen: Screen, texts: Texts, chart: Any) -> None:
        """Show the chosen mode and the counters of all; the chart goes into the chosen panel."""
        for number, panel in self._panels.items():
            chosen = number == screen.mode.number
            panel.choose(chosen)
            panel.counters.draw(screen.view, screen.month, screen.lists_visible, texts)
            panel.draw_about(screen, texts)
            if chosen and chart.parentElement is not panel.chart_place:
                panel.chart_place.append(chart)

    def _when_clicked(self, mode: Mode) -> Callable[[Any], None]:
        def choose(event: Any) -> None:
            self._choose(mode)
            # On a phone the row of tabs is wider than the screen.
            nearby = to_script({"block": "nearest", "inline": "center"})
            self._panels[mode.number].tab.scrollIntoView(nearby)

        return choose

    def _when_key_pressed(self, event: Any) -> None:
        """Arrow keys, Home and End move between the tabs, as in every list of tabs."""
        here = next(i for i in range(len(MODES)) if self._panels[MODES[i].number].chosen)
        key = str(event.key)
        if key in STEPS:
            there = (here + STEPS[key]) % len(MODES)
        elif key in ("Home", "End"):
            there = 0 if key == "Home" else len(MODES) - 1
        else:
            return
        event.preventDefault()
        self._choose(MODES[there])
        self._panels[MODES[there].number].tab.focus()


class Panel:
    """One mode: its tab, its counters, how it is counted."""

    def __init__(
        self, mode: Mode, open_list: Callable[[str], None], open_guide: Callable[[str], None]
    ) -> None:
        self.mode = mode
        self.chosen = False
        tab_id, panel_id = "tab-" + mode.number, "panel-" + mode.number
        self.tab = make(
            "button",
            "tab",
            attributes={"type": "button", "role": "tab", "id": tab_id, "aria-controls": panel_id},
        )
        self.tab.setAttribute("data-mode-tab", mode.number)
        self.element = make(
            "div",
            "panel",
            attributes={"role": "tabpanel", "id": panel_id, "aria-labelledby": tab_id},
        )
        self.counters = Counters(mode, open_list, open_guide)
        self.chart_place = make("div", "chart-place")
        self._about = make("p", "about-text")
        self._notes = make("ul", "notes")
        about = make("div", "about")
        self._about_head = make("h2", "about-title")
        article = mode.number + ".all"
        self._more = make("button", "about-more", attributes={"type": "button"})
        self._more.setAttribute("data-guide-open", article)
        on(self._more, "click", lambda event: open_guide(article))
        about.append(self._about_head, self._about, self._more, self._notes)
        self.element.append(self.counters.element, self.chart_place, about)

    def translate(self, texts: Texts) -> None:
        """Put the language's words in."""
        write(self.tab, texts.say("mode." + self.mode.number))
        write(self._about_head, texts.say("about.title"))
        write(self._more, texts.say("action.guide_more"))
        self.counters.translate(texts)

    def choose(self, chosen: bool) -> None:
        """Open or close the panel."""
        self.chosen = chosen
        mark(self.tab, "aria-selected", "true" if chosen else "false")
        mark(self.tab, "tabindex", "0" if chosen else "-1")
        show(self.element, chosen)

    def draw_about(self, screen: Screen, texts: Texts) -> None:
        """Say how these numbers are counted, and what limits them."""
        write(self._about, how_counted(self.mode, screen.view, texts))
        lines = [] if screen.view is None else note_lines(screen.view, self.mode, texts)
        if [str(line.textContent) for line in self._notes.children] != lines:
            self._notes.replaceChildren(*[make("li", "note", line) for line in lines])
        show(self._notes, bool(lines))

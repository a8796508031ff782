"""The growth chart of the chosen mode: drawn by Plotly, or told as a table; its range and style."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document, window

from ui.choice import Choice
from ui.dom import mark, on, part, show, write
from ui.figures import figure
from ui.frames import RANGES, STYLES, Frame, first_index
from ui.modes import Mode
from ui.plotly import plotly, react
from ui.point_lists import PointLists
from ui.screen import CHARTS, Screen
from ui.step_list import StepList
from ui.table import table
from ui.tasks import spawn
from ui.texts import Texts
from ui.view import View
from ui.wording import point_day

TALL_PX, LOW_PX = 400, 260
PHONE_PX = 480
"""Below this width the chart is low."""


class Chart:
    """The chart box; ``choose_month(month)`` is called when a person points at a month, and
    ``open_list("3.active")`` when they ask who was counted there.
    """

    def __init__(
        self, choose_month: Callable[[str], None], open_list: Callable[[str], None]
    ) -> None:
        self.element = part("chart")
        self._choose_month = choose_month
        self._plot = part("plot")
        self._table = part("table")
        self._steps = StepList(choose_month)
        self._point = PointLists(open_list)
        self._frame = Frame()
        self._as_table = False
        self._listening = False
        self._drawing = False
        self._drawn: tuple[Any, ...] | None = None
        self._wanted: tuple[Screen, Texts] | None = None
        self._last: tuple[Screen, Texts] | None = None
        self._dark = window.matchMedia("(prefers-color-scheme: dark)")
        self._ranges = Choice(part("ranges"), RANGES, self._frame.months, self._set_range)
        self._styles = Choice(part("styles"), STYLES, self._frame.style, self._set_style)
        self._table_button = document.querySelector('[data-action="table"]')
        on(self._table_button, "click", lambda event: self._set_table(not self._as_table))
        on(self._dark, "change", lambda event: self._redraw())
        self._width_px = 0
        window.ResizeObserver.new(lambda *sizes: self._when_resized()).observe(self.element)

    def translate(self, texts: Texts) -> None:
        """Put the language's words in."""
        self._ranges.translate(texts, "range.")
        self._styles.translate(texts, "style.")

    def draw(self, screen: Screen, texts: Texts) -> None:
        """Draw the chosen mode; drawings that come in while one is made are made once, with the
        newest facts.
        """
        show(self.element, screen.main == CHARTS)
        self._wanted = (screen, texts)
        if screen.main == CHARTS and not self._drawing:
            self._drawing = True
            spawn(self._draw_wanted())

    async def _draw_wanted(self) -> None:
        try:
            while self._wanted is not None:
                screen, texts = self._wanted
                self._wanted = None
                await self._draw(screen, texts)
        finally:
            self._drawing = False

    async def _draw(self, screen: Screen, texts: Texts) -> None:
        """Draw, unless just that is drawn: doing it again would take away what hovering shows."""
        self._last = (screen, texts)
        view, frame = screen.view, self._frame
        frame.look = "dark" if self._dark.matches else "light"
        frame.chosen = screen.month
        wanted = (
            view,
            screen.mode,
            texts,
            self._as_table,
            self._width_px,
            frame.look,
            frame.style,
            frame.months,
            frame.chosen,
        )
        if view is None or wanted == self._drawn:
            return
        self._drawn = wanted
        write(part("chart-title"), texts.say("chart.title." + screen.mode.number))
        show(self._plot, not self._as_table)
        show(self._table, self._as_table)
        show(self._styles.element, not self._as_table)
        show(part("chart-hint"), not self._as_table)
        mark(self._table_button, "aria-pressed", "true" if self._as_table else "false")
        self._steps.draw(view, first_index(view, frame), screen.month, texts)
        self._point.draw(screen, texts)
        if self._as_table:
            self._draw_table(view, screen, texts)
        else:
            await self._draw_plot(view, screen.mode, texts)

    def _draw_table(self, view: View, screen: Screen, texts: Texts) -> None:
        """The table anew; whoever stands on the chosen month goes on standing there."""
        stood = self._table.contains(document.activeElement)
        first = first_index(view, self._frame)
        rows = table(view, screen.mode, texts, first, screen.month, self._choose_month)
        self._table.replaceChildren(rows)
        chosen = self._table.querySelector("[aria-current]")
        if stood and chosen:
            chosen.focus()

    async def _draw_plot(self, view: View, mode: Mode, texts: Texts) -> None:
        library = await plotly()
        frame = self._frame
        frame.width = int(self._plot.clientWidth)
        if library is None or frame.width == 0:
            self._drawn = None
            return
        frame.height = TALL_PX
        if frame.width < PHONE_PX:
            frame.height = LOW_PX
        mark(self._plot, "aria-label", _label(view, mode, texts))
        drawing = figure(view, mode, texts, frame)
        await react(library, self._plot, drawing)
        if not self._listening:
            self._listening = True
            self._plot.on("plotly_click", self._when_clicked)

    def _when_clicked(self, event: Any) -> None:
        self._choose_month(str(event.points[0].x)[0:7])

    def _when_resized(self) -> None:
        width_px = int(self.element.clientWidth)
        if width_px != self._width_px:
            self._width_px = width_px
            self._redraw()

    def _set_range(self, months: str) -> None:
        self._frame.months = months
        self._redraw()

    def _set_style(self, style: str) -> None:
        self._frame.style = style
        self._redraw()

    def _set_table(self, as_table: bool) -> None:
        self._as_table = as_table
        self._redraw()

    def _redraw(self) -> None:
        if self._last is not None:
            self.draw(*self._last)


def _label(view: View, mode: Mode, texts: Texts) -> str:
    return texts.say(
        "chart.label",
        mode=texts.say("mode." + mode.number),
        first=point_day(texts, view, 0),
        last=point_day(texts, view, len(view.months) - 1),
    )

"""The view that tries other limits of the lifecycle, and puts them in force."""

import asyncio
from typing import Any

from pyscript import window

from ui import palette
from ui.dom import make, make_button, mark, on, show, write
from ui.figures import figure
from ui.frames import Frame
from ui.plotly import plotly, react
from ui.question import Wording, the_question
from ui.tasks import spawn
from ui.trial import (
    STAGES,
    Limits,
    Trial,
    difference,
    move_lines,
    question_lines,
    suggestion_words,
)
from ui.trial_sliders import Sliders
from ui.troubles import in_a_line
from ui.worker import EngineTrouble

TALL_PX, LOW_PX = 340, 240
PHONE_PX = 480


class TrialView:
    """Everything in ``<section data-part="trial">``; ``desk`` is the page's ``ui.views.Desk``."""

    def __init__(self, box: Any, desk: Any) -> None:
        self._box = box
        self._desk = desk
        self._told: Trial | None = None
        self._before: Limits | None = None
        self._asked_of: Any = None
        self._wanted: dict[str, int] | None = None
        self._asking = False
        self._frame = Frame()
        self._dark = window.matchMedia("(prefers-color-scheme: dark)")
        self._sliders = Sliders(desk.texts, self._try)
        self._build()
        on(self._dark, "change", lambda event: self._redraw())
        self._width_px = 0
        window.ResizeObserver.new(lambda *sizes: self._when_resized()).observe(self._plot)

    def open(self, wanted: Any) -> None:
        """Go on with what was tried last; at first with the limits in force."""
        self.draw()

    def draw(self) -> None:
        """Count anew where there is a new base, or where other limits are in force."""
        screen = self._desk.screen
        if screen.view is not None and screen.engine_ready and screen.view is not self._asked_of:
            self._asked_of = screen.view
            self._ask(self._sliders.limits)
        self._draw_buttons()

    def _build(self) -> None:
        say = self._desk.texts.say
        title = make("h2", "trial-title", say("trial.title"), {"id": "trial-title"})
        mark(self._box, "aria-labelledby", "trial-title")
        self._in_force = make("p", "trial-in-force", attributes={"data-part": "trial-in-force"})
        self._trouble = make("p", "alert", attributes={"role": "alert"})
        self._wait = make("p", "trial-wait", say("trial.wait"), {"role": "status"})
        self._result = make("div", "trial-result")
        self._suggestion = make("p", "trial-suggestion-words")
        self._take = self._button("trial-suggested", "button", self._take_suggested)
        suggestion = make("div", "trial-suggestion")
        suggestion.append(self._suggestion, self._take)
        self._stages = {code: _Stage(code, say) for code in STAGES.segments}
        stages = make("ul", "cards")
        for stage in self._stages.values():
            stages.append(stage.element)
        self._moves = make("ul", "trial-moves", attributes={"data-part": "trial-moves"})
        self._spoken = make("p", "unseen", attributes={"aria-live": "polite"})
        self._plot = make("div", "plot trial-plot", attributes={"role": "group"})
        mark(self._plot, "aria-label", say("trial.chart"))
        actions = make("div", "trial-actions")
        self._apply = self._button("trial-apply", "button button-main", self._ask_to_apply)
        self._back = self._button("trial-back", "button", self._go_back)
        self._undo = self._button("trial-before", "button button-plain", self._take_before)
        actions.append(self._apply, self._back, self._undo)
        chart_title = make("h3", "trial-heading", say("chart.title.3"))
        self._result.append(
            *(suggestion, self._sliders.element, stages, self._moves, actions),
            *(self._spoken, chart_title, self._plot),
        )
        lead = make("p", "trial-lead", say("trial.lead"))
        self._box.replaceChildren(
            title, lead, self._in_force, self._trouble, self._wait, self._result
        )
        show(self._trouble, False)
        show(self._result, False)

    def _button(self, name: str, class_name: str, act: Any) -> Any:
        words = self._desk.texts.say("action." + name.replace("-", "_"))
        button = make_button(name, class_name, words)
        on(button, "click", lambda event: act())
        return button

    def _try(self, limits: Limits) -> None:
        self._ask(limits)
        self._draw_buttons()

    def _set(self, limits: Limits) -> None:
        self._sliders.set(limits)
        self._try(limits)

    def _take_suggested(self) -> None:
        if self._told is not None and self._told.suggested is not None:
            self._set(self._told.suggested)

    def _go_back(self) -> None:
        if self._told is not None:
            self._set(self._told.in_force)

    def _take_before(self) -> None:
        if self._before is not None:
            self._set(self._before)

    def _ask(self, limits: Limits | None) -> None:
        """Have the engine count; while it does, only the newest question waits."""
        self._wanted = {} if limits is None else limits.order
        if not self._asking:
            spawn(self._ask_wanted())

    async def _ask_wanted(self) -> None:
        self._asking = True
        mark(self._box, "aria-busy", "true")
        try:
            while self._wanted is not None:
                order, self._wanted = self._wanted, None
                self._told = Trial(await self._desk.ask("trial", order))
                show(self._trouble, False)
                await self._draw_told(self._told)
        except EngineTrouble as trouble:
            write(self._trouble, in_a_line(trouble.code, trouble.words, self._desk.texts))
            show(self._trouble, True)
        finally:
            self._asking = False
            mark(self._box, "aria-busy", None)
            show(self._wait, False)

    async def _draw_told(self, told: Trial) -> None:
        texts = self._desk.texts
        if self._sliders.limits is None:
            self._sliders.set(told.limits)
        write(self._in_force, texts.say("trial.in_force", limits=told.in_force.words(texts)))
        write(self._suggestion, suggestion_words(told, texts))
        show(self._take, told.suggested is not None)
        for code, stage in self._stages.items():
            stage.draw(texts.number(told.counts[code]), difference(told, code, texts))
            mark(stage.element, "data-count", str(told.counts[code]))
        lines = move_lines(told, texts) or [texts.say("trial.nobody")]
        self._moves.replaceChildren(*[make("li", "", line) for line in lines])
        write(self._spoken, ". ".join(lines))
        show(self._wait, False)
        show(self._result, True)
        self._draw_buttons()
        await self._draw_plot(told)
        for name, months in told.limits.order.items():
            mark(self._box, "data-" + name.replace("_", "-"), str(months))

    async def _draw_plot(self, told: Trial) -> None:
        view, library = self._desk.screen.view, await plotly()
        frame = self._frame
        frame.width = int(self._plot.clientWidth)
        if library is None or view is None or frame.width == 0:
            return
        frame.look = "dark" if self._dark.matches else "light"
        frame.height = TALL_PX
        if frame.width < PHONE_PX:
            frame.height = LOW_PX
        drawing = figure(told.drawn_over(view), STAGES, self._desk.texts, frame)
        await react(library, self._plot, drawing)

    def _draw_buttons(self) -> None:
        screen, told, limits = self._desk.screen, self._told, self._sliders.limits
        known = told is not None and limits is not None
        differs = known and not limits.same(told.in_force)  # type: ignore[union-attr]
        self._apply.disabled = not (differs and screen.marks_may_begin and screen.is_admin)
        self._back.disabled = not differs
        undoes = self._before is not None and known
        show(self._undo, undoes and not self._before.same(told.in_force))  # type: ignore[union-attr]

    def _ask_to_apply(self) -> None:
        spawn(self._apply_limits())

    async def _apply_limits(self) -> None:
        """Make the limits that are shown the settings, once the person has agreed."""
        while self._asking:
            await asyncio.sleep(0.02)
        told, texts = self._told, self._desk.texts
        if told is None or not told.changes:
            return
        wording = Wording(
            texts.say("trial.ask.title", limits=told.limits.words(texts)),
            question_lines(told, self._desk.screen.marks.automatic, texts),
            texts.say("action.trial_confirm"),
            texts.say("action.cancel"),
        )
        if not await the_question().ask(wording):
            return
        self._before = told.in_force
        try:
            await self._desk.ask("set_limits", told.limits.order)
        except EngineTrouble as trouble:
            write(self._trouble, in_a_line(trouble.code, trouble.words, texts))
            show(self._trouble, True)

    def _when_resized(self) -> None:
        width_px = int(self._plot.clientWidth)
        if width_px != self._width_px:
            self._width_px = width_px
            self._redraw()

    def _redraw(self) -> None:
        if self._told is not None and not self._asking:
            spawn(self._draw_plot(self._told))


class _Stage:
    """One stage: its number under the limits that are tried, and how it differs."""

    def __init__(self, code: str, say: Any) -> None:
        self.element = make("li", "card", attributes={"data-trial-stage": code})
        swatch = make("span", "swatch", attributes={"aria-hidden": "true"})
        for look in ("light", "dark"):
            swatch.style.setProperty("--" + look, palette.colour(STAGES.number, code, look))
        head = make("p", "card-head")
        name = make("span", "card-name", say("segment." + STAGES.number + "." + code))
        head.append(swatch, name)
        self._number = make("p", "card-number")
        self._change = make("p", "card-facts")
        self.element.append(head, self._number, self._change)

    def draw(self, number: str, change: str) -> None:
        """Show them."""
        write(self._number, number)
        write(self._change, change)

"""The view that compares two months: which ones, what of them, and what came out."""

from typing import Any

from ui.choice import Choice
from ui.comparison import (
    COUNT,
    MEASURES,
    STATES,
    Comparison,
    days_of,
    directions,
    quick_choices,
    sentences,
)
from ui.comparison_tables import flow_list, flow_matrix, stock_table
from ui.dom import make, mark, on, show, write
from ui.modes import mode_of
from ui.tasks import spawn
from ui.troubles import in_a_line
from ui.worker import EngineTrouble

BEFORE, AFTER = "before", "after"


class CompareView:
    """Everything in ``<section data-part="compare">``; ``desk`` is the page's ``ui.views.Desk``."""

    def __init__(self, box: Any, desk: Any) -> None:
        self._box = box
        self._desk = desk
        self._state = STATES[0]
        self._measure = COUNT
        self._wanted: dict[str, str | None] = {BEFORE: None, AFTER: None}
        self._told: Comparison | None = None
        self._asked = 0
        self._asked_of: Any = None
        self._build()

    def open(self, wanted: Any) -> None:
        """Compare with now, if ``wanted`` names a month; else show what was compared last."""
        if wanted is not None:
            self._wanted = {BEFORE: str(wanted), AFTER: None}
            self._asked_of = None
            self._title.focus()
        self.draw()

    def draw(self) -> None:
        """Compare anew where a refresh, or other limits, have brought something new."""
        view = self._desk.screen.view
        if view is not None and view is not self._asked_of:
            self._asked_of = view
            self._compare()

    def _build(self) -> None:
        say = self._desk.texts.say
        self._title = make("h2", "compare-title", say("compare.title"), {"id": "compare-title"})
        mark(self._title, "tabindex", "-1")
        mark(self._box, "aria-labelledby", "compare-title")
        lead = make("p", "compare-lead", say("compare.lead"))
        self._trouble = make("p", "alert", attributes={"role": "alert"})
        self._wait = make("p", "compare-wait", say("compare.wait"), {"role": "status"})
        self._result = self._build_result()
        self._box.replaceChildren(
            self._title, lead, self._build_tools(), self._trouble, self._wait, self._result
        )
        show(self._trouble, False)
        show(self._result, False)

    def _build_tools(self) -> Any:
        """What a person chooses: months and state."""
        say = self._desk.texts.say
        self._pickers = {BEFORE: self._picker(BEFORE), AFTER: self._picker(AFTER)}
        months = make("div", "compare-months")
        for when in (BEFORE, AFTER):
            label = make("label", "compare-month")
            label.append(make("span", "", say("compare." + when)), self._pickers[when])
            months.append(label)
        self._quick = make("div", "compare-quick", attributes={"role": "group"})
        mark(self._quick, "aria-label", say("compare.quick.label"))
        tools = make("div", "compare-tools")
        states = self._choice(STATES, self._choose_state, "compare.state.")
        tools.append(months, self._quick, states)
        return tools

    def _build_result(self) -> Any:
        """What came out: sentences, stocks, flows, notes."""
        words = self._desk.texts.say("compare.flows")
        head = make("div", "compare-head")
        head.append(
            make("h3", "compare-heading", words, {"id": "flows-title"}),
            self._choice(MEASURES, self._choose_measure, "compare.measure."),
        )
        self._said = make("ul", "compare-said", attributes={"data-part": "compare-said"})
        self._stocks = make("div", "compare-frame")
        self._hint = make("p", "compare-hint")
        self._tables = make("div", "compare-frame")
        self._legend = make("ul", "compare-legend")
        self._flows = make("section", "compare-flows")
        mark(self._flows, "aria-labelledby", "flows-title")
        self._flows.append(head, self._hint, self._tables, self._legend)
        self._notes = make("div", "compare-notes")
        result = make("div", "compare-result")
        result.append(self._said, self._stocks, self._flows, self._notes)
        return result

    def _picker(self, when: str) -> Any:
        picker = make("select", "field", attributes={"data-month": when})
        on(picker, "change", lambda event: self._choose_month(when, str(picker.value)))
        return picker

    def _choice(self, values: tuple[str, ...], choose: Any, prefix: str) -> Any:
        row = make("div", "choice", attributes={"role": "radiogroup"})
        Choice(row, values, values[0], choose).translate(self._desk.texts, prefix)
        return row

    def _choose_state(self, state: str) -> None:
        self._state = state
        self._compare()

    def _choose_measure(self, measure: str) -> None:
        self._measure = measure
        if self._told is not None:
            self._draw_flows(self._told)

    def _choose_month(self, when: str, month: str) -> None:
        if self._told is not None:
            months = {BEFORE: self._told.before, AFTER: self._told.after}
            months[when] = month
            # Time goes one way only, whichever month was picked as the first.
            self._choose_months(min(months.values()), max(months.values()))

    def _choose_months(self, before: str | None, after: str | None) -> None:
        last = self._told is not None and after == self._told.months[-1]
        # The present month stays the present one when the next has begun.
        self._wanted = {BEFORE: before, AFTER: None if last else after}
        self._compare()

    def _compare(self) -> None:
        self._asked += 1
        mark(self._box, "aria-busy", "true")
        spawn(self._ask(self._asked))

    async def _ask(self, number: int) -> None:
        order = {"state": self._state, BEFORE: self._wanted[BEFORE], AFTER: self._wanted[AFTER]}
        answer, trouble = None, None
        try:
            answer = await self._desk.ask("compare", order)
        except EngineTrouble as error:
            trouble = error
        if number != self._asked:
            return  # something else was chosen meanwhile
        if trouble is not None and trouble.code == "bad_query" and self._wanted[BEFORE]:
            # The chart may know months from before the oldest client that there still is.
            self._choose_months(None, None)
            return
        mark(self._box, "aria-busy", None)
        show(self._wait, False)
        self._tell_trouble(trouble)
        if answer is not None:
            self._told = Comparison(answer)
            self._draw_all(self._told)

    def _tell_trouble(self, trouble: EngineTrouble | None) -> None:
        words = in_a_line(trouble.code, trouble.words, self._desk.texts) if trouble else ""
        write(self._trouble, words)
        show(self._trouble, bool(words))

    def _draw_all(self, told: Comparison) -> None:
        texts = self._desk.texts
        for when, month in ((BEFORE, told.before), (AFTER, told.after)):
            self._fill(self._pickers[when], told.months, month)
            mark(self._box, "data-" + when, month)
        mark(self._box, "data-state", told.state)
        self._draw_quick(told)
        self._said.replaceChildren(*[make("li", "", line) for line in sentences(told, texts)])
        self._stocks.replaceChildren(stock_table(told, self._desk.open_list, texts))
        show(self._flows, not told.is_of_one_month)
        self._draw_flows(told)
        self._notes.replaceChildren(*[make("p", "", line) for line in self._note_lines(told)])
        show(self._result, True)

    def _draw_flows(self, told: Comparison) -> None:
        texts, open_list = self._desk.texts, self._desk.open_list
        first, last = days_of(told, texts)
        key = "compare.hint." + self._measure
        write(self._hint, texts.say(key, before=first, after=last))
        self._tables.replaceChildren(
            flow_matrix(told, self._measure, open_list, texts),
            flow_list(told, self._measure, open_list, texts),
        )
        self._legend.replaceChildren(
            *[
                make("li", "compare-sample compare-" + way, texts.say("compare.legend." + way))
                for way in directions(told)
            ]
        )

    def _fill(self, picker: Any, months: list[str], chosen: str) -> None:
        """The months to choose from by year, the latest first."""
        key = months[0] + months[-1]
        if picker.getAttribute("data-months") != key:
            mark(picker, "data-months", key)
            picker.replaceChildren()
            group: Any = None
            year = ""
            for month in reversed(months):
                if month[0:4] != year:
                    year = month[0:4]
                    group = make("optgroup", attributes={"label": year})
                    picker.append(group)
                words = self._desk.texts.month(month)
                group.append(make("option", "", words, {"value": month}))
        picker.value = chosen

    def _draw_quick(self, told: Comparison) -> None:
        say = self._desk.texts.say
        buttons = []
        for code, before, after in quick_choices(told.months):
            known = "compare.quick." + code
            words = say("compare.quick.whole_year", year=code) if code.isdigit() else say(known)
            button = make("button", "button", words, {"type": "button", "data-quick": code})
            is_shown = (told.before, told.after) == (before, after)
            mark(button, "aria-pressed", "true" if is_shown else "false")
            on(button, "click", self._choosing(before, after))
            buttons.append(button)
        focused = self._quick.querySelector(":focus")
        chosen = focused.getAttribute("data-quick") if focused else None
        self._quick.replaceChildren(*buttons)
        if chosen is not None:
            self._quick.querySelector("[data-quick='" + str(chosen) + "']").focus()

    def _choosing(self, before: str, after: str) -> Any:
        return lambda event: self._choose_months(before, after)

    def _note_lines(self, told: Comparison) -> list[str]:
        say = self._desk.texts.say
        lines = []
        if told.state == "lifecycle":
            lines.append(say("note.mode.5"))
        if self._chart_differs(told):
            lines.append(say("compare.note.chart"))
        return lines

    def _chart_differs(self, told: Comparison) -> bool:
        """Whether the chart, which keeps a month as it was, tells other numbers of clients."""
        view = self._desk.screen.view
        if view is None or view.months != told.months:
            return False
        counts = view.series(mode_of("2"), "all")
        return any(
            counts[view.index(month)] != told.total(when)
            for when, month in ((BEFORE, told.before), (AFTER, told.after))
        )

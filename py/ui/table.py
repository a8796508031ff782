"""The chart's twin: the same numbers as a table, newest month first."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import make, on
from ui.modes import Mode
from ui.texts import Texts
from ui.view import View
from ui.wording import point_day


def table(
    view: View,
    mode: Mode,
    texts: Texts,
    first_index: int,
    chosen: str | None,
    choose_month: Callable[[str], None],
) -> Any:
    """A table element with a row per month from ``first_index`` on and a column per segment;
    ``chosen`` is the month that the counters show, ``choose_month(month)`` is called for another.
    """
    element = make("table", "table")
    name = texts.say("table.caption", mode=texts.say("mode." + mode.number))
    element.append(make("caption", "unseen", name), _head(mode, texts))
    body = make("tbody")
    columns = [view.series(mode, segment) for segment in mode.segments]
    columns.append(view.totals(mode))
    for index in range(len(view.months) - 1, first_index - 1, -1):
        row = make("tr")
        head = make("th", "", attributes={"scope": "row"})
        head.append(_month(view, index, chosen, choose_month, texts))
        row.append(head)
        for column in columns:
            row.append(make("td", "", texts.number(column[index])))
        body.append(row)
    element.append(body)
    return element


def _month(
    view: View,
    index: int,
    chosen: str | None,
    choose_month: Callable[[str], None],
    texts: Texts,
) -> Any:
    month = view.months[index]
    attributes = {"type": "button", "data-month": month}
    if month == chosen:
        attributes["aria-current"] = "true"
    button = make("button", "table-month", point_day(texts, view, index), attributes)
    on(button, "click", lambda event: choose_month(month))
    return button


def _head(mode: Mode, texts: Texts) -> Any:
    head, row = make("thead"), make("tr")
    row.append(make("th", "", texts.say("table.day"), {"scope": "col"}))
    for segment in mode.segments:
        name = texts.say("segment." + mode.number + "." + segment)
        row.append(make("th", "", name, {"scope": "col"}))
    row.append(make("th", "", texts.say("total." + mode.number), {"scope": "col"}))
    head.append(row)
    return head

"""A comparison of two months on screen: what came of every segment, and who moved where."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui import palette
from ui.comparison import (
    COUNT,
    NEW,
    STAYED,
    Comparison,
    days_of,
    direction,
    flow_title,
    mode_of_code,
    name,
    sorted_flows,
    stock_title,
    value_lines,
)
from ui.dom import make, on
from ui.texts import Texts
from ui.wording import share

Open = Callable[[Any, str], None]
"""Lists the clients behind a number: a segment as ``query`` takes it, and what it is called."""

ARROWS = {"better": "\u2197", "worse": "\u2198", "stayed": "=", "came": "+"}
MINUS = "\u2212"


def stock_table(comparison: Comparison, open_list: Open, texts: Texts) -> Any:
    """A row per segment: stock, plus those who came, minus those who left, is stock."""
    element = make("table", "table compare-stocks")
    element.append(make("caption", "unseen", texts.say("compare.stocks")))
    element.append(_stock_head(comparison, texts))
    body = make("tbody")
    for code in comparison.codes:
        body.append(_stock_row(comparison, code, open_list, texts))
    body.append(_stock_row(comparison, None, open_list, texts))
    element.append(body)
    return element


def _stock_head(comparison: Comparison, texts: Texts) -> Any:
    # A day that is never parted would be too wide for a phone.
    first, last = [day.replace("\u00a0", " ") for day in days_of(comparison, texts)]
    if comparison.is_of_one_month:
        names = [texts.say("compare.clients"), texts.say("compare.share")]
    else:
        names = [first, "+ " + texts.say("compare.came"), MINUS + " " + texts.say("compare.left")]
        names.append("=\u00a0" + last)
    head, row = make("thead"), make("tr")
    row.append(make("th", "", texts.say("compare.segment"), {"scope": "col"}))
    row.append(*[make("th", "", words, {"scope": "col"}) for words in names])
    head.append(row)
    return head


def _stock_row(comparison: Comparison, code: "str | None", open_list: Open, texts: Texts) -> Any:
    row = make("tr", "compare-total" if code is None else "")
    head = make("th", "", attributes={"scope": "row"})
    head.append(_named(comparison.state, code, texts))
    row.append(head)

    if comparison.is_of_one_month:
        part = share(texts, _stock(comparison, "after", code), comparison.total("after"))
        row.append(
            _stock_cell(comparison, "after", code, open_list, texts),
            make("td", "compare-share", part),
        )
        return row
    came = (NEW, None) if code is None else (None, code)
    row.append(
        _stock_cell(comparison, "before", code, open_list, texts),
        _moved_cell(comparison, came[0], came[1], open_list, texts),
        # Nobody leaves the base: who was deleted was never in it (``segmentation.past``).
        _nobody() if code is None else _moved_cell(comparison, code, None, open_list, texts),
        _stock_cell(comparison, "after", code, open_list, texts),
    )
    return row


def _stock(comparison: Comparison, when: str, code: "str | None") -> int:
    return comparison.total(when) if code is None else comparison.stock(when, code)


def _stock_cell(
    comparison: Comparison, when: str, code: "str | None", open_list: Open, texts: Texts
) -> Any:
    title = stock_title(comparison, when, code, texts)
    segment = comparison.stock_segment(when, code)
    cell = _number_cell(_stock(comparison, when, code), segment, title, open_list, texts)
    cell.setAttribute("data-stock", when + ":" + (code or "all"))
    return cell


def _moved_cell(
    comparison: Comparison, one: "str | None", other: "str | None", open_list: Open, texts: Texts
) -> Any:
    count = comparison.moved(None if one is None else [one], None if other is None else [other])
    title, segment = flow_title(comparison, one, other, texts), comparison.segment(one, other)
    cell = _number_cell(count, segment, title, open_list, texts)
    cell.setAttribute("data-moved", _key(one, other))
    return cell


def _number_cell(
    count: int, segment: dict[str, Any], title: str, open_list: Open, texts: Texts
) -> Any:
    """A count that can be pressed to see who that is."""
    if count == 0:
        return _nobody()
    words = title + ": " + texts.count("list.count", count)
    attributes = {"type": "button", "aria-label": words}
    button = make("button", "compare-number", texts.number(count), attributes)
    on(button, "click", lambda event: open_list(segment, title))
    cell = make("td", "", attributes={"data-count": str(count)})
    cell.append(button)
    return cell


def _nobody() -> Any:
    """A count of none."""
    return make("td", "compare-none", "0", {"data-count": "0"})


def flow_matrix(comparison: Comparison, measure: str, open_list: Open, texts: Texts) -> Any:
    """Rows are where clients were, columns where they are."""
    element = make("table", "table compare-matrix")
    element.append(make("caption", "unseen", texts.say("compare.flows")))
    head, row = make("thead"), make("tr")
    corner = make("td", "compare-corner")
    corner.append(
        make("span", "", texts.say("compare.before") + " \u2193"),
        make("span", "", texts.say("compare.after") + " \u2192"),
    )
    row.append(corner)
    for code in comparison.codes:
        cell = make("th", "", attributes={"scope": "col"})
        cell.append(_named(comparison.state, code, texts))
        row.append(cell)
    head.append(row)
    body = make("tbody")
    for one in comparison.sources:
        line = make("tr")
        cell = make("th", "", attributes={"scope": "row"})
        cell.append(_named(comparison.state, one, texts))
        line.append(cell)
        for other in comparison.codes:
            line.append(_flow_cell(comparison, one, other, measure, open_list, texts))
        body.append(line)
    element.append(head, body)
    return element


def _flow_cell(
    comparison: Comparison, one: str, other: str, measure: str, open_list: Open, texts: Texts
) -> Any:
    flow = comparison.flow(one, other)
    if flow is None:
        return make("td", "compare-none", "\u00b7")
    way, lines = direction(comparison, flow), value_lines(flow, measure, texts)
    spoken = texts.count("list.count", flow[COUNT])
    if measure != COUNT:
        spoken += ", " + texts.say("compare.measure." + measure) + ": " + (" + ".join(lines) or "0")
    title = flow_title(comparison, one, other, texts)
    button = _flow_button(comparison, flow, measure, open_list, texts)
    words = title + ": " + spoken + ", " + texts.say("compare.direction." + way)
    button.setAttribute("aria-label", words)
    cell = make("td", "compare-cell compare-" + way)
    cell.append(button)
    return cell


def _flow_button(
    comparison: Comparison, flow: dict[str, Any], measure: str, open_list: Open, texts: Texts
) -> Any:
    """An arrow and the values of a flow; pressed, it lists the clients."""
    one, other = flow["from"], flow["to"]
    title = flow_title(comparison, one, other, texts)
    button = make("button", "compare-number", attributes={"type": "button"})
    button.setAttribute("data-flow", _key(one, other))
    button.setAttribute("data-count", str(flow[COUNT]))
    arrow = ARROWS[direction(comparison, flow)]
    values = make("span", "compare-values")
    for line in value_lines(flow, measure, texts) or ["0"]:
        values.append(make("span", "compare-value", line))
    button.append(make("span", "compare-arrow", arrow, {"aria-hidden": "true"}), values)
    on(button, "click", lambda event: open_list(comparison.segment(one, other), title))
    return button


def flow_list(comparison: Comparison, measure: str, open_list: Open, texts: Texts) -> Any:
    """The matrix for a narrow screen: the flows by size, those who stayed last."""
    listed = make("ul", "compare-list")
    for flow in sorted_flows(comparison, measure):
        way = direction(comparison, flow)
        item = make("li", "compare-item compare-" + way)
        words = make("span", "compare-way")
        words.append(_named(comparison.state, flow["from"], texts))
        if way != STAYED:
            words.append(make("span", "", "\u2192"), _named(comparison.state, flow["to"], texts))
        button = _flow_button(comparison, flow, measure, open_list, texts)
        button.prepend(words)
        button.append(make("span", "unseen", texts.say("compare.direction." + way)))
        item.append(button)
        listed.append(item)
    return listed


def _named(state: str, code: "str | None", texts: Texts) -> Any:
    """A segment's name behind its colour."""
    words = make("span", "compare-name")
    if code is not None and code != NEW:
        swatch = make("span", "swatch", attributes={"aria-hidden": "true"})
        for look in ("light", "dark"):
            colour = palette.colour(mode_of_code(state, code), code, look)
            swatch.style.setProperty("--" + look, colour)
        words.append(swatch)
    words.append(make("span", "", name(state, code, texts)))
    return words


def _key(one: "str | None", other: "str | None") -> str:
    return (one or "") + ">" + (other or "")

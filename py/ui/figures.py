"""Growth charts as plain Plotly dictionaries, from a view and the words of a language.

Nothing here draws: the page hands the dictionaries to plotly.js, tests hand them to
plotly.graph_objects.
"""

from typing import Any

from ui import palette
from ui.frames import LINES, SHARES, Frame, config, first_index, layout
from ui.modes import Mode
from ui.steps import markers, told_of_months
from ui.texts import Texts
from ui.view import View
from ui.wording import share

LABEL_PX = 20
ROOM_FOR_STEPS = 1.1
"""Steps have their signs above the highest point."""
FEW_MONTHS = 6
FEW_CLIENTS = 6
ONLY_COLUMN_MS = 10 * 24 * 3600 * 1000
"""An area of a single month would be a point: it is a column of ten days."""
DASHES = ("solid", "dash", "dot", "dashdot")


def figure(view: View, mode: Mode, texts: Texts, frame: Frame) -> dict[str, Any]:
    """``{"data", "layout", "config"}`` of a mode's growth chart, ready for JSON and
    ``Plotly.react``.
    """
    frame_layout = layout(texts, frame)
    data: list[dict[str, Any]] = []
    if view.empty:
        frame_layout["annotations"] = [_notice(texts.say("chart.empty"), frame)]
    else:
        heights = [_heights(view, mode, segment, frame) for segment in mode.segments]
        top = _top(view, heights, frame)
        if view.steps and frame.style != SHARES:
            top *= ROOM_FOR_STEPS
        _lay_x_axis(frame_layout["xaxis"], view, frame)
        frame_layout["yaxis"]["range"] = [0, top]
        if top <= FEW_CLIENTS:
            frame_layout["yaxis"]["dtick"] = 1
        frame_layout["uirevision"] = mode.number
        for position in range(len(mode.segments)):
            data.append(_trace(view, mode, position, heights[position], texts, frame))
        data.append(_total_trace(view, mode, heights, texts, frame))
        data.extend(markers(view, first_index(view, frame), top, frame.look))
        if frame.wide:
            frame_layout["annotations"] = _labels(mode, heights, top, texts, frame)
        frame_layout["shapes"] = _chosen_line(view, frame)
    return {"data": data, "layout": frame_layout, "config": config(texts)}


def _heights(view: View, mode: Mode, segment: str, frame: Frame) -> list[float]:
    """What is drawn of a segment: its counts, or its shares of the sum in percent."""
    series = view.series(mode, segment)
    if frame.style != SHARES:
        return [float(count) for count in series]
    totals = view.totals(mode)
    return [100 * series[i] / totals[i] if totals[i] else 0.0 for i in range(len(series))]


def _x(month: str) -> str:
    return month + "-01"


def _trace(
    view: View, mode: Mode, position: int, heights: list[float], texts: Texts, frame: Frame
) -> dict[str, Any]:
    segment = mode.segments[position]
    own_colour = palette.colour(mode.number, segment, frame.look)
    series, totals = view.series(mode, segment), view.totals(mode)
    name = texts.say("segment." + mode.number + "." + segment)
    trace: dict[str, Any] = {
        "type": "scatter",
        "name": name,
        "x": [_x(month) for month in view.months],
        "y": heights,
        "text": [_told(texts, name, series[i], totals[i]) for i in range(len(series))],
        "hovertemplate": "%{text}<extra></extra>",
    }
    if len(view.months) == 1 and frame.style != LINES:
        trace["type"] = "bar"
        trace["width"] = ONLY_COLUMN_MS
        trace["textposition"] = "none"
        trace["marker"] = {"color": _filling(own_colour, frame)}
        return trace
    trace["mode"] = "lines" if len(view.months) > 1 else "lines+markers"
    trace["marker"] = {"color": own_colour, "size": 8}
    trace["line"] = {"color": own_colour, "width": 2}
    if frame.style == LINES:
        trace["line"]["dash"] = DASHES[position]
    else:
        trace["stackgroup"] = "segments"
        trace["fillcolor"] = _filling(own_colour, frame)
    return trace


def _filling(own_colour: str, frame: Frame) -> str:
    return palette.see_through(own_colour, 0.55 if frame.look == "light" else 0.5)


def _total_trace(
    view: View, mode: Mode, heights: list[list[float]], texts: Texts, frame: Frame
) -> dict[str, Any]:
    """Unseen: it only adds the sum, and what made the month stand out, to what hovering tells."""
    totals = view.totals(mode)
    told = told_of_months(view, frame.wide, texts)
    name = texts.say("total." + mode.number)
    tops = [
        max([column[i] for column in heights])
        if frame.style == LINES
        else sum([column[i] for column in heights])
        for i in range(len(totals))
    ]
    return {
        "type": "scatter",
        "name": name,
        "x": [_x(month) for month in view.months],
        "y": tops,
        "text": [
            name + ": <b>" + texts.number(totals[i]) + "</b>" + told.get(view.months[i], "")
            for i in range(len(totals))
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "mode": "lines",
        "line": {"color": palette.see_through(palette.TEXT[frame.look], 0), "width": 0},
        "showlegend": False,
    }


def _told(texts: Texts, name: str, count: int, whole: int) -> str:
    part = share(texts, count, whole)
    return name + ": <b>" + texts.number(count) + "</b>" + ("  " + part if part else "")


def _lay_x_axis(axis: dict[str, Any], view: View, frame: Frame) -> None:
    """Range of the x axis; few months are each named, or Plotly would name weeks and days."""
    months = view.months[first_index(view, frame) :]
    axis["range"] = [_x(months[0]), _x(months[-1])]
    if len(months) == 1:
        axis["range"] = [_month_before(months[0]) + "-15", months[0] + "-15"]
    if len(months) <= FEW_MONTHS:
        axis["tickvals"] = [_x(month) for month in months]
        axis["tickformat"] = "%b %Y"


def _month_before(month: str) -> str:
    number = int(month[0:4]) * 12 + int(month[5:7]) - 2
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _top(view: View, heights: list[list[float]], frame: Frame) -> float:
    """The upper end of the y axis: a little over the highest point in range."""
    if frame.style == SHARES:
        return 100.0
    shown = range(first_index(view, frame), len(view.months))
    if frame.style == LINES:
        highest = max([max([column[i] for column in heights]) for i in shown])
    else:
        highest = max([sum([column[i] for column in heights]) for i in shown])
    return max(highest * 1.06, 1.0)


def _labels(
    mode: Mode, heights: list[list[float]], top: float, texts: Texts, frame: Frame
) -> list[dict[str, Any]]:
    """Names of the segments at the right end of their bands, moved apart where bands are thin."""
    middles = []
    base = 0.0
    for column in heights:
        middles.append(column[-1] if frame.style == LINES else base + column[-1] / 2)
        base += column[-1]
    gap = top * LABEL_PX / (frame.height - 60)
    return [
        {
            "text": _swatch(mode, i, frame)
            + texts.say("segment." + mode.number + "." + mode.segments[i]),
            "xref": "paper",
            "x": 1,
            "xanchor": "left",
            "xshift": 10,
            "yref": "y",
            "y": height,
            "yanchor": "middle",
            "showarrow": False,
            "align": "left",
            "font": {"size": 13, "color": palette.TEXT[frame.look]},
        }
        for i, height in enumerate(spread(middles, gap, top))
    ]


def _swatch(mode: Mode, position: int, frame: Frame) -> str:
    own_colour = palette.colour(mode.number, mode.segments[position], frame.look)
    return '<span style="color:' + own_colour + '">\u25a0</span> '


def spread(heights: list[float], gap: float, top: float) -> list[float]:
    """The same heights moved as little up or down as it takes to be ``gap`` apart and not above
    ``top``.
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = [0.0] * len(heights)
    floor = gap / 2
    for i in order:
        placed[i] = max(heights[i], floor)
        floor = placed[i] + gap
    ceiling = top
    for position in range(len(order) - 1, -1, -1):
        i = order[position]
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def _chosen_line(view: View, frame: Frame) -> list[dict[str, Any]]:
    if frame.chosen is None or frame.chosen not in view.months:
        return []
    at = _x(frame.chosen)
    line = {"color": palette.TEXT[frame.look], "width": 1.5, "dash": "dot"}
    return [
        {
            "type": "line",
            "xref": "x",
            "x0": at,
            "x1": at,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": line,
        }
    ]


def _notice(text: str, frame: Frame) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "font": {"size": 15, "color": palette.MUTED[frame.look]},
    }

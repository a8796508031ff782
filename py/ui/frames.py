"""Everything of a growth chart but its data: size, colours, axes, hover, buttons."""

from typing import Any

from ui import palette
from ui.texts import Texts
from ui.view import View

AREAS, LINES, SHARES = "areas", "lines", "shares"
STYLES = (AREAS, LINES, SHARES)
RANGES = ("1y", "3y", "all")
RANGE_MONTHS = {"1y": 12, "3y": 36}
"""Months that a range shows before the last one."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Ubuntu, 'Helvetica Neue', Arial, sans-serif"
WIDE_PX = 720
"""From this width on there is room for the segments' names beside the chart."""
LEGEND_PX = 560
"""From this width on there is room for a row of names above the chart; below it the counters that
stand around the chart tell the colours.
"""
LEGEND_ROW_PX = 24


class Frame:
    """How a chart is to look: style, range, size in pixels, light or dark, chosen month
    (``YYYY-MM`` or None).
    """

    def __init__(
        self,
        look: str = "light",
        style: str = AREAS,
        months: str = "all",
        width: int = 960,
        height: int = 360,
        chosen: str | None = None,
    ) -> None:
        self.look = look
        self.style = style
        self.months = months
        self.width = width
        self.height = height
        self.chosen = chosen

    @property
    def wide(self) -> bool:
        """Whether the segments' names fit beside the chart."""
        return self.width >= WIDE_PX

    @property
    def has_legend(self) -> bool:
        """Whether the segments' names stand in a row above the chart."""
        return LEGEND_PX <= self.width < WIDE_PX


def first_index(view: View, frame: Frame) -> int:
    """Position of the first month in the frame's range."""
    months = RANGE_MONTHS.get(frame.months)
    return 0 if months is None else max(0, len(view.months) - 1 - months)


def layout(texts: Texts, frame: Frame) -> dict[str, Any]:
    """Plotly's layout, still without ranges, labels and marks."""
    axis_font = {"color": palette.MUTED[frame.look], "size": 12}
    legend_room = LEGEND_ROW_PX if frame.has_legend else 0
    return {
        "width": frame.width,
        "height": frame.height,
        "margin": {"l": 8, "r": 172 if frame.wide else 12, "t": 12 + legend_room, "b": 8, "pad": 0},
        "paper_bgcolor": palette.SURFACE[frame.look],
        "plot_bgcolor": palette.SURFACE[frame.look],
        "font": {"family": FONT, "size": 13, "color": palette.TEXT[frame.look]},
        "separators": texts.locale.separators,
        "barmode": "stack",
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": palette.SURFACE[frame.look],
            "bordercolor": palette.AXIS[frame.look],
            "font": {"color": palette.TEXT[frame.look], "size": 13},
            "align": "left",
        },
        "hoverdistance": -1,
        "dragmode": False,
        "showlegend": frame.has_legend,
        "legend": {
            "orientation": "h",
            "xref": "container",
            "x": 0,
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "traceorder": "normal",
        },
        "xaxis": {
            "type": "date",
            "hoverformat": "%B %Y",
            "fixedrange": True,
            "showgrid": False,
            "ticks": "outside",
            "ticklen": 5,
            "tickcolor": palette.AXIS[frame.look],
            "linecolor": palette.AXIS[frame.look],
            "showline": True,
            "tickfont": axis_font,
            "automargin": True,
            "showspikes": True,
            "spikemode": "across",
            "spikesnap": "hovered data",
            "spikethickness": 1,
            "spikedash": "solid",
            "spikecolor": palette.AXIS[frame.look],
        },
        "yaxis": {
            "fixedrange": True,
            "gridcolor": palette.GRID[frame.look],
            "zeroline": False,
            "tickfont": axis_font,
            "automargin": True,
            "tickformat": ",d",
            "nticks": 6,
            "ticksuffix": "\u2009%" if frame.style == SHARES else "",
        },
    }


def config(texts: Texts) -> dict[str, Any]:
    """Plotly's config: a single button, which saves a picture, and no logo."""
    return {
        "locale": texts.language,
        "displaylogo": False,
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": "client-segmentation", "scale": 2},
        "doubleClick": False,
        "showTips": False,
    }

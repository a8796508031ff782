"""Every figure is one that Plotly accepts, and shows the numbers it was given."""

from __future__ import annotations

import itertools
import json
from typing import Any

import plotly.graph_objects
import pytest

from ui.figures import figure, spread
from ui.frames import AREAS, LINES, RANGES, SHARES, STYLES, Frame
from ui.modes import MODES, Mode, mode_of
from ui.view import View
from unit.ui.words import LANGUAGES, facts_of, texts_of, view_of

LOOKS = ("light", "dark")


def drawn(view: View, mode: Mode, language: str = "ru", **facts: Any) -> dict[str, Any]:
    """The figure as the page gets it, through JSON."""
    made: dict[str, Any] = json.loads(
        json.dumps(figure(view, mode, texts_of(language), Frame(**facts)))
    )
    plotly.graph_objects.Figure(data=made["data"], layout=made["layout"])  # raises on any mistake
    return made


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.number)
@pytest.mark.parametrize("months", [0, 1, 2, 118])
@pytest.mark.parametrize("style", STYLES)
def test_plotly_accepts_the_figure_of_every_mode(mode: Mode, months: int, style: str) -> None:
    for language in LANGUAGES:
        for look in LOOKS:
            for width in (320, 1200):
                for shown in RANGES:
                    drawn(
                        view_of(months),
                        mode,
                        language,
                        look=look,
                        style=style,
                        width=width,
                        months=shown,
                        chosen="2024-02",
                    )


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.number)
def test_areas_are_the_counts_themselves_in_the_order_of_the_segments(mode: Mode) -> None:
    view = view_of(30)
    traces = drawn(view, mode, style=AREAS)["data"]
    for trace, segment in zip(traces, mode.segments, strict=False):
        assert trace["y"] == view.series(mode, segment)
        assert trace["x"] == [month + "-01" for month in view.months]
        assert trace["stackgroup"] == "segments"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.number)
def test_shares_add_up_to_a_hundred_at_every_month(mode: Mode) -> None:
    traces = drawn(view_of(30), mode, style=SHARES)["data"][:-1]
    for row in zip(*[trace["y"] for trace in traces], strict=True):
        assert sum(row) == pytest.approx(100)


def test_shares_of_nothing_are_zero() -> None:
    facts = facts_of(["2024-02", "2024-03"])
    for segment in facts["modes"]["3"].values():
        segment["series"] = [0, 4]
    view = View.of(facts)
    assert view is not None
    assert [trace["y"][0] for trace in drawn(view, mode_of("3"), style=SHARES)["data"]] == [0] * 4


def test_lines_differ_by_their_dashes_and_not_by_colour_alone() -> None:
    for mode in MODES:
        traces = drawn(view_of(30), mode, style=LINES)["data"][:-1]
        assert len({trace["line"]["dash"] for trace in traces}) == len(mode.segments)


def test_hovering_tells_every_segment_and_the_sum() -> None:
    traces = drawn(view_of(2), mode_of("3"))["data"]
    assert [trace["name"] for trace in traces] == [
        "Активные",
        "Спящие",
        "Потерянные",
        "Всего с оплатами",
    ]
    assert [trace["text"][-1] for trace in traces] == [
        "Активные: <b>2</b>  16.7 %",
        "Спящие: <b>4</b>  33.3 %",
        "Потерянные: <b>6</b>  50.0 %",
        "Всего с оплатами: <b>12</b>",
    ]


@pytest.mark.parametrize(("shown", "first"), [("1y", "2023-03"), ("3y", "2021-03")])
def test_a_range_ends_with_the_last_month(shown: str, first: str) -> None:
    axis = drawn(view_of(100), mode_of("1"), months=shown)["layout"]["xaxis"]
    assert axis["range"] == [first + "-01", "2024-03-01"]


def test_a_range_longer_than_the_history_shows_all_of_it() -> None:
    axis = drawn(view_of(8), mode_of("1"), months="3y")["layout"]["xaxis"]
    assert axis["range"] == ["2023-08-01", "2024-03-01"]


def test_the_upper_end_fits_what_is_in_range() -> None:
    facts = facts_of(["2022-01", *[f"2023-{n:02d}" for n in range(1, 13)], "2024-01"])
    for segment in facts["modes"]["3"].values():
        segment["series"] = [500, *[10] * 13]
    view = View.of(facts)
    assert view is not None
    for shown, highest in (("all", 1500), ("1y", 30)):
        top = drawn(view, mode_of("3"), months=shown)["layout"]["yaxis"]["range"][1]
        assert highest < top < highest * 1.2


def test_the_separators_are_those_of_the_language() -> None:
    for language, separators in (("ru", ",\u00a0"), ("en", ".,")):
        made = drawn(view_of(3), mode_of("1"), language)
        assert made["layout"]["separators"] == separators
        assert made["config"]["locale"] == language
        assert made["config"]["displaylogo"] is False


def test_hidden_segments_stay_hidden_with_new_data_but_not_in_another_mode() -> None:
    revisions = [drawn(view_of(9), mode)["layout"]["uirevision"] for mode in MODES]
    assert len(set(revisions)) == len(MODES)
    assert drawn(view_of(10), MODES[0])["layout"]["uirevision"] == revisions[0]


def test_names_stand_beside_a_wide_chart_above_a_narrow_one_and_not_on_a_phones() -> None:
    layouts = [drawn(view_of(9), mode_of("5"), width=px)["layout"] for px in (1200, 660, 330)]
    assert [len(layout.get("annotations", [])) for layout in layouts] == [4, 0, 0]
    assert [layout["showlegend"] for layout in layouts] == [False, True, False]


def test_the_legend_has_room_of_its_own_above_the_chart() -> None:
    margins_px = [
        drawn(view_of(9), mode_of("5"), width=px)["layout"]["margin"]["t"]
        for px in (1200, 660, 330)
    ]
    assert margins_px[1] >= margins_px[0] + 20
    assert margins_px[2] == margins_px[0]


@pytest.mark.parametrize("style", [AREAS, SHARES])
def test_a_single_month_is_a_column_of_its_segments(style: str) -> None:
    made = drawn(view_of(1), mode_of("3"), style=style)
    *segments, total = made["data"]
    assert {(trace["type"], trace["textposition"]) for trace in segments} == {("bar", "none")}
    assert sum(trace["y"][0] for trace in segments) == pytest.approx(total["y"][0])
    assert made["layout"]["barmode"] == "stack"


def test_the_chosen_month_is_marked() -> None:
    assert drawn(view_of(9), mode_of("1"))["layout"]["shapes"] == []
    shapes = drawn(view_of(9), mode_of("1"), chosen="2023-12")["layout"]["shapes"]
    assert [shape["x0"] for shape in shapes] == ["2023-12-01"]


@pytest.mark.parametrize("width", [330, 1200])
@pytest.mark.parametrize("style", STYLES)
def test_steps_are_signs_that_neither_hovering_nor_the_legend_counts(
    style: str, width: int
) -> None:
    step = {"code": "import", "month": "2024-02", "companies": 40, "contacts": 2}
    view = view_of(3, steps=[{**step, "by_name": "<img src=x onerror=alert(1)>"}])
    for look in LOOKS:
        made = drawn(view, mode_of("3"), style=style, width=width, look=look)
        *_, total, signs = made["data"]
        assert (signs["x"], signs["hoverinfo"], signs["showlegend"]) == (
            ["2024-02-01"],
            "skip",
            False,
        )
        assert signs["y"][0] < made["layout"]["yaxis"]["range"][1]
        assert "Импорт" in total["text"][1]
        assert "<img" not in json.dumps(made)


def test_steps_stand_above_the_highest_point() -> None:
    steps = [{"code": "deleted", "month": "2024-03", "companies": 1, "contacts": 0}]
    *columns, total, signs = drawn(view_of(30, steps=steps), mode_of("1"))["data"]
    assert signs["y"][0] > max(total["y"])
    assert len(columns) == 2


def test_no_months_are_told_in_words() -> None:
    made = drawn(view_of(0), mode_of("1"))
    assert made["data"] == []
    assert made["layout"]["annotations"][0]["text"] == texts_of().say("chart.empty")


def test_labels_of_thin_bands_move_apart_and_stay_inside() -> None:
    placed = spread([10.0, 10.5, 99.9, 99.95], gap=5, top=100)
    assert all(b - a >= 5 - 1e-9 for a, b in itertools.pairwise(placed))
    assert placed[-1] <= 100
    assert spread([10.0, 40.0, 80.0], gap=5, top=100) == [10.0, 40.0, 80.0]


def test_labels_keep_the_order_of_their_heights() -> None:
    placed = spread([50.0, 20.0, 50.1], gap=10, top=100)
    assert placed[1] < placed[0] < placed[2]

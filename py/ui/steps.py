"""Steps of the growth that have a cause: imports, deletions and merges (spec §3.7)."""

from typing import Any

from ui import palette
from ui.texts import Texts
from ui.view import View
from ui.wording import MINUTE_S, cards, cut, duration, seconds_between

SIGNS = {"import": "\u25b2", "deleted": "\u25bc", "merged": "\u25c6"}
"""Each kind has a shape of its own, in the list and on the chart."""
SYMBOLS = {"import": "triangle-up", "deleted": "triangle-down", "merged": "diamond"}
AUTHOR_LENGTH = 40
ISOLATED = "\u2068{}\u2069"
"""Keeps the direction of a stranger's name from turning what stands around it."""


def steps_shown(view: View, first_index: int) -> list[dict[str, Any]]:
    """The steps from a month on, newest first; those of months that are not there are left out."""
    months = view.months[first_index:]
    shown = [step for step in view.steps if step.get("month") in months]
    return sorted(shown, key=lambda step: str(step.get("at") or step["month"]), reverse=True)


def step_moment(step: dict[str, Any], texts: Texts) -> str:
    """When a step happened, as exactly as is known: departures may lie between two refreshes."""
    at, until = step.get("at"), step.get("until")
    if not at:
        return texts.month(step["month"])
    if step["code"] == "import" or not until or at == until:
        return texts.moment(at)
    same_day = at[0:10] == until[0:10]
    end = texts.clock(until) if same_day else texts.moment(until)
    return texts.say("step.between", at=texts.moment(at), until=end)


def step_words(step: dict[str, Any], texts: Texts) -> str:
    """``Импорт: 1 240 контактов за 12 мин``."""
    code = step["code"]
    what = cards(step.get("companies") or 0, step.get("contacts") or 0, texts)
    if code != "import" or not (step.get("at") and step.get("until")):
        return texts.say("step." + code, what=what)
    lasted_s = seconds_between(step["at"], step["until"])
    if lasted_s < MINUTE_S:
        return texts.say("step.import.at_once", what=what)
    return texts.say("step.import.within", what=what, time=duration(texts, lasted_s))


def step_author(step: dict[str, Any]) -> str:
    """The name of whoever did it; empty when nobody knows."""
    return " ".join(str(step.get("by_name") or "").split())


def markers(view: View, first_index: int, top: float, look: str) -> list[dict[str, Any]]:
    """Plotly traces of the steps: signs at the chart's upper end, a month's below each other."""
    kinds: dict[str, list[str]] = {}
    for step in steps_shown(view, first_index):
        of_month = kinds.setdefault(step["month"], [])
        if step["code"] not in of_month:
            of_month.append(step["code"])
    traces = []
    for code, symbol in SYMBOLS.items():
        months = sorted([month for month in kinds if code in kinds[month]])
        if months:
            rows = [kinds[month].index(code) for month in months]
            traces.append(
                _trace(code, symbol, months, [top * (0.965 - 0.055 * n) for n in rows], look)
            )
    return traces


def _trace(
    code: str, symbol: str, months: list[str], heights: list[float], look: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": code,
        "x": [month + "-01" for month in months],
        "y": heights,
        "mode": "markers",
        "marker": {
            "symbol": symbol,
            "size": 13,
            "color": palette.TEXT[look],
            "line": {"color": palette.SURFACE[look], "width": 1.5},
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def told_of_months(view: View, wide: bool, texts: Texts) -> dict[str, str]:
    """What hovering tells of the steps, by month, ready for Plotly; a narrow chart has room for
    their size only.
    """
    told: dict[str, str] = {}
    for step in steps_shown(view, 0):
        line = SIGNS[step["code"]] + " " + (_line(step, texts) if wide else _size(step, texts))
        told[step["month"]] = told.get(step["month"], "") + "<br>" + escaped(line)
    return told


def _line(step: dict[str, Any], texts: Texts) -> str:
    author = step_author(step)
    words = step_words(step, texts)
    return words + ", " + ISOLATED.format(cut(author, AUTHOR_LENGTH)) if author else words


def _size(step: dict[str, Any], texts: Texts) -> str:
    number = (step.get("companies") or 0) + (step.get("contacts") or 0)
    return texts.say("step." + step["code"], what=texts.number(number))


def escaped(text: str) -> str:
    """The text as Plotly shows it letter by letter: names are strangers' text, never markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

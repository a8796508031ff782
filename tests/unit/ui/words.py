"""What the tests of the page share: both languages without a browser, and made-up views."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ui.modes import MODES
from ui.texts import Texts
from ui.view import VIEW_VERSION, View

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("ru", "en")
MONTH_NAMES = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
]


class PlainLocale:
    """Stands in for the browser's Intl: enough of Russian and English to tell them apart."""

    def __init__(self, language: str) -> None:
        self._russian = language == "ru"
        self.separators = ",\u00a0" if self._russian else ".,"
        self.plural_categories = (
            ("one", "few", "many", "other") if self._russian else ("one", "other")
        )

    def number(self, number: int) -> str:
        return f"{number:,}".replace(",", "\u00a0" if self._russian else ",")

    def compact(self, number: float) -> str:
        return f"{number:.0f}"

    def percent(self, part: float) -> str:
        return f"{100 * part:.1f} %"

    def unit(self, number: int, unit: str) -> str:
        return f"{number} {unit}"

    def plural(self, number: int) -> str:
        if not self._russian:
            return "one" if number == 1 else "other"
        if number % 10 == 1 and number % 100 != 11:
            return "one"
        return "few" if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else "many"

    def day_and_month(self, year: int, month: int, day: int) -> str:
        return f"{day} {MONTH_NAMES[month - 1]}"

    def month_name(self, year: int, month: int) -> str:
        return MONTH_NAMES[month - 1]

    def clock(self, hours: int, minutes: int) -> str:
        return f"{hours:02d}:{minutes:02d}"


def words_of(language: str) -> dict[str, str]:
    """The translations of a language as they are on disk."""
    words: dict[str, str] = json.loads(
        (ROOT / "static" / "translations" / f"{language}.json").read_text()
    )
    return words


def texts_of(language: str = "ru") -> Texts:
    return Texts(language, words_of(language), PlainLocale(language))


def facts_of(months: list[str], **changes: Any) -> dict[str, Any]:
    """A view's facts in which every segment has its own growing series."""
    modes: dict[str, dict[str, Any]] = {}
    for mode in MODES:
        columns = {
            segment: [(position + 1) * (i + 1) for i in range(len(months))]
            for position, segment in enumerate(mode.segments)
        }
        if mode.total is not None:
            columns[mode.total] = [sum(row) for row in zip(*columns.values(), strict=True)]
        modes[mode.number] = {
            segment: {"count": series[-1] if series else 0, "series": series}
            for segment, series in columns.items()
        }
    facts = {
        "version": VIEW_VERSION,
        "as_of": "2024-03-17T05:07:00+03:00",
        "partial": False,
        "through": months[-1] if months else None,
        "months": months,
        "modes": modes,
        "notes": [],
    }
    return {**facts, **changes}


def months_up_to(last: str, count: int) -> list[str]:
    """``count`` months, the last of them ``last``."""
    end = int(last[:4]) * 12 + int(last[5:]) - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(end - count + 1, end + 1)]


def view_of(count: int, **changes: Any) -> View:
    """A view of so many months up to March 2024."""
    view = View.of(facts_of(months_up_to("2024-03", count), **changes))
    assert view is not None
    return view

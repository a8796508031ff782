"""Numbers, names of months, durations and plurals by the browser's own knowledge of a language."""

from typing import Any

from pyscript import window

_DECIMAL_AND_THOUSANDS = {"ru": ",\u00a0", "en": ".,"}


class Intl:
    """What ``ui.texts.Texts`` asks of a language; ``language`` is a code such as ``ru``."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.separators = _DECIMAL_AND_THOUSANDS[language]
        self._numbers = window.Intl.NumberFormat.new(language)
        self._compact = self._format("NumberFormat", notation="compact", maximumFractionDigits=1)
        self._percents = self._format("NumberFormat", style="percent", maximumFractionDigits=1)
        self._days = self._format("DateTimeFormat", day="numeric", month="long", timeZone="UTC")
        self._months = self._format("DateTimeFormat", month="long", timeZone="UTC")
        self._clock = self._format("DateTimeFormat", timeStyle="short", timeZone="UTC")
        self._plurals = window.Intl.PluralRules.new(language)
        self.plural_categories = tuple(self._plurals.resolvedOptions().pluralCategories)

    def number(self, number: int) -> str:
        """``1 234 567``, whatever its size: whole numbers over 31 bits do not get across."""
        return str(self._numbers.format(float(number)))

    def compact(self, number: float) -> str:
        """``12,3 млн``."""
        return str(self._compact.format(float(number)))

    def percent(self, part: float) -> str:
        """``12,4 %`` for 0.124."""
        return str(self._percents.format(part))

    def unit(self, number: int, unit: str) -> str:
        """``3 мин`` for 3 and ``minute``."""
        return str(
            self._format("NumberFormat", style="unit", unit=unit, unitDisplay="short").format(
                number
            )
        )

    def plural(self, number: int) -> str:
        """Category of a number: ``one``, ``few``, ``many``, ``other`` …"""
        return str(self._plurals.select(number))

    def day_and_month(self, year: int, month: int, day: int) -> str:
        """``31 марта``, never parted at the end of a line."""
        return str(self._days.format(_moment(year, month, day))).replace(" ", "\u00a0")

    def month_name(self, year: int, month: int) -> str:
        """``март``."""
        return str(self._months.format(_moment(year, month, 1)))

    def clock(self, hours: int, minutes: int) -> str:
        """``05:00``."""
        return str(self._clock.format(_moment(2000, 1, 1, hours, minutes)))

    def _format(self, kind: str, **options: Any) -> Any:
        wanted = window.Object.new()
        for name, value in options.items():
            setattr(wanted, name, value)
        return getattr(window.Intl, kind).new(self._language, wanted)


def _moment(year: int, month: int, day: int, hours: int = 0, minutes: int = 0) -> Any:
    return window.Date.new(f"{year:04d}-{month:02d}-{day:02d}T{hours:02d}:{minutes:02d}Z")

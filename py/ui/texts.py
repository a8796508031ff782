"""The words on the screen in one language, with numbers and dates as people write them there."""

from typing import Any

LANGUAGES = ("ru", "en")
PLURAL_ORDER = ("zero", "one", "two", "few", "many", "other")
"""Order in which a text with plural forms gives them, divided by ``|``; a language has some of
these.
"""


def language_of(code: str | None) -> str:
    """The language to show for a portal language such as ``ru``, ``by`` or ``en``: Russian where it
    is common.
    """
    if code is None:
        return "ru"
    return "ru" if code.lower()[:2] in ("ru", "by", "be", "kz", "kk", "uz", "ky") else "en"


def calendar_day(moment: str) -> tuple[int, int, int]:
    """Year, month and day of an ISO moment as its own time zone has them."""
    return int(moment[0:4]), int(moment[5:7]), int(moment[8:10])


class Texts:
    """Translations of one language; ``locale`` formats numbers and dates (``ui.intl.Intl``)."""

    def __init__(self, language: str, words: dict[str, str], locale: Any) -> None:
        self.language = language
        self.locale = locale
        self._words = words

    def has(self, key: str) -> bool:
        """Whether there is a text with that key."""
        return key in self._words

    def say(self, key: str, **values: object) -> str:
        """The text of a key, ``{name}`` in it replaced by the value of that name."""
        return filled(self._words[key], values)

    def count(self, key: str, number: int, **values: object) -> str:
        """The text of a key in the plural form of ``number``, which ``{n}`` stands for."""
        forms = self._words[key].split("|")
        categories = [name for name in PLURAL_ORDER if name in self.locale.plural_categories]
        form = forms[categories.index(self.locale.plural(number))]
        return filled(filled(form, {"n": self.number(number)}), values)

    def number(self, number: int) -> str:
        """``1 234 567`` in the way of the language."""
        text: str = self.locale.number(number)
        return text

    def month(self, month: str) -> str:
        """``март 2024`` for ``2024-03``."""
        year, number = int(month[0:4]), int(month[5:7])
        return self.say("date.month", month=self.locale.month_name(year, number), year=year)

    def day(self, year: int, month: int, day: int) -> str:
        """``31 марта 2024``."""
        return self.say("date.day", day=self.locale.day_and_month(year, month, day), year=year)

    def moment(self, moment: str) -> str:
        """``22 ноября 2026, 05:00`` for an ISO moment, by the clock of its own time zone."""
        year, month, day = calendar_day(moment)
        return self.say("date.moment", day=self.day(year, month, day), time=self.clock(moment))

    def clock(self, moment: str) -> str:
        """``05:00`` for the same."""
        text: str = self.locale.clock(int(moment[11:13]), int(moment[14:16]))
        return text


def filled(text: str, values: dict[str, object]) -> str:
    """A text in which ``{name}`` is replaced by the value of that name, if there is one."""
    before, *parts = text.split("{")
    for part in parts:
        name, _, after = part.partition("}")
        before += (str(values[name]) if name in values else "{" + name + "}") + after
    return before

"""How facts become words: shares, changes, durations, dates of chart points, what a refresh waits
for.
"""

from typing import Any

from ui.modes import Mode
from ui.texts import Texts, calendar_day
from ui.view import USUAL_LIMITS_MONTHS, View

MINUTE_S = 60
HOUR_S = 3600
SMALLEST_SHARE = 0.001
"""Shares below this are told as "less than", since 0.0 % would read as none at all."""
FULL_RUN_S_A_CARD = (0.0009, 0.0025)
"""Measured on a base of 115,000 companies and contacts with three times as many other records, at
the pace of a quick portal and of a slow one (docs/benchmarks.md).
"""
NAME_LENGTH = 60
TITLE_LENGTH = 400
"""Longer names are cut, so that junk in a CRM cannot push everything else off the screen."""
METHOD_TABLES = (
    ("crm.item.update", "any"),
    ("crm.company", "companies"),
    ("crm.contact", "contacts"),
    ("crm.deal", "deals"),
    ("crm.item", "invoices"),
    ("crm.invoice", "invoices"),
    ("crm.activity", "activities"),
    ("crm.requisite", "requisites"),
)


def share(texts: Texts, count: int, whole: int) -> str:
    """``12,4 %`` of a whole; empty where there is no whole."""
    if whole == 0:
        return ""
    if 0 < count < whole * SMALLEST_SHARE:
        return texts.say("share.less", share=texts.locale.percent(SMALLEST_SHARE))
    if whole * (1 - SMALLEST_SHARE) < count < whole:
        return texts.say("share.more", share=texts.locale.percent(1 - SMALLEST_SHARE))
    text: str = texts.locale.percent(count / whole)
    return text


def signed(texts: Texts, number: int) -> str:
    """``+1 240``, ``−12`` or ``0``."""
    sign = "+" if number > 0 else "\u2212" if number < 0 else ""
    return sign + texts.number(abs(number))


def duration(texts: Texts, seconds: float) -> str:
    """Time left, rounded to what a person can use: minutes up to an hour, then hours and five
    minutes.
    """
    if seconds < MINUTE_S:
        return texts.say("duration.under_minute")
    if seconds < HOUR_S:
        text: str = texts.locale.unit(round(seconds / MINUTE_S), "minute")
        return text
    five_minutes = round(seconds / (5 * MINUTE_S))
    hours, minutes = five_minutes // 12, five_minutes % 12 * 5
    parts = [texts.locale.unit(hours, "hour")]
    if minutes:
        parts.append(texts.locale.unit(minutes, "minute"))
    return " ".join(parts)


def about(texts: Texts, seconds: float) -> str:
    """``примерно 5 мин``; less than a minute is vague enough as it is."""
    words = duration(texts, seconds)
    return words if seconds < MINUTE_S else texts.say("duration.about", time=words)


def full_run_time(texts: Texts, cards: int) -> str:
    """About how long all is read again where there are so many companies and contacts."""
    quick_s, slow_s = [cards * seconds for seconds in FULL_RUN_S_A_CARD]
    quick, slow = duration(texts, quick_s), duration(texts, slow_s)
    if quick == slow:
        return about(texts, slow_s)
    if quick_s >= MINUTE_S and slow_s < HOUR_S:
        quick = texts.number(round(quick_s / MINUTE_S))
    return texts.say("duration.range", quick=quick, slow=slow)


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def cards(companies: int, contacts: int, texts: Texts) -> str:
    """``310 компаний и 930 контактов``; only one of them where the other is none."""
    parts = []
    if companies:
        parts.append(texts.count("count.companies", companies))
    if contacts or not companies:
        parts.append(texts.count("count.contacts", contacts))
    return parts[0] if len(parts) == 1 else texts.say("count.both", one=parts[0], other=parts[1])


def cut(text: str, length: int = NAME_LENGTH) -> str:
    """The text, or as much of its beginning as fits."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "\u2026"


def seconds_between(start: str, end: str) -> int:
    """Seconds from one ISO moment to another of the same time zone, less than a month later."""
    return _seconds_into_month(end, start) - _seconds_into_month(start, start)


def _seconds_into_month(moment: str, first: str) -> int:
    """Seconds since the beginning of the month in which ``first`` lies."""
    day = int(moment[8:10])
    if moment[0:7] != first[0:7]:
        day += days_in_month(int(first[0:4]), int(first[5:7]))
    clock = int(moment[11:13]) * HOUR_S + int(moment[14:16]) * MINUTE_S + int(moment[17:19])
    return day * 24 * HOUR_S + clock


def point_day(texts: Texts, view: View, index: int) -> str:
    """The day whose evening a chart point shows: the month's last, or that of the refresh for the
    last point.
    """
    if index == len(view.months) - 1 and not view.partial:
        return texts.day(*calendar_day(view.as_of))
    year, month = int(view.months[index][0:4]), int(view.months[index][5:7])
    return texts.day(year, month, days_in_month(year, month))


def waiting(texts: Texts, facts: dict[str, Any] | None, now_s: float) -> str:
    """Why a refresh stands still, and for how long; empty while it goes on."""
    if facts is None:
        return ""
    key = "waiting." + str(facts["reason"])
    if not texts.has(key):
        key = "waiting.retry"
    words = texts.say(key, what=_table_of(texts, facts.get("method")))
    until_s = facts.get("until_s")
    if until_s is not None and until_s - now_s >= 1:
        left = _short_time(texts, until_s - now_s)
        words += " " + texts.say("waiting.left", left=left)
    return words


def saved(texts: Texts, through: str | None) -> str:
    """What is safe after something went wrong."""
    if through is None:
        return texts.say("saved.nothing")
    return texts.say("saved.through", month=texts.month(through))


def how_counted(mode: Mode, view: View | None, texts: Texts) -> str:
    """How the segments of a mode are counted, with the limits that the view was counted with."""
    active, dormant = USUAL_LIMITS_MONTHS if view is None else view.limits_months
    return texts.say(
        "about." + mode.number,
        within=texts.count("limits.within", active),
        dormant=texts.count("limits.ago", dormant),
    )


def host_of(origin: str) -> str:
    """``example.bitrix24.ru`` for ``https://example.bitrix24.ru``."""
    return origin.split("://")[-1]


def _short_time(texts: Texts, seconds: float) -> str:
    if seconds < MINUTE_S:
        text: str = texts.locale.unit(round(seconds), "second")
        return text
    return duration(texts, seconds)


def _table_of(texts: Texts, method: str | None) -> str:
    for prefix, table in METHOD_TABLES:
        if method is not None and method.startswith(prefix):
            return texts.say("table." + table)
    return texts.say("table.any")

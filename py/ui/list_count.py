"""How many rows a list has, in words, and what is to be known about that number; pure."""

from typing import Any

from ui.texts import Texts, calendar_day
from ui.wording import days_in_month


def count_words(answer: dict[str, Any], segment: dict[str, Any], texts: Texts) -> str:
    """``Найдено: 12 клиентов из 340``, and how many of the segment a person may see."""
    total, whole = int(answer["total"]), int(answer["of"])
    listed = int(answer.get("read", whole))
    key = "list.count.cards" if segment.get("mode") == "1" else "list.count"
    words = texts.count(key, total)
    if total != listed:
        words = texts.say("list.found", found=words, of=texts.number(listed))
    visible = answer.get("visible")
    if visible is not None and visible != whole:
        seen = texts.number(int(visible))
        words += ". " + texts.say("list.visible", seen=seen, of=texts.number(whole))
    return words


def chart_words(answer: dict[str, Any], segment: dict[str, Any], texts: Texts) -> str:
    """Why the chart shows another number; empty when it shows the same."""
    charted, whole = answer.get("charted"), int(answer["of"])
    if charted is None or charted == whole:
        return ""
    year, month, _ = calendar_day(str(segment["month"]) + "-01")
    return texts.say(
        "list.charted",
        day=texts.day(year, month, days_in_month(year, month)),
        charted=texts.number(int(charted)),
        now=texts.number(whole),
    )

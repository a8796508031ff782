"""What is told of the marks: values, changes, forecasts, refusals."""

from typing import Any

from ui.marks import DONE, NONE, PAUSED, PREVIEW, REFUSED, UNDONE, Marks
from ui.texts import Texts, calendar_day
from ui.wording import MINUTE_S, TITLE_LENGTH, about, cards, cut

COMPANY, CONTACT = 4, 3
CARD_PATHS = {COMPANY: "/crm/company/details/", CONTACT: "/crm/contact/details/"}
ENTITY_KEYS = {COMPANY: "marks.company", CONTACT: "marks.contact"}
COUNTED_TITLES = (PREVIEW, DONE, UNDONE)
"""States whose title counts cards."""
SINGULAR = ("parent", "last_pay")
"""Marks whose values hardly ever repeat."""


def value(mark: str, told: Any, texts: Texts) -> str:
    """A mark's value in words; None is empty, a word that is none of ours somebody else's."""
    if told is None:
        return texts.say("marks.empty")
    if isinstance(told, bool):
        return texts.say("marks.yes" if told else "marks.no")
    if isinstance(told, int):
        number = texts.number(told) if mark == "payments" else str(told)
        return texts.say("marks.parent_company", id=number) if mark == "parent" else number
    text = str(told)
    key = "marks.value." + mark + "." + text
    if texts.has(key):
        return texts.say(key)
    if mark == "last_pay" and len(text) == 10 and text[4] == "-" and text[7] == "-":
        return texts.day(*calendar_day(text))
    return texts.say("marks.foreign")


def change(mark: str, facts: dict[str, Any], texts: Texts) -> str:
    """``пусто → активный``."""
    return value(mark, facts["from"], texts) + " \u2192 " + value(mark, facts["to"], texts)


def field_changes(mark: str, facts: dict[str, Any], texts: Texts) -> list[tuple[str, str]]:
    """Which change of a field, and how often; the rest together.

    Companies and days differ from card to card, so only what becomes of them is told.
    """
    told: list[tuple[str, int]] = []  # a dictionary has no order on the page
    for one in facts["changes"]:
        words = _kind_of_change(mark, one, texts) if mark in SINGULAR else change(mark, one, texts)
        same = [count for known, count in told if known == words]
        told = [pair for pair in told if pair[0] != words]
        told.append((words, sum(same) + one["count"]))
    told.sort(key=lambda pair: -pair[1])
    rest = facts["count"] - sum([count for _, count in told])
    if rest > 0:
        told.append((texts.say("marks.other_changes"), rest))
    return [(words, texts.number(count)) for words, count in told]


def _kind_of_change(mark: str, facts: dict[str, Any], texts: Texts) -> str:
    before, after = facts["from"] is not None, facts["to"] is not None
    kind = "set" if not before else "changed" if after else "emptied"
    return texts.say("marks.change." + mark + "." + kind)


def title(marks: Marks, texts: Texts) -> str:
    """What the state is, in a few words."""
    key = "marks." + marks.state + ".title"
    if marks.state in COUNTED_TITLES:
        return texts.count(key, marks.total if marks.state == PREVIEW else marks.done)
    if marks.state == REFUSED:
        return texts.say(_reason_key(marks, texts))
    return texts.say(key)


def lines(marks: Marks, texts: Texts) -> list[str]:
    """What a person should know about the state, one sentence or two a line."""
    told = []
    if marks.state == PREVIEW:
        told.append(cards(marks.companies, marks.contacts, texts))
    if marks.state == REFUSED:
        told.append(_advice(marks, texts))
        if marks.words:
            told.append(texts.say("marks.portal_words", words=cut(marks.words, TITLE_LENGTH)))
    elif marks.state == PAUSED and texts.has("error." + str(marks.reason)):
        told.append(texts.say("marks.interrupted", why=texts.say("error." + str(marks.reason))))
    elif texts.has("marks." + marks.state + ".lead"):
        told.append(texts.say("marks." + marks.state + ".lead"))
    if marks.state in (DONE, UNDONE) and marks.refused:
        told.append(texts.count("marks.refused_cards", marks.refused))
    if marks.state in (DONE, UNDONE) and marks.gone:
        told.append(texts.count("marks.gone_cards", marks.gone))
    if marks.state == UNDONE and marks.conflicts_total:
        told.append(texts.count("marks.conflicts.lead", marks.conflicts_total))
    if marks.undoable is not None and marks.state in (NONE, PREVIEW, DONE):
        moment = texts.moment(marks.undoable["at"])
        told.append(texts.count("marks.undoable", marks.undoable["count"], moment=moment))
    return told


def forecast(marks: Marks, texts: Texts) -> str:
    """How long the writing will take, and how much that is worth; empty when nobody knows."""
    if marks.forecast_s is None:
        return ""
    key = "marks.forecast.measured" if marks.forecast_measured else "marks.forecast.estimate"
    return texts.say(key, time=about(texts, marks.forecast_s))


def speed(marks: Marks, texts: Texts) -> str:
    """Cards a minute; empty while that is not known."""
    if not marks.per_s:
        return ""
    return texts.say("marks.per_minute", number=texts.number(round(marks.per_s * MINUTE_S)))


def card_answer(reason: str | None, texts: Texts) -> str:
    """What came of showing the fields in the card; empty when that was not asked."""
    key = "marks.card." + str(reason)
    return texts.say(key) if texts.has(key) else ""


def card_path(entity: int, number: int) -> str:
    """Where the portal shows a company or a contact."""
    return CARD_PATHS[entity] + str(number) + "/"


def card_name(entity: int, number: int, texts: Texts, name: str = "") -> str:
    """The name that people gave to a card, or what it is and its number."""
    told = " ".join(name.split())
    return told if told else texts.say(ENTITY_KEYS[entity], id=number)


def _reason_key(marks: Marks, texts: Texts) -> str:
    for key in ("marks.reason." + str(marks.reason), "error." + str(marks.reason)):
        if texts.has(key):
            return key
    return "marks.reason.portal_refused"


def _advice(marks: Marks, texts: Texts) -> str:
    return texts.say(_reason_key(marks, texts) + ".advice")

"""Rows of the list in words: what the engine answers becomes the text of every cell."""

from typing import Any

from ui.listing import COLUMNS, DATE, MONEY, NUMBER, PEOPLE, Column
from ui.texts import Texts, calendar_day
from ui.wording import TITLE_LENGTH, cut

CARD_PATHS = {"company": "/crm/company/details/", "contact": "/crm/contact/details/"}


def card_path(key: str) -> str:
    """Where the portal has the card of ``company:123``."""
    entity, number = key.split(":")
    return CARD_PATHS[entity] + number + "/"


def cells(answer: dict[str, Any], texts: Texts) -> list[dict[str, str]]:
    """The texts of every row by column, with ``client``, which is the row's key; strangers' text
    is cut, or junk in a CRM would slow everything down.
    """
    names = answer["columns"]
    people = answer.get("people") or {}
    told = []
    for row in answer["rows"]:
        facts = {name: row[i] for i, name in enumerate(names)}
        line = {
            column.name: cell(column, facts, people, texts)
            for column in COLUMNS
            if column.name in facts
        }
        line["client"] = facts["entity"] + ":" + str(facts["id"])
        if not line["name"]:
            line["name"] = texts.say("list.nameless", id=facts["id"])
        told.append(line)
    return told


def cell(column: Column, facts: dict[str, Any], people: dict[str, str], texts: Texts) -> str:
    """The text of one cell; empty for what is not known."""
    value = facts[column.name]
    if value is None or value == "":
        return ""
    if column.codes:
        return choice(column, value, texts)
    if column.kind == PEOPLE:
        return person(value, people, texts)
    if column.kind == DATE:
        return day(value, texts)
    if column.kind == MONEY:
        paid = [(facts.get("currency"), value)]
        for currency, amount in facts.get("other_amounts") or []:
            paid.append((currency, amount))
        return " + ".join([money(amount, str(code or ""), texts) for code, amount in paid])
    if column.kind == NUMBER:
        return str(value) if column.name == "id" else texts.number(int(value))
    return cut(" ".join(str(value).split()), TITLE_LENGTH)


def choice(column: Column, value: Any, texts: Texts) -> str:
    """A code in words."""
    key = "list." + column.name + "." + str(value)
    return texts.say(key) if texts.has(key) else ""


def person(value: Any, people: dict[str, str], texts: Texts) -> str:
    """The name of a user; nobody is told as nothing."""
    if not int(value):
        return ""
    name = " ".join(str(people.get(str(value)) or "").split())
    return cut(name, TITLE_LENGTH) if name else texts.say("list.person", id=value)


def day(value: Any, texts: Texts) -> str:
    """``31 марта 2024`` for an ISO day or moment."""
    text = str(value)
    return texts.day(*calendar_day(text)) if len(text) >= 10 and text[4] == "-" else ""


def money(value: float, currency: str, texts: Texts) -> str:
    """An amount without its small change, in the way of the language."""
    rounded = int(value + 0.5) if value >= 0 else -int(0.5 - value)
    return (texts.number(rounded) + "\u00a0" + sign(currency)).strip()


def sign(currency: str) -> str:
    """``₽`` for ``RUB``; a code without a sign of its own stays."""
    signs = {"RUB": "\u20bd", "USD": "$", "EUR": "\u20ac", "KZT": "\u20b8", "BYN": "Br"}
    return signs.get(currency, currency)

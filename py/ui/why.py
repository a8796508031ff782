"""Why a client is where it is, in words: rules, evidence, what comes next (spec §3, §5)."""

from typing import Any

from ui.list_rows import money
from ui.texts import Texts, calendar_day

DOCUMENTS = {2: "deal", 31: "invoice", 5: "invoice"}
DOCUMENT_PATHS = {
    2: "/crm/deal/details/",
    31: "/crm/type/31/details/",
    5: "/crm/invoice/show/",
}
EVIDENCE = {
    "dialogs": ("company", "contact", "deal", "invoice", "lead", "chat"),
    "contact_data": ("company", "contact", "requisite", "bound_contact"),
}
"""Kinds of evidence in the order in which they are told."""
UNDECIDED = ("requests", "dialogs", "contacts", "empty")
"""Stages of clients who have paid nothing."""


def segment_mode(lifecycle: str) -> str:
    """The mode whose segment a stage of the lifecycle is."""
    return "5" if lifecycle in UNDECIDED else "3"


def reasons(facts: dict[str, Any], texts: Texts) -> list[str]:
    """A sentence each for the type, the lifecycle and the frequency."""
    told = facts["reasons"]
    return [
        _type(told["type"], texts),
        _lifecycle(facts, told["lifecycle"], texts),
        _frequency(told["frequency"], texts),
    ]


def _type(reason: dict[str, Any], texts: Texts) -> str:
    if reason["rule"] == "company_with_contacts":
        return texts.count("why.company_with_contacts", reason["contacts"])
    return texts.say("why." + reason["rule"])


def _lifecycle(facts: dict[str, Any], reason: dict[str, Any], texts: Texts) -> str:
    rule = reason["rule"]
    key = "why.lifecycle." + rule
    if rule == "requests":
        since = _day(reason["first_request"], texts)
        return texts.count(key, reason["requests"], since=since)
    if rule in ("dialogs", "contacts"):
        return texts.say(key, what=evidence(facts, texts))
    if rule == "empty":
        return texts.say(key)
    limits = facts["limits"]
    return texts.say(
        key,
        last=_day(reason["last_payment"], texts),
        active=texts.count("why.months", limits["active_months"]),
        dormant=texts.count("why.months", limits["dormant_months"]),
    )


def _frequency(reason: dict[str, Any], texts: Texts) -> str:
    key = "why.frequency." + reason["rule"]
    if reason["rule"] == "none":
        return texts.say(key)
    first, last = _day(reason["first_payment"], texts), _day(reason["last_payment"], texts)
    return texts.count(key, reason["payments"], first=first, last=last)


def evidence(facts: dict[str, Any], texts: Texts) -> str:
    """What dialogs there are, or what contact data: ``у компании — 3, по сделкам — 2``."""
    group = "dialogs" if facts["lifecycle"] == "dialogs" else "contact_data"
    known = facts[group]
    parts = [
        texts.say("why." + group + "." + kind, n=texts.number(known[kind]))
        for kind in EVIDENCE[group]
        if known.get(kind)
    ]
    return ", ".join(parts)


def prospects(facts: dict[str, Any], texts: Texts) -> list[str]:
    """What will happen by itself, and what would change something today."""
    lines = []
    for change in facts["changes"]:
        stage = texts.say("list.lifecycle." + change["to"])
        lines.append(texts.say("why.will", day=_day(change["day"], texts), stage=stage))
    acts = [texts.say("why.act." + act) for act in facts["would_change"]]
    if acts:
        lines.append(texts.say("why.would", acts=", ".join(acts)))
    return lines or [texts.say("why.nothing")]


def document_name(document: dict[str, Any], texts: Texts) -> str:
    """``Сделка № 12``."""
    return texts.say("why.document." + DOCUMENTS[document["entity"]], id=document["id"])


def document_path(document: dict[str, Any]) -> str:
    """Where the portal has the document's card."""
    return DOCUMENT_PATHS[document["entity"]] + str(int(document["id"])) + "/"


def document_facts(document: dict[str, Any], payment: dict[str, Any] | None, texts: Texts) -> str:
    """``31 марта 2024 · оплата · 12 000 ₽``; ``payment`` is the document's, if it is one."""
    facts = [_day(document["day"], texts), texts.say("why.role." + document["role"])]
    if payment is not None:
        facts.append(_amount(payment, texts))
    return " \u00b7 ".join(facts)


def payment_words(payment: dict[str, Any], texts: Texts) -> str:
    """``31 марта 2024 · 12 000 ₽``."""
    return _day(payment["day"], texts) + " \u00b7 " + _amount(payment, texts)


def _amount(payment: dict[str, Any], texts: Texts) -> str:
    return money(payment["amount"], str(payment["currency"] or ""), texts)


class Run:
    """Months in a row (``YYYY-MM``, the last one included) that a client was in one stage."""

    def __init__(self, code: str, first: str, last: str, months: int) -> None:
        self.code = code
        self.first = first
        self.last = last
        self.months = months


def runs(history: dict[str, Any], state: str = "lifecycle") -> list[Run]:
    """A client's history as stages one after the other, the oldest first."""
    found: list[Run] = []
    for i, month in enumerate(history["months"]):
        code = history[state][i]
        if code is None:
            continue
        if found and found[-1].code == code:
            found[-1].last = month
            found[-1].months += 1
        else:
            found.append(Run(code, month, month, 1))
    return found


def run_words(run: Run, is_last: bool, texts: Texts) -> str:
    """``Активный: март 2024 — июнь 2025``, or since when it is."""
    stage = texts.say("list.lifecycle." + run.code)
    first, last = texts.month(run.first), texts.month(run.last)
    if is_last:
        return texts.say("why.run.since", stage=stage, first=first)
    if run.months == 1:
        return texts.say("why.run.month", stage=stage, first=first)
    return texts.say("why.run.months", stage=stage, first=first, last=last)


def _day(day: str, texts: Texts) -> str:
    return texts.day(*calendar_day(day))

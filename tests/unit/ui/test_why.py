"""Why a client is where it is, in words."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.explanation import ACTS, CONTACT_DATA, DIALOGS, ROLES, RULES
from segmentation.types import LIFECYCLE
from ui.why import (
    EVIDENCE,
    document_facts,
    document_name,
    document_path,
    prospects,
    reasons,
    run_words,
    runs,
    segment_mode,
)
from unit.ui.words import LANGUAGES, texts_of

REASONS: dict[str, dict[str, Any]] = {
    "active": {"last_payment": "2026-09-14"},
    "dormant": {"last_payment": "2026-01-14"},
    "lost": {"last_payment": "2020-01-14"},
    "requests": {"requests": 3, "first_request": "2024-02-01"},
    "dialogs": {},
    "contacts": {},
    "empty": {},
}
PAID = {"payments": 2, "first_payment": "2020-01-01", "last_payment": "2026-09-14"}


def explanation(lifecycle: str = "active", **changes: Any) -> dict[str, Any]:
    facts = {
        "type": "b2b",
        "lifecycle": lifecycle,
        "limits": {"active_months": 6, "dormant_months": 18},
        "reasons": {
            "type": {"rule": "company_with_contacts", "contacts": 3},
            "lifecycle": {"rule": lifecycle, **REASONS[lifecycle]},
            "frequency": {"rule": "regular", **PAID},
        },
        "dialogs": dict.fromkeys(DIALOGS, 2),
        "contact_data": dict.fromkeys(CONTACT_DATA, 1),
        "changes": [],
        "would_change": [],
    }
    return {**facts, **changes}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lifecycle", LIFECYCLE)
@pytest.mark.parametrize("kind", RULES["type"])
@pytest.mark.parametrize("frequency", RULES["frequency"])
def test_every_rule_is_told_with_all_its_facts(
    lifecycle: str, kind: str, frequency: str, language: str
) -> None:
    facts = explanation(lifecycle)
    facts["reasons"]["type"] = {"rule": kind, "contacts": 3}
    facts["reasons"]["frequency"] = {"rule": frequency, **PAID}
    told = reasons(facts, texts_of(language))
    assert len(told) == 3
    assert not [line for line in told if "{" in line or not line]


def test_the_last_payment_and_the_limit_decide_who_is_active() -> None:
    _kind, lifecycle, _frequency = reasons(explanation(), texts_of())
    assert "14 сентябрь 2026" in lifecycle
    assert "6 месяцев" in lifecycle


def test_the_kinds_of_evidence_are_those_of_the_rules() -> None:
    assert set(EVIDENCE["dialogs"]) == set(DIALOGS)
    assert set(EVIDENCE["contact_data"]) == set(CONTACT_DATA)


def test_only_evidence_that_there_is_gets_told() -> None:
    line = reasons(explanation("dialogs", dialogs={"chat": 4}), texts_of())[1]
    assert "открытые линии — 4" in line
    assert "сделкам" not in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_by_itself_and_what_would_change_it_is_told(language: str) -> None:
    texts = texts_of(language)
    coming = [{"day": "2027-03-15", "to": code} for code in ("dormant", "lost")]
    told = prospects(explanation(changes=coming, would_change=list(ACTS)), texts)
    assert len(told) == 3
    assert texts.say("why.act.request") in told[2]
    assert prospects(explanation(), texts) == [texts.say("why.nothing")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("entity", "path"), [(2, "/crm/deal/details/7/"), (31, "/type/31/")])
def test_a_document_has_a_name_a_link_and_its_part(language: str, entity: int, path: str) -> None:
    texts = texts_of(language)
    document = {"entity": entity, "id": 7, "day": "2024-03-31"}
    assert "7" in document_name(document, texts)
    assert path in document_path(document)
    for role in ROLES:
        assert texts.say("why.role." + role) in document_facts(
            {**document, "role": role}, None, texts
        )


def test_a_payment_tells_its_amount() -> None:
    document = {"entity": 2, "id": 7, "day": "2024-03-31", "role": "payment"}
    told = document_facts(document, {"amount": 12000, "currency": "RUB"}, texts_of())
    assert told.endswith("12\u00a0000\u00a0\u20bd")


def test_the_history_is_told_as_stages_one_after_the_other() -> None:
    months = ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]
    stages = [None, "requests", "active", "active", "dormant"]
    told = runs({"months": months, "lifecycle": stages})
    assert [(run.code, run.first, run.last, run.months) for run in told] == [
        ("requests", "2024-02", "2024-02", 1),
        ("active", "2024-03", "2024-04", 2),
        ("dormant", "2024-05", "2024-05", 1),
    ]
    texts = texts_of()
    assert run_words(told[0], False, texts) == "С заявками: февраль 2024"
    assert run_words(told[1], False, texts) == "Активный: март 2024 — апрель 2024"
    assert run_words(told[2], True, texts) == "Спящий: май 2024 — сейчас"


def test_a_client_without_a_month_has_no_history() -> None:
    assert runs({"months": ["2024-01"], "lifecycle": [None]}) == []


def test_every_stage_belongs_to_a_mode() -> None:
    assert {segment_mode(stage) for stage in LIFECYCLE} == {"3", "5"}

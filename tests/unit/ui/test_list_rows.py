"""What the engine answers to a list becomes text, whatever strangers have written into the CRM."""

from __future__ import annotations

from typing import Any

import pytest

from ui.list_rows import card_path, cells, choice
from ui.listing import COLUMNS
from unit.ui.words import LANGUAGES, texts_of

NAMES = (
    "id",
    "entity",
    "name",
    "kind",
    "lifecycle",
    "frequency",
    "with_contacts",
    "responsible",
    "created",
    "last_payment",
    "payments",
    "amount",
    "currency",
    "other_amounts",
    "last_contact",
    "phone",
    "email",
    "inn",
)
ROW = {
    "id": 12,
    "entity": "company",
    "name": "ООО «Ромашка»",
    "kind": "b2b",
    "lifecycle": "active",
    "frequency": "regular",
    "with_contacts": "yes",
    "responsible": 7,
    "created": "2019-10-14",
    "last_payment": "2026-08-08",
    "payments": 1240,
    "amount": 922548.49,
    "currency": "RUB",
    "other_amounts": None,
    "last_contact": None,
    "phone": "+7 900 000-00-00",
    "email": "",
    "inn": "7700000000",
}


def told(language: str = "ru", **changes: Any) -> dict[str, str]:
    """The cells of one row."""
    row = [{**ROW, **changes}[name] for name in NAMES]
    answer = {"columns": list(NAMES), "rows": [row], "people": {"7": "Мария  Соколова"}}
    return cells(answer, texts_of(language))[0]


def test_a_row_is_told_in_words() -> None:
    row = told()
    assert row["client"] == "company:12"
    assert row["kind"] == "B2B"
    assert row["lifecycle"] == "Активный"
    assert row["responsible"] == "Мария Соколова"
    assert row["created"] == "14 октябрь 2019"
    assert row["payments"] == "1\u00a0240"
    assert row["amount"] == "922\u00a0548\u00a0\u20bd"
    assert row["last_contact"] == ""
    assert row["id"] == "12"


def test_other_currencies_stand_beside_the_main_one() -> None:
    assert told(other_amounts=[["USD", 1200.5]])["amount"].endswith("\u20bd + 1\u00a0201\u00a0$")


def test_a_company_contact_has_a_row_but_no_type() -> None:
    row = told(entity="contact", kind=None, with_contacts=None)
    assert (row["client"], row["kind"], row["with_contacts"]) == ("contact:12", "", "")


def test_whoever_has_no_name_has_a_number() -> None:
    assert "12" in told(name="")["name"]
    assert told(responsible=None)["responsible"] == ""
    assert "9" in told(responsible=9)["responsible"]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '=HYPERLINK("http://evil")', "\u202eevil", "Ж" * 10_000]
)
def test_strangers_text_stays_text_and_is_cut(name: str) -> None:
    shown = told(name=name)["name"]
    assert len(shown) <= 400
    assert shown.rstrip("\u2026") == name[: len(shown.rstrip("\u2026"))]


def test_lines_and_spaces_of_a_name_become_single_spaces() -> None:
    assert told(name="  many \n\t spaces ")["name"] == "many spaces"


@pytest.mark.parametrize("day", ["", "junk", "20", 5, "never-known"])
def test_a_day_that_is_none_is_empty(day: object) -> None:
    assert told(last_payment=day)["last_payment"] == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_column_has_its_word(language: str) -> None:
    texts = texts_of(language)
    for column in COLUMNS:
        assert texts.say("list.column." + column.name)
        assert all(choice(column, code, texts) for code in column.codes)


def test_a_code_of_a_later_version_is_empty() -> None:
    assert told(lifecycle="sleepwalking")["lifecycle"] == ""


def test_a_card_is_where_the_portal_has_it() -> None:
    assert card_path("company:12") == "/crm/company/details/12/"
    assert card_path("contact:3") == "/crm/contact/details/3/"

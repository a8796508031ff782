"""What the fields of marks are to be, and what is read of a portal's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm.answer import Result
from crm.errors import AccessDenied
from crm.mark_definitions import DEFINITIONS, MARKS
from crm.mark_fields import MarkFields, commands_to_look, read_look
from segmentation.types import FREQUENCY, KINDS, LIFECYCLE

TRANSLATIONS = Path(__file__).resolve().parents[3] / "static" / "translations"


def listed(mark: str, field_id: int, **other: Any) -> dict[str, Any]:
    """A field as the portal lists it."""
    definition = DEFINITIONS[mark]
    row = {
        "ID": str(field_id),
        "FIELD_NAME": definition.name,
        "USER_TYPE_ID": definition.user_type,
        "XML_ID": definition.sign,
        "MULTIPLE": "N",
        "EDIT_IN_LIST": "N",
        "SHOW_FILTER": "E",
    }
    if definition.options:
        row["LIST"] = [
            {"ID": str(field_id * 100 + i), "VALUE": labels["ru"], "XML_ID": code}
            for i, (code, labels) in enumerate(definition.options.items())
        ]
    return row | other


def answers(**other: list[dict[str, Any]]) -> list[Result]:
    """Results of looking at a portal that has all, but for what is said of single marks."""
    rows = [
        other.get(mark, [listed(mark, 10 * table + i)])
        for table in (1, 2)
        for i, mark in enumerate(MARKS)
    ]
    return [Result(value) for value in rows]


def test_options_are_in_the_order_of_the_rules_codes() -> None:
    assert tuple(DEFINITIONS["type"].options) == KINDS
    assert tuple(DEFINITIONS["lifecycle"].options) == LIFECYCLE
    assert tuple(DEFINITIONS["frequency"].options) == FREQUENCY


def test_fields_bear_the_names_that_the_specification_gives() -> None:
    names = "PARENT, TYPE, LIFECYCLE, FREQUENCY, LAST_PAY, PAYMENTS, DIALOGS, CONTACTS"
    assert [definition.name for definition in DEFINITIONS.values()] == [
        f"UF_CRM_CLB_{name}" for name in names.split(", ")
    ]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_options_are_called_as_the_segments_on_the_screen(language: str) -> None:
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text())
    modes = {"lifecycle": ("3", "5"), "frequency": ("4",)}
    for mark, numbers in modes.items():
        for code, labels in DEFINITIONS[mark].options.items():
            on_screen = {texts.get(f"segment.{number}.{code}") for number in numbers} - {None}
            assert on_screen == {labels[language]}


def test_each_field_is_asked_for_by_its_name_in_one_batch() -> None:
    commands = commands_to_look()
    assert len(commands) == 16
    assert {command.method for command in commands} == {
        "crm.company.userfield.list",
        "crm.contact.userfield.list",
    }
    assert commands[1].query == "filter[FIELD_NAME]=UF_CRM_CLB_TYPE"


def test_a_portal_with_all_fields_is_complete() -> None:
    fields = read_look(answers())
    assert fields.complete
    assert fields.companies.ids["type"] == 11
    assert fields.contacts.options["type"] == {"b2b": 2100, "b2c": 2101}


def test_a_portal_without_a_field_or_an_option_is_not_complete() -> None:
    assert not read_look(answers(payments=[])).complete
    lacking = listed("frequency", 13)
    lacking["LIST"] = lacking["LIST"][1:]
    fields = read_look(answers(frequency=[lacking]))
    assert "frequency" in fields.companies.ids
    assert not fields.complete


@pytest.mark.parametrize("other", [{"USER_TYPE_ID": "string"}, {"MULTIPLE": "Y"}])
def test_a_field_of_another_type_counts_as_missing(other: dict[str, str]) -> None:
    fields = read_look(answers(type=[listed("type", 11, **other)]))
    assert "type" not in fields.companies.ids


def test_a_filter_that_the_portal_ignores_does_no_harm() -> None:
    every = [listed(mark, 1 + i) for i, mark in enumerate(MARKS)]
    fields = read_look([Result(every) for _ in range(16)])
    assert fields.companies.ids == {mark: 1 + i for i, mark in enumerate(MARKS)}


def test_odd_forms_of_empty_answers_are_read() -> None:
    for empty in ([], {}, None, {"total": 0}):
        assert read_look([Result(empty)] * 16) == MarkFields()


def test_a_refusal_to_tell_is_raised() -> None:
    with pytest.raises(AccessDenied):
        read_look([Result(error=AccessDenied(words="Access denied."))] * 16)


def test_fields_go_through_json_unchanged() -> None:
    fields = read_look(answers())
    assert MarkFields.from_json(json.loads(json.dumps(fields.to_json()))) == fields

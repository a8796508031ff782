"""The marks of one card, as the portal holds them and as the page tells them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm.mark_definitions import DEFINITIONS
from ui.card_marks import (
    CODES,
    MARKED,
    MARKS,
    NO_FIELDS,
    OWN,
    UNMARKED,
    CardMarks,
    Options,
    commands,
    field,
    refusal,
)

IDS = {
    mark: {code: str(number) for number, code in enumerate(codes, 10 * place)}
    for place, (mark, codes) in enumerate(CODES.items(), 1)
}
ANSWERS: dict[str, Any] = {
    mark: [{"FIELD_NAME": field(mark), "LIST": [{"ID": i, "XML_ID": c} for c, i in ids.items()]}]
    for mark, ids in IDS.items()
}
EMPTY = {field(mark): "" for mark in MARKS}


def row(**marks: Any) -> dict[str, Any]:
    return {"ID": "7", **EMPTY, **{field(mark): value for mark, value in marks.items()}}


def read(entity: str = "company", company: Any = None, **marks: Any) -> CardMarks:
    return CardMarks(entity, row(**marks), company, Options.of(ANSWERS))


def test_the_fields_and_codes_are_those_that_the_engine_writes() -> None:
    assert list(MARKS) == list(DEFINITIONS)
    assert [field(mark) for mark in MARKS] == [each.name for each in DEFINITIONS.values()]
    written = {mark: tuple(each.options) for mark, each in DEFINITIONS.items()}
    assert {mark: codes for mark, codes in written.items() if codes} == CODES


def test_one_batch_asks_all_and_options_only_where_they_are_not_known() -> None:
    assert commands("company", 7, False) == [("card", "crm.company.get?id=7")]
    asked = commands("contact", 7, True)
    assert [name for name, _ in asked] == ["card", "company", *CODES]
    assert dict(asked)["lifecycle"].startswith("crm.contact.userfield.list?")


def test_marks_are_read_by_the_options_codes() -> None:
    marks = read(
        type=IDS["type"]["b2b"],
        lifecycle=IDS["lifecycle"]["dormant"],
        frequency=IDS["frequency"]["regular"],
        last_pay="2026-03-31T00:00:00+03:00",
        payments="12",
        dialogs="1",
        contacts="0",
    )
    assert marks.state == MARKED
    assert marks.codes == {"type": "b2b", "lifecycle": "dormant", "frequency": "regular"}
    assert marks.last_pay == (2026, 3, 31)
    assert (marks.payments, marks.dialogs, marks.contacts) == (12, True, False)
    assert (marks.company, marks.company_name) == (0, "")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-03-31", (2026, 3, 31)),
        ("2026-03-31T02:00:00+05:00", (2026, 3, 31)),
        ("2026-03-30T21:00:00+00:00", (2026, 3, 31)),
        ("2024-02-28T21:00:00+00:00", (2024, 2, 29)),
        ("2026-12-31T21:00:00+00:00", (2027, 1, 1)),
        *((value, None) for value in ("", None, False, [], "yesterday", "2026-99-01", "=1+1")),
    ],
)
def test_a_day_is_the_portals_day(value: Any, day: tuple[int, int, int] | None) -> None:
    assert read(last_pay=value).last_pay == day


@pytest.mark.parametrize("value", ["1", 1, "Y", True, "true"])
def test_a_yes_comes_in_many_forms(value: Any) -> None:
    assert read(dialogs=value).dialogs is True


@pytest.mark.parametrize("value", ["0", 0, "N", False])
def test_so_does_a_no(value: Any) -> None:
    assert read(dialogs=value).dialogs is False


@pytest.mark.parametrize("parent", ["5", "CO_5", 5])
def test_a_company_contact_tells_its_company(parent: Any) -> None:
    kind = IDS["type"]["b2b"]
    marks = read("contact", {"ID": "5", "TITLE": " =A\n<b>1 "}, type=kind, parent=parent)
    assert (marks.company, marks.company_name) == (5, "=A <b>1")
    another = read("contact", {"ID": "6", "TITLE": "B"}, type=kind, parent=parent)
    assert (another.company, another.company_name) == (5, "")


def test_a_contact_without_marks_still_tells_its_company() -> None:
    card = {**row(), "COMPANY_ID": "5"}
    marks = CardMarks("contact", card, {"ID": "5", "TITLE": "A"}, Options.of(ANSWERS))
    assert (marks.state, marks.company, marks.company_name) == (UNMARKED, 5, "A")


def test_a_private_client_has_no_company() -> None:
    card = {**row(type=IDS["type"]["b2c"]), "COMPANY_ID": "5"}
    assert CardMarks("contact", card, None, Options.of(ANSWERS)).company == 0


def test_cards_without_marks_say_why() -> None:
    assert read().state == UNMARKED
    assert read(dialogs=False, contacts="0").state == UNMARKED
    assert CardMarks("company", {"ID": "7"}, None, Options({**_none()})).state == NO_FIELDS
    own = {**row(type=IDS["type"]["b2b"]), "IS_MY_COMPANY": "Y"}
    assert CardMarks("company", own, None, Options.of(ANSWERS)).state == OWN


def test_options_are_kept_as_text_and_what_is_not_that_is_nothing() -> None:
    options = Options.of(ANSWERS)
    assert options.known
    assert Options.from_text(options.to_text()).codes == options.codes
    for text in (None, "", "[]", "null", "{", '{"type": 5}', '{"type": {"1": "root"}}'):
        assert not Options.from_text(text).known


def test_a_field_that_was_made_again_is_noticed() -> None:
    options = Options.of(ANSWERS)
    assert options.explain(row(type=IDS["type"]["b2b"]))
    assert options.explain(row(type=int(IDS["type"]["b2b"])))
    assert options.explain(row(lifecycle=False, frequency=None))
    assert not options.explain(row(type="999"))


def test_options_of_another_apps_field_are_none_of_ours() -> None:
    strange = {"type": {"0": {"LIST": [{"ID": "1", "XML_ID": "vip"}, "junk", {"ID": "2"}]}}}
    assert not Options.of(strange).known
    assert json.loads(Options.of(strange).to_text()) == _none()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"error": "", "error_description": "Access denied."}, "denied"),
        ({"error": "ACCESS_DENIED", "error_description": ""}, "denied"),
        ({"error": "", "error_description": "Not found"}, "gone"),
        ({"error": "NOT_FOUND"}, "gone"),
        ({"error": "OPERATION_TIME_LIMIT"}, "refused"),
        (None, "refused"),
    ],
)
def test_a_refusal_has_a_reason(error: Any, reason: str) -> None:
    assert refusal(error) == reason


def _none() -> dict[str, dict[str, str]]:
    return {mark: {} for mark in CODES}

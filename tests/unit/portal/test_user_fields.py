"""Definitions of user fields: who makes them, under which names, with which options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.database import Database
from portal.folder import load_folder
from portal.state import Options, PortalState
from portal.userfields import UserFields
from unit.portal.conftest import Serve
from unit.portal.small_portal import MANAGER, Running, running, wait_for_servers

_TYPE = {
    "USER_TYPE_ID": "enumeration",
    "FIELD_NAME": "CLB_TYPE",
    "LABEL": "Вид",
    "LIST": [
        {"VALUE": "Organisation", "XML_ID": "b2b", "SORT": 20},
        {"VALUE": "Person", "XML_ID": "b2c", "SORT": 10, "DEF": "Y"},
        {"VALUE": "", "XML_ID": "nothing"},
    ],
}


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve({"companies": [{"ID": 1}, {"ID": 2}]})


def _error(portal: Running, method: str, /, user: int = 1, **parameters: Any) -> tuple[Any, ...]:
    response = portal.call(method, user, **parameters)
    body = response.json()
    return response.status_code, body.get("error"), body.get("error_description")


def _field(portal: Running, field_id: int, **filters: Any) -> dict[str, Any]:
    rows = portal.result("crm.company.userfield.list", filter={"ID": field_id, **filters})
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("clb_type", "UF_CRM_CLB_TYPE"),
        ("UF_CLB_TYPE", "UF_CRM_CLB_TYPE"),
        ("UF_CRM_CLB_TYPE", "UF_CRM_CLB_TYPE"),
        ("CRM_TYPE", "UF_CRM_CRM_TYPE"),
        ("A" * 43, "UF_CRM_" + "A" * 43),
    ],
)
def test_a_name_always_gets_the_prefix(portal: Running, given: str, name: str) -> None:
    made = portal.result(
        "crm.company.userfield.add", fields={"FIELD_NAME": given, "USER_TYPE_ID": "string"}
    )
    assert _field(portal, made)["FIELD_NAME"] == name


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"USER_TYPE_ID": "string"}, "", "The 'FIELD_NAME' field is not found."),
        ({"FIELD_NAME": "A"}, "", "The 'USER_TYPE_ID' field is not found."),
        ({"FIELD_NAME": "A", "USER_TYPE_ID": "x"}, "ERROR_CORE", "Invalid custom type specified."),
        ({"FIELD_NAME": "A" * 44, "USER_TYPE_ID": "date"}, "ERROR_CORE", "too long"),
        ({"FIELD_NAME": "A-B", "USER_TYPE_ID": "date"}, "ERROR_CORE", "invalid characters"),
        ({"FIELD_NAME": "TAKEN", "USER_TYPE_ID": "date"}, "ERROR_CORE", "already exists"),
        (
            {**_TYPE, "LIST": [{"VALUE": "a", "XML_ID": "x"}, {"VALUE": "b", "XML_ID": "x"}]},
            "ERROR_CORE",
            "List item with XML_ID=x already exists.",
        ),
    ],
)
def test_a_wrong_definition_is_refused(
    portal: Running, fields: dict[str, Any], code: str, text: str
) -> None:
    taken = {"FIELD_NAME": "TAKEN", "USER_TYPE_ID": "string"}
    portal.result("crm.company.userfield.add", fields=taken)
    portal.result("crm.contact.userfield.add", fields=taken)
    status, found_code, found_text = _error(portal, "crm.company.userfield.add", fields=fields)
    assert (status, found_code, text in found_text) == (400, code, True)
    assert len(portal.result("crm.company.userfield.list")) == 1


def test_only_an_administrator_changes_fields(portal: Running) -> None:
    made = portal.result("crm.company.userfield.add", fields=_TYPE)
    for method, parameters in (
        ("crm.company.userfield.add", {"fields": {**_TYPE, "FIELD_NAME": "OTHER"}}),
        ("crm.company.userfield.update", {"id": made, "fields": {"SORT": 5}}),
        ("crm.company.userfield.delete", {"id": made}),
    ):
        assert _error(portal, method, MANAGER, **parameters) == (400, "", "Access denied.")
    assert portal.result("crm.company.userfield.get", MANAGER, id=made)["SORT"] == "100"
    assert len(portal.result("crm.company.userfield.list", MANAGER)) == 1


def test_options_get_sparse_ids_and_keep_their_codes(portal: Running) -> None:
    field = _field(portal, portal.result("crm.company.userfield.add", fields=_TYPE))
    assert [(each["XML_ID"], each["SORT"], each["DEF"]) for each in field["LIST"]] == [
        ("b2c", "10", "Y"),
        ("b2b", "20", "N"),
    ]
    person, organisation = (int(each["ID"]) for each in field["LIST"])
    assert person > organisation > int(field["ID"]) > 100


def test_ids_differ_from_portal_to_portal_and_are_never_used_again(portal: Running) -> None:
    first = portal.result("crm.company.userfield.add", fields=_TYPE)
    portal.result("crm.company.userfield.delete", id=first)
    assert portal.result("crm.company.userfield.add", fields=_TYPE) > first + 2
    other = Database.create(None)
    other.settings["name"] = "Another portal"
    assert other.next_user_field_number() != first
    other.close()


def test_labels_come_for_a_language_and_fall_back_on_the_common_one(portal: Running) -> None:
    fields = {**_TYPE, "EDIT_FORM_LABEL": {"en": "Kind"}, "LIST_COLUMN_LABEL": "Вид клиента"}
    made = portal.result("crm.company.userfield.add", fields=fields)
    assert "EDIT_FORM_LABEL" not in _field(portal, made)
    english = _field(portal, made, LANG="en")
    assert (english["EDIT_FORM_LABEL"], english["LIST_COLUMN_LABEL"]) == ("Kind", "Вид клиента")
    assert _field(portal, made, LANG="ru")["EDIT_FORM_LABEL"] == "Вид"
    whole = portal.result("crm.company.userfield.get", id=made)
    assert (whole["EDIT_FORM_LABEL"]["en"], whole["EDIT_FORM_LABEL"]["de"]) == ("Kind", "Вид")
    update = {"EDIT_FORM_LABEL": {"en": "Sort"}}
    portal.result("crm.company.userfield.update", id=made, fields=update)
    assert _field(portal, made, LANG="en")["EDIT_FORM_LABEL"] == "Sort"
    assert _field(portal, made, LANG="ru")["EDIT_FORM_LABEL"] is None


def test_options_are_changed_by_id_added_without_and_removed_on_request(portal: Running) -> None:
    made = portal.result("crm.company.userfield.add", fields=_TYPE)
    person, organisation = _field(portal, made)["LIST"]
    options = [
        {"ID": person["ID"], "VALUE": "Human"},
        {"ID": organisation["ID"], "DEL": "Y"},
        {"VALUE": "Own", "XML_ID": "own", "SORT": 30},
    ]
    portal.result("crm.company.userfield.update", id=made, fields={"LIST": options})
    listed = _field(portal, made)["LIST"]
    assert [(each["VALUE"], each["XML_ID"]) for each in listed] == [
        ("Human", "b2c"),
        ("Own", "own"),
    ]
    assert listed[0]["ID"] == person["ID"]
    assert int(listed[1]["ID"]) > int(person["ID"])
    again = {"LIST": [{"VALUE": "Twice", "XML_ID": "own"}]}
    assert _error(portal, "crm.company.userfield.update", id=made, fields=again)[1] == "ERROR_CORE"
    assert _field(portal, made)["LIST"] == listed


def test_type_name_and_multiplicity_stay_as_they_were_made(portal: Running) -> None:
    made = portal.result(
        "crm.company.userfield.add",
        fields={
            "FIELD_NAME": "CLB_PARENT",
            "USER_TYPE_ID": "crm",
            "SETTINGS": {"COMPANY": "Y"},
            "EDIT_IN_LIST": "N",
            "SHOW_FILTER": "Y",
        },
    )
    fields = {"FIELD_NAME": "X", "USER_TYPE_ID": "string", "MULTIPLE": "Y", "XML_ID": "clb"}
    portal.result("crm.company.userfield.update", id=made, fields=fields)
    field = _field(portal, made)
    shown = ("FIELD_NAME", "USER_TYPE_ID", "MULTIPLE", "XML_ID", "EDIT_IN_LIST", "SHOW_FILTER")
    values = ["UF_CRM_CLB_PARENT", "crm", "N", "clb", "N", "E"]
    assert [field[name] for name in shown] == values
    assert field["SETTINGS"] == {"COMPANY": "Y"}


def test_fields_are_listed_by_filter_and_in_order(portal: Running) -> None:
    for name, sort in (("B", 300), ("A", 200), ("C", 200)):
        fields = {"FIELD_NAME": name, "USER_TYPE_ID": "string", "SORT": sort}
        portal.result("crm.company.userfield.add", fields=fields)

    def names(**query: Any) -> list[str]:
        rows = portal.result("crm.company.userfield.list", **query)
        return [row["FIELD_NAME"].removeprefix("UF_CRM_") for row in rows]

    assert names() == ["A", "C", "B"]
    assert names(order={"FIELD_NAME": "DESC"}) == ["C", "B", "A"]
    assert names(order={"SORT": "DESC", "ID": "DESC"}) == ["B", "C", "A"]
    assert names(filter={"SORT": 200}) == ["A", "C"]
    assert names(filter={"FIELD_NAME": "UF_CRM_B"}) == ["B"]
    assert portal.call("crm.company.userfield.list").json()["total"] == 3


def test_a_field_of_another_entity_or_none_is_refused(portal: Running) -> None:
    made = portal.result("crm.contact.userfield.add", fields=_TYPE)
    assert _error(portal, "crm.company.userfield.delete", id=made)[1:] == ("", "Access denied.")
    absent = (400, "ERROR_NOT_FOUND", "The entity with ID '9' is not found.")
    assert _error(portal, "crm.company.userfield.get", id=9) == absent
    unnamed = (400, "", "ID is not defined or invalid.")
    assert _error(portal, "crm.company.userfield.get") == unnamed


def test_a_field_and_its_values_outlive_the_emulator_in_a_kept_file(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.sqlite")
    database = Database.create(path)
    database.insert("companies", ["ID"], [(1,)])
    database.insert("users", ["ID", "ACTIVE"], [(1, "Y")])
    database.build_indexes()
    with running(PortalState(database, Options(pace="off"))) as portal:
        made = portal.result("crm.company.userfield.add", fields=_TYPE)
        option = _field(portal, made)["LIST"][0]["ID"]
        portal.result("crm.company.update", id=1, fields={"UF_CRM_CLB_TYPE": option})
    wait_for_servers()
    database.close()
    again = Database.create(path)
    with running(PortalState(again, Options(pace="off"))) as portal:
        assert _field(portal, made)["LIST"][0]["ID"] == option
        assert portal.result("crm.company.get", id=1)["UF_CRM_CLB_TYPE"] == option
    wait_for_servers()
    again.close()


def test_a_folder_may_bring_fields_with_their_values(tmp_path: Path) -> None:
    (tmp_path / "user_fields.jsonl").write_text(
        '{"ID": 5, "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": "UF_CRM_A",'
        ' "USER_TYPE_ID": "enumeration", "LIST": [{"VALUE": "x"}, {"ID": 77, "VALUE": "y"}]}\n'
        '{"ID": 6, "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": "UF_CRM_D", "USER_TYPE_ID": "date"}\n'
    )
    (tmp_path / "companies.jsonl").write_text(
        '{"ID": 1, "UF_CRM_A": "77", "UF_CRM_D": "2026-01-02T00:00:00+03:00", "UF_CRM_B": "free"}\n'
        '{"ID": 2, "UF_CRM_A": "5001"}\n'
    )
    database = Database.create(None)
    load_folder(tmp_path, database)
    assert [row["EXTRA"] for row in database.rows("companies")] == [
        '{"UF_CRM_A": 77, "UF_CRM_D": "2026-01-02", "UF_CRM_B": "free"}',
        '{"UF_CRM_A": 5001}',
    ]
    assert UserFields(database).of("companies")["UF_CRM_A"].options == {5001, 77}
    assert database.next_user_field_number() > 5001
    database.close()

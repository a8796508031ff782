"""Bindings of contacts to companies, activities and requisites, and who is told of a change."""

from __future__ import annotations

from typing import Any

import pytest

from portal.records import Change
from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, MANAGER, NOW, STRANGER, Running

_OLD = "2026-01-05T10:00:00+03:00"


@pytest.fixture
def portal(serve: Serve) -> Running:
    dated = {"DATE_CREATE": _OLD}
    return serve(
        {
            "companies": [
                {**dated, "ID": 1, "TITLE": "A", "ASSIGNED_BY_ID": MANAGER},
                {**dated, "ID": 2},
                {**dated, "ID": 3},
            ],
            "contacts": [
                {**dated, "ID": 5, "COMPANY_ID": 1, "COMPANY_IDS": [1, 2]},
                {**dated, "ID": 6},
            ],
            "activities": [{"ID": 40, "CREATED": _OLD, "OWNER_TYPE_ID": 4, "OWNER_ID": 1}],
            "requisites": [{**dated, "ID": 50, "ENTITY_TYPE_ID": 4, "ENTITY_ID": 1}],
        }
    )


def _companies(portal: Running, contact: int) -> list[int]:
    links = portal.result("crm.contact.company.items.get", id=contact)
    return [link["COMPANY_ID"] for link in links]


@pytest.mark.parametrize(
    ("method", "parameters", "result", "companies"),
    [
        ("contact.company.add", {"id": 5, "fields": {"COMPANY_ID": 3}}, True, [1, 2, 3]),
        (
            "contact.company.add",
            {"id": 5, "fields": {"COMPANY_ID": 3, "IS_PRIMARY": "Y"}},
            True,
            [3, 1, 2],
        ),
        ("contact.company.add", {"id": 5, "fields": {"COMPANY_ID": 2}}, False, [1, 2]),
        ("contact.company.add", {"id": 5, "fields": {"COMPANY_ID": 99}}, False, [1, 2]),
        ("contact.company.delete", {"id": 5, "fields": {"COMPANY_ID": 1}}, True, [2]),
        ("contact.company.delete", {"id": 5, "fields": {"COMPANY_ID": 3}}, False, [1, 2]),
        ("company.contact.add", {"id": 3, "fields": {"CONTACT_ID": 5}}, True, [1, 2, 3]),
        ("company.contact.delete", {"id": 2, "fields": {"CONTACT_ID": 5}}, True, [1]),
        (
            "contact.company.items.set",
            {"id": 5, "items": [{"COMPANY_ID": 2}, {"COMPANY_ID": 3, "IS_PRIMARY": "Y"}]},
            True,
            [3, 2],
        ),
        ("contact.company.items.delete", {"id": 5}, True, []),
    ],
)
def test_a_binding_changes_past_the_contacts_date(
    portal: Running, method: str, parameters: dict[str, Any], result: bool, companies: list[int]
) -> None:
    heard: list[Change] = []
    portal.state.records.on_change = heard.append
    assert portal.result(f"crm.{method}", **parameters) is result
    assert _companies(portal, 5) == companies
    row = portal.result("crm.contact.get", id=5)
    assert (int(row["COMPANY_ID"] or 0), row["DATE_MODIFY"]) == ([*companies, 0][0], _OLD)
    assert heard == []


def test_companies_written_with_the_contact_move_its_date(portal: Running) -> None:
    portal.result("crm.contact.update", id=6, fields={"COMPANY_IDS": [3, 2]})
    assert _companies(portal, 6) == [3, 2]
    assert portal.result("crm.contact.get", id=6)["DATE_MODIFY"] == portal.state.clock.iso(NOW)


@pytest.mark.parametrize("method", ["company", "item"])
def test_contacts_written_with_a_company_move_the_companys_date_alone(
    portal: Running, method: str
) -> None:
    def write(contacts: list[int]) -> None:
        if method == "item":
            portal.result("crm.item.update", entityTypeId=4, id=1, fields={"contactIds": contacts})
        else:
            portal.result("crm.company.update", id=1, fields={"CONTACT_ID": contacts})

    write([6])
    assert (_companies(portal, 5), _companies(portal, 6)) == ([2], [1])
    assert portal.result("crm.company.get", id=1)["DATE_MODIFY"] == portal.state.clock.iso(NOW)
    for contact in (5, 6):
        assert portal.result("crm.contact.get", id=contact)["DATE_MODIFY"] == _OLD
    portal.state.database.connection.execute("UPDATE companies SET DATE_MODIFY = 0 WHERE ID = 1")
    write([6])
    stays = portal.result("crm.company.get", id=1)["DATE_MODIFY"] == portal.state.clock.iso(0)
    assert stays == (method == "item")


def test_a_new_company_may_come_with_its_contacts(portal: Running) -> None:
    made = portal.result("crm.company.add", fields={"TITLE": "N", "CONTACT_ID": [6, 5]})
    assert (_companies(portal, 5), _companies(portal, 6)) == ([1, 2, made], [made])


@pytest.mark.parametrize(
    ("user", "parameters", "text"),
    [
        (ADMIN, {"fields": {"COMPANY_ID": 1}}, "'ownerEntityID' is invalid"),
        (ADMIN, {"id": 5}, "'fields' must be array"),
        (ADMIN, {"id": 5, "fields": {"COMPANY_ID": 0}}, "'fields' is not valid"),
        (ADMIN, {"id": 99, "fields": {"COMPANY_ID": 1}}, "Not found"),
        (STRANGER, {"id": 5, "fields": {"COMPANY_ID": 3}}, "Access denied!"),
    ],
)
def test_a_wrong_binding_is_refused(
    portal: Running, user: int, parameters: dict[str, Any], text: str
) -> None:
    answer = portal.call("crm.contact.company.add", user, **parameters)
    assert answer.status_code == 400
    assert text in answer.json()["error_description"]


def test_activities_are_written_and_deleted(portal: Running) -> None:
    now = portal.state.clock.iso(NOW)
    made = portal.result(
        "crm.activity.add",
        fields={"OWNER_TYPE_ID": 4, "OWNER_ID": 2, "TYPE_ID": 2, "SUBJECT": "Call"},
    )
    row = portal.result("crm.activity.get", id=made)
    assert (row["CREATED"], row["LAST_UPDATED"], row["AUTHOR_ID"]) == (now, now, "1")
    portal.result("crm.activity.update", id=40, fields={"COMPLETED": "Y"})
    row = portal.result("crm.activity.get", id=40)
    assert (row["STATUS"], row["CREATED"], row["LAST_UPDATED"]) == ("2", _OLD, now)
    assert portal.result("crm.company.get", id=1)["DATE_MODIFY"] == _OLD
    assert portal.result("crm.activity.delete", id=40) is True
    assert portal.call("crm.activity.get", id=40).json()["error_description"] == "Not found"


def test_requisites_go_by_the_rights_to_their_company(portal: Running) -> None:
    refused = portal.call("crm.requisite.update", STRANGER, id=50, fields={"RQ_INN": "77"})
    assert refused.json()["error_description"] == "Access denied."
    portal.result("crm.requisite.update", MANAGER, id=50, fields={"RQ_INN": "77"})
    row = portal.result("crm.requisite.get", id=50)
    assert (row["RQ_INN"], row["DATE_MODIFY"]) == ("77", portal.state.clock.iso(NOW))
    made = portal.result("crm.requisite.add", fields={"ENTITY_TYPE_ID": 4, "ENTITY_ID": 2})
    for requisite in (50, made):
        assert portal.result("crm.requisite.delete", id=requisite) is True
    assert portal.result("crm.requisite.list") == []


def test_the_portal_tells_what_was_done_by_whom(portal: Running) -> None:
    heard: list[Change] = []
    portal.state.records.on_change = heard.append
    made = portal.result("crm.company.add", fields={"TITLE": "N"})
    portal.result("crm.company.update", MANAGER, id=1, fields={"TITLE": "A"})
    portal.result("crm.item.update", entityTypeId=4, id=1, fields={"title": "A"})
    portal.result("crm.item.update", entityTypeId=4, id=1, fields={"title": "B"})
    portal.result("crm.item.delete", entityTypeId=3, id=6)
    assert [(each.kind, each.entity.table, each.row_id, each.user_id) for each in heard] == [
        ("add", "companies", made, ADMIN),
        ("update", "companies", 1, MANAGER),
        ("update", "companies", 1, ADMIN),
        ("delete", "contacts", 6, ADMIN),
    ]

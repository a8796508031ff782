"""Merging: what is kept, what goes, what is bound to the kept one, and which dates stay."""

from __future__ import annotations

from typing import Any

import pytest

from portal.records import Change
from unit.portal.conftest import Serve
from unit.portal.small_portal import MANAGER, NOW, Running

_OLD = "2026-01-05T10:00:00+03:00"


@pytest.fixture
def portal(serve: Serve) -> Running:
    dated = {"DATE_CREATE": _OLD}
    return serve(
        {
            "companies": [
                {**dated, "ID": 1, "TITLE": "A", "PHONE": "+1", "ASSIGNED_BY_ID": MANAGER},
                {
                    **dated,
                    "ID": 2,
                    "TITLE": "A",
                    "PHONE": "+2",
                    "EMAIL": "a@b.c",
                    "INDUSTRY": "IT",
                    "UF_CRM_N": 5,
                },
                {**dated, "ID": 3, "TITLE": "A"},
                {**dated, "ID": 4, "TITLE": "Another"},
            ],
            "contacts": [
                {**dated, "ID": 5, "NAME": "C", "COMPANY_ID": 2, "COMPANY_IDS": [2, 1, 4]},
                {**dated, "ID": 6, "NAME": "C", "COMPANY_ID": 4, "COMPANY_IDS": [4]},
                {**dated, "ID": 7, "NAME": "D", "COMPANY_ID": 4, "COMPANY_IDS": [4, 3]},
            ],
            "deals": [
                {**dated, "ID": 10, "COMPANY_ID": 2, "CONTACT_ID": 6, "CONTACT_IDS": [6, 7]},
                {**dated, "ID": 11, "COMPANY_ID": 4},
            ],
            "invoices": [
                {
                    "id": 20,
                    "createdTime": _OLD,
                    "companyId": 3,
                    "contactId": 6,
                    "contactIds": [6, 5],
                }
            ],
            "old_invoices": [{"ID": 30, "DATE_INSERT": _OLD, "UF_COMPANY_ID": 2}],
            "activities": [{"ID": 40, "CREATED": _OLD, "OWNER_TYPE_ID": 4, "OWNER_ID": 2}],
            "requisites": [{**dated, "ID": 50, "ENTITY_TYPE_ID": 4, "ENTITY_ID": 3}],
            "user_fields": [
                {
                    "ID": 9,
                    "ENTITY_ID": "CRM_COMPANY",
                    "FIELD_NAME": "UF_CRM_N",
                    "USER_TYPE_ID": "integer",
                }
            ],
        }
    )


def _merge(portal: Running, entity_type: int, *ids: int) -> Any:
    params = {"entityTypeId": entity_type, "entityIds": list(ids)}
    return portal.result("crm.entity.mergeBatch", params=params)


def _ids(portal: Running, entity: str) -> list[int]:
    return [int(row["ID"]) for row in portal.result(f"crm.{entity}.list")]


def test_the_first_company_is_kept_and_gets_what_it_lacks(portal: Running) -> None:
    assert _merge(portal, 4, 1, 2, 3) == {"STATUS": "SUCCESS", "ENTITY_IDS": [2, 3]}
    assert _ids(portal, "company") == [1, 4]
    row = portal.result("crm.company.get", id=1)
    assert [phone["VALUE"] for phone in row["PHONE"]] == ["+1", "+2"]
    assert (row["HAS_EMAIL"], row["INDUSTRY"], row["UF_CRM_N"]) == ("Y", "IT", "5")
    now = portal.state.clock.iso(NOW)
    assert (row["ASSIGNED_BY_ID"], row["DATE_MODIFY"]) == (str(MANAGER), now)


def test_what_was_bound_to_the_others_goes_over_with_its_dates(portal: Running) -> None:
    _merge(portal, 4, 1, 2, 3)
    deal = portal.result("crm.deal.get", id=10)
    assert (deal["COMPANY_ID"], deal["DATE_MODIFY"]) == ("1", _OLD)
    assert portal.result("crm.deal.get", id=11)["COMPANY_ID"] == "4"
    invoice = portal.result("crm.item.get", entityTypeId=31, id=20)["item"]
    assert (invoice["companyId"], invoice["updatedTime"]) == (1, _OLD)
    old_invoice = portal.result("crm.invoice.get", id=30)
    assert (old_invoice["UF_COMPANY_ID"], old_invoice["DATE_UPDATE"]) == ("1", _OLD)
    activity = portal.result("crm.activity.get", id=40)
    assert (activity["OWNER_ID"], activity["LAST_UPDATED"]) == ("1", _OLD)
    requisite = portal.result("crm.requisite.get", id=50)
    assert (requisite["ENTITY_ID"], requisite["DATE_MODIFY"]) == ("1", _OLD)
    contacts = portal.result("crm.item.list", entityTypeId=3)["items"]
    assert [(row["companyId"], row["companyIds"], row["updatedTime"]) for row in contacts] == [
        (1, [1, 4], _OLD),
        (4, [4], _OLD),
        (4, [4, 1], _OLD),
    ]


def test_merged_contacts_bring_their_companies_and_documents(portal: Running) -> None:
    assert _merge(portal, 3, 5, 6)["STATUS"] == "SUCCESS"
    contact = portal.result("crm.item.get", entityTypeId=3, id=5)["item"]
    assert (contact["companyId"], contact["companyIds"]) == (2, [2, 1, 4])
    deal = portal.result("crm.item.get", entityTypeId=2, id=10)["item"]
    assert (deal["contactId"], deal["contactIds"]) == (5, [5, 7])
    invoice = portal.result("crm.item.get", entityTypeId=31, id=20)["item"]
    assert (invoice["contactId"], invoice["contactIds"], invoice["updatedTime"]) == (5, [5], _OLD)


def test_different_values_are_a_conflict_and_nothing_is_done(portal: Running) -> None:
    assert _merge(portal, 4, 1, 4) == {"STATUS": "CONFLICT", "ENTITY_IDS": []}
    portal.result("crm.company.update", id=1, fields={"UF_CRM_N": 6})
    assert _merge(portal, 4, 1, 2)["STATUS"] == "CONFLICT"
    assert _ids(portal, "company") == [1, 2, 3, 4]


def test_a_person_merges_what_differs_on_the_merge_page(portal: Running) -> None:
    body = {"entityTypeId": 4, "ids": [1, 4], "user": MANAGER}
    answer = portal.http.post(f"{portal.url}/emulator/merge", json=body)
    assert answer.json() == {"deleted": 1}
    row = portal.result("crm.company.get", id=1)
    assert (row["TITLE"], row["MODIFY_BY_ID"]) == ("A", str(MANAGER))
    assert portal.result("crm.deal.get", id=11)["COMPANY_ID"] == "1"
    for wrong in ({"entityTypeId": 4, "ids": [1, 4]}, {"entityTypeId": 9, "ids": [1, 2]}):
        assert portal.http.post(f"{portal.url}/emulator/merge", json=wrong).status_code == 400


def test_the_portal_tells_of_the_kept_one_and_of_those_that_go(portal: Running) -> None:
    heard: list[Change] = []
    portal.state.records.on_change = heard.append
    _merge(portal, 4, 1, 2, 3)
    assert [(change.kind, change.entity.table, change.row_id) for change in heard] == [
        ("update", "companies", 1),
        ("delete", "companies", 2),
        ("delete", "companies", 3),
    ]


@pytest.mark.parametrize(
    ("params", "status", "text"),
    [
        ({"entityIds": [1, 2]}, 400, "The parameter entityTypeId is required."),
        ({"entityTypeId": 99, "entityIds": [1, 2]}, 400, "is not supported"),
        ({"entityTypeId": 4}, 400, "does not contains valid elements"),
        ({"entityTypeId": 4, "entityIds": [1, 1]}, 400, "at least two elements"),
        ({"entityTypeId": 4, "entityIds": [1, 99]}, 400, "Owner was not found"),
    ],
)
def test_a_wrong_merge_is_refused(
    portal: Running, params: dict[str, Any], status: int, text: str
) -> None:
    answer = portal.call("crm.entity.mergeBatch", params=params)
    assert (answer.status_code, answer.json()["error"]) == (status, "0")
    assert text in answer.json()["error_description"]


def test_merging_needs_the_right_to_all_of_them(portal: Running) -> None:
    params = {"entityTypeId": 4, "entityIds": [1, 2]}
    answer = portal.call("crm.entity.mergeBatch", MANAGER, params=params)
    assert (answer.status_code, answer.json()["error_description"]) == (403, "Access denied")
    assert _ids(portal, "company") == [1, 2, 3, 4]

"""Adding, changing and deleting rows, and what the portal does by itself."""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import HEAD, NOW, Running

_OLD = "2026-01-05T10:00:00+03:00"


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve(
        {
            "companies": [
                {
                    "ID": 1,
                    "TITLE": "A",
                    "DATE_CREATE": _OLD,
                    "PHONE": [{"ID": "11", "VALUE": "+7"}],
                    "LAST_ACTIVITY_TIME": _OLD,
                },
                {"ID": 2},
            ],
            "contacts": [
                {"ID": 5, "NAME": "C", "COMPANY_ID": 1, "COMPANY_IDS": [1, 2], "DATE_CREATE": _OLD}
            ],
            "deals": [
                {
                    "ID": 7,
                    "STAGE_ID": "NEW",
                    "COMPANY_ID": 1,
                    "CLOSEDATE": "2026-05-01",
                    "DATE_CREATE": _OLD,
                }
            ],
            "invoices": [{"id": 9, "stageId": "DT31_1:N", "createdTime": _OLD, "companyId": 1}],
            "user_fields": [
                {
                    "ID": 4,
                    "ENTITY_ID": "CRM_SMART_INVOICE",
                    "FIELD_NAME": "UF_CRM_5",
                    "USER_TYPE_ID": "integer",
                }
            ],
        }
    )


def _now(portal: Running) -> str:
    return portal.state.clock.iso(NOW)


def test_an_update_stamps_the_row(portal: Running) -> None:
    assert (
        portal.result(
            "crm.company.update", id=1, fields={"TITLE": "B"}, params={"REGISTER_SONET_EVENT": "N"}
        )
        is True
    )
    row = portal.result("crm.company.get", id=1)
    assert (row["TITLE"], row["DATE_MODIFY"], row["DATE_CREATE"]) == ("B", _now(portal), _OLD)
    assert row["LAST_ACTIVITY_TIME"] == _OLD


def test_an_older_update_stamps_even_without_a_change_and_the_new_one_does_not(
    portal: Running,
) -> None:
    item = portal.result("crm.item.update", entityTypeId=4, id=1, fields={"title": "A"})["item"]
    assert item["updatedTime"] == _OLD
    portal.result("crm.company.update", id=1, fields={"TITLE": "A"})
    assert portal.result("crm.company.get", id=1)["DATE_MODIFY"] == _now(portal)


def test_an_item_update_gives_the_whole_item(portal: Running) -> None:
    portal.state.database.connection.execute("UPDATE users SET IS_ADMIN = 'Y' WHERE ID = 2")
    item = portal.result(
        "crm.item.update", HEAD, entityTypeId=31, id=9, fields={"title": "Invoice", "ufCrm_5": 3}
    )["item"]
    assert (item["title"], item["updatedTime"], item["updatedBy"], item["ufCrm_5"]) == (
        "Invoice",
        _now(portal),
        HEAD,
        3,
    )
    assert item["createdTime"] == _OLD


def test_fields_of_the_portal_cannot_be_written(portal: Running) -> None:
    portal.result(
        "crm.deal.update",
        id=7,
        fields={"ID": 8, "DATE_CREATE": "2020-01-01", "STAGE_SEMANTIC_ID": "S", "CLOSED": "Y"},
    )
    row = portal.result("crm.deal.get", id=7)
    assert (row["DATE_CREATE"], row["STAGE_SEMANTIC_ID"], row["CLOSED"]) == (_OLD, "P", "N")


def test_winning_a_deal_closes_it_today(portal: Running) -> None:
    portal.result("crm.deal.update", id=7, fields={"STAGE_ID": "WON"})
    row = portal.result("crm.deal.get", id=7)
    assert (row["STAGE_SEMANTIC_ID"], row["CLOSED"], row["MOVED_TIME"]) == ("S", "Y", _now(portal))
    assert row["CLOSEDATE"] == "2026-03-08T00:00:00+03:00"
    portal.result("crm.deal.update", id=7, fields={"CLOSEDATE": "2026-02-02"})
    assert portal.result("crm.deal.get", id=7)["CLOSEDATE"] == "2026-02-02T00:00:00+03:00"
    portal.result("crm.deal.update", id=7, fields={"STAGE_ID": "NEW"})
    row = portal.result("crm.deal.get", id=7)
    assert (row["STAGE_SEMANTIC_ID"], row["CLOSED"]) == ("P", "N")


def test_moving_an_invoice_tells_when_and_from_where(portal: Running) -> None:
    item = portal.result("crm.item.update", entityTypeId=31, id=9, fields={"stageId": "DT31_1:P"})[
        "item"
    ]
    assert (item["stageId"], item["previousStageId"], item["movedTime"]) == (
        "DT31_1:P",
        "DT31_1:N",
        _now(portal),
    )


@pytest.mark.parametrize(
    ("written", "numbers", "flag"),
    [
        ([{"VALUE": "+8", "VALUE_TYPE": "WORK"}], ["+7", "+8"], "Y"),
        ([{"ID": 11, "VALUE": "+9"}], ["+9"], "Y"),
        ([{"ID": 11, "DELETE": "Y"}], [], "N"),
        ([{"ID": 11, "VALUE": ""}], [], "N"),
        ([{"ID": 11}], [], "N"),
        ([{"ID": 99, "DELETE": "Y"}], ["+7"], "Y"),
    ],
)
def test_multi_fields_are_written_row_by_row(
    portal: Running, written: list[dict[str, Any]], numbers: list[str], flag: str
) -> None:
    portal.result("crm.company.update", id=1, fields={"PHONE": written})
    row = portal.result("crm.company.get", id=1)
    assert ([phone["VALUE"] for phone in row["PHONE"]], row["HAS_PHONE"]) == (numbers, flag)


def test_a_contacts_links_follow_its_companies(portal: Running) -> None:
    links = portal.result("crm.contact.company.items.get", id=5)
    assert [(link["COMPANY_ID"], link["IS_PRIMARY"]) for link in links] == [(1, "Y"), (2, "N")]
    portal.result("crm.contact.update", id=5, fields={"COMPANY_ID": 2})
    assert portal.result("crm.company.contact.items.get", id=1) == []
    assert [
        link["CONTACT_ID"] for link in portal.result("crm.company.contact.items.get", id=2)
    ] == [5]
    portal.result("crm.item.update", entityTypeId=3, id=5, fields={"companyIds": [1, 2]})
    item = portal.result("crm.item.get", entityTypeId=3, id=5)["item"]
    assert (item["companyId"], item["companyIds"]) == (2, [2, 1])


def test_a_deleted_company_leaves_its_contacts_and_its_deals(portal: Running) -> None:
    assert portal.result("crm.company.delete", id=1) is True
    contact = portal.result("crm.item.get", entityTypeId=3, id=5)["item"]
    assert (contact["companyId"], contact["companyIds"]) == (2, [2])
    assert portal.result("crm.deal.get", id=7)["COMPANY_ID"] == "1"


def test_new_rows_get_ids_and_stamps(portal: Running) -> None:
    company = portal.result(
        "crm.company.add", fields={"TITLE": "New", "EMAIL": [{"VALUE": "a@b.c"}]}
    )
    row = portal.result("crm.company.get", id=company)
    assert company == 3
    assert (row["DATE_CREATE"], row["ASSIGNED_BY_ID"], row["HAS_EMAIL"]) == (_now(portal), "1", "Y")
    item = portal.result("crm.item.add", entityTypeId=2, fields={"title": "Deal", "companyId": 3})[
        "item"
    ]
    assert (item["id"], item["companyId"], item["createdTime"]) == (8, 3, _now(portal))
    assert portal.result("crm.item.delete", entityTypeId=2, id=8) == []
    assert portal.call("crm.item.get", entityTypeId=2, id=8).json()["error"] == "NOT_FOUND"
    again = portal.result("crm.item.add", entityTypeId=2, fields={"title": "Deal"})["item"]
    assert again["id"] == 9, "the id of a deleted row is never given again"


def test_rows_can_be_put_and_taken_from_outside(portal: Running) -> None:
    url = f"{portal.url}/emulator/rows"
    stored = portal.http.post(
        url,
        json={"table": "contacts", "rows": [{"ID": 77, "COMPANY_ID": 2}, {"ID": 5, "NAME": "X"}]},
    )
    assert stored.json() == {"stored": 2}
    assert [
        link["CONTACT_ID"] for link in portal.result("crm.company.contact.items.get", id=2)
    ] == [77]
    assert portal.result("crm.contact.get", id=5)["NAME"] == "X"
    gone = portal.http.request("DELETE", url, json={"table": "contacts", "ids": [77, 78]})
    assert gone.json() == {"deleted": 1}
    assert portal.result("crm.company.contact.items.get", id=2) == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"table": "nothing", "rows": []}, "table must be one of"),
        ({"table": "deals", "rows": {}}, "rows must be a list"),
        ({"table": "deals", "rows": [{"TITLE": "no id"}]}, "ID"),
    ],
)
def test_wrong_rows_are_refused_with_a_reason(
    portal: Running, body: dict[str, Any], text: str
) -> None:
    response = portal.http.post(f"{portal.url}/emulator/rows", json=body)
    assert response.status_code == 400
    assert text in response.json()["error"]


def test_the_emulator_tells_its_state(portal: Running) -> None:
    status = portal.http.get(f"{portal.url}/emulator/status").json()
    assert (status["now"], status["rows"]["companies"], status["pace"]["name"]) == (
        _now(portal),
        2,
        "off",
    )
    wrong = portal.http.post(f"{portal.url}/emulator/faults", content="503=2")
    assert (wrong.status_code, "between 0 and 1" in wrong.json()["error"]) == (400, True)
    portal.http.post(f"{portal.url}/emulator/faults", content="at=1:500")
    assert portal.call("server.time").status_code == 500
    assert portal.http.get(f"{portal.url}/emulator/status").json()["faults"] == {
        "spec": "at=1:500",
        "met": {"500": 1},
    }
    token = portal.token()
    assert portal.http.post(f"{portal.url}/emulator/expire-tokens").json()["expired"] >= 1
    assert portal.call("server.time", auth=token).json()["error"] == "expired_token"

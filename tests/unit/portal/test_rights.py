"""Who sees and changes which rows."""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, HEAD, MANAGER, STRANGER, Running

_OWNERS = {1: ADMIN, 2: HEAD, 3: MANAGER, 4: STRANGER, 5: 5}
_SEEN = {ADMIN: [1, 2, 3, 4, 5], HEAD: [2, 3, 5], MANAGER: [3], STRANGER: [4]}


@pytest.fixture
def portal(serve: Serve) -> Running:
    owned = [{"ID": row, "ASSIGNED_BY_ID": user} for row, user in _OWNERS.items()]
    return serve(
        {
            "companies": owned,
            "contacts": owned,
            "deals": owned,
            "leads": owned,
            "invoices": [{"id": row, "assignedById": user} for row, user in _OWNERS.items()],
            "old_invoices": [{"ID": row, "RESPONSIBLE_ID": user} for row, user in _OWNERS.items()],
            "activities": [{"ID": row, "RESPONSIBLE_ID": user} for row, user in _OWNERS.items()],
            "requisites": [
                {"ID": row, "ENTITY_TYPE_ID": 3 + row % 2, "ENTITY_ID": row} for row in _OWNERS
            ],
        }
    )


@pytest.mark.parametrize("user", _SEEN)
@pytest.mark.parametrize(
    "name", ["company", "contact", "deal", "lead", "invoice", "activity", "requisite"]
)
def test_the_older_lists_hold_the_readable_rows_alone(
    portal: Running, name: str, user: int
) -> None:
    answer = portal.call(f"crm.{name}.list", user, order={"ID": "ASC"}).json()
    assert [int(row["ID"]) for row in answer["result"]] == _SEEN[user]
    assert answer["total"] == len(_SEEN[user])


@pytest.mark.parametrize("user", _SEEN)
@pytest.mark.parametrize("entity_type", [1, 2, 3, 4, 31])
def test_the_new_list_too(portal: Running, entity_type: int, user: int) -> None:
    items = portal.result("crm.item.list", user, entityTypeId=entity_type, select=["id"])["items"]
    assert [row["id"] for row in items] == _SEEN[user]


@pytest.mark.parametrize(
    ("method", "parameters", "status", "error"),
    [
        ("crm.company.get", {"id": 4}, 400, ""),
        ("crm.company.update", {"id": 4, "fields": {"TITLE": "T"}}, 400, ""),
        ("crm.company.delete", {"id": 4}, 400, ""),
        ("crm.company.contact.items.get", {"id": 4}, 400, ""),
        ("crm.item.get", {"entityTypeId": 4, "id": 4}, 400, "ACCESS_DENIED"),
        (
            "crm.item.update",
            {"entityTypeId": 4, "id": 4, "fields": {"title": "T"}},
            400,
            "ACCESS_DENIED",
        ),
        ("app.option.set", {"options": {"a": "b"}}, 403, "ACCESS_DENIED"),
    ],
)
def test_what_is_not_his_is_refused_to_a_manager(
    portal: Running, method: str, parameters: dict[str, Any], status: int, error: str
) -> None:
    refused = portal.call(method, MANAGER, **parameters)
    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert portal.call(method, ADMIN, **parameters).status_code == 200


def test_a_manager_changes_his_own_rows(portal: Running) -> None:
    assert portal.result("crm.company.update", MANAGER, id=3, fields={"TITLE": "Mine"}) is True
    row = portal.result("crm.company.get", MANAGER, id=3)
    assert (row["TITLE"], row["MODIFY_BY_ID"]) == ("Mine", str(MANAGER))


def test_everybody_reads_the_apps_options_and_has_his_own(portal: Running) -> None:
    assert portal.result("app.option.get") == []
    portal.result("app.option.set", options={"report": "text"})
    assert portal.result("app.option.get", MANAGER, option="report") == "text"
    assert portal.result("app.option.get", MANAGER, option="absent") is None
    portal.result("user.option.set", MANAGER, options={"mode": "3"})
    assert portal.result("user.option.get", MANAGER) == {"mode": "3"}
    assert portal.result("user.option.get", HEAD) == []


def test_people_know_who_they_are(portal: Running) -> None:
    assert portal.result("user.admin", ADMIN) is True
    assert portal.result("user.admin", HEAD) is False
    assert portal.result("user.current", HEAD)["NAME"] == "Boris"
    assert portal.result("profile", MANAGER)["TIME_ZONE_OFFSET"] == 10800


def test_dismissed_people_are_left_out_when_active_ones_are_wanted(portal: Running) -> None:
    everybody = portal.result("user.get")
    assert [(user["ID"], user["ACTIVE"]) for user in everybody][-1] == ("5", False)
    assert len(portal.result("user.get", FILTER={"ACTIVE": True})) == 4
    assert [user["ID"] for user in portal.result("user.get", FILTER={"@ID": [2, 3]})] == ["2", "3"]
    assert [user["ID"] for user in portal.result("user.get", ID=2)] == ["2"]


def test_departments_form_a_tree(portal: Running) -> None:
    rows = portal.result("department.get")
    assert [(row["ID"], row.get("PARENT"), row["UF_HEAD"]) for row in rows] == [
        ("1", None, "1"),
        ("10", "1", "2"),
        ("11", "10", "0"),
    ]
    assert [row["ID"] for row in portal.result("department.get", PARENT=1)] == ["10"]

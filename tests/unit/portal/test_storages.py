"""entity.*: the app's own storages."""

from __future__ import annotations

from typing import Any

import pytest

from portal.database import Database
from portal.state import Options, PortalState
from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, HEAD, MANAGER, NOW, STRANGER, Running

NAME = {"ENTITY": "clients", "NAME": "Clients"}


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve({})


def refused(portal: Running, method: str, user: int = ADMIN, **parameters: Any) -> tuple[int, str]:
    response = portal.call(method, user, **parameters)
    return response.status_code, response.json()["error"]


def add_item(portal: Running, name: str, user: int = ADMIN, **fields: Any) -> int:
    found = portal.result("entity.item.add", user, ENTITY="clients", NAME=name, **fields)
    assert isinstance(found, int)
    return found


def names(portal: Running, user: int = ADMIN, **parameters: Any) -> list[str]:
    rows = portal.result("entity.item.get", user, ENTITY="clients", **parameters)
    return [row["NAME"] for row in rows]


def test_a_storage_is_made_found_renamed_and_deleted(portal: Running) -> None:
    assert portal.result("entity.add", **NAME) is True
    described = portal.result("entity.get", ENTITY="clients")
    assert described == {
        "ID": "1",
        "IBLOCK_TYPE_ID": "rest_entity",
        "ENTITY": "clients",
        "NAME": "Clients",
    }
    assert portal.result("entity.get") == [described]
    assert portal.result("entity.update", ENTITY="clients", ENTITY_NEW="people", NAME="P") is True
    assert [each["ENTITY"] for each in portal.result("entity.get")] == ["people"]
    assert portal.result("entity.delete", ENTITY="people") is True
    assert refused(portal, "entity.get", ENTITY="people") == (400, "ERROR_ENTITY_NOT_FOUND")


def test_wrong_storages_are_refused(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    assert refused(portal, "entity.add", **NAME) == (400, "ERROR_ENTITY_ALREADY_EXISTS")
    assert refused(portal, "entity.add", NAME="No code") == (400, "ERROR_ARGUMENT")
    assert refused(portal, "entity.add", ENTITY="!?", NAME="Signs") == (400, "ERROR_ARGUMENT")
    assert refused(portal, "entity.add", ENTITY="c" * 40, NAME="Long") == (400, "ERROR_ARGUMENT")
    assert refused(portal, "entity.delete", ENTITY="other") == (400, "ERROR_ENTITY_NOT_FOUND")
    assert portal.result("entity.rights", ENTITY="other") is None


def test_a_webhook_has_no_storages(portal: Running) -> None:
    response = portal.http.get(f"{portal.url}/rest/{ADMIN}/code/entity.get")
    assert response.status_code == 403
    assert response.json()["error_description"] == "Access denied! Application context required"


def test_rights_go_by_access_code_and_the_maker_manages(portal: Running) -> None:
    access = {"AU": "R", f"U{HEAD}": "W", f"U{STRANGER}": "Z"}
    portal.result("entity.add", MANAGER, **NAME, ACCESS=access)
    expected = {"AU": "R", f"U{HEAD}": "W", f"U{MANAGER}": "X"}
    assert portal.result("entity.rights", ENTITY="clients") == expected
    for user, may_write, may_manage in (
        (STRANGER, False, False),
        (HEAD, True, False),
        (MANAGER, True, True),
        (ADMIN, True, True),
    ):
        written = portal.call("entity.item.add", user, ENTITY="clients", NAME="x")
        assert (written.status_code == 200) == may_write
        managed = portal.call("entity.update", user, ENTITY="clients", NAME="Clients")
        assert (managed.status_code == 200) == may_manage
        assert len(names(portal, user)) == len(names(portal))


def test_who_changes_rights_manages_then(portal: Running) -> None:
    portal.result("entity.add", MANAGER, **NAME)
    changed = portal.result("entity.rights", ENTITY="clients", ACCESS={"AU": "R"})
    assert changed == {"AU": "R", f"U{ADMIN}": "X"}
    assert refused(portal, "entity.rights", MANAGER, ENTITY="clients", ACCESS={"AU": "X"}) == (
        403,
        "ACCESS_DENIED",
    )


def test_without_a_right_a_storage_is_not_there(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    add_item(portal, "secret")
    missing = (400, "ERROR_ENTITY_NOT_FOUND")
    assert refused(portal, "entity.get", STRANGER, ENTITY="clients") == missing
    assert refused(portal, "entity.item.add", STRANGER, ENTITY="clients", NAME="x") == missing
    assert names(portal, STRANGER) == []
    assert portal.result("entity.get", STRANGER) == []


def test_an_item_is_kept_as_it_was_given(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    item = add_item(portal, "view", DETAIL_TEXT="text", SORT=7, CODE="c", ACTIVE="N")
    (row,) = portal.result("entity.item.get", ENTITY="clients")
    moment = portal.state.clock.iso(NOW)
    assert row == {
        "ID": str(item),
        "TIMESTAMP_X": moment,
        "MODIFIED_BY": "1",
        "DATE_CREATE": moment,
        "CREATED_BY": "1",
        "ACTIVE": "N",
        "DATE_ACTIVE_FROM": "",
        "DATE_ACTIVE_TO": "",
        "SORT": "7",
        "NAME": "view",
        "PREVIEW_PICTURE": None,
        "PREVIEW_TEXT": None,
        "DETAIL_PICTURE": None,
        "DETAIL_TEXT": "text",
        "CODE": "c",
        "ENTITY": "clients",
        "SECTION": None,
    }


def test_an_item_is_changed_and_deleted(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    item = add_item(portal, "view", DETAIL_TEXT="old")
    changed = {"ENTITY": "clients", "ID": item, "DETAIL_TEXT": "new"}
    assert portal.result("entity.item.update", **changed) is True
    (row,) = portal.result("entity.item.get", ENTITY="clients")
    assert (row["NAME"], row["DETAIL_TEXT"]) == ("view", "new")
    assert portal.result("entity.item.delete", ENTITY="clients", ID=item) is True
    gone = (400, "ERROR_ITEM_NOT_FOUND")
    assert refused(portal, "entity.item.delete", ENTITY="clients", ID=item) == gone
    assert refused(portal, "entity.item.update", **changed) == gone
    assert refused(portal, "entity.item.delete", ENTITY="clients") == (400, "ERROR_ARGUMENT")


def test_items_of_another_storage_are_out_of_reach(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    portal.result("entity.add", ENTITY="other", NAME="Other")
    item = add_item(portal, "view")
    gone = (400, "ERROR_ITEM_NOT_FOUND")
    assert refused(portal, "entity.item.update", ENTITY="other", ID=item, NAME="x") == gone
    assert refused(portal, "entity.item.delete", ENTITY="other", ID=item) == gone


def test_texts_longer_than_a_column_are_refused(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    item = add_item(portal, "view", DETAIL_TEXT="x" * 65_531)
    long = {"ENTITY": "clients", "NAME": "view", "DETAIL_TEXT": "x" * 65_532}
    assert refused(portal, "entity.item.add", **long) == (400, "ERROR_CORE")
    assert refused(portal, "entity.item.update", ID=item, **long) == (400, "ERROR_CORE")
    more = {"ENTITY": "clients", "ID": item, "PREVIEW_TEXT": "x"}
    assert refused(portal, "entity.item.update", **more) == (400, "ERROR_CORE")
    assert refused(portal, "entity.item.add", ENTITY="clients") == (400, "ERROR_CORE")


def test_items_come_in_pages_of_fifty(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    for n in range(60):
        add_item(portal, f"item {n}")
    first = portal.call("entity.item.get", ENTITY="clients").json()
    assert (len(first["result"]), first["total"], first["next"]) == (50, 60, 50)
    second = portal.call("entity.item.get", ENTITY="clients", start=50).json()
    assert len(second["result"]) == 10
    assert "next" not in second


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"=NAME": "view"}, ["view"]),
        ({"=NAME": ["view", "view.part"]}, ["view", "view.part"]),
        ({"NAME": "vi%"}, ["view", "view.part"]),
        ({"%NAME": "part"}, ["view.part", "other.part"]),
        ({"!%NAME": "part"}, ["view"]),
        ({"ID": [1, 3]}, ["view", "other.part"]),
        ({"!ID": [1, 3]}, ["view.part"]),
        ({">ID": 1, "<=SORT": 20}, ["view.part"]),
        ({"CODE": ""}, ["view", "view.part", "other.part"]),
        ({"!CODE": ""}, []),
        ({"<DATE_CREATE": "2000-01-01T00:00:00+03:00"}, []),
        ({">DATE_CREATE": "2000-01-01T00:00:00+03:00"}, ["view", "view.part", "other.part"]),
        ({"PROPERTY_kind": "b"}, ["view.part"]),
        ({"UNKNOWN": "x"}, ["view", "view.part", "other.part"]),
    ],
    ids=str,
)
def test_items_are_filtered(portal: Running, wanted: Any, expected: list[str]) -> None:
    portal.result("entity.add", **NAME)
    portal.result("entity.item.property.add", ENTITY="clients", PROPERTY="kind", NAME="K", TYPE="S")
    for name, kind, sort in (("view", "a", 10), ("view.part", "b", 20), ("other.part", "c", 30)):
        add_item(portal, name, SORT=sort, PROPERTY_VALUES={"kind": kind, "unknown": 1})
    assert names(portal, FILTER=wanted) == expected
    assert names(portal, FILTER=wanted, SORT={"ID": "DESC"}) == expected[::-1]


def test_properties_are_told_changed_and_deleted(portal: Running) -> None:
    portal.result("entity.add", **NAME)
    add = {"ENTITY": "clients", "PROPERTY": "kind", "NAME": "Kind", "TYPE": "s", "SORT": 5}
    assert portal.result("entity.item.property.add", **add) is True
    known = {"PROPERTY": "kind", "NAME": "Kind", "TYPE": "S", "SORT": "5"}
    assert portal.result("entity.item.property.get", ENTITY="clients") == [known]
    assert portal.result("entity.item.property.get", ENTITY="clients", PROPERTY="kind") == known
    add_item(portal, "view", PROPERTY_VALUES={"kind": "a"})
    (row,) = portal.result("entity.item.get", ENTITY="clients")
    assert row["PROPERTY_VALUES"] == {"kind": "a"}
    change = {"ENTITY": "clients", "PROPERTY": "kind", "PROPERTY_NEW": "sort", "NAME": "New"}
    assert portal.result("entity.item.property.update", **change) is True
    assert portal.result("entity.item.property.get", ENTITY="clients")[0]["NAME"] == "New"
    (row,) = portal.result("entity.item.get", ENTITY="clients")
    assert row["PROPERTY_VALUES"] == {"sort": "a"}
    assert portal.result("entity.item.property.delete", ENTITY="clients", PROPERTY="sort") is True
    (row,) = portal.result("entity.item.get", ENTITY="clients")
    assert "PROPERTY_VALUES" not in row
    portal.result("entity.item.property.add", **{**add, "PROPERTY": "sort"})
    (row,) = portal.result("entity.item.get", ENTITY="clients")
    assert row["PROPERTY_VALUES"] == {"sort": None}


@pytest.mark.parametrize(
    ("method", "parameters", "error"),
    [
        ("add", {"PROPERTY": "kind"}, "ERROR_PROPERTY_ALREADY_EXISTS"),
        ("add", {"PROPERTY": "list", "TYPE": "L"}, "ERROR_ARGUMENT"),
        ("add", {"PROPERTY": "1st"}, "ERROR_CORE"),
        ("add", {}, "ERROR_ARGUMENT"),
        ("update", {"PROPERTY": "kind", "TYPE": "F"}, "ERROR_ARGUMENT"),
        ("update", {"PROPERTY": "none"}, "ERROR_PROPERTY_NOT_FOUND"),
        ("delete", {"PROPERTY": "none"}, "ERROR_PROPERTY_NOT_FOUND"),
        ("get", {"PROPERTY": "none"}, "ERROR_PROPERTY_NOT_FOUND"),
    ],
)
def test_wrong_properties_are_refused(
    portal: Running, method: str, parameters: dict[str, Any], error: str
) -> None:
    portal.result("entity.add", **NAME)
    portal.result("entity.item.property.add", ENTITY="clients", PROPERTY="kind", NAME="K", TYPE="S")
    called = f"entity.item.property.{method}"
    assert refused(portal, called, ENTITY="clients", **parameters) == (400, error)


def test_what_is_kept_outlives_the_emulator(tmp_path: Any) -> None:
    path = str(tmp_path / "portal.sqlite")
    first = Database.create(path)
    state = PortalState(first, Options())
    state.storages.add("clients", "Clients", {"AU": "R"})
    storage = state.storages.find("clients")
    assert storage is not None
    state.storages.add_item(storage, {"NAME": "view", "DETAIL_TEXT": "text"}, ADMIN)
    first.close()
    again = Database.create(path)
    state = PortalState(again, Options())
    assert state.storages.find("clients") == storage
    rows, total = state.storages.items(storage, {"=NAME": "view"}, None, 50, 0)
    again.close()
    assert (rows[0]["DETAIL_TEXT"], total) == ("text", 1)

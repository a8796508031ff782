"""Values of user fields: how they are written, given, filtered and lost."""

from __future__ import annotations

from typing import Any

import pytest

from portal.clock import parse_offset
from portal.values import Moments
from unit.portal.conftest import Serve
from unit.portal.small_portal import NOW, Running

_OLD = "2026-01-05T10:00:00+03:00"
_KIND, _TAGS = 100, 101
_B2B, _B2C = 7001, 7003


def _definition(number: int, name: str, user_type: str, **more: Any) -> dict[str, Any]:
    return {
        "ID": number,
        "ENTITY_ID": "CRM_COMPANY",
        "FIELD_NAME": f"UF_CRM_{name}",
        "USER_TYPE_ID": user_type,
        **more,
    }


_OPTIONS = [{"ID": _B2B, "VALUE": "B2B"}, {"ID": _B2C, "VALUE": "B2C"}]


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve(
        {
            "companies": [
                {"ID": 1, "DATE_CREATE": _OLD},
                {"ID": 2, "DATE_CREATE": _OLD, "UF_CRM_LOOSE": "kept"},
                {"ID": 3, "DATE_CREATE": _OLD},
            ],
            "user_fields": [
                _definition(_KIND, "KIND", "enumeration", LIST=_OPTIONS),
                _definition(_TAGS, "TAGS", "enumeration", LIST=_OPTIONS, MULTIPLE="Y"),
                _definition(102, "YES", "boolean"),
                _definition(103, "COUNT", "integer"),
                _definition(104, "DAY", "date"),
                _definition(105, "PARENT", "crm", SETTINGS={"COMPANY": "Y"}),
                _definition(106, "ANY", "crm", SETTINGS={"COMPANY": "Y", "DEAL": "Y"}),
                _definition(107, "NOTE", "string"),
                _definition(108, "AT", "datetime"),
                _definition(109, "SHARE", "double"),
            ],
        }
    )


@pytest.mark.parametrize(
    ("name", "written", "old", "item"),
    [
        ("KIND", _B2C, str(_B2C), _B2C),
        ("KIND", str(_B2B), str(_B2B), _B2B),
        ("KIND", 9, None, None),
        ("KIND", "", None, None),
        ("TAGS", [_B2C, 9, str(_B2B)], [str(_B2C), str(_B2B)], [_B2C, _B2B]),
        ("TAGS", "", [], []),
        ("YES", 1, "1", "Y"),
        ("YES", "Y", "1", "Y"),
        ("YES", 0, "0", "N"),
        ("YES", False, "0", "N"),
        ("YES", "", "0", "N"),
        ("YES", "N", "1", "Y"),
        ("COUNT", "12", "12", 12),
        ("COUNT", 0, "0", 0),
        ("COUNT", "", None, None),
        ("DAY", "2026-01-02", "2026-01-02T03:00:00+03:00", "2026-01-02T03:00:00+03:00"),
        ("DAY", "2026-01-01T23:30:00+01:00", "2026-01-02T03:00:00+03:00", None),
        ("DAY", "never", "", None),
        ("AT", "2026-01-02 03:04:05", "2026-01-02T03:04:05+03:00", "2026-01-02T03:04:05+03:00"),
        ("PARENT", 7, "7", "7"),
        ("PARENT", "CO_7", "7", "7"),
        ("PARENT", "D_7", None, None),
        ("PARENT", 0, None, None),
        ("ANY", "CO_7", "CO_7", "CO_7"),
        ("ANY", "7", None, None),
        ("NOTE", "text", "text", "text"),
        ("SHARE", "1.5", "1.5", 1.5),
    ],
)
def test_values_are_kept_by_their_type(
    portal: Running, name: str, written: Any, old: Any, item: Any
) -> None:
    portal.result("crm.company.update", id=1, fields={f"UF_CRM_{name}": written})
    assert portal.result("crm.company.get", id=1)[f"UF_CRM_{name}"] == old
    if item is not None:
        given = portal.result("crm.item.get", entityTypeId=4, id=1, useOriginalUfNames="Y")
        assert given["item"][f"UF_CRM_{name}"] == item


def test_both_kinds_of_methods_write_the_same(portal: Running) -> None:
    item = portal.result(
        "crm.item.update",
        entityTypeId=4,
        id=1,
        useOriginalUfNames="Y",
        fields={"UF_CRM_KIND": _B2B, "UF_CRM_DAY": "2026-02-03"},
    )["item"]
    assert (item["UF_CRM_KIND"], item["UF_CRM_DAY"]) == (_B2B, "2026-02-03T03:00:00+03:00")
    assert (item["UF_CRM_COUNT"], item["UF_CRM_TAGS"]) == (None, [])
    portal.result("crm.item.update", entityTypeId=4, id=1, fields={"ufCrmCount": 5})
    row = portal.result("crm.company.list", select=["ID", "UF_CRM_KIND", "UF_CRM_COUNT"])[0]
    assert row == {"ID": "1", "UF_CRM_KIND": str(_B2B), "UF_CRM_COUNT": "5"}


def test_unknown_names_are_passed_over(portal: Running) -> None:
    fields = {"UF_CRM_NONE": "x", "UF_CRM_NOTE": "y"}
    portal.result("crm.company.update", id=1, fields=fields)
    # crm.item.* knows original names only when it is told so.
    portal.result("crm.item.update", entityTypeId=4, id=1, fields={"UF_CRM_NOTE": "z"})
    row = portal.result("crm.company.get", id=1)
    assert (row.get("UF_CRM_NONE"), row["UF_CRM_NOTE"]) == (None, "y")
    named = portal.result("crm.company.list", select=["ID", "UF_CRM_NONE"], filter={"ID": 1})
    assert named == [{"ID": "1"}]


def test_an_unchanged_value_moves_nothing_in_the_new_method(portal: Running) -> None:
    written = {"ufCrmKind": str(_B2B), "ufCrmYes": "Y", "ufCrmDay": "2026-01-02"}
    first = portal.result("crm.item.update", entityTypeId=4, id=2, fields=written)["item"]
    now = portal.state.clock.iso(NOW)
    assert first["updatedTime"] == now
    portal.state.database.connection.execute("UPDATE companies SET DATE_MODIFY = 0 WHERE ID = 2")
    again = portal.result("crm.item.update", entityTypeId=4, id=2, fields=written)["item"]
    assert again["updatedTime"] == portal.state.clock.iso(0)
    other = {"UF_CRM_KIND": _B2B}
    portal.result("crm.company.update", id=2, fields=other, params={"REGISTER_SONET_EVENT": "N"})
    row = portal.result("crm.company.get", id=2)
    assert (row["DATE_MODIFY"], row["MODIFY_BY_ID"], row["UF_CRM_LOOSE"]) == (now, "1", "kept")


def test_a_star_brings_defined_fields_where_it_should(portal: Running) -> None:
    assert "UF_CRM_KIND" not in portal.result("crm.company.list", select=["*"])[0]
    row = portal.result("crm.company.list", select=["ID", "UF_*"])[1]
    assert (row["UF_CRM_KIND"], row["UF_CRM_DAY"], row["UF_CRM_LOOSE"]) == (None, "", "kept")
    item = portal.result("crm.item.list", entityTypeId=4)["items"][0]
    assert (item["ufCrmKind"], "UF_CRM_KIND" in item) == (None, False)
    fields = portal.result("crm.item.fields", entityTypeId=4)["fields"]
    kind = fields["ufCrmKind"]
    assert (kind["type"], kind["upperName"]) == ("enumeration", "UF_CRM_KIND")
    assert portal.result("crm.company.fields")["UF_CRM_TAGS"]["isMultiple"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"UF_CRM_KIND": _B2B}, [1]),
        ({"@UF_CRM_KIND": [_B2B, _B2C]}, [1, 2]),
        ({"UF_CRM_KIND": ""}, [3]),
        ({"!UF_CRM_KIND": ""}, [1, 2]),
        ({"!UF_CRM_KIND": _B2B}, [2, 3]),
        ({"UF_CRM_YES": "1"}, [1]),
        ({"UF_CRM_YES": 0}, [2]),
        ({"UF_CRM_YES": "Y"}, [2]),
        ({">UF_CRM_COUNT": 4}, [2]),
        ({"UF_CRM_COUNT": False}, [3]),
        ({">=UF_CRM_DAY": "2026-01-02"}, [1, 2]),
        ({"<UF_CRM_DAY": "2026-01-03T00:00:00+03:00"}, [1]),
        ({"UF_CRM_PARENT": 7}, [1]),
        ({"%UF_CRM_NOTE": "ORD"}, [2]),
        ({"UF_CRM_TAGS": _B2C}, [1]),
        ({"UF_CRM_TAGS": ""}, [2, 3]),
    ],
)
def test_fields_are_filtered_by_their_type(
    portal: Running, condition: dict[str, Any], found: list[int]
) -> None:
    for row_id, values in (
        (1, (_B2B, 1, 4, "2026-01-02", 7, "note", [_B2B, _B2C])),
        (2, (_B2C, 0, 5, "2026-01-03", 9, "words", "")),
    ):
        names = ("KIND", "YES", "COUNT", "DAY", "PARENT", "NOTE", "TAGS")
        fields = {f"UF_CRM_{name}": value for name, value in zip(names, values, strict=True)}
        portal.result("crm.company.update", id=row_id, fields=fields)
    rows = portal.result("crm.company.list", filter=condition, select=["ID"])
    assert [int(row["ID"]) for row in rows] == found
    items = portal.result(
        "crm.item.list", entityTypeId=4, filter=condition, useOriginalUfNames="Y", select=["id"]
    )["items"]
    assert [item["id"] for item in items] == found


def test_the_new_list_filters_by_camel_names_unless_told_otherwise(portal: Running) -> None:
    portal.result("crm.company.update", id=3, fields={"UF_CRM_KIND": _B2B})
    items = portal.result("crm.item.list", entityTypeId=4, filter={"ufCrmKind": _B2B})["items"]
    assert [item["id"] for item in items] == [3]
    for names, condition in (("N", "UF_CRM_KIND"), ("Y", "ufCrmKind")):
        answer = portal.call(
            "crm.item.list", entityTypeId=4, filter={condition: _B2B}, useOriginalUfNames=names
        )
        assert answer.json()["error"] == "INVALID_ARG_VALUE"


def test_a_removed_option_and_a_deleted_field_take_their_values_along(portal: Running) -> None:
    fields = {"UF_CRM_KIND": _B2B, "UF_CRM_TAGS": [_B2B, _B2C], "UF_CRM_COUNT": 5}
    portal.result("crm.company.update", id=1, fields=fields)
    gone = {"LIST": [{"ID": _B2B, "DEL": "Y"}]}
    for field in (_KIND, _TAGS):
        portal.result("crm.company.userfield.update", id=field, fields=gone)
    row = portal.result("crm.company.get", id=1)
    left = (row["UF_CRM_KIND"], row["UF_CRM_TAGS"], row["UF_CRM_COUNT"])
    assert left == (None, [str(_B2C)], "5")
    portal.result("crm.company.userfield.delete", id=_TAGS)
    assert "UF_CRM_TAGS" not in portal.result("crm.company.get", id=1)
    fields = {"FIELD_NAME": "TAGS", "USER_TYPE_ID": "string"}
    portal.result("crm.company.userfield.add", fields=fields)
    assert portal.result("crm.company.get", id=1)["UF_CRM_TAGS"] is None


def test_rows_put_from_outside_take_the_types_too(portal: Running) -> None:
    rows = [{"ID": 9, "UF_CRM_KIND": str(_B2C), "UF_CRM_DAY": "02.01.2026"}]
    url = f"{portal.url}/emulator/rows"
    portal.http.post(url, json={"table": "companies", "rows": rows})
    found = portal.result("crm.company.list", filter={"UF_CRM_KIND": _B2C}, select=["UF_CRM_DAY"])
    assert found == [{"UF_CRM_DAY": "2026-01-02T03:00:00+03:00"}]
    definition = _definition(200, "LATE", "integer")
    portal.http.post(url, json={"table": "user_fields", "rows": [definition]})
    portal.result("crm.company.update", id=9, fields={"UF_CRM_LATE": 4})
    assert portal.result("crm.company.get", id=9)["UF_CRM_LATE"] == "4"


def test_a_new_company_may_bring_values(portal: Running) -> None:
    made = portal.result("crm.company.add", fields={"TITLE": "N", "UF_CRM_COUNT": 3})
    assert portal.result("crm.company.get", id=made)["UF_CRM_COUNT"] == "3"
    item = portal.result("crm.item.add", entityTypeId=4, fields={"ufCrmCount": 8})["item"]
    assert item["ufCrmCount"] == 8


def test_a_pure_date_keeps_its_day_in_every_zone() -> None:
    for offset, shown in (
        ("+03:00", "2026-01-02T03:00:00+03:00"),
        ("+05:30", "2026-01-02T05:30:00+05:30"),
        ("-05:00", "2026-01-02T00:00:00-05:00"),
    ):
        moments = Moments(parse_offset(offset))
        assert moments.day_iso("2026-01-02") == shown
        assert moments.day(shown) == "2026-01-02"

"""A portal from a folder: what is filled in, what is refused and how that is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from portal.database import Database
from portal.folder import FolderError, load_folder
from portal.schema import TABLES

NOW = "2026-05-14T10:00:00+03:00"
Files = dict[str, Any]
Load = Callable[..., tuple[Database, list[str]]]


def unix(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database.create(None)
    yield opened
    opened.close()


@pytest.fixture
def load(tmp_path: Path, database: Database) -> Load:
    def write_and_load(settings: Any = None, **tables: Any) -> tuple[Database, list[str]]:
        facts = {"now": NOW} if settings is None else settings
        (tmp_path / "portal.json").write_text(json.dumps(facts), "utf-8")
        for table, rows in tables.items():
            lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
            (tmp_path / f"{table}.jsonl").write_text("\n".join(lines), "utf-8")
        return database, load_folder(tmp_path, database)

    return write_and_load


def refusal(load: Load, **tables: Any) -> str:
    with pytest.raises(FolderError) as caught:
        load(**tables)
    return str(caught.value)


def test_an_empty_folder_is_a_portal_with_one_administrator(
    tmp_path: Path, database: Database
) -> None:
    assert load_folder(tmp_path, database) == []
    assert database.settings["now"] is None
    assert database.settings["timezone"] == "+03:00"
    [user] = database.rows("users")
    assert (user["ID"], user["IS_ADMIN"], user["ACTIVE"]) == (1, "Y", "Y")
    assert database.count("departments") == 1


def test_now_and_the_administrator_come_from_portal_json(load: Load) -> None:
    facts = {"now": "2024-02-29 12:00", "timezone": "+05:00", "admin": "17", "name": "Вектор"}
    database, _ = load(facts)
    assert database.settings["now"] == unix("2024-02-29T12:00:00+05:00")
    assert (database.settings["admin"], database.settings["name"]) == (17, "Вектор")
    assert [user["ID"] for user in database.rows("users")] == [17]


def test_every_table_is_read_by_its_own_file(load: Load) -> None:
    keys = {"invoices": "id", "categories": "id"}
    database, _ = load(
        **{table: [{keys.get(table, "ID"): 5, "entityTypeId": 128}] for table in TABLES}
    )
    assert all(database.row(table, 5) for table in TABLES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-09-02T18:37:18+02:00", "2024-09-02T16:37:18+00:00"),
        ("2024-09-02T18:37:18+0200", "2024-09-02T16:37:18+00:00"),
        ("2024-09-02T18:37:18Z", "2024-09-02T18:37:18+00:00"),
        ("2024-09-02T18:37:18.250Z", "2024-09-02T18:37:18+00:00"),
        ("2024-09-02T18:37:18", "2024-09-02T18:37:18+03:00"),
        ("2024-09-02 18:37", "2024-09-02T18:37:00+03:00"),
        ("2024-09-02", "2024-09-02T00:00:00+03:00"),
        ("02.09.2024", "2024-09-02T00:00:00+03:00"),
        ("02.09.2024 18:37:18", "2024-09-02T18:37:18+03:00"),
    ],
)
def test_a_time_without_an_offset_is_in_the_portals_zone(
    load: Load, written: str, meant: str
) -> None:
    database, _ = load(companies=[{"ID": "7", "DATE_CREATE": written}])
    assert database.rows("companies")[0]["DATE_CREATE"] == unix(meant)


def test_numbers_and_flags_are_read_in_any_of_their_spellings(load: Load) -> None:
    spellings = [True, "Y", "y", 1, "1", "true"]
    rows = [
        {"ID": str(n), "IS_MY_COMPANY": spelling, "DATE_CREATE": NOW, "ASSIGNED_BY_ID": "4"}
        for n, spelling in enumerate([*spellings, False, "N", 0, "0", None, ""], start=1)
    ]
    database, _ = load(companies=rows)
    flags = [row["IS_MY_COMPANY"] for row in database.rows("companies")]
    assert flags == ["Y"] * len(spellings) + ["N"] * 6
    assert {row["ASSIGNED_BY_ID"] for row in database.rows("companies")} == {4}


def test_contact_flags_follow_from_the_multi_fields_unless_given(load: Load) -> None:
    database, _ = load(
        companies=[
            {
                "ID": 1,
                "PHONE": [{"VALUE": "+7 900", "VALUE_TYPE": "MOBILE"}],
                "EMAIL": ["a@example.ru", ""],
                "IM": [{"VALUE": "imol|livechat|1|2", "VALUE_TYPE": "IMOL"}],
            },
            {"ID": 2, "PHONE": "+7 901", "HAS_PHONE": "N", "IM": [{"VALUE": "@skype"}]},
            {"ID": 3, "PHONE": [{"VALUE": "  "}], "EMAIL": []},
        ]
    )
    flags = [
        (row["HAS_PHONE"], row["HAS_EMAIL"], row["HAS_IMOL"]) for row in database.rows("companies")
    ]
    assert flags == [("Y", "Y", "Y"), ("N", "N", "N"), ("N", "N", "N")]
    phone = json.loads(database.rows("companies")[0]["PHONE"])
    assert phone == [{"ID": "1", "VALUE_TYPE": "MOBILE", "VALUE": "+7 900", "TYPE_ID": "PHONE"}]


@pytest.mark.parametrize(
    ("given", "primary", "every"),
    [
        ({"COMPANY_IDS": ["5", 3]}, 5, [5, 3]),
        ({"COMPANY_ID": "3"}, 3, [3]),
        ({"COMPANY_ID": 3, "COMPANY_IDS": [5]}, 3, [3, 5]),
        ({"COMPANY_ID": 3, "COMPANY_IDS": [5, 3]}, 3, [3, 5]),
        ({"COMPANY_ID": "0", "COMPANY_IDS": []}, 0, []),
        ({}, 0, []),
    ],
)
def test_a_contacts_primary_company_is_one_of_its_companies(
    load: Load, given: Files, primary: int, every: list[int]
) -> None:
    database, _ = load(contacts=[{"ID": 1, **given}])
    [contact] = database.rows("contacts")
    assert contact["COMPANY_ID"] == primary
    assert json.loads(contact["COMPANY_IDS"]) == every


@pytest.mark.parametrize(
    ("given", "semantic", "closed", "stage", "category"),
    [
        ({"STAGE_ID": "WON"}, "S", "Y", "WON", 0),
        ({"STAGE_ID": "C5:WON"}, "S", "Y", "C5:WON", 5),
        ({"STAGE_ID": "LOSE"}, "F", "Y", "LOSE", 0),
        ({"STAGE_ID": "C5:LOSE"}, "F", "Y", "C5:LOSE", 5),
        ({"STAGE_ID": "APOLOGY"}, "F", "Y", "APOLOGY", 0),
        ({"STAGE_ID": "EXECUTING"}, "P", "N", "EXECUTING", 0),
        ({}, "P", "N", "NEW", 0),
        ({"STAGE_SEMANTIC_ID": "S", "CATEGORY_ID": "5"}, "S", "Y", "C5:WON", 5),
        ({"STAGE_ID": "C9:UC_1"}, "S", "Y", "C9:UC_1", 9),
        ({"STAGE_ID": "C9:WON"}, "F", "Y", "C9:WON", 9),
    ],
)
def test_a_deals_semantics_follow_from_its_stage(
    load: Load, given: Files, semantic: str, closed: str, stage: str, category: int
) -> None:
    odd_funnel = [
        {"ENTITY_ID": "DEAL_STAGE_9", "STATUS_ID": "C9:UC_1", "EXTRA": {"SEMANTICS": "success"}},
        {"ENTITY_ID": "DEAL_STAGE_9", "STATUS_ID": "C9:WON", "SEMANTICS": "F"},
    ]
    database, _ = load(statuses=odd_funnel, deals=[{"ID": 1, "OPPORTUNITY": "10.50", **given}])
    [deal] = database.rows("deals")
    assert (deal["STAGE_SEMANTIC_ID"], deal["CLOSED"]) == (semantic, closed)
    assert (deal["STAGE_ID"], deal["CATEGORY_ID"]) == (stage, category)
    assert deal["OPPORTUNITY"] == 10.5


def test_stages_that_nobody_gave_are_the_platforms_own(load: Load) -> None:
    database, _ = load(
        deals=[{"ID": 1, "STAGE_ID": "C5:NEW"}], invoices=[{"id": 1, "stageId": "DT31_3:P"}]
    )
    means = {
        (row["ENTITY_ID"], row["STATUS_ID"]): row["SEMANTICS"] for row in database.rows("statuses")
    }
    assert means["DEAL_STAGE", "WON"] == means["DEAL_STAGE_5", "C5:WON"] == "S"
    assert means["SMART_INVOICE_STAGE_3", "DT31_3:P"] == "S"
    assert means["SMART_INVOICE_STAGE_3", "DT31_3:D"] == "F"
    assert means["SMART_INVOICE_STAGE_3", "DT31_3:N"] == ""
    assert means["STATUS", "CONVERTED"] == "S"
    funnels = {(row["entityTypeId"], row["id"]) for row in database.rows("categories")}
    assert {(2, 0), (2, 5), (31, 3)} <= funnels


def test_given_stages_of_a_funnel_are_left_alone(load: Load) -> None:
    own = {
        "ENTITY_ID": "SMART_INVOICE_STAGE_13",
        "STATUS_ID": "DT31_13:UC_PAID",
        "SEMANTICS": "S",
    }
    database, warnings = load(
        statuses=[own],
        categories=[{"id": 13, "entityTypeId": 31, "isDefault": "Y"}],
        invoices=[
            {"id": 1, "stageId": "DT31_13:UC_PAID", "createdTime": NOW},
            {"id": 2, "stageId": "DT31_13:P", "createdTime": NOW},
            {"id": 3, "createdTime": NOW},
        ],
    )
    stages = database.rows("statuses", "ENTITY_ID = 'SMART_INVOICE_STAGE_13'")
    assert [row["STATUS_ID"] for row in stages] == ["DT31_13:UC_PAID"]
    assert database.rows("invoices")[2]["categoryId"] == 13
    assert any("DT31_13:P" in warning for warning in warnings)


def test_a_smart_invoice_moved_when_it_was_last_changed(load: Load) -> None:
    database, _ = load(
        invoices=[
            {"id": 1, "createdTime": "2026-01-01", "stageId": "DT31_1:P"},
            {"id": 2, "createdTime": "2026-01-01", "updatedTime": "2026-02-01"},
            {"id": 3, "createdTime": "2026-01-01", "movedTime": "2026-03-01", "parentId2": 8},
        ]
    )
    moved = [row["movedTime"] for row in database.rows("invoices")]
    assert moved == [unix(f"2026-0{month}-01T00:00:00+03:00") for month in (1, 2, 3)]
    assert [row["parentId2"] for row in database.rows("invoices")] == [0, 0, 8]
    assert {row["categoryId"] for row in database.rows("invoices")} == {1}


@pytest.mark.parametrize(
    ("given", "paid"),
    [
        ({"DATE_PAYED": "2026-01-01"}, "Y"),
        ({"STATUS_ID": "P"}, "Y"),
        ({"DATE_PAYED": "2026-01-01", "PAYED": "N"}, "N"),
        ({"PAYED": True}, "Y"),
        ({"DATE_PAYED": ""}, "N"),
    ],
)
def test_an_old_invoice_with_a_day_of_payment_is_paid(load: Load, given: Files, paid: str) -> None:
    database, _ = load(old_invoices=[{"ID": 1, "DATE_BILL": "2025-12-01", **given}])
    [invoice] = database.rows("old_invoices")
    assert invoice["PAYED"] == paid
    assert invoice["DATE_INSERT"] == unix("2025-12-01T00:00:00+03:00")


def test_a_row_with_no_creation_date_was_created_now_and_a_warning_says_so(load: Load) -> None:
    database, warnings = load(
        companies=[{"ID": 1, "DATE_CREATE": "2020-01-01"}, {"ID": 2}],
        invoices=[{"id": 1}],
        activities=[{"ID": 1, "CREATED": None}],
    )
    assert database.rows("companies")[1]["DATE_CREATE"] == unix(NOW)
    assert database.rows("companies")[1]["DATE_MODIFY"] == unix(NOW)
    said = [warning.split(": ")[0] for warning in warnings]
    assert said == ["companies.jsonl:2", "invoices.jsonl:1", "activities.jsonl:1"]
    assert "no DATE_CREATE" in warnings[0]


def test_what_names_no_owner_belongs_to_the_administrator(load: Load) -> None:
    database, _ = load({"admin": 9}, contacts=[{"ID": 1, "DATE_CREATE": NOW}])
    assert database.rows("contacts")[0]["ASSIGNED_BY_ID"] == 9


def test_users_keep_their_roles(load: Load) -> None:
    database, warnings = load(
        users=[
            {"ID": "1", "ACTIVE": True, "NAME": "Анна", "UF_DEPARTMENT": [1, "3"]},
            {"ID": "2", "ACTIVE": False, "IS_ADMIN": True},
            {"ID": "3"},
        ]
    )
    users = database.rows("users")
    assert [user["IS_ADMIN"] for user in users] == ["Y", "Y", "N"]
    assert [user["ACTIVE"] for user in users] == ["Y", "N", "Y"]
    assert json.loads(users[0]["UF_DEPARTMENT"]) == [1, 3]
    assert warnings == []


def test_a_missing_administrator_is_added_with_a_warning(load: Load) -> None:
    database, warnings = load({"admin": 5}, users=[{"ID": 2}])
    assert [user["ID"] for user in database.rows("users", "IS_ADMIN = 'Y'")] == [5]
    assert "user 5" in warnings[0]


def test_user_fields_and_unknown_columns_are_kept(load: Load) -> None:
    database, _ = load(
        companies=[{"ID": 1, "DATE_CREATE": NOW, "UF_CRM_1": [1, 2], "REVENUE": "5"}],
        invoices=[{"id": 1, "createdTime": NOW, "ufCrm_5": "x"}],
    )
    assert json.loads(database.rows("companies")[0]["EXTRA"]) == {
        "UF_CRM_1": [1, 2],
        "REVENUE": "5",
    }
    assert json.loads(database.rows("invoices")[0]["extra"]) == {"ufCrm_5": "x"}


def test_an_unknown_file_and_a_column_of_the_other_naming_are_warned_of(
    load: Load, tmp_path: Path
) -> None:
    (tmp_path / "company.jsonl").write_text('{"ID": 1}', "utf-8")
    rows = [{"ID": n, "DATE_CREATE": NOW, "companyId": 5} for n in (1, 2)]
    _, warnings = load(deals=rows)
    assert len(warnings) == 2
    assert "company.jsonl: unknown file" in warnings[0]
    assert warnings[1].startswith("deals.jsonl:1: column companyId")


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ("companies", '{"ID": 1', "not JSON"),
        ("companies", "[1, 2]", "is no object"),
        ("companies", '"ID"', "is no object"),
        ("companies", '{"TITLE": "x"}', "no ID"),
        ("companies", '{"id": 5}', "no ID (there is 'id'"),
        ("invoices", '{"ID": 5}', "no id (there is 'ID'"),
        ("companies", '{"ID": 0}', "ID is 0"),
        ("companies", '{"ID": -3}', "ID is -3"),
        ("companies", '{"ID": "abc"}', 'ID is "abc"'),
        ("companies", '{"ID": 1.5}', "ID is 1.5"),
        ("companies", '{"ID": true}', "ID is true"),
        ("companies", '{"ID": false}', "ID is false"),
        ("companies", '{"ID": 99999999999999999999}', "ID is 9999"),
        ("companies", '{"ID": 1, "DATE_CREATE": "yesterday"}', "DATE_CREATE is"),
        ("companies", '{"ID": 1, "DATE_CREATE": "2025-02-29"}', "no date"),
        ("companies", '{"ID": 1, "DATE_CREATE": "2025-02-10T25:00:00"}', "no date"),
        ("companies", '{"ID": 1, "DATE_CREATE": 1700000000}', "no date"),
        ("companies", '{"ID": 1, "TITLE": {"ru": "x"}}', "TITLE is an object"),
        ("companies", '{"ID": 1, "IS_MY_COMPANY": "maybe"}', "IS_MY_COMPANY"),
        ("companies", '{"ID": 1, "PHONE": [{"VALUE": ["x"]}]}', "PHONE holds"),
        ("deals", '{"ID": 1, "OPPORTUNITY": "1 000"}', "no amount"),
        ("deals", '{"ID": 1, "OPPORTUNITY": [1]}', "no amount"),
        ("deals", '{"ID": 1, "COMPANY_ID": "CO_5"}', "COMPANY_ID is"),
        ("deals", '{"ID": 1, "CONTACT_ID": -5}', "CONTACT_ID is -5"),
        ("contacts", '{"ID": 1, "COMPANY_IDS": [1, "x"]}', "COMPANY_IDS is"),
    ],
)
def test_a_refusal_names_file_line_wrong_and_right(
    load: Load, table: str, line: str, said: str
) -> None:
    key = "id" if table == "invoices" else "ID"
    message = refusal(load, **{table: [f'{{"{key}": 70}}', "", line]})
    assert f"{table}.jsonl:3: " in message
    assert said in message
    assert "right would be" in message


def test_an_id_that_stands_twice_is_refused(load: Load) -> None:
    message = refusal(load, deals=[{"ID": 4}, {"ID": 5}, {"ID": "4"}])
    assert "deals.jsonl:3: ID 4 stands in line 1 already" in message


def test_deals_and_invoices_may_have_funnels_of_one_number(load: Load) -> None:
    database, _ = load(
        categories=[
            {"id": 3, "entityTypeId": 2, "name": "Розница"},
            {"id": 3, "entityTypeId": 31, "name": "Счета", "isDefault": "Y"},
        ]
    )
    named = {(row["entityTypeId"], row["id"]): row["name"] for row in database.rows("categories")}
    assert named == {(2, 0): "Общая", (2, 3): "Розница", (31, 3): "Счета"}


def test_the_first_twenty_problems_come_in_one_message(load: Load, database: Database) -> None:
    message = refusal(load, companies=["{}"] * 15, deals=["{}"] * 15)
    assert message.count("right would be") == 20
    assert "... and 10 more" in message
    assert database.count("companies") == database.count("users") == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"now": "soon"}, "now or timezone"),
        ({"timezone": "Moscow"}, "Moscow"),
        ({"admin": "boss"}, "admin is"),
        ([1], "is no object"),
    ],
)
def test_bad_facts_of_the_portal_are_refused(load: Load, settings: Any, said: str) -> None:
    message = refusal(load, settings=settings)
    assert "portal.json:1: " in message
    assert said in message


def test_what_is_not_json_or_not_utf8_is_refused(tmp_path: Path, database: Database) -> None:
    (tmp_path / "portal.json").write_text('{"now": null,}', "utf-8")
    (tmp_path / "companies.jsonl").write_bytes('\ufeff{"ID": 1}\n'.encode() + b'{"ID": "\xff"}')
    with pytest.raises(FolderError) as caught:
        load_folder(tmp_path, database)
    first, second = caught.value.problems
    assert "portal.json:1: not JSON" in first
    assert "companies.jsonl:2: not UTF-8" in second


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, database: Database) -> None:
    with pytest.raises(FolderError, match="no such folder"):
        load_folder(tmp_path / "absent", database)

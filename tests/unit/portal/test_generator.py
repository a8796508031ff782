"""The made-up portal: exact counts, the same every time, all kinds of rows, sound references."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from portal.database import Database
from portal.generator import generate
from portal.schema import TABLES, primary_key

NOW = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
CLIENTS = 3000

CLIENT_COUNT = """
    SELECT (SELECT COUNT(*) FROM companies WHERE IS_MY_COMPANY = 'N')
         + (SELECT COUNT(*) FROM contacts WHERE COMPANY_ID = 0 AND COMPANY_IDS = '[]') AS n
"""


def generated(clients: int, seed: int = 1, now: datetime = NOW) -> Database:
    database = Database.create(None)
    generate(database, clients, seed, now)
    return database


@pytest.fixture(scope="module")
def portal() -> Iterator[Database]:
    database = generated(CLIENTS)
    yield database
    database.close()


def column(database: Database, table: str, name: str, where: str = "1") -> list[Any]:
    return [row[name] for row in database.rows(table, where)]


def number(database: Database, statement: str) -> int:
    return int(database.query(f"SELECT ({statement}) AS n")[0]["n"])


def test_the_number_of_clients_is_exact_and_the_rest_in_proportion() -> None:
    for clients in (1, 2, 3, 17, 85, 850):
        database = generated(clients)
        assert database.query(CLIENT_COUNT)[0]["n"] == clients
        assert database.count("deals") == round(clients * 150 / 85)
        assert database.count("invoices") == round(clients * 100 / 85)
        database.close()


def test_a_portal_of_no_clients_is_refused() -> None:
    database = Database.create(None)
    with pytest.raises(ValueError, match="at least 1"):
        generate(database, 0, 1, NOW)
    database.close()


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    one, again, other = generated(150), generated(150), generated(150, seed=2)
    for table in TABLES:
        assert one.rows(table) == again.rows(table), table
    assert one.rows("deals") != other.rows("deals")
    for database in (one, again, other):
        database.close()


def test_the_clock_of_the_portal_is_not_stopped(portal: Database) -> None:
    assert portal.settings["now"] is None
    assert portal.settings["timezone"] == "+03:00"
    admin = portal.row("users", portal.settings["admin"])
    assert admin is not None
    assert admin["IS_ADMIN"] == "Y"


@pytest.mark.parametrize("table", ["companies", "contacts", "deals", "invoices", "activities"])
def test_ids_have_gaps(portal: Database, table: str) -> None:
    ids = column(portal, table, primary_key(table))
    assert len(ids) == len(set(ids))
    steps = [after - before for before, after in pairwise(ids)]
    assert steps.count(1) > len(steps) / 2
    assert max(steps) > 20


def test_nothing_was_created_after_now_and_the_history_is_long(portal: Database) -> None:
    now_s = int(NOW.timestamp())
    for table, name in (
        ("companies", "DATE_CREATE"),
        ("contacts", "DATE_CREATE"),
        ("deals", "DATE_CREATE"),
        ("deals", "MOVED_TIME"),
        ("invoices", "createdTime"),
        ("invoices", "movedTime"),
        ("activities", "CREATED"),
        ("leads", "DATE_CREATE"),
        ("requisites", "DATE_CREATE"),
    ):
        moments = column(portal, table, name)
        assert max(moments) <= now_s, (table, name)
        assert now_s - min(moments) > 5 * 365 * 86400, (table, name)


def test_the_firm_grows_and_sells_by_season(portal: Database) -> None:
    created = [datetime.fromtimestamp(each, UTC) for each in column(portal, "deals", "DATE_CREATE")]
    by_year = {year: sum(each.year == year for each in created) for year in (2019, 2022, 2025)}
    assert by_year[2019] < by_year[2022] < by_year[2025]
    winter, autumn = (
        sum(each.month in months for each in created) for months in ((1, 2), (11, 12))
    )
    assert winter < autumn
    assert sum(each.weekday() >= 5 for each in created) < len(created) / 6


def test_imports_are_spikes_of_one_persons_rows() -> None:
    database = generated(6000)
    busiest = database.query(
        "SELECT DATE_CREATE / 600 AS slot, COUNT(*) AS n, COUNT(DISTINCT CREATED_BY_ID) AS people "
        "FROM contacts GROUP BY slot ORDER BY n DESC LIMIT 1"
    )[0]
    assert busiest["n"] > 100
    assert busiest["people"] == 1
    database.close()


def test_every_kind_of_row_is_there(portal: Database) -> None:
    kinds = {
        "dismissed": "SELECT COUNT(*) FROM users WHERE ACTIVE = 'N'",
        "heads": "SELECT COUNT(*) FROM departments WHERE UF_HEAD > 0",
        "own companies": "SELECT COUNT(*) FROM companies WHERE IS_MY_COMPANY = 'Y'",
        "companies with no contact": "SELECT COUNT(*) FROM companies WHERE IS_MY_COMPANY = 'N' "
        "AND ID NOT IN (SELECT COMPANY_ID FROM contacts)",
        "contacts of several": "SELECT COUNT(*) FROM contacts WHERE COMPANY_IDS LIKE '%,%'",
        "hostile names": "SELECT COUNT(*) FROM contacts WHERE NAME LIKE '%<%'",
        "long titles": "SELECT COUNT(*) FROM deals WHERE LENGTH(TITLE) > 150",
        "chats": "SELECT COUNT(*) FROM contacts WHERE HAS_IMOL = 'Y' AND IM LIKE '%imol|%'",
        "nothing to reach by": "SELECT COUNT(*) FROM companies WHERE HAS_PHONE = 'N' "
        "AND HAS_EMAIL = 'N' AND WEB = '[]' AND IM = '[]'",
        "imported": "SELECT COUNT(*) FROM companies WHERE ORIGINATOR_ID = 'IMPORT'",
        "back-dated": "SELECT COUNT(*) FROM companies AS a WHERE DATE_CREATE < "
        "(SELECT MAX(DATE_CREATE) FROM companies AS b WHERE b.ID < a.ID)",
        "duplicates": "SELECT COUNT(*) - COUNT(DISTINCT TITLE) FROM companies",
        "of leads": "SELECT COUNT(*) FROM companies WHERE LEAD_ID > 0",
        "won": "SELECT COUNT(*) FROM deals WHERE STAGE_SEMANTIC_ID = 'S'",
        "lost": "SELECT COUNT(*) FROM deals WHERE STAGE_SEMANTIC_ID = 'F'",
        "open": "SELECT COUNT(*) FROM deals WHERE STAGE_SEMANTIC_ID = 'P'",
        "funnels": "SELECT COUNT(DISTINCT CATEGORY_ID) = 3 FROM deals",
        "templates": "SELECT COUNT(*) FROM deals WHERE IS_RECURRING = 'Y'",
        "no client": "SELECT COUNT(*) FROM deals WHERE COMPANY_ID = 0 AND CONTACT_ID = 0",
        "free": "SELECT COUNT(*) FROM deals WHERE OPPORTUNITY = 0",
        "without a day": "SELECT COUNT(*) FROM deals WHERE CLOSEDATE IS NULL",
        "a deal's contact alone": "SELECT COUNT(*) FROM deals WHERE COMPANY_ID = 0 AND CONTACT_ID "
        "IN (SELECT ID FROM contacts WHERE COMPANY_ID > 0)",
        "invoices of won deals": "SELECT COUNT(*) FROM invoices WHERE parentId2 IN "
        "(SELECT ID FROM deals WHERE STAGE_SEMANTIC_ID = 'S')",
        "paid invoices of other deals": "SELECT COUNT(*) FROM invoices WHERE stageId = 'DT31_3:P' "
        "AND parentId2 IN (SELECT ID FROM deals WHERE STAGE_SEMANTIC_ID <> 'S')",
        "invoices alone": "SELECT COUNT(*) FROM invoices WHERE parentId2 = 0",
        "two invoices of a deal": "SELECT COUNT(parentId2) - COUNT(DISTINCT parentId2) "
        "FROM invoices WHERE parentId2 > 0",
        "old invoices paid": "SELECT COUNT(*) FROM old_invoices WHERE PAYED = 'Y'",
        "old invoices not paid": "SELECT COUNT(*) FROM old_invoices WHERE DATE_PAYED IS NULL",
        "requisites of contacts": "SELECT COUNT(*) FROM requisites WHERE ENTITY_TYPE_ID = 3",
        "missed calls": "SELECT COUNT(*) FROM activities WHERE RESULT_STREAM = 4",
        **{
            f"activities of owner type {owner}": "SELECT COUNT(*) FROM activities "
            f"WHERE OWNER_TYPE_ID = {owner}"
            for owner in (1, 2, 3, 4, 31)
        },
        **{
            provider: f"SELECT COUNT(*) FROM activities WHERE PROVIDER_ID = '{provider}'"
            for provider in ("CRM_TODO", "CRM_EMAIL", "CRM_MEETING", "IMOPENLINES_SESSION")
        },
    }
    missing = [kind for kind, statement in kinds.items() if not number(portal, statement)]
    assert missing == []


def test_stages_say_what_the_semantics_say(portal: Database) -> None:
    means = {row["STATUS_ID"]: row["SEMANTICS"] or "P" for row in portal.rows("statuses")}
    for deal in portal.rows("deals"):
        assert means[deal["STAGE_ID"]] == deal["STAGE_SEMANTIC_ID"]
        assert deal["CLOSED"] == ("N" if deal["STAGE_SEMANTIC_ID"] == "P" else "Y")
    invoices = portal.rows("invoices")
    assert {means[invoice["stageId"]] for invoice in invoices} == {"S", "F", "P"}
    # The code of the second funnel's paid stage does not give it away.
    assert {"DT31_9:P", "DT31_9:UC_PAID"} <= {invoice["stageId"] for invoice in invoices}
    assert means["DT31_9:P"] == "P"


def test_flags_agree_with_the_multi_fields(portal: Database) -> None:
    for table in ("companies", "contacts"):
        for row in portal.rows(table):
            assert (row["HAS_PHONE"] == "Y") == bool(json.loads(row["PHONE"]))
            assert (row["HAS_EMAIL"] == "Y") == bool(json.loads(row["EMAIL"]))
            types = {each["VALUE_TYPE"] for each in json.loads(row["IM"])}
            assert (row["HAS_IMOL"] == "Y") == ("IMOL" in types)


def test_references_are_valid_but_for_the_few_that_somebody_deleted() -> None:
    database = generated(5000)
    for table, name, target in (
        ("deals", "COMPANY_ID", "companies"),
        ("deals", "CONTACT_ID", "contacts"),
        ("invoices", "companyId", "companies"),
        ("invoices", "contactId", "contacts"),
        ("invoices", "parentId2", "deals"),
        ("companies", "LEAD_ID", "leads"),
        ("contacts", "LEAD_ID", "leads"),
        ("leads", "COMPANY_ID", "companies"),
        ("leads", "CONTACT_ID", "contacts"),
        ("deals", "ASSIGNED_BY_ID", "users"),
        ("companies", "CREATED_BY_ID", "users"),
    ):
        is_dangling = f"{name} > 0 AND {name} NOT IN (SELECT ID FROM {target})"
        dangling = number(database, f"SELECT COUNT(*) FROM {table} WHERE {is_dangling}")
        may_dangle = (table, name) in {
            ("deals", "COMPANY_ID"),
            ("invoices", "companyId"),
            ("invoices", "parentId2"),
        }
        assert (dangling > 0) == may_dangle, (table, name, dangling)
        assert dangling < database.count(table) * 0.02
    database.close()


def test_a_contacts_primary_company_is_its_first(portal: Database) -> None:
    known = set(column(portal, "companies", "ID"))
    for contact in portal.rows("contacts"):
        bound = json.loads(contact["COMPANY_IDS"])
        assert bound[:1] == ([contact["COMPANY_ID"]] if contact["COMPANY_ID"] else [])
        assert len(bound) == len(set(bound))
        assert known.issuperset(bound)

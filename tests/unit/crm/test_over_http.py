"""The reader against the emulated portal, over real HTTP: its database is what comes of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from crm.client import Portal, RetryPolicy
from crm.convert import currency_code
from crm.errors import AnswerTimeout, ConnectionLost
from crm.limits import RequestBucket
from crm.protocols import Answer
from crm.rows import PARTS_OF_NAME
from crm.texts import Texts, full_names, joined_values, texts
from portal.database import Database
from portal.generator import generate
from portal.state import Options, PortalState
from unit.crm.reading import Reading, read
from unit.crm.worlds import NO_MARKS, assert_same, frame
from unit.portal.small_portal import Running, running, wait_for_servers

pytestmark = pytest.mark.thorough


class RealClock:
    """The machine's time."""

    def now_s(self) -> float:
        return time.time()

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class HttpTransport:
    """Requests as a browser sends them: plain text, no headers of one's own."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        try:
            answer = await self._http.post(
                f"{self._url}/rest/{method}.json",
                content=body,
                headers={"Content-Type": "text/plain;charset=UTF-8"},
                timeout=timeout_s,
            )
        except httpx.TimeoutException as error:
            raise AnswerTimeout(method=method) from error
        except httpx.TransportError as error:
            raise ConnectionLost(method=method) from error
        return Answer(answer.status_code, answer.text)


class AdminTokens:
    """Tokens of the administrator, straight from the portal's sessions."""

    def __init__(self, portal: Running) -> None:
        self._portal = portal
        self._token = portal.token()

    async def token(self) -> str:
        return self._token

    async def renew(self) -> str:
        self._token = self._portal.token()
        return self._token


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database.create(None)
    generate(database, clients=300, seed=3, now=datetime(2026, 5, 20, 12, tzinfo=UTC))
    database.build_indexes()
    database.settings["now"] = int(datetime(2026, 5, 20, 12, tzinfo=UTC).timestamp())
    yield database
    wait_for_servers()
    database.close()


def read_over_http(database: Database, faults: str = "") -> Reading:
    """Read the portal of a database to its end."""

    async def work(portal: Running) -> Reading:
        async with httpx.AsyncClient() as http:
            reader = Portal(
                HttpTransport(portal.url, http),
                RealClock(),
                AdminTokens(portal),
                bucket=RequestBucket(rate_per_s=1000, spacing_s=0),
                retries=RetryPolicy(first_wait_s=0.01),
                chance=lambda: 0.5,
            )
            return await read(reader)

    with running(PortalState(database, Options(pace="off", faults=faults))) as portal:
        return asyncio.run(work(portal))


def held(database: Database) -> dict[str, Any]:
    """What the database holds, as the reader's tables."""
    query = database.query
    companies = query("SELECT * FROM companies WHERE IS_MY_COMPANY != 'Y'")
    contacts = query("SELECT * FROM contacts")
    won = {row["STATUS_ID"] for row in query("SELECT * FROM statuses WHERE SEMANTICS = 'S'")}
    return {
        "companies": frame(
            "companies", [(row["ID"], row["DATE_CREATE"], *_client(row)) for row in companies]
        ),
        "contacts": frame(
            "contacts",
            [(row["ID"], row["DATE_CREATE"], row["COMPANY_ID"], *_client(row)) for row in contacts],
        ),
        "links": frame(
            "links",
            [
                (row["ID"], company)
                for row in contacts
                if row["COMPANY_ID"]
                for company in json.loads(row["COMPANY_IDS"])
            ],
        ),
        "deals": frame(
            "deals",
            [
                (
                    row["ID"],
                    row["DATE_CREATE"],
                    row["COMPANY_ID"],
                    row["CONTACT_ID"],
                    row["STAGE_SEMANTIC_ID"] == "S",
                    row["MOVED_TIME"] if row["CLOSEDATE"] is None else row["CLOSEDATE"],
                    *_amount(row["OPPORTUNITY"], row["CURRENCY_ID"]),
                )
                for row in query("SELECT * FROM deals WHERE IS_RECURRING != 'Y'")
            ],
        ),
        "invoices": frame("invoices", [*_smart_invoices(database, won), *_old_invoices(database)]),
        "activities": frame(
            "activities",
            [
                (row["ID"], row["CREATED"], row["OWNER_TYPE_ID"], row["OWNER_ID"])
                for row in query("SELECT * FROM activities")
            ],
        ),
        "requisites": frame(
            "requisites",
            [
                (
                    row["ID"],
                    row["DATE_CREATE"],
                    row["ENTITY_TYPE_ID"],
                    row["ENTITY_ID"],
                    row["RQ_INN"] or "",
                )
                for row in query("SELECT * FROM requisites")
            ],
        ),
        "company_cards": frame("company_cards", _cards(companies, texts(_of(companies, "TITLE")))),
        "contact_cards": frame(
            "contact_cards",
            _cards(contacts, full_names(*(_of(contacts, part) for part in PARTS_OF_NAME))),
        ),
    }


def _client(row: dict[str, Any]) -> tuple[Any, ...]:
    """What follows the ids in the row of a client that has no marks."""
    chats = [entry for entry in json.loads(row["IM"]) if entry["VALUE"].startswith("imol|")]
    addresses = len(json.loads(row["IM"])) > len(chats)
    reachable = "Y" in (row["HAS_PHONE"], row["HAS_EMAIL"]) or addresses or row["WEB"] != "[]"
    has_chat = row["HAS_IMOL"] == "Y" or bool(chats)
    changed = (row["CREATED_BY_ID"], row["DATE_MODIFY"])
    return (reachable, has_chat, row["LEAD_ID"], *changed, *NO_MARKS)


def _cards(rows: list[dict[str, Any]], names: Texts) -> list[tuple[Any, ...]]:
    """What clients are known by; how texts are cleaned is tried elsewhere."""
    fields = [
        joined_values([json.loads(value) for value in _of(rows, name)])
        for name in ("PHONE", "EMAIL", "WEB")
    ]
    people = [row["ASSIGNED_BY_ID"] or 0 for row in rows]
    return list(zip(_of(rows, "ID"), names, *fields, people, strict=True))


def _of(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def _amount(money: Any, currency: str) -> tuple[float, int]:
    return float(money), currency_code(currency)


def _smart_invoices(database: Database, won: set[str]) -> Iterator[tuple[Any, ...]]:
    for row in database.query("SELECT * FROM invoices"):
        paid = row["stageId"] in won
        client = (row["companyId"], row["contactId"], row["parentId2"])
        amount = _amount(row["opportunity"], row["currencyId"])
        paid_at = row["movedTime"] if paid else None
        yield row["id"], 31, row["createdTime"], *client, paid, paid_at, *amount


def _old_invoices(database: Database) -> Iterator[tuple[Any, ...]]:
    for row in database.query("SELECT * FROM old_invoices"):
        paid = row["PAYED"] == "Y"
        client = (row["UF_COMPANY_ID"], row["UF_CONTACT_ID"], row["UF_DEAL_ID"])
        amount = _amount(row["PRICE"], row["CURRENCY"])
        paid_at = row["DATE_PAYED"] if paid else None
        yield row["ID"], 5, row["DATE_INSERT"], *client, paid, paid_at, *amount


def test_the_tables_hold_what_the_portal_holds(database: Database) -> None:
    reading = read_over_http(database)
    expected = held(database)
    assert all(len(table) for table in expected.values()), "nothing would be tried"
    assert_same(reading.tables, expected)
    assert not reading.reports[-1].retries
    assert not reading.survey.notes


@pytest.mark.parametrize(
    "faults",
    ["seed=1,500=0.15,502=0.15,html=0.15", "seed=2,lost=0.15,reset=0.15,expire=0.05", "at=5:503"],
)
def test_faults_of_every_kind_end_in_the_same_tables(database: Database, faults: str) -> None:
    reading = read_over_http(database, faults)
    assert_same(reading.tables, held(database))
    assert reading.reports[-1].retries

"""The brute-force oracle over the emulated portal's own database, without the reading code."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from property.oracle import Oracle, Row, Rows

Counters = dict[str, dict[str, int]]
WRITE_AHEAD_LOG = "-wal"


@contextlib.contextmanager
def as_it_is(database: Path, folder: Path) -> Iterator[sqlite3.Connection]:
    """A copy, laid into ``folder``, of what a running portal keeps in ``database``, which it keeps
    locked; the portal must have nothing to do meanwhile.
    """
    for suffix in ("", WRITE_AHEAD_LOG):
        shutil.copy(f"{database}{suffix}", folder / f"copy.sqlite{suffix}")
    with contextlib.closing(sqlite3.connect(folder / "copy.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def counters_of_database(connection: sqlite3.Connection, as_of: str) -> Counters:
    """Today's counters at the ISO moment ``as_of``, in the form of ``Application.counters``."""
    now = datetime.fromisoformat(as_of)
    assert now.tzinfo is not None
    answer = Oracle(rows_of_database(connection), now, now.tzinfo).answer()
    return {
        str(mode): {segment: series[-1] for segment, series in segments.items()}
        for mode, segments in answer.modes.items()
    }


def rows_of_database(connection: sqlite3.Connection) -> Rows:
    """The portal's rows as the oracle wants them."""
    connection.row_factory = sqlite3.Row
    paid_stages = {
        row["STATUS_ID"]
        for row in connection.execute("SELECT * FROM statuses WHERE SEMANTICS = 'S'")
    }

    def rows(table: str) -> list[Any]:
        return connection.execute(f"SELECT * FROM {table}").fetchall()

    contacts = rows("contacts")
    return {
        "companies": [_person(row) for row in rows("companies") if row["IS_MY_COMPANY"] != "Y"],
        "contacts": [_person(row) | {"company": row["COMPANY_ID"]} for row in contacts],
        "links": [
            {"contact": row["ID"], "company": company}
            for row in contacts
            for company in json.loads(row["COMPANY_IDS"])
        ],
        "deals": [_deal(row) for row in rows("deals") if row["IS_RECURRING"] != "Y"],
        "invoices": [_smart_invoice(row, paid_stages) for row in rows("invoices")]
        + [_old_invoice(row) for row in rows("old_invoices")],
        "activities": [
            {"id": row["ID"], "owner_type": row["OWNER_TYPE_ID"], "owner": row["OWNER_ID"]}
            for row in rows("activities")
        ],
        "requisites": [
            {"id": row["ID"], "owner_type": row["ENTITY_TYPE_ID"], "owner": row["ENTITY_ID"]}
            for row in rows("requisites")
        ],
    }


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _person(row: Any) -> Row:
    messengers = json.loads(row["IM"])
    chats = [each for each in messengers if str(each["VALUE"]).startswith("imol|")]
    return {
        "id": row["ID"],
        "created": _moment(row["DATE_CREATE"]),
        "has_contact_data": row["HAS_PHONE"] == "Y"
        or row["HAS_EMAIL"] == "Y"
        or bool(json.loads(row["WEB"]))
        or len(messengers) > len(chats),
        "has_chat": row["HAS_IMOL"] == "Y" or bool(chats),
        "lead": row["LEAD_ID"],
    }


def _deal(row: Any) -> Row:
    return {
        "id": row["ID"],
        "created": _moment(row["DATE_CREATE"]),
        "company": row["COMPANY_ID"],
        "contact": row["CONTACT_ID"],
        "won": row["STAGE_SEMANTIC_ID"] == "S",
        "closed": _moment(row["CLOSEDATE"] if row["CLOSEDATE"] is not None else row["MOVED_TIME"]),
    }


def _smart_invoice(row: Any, paid_stages: set[str]) -> Row:
    return {
        "id": row["id"],
        "kind": 31,
        "created": _moment(row["createdTime"]),
        "company": row["companyId"],
        "contact": row["contactId"],
        "deal": row["parentId2"],
        "paid": row["stageId"] in paid_stages,
        "paid_at": _moment(row["movedTime"]),
    }


def _old_invoice(row: Any) -> Row:
    return {
        "id": row["ID"],
        "kind": 5,
        "created": _moment(row["DATE_INSERT"]),
        "company": row["UF_COMPANY_ID"],
        "contact": row["UF_CONTACT_ID"],
        "deal": row["UF_DEAL_ID"],
        "paid": row["PAYED"] == "Y",
        "paid_at": _moment(row["DATE_PAYED"]),
    }

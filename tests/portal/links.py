"""Bindings of contacts and companies in the database: a contact's companies, the primary one first.

Written past the rows' dates of change, as the portal does (reference §4); triggers of the database
keep the table ``links`` true.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from portal.database import Database


def companies_of(contact: dict[str, Any]) -> list[int]:
    """Companies of a contact (a row in internal forms), the primary one first."""
    primary = [contact["COMPANY_ID"]] if contact["COMPANY_ID"] else []
    return list(dict.fromkeys(primary + orjson.loads(contact["COMPANY_IDS"])))


def set_companies(database: Database, contact: int, companies: Iterable[int]) -> None:
    """Bind a contact to these companies alone."""
    bound = list(dict.fromkeys(companies))
    database.connection.execute(
        "UPDATE contacts SET COMPANY_ID = ?, COMPANY_IDS = ? WHERE ID = ?",
        (next(iter(bound), 0), orjson.dumps(bound).decode(), contact),
    )


def set_contacts(database: Database, company: int, contacts: Iterable[int]) -> bool:
    """Bind these contacts alone to a company; returns whether anything has changed."""
    before = {row["ID"] for row in _bound(database, [company])}
    after = set(contacts)
    for contact in database.rows("contacts", _any_of("ID", before ^ after), [*(before ^ after)]):
        companies = companies_of(contact)
        if contact["ID"] in after:
            set_companies(database, contact["ID"], [*companies, company])
        else:
            set_companies(database, contact["ID"], _without(companies, [company]))
    return before != after


def unbind(database: Database, company: int) -> None:
    """Take a company away from all its contacts; the next one of each becomes the primary one."""
    for contact in _bound(database, [company]):
        set_companies(database, contact["ID"], _without(companies_of(contact), [company]))


def rebind(database: Database, keep: int, gone: list[int]) -> None:
    """Put a company in the place of others."""
    for contact in _bound(database, gone):
        companies = [keep if each in gone else each for each in companies_of(contact)]
        set_companies(database, contact["ID"], companies)


def _bound(database: Database, companies: list[int]) -> list[dict[str, Any]]:
    linked = f"ID IN (SELECT contact FROM links WHERE {_any_of('company', companies)})"
    return database.rows("contacts", linked, companies)


def _any_of(column: str, ids: Iterable[int]) -> str:
    return f"{column} IN ({', '.join('?' for _ in ids)})"


def _without(companies: list[int], gone: list[int]) -> list[int]:
    return [each for each in companies if each not in gone]

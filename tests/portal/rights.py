"""Who may read and change which rows.

An administrator: all. The head of a department: rows of everybody in it and in the departments
below, own ones included. Anybody else: rows he is responsible for. A requisite goes with its
company or contact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from portal.database import Database
from portal.entities import RESPONSIBLE


class Rights:
    """Rows of one user. ``people`` None: no restriction; else the users whose rows he may read."""

    def __init__(self, people: frozenset[int] | None):
        self.people = people

    @property
    def is_admin(self) -> bool:
        """Whether nothing is restricted."""
        return self.people is None

    def condition(self, table: str) -> str:
        """SQL that is true for readable rows of the table; ``""`` when all are."""
        if self.people is None:
            return ""
        allowed = ", ".join(str(person) for person in sorted(self.people))
        if table == "requisites":
            return (
                "((ENTITY_TYPE_ID = 4 AND ENTITY_ID IN "
                f"(SELECT ID FROM companies WHERE ASSIGNED_BY_ID IN ({allowed}))) OR "
                "(ENTITY_TYPE_ID = 3 AND ENTITY_ID IN "
                f"(SELECT ID FROM contacts WHERE ASSIGNED_BY_ID IN ({allowed}))))"
            )
        column = RESPONSIBLE.get(table)
        return f'"{column}" IN ({allowed})' if column else ""

    def may_touch(self, table: str, row: dict[str, Any]) -> bool:
        """Whether the user may read and change this row (in internal forms)."""
        return self.people is None or row[RESPONSIBLE[table]] in self.people


def rights_of(database: Database, user: dict[str, Any], is_admin: bool) -> Rights:
    """Rights of a user, by the departments he heads."""
    if is_admin:
        return Rights(None)
    people = {int(user["ID"])}
    headed = _headed(database.rows("departments"), int(user["ID"]))
    if headed:
        for colleague in database.rows("users"):
            if headed.intersection(json.loads(colleague["UF_DEPARTMENT"])):
                people.add(int(colleague["ID"]))
    return Rights(frozenset(people))


def _headed(departments: Iterable[dict[str, Any]], user_id: int) -> set[int]:
    """Departments that the user heads, with all below them."""
    rows = list(departments)
    headed = {row["ID"] for row in rows if row["UF_HEAD"] == user_id}
    while True:
        below = {row["ID"] for row in rows if row["PARENT"] in headed} - headed
        if not below:
            return headed
        headed |= below

"""Adding, changing and deleting rows, with what the portal does by itself on a change.

A stage decides its semantics, closes or reopens the deal, moves it in time; multi-fields decide
``HAS_PHONE`` and ``HAS_EMAIL``; a contact's companies follow its primary one (reference §4, §4.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from portal.clock import Clock
from portal.database import Database
from portal.entities import Entity, id_column
from portal.links import set_contacts, unbind
from portal.multifields import flags, item_changes, merged
from portal.parameters import entries, members, php_int
from portal.schema import TABLES
from portal.userfields import UserFields, item_value
from portal.values import Moments, stored

_OWN_OF_PORTAL: Final = {
    *("ID", "DATE_CREATE", "DATE_MODIFY", "CREATED_BY_ID", "MODIFY_BY_ID", "CLOSED"),
    *("MOVED_BY_ID", "MOVED_TIME", "STAGE_SEMANTIC_ID", "STATUS_SEMANTIC_ID"),
    *("HAS_PHONE", "HAS_EMAIL", "HAS_IMOL", "LAST_ACTIVITY_TIME", "LAST_ACTIVITY_BY"),
    *("DATE_INSERT", "DATE_UPDATE", "CREATED", "LAST_UPDATED", "AUTHOR_ID", "EDITOR_ID"),
    *("id", "createdTime", "updatedTime", "createdBy", "updatedBy", "movedTime", "movedBy"),
    "previousStageId",
}
_CREATED: Final = ("DATE_CREATE", "createdTime", "DATE_INSERT", "CREATED")
_MODIFIED: Final = ("DATE_MODIFY", "updatedTime", "DATE_UPDATE", "LAST_UPDATED")
_CREATED_BY: Final = ("CREATED_BY_ID", "createdBy", "AUTHOR_ID")
_MODIFIED_BY: Final = ("MODIFY_BY_ID", "updatedBy", "EDITOR_ID")
_RESPONSIBLE: Final = ("ASSIGNED_BY_ID", "assignedById", "RESPONSIBLE_ID")
_FINAL: Final = ("S", "F")


@dataclass(frozen=True)
class Change:
    """What has happened to a row. ``entity.table`` tells which list, whichever methods were used.

    An update that saves nothing is no change.
    """

    kind: Literal["add", "update", "delete"]
    entity: Entity
    row_id: int
    user_id: int


def _unheard(_: Change) -> None:
    """Nobody listens."""


class Records:
    """Writes to one database, stamped by one clock.

    ``on_change`` is told of each row that a method has added, updated or deleted, after it is done.
    """

    def __init__(self, database: Database, moments: Moments, clock: Clock, user_fields: UserFields):
        self.on_change: Callable[[Change], None] = _unheard
        self._user_fields = user_fields
        self._database = database
        self._moments = moments
        self._clock = clock

    def add(
        self, entity: Entity, fields: Any, user_id: int, *, original_names: bool = False
    ) -> int:
        """A new row; returns its id. ``original_names``: of user fields in crm.item.*."""
        now = self._clock.portal_s()
        entity = self._user_fields.entity(entity, original_names=original_names)
        row = self._changes(entity, self._empty(entity), fields, user_id)
        for stamps, value in (
            (_CREATED, now),
            (_MODIFIED, now),
            (_CREATED_BY, user_id),
            (_MODIFIED_BY, user_id),
        ):
            row.update(_stamp(entity, stamps, value))
        for column, value in _stamp(entity, _RESPONSIBLE, user_id).items():
            row.setdefault(column, value)
        names = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join("?" * len(row))
        statement = f'INSERT INTO "{entity.table}" ({names}) VALUES ({marks})'
        cursor = self._database.connection.execute(statement, list(row.values()))
        row_id = int(cursor.lastrowid or 0)
        self._bind_contacts(entity, row_id, fields)
        self.on_change(Change("add", entity, row_id, user_id))
        return row_id

    def update(
        self,
        entity: Entity,
        row: dict[str, Any],
        fields: Any,
        user_id: int,
        *,
        only_if_changed: bool,
        original_names: bool = False,
    ) -> bool:
        """Change a row (given in internal forms); returns whether anything was saved.

        ``original_names``: of user fields in crm.item.*.
        """
        entity = self._user_fields.entity(entity, original_names=original_names)
        changes = self._changes(entity, row, fields, user_id)
        changed = self._bind_contacts(entity, row[id_column(entity)], fields) or any(
            _differ(TABLES[entity.table][column], row[column], value)
            for column, value in changes.items()
        )
        if only_if_changed and not changed:
            return False
        self.replace(entity, row, changes, user_id)
        return True

    def replace(
        self, entity: Entity, row: dict[str, Any], changes: dict[str, Any], user_id: int
    ) -> None:
        """Put new values (in internal forms) into a row's columns, with the stamps of a change."""
        changes = {
            **changes,
            **_stamp(entity, _MODIFIED, self._clock.portal_s()),
            **_stamp(entity, _MODIFIED_BY, user_id),
        }
        marks = ", ".join(f'"{column}" = ?' for column in changes)
        key = id_column(entity)
        statement = f'UPDATE "{entity.table}" SET {marks} WHERE "{key}" = ?'
        self._database.connection.execute(statement, [*changes.values(), row[key]])
        self.on_change(Change("update", entity, row[key], user_id))

    def delete(self, entity: Entity, row_id: int, user_id: int) -> None:
        """Delete a row; contacts of a deleted company lose the link, documents keep the dead id."""
        if entity.table == "companies":
            unbind(self._database, row_id)
        self._database.connection.execute(
            f'DELETE FROM "{entity.table}" WHERE "{id_column(entity)}" = ?', (row_id,)
        )
        self.on_change(Change("delete", entity, row_id, user_id))

    def _bind_contacts(self, entity: Entity, company: int, fields: Any) -> bool:
        """Contacts that a company is written with; their own dates stay. Whether any changed."""
        if entity.table != "companies":
            return False
        given = dict(entries(fields))
        for name in ("contactIds",) if entity.is_item else ("CONTACT_ID", "CONTACT_IDS"):
            if name in given:
                contacts = [php_int(each) for each in members(given[name])]
                return set_contacts(self._database, company, contacts)
        return False

    def _empty(self, entity: Entity) -> dict[str, Any]:
        empty = {
            "id": 0,
            "moment": None,
            "flag": "N",
            "money": 0.0,
            "text": "",
            "fm": "[]",
            "ids": "[]",
            "json": "{}",
        }
        return {column: empty[kind] for column, kind in TABLES[entity.table].items()}

    def _changes(
        self, entity: Entity, row: dict[str, Any], fields: Any, user_id: int
    ) -> dict[str, Any]:
        given = dict(entries(fields))
        changes: dict[str, Any] = {}
        user_values: dict[str, Any] = {}
        for name, value in given.items():
            field = entity.fields.get(name)
            if field is None:
                continue
            if field.original:
                defined = self._user_fields.of(entity.table)[field.original]
                if entity.is_item:
                    value = item_value(defined, value)
                user_values[field.original] = defined.stored(value, self._moments)
            elif field.kind == "fm" and field.column:
                changes[field.column] = merged(
                    row[field.column], value, field.column, self._database.next_multifield_id
                )
            elif field.column and field.column not in _OWN_OF_PORTAL:
                changes[field.column] = stored(field.kind, value, self._moments)
        if user_values:
            changes.update(_with_user_values(entity.extra, row[entity.extra], user_values))
        if entity.is_item and "fm" in given:
            changes.update(
                item_changes(entity.table, row, given["fm"], self._database.next_multifield_id)
            )
        # The older contact methods write this field and never show it.
        if entity.table == "contacts" and "COMPANY_IDS" in given:
            changes["COMPANY_IDS"] = stored("ids", given["COMPANY_IDS"], self._moments)
        changes.update(self._consequences(entity, row, changes, user_id))
        return changes

    def _consequences(
        self, entity: Entity, row: dict[str, Any], changes: dict[str, Any], user_id: int
    ) -> dict[str, Any]:
        if entity.table == "contacts":
            return {**_companies(row, changes), **flags(changes)}
        if entity.table == "companies":
            return flags(changes)
        if entity.table == "activities" and "COMPLETED" in changes:
            return {"STATUS": 2 if changes["COMPLETED"] == "Y" else 1}
        stage = {"deals": "STAGE_ID", "invoices": "stageId", "leads": "STATUS_ID"}.get(
            entity.table, ""
        )
        if not stage or changes.get(stage, row[stage]) == row[stage]:
            return {}
        if entity.table == "invoices":
            return {
                "previousStageId": row[stage],
                "movedTime": self._clock.portal_s(),
                "movedBy": user_id,
            }
        return self._moved(entity, row, changes, stage, user_id)

    def _moved(
        self, entity: Entity, row: dict[str, Any], changes: dict[str, Any], stage: str, user_id: int
    ) -> dict[str, Any]:
        category = changes.get("CATEGORY_ID", row.get("CATEGORY_ID", 0))
        semantics = self._semantics(entity.table, category, changes[stage])
        now = self._clock.portal_s()
        if entity.table == "leads":
            return {
                "STATUS_SEMANTIC_ID": semantics,
                "DATE_CLOSED": now if semantics in _FINAL else None,
            }
        moved = {
            "STAGE_SEMANTIC_ID": semantics,
            "CLOSED": "Y" if semantics in _FINAL else "N",
            "MOVED_TIME": now,
            "MOVED_BY_ID": user_id,
        }
        if semantics in _FINAL and row["CLOSED"] != "Y" and "CLOSEDATE" not in changes:
            moved["CLOSEDATE"] = self._moments.midnight(now)
        return moved

    def _semantics(self, table: str, category: int, stage: str) -> str:
        directory = (
            "STATUS" if table == "leads" else f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
        )
        rows = self._database.rows(
            "statuses", "ENTITY_ID = ? AND STATUS_ID = ?", (directory, stage)
        )
        if rows:
            return str(rows[0]["SEMANTICS"] or "P")
        last = stage.rpartition(":")[2]
        return (
            "S"
            if last in ("WON", "CONVERTED")
            else "F"
            if last in ("LOSE", "APOLOGY", "JUNK")
            else "P"
        )


def _stamp(entity: Entity, names: tuple[str, ...], value: Any) -> dict[str, Any]:
    columns = TABLES[entity.table]
    return {name: value for name in names if name in columns}


def _differ(kind: str, before: Any, after: Any) -> bool:
    if before == after:
        return False
    # The same JSON may be written in several ways.
    return kind not in ("fm", "ids", "json") or orjson.loads(before) != orjson.loads(after)


def _with_user_values(column: str, extra: str, given: dict[str, Any]) -> dict[str, str]:
    """The column with the values put in; nothing when all of them were there already."""
    values = orjson.loads(extra)
    if all(values.get(name) == value for name, value in given.items()):
        return {}
    values.update(given)
    filled = {name: value for name, value in values.items() if value is not None}
    return {column: orjson.dumps(filled).decode()}


def _companies(row: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    if "COMPANY_IDS" in changes:
        companies = orjson.loads(changes["COMPANY_IDS"])
        primary = changes.get("COMPANY_ID", row["COMPANY_ID"])
        return {"COMPANY_ID": primary if primary in companies else (companies or [0])[0]}
    if "COMPANY_ID" in changes and changes["COMPANY_ID"] != row["COMPANY_ID"]:
        primary = php_int(changes["COMPANY_ID"])
        return {"COMPANY_IDS": orjson.dumps([primary] if primary else []).decode()}
    return {}

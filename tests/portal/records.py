"""Adding, changing and deleting rows, with what the portal does by itself on a change.

A stage decides its semantics, closes or reopens the deal, moves it in time; multi-fields decide
``HAS_PHONE`` and ``HAS_EMAIL``; a contact's companies follow its primary one (reference §4, §4.1).
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from portal.clock import Clock
from portal.database import Database
from portal.entities import Entity, id_column, original_user_field
from portal.parameters import entries, is_array, members, php_int, php_text, upper_keys
from portal.schema import TABLES
from portal.values import Moments, stored

_OWN_OF_PORTAL: Final = {
    *("ID", "DATE_CREATE", "DATE_MODIFY", "CREATED_BY_ID", "MODIFY_BY_ID", "CLOSED"),
    *("MOVED_BY_ID", "MOVED_TIME", "STAGE_SEMANTIC_ID", "STATUS_SEMANTIC_ID"),
    *("HAS_PHONE", "HAS_EMAIL", "HAS_IMOL", "LAST_ACTIVITY_TIME", "LAST_ACTIVITY_BY"),
    *("DATE_INSERT", "DATE_UPDATE"),
    *("id", "createdTime", "updatedTime", "createdBy", "updatedBy", "movedTime", "movedBy"),
    "previousStageId",
}
_CREATED: Final = ("DATE_CREATE", "createdTime", "DATE_INSERT")
_MODIFIED: Final = ("DATE_MODIFY", "updatedTime", "DATE_UPDATE")
_CREATED_BY: Final = ("CREATED_BY_ID", "createdBy")
_MODIFIED_BY: Final = ("MODIFY_BY_ID", "updatedBy")
_RESPONSIBLE: Final = ("ASSIGNED_BY_ID", "assignedById", "RESPONSIBLE_ID")
_FINAL: Final = ("S", "F")


class Records:
    """Writes to one database, stamped by one clock."""

    def __init__(self, database: Database, moments: Moments, clock: Clock):
        self._database = database
        self._moments = moments
        self._clock = clock

    def add(self, entity: Entity, fields: Any, user_id: int) -> int:
        """A new row; returns its id."""
        now = self._clock.portal_s()
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
        return int(cursor.lastrowid or 0)

    def update(
        self,
        entity: Entity,
        row: dict[str, Any],
        fields: Any,
        user_id: int,
        *,
        only_if_changed: bool,
    ) -> bool:
        """Change a row (given in internal forms); returns whether anything was saved."""
        changes = self._changes(entity, row, fields, user_id)
        changed = any(row[column] != value for column, value in changes.items())
        if only_if_changed and not changed:
            return False
        changes.update(_stamp(entity, _MODIFIED, self._clock.portal_s()))
        changes.update(_stamp(entity, _MODIFIED_BY, user_id))
        marks = ", ".join(f'"{column}" = ?' for column in changes)
        key = id_column(entity)
        statement = f'UPDATE "{entity.table}" SET {marks} WHERE "{key}" = ?'
        self._database.connection.execute(statement, [*changes.values(), row[key]])
        return True

    def delete(self, entity: Entity, row_id: int) -> None:
        """Delete a row; contacts of a deleted company lose the link, documents keep the dead id."""
        if entity.table == "companies":
            self._unlink(row_id)
        self._database.connection.execute(
            f'DELETE FROM "{entity.table}" WHERE "{id_column(entity)}" = ?', (row_id,)
        )

    def _unlink(self, company: int) -> None:
        linked = "ID IN (SELECT contact FROM links WHERE company = ?)"
        for contact in self._database.rows("contacts", linked, (company,)):
            left = [each for each in orjson.loads(contact["COMPANY_IDS"]) if each != company]
            primary = contact["COMPANY_ID"]
            if primary == company:
                primary = left[0] if left else 0
            self._database.connection.execute(
                "UPDATE contacts SET COMPANY_ID = ?, COMPANY_IDS = ? WHERE ID = ?",
                (primary, orjson.dumps(left).decode(), contact["ID"]),
            )

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
        for name, value in given.items():
            field = entity.field(name)
            if field is None:
                continue
            if field.kind == "uf":
                extra = changes.get(entity.extra, row[entity.extra])
                changes[entity.extra] = _with_user_field(extra, original_user_field(name), value)
            elif field.kind == "fm" and field.column:
                changes[field.column] = self._multifield(row[field.column], value, field.column)
            elif field.column and field.column not in _OWN_OF_PORTAL:
                changes[field.column] = stored(field.kind, value, self._moments)
        if entity.is_item and "fm" in given:
            changes.update(self._item_multifields(entity, row, given["fm"]))
        # The older contact methods write this field and never show it.
        if entity.table == "contacts" and "COMPANY_IDS" in given:
            changes["COMPANY_IDS"] = stored("ids", given["COMPANY_IDS"], self._moments)
        changes.update(self._consequences(entity, row, changes, user_id))
        return changes

    def _consequences(
        self, entity: Entity, row: dict[str, Any], changes: dict[str, Any], user_id: int
    ) -> dict[str, Any]:
        if entity.table == "contacts":
            return {**_companies(row, changes), **_flags(changes)}
        if entity.table == "companies":
            return _flags(changes)
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

    def _multifield(self, text: str, value: Any, kind: str) -> str:
        """Merge by ID: a row without ID is added; ``DELETE``, an empty VALUE, a bare ID delete."""
        rows: list[dict[str, Any]] = orjson.loads(text)
        for given in (upper_keys(each) for each in members(value) if is_array(each)):
            row_id = php_text(given.get("ID", ""))
            known = (
                next((row for row in rows if php_text(row.get("ID")) == row_id), None)
                if row_id
                else None
            )
            is_deleted = php_text(given.get("DELETE")) == "Y" or php_text(given.get("VALUE")) == ""
            if known is not None and is_deleted:
                rows.remove(known)
            elif known is not None:
                known["VALUE"] = php_text(given["VALUE"])
                known["VALUE_TYPE"] = php_text(
                    given.get("VALUE_TYPE", known.get("VALUE_TYPE", "WORK"))
                )
            elif not is_deleted:
                rows.append(
                    {
                        "ID": str(self._database.next_multifield_id()),
                        "VALUE_TYPE": php_text(given.get("VALUE_TYPE", "WORK")),
                        "VALUE": php_text(given["VALUE"]),
                        "TYPE_ID": kind,
                    }
                )
        return orjson.dumps(rows).decode()

    def _item_multifields(self, entity: Entity, row: dict[str, Any], value: Any) -> dict[str, Any]:
        changes = {}
        for column in (name for name, kind in TABLES[entity.table].items() if kind == "fm"):
            given = [
                {
                    "ID": each.get("ID", ""),
                    "VALUE": each.get("VALUE", ""),
                    "VALUE_TYPE": each.get("VALUETYPE", "WORK"),
                }
                for each in (upper_keys(member) for member in members(value))
                if each.get("TYPEID") == column
            ]
            if given:
                changes[column] = self._multifield(row[column], given, column)
        return {**changes, **_flags(changes)}


def _stamp(entity: Entity, names: tuple[str, ...], value: Any) -> dict[str, Any]:
    columns = TABLES[entity.table]
    return {name: value for name in names if name in columns}


def _with_user_field(extra: str, name: str, value: Any) -> str:
    values = orjson.loads(extra)
    values[name] = members(value) if is_array(value) else value
    return orjson.dumps(values).decode()


def _flags(changes: dict[str, Any]) -> dict[str, str]:
    return {
        f"HAS_{column}": "N" if changes[column] == "[]" else "Y"
        for column in ("PHONE", "EMAIL")
        if column in changes
    }


def _companies(row: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    if "COMPANY_IDS" in changes:
        companies = orjson.loads(changes["COMPANY_IDS"])
        primary = changes.get("COMPANY_ID", row["COMPANY_ID"])
        return {"COMPANY_ID": primary if primary in companies else (companies or [0])[0]}
    if "COMPANY_ID" in changes and changes["COMPANY_ID"] != row["COMPANY_ID"]:
        primary = php_int(changes["COMPANY_ID"])
        return {"COMPANY_IDS": orjson.dumps([primary] if primary else []).decode()}
    return {}

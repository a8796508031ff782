"""The app's own storages on the portal: items with a name, texts and properties (reference §4.4).

As on the platform a storage is an information block: rights by access code, conditions on names
that know ``%`` and ``_`` as masks unless ``=`` is given. Name and texts of an item together have at
most 65,535 bytes: the platform keeps a copy of them for searching in one column of that size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from portal.clock import Clock
from portal.database import Database
from portal.filters import Condition
from portal.parameters import entries, is_array, members, php_int, php_text
from portal.values import Moments

LEVELS: Final = "RWX"
MOST_TEXT_BYTES: Final = 65_535
LONGEST_NAME: Final = 255

_SEARCHED: Final = ("NAME", "PREVIEW_TEXT", "DETAIL_TEXT")
_TEXTS: Final = (*_SEARCHED, "CODE")
_NUMBERS: Final = ("ID", "SORT", "SECTION", "CREATED_BY", "MODIFIED_BY")
_MOMENTS: Final = ("DATE_ACTIVE_FROM", "DATE_ACTIVE_TO", "DATE_CREATE", "TIMESTAMP_X")
_WRITABLE: Final = (*_TEXTS, "ACTIVE", "SORT", "SECTION", "DATE_ACTIVE_FROM", "DATE_ACTIVE_TO")


class TextTooLong(Exception):
    """The database of the portal would not take the texts."""


@dataclass(frozen=True)
class Storage:
    """One storage. ``access``: level by access code; ``properties``: as ``property.get`` tells."""

    row_id: int
    code: str
    name: str
    access: dict[str, str]
    properties: list[dict[str, Any]]

    def level(self, user_id: int, *, is_admin: bool) -> str:
        """What a user may: ``R``, ``W``, ``X`` or nothing; administrators may everything."""
        if is_admin:
            return "X"
        levels = (self.access.get("AU", ""), self.access.get(f"U{user_id}", ""))
        return max(levels, key=lambda level: LEVELS.find(level))


class Storages:
    """All storages of the app in one database."""

    def __init__(self, database: Database, moments: Moments, clock: Clock):
        self._database = database
        self._moments = moments
        self._clock = clock

    def all(self) -> list[Storage]:
        """Every storage."""
        rows = self._database.query("SELECT * FROM storages ORDER BY ID")
        return [
            Storage(
                row["ID"],
                row["ENTITY"],
                row["NAME"],
                json.loads(row["ACCESS"]),
                json.loads(row["PROPERTIES"]),
            )
            for row in rows
        ]

    def find(self, code: str) -> Storage | None:
        """A storage by its code."""
        return next((storage for storage in self.all() if storage.code == code), None)

    def add(self, code: str, name: str, access: dict[str, str]) -> None:
        """A new storage."""
        self._database.connection.execute(
            "INSERT INTO storages (ENTITY, NAME, ACCESS) VALUES (?, ?, ?)",
            (code, name, json.dumps(access)),
        )

    def update(self, storage: Storage, **changes: Any) -> None:
        """Change ``ENTITY``, ``NAME``, ``ACCESS`` or ``PROPERTIES`` of a storage."""
        for column, value in changes.items():
            self._database.connection.execute(
                f'UPDATE storages SET "{column}" = ? WHERE ID = ?',
                (value if isinstance(value, str) else json.dumps(value), storage.row_id),
            )

    def delete(self, storage: Storage) -> None:
        """Delete a storage with all its items."""
        execute = self._database.connection.execute
        execute("DELETE FROM storage_items WHERE STORAGE_ID = ?", (storage.row_id,))
        execute("DELETE FROM storages WHERE ID = ?", (storage.row_id,))

    def move_values(self, storage: Storage, old: str, new: str = "") -> None:
        """Let the values of a property be those of another one, or drop them."""
        without = f"json_remove(PROPERTY_VALUES, '$.\"{old}\"')"
        moved = f"json_set({without}, '$.\"{new}\"', json_extract(PROPERTY_VALUES, '$.\"{old}\"'))"
        self._database.connection.execute(
            f"UPDATE storage_items SET PROPERTY_VALUES = {moved if new else without} "
            "WHERE STORAGE_ID = ?",
            (storage.row_id,),
        )

    def add_item(self, storage: Storage, given: dict[str, Any], user_id: int) -> int:
        """A new item; its id. TextTooLong when the texts do not fit."""
        now = self._clock.portal_s()
        row = {
            "STORAGE_ID": storage.row_id,
            "DATE_CREATE": now,
            "CREATED_BY": user_id,
            "TIMESTAMP_X": now,
            "MODIFIED_BY": user_id,
            **self._stored(storage, given, {}),
        }
        _check_texts(row)
        names = ", ".join(f'"{name}"' for name in row)
        cursor = self._database.connection.execute(
            f"INSERT INTO storage_items ({names}) VALUES ({', '.join('?' * len(row))})",
            list(row.values()),
        )
        return int(cursor.lastrowid or 0)

    def update_item(
        self, storage: Storage, item_id: int, given: dict[str, Any], user_id: int
    ) -> bool:
        """Change an item; False when there is none. TextTooLong when the texts do not fit."""
        known = self._item(storage, item_id)
        if known is None:
            return False
        changes = {
            **self._stored(storage, given, json.loads(known["PROPERTY_VALUES"])),
            "TIMESTAMP_X": self._clock.portal_s(),
            "MODIFIED_BY": user_id,
        }
        _check_texts({**known, **changes})
        marks = ", ".join(f'"{name}" = ?' for name in changes)
        self._database.connection.execute(
            f"UPDATE storage_items SET {marks} WHERE ID = ?", [*changes.values(), item_id]
        )
        return True

    def delete_item(self, storage: Storage, item_id: int) -> bool:
        """Delete an item; False when there is none."""
        return self._item(storage, item_id) is not None and bool(
            self._database.connection.execute(
                "DELETE FROM storage_items WHERE ID = ?", (item_id,)
            ).rowcount
        )

    def items(
        self, storage: Storage, wanted: Any, order: Any, limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int]:
        """Items in the answers' form, and how many there are in all."""
        condition = self._condition(storage, wanted)
        where = f"STORAGE_ID = ? AND {condition.sql}"
        values = [storage.row_id, *condition.values]
        rows = self._database.query(
            f"SELECT * FROM storage_items WHERE {where} ORDER BY {_order(order)} "
            f"LIMIT {limit} OFFSET {offset}",
            values,
        )
        count = self._database.query(f"SELECT COUNT(*) n FROM storage_items WHERE {where}", values)
        return [self._shown(storage, row) for row in rows], int(count[0]["n"])

    def _item(self, storage: Storage, item_id: int) -> dict[str, Any] | None:
        rows = self._database.query(
            "SELECT * FROM storage_items WHERE ID = ? AND STORAGE_ID = ?", (item_id, storage.row_id)
        )
        return rows[0] if rows else None

    def _stored(
        self, storage: Storage, given: dict[str, Any], properties: dict[str, Any]
    ) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name in _WRITABLE:
            if name not in given:
                continue
            value = given[name]
            if name in _MOMENTS:
                row[name] = self._moments.parse(value)
            elif name in _NUMBERS:
                row[name] = php_int(value)
            else:
                row[name] = php_text(value)
        if "NAME" in row:
            row["NAME"] = row["NAME"].strip()[:LONGEST_NAME]
        if is_array(given.get("PROPERTY_VALUES")):
            known = {each["PROPERTY"] for each in storage.properties}
            new = {name: value for name, value in entries(given["PROPERTY_VALUES"])}
            kept = {name: php_text(value) for name, value in new.items() if name in known}
            row["PROPERTY_VALUES"] = json.dumps({**properties, **kept})
        return row

    def _shown(self, storage: Storage, row: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "ID": str(row["ID"]),
            "TIMESTAMP_X": self._moments.iso(row["TIMESTAMP_X"]),
            "MODIFIED_BY": str(row["MODIFIED_BY"]),
            "DATE_CREATE": self._moments.iso(row["DATE_CREATE"]),
            "CREATED_BY": str(row["CREATED_BY"]),
            "ACTIVE": row["ACTIVE"],
            "SORT": str(row["SORT"]),
            "NAME": row["NAME"],
            "PREVIEW_PICTURE": None,
            "PREVIEW_TEXT": row["PREVIEW_TEXT"],
            "DETAIL_PICTURE": None,
            "DETAIL_TEXT": row["DETAIL_TEXT"],
            "CODE": row["CODE"],
            "ENTITY": storage.code,
            "SECTION": str(row["SECTION"]) if row["SECTION"] else None,
        }
        for name in ("DATE_ACTIVE_FROM", "DATE_ACTIVE_TO"):
            shown[name] = "" if row[name] is None else self._moments.iso(row[name])
        if storage.properties:
            values = json.loads(row["PROPERTY_VALUES"])
            shown["PROPERTY_VALUES"] = {
                each["PROPERTY"]: values.get(each["PROPERTY"]) for each in storage.properties
            }
        return shown

    def _condition(self, storage: Storage, wanted: Any) -> Condition:
        parts = [
            part
            for key, value in entries(wanted)
            if (part := self._part(storage, key.upper(), value))
        ]
        sql = " AND ".join(f"({part.sql})" for part in parts) or "1"
        return Condition(sql, [value for part in parts for value in part.values])

    def _part(self, storage: Storage, key: str, value: Any) -> Condition | None:
        """One condition; None for what the platform leaves out: unknown fields and signs."""
        name = key.lstrip("<>=!%")
        sign = key[: len(key) - len(name)]
        column = _column(storage, name)
        if column is None or sign not in ("", "=", "!", "!=", ">", ">=", "<", "<=", "%", "!%"):
            return None
        choices = [self._single(column, name, sign, each) for each in members(value) or [""]]
        joint = " AND " if sign.startswith("!") else " OR "
        sql = joint.join(f"({choice.sql})" for choice in choices)
        return Condition(sql, [each for choice in choices for each in choice.values])

    def _single(self, column: str, name: str, sign: str, value: Any) -> Condition:
        negated = sign.startswith("!")
        bare = sign.lstrip("!")
        if php_text(value) == "" and bare in ("", "="):
            return Condition(f"COALESCE({column}, '') {'<>' if negated else '='} ''")
        if bare == "%" or (bare == "" and name not in (*_NUMBERS, *_MOMENTS, "ACTIVE")):
            pattern = f"%{php_text(value)}%" if bare == "%" else php_text(value)
            like = f"casefolded({column}) {'NOT ' if negated else ''}LIKE ?"
            return Condition(like, [pattern.lower()])
        number: Any = php_text(value)
        if name in _MOMENTS:
            number = self._moments.parse(value) or 0
        elif name in _NUMBERS:
            number = php_int(value)
        return Condition(f"{column} {'<>' if negated else bare or '='} ?", [number])


def _check_texts(row: dict[str, Any]) -> None:
    if sum(len((row.get(name) or "").encode()) for name in _SEARCHED) > MOST_TEXT_BYTES:
        raise TextTooLong


def _column(storage: Storage, name: str) -> str | None:
    if name in (*_WRITABLE, *_NUMBERS, *_MOMENTS):
        return f'"{name}"'
    for each in storage.properties:
        if name == f"PROPERTY_{each['PROPERTY']}".upper():
            return f"json_extract(PROPERTY_VALUES, '$.\"{each['PROPERTY']}\"')"
    return None


def _order(order: Any) -> str:
    parts = [
        f'"{name.upper()}" {"DESC" if php_text(way).upper().startswith("DESC") else "ASC"}'
        for name, way in entries(order)
        if name.upper() in (*_WRITABLE, *_NUMBERS, *_MOMENTS)
    ]
    return ", ".join(parts) or "ID"

"""User fields of the portal: what is defined, and how their values are stored (reference §4.1).

Values lie in the JSON of a row's ``EXTRA`` column under the field's name, no key for an empty one:

* a number for integer, enumeration (the option's id), employee and double; 1 or 0 for boolean
* ``2026-01-02`` for date, unix seconds for datetime
* a text for the rest; for crm the id alone when the field takes one kind of elements, else with the
  kind's prefix: ``CO_7``
* an array of these when the field is multiple
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from portal.database import Database
from portal.entities import Entity, Field, camel_user_field
from portal.parameters import is_array, members, php_float, php_int, php_text
from portal.schema import TABLES, primary_key
from portal.values import Moments

FIELD_TABLES: Final = {
    "CRM_COMPANY": "companies",
    "CRM_CONTACT": "contacts",
    "CRM_DEAL": "deals",
    "CRM_LEAD": "leads",
    "CRM_SMART_INVOICE": "invoices",
}
CRM_PREFIXES: Final = {"LEAD": "L", "CONTACT": "C", "COMPANY": "CO", "DEAL": "D"}

_KINDS: Final = {
    **dict.fromkeys(("integer", "enumeration", "employee", "double", "file"), "uf_number"),
    "boolean": "uf_boolean",
    "date": "uf_day",
    "datetime": "uf_moment",
}


@dataclass(frozen=True)
class UserField:
    """A field that the portal has defined. ``options``: ids of an enumeration; ``prefixes``: of the
    kinds of elements that a crm field takes.
    """

    id: int
    table: str
    name: str
    type: str
    is_multiple: bool
    options: frozenset[int]
    prefixes: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Kind of the values, as ``values`` and ``filters`` know it."""
        return _KINDS.get(self.type, "uf_text")

    def stored(self, value: Any, moments: Moments) -> Any:
        """A parameter's value in the stored form; None when it is empty or no value of this
        type.
        """
        if not self.is_multiple:
            return self._one(value, moments)
        stored = [one for each in members(value) if (one := self._one(each, moments)) is not None]
        return stored or None

    def _one(self, value: Any, moments: Moments) -> Any:
        text = php_text(value).strip()
        if self.type == "boolean":
            # What is saved is never empty: all that PHP takes for true is 1, "N" too, the rest 0.
            return int(text not in ("", "0"))
        if text == "" or is_array(value):
            return None
        match self.type:
            case "enumeration":
                return php_int(text) if php_int(text) in self.options else None
            case "integer" | "employee" | "file":
                return php_int(text)
            case "double":
                return php_float(text)
            case "date":
                return moments.day(text)
            case "datetime":
                return moments.parse(text)
            case "crm":
                return self._element(text)
        return text

    def _element(self, text: str) -> str | None:
        prefix, _, number = text.rpartition("_")
        if not number.isdecimal() or not int(number):
            return None
        if len(self.prefixes) == 1:
            return number if prefix in ("", *self.prefixes) else None
        return text if prefix in self.prefixes else None


def item_value(field: UserField, value: Any) -> Any:
    """What crm.item.* makes of a given value before the field does: whatever PHP takes for empty is
    no value, 0 included, and of the booleans only ``true`` and ``Y`` are true, not 1.
    """
    if value in ("", "0", 0, False, None) or value == []:
        return None
    if field.type == "boolean":
        return value is True or value in ("true", "y", "Y")
    return value


def user_field(row: Mapping[str, Any]) -> UserField | None:
    """The field of a row of ``user_fields`` (LIST and SETTINGS as values, not as JSON texts); None
    for an entity without user fields.
    """
    table = FIELD_TABLES.get(row["ENTITY_ID"])
    if table is None or not row["FIELD_NAME"]:
        return None
    settings = row["SETTINGS"] or {}
    return UserField(
        row["ID"],
        table,
        row["FIELD_NAME"],
        row["USER_TYPE_ID"],
        row["MULTIPLE"] == "Y",
        frozenset(option["ID"] for option in row["LIST"] or ()),
        tuple(mark for kind, mark in CRM_PREFIXES.items() if settings.get(kind) == "Y"),
    )


class UserFields:
    """The defined fields of one database, with the values in its rows."""

    def __init__(self, database: Database):
        self._database = database
        self._fields: dict[str, dict[str, UserField]] | None = None
        self._entities: dict[tuple[Entity, bool], Entity] = {}

    def forget(self) -> None:
        """Read the definitions again: somebody has changed their table."""
        self._fields = None
        self._entities.clear()

    def of(self, table: str) -> Mapping[str, UserField]:
        """Fields of a table by their upper-case names."""
        if self._fields is None:
            self._fields = {}
            for row in self.rows("1"):
                if (found := user_field(row)) is not None:
                    self._fields.setdefault(found.table, {})[found.name] = found
        return self._fields.get(table, {})

    def entity(self, entity: Entity, *, original_names: bool = False) -> Entity:
        """The list with its user fields among its fields. ``original_names``: crm.item.* goes by
        ``UF_CRM_*``, not by camel case.
        """
        key = entity, original_names
        if key not in self._entities:
            has_originals = original_names or not entity.is_item
            fields = {
                found.name: found
                for each in self.of(entity.table).values()
                for found in (_list_field(entity, each, has_originals),)
            }
            self._entities[key] = replace(
                entity,
                fields={**entity.fields, **fields},
                user_fields=frozenset(self.of(entity.table)),
            )
        return self._entities[key]

    def rows(self, where: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Rows of ``user_fields`` with JSON columns as values, in the order of their ids."""
        found = self._database.rows("user_fields", where, list(values))
        for row in found:
            for column, kind in TABLES["user_fields"].items():
                if kind == "value":
                    row[column] = json.loads(row[column])
        return found

    def save(self, row: dict[str, Any]) -> None:
        """Add or replace a definition; values of options that are gone become empty."""
        before = self.rows("ID = ?", (row["ID"],))
        columns = list(TABLES["user_fields"])
        texts = {
            name: json.dumps(row[name], ensure_ascii=False)
            for name, kind in TABLES["user_fields"].items()
            if kind == "value"
        }
        self._database.insert(
            "user_fields", columns, [tuple(texts.get(name, row[name]) for name in columns)]
        )
        self.forget()
        gone = _option_ids(before) - _option_ids([row])
        if gone:
            self._clear_options(FIELD_TABLES[row["ENTITY_ID"]], row["FIELD_NAME"], gone)

    def delete(self, row: dict[str, Any]) -> None:
        """Delete a definition and its values in all rows."""
        self._database.connection.execute("DELETE FROM user_fields WHERE ID = ?", (row["ID"],))
        table, path = FIELD_TABLES[row["ENTITY_ID"]], f'$."{row["FIELD_NAME"]}"'
        extra = _extra(table)
        self._database.connection.execute(
            f'UPDATE "{table}" SET "{extra}" = json_remove("{extra}", ?) '
            f'WHERE json_type("{extra}", ?) IS NOT NULL',
            (path, path),
        )
        self.forget()

    def _clear_options(self, table: str, name: str, gone: set[int]) -> None:
        extra, key = _extra(table), primary_key(table)
        held = self._database.query(
            f'SELECT "{key}" AS row_id, "{extra}" AS extra FROM "{table}" '
            f'WHERE json_type("{extra}", ?) IS NOT NULL',
            (f'$."{name}"',),
        )
        changed = []
        for row in held:
            values = json.loads(row["extra"])
            left = [each for each in members(values[name]) if each not in gone]
            if len(left) == len(members(values[name])):
                continue
            if left:
                values[name] = left
            else:
                del values[name]
            changed.append((json.dumps(values, ensure_ascii=False), row["row_id"]))
        self._database.connection.executemany(
            f'UPDATE "{table}" SET "{extra}" = ? WHERE "{key}" = ?', changed
        )


def _list_field(entity: Entity, field: UserField, has_originals: bool) -> Field:
    name = field.name if has_originals else camel_user_field(field.name)
    return Field(
        name,
        entity.extra_value(field.name),
        field.kind,
        is_default=False,
        original=field.name,
        is_multiple=field.is_multiple,
    )


def _option_ids(rows: list[dict[str, Any]]) -> set[int]:
    return {option["ID"] for row in rows for option in row["LIST"] or ()}


def _extra(table: str) -> str:
    return "EXTRA" if "EXTRA" in TABLES[table] else "extra"

"""Rows as the REST lists return them, turned into the stored forms of :mod:`portal.schema`.

Lenient in what a person leaves out, as the platform fills it in; strict in what was written and
cannot be read: ``RowError`` says what is wrong and what would be right. Facts: reference notes,
chapter 4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Final

from portal.cells import (
    RowError,
    read_flag,
    read_id,
    read_ids,
    read_moment,
    read_money,
    read_text,
    shown,
)
from portal.dictionaries import SMART_INVOICE, default_semantic
from portal.omissions import FILLERS
from portal.schema import TABLES, primary_key
from portal.userfields import UserField, user_field
from portal.values import Moments

_CREATED: Final = {
    "companies": "DATE_CREATE",
    "contacts": "DATE_CREATE",
    "deals": "DATE_CREATE",
    "leads": "DATE_CREATE",
    "invoices": "createdTime",
    "old_invoices": "DATE_INSERT",
    "activities": "CREATED",
    "requisites": "DATE_CREATE",
}
_MODIFIED: Final = {
    "companies": "DATE_MODIFY",
    "contacts": "DATE_MODIFY",
    "deals": "DATE_MODIFY",
    "leads": "DATE_MODIFY",
    "invoices": "updatedTime",
    "old_invoices": "DATE_UPDATE",
    "activities": "LAST_UPDATED",
    "requisites": "DATE_MODIFY",
}
_OWNERS: Final = (
    "ASSIGNED_BY_ID",
    "CREATED_BY_ID",
    "MODIFY_BY_ID",
    "assignedById",
    "createdBy",
    "updatedBy",
    "RESPONSIBLE_ID",
    "AUTHOR_ID",
    "EDITOR_ID",
)
_CONSTANTS: Final[dict[str, dict[str, Any]]] = {
    "users": {"ACTIVE": "Y", "USER_TYPE": "employee"},
    "departments": {"SORT": 500},
    "companies": {"OPENED": "Y"},
    "contacts": {"OPENED": "Y"},
    "deals": {"CURRENCY_ID": "RUB"},
    "leads": {"CURRENCY_ID": "RUB", "STATUS_ID": "NEW"},
    "invoices": {"currencyId": "RUB"},
    "old_invoices": {"CURRENCY": "RUB", "STATUS_ID": "N"},
    "requisites": {"ACTIVE": "Y", "PRESET_ID": 1, "SORT": 500},
    "statuses": {"SORT": 500},
    "categories": {"sort": 500},
    "user_fields": {"USER_TYPE_ID": "string", "SORT": 100, "SHOW_FILTER": "N", "EDIT_IN_LIST": "Y"},
}
_TITLES: Final = {
    "companies": "Компания",
    "deals": "Сделка",
    "leads": "Лид",
    "invoices": "Счёт",
    "departments": "Отдел",
}
Row = dict[str, Any]


def _semantic_code(row: Mapping[str, Any]) -> str:
    """S, F or '' of a status row, also from ``EXTRA.SEMANTICS`` (success, failure, apology)."""
    extra = row.get("EXTRA")
    word = row.get("SEMANTICS") or (extra.get("SEMANTICS") if isinstance(extra, dict) else None)
    return {"S": "S", "success": "S", "F": "F", "failure": "F", "apology": "F"}.get(
        str(word or ""), ""
    )


@dataclass
class RowReader:
    """Turns rows in REST form into rows of stored forms, with every column of ``TABLES[table]``.

    ``now_s``: the portal's now, unix seconds; ``zone``: its time zone; ``admin``: the user who owns
    what names no owner. ``semantics`` maps (ENTITY_ID, STATUS_ID) to S, F or '' and
    ``invoice_category`` is the funnel of smart invoices that name none: both are learnt from
    ``statuses`` and ``categories``, so read those first. ``user_fields``, by table and name, gives
    ``UF_*`` values their stored form; learnt from the table of that name, else they are kept as
    they are.
    """

    now_s: int
    zone: timezone
    admin: int = 1
    semantics: dict[tuple[str, str], str] = field(default_factory=dict)
    invoice_category: int = 1
    multifields_read: int = 0
    user_fields: dict[str, dict[str, UserField]] = field(default_factory=dict)

    def read(self, table: str, row: object) -> tuple[Row, list[str]]:
        """Stored values by column, and warnings; RowError when the row cannot be stored."""
        if not isinstance(row, dict):
            raise RowError(f"{shown(row)} is no object", 'a JSON object, {"ID": 7, ...}')
        key = primary_key(table)
        stored: Row = {key: self._own_id(table, key, row)}
        loose: Row = {}
        for column, value in row.items():
            kind = TABLES[table].get(column)
            if column in (key, "EXTRA", "extra"):
                continue
            if kind is None:
                loose[column] = value
            elif value not in (None, ""):
                stored[column] = self._cell(kind, value, column)
        if table == "statuses":
            stage = stored.get("ENTITY_ID", ""), stored.get("STATUS_ID", "")
            stored["SEMANTICS"] = self.semantics[stage] = _semantic_code(row)
        if stored.get("entityTypeId") == SMART_INVOICE and stored.get("isDefault") == "Y":
            self.invoice_category = stored["id"]
        if table == "user_fields":
            self._learn_user_field(stored)
        given_extra = row.get("EXTRA", row.get("extra"))
        if isinstance(given_extra, dict):
            loose = {**given_extra, **loose}
        warnings = self._fill(table, stored, row)
        return self._complete(table, stored, loose), warnings

    def _own_id(self, table: str, key: str, row: Mapping[str, Any]) -> int:
        lowest = 0 if table == "categories" else 1
        right = f'"{key}": 7, a whole number from {lowest} on'
        if row.get(key) in (None, ""):
            other = key.swapcase()
            hint = (
                f" (there is {other!r}, but the names here are of another case)"
                if other in row
                else ""
            )
            raise RowError(f"no {key}{hint}", right)
        number = read_id(row[key], key) if row[key] is not False else -1
        if number < lowest:
            raise RowError(f"{key} is {shown(row[key])}", right)
        return number

    def _cell(self, kind: str, value: object, column: str) -> Any:
        match kind:
            case "id":
                return read_id(value, column)
            case "moment":
                return read_moment(value, column, self.zone)
            case "flag":
                return read_flag(value, column)
            case "money":
                return read_money(value, column)
            case "ids":
                return read_ids(value, column)
            case "fm":
                return self._multifield(value, column)
            case "value":
                return value
            case _:
                return read_text(value, column)

    def _multifield(self, value: object, column: str) -> list[Row]:
        listed = value if isinstance(value, list) else [value]
        return [found for each in listed if (found := self._contact_datum(each, column))]

    def _contact_datum(self, value: object, column: str) -> Row | None:
        datum = value if isinstance(value, dict) else {"VALUE": value}
        text = datum.get("VALUE")
        if isinstance(text, (dict, list, bool)):
            raise RowError(
                f"{column} holds {shown(value)}",
                f'"{column}": [{{"VALUE": "...", "VALUE_TYPE": "WORK"}}]',
            )
        if text is None or not str(text).strip():
            return None
        self.multifields_read += 1
        return {
            "ID": str(read_id(datum.get("ID"), column) or self.multifields_read),
            "VALUE_TYPE": read_text(datum.get("VALUE_TYPE"), column) or "WORK",
            "VALUE": str(text),
            "TYPE_ID": column,
        }

    def _fill(self, table: str, stored: Row, row: Mapping[str, Any]) -> list[str]:
        warnings = []
        if filler := FILLERS.get(table):
            filler(self, stored)
        if created := _CREATED.get(table):
            if created not in stored and table != "requisites":
                warnings.append(f"no {created}: taken as now, {self._iso(self.now_s)}")
            stored.setdefault(created, self.now_s)
            stored.setdefault(_MODIFIED[table], stored[created])
        if table in _TITLES:
            column = {"invoices": "title", "departments": "NAME"}.get(table, "TITLE")
            stored.setdefault(column, f"{_TITLES[table]} #{stored[primary_key(table)]}")
        if table == "users" and "IS_ADMIN" not in stored:
            stored["IS_ADMIN"] = read_flag(row.get("ADMIN", stored["ID"] == self.admin), "ADMIN")
        for column in _OWNERS:
            if column in TABLES[table] and not stored.get(column):
                stored[column] = self.admin
        if table == "invoices" and not stored.get("movedTime"):
            stored["movedTime"] = stored["updatedTime"]
        return warnings

    def _learn_user_field(self, stored: Row) -> None:
        for number, option in enumerate(stored.get("LIST", []), start=1):
            option["ID"] = read_id(option.get("ID"), "ID") or stored["ID"] * 1000 + number
            option.setdefault("XML_ID", f"option{option['ID']}")
            option.setdefault("SORT", 10 * number)
            option.setdefault("DEF", "N")
        constants = _CONSTANTS["user_fields"]
        learnt = user_field(
            {name: stored.get(name, constants.get(name)) for name in TABLES["user_fields"]}
        )
        if learnt is not None:
            self.user_fields.setdefault(learnt.table, {})[learnt.name] = learnt

    def _user_value(self, table: str, name: str, value: Any) -> Any:
        defined = self.user_fields.get(table, {}).get(name)
        return value if defined is None else defined.stored(value, Moments(self.zone))

    def _iso(self, moment_s: int) -> str:
        return datetime.fromtimestamp(moment_s, self.zone).isoformat()

    def _complete(self, table: str, stored: Row, loose: Row) -> Row:
        constants = _CONSTANTS.get(table, {})
        complete: Row = {}
        for column, kind in TABLES[table].items():
            if kind == "json":
                kept = {name: self._user_value(table, name, loose[name]) for name in loose}
                complete[column] = json.dumps(kept, ensure_ascii=False)
            elif kind == "value":
                complete[column] = json.dumps(stored.get(column), ensure_ascii=False)
            elif kind in ("fm", "ids"):
                complete[column] = json.dumps(stored.get(column, []), ensure_ascii=False)
            else:
                complete[column] = stored.get(column, constants.get(column, _EMPTY[kind]))
        return complete

    def semantic(self, entity: str, code: str) -> str:
        """S, F or P of a stage: by the portal's statuses, else as the platform's own codes mean."""
        known = self.semantics.get((entity, code))
        return default_semantic(code) if known is None else known or "P"


_EMPTY: Final[dict[str, Any]] = {"id": 0, "moment": None, "flag": "N", "money": 0.0, "text": ""}

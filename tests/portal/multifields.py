"""Writing phones, e-mails and the like: row by row, merged by their ids (reference §4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from portal.parameters import is_array, members, php_text, upper_keys
from portal.schema import TABLES


def merged(text: str, value: Any, kind: str, next_id: Callable[[], int]) -> str:
    """The stored rows with the given ones: a row without ID is added; ``DELETE``, an empty VALUE
    and a bare ID delete; what is not named stays.
    """
    rows: list[dict[str, Any]] = orjson.loads(text)
    for given in (upper_keys(each) for each in members(value) if is_array(each)):
        row_id = php_text(given.get("ID", ""))
        known = next((row for row in rows if row_id and php_text(row.get("ID")) == row_id), None)
        is_deleted = php_text(given.get("DELETE")) == "Y" or php_text(given.get("VALUE")) == ""
        if known is not None and is_deleted:
            rows.remove(known)
        elif known is not None:
            known["VALUE"] = php_text(given["VALUE"])
            known["VALUE_TYPE"] = php_text(given.get("VALUE_TYPE", known.get("VALUE_TYPE", "WORK")))
        elif not is_deleted:
            rows.append(
                {
                    "ID": str(next_id()),
                    "VALUE_TYPE": php_text(given.get("VALUE_TYPE", "WORK")),
                    "VALUE": php_text(given["VALUE"]),
                    "TYPE_ID": kind,
                }
            )
    return orjson.dumps(rows).decode()


def item_changes(
    table: str, row: dict[str, Any], value: Any, next_id: Callable[[], int]
) -> dict[str, Any]:
    """Changed columns of ``fm`` as crm.item.* takes it."""
    changes = {}
    for column in (name for name, kind in TABLES[table].items() if kind == "fm"):
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
            changes[column] = merged(row[column], given, column, next_id)
    return {**changes, **flags(changes)}


def flags(changes: dict[str, Any]) -> dict[str, str]:
    """``HAS_PHONE`` and ``HAS_EMAIL`` of changed columns."""
    return {
        f"HAS_{column}": "N" if changes[column] == "[]" else "Y"
        for column in ("PHONE", "EMAIL")
        if column in changes
    }

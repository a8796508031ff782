"""Merging of entities: the first one is kept, the others go and all that refers to them is bound to
the kept one (``crm.entity.mergeBatch`` and the portal's merge page).

The portal rebinds right in its database: what was bound keeps its own date of change (reference
§4).
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from portal.database import Database
from portal.entities import COMPANY, CONTACT, DEAL, LEAD, MULTIFIELDS, Entity, id_column
from portal.links import companies_of, rebind
from portal.records import Records
from portal.schema import primary_key

# Columns that name the merged entity: table, column.
_REFERENCES: Final = {
    COMPANY: (
        ("deals", "COMPANY_ID"),
        ("leads", "COMPANY_ID"),
        ("invoices", "companyId"),
        ("invoices", "mycompanyId"),
        ("old_invoices", "UF_COMPANY_ID"),
    ),
    CONTACT: (
        ("deals", "CONTACT_ID"),
        ("leads", "CONTACT_ID"),
        ("invoices", "contactId"),
        ("old_invoices", "UF_CONTACT_ID"),
    ),
    DEAL: (("invoices", "parentId2"), ("old_invoices", "UF_DEAL_ID")),
    LEAD: (("companies", "LEAD_ID"), ("contacts", "LEAD_ID"), ("deals", "LEAD_ID")),
}
# Texts that a person fills in: two different ones cannot both be kept.
_SINGLE: Final[tuple[str, ...]] = (
    *("TITLE", "COMPANY_TYPE", "INDUSTRY", "NAME", "SECOND_NAME", "LAST_NAME", "POST"),
    *("TYPE_ID", "SOURCE_ID", "STAGE_ID", "STATUS_ID", "CURRENCY_ID", "ORIGIN_ID"),
    *("title", "stageId", "currencyId", "sourceId"),
)

Row = dict[str, Any]


def conflicts(rows: list[Row]) -> list[str]:
    """Columns and user fields in which at least two of the rows are filled, and differ."""
    names = [name for name in _SINGLE if name in rows[0]]
    filled: dict[str, set[str]] = {name: {row[name] for row in rows} - {""} for name in names}
    for row in rows:
        for name, value in _user_values(row).items():
            if not isinstance(value, list):
                filled.setdefault(name, set()).add(orjson.dumps(value).decode())
    return [name for name, values in filled.items() if len(values) > 1]


def merge(
    database: Database, records: Records, entity: Entity, rows: list[Row], user_id: int
) -> None:
    """Merge rows (in internal forms) into the first. What differs is as the first has it."""
    kept, *others = rows
    key = id_column(entity)
    keep, gone = kept[key], [row[key] for row in others]
    _rebind(database, entity.entity_type, keep, gone)
    records.replace(entity, kept, _gathered(entity, kept, others), user_id)
    if entity.table == "companies":
        rebind(database, keep, gone)
    for row_id in gone:
        records.delete(entity, row_id, user_id)


def _gathered(entity: Entity, kept: Row, others: list[Row]) -> Row:
    """Changes of the kept row: what it lacks and another has, and everybody's phones and mails."""
    changes: Row = {}
    for name in (name for name in _SINGLE if name in kept and not kept[name]):
        found = next((row[name] for row in others if row[name]), "")
        changes |= {name: found} if found else {}
    values = _user_values(kept)
    missing: Row = {}
    for row in others:
        for name, value in _user_values(row).items():
            if name not in values:
                missing.setdefault(name, value)
    if missing:
        own = orjson.loads(kept[entity.extra])
        changes[entity.extra] = orjson.dumps({**own, **missing}).decode()
    for column in (name for name in MULTIFIELDS if name in kept):
        changes |= _multifields(column, kept, others)
    if entity.table == "contacts":
        companies = dict.fromkeys(each for row in (kept, *others) for each in companies_of(row))
        changes["COMPANY_IDS"] = orjson.dumps(list(companies)).decode()
        changes["COMPANY_ID"] = next(iter(companies), 0)
    return changes


def _multifields(column: str, kept: Row, others: list[Row]) -> Row:
    rows = orjson.loads(kept[column])
    known = {row["VALUE"] for row in rows}
    for other in others:
        for row in orjson.loads(other[column]):
            if row["VALUE"] not in known:
                known.add(row["VALUE"])
                rows.append(row)
    changes = {column: orjson.dumps(rows).decode()}
    if column in ("PHONE", "EMAIL"):
        changes[f"HAS_{column}"] = "Y" if rows else "N"
    return changes


def _rebind(database: Database, entity_type: int, keep: int, gone: list[int]) -> None:
    run = database.connection.execute
    marks = ", ".join("?" * len(gone))
    for table, column in _REFERENCES.get(entity_type, ()):
        run(f'UPDATE "{table}" SET "{column}" = ? WHERE "{column}" IN ({marks})', (keep, *gone))
    run(
        f"UPDATE activities SET OWNER_ID = ? WHERE OWNER_TYPE_ID = ? AND OWNER_ID IN ({marks})",
        (keep, entity_type, *gone),
    )
    run(
        f"UPDATE requisites SET ENTITY_ID = ? WHERE ENTITY_TYPE_ID = ? AND ENTITY_ID IN ({marks})",
        (keep, entity_type, *gone),
    )
    if entity_type == CONTACT:
        _rebind_lists(database, "invoices", "contactIds", "$", keep, gone)
        _rebind_lists(database, "deals", "EXTRA", "$.CONTACT_IDS", keep, gone)
        _rebind_lists(database, "leads", "EXTRA", "$.CONTACT_IDS", keep, gone)


def _rebind_lists(
    database: Database, table: str, column: str, path: str, keep: int, gone: list[int]
) -> None:
    """Ids inside JSON arrays."""
    key = primary_key(table)
    marks = ", ".join("?" * len(gone))
    # Texts are searched for the digits first: reading each as JSON would take long.
    holds = " OR ".join(f'instr("{column}", ?)' for _ in gone)
    found = database.query(
        f'SELECT "{key}" AS row_id, json_extract("{column}", ?) AS ids FROM "{table}" '
        f"WHERE ({holds}) AND EXISTS "
        f'(SELECT 1 FROM json_each("{column}", ?) WHERE value IN ({marks}))',
        (path, *map(str, gone), path, *gone),
    )
    for row in found:
        ids = [keep if each in gone else each for each in orjson.loads(row["ids"])]
        text = orjson.dumps(list(dict.fromkeys(ids))).decode()
        database.connection.execute(
            f'UPDATE "{table}" SET "{column}" = json_set("{column}", ?, json(?)) WHERE "{key}" = ?',
            (path, text, row["row_id"]),
        )


def _user_values(row: Row) -> Row:
    extra = orjson.loads(row.get("EXTRA") or row.get("extra") or "{}")
    return {name: value for name, value in extra.items() if name.startswith("UF_")}

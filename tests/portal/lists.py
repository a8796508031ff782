"""Pages of the lists: filter, order, select, paging (reference §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from portal.database import Database
from portal.entities import Entity, Field, camel_user_field, id_column
from portal.errors import RestError
from portal.filters import Condition, build_filter
from portal.parameters import entries, members, php_int, php_text
from portal.rights import Rights
from portal.userfields import UserFields
from portal.values import Converter, Moments, item_converters, old_converters

PAGE: Final = 50


@dataclass(frozen=True)
class Page:
    """Rows in the answer's form; ``total`` and ``next`` are None when the answer has none.

    ``all_fields``, ``counted``: what made the page dearer.
    """

    rows: list[dict[str, Any]]
    total: int | None
    next: int | None
    all_fields: bool
    counted: bool


@dataclass(frozen=True)
class _Selection:
    fields: tuple[Field, ...]
    user_fields: bool
    all_fields: bool


class Lists:
    """Reads pages of any entity from one database."""

    def __init__(self, database: Database, moments: Moments, user_fields: UserFields):
        self._database = database
        self._moments = moments
        self._user_fields = user_fields
        self._old = old_converters(moments)
        self._item = item_converters(moments)

    def page(
        self,
        entity: Entity,
        rights: Rights,
        *,
        filter: Any,
        select: Any,
        order: Any,
        start: int,
        original_user_names: bool = False,
    ) -> Page:
        """One page. ``start`` negative: the first rows, not counted; else it is rounded down to a
        page.

        ``original_user_names``: crm.item.list takes and gives user fields as ``UF_CRM_*``.
        """
        entity = self._user_fields.entity(entity, original_names=original_user_names)
        condition = self._readable(entity, rights, build_filter(entity, filter, self._moments))
        selection = _select(entity, tuple(php_text(name) for name in members(select)))
        offset = max(0, start // PAGE * PAGE)
        order_by = _order(entity, order)
        rows = self._rows(entity, selection, condition, order_by, offset, original_user_names)
        if start < 0:
            total = None if entity.is_item else 0
            return Page(rows, total, None, selection.all_fields, counted=False)
        counted = self._count(entity, condition)
        following = offset + PAGE if offset + PAGE < counted else None
        return Page(rows, counted, following, selection.all_fields, counted=True)

    def one(
        self, entity: Entity, row_id: int, *, original_user_names: bool = False
    ) -> dict[str, Any] | None:
        """One row with all its fields, multi-fields included; rights are not asked."""
        entity = self._user_fields.entity(entity, original_names=original_user_names)
        names = ("*",) if entity.is_item else ("*", "UF_*", "PHONE", "EMAIL", "WEB", "IM")
        condition = Condition(f'"{id_column(entity)}" = ?', [row_id])
        rows = self._rows(entity, _select(entity, names), condition, "", 0, original_user_names)
        return rows[0] if rows else None

    def _readable(self, entity: Entity, rights: Rights, condition: Condition) -> Condition:
        restriction = rights.condition(entity.table)
        if not restriction:
            return condition
        return Condition(f"({restriction}) AND ({condition.sql})", condition.values)

    def _rows(
        self,
        entity: Entity,
        selection: _Selection,
        condition: Condition,
        order: str,
        offset: int,
        original_user_names: bool,
    ) -> list[dict[str, Any]]:
        columns = [field.sql for field in selection.fields]
        if selection.user_fields:
            columns.append(f'"{entity.extra}"')
        statement = (
            f'SELECT {", ".join(columns) or "1"} FROM "{entity.table}" WHERE {condition.sql} '
            f"{order} LIMIT {PAGE} OFFSET {offset}"
        )
        cursor = self._database.connection.execute(statement, condition.values)
        makers = [(field.name, self._converter(entity, field)) for field in selection.fields]
        raw = cursor.fetchall()
        # A row has one more column than makers when user fields are wanted.
        rows = [
            {name: convert(value) for (name, convert), value in zip(makers, row, strict=False)}
            for row in raw
        ]
        for index, field in enumerate(selection.fields):
            if field.kind == "uf":
                _drop_absent(rows, raw, index, field.name)
        if selection.user_fields:
            for made, row in zip(rows, raw, strict=True):
                made.update(self._undefined(entity, row[-1], original_user_names))
        return rows

    def _converter(self, entity: Entity, field: Field) -> Converter:
        convert = (self._item if entity.is_item else self._old)[field.kind]
        if not field.is_multiple:
            return convert
        return lambda text: [] if text is None else [convert(each) for each in orjson.loads(text)]

    def _undefined(self, entity: Entity, extra: str, original_names: bool) -> dict[str, Any]:
        """Values of user fields that the portal has not defined, as a folder brought them."""
        if extra == "{}":
            return {}
        own = {
            name: value
            for name, value in orjson.loads(extra).items()
            if name.startswith("UF_") and name not in entity.user_fields
        }
        if entity.is_item:
            return (
                own
                if original_names
                else {camel_user_field(name): value for name, value in own.items()}
            )
        convert = self._old["uf"]
        return {name: convert(value) for name, value in own.items()}

    def _count(self, entity: Entity, condition: Condition) -> int:
        statement = f'SELECT COUNT(*) FROM "{entity.table}" WHERE {condition.sql}'
        return int(self._database.connection.execute(statement, condition.values).fetchone()[0])


def _drop_absent(
    rows: list[dict[str, Any]], raw: list[tuple[Any, ...]], index: int, name: str
) -> None:
    """A user field that is not defined exists only in rows that a folder gave a value of it."""
    for made, row in zip(rows, raw, strict=True):
        if row[index] is None:
            del made[name]


@lru_cache(maxsize=1000)
def _select(entity: Entity, names: tuple[str, ...]) -> _Selection:
    """The prepared selection: which fields a page has."""
    wants_all = "*" in names or not names
    fields: dict[str, Field] = {}
    if wants_all:
        fields = {name: field for name, field in entity.fields.items() if field.is_default}
    elif entity.is_item:
        fields = {"id": entity.fields["id"]}
    for name in names:
        field = entity.field(name)
        if field is not None and name != "fm":
            fields[name] = field
    if "UF_*" in names or (wants_all and entity.is_item):
        fields |= {name: field for name, field in entity.fields.items() if field.original}
    user_fields = bool(entity.extra) and ("UF_*" in names or (wants_all and entity.is_item))
    return _Selection(tuple(fields.values()), user_fields, wants_all or "UF_*" in names)


def _order(entity: Entity, order: Any) -> str:
    parts = []
    for name, direction in entries(order):
        field = entity.field(name)
        if field is None:
            if entity.is_item:
                raise RestError(
                    400,
                    "INVALID_ARG_VALUE",
                    f"Invalid order: field '{name}' is not allowed in order",
                )
            continue
        descending = php_text(direction).upper().startswith("DESC")
        parts.append(f"{field.sql} {'DESC' if descending else 'ASC'}")
    return f"ORDER BY {', '.join(parts or [_default_order(entity)])}"


def _default_order(entity: Entity) -> str:
    return "START_TIME" if entity.table == "activities" else f'"{id_column(entity)}"'


def start_of(parameters: dict[str, Any]) -> int:
    """The ``start`` parameter, 0 when there is none."""
    return php_int(parameters.get("start", 0))

"""Filters of the lists as SQL conditions.

The rules are the platform's, its oddities included (reference §3.3):

* The older lists ignore conditions on fields that they do not have; crm.item.list refuses them.
* A number is read as PHP's ``intval`` reads it: ``abc`` is 0, an array that holds anything is 1.
  So a filter ``>ID`` that a batch macro has filled with a whole page gives the first page again,
  not an error.
* An array under a comparison means any of its values; an empty one drops the condition.
* A moment that cannot be read compares as the beginning of time in the older lists, and is an
  error in crm.item.list.
* Texts compare without regard to case (``=`` knows Latin letters alone, ``%`` all).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from portal.entities import Entity, Field
from portal.errors import RestError
from portal.parameters import entries, is_array, members, php_float, php_int, php_text, upper_keys
from portal.values import Moments

_PREFIX: Final = re.compile(r"(!=%|!%=|=%|%=|!%|>=|<=|!=|!@|=|!|>|<|@|%)?(.*)", re.DOTALL)
_ITEM_ONLY: Final = {"!=%", "!%=", "!%"}
_LIKE: Final = {"%", "!%", "=%", "%=", "!=%", "!%="}


@dataclass
class Condition:
    """SQL text with marks, and the values for them."""

    sql: str
    values: list[Any] = field(default_factory=list)


def build_filter(entity: Entity, parameter: Any, moments: Moments) -> Condition:
    """The whole filter of a request as one condition; ``1`` when it restricts nothing.

    Raises RestError INVALID_ARG_VALUE for a field that crm.item.list does not have.
    """
    return _Builder(entity, moments).group(parameter, "AND")


class _Builder:
    def __init__(self, entity: Entity, moments: Moments):
        self._entity = entity
        self._moments = moments

    def group(self, parameter: Any, logic: str) -> Condition:
        conditions = []
        for key, value in entries(parameter):
            condition = (
                self._nested(value) if self._is_nested(key, value) else self._single(key, value)
            )
            if condition and key.lower() != "logic":
                conditions.append(condition)
        if not conditions:
            return Condition("1")
        sql = f" {logic} ".join(f"({condition.sql})" for condition in conditions)
        return Condition(sql, [value for condition in conditions for value in condition.values])

    def _is_nested(self, key: str, value: Any) -> bool:
        return self._entity.is_item and key.isdecimal() and is_array(value)

    def _nested(self, value: Any) -> Condition:
        logic = php_text(
            next((item for key, item in entries(value) if key.lower() == "logic"), "AND")
        )
        return self.group(value, "OR" if logic.upper() == "OR" else "AND")

    def _single(self, key: str, value: Any) -> Condition | None:
        found = _PREFIX.fullmatch(key)
        operator, name = (found[1] or "", found[2]) if found else ("", key)
        if name.lower() == "logic":
            return None
        if self._entity.table == "activities" and name == "BINDINGS":
            return _bindings(value)
        target = self._entity.field(name)
        if target is None or (operator in _ITEM_ONLY and not self._entity.is_item):
            if self._entity.is_item:
                raise RestError(
                    400,
                    "INVALID_ARG_VALUE",
                    f"Invalid filter: field '{name}' is not allowed in filter",
                )
            return None
        return self._compare(target, operator, value)

    def _compare(self, target: Field, operator: str, value: Any) -> Condition | None:
        if target.kind == "fm":
            return _multifield(target, members(value))
        if target.kind == "ids":
            return _contained(target, members(value))
        if target.is_multiple:
            return self._any_member(target, operator, value)
        if operator in ("@", "!@") or (is_array(value) and operator in ("", "=", "!", "!=")):
            return self._in(target, operator.startswith("!"), members(value))
        if is_array(value):
            choices = [self._scalar(target, operator, member) for member in members(value)]
            if not choices:
                return None
            sql = " OR ".join(f"({choice.sql})" for choice in choices)
            return Condition(sql, [item for choice in choices for item in choice.values])
        return self._scalar(target, operator, value)

    def _any_member(self, target: Field, operator: str, value: Any) -> Condition | None:
        """One of the values of a multiple field fits; an empty value asks for having none."""
        if not is_array(value) and php_text(value) == "":
            return Condition(f"{target.sql} IS {'NOT ' if operator.startswith('!') else ''}NULL")
        inner = self._compare(Field(target.name, "value", target.kind), operator, value)
        if inner is None:
            return None
        sql = f"EXISTS (SELECT 1 FROM json_each({target.sql}) WHERE {inner.sql})"
        return Condition(sql, inner.values)

    def _in(self, target: Field, is_negated: bool, choices: list[Any]) -> Condition | None:
        if not choices:
            return None if is_negated else Condition("0")
        convert = self._converter(target)
        converted = [convert(choice) for choice in choices]
        known = [choice for choice in converted if choice is not None]
        expression = _expression(target)
        sql = f"{expression} IN ({', '.join('?' * len(known))})"
        if len(known) < len(converted):
            sql = f"({sql} OR {expression} IS NULL)"
        return Condition(f"NOT ({sql})" if is_negated else sql, known)

    def _scalar(self, target: Field, operator: str, value: Any) -> Condition:
        if operator in _LIKE:
            return _like(target, operator, php_text(value))
        converted = self._converter(target)(value)
        comparison = {"": "=", "!": "<>", "!=": "<>"}.get(operator, operator)
        expression = _expression(target)
        if converted is None:
            if comparison in ("=", "<>"):
                return Condition(f"{expression} IS {'NOT ' if comparison == '<>' else ''}NULL")
            converted = 0
        if comparison == "<>":
            return Condition(f"({expression} <> ? OR {expression} IS NULL)", [converted])
        return Condition(f"{expression} {comparison} ?", [converted])

    def _converter(self, target: Field) -> Callable[[Any], Any]:
        if target.kind in ("id", "optional_id"):
            return php_int
        if target.kind == "money":
            return php_float
        if target.kind in ("moment", "uf_moment"):
            return self._moment
        if target.kind == "uf_day":
            return self._day
        if target.kind in ("uf_number", "uf_boolean"):
            # Y and N are no values of a filter on a yes/no field: both read as 0.
            return lambda value: None if php_text(value) == "" else php_float(value)
        if target.kind == "uf_text":
            return lambda value: php_text(value) or None
        if target.kind == "flag":
            return lambda value: (
                "Y" if value is True else "N" if value is False else php_text(value)
            )
        if target.kind == "uf":
            return lambda value: php_text(value).lower() or None
        return php_text

    def _moment(self, value: Any) -> int | None:
        if value is None or value is False or value == "":
            return None
        moment = self._moments.parse(value)
        if moment is None and self._entity.is_item:
            raise RestError(
                400, "INVALID_ARG_VALUE", f"Invalid filter: wrong date '{php_text(value)}'"
            )
        return moment or 0

    def _day(self, value: Any) -> str | None:
        moment = self._moment(value)
        return None if moment is None else self._moments.iso(moment)[:10]


def _expression(target: Field) -> str:
    if target.kind == "uf":
        return f"lower(CAST({target.sql} AS TEXT))"
    return (
        f"{target.sql} COLLATE NOCASE"
        if target.kind in ("text", "nullable_text", "uf_text")
        else target.sql
    )


def _like(target: Field, operator: str, text: str) -> Condition:
    # With = in the prefix the caller writes the per cent signs himself.
    pattern = text if "=" in operator else f"%{text}%"
    negation = "NOT " if operator.startswith("!") else ""
    return Condition(f"casefolded({target.sql}) {negation}LIKE ?", [pattern.lower()])


def _multifield(target: Field, wanted: list[Any]) -> Condition | None:
    if not wanted:
        return None
    marks = ", ".join("?" * len(wanted))
    value = "json_extract(value, '$.VALUE')"
    sql = f"EXISTS (SELECT 1 FROM json_each({target.sql}) WHERE {value} IN ({marks}))"
    return Condition(sql, [php_text(value) for value in wanted])


def _contained(target: Field, wanted: list[Any]) -> Condition | None:
    if not wanted:
        return None
    marks = ", ".join("?" * len(wanted))
    sql = f"EXISTS (SELECT 1 FROM json_each({target.sql}) WHERE value IN ({marks}))"
    return Condition(sql, [php_int(value) for value in wanted])


def _bindings(value: Any) -> Condition | None:
    pairs = [upper_keys(pair) for pair in members(value) if is_array(pair)]
    if not pairs:
        return None
    sql = " OR ".join("(OWNER_TYPE_ID = ? AND OWNER_ID = ?)" for _ in pairs)
    numbers = [php_int(pair.get(name)) for pair in pairs for name in ("OWNER_TYPE_ID", "OWNER_ID")]
    return Condition(sql, numbers)

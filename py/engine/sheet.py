"""A list as it leaves the app: the fields that were asked for, with the words of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.columns import Codes, Column, Dates, Lists, Numbers, People
from engine.listing import Listing
from engine.question import BadQuestion
from engine.search import Rows

TEXT, NUMBER, MONEY, DATE = "text", "number", "money", "date"
CHUNK_ROWS = 1_000


@dataclass(frozen=True)
class Field:
    """One column of the sheet; ``values`` gives those of some rows: texts, numbers, days since
    1970, None.
    """

    title: str
    kind: str
    values: Callable[[Rows], list[Any]]


def fields_of(listing: Listing, facts: Mapping[str, Any], names: Mapping[int, str]) -> list[Field]:
    """The fields that a message asks for: ``columns`` in their order, ``titles`` by column,
    ``words`` by column and code; names and codes stand for what is not given. Raises BadQuestion.
    """
    wanted = facts.get("columns") or [name for name in listing.columns if name != "entity"]
    titles, words = facts.get("titles") or {}, facts.get("words") or {}
    fields = []
    for name in wanted:
        if name not in listing.columns:
            raise BadQuestion(column=str(name)[:40])
        field = _field(listing.columns[name], words.get(name) or {}, names)
        fields.append(Field(str(titles.get(name) or name), *field))
    return fields


def rows_of(fields: Sequence[Field], rows: Rows) -> Iterator[tuple[Any, ...]]:
    """The values of these rows, some at a time."""
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        yield from zip(*(field.values(chunk) for field in fields), strict=True)


def _field(
    column: Column, words: Mapping[str, str], names: Mapping[int, str]
) -> tuple[str, Callable[[Rows], list[Any]]]:
    if isinstance(column, Numbers):
        return (MONEY if column.decimals else NUMBER), column.cells
    if isinstance(column, Dates):
        return DATE, lambda rows: _days(column, rows)
    if isinstance(column, Codes):
        return TEXT, lambda rows: [
            None if code is None else str(words.get(code) or code) for code in column.cells(rows)
        ]
    if isinstance(column, People):
        return TEXT, lambda rows: [
            None if user is None else names.get(user) or str(user) for user in column.cells(rows)
        ]
    if isinstance(column, Lists):
        return TEXT, lambda rows: [_sums(pairs) for pairs in column.cells(rows)]
    return TEXT, column.cells


def _days(column: Dates, rows: Rows) -> list[int | None]:
    days = column.days[rows]
    numbers = days.astype("datetime64[D]").astype(np.int64).tolist()
    return [None if empty else day for day, empty in zip(numbers, np.isnat(days), strict=True)]


def _sums(pairs: list[tuple[str, float]] | None) -> str | None:
    """``100.00 USD, 5.00 EUR``."""
    return ", ".join(f"{amount:.2f} {currency}".strip() for currency, amount in pairs or ()) or None

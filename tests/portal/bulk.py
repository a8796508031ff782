"""Writes arrays into a table piece by piece: a million rows never stand in memory as tuples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import numpy as np

from portal.database import Database
from portal.schema import TABLES

_PIECE: Final = 25_000
NO_MOMENT: Final = np.iinfo(np.int64).min

# An array of the whole table, a maker of one piece's values, or one value for all rows.
Column = np.ndarray[Any, Any] | Callable[[slice], Sequence[Any]] | int | float | str


def write(database: Database, table: str, count: int, columns: Mapping[str, Column]) -> None:
    """Insert ``count`` rows; columns that are not named stay empty.

    ``NO_MOMENT`` in a column of moments is stored as NULL.
    """
    database.insert(table, list(columns), _rows(table, count, columns))


def _rows(table: str, count: int, columns: Mapping[str, Column]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, count, _PIECE):
        piece = slice(start, min(start + _PIECE, count))
        values = [
            _values(column, piece, TABLES[table][name] == "moment")
            for name, column in columns.items()
        ]
        yield from zip(*values, strict=False)


def _values(column: Column, piece: slice, is_moment: bool) -> Any:
    if isinstance(column, np.ndarray):
        values = column[piece].tolist()
        return [None if value == NO_MOMENT else value for value in values] if is_moment else values
    return column(piece) if callable(column) else repeat(column, piece.stop - piece.start)


def flags(values: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, Any]:
    """``Y`` and ``N``."""
    return np.where(values, "Y", "N")


def picks(rng: np.random.Generator, choice: Sequence[str]) -> Callable[[slice], Sequence[str]]:
    """A maker that draws one of ``choice`` for each row."""

    def make(piece: slice) -> Sequence[str]:
        drawn = rng.integers(0, len(choice), piece.stop - piece.start).tolist()
        return [choice[number] for number in drawn]

    return make


def labels(prefix: str, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> Column:
    """A maker of ``prefix`` followed by each row's number, ``''`` where the number is 0."""

    def make(piece: slice) -> Sequence[str]:
        return [f"{prefix}{number}" if number else "" for number in numbers[piece].tolist()]

    return make

"""Columns of a list of clients: what their cells say, what they are sorted and filtered by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.search import Rows, Texts, as_objects, containing, fold, folded
from segmentation.calendar import Days

Flags = NDArray[np.bool_]
Keys = NDArray[np.float64]


class BadCondition(ValueError):
    """A filter that a column does not understand."""


class Column(Protocol):
    """One value per row, or none."""

    def cells(self, rows: Rows) -> list[Any]:
        """The values in these rows, ready for JSON; None for no value."""

    @property
    def keys(self) -> Keys:
        """What every row is sorted by; NaN where there is no value."""

    def fits(self, condition: Any) -> Flags:
        """Which rows a filter lets through. Raises BadCondition."""


@dataclass(frozen=True, eq=False)
class Codes(Column):
    """One of few ``names``, as its number; -1 is no value. A filter is a list of names."""

    values: NDArray[np.int8]
    names: Sequence[str]

    def cells(self, rows: Rows) -> list[Any]:
        names = [*self.names, None]  # the last is what -1 picks
        return [names[value] for value in self.values[rows].tolist()]

    @cached_property
    def keys(self) -> Keys:
        return _where_known(self.values, self.values >= 0)

    def fits(self, condition: Any) -> Flags:
        wanted = set(_choices(condition))
        return np.array([*(name in wanted for name in self.names), False])[self.values]


@dataclass(frozen=True, eq=False)
class People(Column):
    """Users by id, 0 for nobody; sorted by name. A filter is a list of ids."""

    ids: NDArray[np.int64]
    names: Mapping[int, str]

    def among(self, rows: Rows | None) -> list[int]:
        """Ids of the users in these rows, or in all."""
        ids = np.unique(self.ids if rows is None else self.ids[rows])
        return [int(each) for each in ids if each > 0]

    def cells(self, rows: Rows) -> list[Any]:
        return [number or None for number in self.ids[rows].tolist()]

    @property
    def keys(self) -> Keys:
        known = np.unique(self.ids)
        # Who has no name is told by number, behind all names.
        order = sorted(known.tolist(), key=lambda each: (*_named(self.names, each), each))
        places = {number: place for place, number in enumerate(order)}
        ranks = np.array([places[number] for number in known.tolist()], np.float64)
        return _where_known(ranks[np.searchsorted(known, self.ids)], self.ids > 0)

    def fits(self, condition: Any) -> Flags:
        numbers = [str(value) for value in _choices(condition)]
        wanted = [int(text) for text in numbers if text.isdecimal() and len(text) <= 18]
        return np.isin(self.ids, wanted)


def _named(names: Mapping[int, str], number: int) -> tuple[bool, str]:
    name = fold(names.get(number, ""))
    return not name, name


@dataclass(frozen=True, eq=False)
class Numbers(Column):
    """Numbers, NaN for no value, of so many ``decimals``. A filter is ``{"from", "to"}``, ends
    included, either may be left out.
    """

    values: NDArray[np.float64]
    decimals: int = 0

    def cells(self, rows: Rows) -> list[Any]:
        shown = self.values[rows].tolist()
        if self.decimals:
            return [None if math.isnan(each) else round(each, self.decimals) for each in shown]
        return [None if math.isnan(each) else int(each) for each in shown]

    @property
    def keys(self) -> Keys:
        return self.values

    def fits(self, condition: Any) -> Flags:
        low, high = (_number(end) for end in _ends(condition))
        fitting = ~np.isnan(self.values)
        if low is not None:
            fitting &= self.values >= low
        if high is not None:
            fitting &= self.values <= high
        return fitting


@dataclass(frozen=True, eq=False)
class Dates(Column):
    """Portal days, NaT for no value. A filter is ``{"from", "to"}`` in ISO form, ends included."""

    days: Days

    def cells(self, rows: Rows) -> list[Any]:
        texts = np.datetime_as_string(self.days[rows], unit="D").tolist()
        return [None if text == "NaT" else text for text in texts]

    @cached_property
    def keys(self) -> Keys:
        return _where_known(self.days.astype(np.int64), ~np.isnat(self.days))

    def fits(self, condition: Any) -> Flags:
        first, last = (_day(end) for end in _ends(condition))
        fitting = ~np.isnat(self.days)
        if first is not None:
            fitting &= self.days >= first
        if last is not None:
            fitting &= self.days <= last
        return fitting


@dataclass(frozen=True, eq=False)
class Words(Column):
    """Texts, "" for no value; several values of one row are its lines. A filter is a text whose
    words must all occur.
    """

    texts: Sequence[str]

    def cells(self, rows: Rows) -> list[Any]:
        return [self.texts[row].replace("\n", ", ") for row in rows.tolist()]

    @cached_property
    def _folded(self) -> Texts:
        return as_objects(folded(self.texts))

    @cached_property
    def keys(self) -> Keys:
        texts = self._folded.tolist()
        places = {text: float(place) for place, text in enumerate(sorted(set(texts)))}
        places[""] = math.nan
        return np.fromiter(map(places.__getitem__, texts), np.float64, len(texts))

    def fits(self, condition: Any) -> Flags:
        if not isinstance(condition, str):
            raise BadCondition(condition)
        fitting = np.ones(len(self.texts), np.bool_)
        for word in fold(condition).split():
            fitting &= containing(word, self._folded)
        return fitting


@dataclass(frozen=True, eq=False)
class Lists(Column):
    """Something ready for JSON per row, None for no value; only shown."""

    values: Mapping[int, Any]
    count: int

    def cells(self, rows: Rows) -> list[Any]:
        return [self.values.get(row) for row in rows.tolist()]

    @property
    def keys(self) -> Keys:
        return np.zeros(self.count)

    def fits(self, condition: Any) -> Flags:
        raise BadCondition(condition)


def _where_known(values: NDArray[Any], known: Flags) -> Keys:
    return np.where(known, values.astype(np.float64), np.nan)


def _choices(condition: Any) -> list[Any]:
    if not isinstance(condition, list) or not all(
        isinstance(each, str | int) for each in condition
    ):
        raise BadCondition(condition)
    return condition


def _ends(condition: Any) -> tuple[Any, Any]:
    if not isinstance(condition, dict):
        raise BadCondition(condition)
    return condition.get("from"), condition.get("to")


def _number(end: Any) -> float | None:
    if end is None or end == "":
        return None
    try:
        number = float(str(end).replace(",", "."))
    except ValueError:
        raise BadCondition(end) from None
    if math.isnan(number):
        raise BadCondition(end)
    return number


def _day(end: Any) -> np.datetime64 | None:
    if end is None or end == "":
        return None
    try:
        day = np.datetime64(str(end)[:10], "D")
    except ValueError:
        raise BadCondition(end) from None
    return None if np.isnat(day) else day

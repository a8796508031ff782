"""A list of clients that is asked for parts of itself: a segment, searched, filtered, sorted, and
of that the rows on screen (spec §5).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.columns import BadCondition, Column, Flags
from engine.question import BadQuestion, Clients, Question
from engine.search import Index, Rows, narrows

REMEMBERED = 4
"""Answers that are kept, so that scrolling does not search again."""


@dataclass(frozen=True)
class Found:
    """Numbers of the rows that were found, in order; ``of`` is how many the segment has."""

    rows: Rows
    of: int


@dataclass(frozen=True)
class _Searched:
    """The rows of a question as they lie in the list; ``of`` is how many the segment has."""

    question: Question
    rows: Rows
    of: int


@dataclass(eq=False)
class Listing:
    """Rows with their ``columns`` and what they are found by; ``segment`` tells for each row
    whether it is one of the clients of a segment or a flow.
    """

    columns: Mapping[str, Column]
    index: Index
    segment: Callable[[Clients], Flags]
    currency: str = ""
    _remembered: OrderedDict[str, Found] = field(default_factory=OrderedDict)
    _searched: _Searched | None = None

    def find(self, question: Question) -> Found:
        """The rows that a question is about, without regard to its window.

        Raises BadQuestion.
        """
        found = self._remembered.pop(question.text, None) or self._found(question)
        self._remembered[question.text] = found
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return found

    def forget(self) -> None:
        """Answer everything anew: names of people, which lists are sorted by, have changed."""
        self._remembered.clear()
        self._searched = None

    def cells(self, rows: Rows) -> list[list[Any]]:
        """The values of these rows, in the order of the columns."""
        by_column = [column.cells(rows) for column in self.columns.values()]
        return [list(values) for values in zip(*by_column, strict=True)]

    def _found(self, question: Question) -> Found:
        candidates, of = self._candidates(question)
        rows = self.index.matching(question.search, candidates)
        self._searched = _Searched(question, rows, of)
        return Found(self._sorted(rows, question.sort), of)

    def _candidates(self, question: Question) -> tuple[Rows, int]:
        """The rows to be searched, and how many the segment has. While a person types, what was
        found last is all that can be found.
        """
        last = self._searched
        if (
            last is not None
            and last.question.segment == question.segment
            and last.question.filters == question.filters
            and narrows(question.search, last.question.search)
        ):
            return last.rows, last.of
        fitting = self.segment(question.segment)
        of = int(fitting.sum())
        for name, condition in question.filters.items():
            try:
                fitting = fitting & self._column(name).fits(condition)
            except BadCondition as error:
                raise BadQuestion(column=name) from error
        return np.flatnonzero(fitting), of

    def _sorted(self, rows: Rows, sort: tuple[tuple[str, bool], ...]) -> Rows:
        """Rows without a value come last, whichever way; equal ones stay as they are."""
        keys = []
        for name, descending in sort:
            values = self._column(name).keys[rows]
            keys.append(-values if descending else values)
        return rows[np.lexsort(keys[::-1])] if keys else rows

    def _column(self, name: str) -> Column:
        if name not in self.columns:
            raise BadQuestion(column=name)
        return self.columns[name]

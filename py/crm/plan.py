"""The reading plan: the cells of every month.

A cell is one source in one month. Neighbouring months share the very same bound, so every row is in
exactly one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm.cells import DAY_S, Cell, Shape
from crm.months import month_of, months_between, next_month, start_s
from crm.survey import SourceFacts, Survey
from crm.tables import PAGE_ROWS


def cells_of(survey: Survey, wanted: Sequence[str]) -> list[list[Cell]]:
    """The cells of every wanted month, in the order of months.

    The survey's first month is open to the past and its last one to the future, so that nothing is
    missed. Months that surely lie before a source's oldest row have no cell of it; a source without
    usable dates is read whole with the first month.
    """
    zone_s = survey.offset_s
    months: list[list[Cell]] = [[] for _ in wanted]
    for facts in survey.sources:
        shape = Shape(facts, len(wanted), _mean_pages(survey, facts))
        for index, month in enumerate(wanted):
            first, last = month == survey.months[0], month == survey.months[-1]
            since_s = None if first or not facts.dated else start_s(month, zone_s)
            until_s = None if last or not facts.dated else start_s(next_month(month), zone_s)
            if _surely_empty(facts, first, until_s):
                shape.firsts[index] = 0
            else:
                months[index].append(Cell(shape, index, since_s, until_s, survey.facts))
    return months


def _mean_pages(survey: Survey, facts: SourceFacts) -> float:
    """Pages of one month before anything else is known of it."""
    since_s = survey.now.timestamp() if facts.first_s is None else facts.first_s
    months = months_between(month_of(since_s, survey.offset_s), survey.months[-1])
    return max(1.0, facts.rows / PAGE_ROWS / min(len(months), len(survey.months)))


def _surely_empty(facts: SourceFacts, first: bool, until_s: int | None) -> bool:
    if not facts.dated:
        return not first
    if not facts.sorted or facts.first_s is None or until_s is None:
        return False
    return until_s <= facts.first_s - DAY_S

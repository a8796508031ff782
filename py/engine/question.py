"""What the page asks of a list: read from its message, whatever is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segmentation.past import is_flow
from segmentation.types import LISTED, MODES

MOST_ROWS = 1_000
"""Rows of one window at most."""
LONGEST_SEARCH = 200
"""Signs of a search that are looked at."""

_MONTH = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")


class BadQuestion(ValueError):
    """The page asked for what there is not; ``params`` tell which part of the question it was."""

    code = "bad_query"

    def __init__(self, **params: str) -> None:
        super().__init__(str(params))
        self.params = params


class NoAnswer(Exception):
    """There is nothing that could be told; ``code`` is that of the error's text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def refused(error: Any) -> dict[str, Any]:
    """What the page is told instead of an answer; ``error`` has a code, and may have params."""
    return {"error": {"code": error.code, "params": dict(getattr(error, "params", {}))}}


@dataclass(frozen=True)
class Segment:
    """A segment of a mode or its sum (``segmentation.types.LISTED``), at the end of a month
    (``YYYY-MM``) or today.
    """

    mode: int
    code: str
    month: str | None = None

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Segment:
        """The segment in a message. Raises BadQuestion."""
        mode, code = (str(facts.get(name) or "") for name in ("mode", "code"))
        if not mode.isdecimal() or code not in LISTED.get(int(mode), ()):
            raise BadQuestion(segment=f"{mode} {code}"[:40])
        return cls(int(mode), code, _month(facts.get("month")))

    @property
    def codes(self) -> tuple[str, ...]:
        """The counters of its mode that it is the sum of (``segmentation.types.MODES``)."""
        counters = MODES[self.mode]
        return (self.code,) if self.code in counters else counters


@dataclass(frozen=True)
class Flow:
    """The clients who went from one code of a ``state`` to another (``segmentation.past.in_flow``)
    between the ends of two months (``YYYY-MM``).
    """

    state: str
    before: str
    after: str
    source: str | None
    target: str | None

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Flow:
        """The flow in a message. Raises BadQuestion."""
        state = str(facts.get("state"))
        source, target = (_text(facts.get(name)) for name in ("from", "to"))
        if not is_flow(state, source, target):
            raise BadQuestion(flow=f"{state} {source} {target}"[:40])
        before, after = (_month(facts.get(name)) for name in ("before", "after"))
        if before is None or after is None:
            raise BadQuestion(month="")
        return cls(state, before, after, source, target)


Clients = Segment | Flow | None
"""Those who are listed: of a segment, of a flow, or all."""


def clients_of(facts: Any) -> Clients:
    """Who is meant by a message: a flow has a ``state``, None stands for all clients. Raises
    BadQuestion.
    """
    if facts is None:
        return None
    if not isinstance(facts, dict):
        raise BadQuestion(segment=str(facts)[:40])
    return Flow.read(facts) if "state" in facts else Segment.read(facts)


@dataclass(frozen=True)
class Question:
    """``filters`` are what the columns' ``fits`` take, empty ones left out; ``sort`` has columns
    with whether they descend, the weightiest first. ``text`` is the same for questions with the
    same rows.
    """

    segment: Clients
    search: str
    filters: Mapping[str, Any]
    sort: tuple[tuple[str, bool], ...]
    first: int
    count: int
    text: str

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Question:
        """The question in a message of the page. Raises BadQuestion."""
        segment = clients_of(facts.get("segment"))
        search = " ".join(str(facts.get("search") or "")[:LONGEST_SEARCH].split())
        filters = facts.get("filters") or {}
        if not isinstance(filters, dict):
            raise BadQuestion(filters=str(filters)[:40])
        filters = {name: each for name, each in filters.items() if not _is_empty(each)}
        sort = _sort(facts.get("sort") or [])
        return cls(
            segment,
            search,
            filters,
            sort,
            max(0, _whole(facts.get("from"), 0)),
            min(MOST_ROWS, max(0, _whole(facts.get("count"), MOST_ROWS))),
            json.dumps([facts.get("segment"), search, filters, sort], sort_keys=True),
        )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _month(value: Any) -> str | None:
    month = _text(value or None)
    if month is not None and not _MONTH.fullmatch(month):
        raise BadQuestion(month=month[:40])
    return month


def _is_empty(condition: Any) -> bool:
    if isinstance(condition, dict):
        return all(_is_empty(end) for end in condition.values())
    return condition is None or condition == "" or condition == []


def _sort(pairs: Any) -> tuple[tuple[str, bool], ...]:
    try:
        return tuple((str(name), bool(descending)) for name, descending in pairs)
    except (TypeError, ValueError):
        raise BadQuestion(sort=str(pairs)[:40]) from None


def _whole(value: Any, otherwise: int) -> int:
    try:
        return otherwise if value is None else int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadQuestion(window=str(value)[:40]) from None

"""Answers of the portal, read defensively: any field may be missing or of a wrong type, any answer
no JSON at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.errors import (
    AnswerUnreadable,
    PortalError,
    PortalFailed,
    PortalOverloaded,
    SessionExpired,
    from_portal,
)
from crm.protocols import Answer
from crm.query import Command, key_of


@dataclass(frozen=True)
class Timing:
    """The portal's ``time`` as far as it is usable."""

    seconds: float | None = None
    operating_s: float | None = None
    finish_unix_s: float | None = None
    reset_unix_s: float | None = None

    @classmethod
    def read(cls, value: Any) -> Timing:
        """From an answer's ``time`` or a command's ``result_time``; whatever is odd is left out."""
        if not isinstance(value, dict):
            return cls()
        return cls(
            seconds=_number(value.get("duration")),
            operating_s=_number(value.get("operating")),
            finish_unix_s=_number(value.get("finish")),
            reset_unix_s=_number(value.get("operating_reset_at")),
        )

    def reset_in_s(self, answered: Timing) -> float | None:
        """Seconds from the end of the request, timed by ``answered``, to the reset."""
        if self.reset_unix_s is None or answered.finish_unix_s is None:
            return None
        return self.reset_unix_s - answered.finish_unix_s


@dataclass(frozen=True)
class Result:
    """What became of one command: a value, or an error of its own.

    ``total`` is how many rows there are in all, where the portal was let count.
    """

    value: Any = None
    error: PortalError | None = None
    timing: Timing = Timing()
    total: int | None = None

    def get(self) -> Any:
        """The value; raises the error."""
        if self.error is not None:
            raise self.error
        return self.value


def read_answer(answer: Answer, method: str) -> Result:
    """The whole answer as one result; a refusal of the request is its error, never raised here."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return Result(error=_without_json(answer, method))
    timing = Timing.read(body.get("time"))
    if "error" in body and (body["error"] or answer.status >= 400 or "result" not in body):
        words = body.get("error_description")
        return Result(error=from_portal(answer.status, body["error"], words, method), timing=timing)
    if answer.status >= 400 or "result" not in body:
        return Result(error=_without_json(answer, method), timing=timing)
    return Result(value=body["result"], timing=timing, total=_total(body.get("total")))


def read_batch(value: Any, commands: Sequence[Command]) -> list[Result]:
    """One result per command from the ``result`` of a batch; an empty map arrives as ``[]``.

    Raises AnswerUnreadable when it is not a batch's result at all. A command that is in neither map
    gets an AnswerUnreadable of its own.
    """
    if not isinstance(value, dict):
        raise AnswerUnreadable(method="batch", reason="no_result")
    values, errors = mapping(value.get("result")), mapping(value.get("result_error"))
    times, totals = mapping(value.get("result_time")), mapping(value.get("result_total"))
    results = []
    for index, command in enumerate(commands):
        key = key_of(index)
        timing = Timing.read(times.get(key))
        error: PortalError | None = None
        if errors.get(key):
            told = (
                errors[key] if isinstance(errors[key], dict) else {"error_description": errors[key]}
            )
            words = told.get("error_description")
            error = from_portal(200, told.get("error"), words, command.method)
        elif key not in values:
            error = AnswerUnreadable(method=command.method, reason="no_result")
        results.append(Result(values.get(key), error, timing, _total(totals.get(key))))
    return results


def _without_json(answer: Answer, method: str) -> PortalError:
    """HTML of a proxy, plain text under load, an empty body: the status is all there is."""
    if answer.status == 503:
        return PortalOverloaded(method=method, status=answer.status)
    if answer.status >= 500:
        return PortalFailed(method=method, status=answer.status)
    if answer.status == 401:
        return SessionExpired(method=method, status=answer.status)
    return AnswerUnreadable(method=method, status=answer.status, reason="no_json")


def mapping(value: Any) -> dict[str, Any]:
    """A map; an empty one arrives as ``[]``, and whatever else is odd counts as empty too."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Members of a list, which the portal may number, so that it arrives as an object; nothing of
    whatever is neither.
    """
    members = list(value.values()) if isinstance(value, dict) else value
    return members if isinstance(members, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects among the members of a list."""
    return [each for each in listed(value) if isinstance(each, dict)]


def _total(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _number(value: Any) -> float | None:
    """A finite number that is not negative, also when it comes as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None

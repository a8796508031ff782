"""Answers that are not what the portal promises, by name; the same for the same chance.

``BROKEN`` ones cannot be taken for a true answer: nothing of them may get into the base. ``FALSE``
ones are answers of the right form with other values, which nobody can tell from true ones: a wrong
value may stay until all is read anew, but nothing else may suffer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Garble = Callable[[Random, str], str]
PAGE = "<!doctype html><html><body><h1>Site is under maintenance</h1></body></html>"
WARNING = (
    "<br />\n<b>Warning</b>: Undefined array key 7 in <b>/home/bitrix/www/lib.php</b>"
    " on line <b>318</b><br />\n"
)
ODD: tuple[Any, ...] = (None, True, 5, -1, 0.5, "text", "", [], {}, [[]], {"a": 5}, [None])
ODD_ERRORS: tuple[Any, ...] = (True, 5, ["a"], {"a": 5}, "ODD_CODE", "x" * 10_000)
INNER_CODES: tuple[Any, ...] = (
    *("INTERNAL_SERVER_ERROR", "ACCESS_DENIED", "OPERATION_TIME_LIMIT", "QUERY_LIMIT_EXCEEDED"),
    *("expired_token", "ERROR_CORE", "", 0, None, {"a": 5}),
)
GIANT = 300_000


def of_text(change: Callable[[Random, str], str]) -> Garble:
    """A garble of the text as it came."""
    return change


def of_answer(change: Callable[[Random, dict[str, Any]], None]) -> Garble:
    """A garble of the parsed answer, changed in place."""

    def garble(chance: Random, text: str) -> str:
        answer = json.loads(text)
        change(chance, answer)
        return json.dumps(answer)

    return garble


def of_result(change: Callable[[Random, Any], Any]) -> Garble:
    """A garble of one command's result, the only one or one in a batch."""

    def one(chance: Random, answer: dict[str, Any]) -> None:
        results, name = _one_result(chance, answer)
        if results is not None:
            results[name] = change(chance, results[name])

    return of_answer(one)


def of_value(change: Callable[[Random, Any], Any]) -> Garble:
    """A garble of one value somewhere in the results."""

    def one(chance: Random, answer: dict[str, Any]) -> None:
        places = list(_places(answer.get("result")))
        if places:
            holder, name = chance.choice(places)
            holder[name] = change(chance, holder[name])

    return of_answer(one)


def of_rows(change: Callable[[Random, list[Any]], None]) -> Garble:
    """A garble of one list of rows, changed in place."""

    def one(chance: Random, answer: dict[str, Any]) -> None:
        found = _lists(answer.get("result"))
        lists = [rows for rows in found if rows and isinstance(rows[0], dict)]
        if lists:
            change(chance, chance.choice(lists))

    return of_answer(one)


def _one_result(chance: Random, answer: dict[str, Any]) -> tuple[Any, Any]:
    """Where one command's result is: its holder and its name there; None for none."""
    inner = answer.get("result")
    if isinstance(inner, dict) and "result_error" in inner:
        results = inner["result"]
        if not results:
            return None, None
        keys = list(results) if isinstance(results, dict) else range(len(results))
        return results, chance.choice(list(keys))
    return (answer, "result") if "result" in answer else (None, None)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Holder and name of every single value, those of the batch's own bookkeeping left out."""
    if isinstance(value, dict) and "result_error" in value:
        value = value["result"]
    if not isinstance(value, dict | list):
        return
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        if isinstance(member, dict | list):
            yield from _places(member)
        else:
            yield value, name


def _lists(value: Any) -> Iterator[list[Any]]:
    """Every list that is no part of a row."""
    if isinstance(value, dict) and "result_error" in value:
        value = value["result"]
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _lists(member)


def _without_time(chance: Random, answer: dict[str, Any]) -> None:
    answer.pop("time", None)
    if isinstance(answer.get("result"), dict):
        answer["result"].pop("result_time", None)


def _odd_time(chance: Random, answer: dict[str, Any]) -> None:
    def odd(time: Any) -> Any:
        if not isinstance(time, dict):
            return time
        return {name: chance.choice([*ODD, 1e18, -1e18, "NaN", "9" * 400]) for name in time}

    answer["time"] = odd(answer.get("time"))
    inner = answer.get("result")
    if isinstance(inner, dict) and isinstance(inner.get("result_time"), dict):
        inner["result_time"] = {name: odd(time) for name, time in inner["result_time"].items()}


def _numbered(value: Any) -> Any:
    """Every list as an object with numbers for names, as PHP gives one with a gap."""
    if isinstance(value, list):
        return {str(place): _numbered(member) for place, member in enumerate(value, 1)}
    if isinstance(value, dict):
        return {name: _numbered(member) for name, member in value.items()}
    return value


def _listed(value: Any) -> Any:
    """Every empty object as an empty list, and the other way round in a batch's bookkeeping."""
    if isinstance(value, dict):
        return {name: _listed(member) for name, member in value.items()} or []
    return [_listed(member) for member in value] if isinstance(value, list) else value


def _whole(change: Callable[[Any], Any]) -> Garble:
    def garble(chance: Random, answer: dict[str, Any]) -> None:
        if "result" in answer:
            answer["result"] = change(answer["result"])

    return of_answer(garble)


def _other_names(chance: Random, answer: dict[str, Any]) -> None:
    inner = answer.get("result")
    if not isinstance(inner, dict) or "result_error" not in inner:
        answer["Result"] = answer.pop("result", None)
        return
    for part in ("result", "result_error", "result_time", "result_total"):
        if isinstance(inner.get(part), dict):
            inner[part] = {f"x{name}": member for name, member in inner[part].items()}


def _one_missing(chance: Random, answer: dict[str, Any]) -> None:
    results, name = _one_result(chance, answer)
    if results is not None:
        results.pop(name)


def _refused(chance: Random, answer: dict[str, Any]) -> None:
    inner: Any = answer.get("result")
    results, name = _one_result(chance, answer)
    if results is None or results is answer or isinstance(results, list):
        return
    del results[name]
    error = {"error": chance.choice(INNER_CODES), "error_description": "Odd"}
    inner["result_error"] = {**dict(inner["result_error"] or {}), name: error}


def _odd_error(chance: Random, answer: dict[str, Any]) -> None:
    answer.pop("result", None)
    answer["error"] = chance.choice(ODD_ERRORS)
    answer["error_description"] = chance.choice(ODD)


def _odd_total(chance: Random, answer: dict[str, Any]) -> None:
    inner = answer.get("result")
    odd: list[Any] = [None, -5, 0, 7, 10**12, "x", [], {}]
    if "total" in answer:
        answer["total"] = chance.choice(odd)
    if isinstance(inner, dict) and isinstance(inner.get("result_total"), dict):
        totals = inner["result_total"]
        inner["result_total"] = {name: chance.choice(odd) for name in totals}


def _flipped(chance: Random, value: Any) -> Any:
    if isinstance(value, str):
        others = [[value], {"VALUE": value}, 7, True, None]
        return chance.choice([*others, *([int(value)] if value.isdecimal() else [])])
    return chance.choice([str(value), [value], {"0": value}, None])


def _negative(chance: Random, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return -1
    if isinstance(value, int | float):
        return -abs(value) - 1
    return f"-{value}" if value[:1].isdecimal() else "-1"


def _spoilt(chance: Random, text: str) -> str:
    """A few characters that could not be decoded."""
    places = {chance.randrange(len(text)) for _ in range(3)}
    return "".join("\ufffd" if place in places else each for place, each in enumerate(text))


def _some_of_a_row(chance: Random, rows: list[Any]) -> None:
    place = chance.randrange(len(rows))
    if isinstance(rows[place], dict):
        rows[place] = dict.fromkeys(rows[place])
    else:
        rows[place] = None


BROKEN: dict[str, Garble] = {
    "truncated": of_text(lambda chance, text: text[: chance.randrange(1, len(text))]),
    "empty": of_text(lambda chance, text: chance.choice(["", "\n", " "])),
    "page": of_text(lambda chance, text: PAGE),
    "warned": of_text(lambda chance, text: WARNING + text),
    "trailing": of_text(lambda chance, text: text + WARNING),
    "bare": of_text(lambda chance, text: json.dumps(chance.choice(ODD))),
    "deep": of_text(lambda chance, text: "[" * 100_000),
    "deep-result": of_text(lambda chance, text: '{"result":' + '{"a":' * 50_000),
    "no-time": of_answer(_without_time),
    "odd-time": of_answer(_odd_time),
    "objects-for-lists": _whole(_numbered),
    "lists-for-objects": _whole(_listed),
    "other-names": of_answer(_other_names),
    "one-missing": of_answer(_one_missing),
    "no-result": of_answer(lambda chance, answer: answer.pop("result", None)),
    "odd-answer": _whole(lambda result: "text"),
    "odd-error": of_answer(_odd_error),
    "refused": of_answer(_refused),
    "odd-total": of_answer(_odd_total),
    "doubled-rows": of_rows(lambda chance, rows: rows.extend(list(rows))),
}
FALSE: dict[str, Garble] = {
    "odd-result": of_result(lambda chance, value: chance.choice(ODD)),
    "emptied": of_result(lambda chance, value: []),
    "null": of_value(lambda chance, value: None),
    "flipped": of_value(_flipped),
    "negative": of_value(_negative),
    "giant": of_value(lambda chance, value: "Ж" * GIANT),
    "giant-number": of_value(lambda chance, value: chance.choice(["9" * 5000, 10**30, 1e300])),
    "halves": of_value(lambda chance, value: f"\ud800{value}\0"),
    "odd-rows": of_rows(lambda chance, rows: rows.insert(0, chance.choice(ODD))),
    "row-of-nulls": of_rows(_some_of_a_row),
    "missing-row": of_rows(lambda chance, rows: rows.pop(chance.randrange(len(rows)))),
    "spoilt": of_text(_spoilt),
    "misread": of_text(lambda chance, text: text.encode().decode("cp1251", "replace")),
}
GARBLES: dict[str, Garble] = {**BROKEN, **FALSE}

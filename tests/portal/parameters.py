"""Parameters of a request as PHP reads them: nested by brackets, from the URL, a form, a plain
text or JSON.

A parameter's value is a string, or an array: ``dict`` (keys are strings, in the order of arrival).
JSON brings numbers, booleans, None and lists too; ``entries`` and ``members`` read dicts and lists
alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

import orjson

_BIGGEST_INT: Final = 2**63 - 1
_TOP_NAME_REPLACED: Final = str.maketrans({" ": "_", ".": "_"})
_BRACKETED: Final = re.compile(r"([^\[]*)((?:\[[^\[\]]*\])+)")
_KEY: Final = re.compile(r"\[([^\[\]]*)\]")


def parse_query(text: str) -> dict[str, Any]:
    """PHP's ``parse_str``: ``a[b][]=1&a[b][]=2`` gives ``{"a": {"b": {"0": "1", "1": "2"}}}``.

    Dots and spaces of a name's first part become underscores; a later value of a name wins.
    """
    parameters: dict[str, Any] = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        _put(parameters, unquote_plus(name), unquote_plus(value))
    return parameters


def parse_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Parameters of a request's body: JSON if it says so, else a query string.

    A body that is no JSON object, though it says so, has no parameters.
    """
    if "json" in content_type.lower():
        try:
            parsed = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            return {}
        return parsed if isinstance(parsed, dict) else {}
    return parse_query(body.decode("utf-8", "replace").lstrip())


def merge(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters together; a later source wins."""
    merged: dict[str, Any] = {}
    for source in sources:
        merged.update(source)
    return merged


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Keys and values of an array in either form; nothing for a scalar."""
    if isinstance(value, dict):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, list):
        yield from ((str(index), item) for index, item in enumerate(value))


def members(value: Any) -> list[Any]:
    """Values of an array; a scalar is an array of one, None and ``""`` are empty."""
    if isinstance(value, dict | list):
        return [item for _, item in entries(value)]
    return [] if value is None or value == "" else [value]


def is_array(value: Any) -> bool:
    """Whether PHP would call the value an array."""
    return isinstance(value, dict | list)


def upper_keys(value: Any) -> dict[str, Any]:
    """An array with its own keys in upper case, as several methods read theirs."""
    return {key.upper(): item for key, item in entries(value)}


def php_int(value: Any) -> int:
    """PHP's ``intval``: leading digits of a text, 1 for an array that holds anything, 0 for the
    rest; what is too big becomes the biggest integer.
    """
    if is_array(value):
        return int(bool(value))
    if isinstance(value, bool | int | float):
        number = int(value)
    else:
        found = re.match(r"\s*[+-]?\d+", str(value)) if value is not None else None
        number = int(found[0]) if found else 0
    return max(-_BIGGEST_INT - 1, min(_BIGGEST_INT, number))


def php_float(value: Any) -> float:
    """PHP's ``floatval``."""
    if isinstance(value, str):
        found = re.match(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value)
        return float(found[0]) if found else 0.0
    return float(value) if isinstance(value, int | float) else float(php_int(value))


def php_text(value: Any) -> str:
    """PHP's conversion to a string: ``Array`` for arrays, ``1`` for true, ``''`` for false and
    null.
    """
    if is_array(value):
        return "Array"
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


def php_true(value: Any) -> bool:
    """PHP's truth: the string ``0`` is false."""
    return bool(value) and value != "0"


def _put(parameters: dict[str, Any], name: str, value: str) -> None:
    found = _BRACKETED.match(name)
    if found is None:
        top = name.replace("[", "_", 1).translate(_TOP_NAME_REPLACED)
        if top:
            parameters[top] = value
        return
    keys = [found[1].translate(_TOP_NAME_REPLACED), *_KEY.findall(found[2])]
    if not keys[0]:
        return
    target = parameters
    for key in keys[:-1]:
        target = _child(target, key)
    target[_next_index(target) if keys[-1] == "" else keys[-1]] = value


def _child(target: dict[str, Any], key: str) -> dict[str, Any]:
    key = _next_index(target) if key == "" else key
    child = target.get(key)
    if not isinstance(child, dict):
        child = target[key] = {}
    return child


def _next_index(target: dict[str, Any]) -> str:
    return str(max((int(key) for key in target if key.isdecimal()), default=-1) + 1)

"""The method ``batch``: commands one after another, each may use the results of the earlier ones
(§3.2).
"""

from __future__ import annotations

import re
from typing import Any, Final

from portal.errors import RestError, known
from portal.execution import Execution
from portal.parameters import entries, parse_query, php_text, php_true, upper_keys
from portal.requestlog import Command, Entry

LONGEST: Final = 50

_MACRO: Final = re.compile(r"\$(result|next|total|time|error)(\S*)", re.IGNORECASE)
_PATH_PART: Final = re.compile(r"\[([^\]]+)\]")

# What earlier commands gave: "result", "next", "total", "time", "error", each by the command's key.
Earlier = dict[str, dict[str, Any]]


async def run_batch(
    execution: Execution, parameters: dict[str, Any], entry: Entry
) -> dict[str, Any]:
    """Run all commands; the answer's body. Errors of commands are part of it, never raised."""
    given = upper_keys(parameters)
    halt = php_true(given.get("HALT", False))
    earlier: Earlier = {"result": {}, "next": {}, "total": {}, "time": {}, "error": {}}
    for number, (key, command) in enumerate(entries(given.get("CMD"))):
        if not isinstance(command, str):
            continue
        method, _, query = command.partition("#")[0].partition("?")
        logged = Command(key, method.lower(), query)
        entry.commands.append(logged)
        try:
            answer = await _run(execution, number, logged, earlier)
        except RestError as error:
            logged.error = error.code
            earlier["error"][key] = error.body()
            if halt:
                break
        else:
            for part, value in answer.items():
                earlier[part][key] = value
    return {
        "result": {
            "result": php_array(earlier["result"]),
            "result_error": php_array(earlier["error"]),
            "result_total": php_array(earlier["total"]),
            "result_next": php_array(earlier["next"]),
            "result_time": php_array(earlier["time"]),
        },
        "time": execution.batch_time(),
    }


async def _run(
    execution: Execution, number: int, logged: Command, earlier: Earlier
) -> dict[str, Any]:
    if number >= LONGEST:
        raise known("ERROR_BATCH_LENGTH_EXCEEDED")
    if logged.method == "batch":
        raise known("ERROR_BATCH_METHOD_NOT_ALLOWED")
    parameters: dict[str, Any] = substitute(parse_query(logged.query), earlier)
    return await execution.call(logged.method, parameters, logged)


def substitute(value: Any, earlier: Earlier) -> Any:
    """Put earlier results in place of the macros in all values of a parameter.

    A macro alone in the value gives whatever it finds; within a text only numbers and strings
    replace it. Where a part of the path is missing, the search stops at the deepest level found:
    with a short page ``$result[p][49][ID]`` gives the whole page, and an unknown command gives all
    results.
    """
    if isinstance(value, dict):
        return {key: substitute(member, earlier) for key, member in value.items()}
    if not isinstance(value, str) or "$" not in value:
        return value
    replaced: Any = value
    for macro in _MACRO.finditer(value):
        path = _PATH_PART.findall(macro[2])
        if not path:
            continue
        found = _deepest(earlier.get(macro[1]), path)
        if macro[0] == replaced:
            replaced = found
        elif (
            isinstance(replaced, str)
            and isinstance(found, str | int | float)
            and not isinstance(found, bool)
        ):
            replaced = replaced.replace(macro[0], php_text(found))
    return replaced


def _deepest(found: Any, path: list[str]) -> Any:
    for key in path:
        inner = _member(found, key)
        if inner is None:
            break
        found = inner
    return found


def _member(value: Any, key: str) -> Any:
    """``$value[$key]`` of PHP, None when it is not set; a text has its letters as members."""
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list | str) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return None


def php_array(values: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """A map as PHP writes it: a list when its keys are 0, 1, 2, …, so ``[]`` when it is empty."""
    if all(key == str(index) for index, key in enumerate(values)):
        return list(values.values())
    return values

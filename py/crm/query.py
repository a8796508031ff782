"""Requests as PHP query strings: the one body form that needs no preflight, and the form of batch
commands.

Names and values are percent-encoded segment by segment (``filter[%3EID]=5``). An empty list becomes
``name=``; ``None`` and empty mappings cannot be said in this form and are left out; booleans become
the words of JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

MAX_COMMANDS = 50
"""The portal takes no more commands in one batch."""


def encode(params: Mapping[str, Any]) -> str:
    """``params``, nested mappings and sequences included, as a query string."""
    return "&".join(_pairs(params, ""))


def _pairs(params: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in params.items():
        segment = quote(str(key), safe="")
        yield from _named(f"{prefix}[{segment}]" if prefix else segment, value)


def _named(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _pairs(value, name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            yield f"{name}="
        for index, item in enumerate(value):
            yield from _named(f"{name}[{index}]", item)
    elif isinstance(value, bool):
        yield f"{name}={'true' if value else 'false'}"
    elif value is not None:
        yield f"{name}={quote(str(value), safe='')}"


@dataclass(frozen=True)
class Command:
    """One REST call: a method and its parameters, already encoded."""

    method: str
    query: str = ""

    @classmethod
    def of(cls, method: str, params: Mapping[str, Any] | None = None) -> Command:
        """The command with ``params`` encoded."""
        return cls(method, encode(params or {}))

    def __str__(self) -> str:
        return f"{self.method}?{self.query}"


def key_of(index: int) -> str:
    """Key of the batch's command number ``index``; never a bare number, so that answers come as
    objects.
    """
    return f"c{index}"


def result_of(index: int, *path: str | int) -> str:
    """The macro that stands, in a later command's value, for part of the answer to command
    ``index``.

    Where the path does not exist the portal puts in the deepest part that does, so the answers of
    commands that refer to a page shorter than thought are garbage and are to be thrown away.
    """
    return "$result" + "".join(f"[{part}]" for part in (key_of(index), *path))


def batch_query(commands: Sequence[Command]) -> str:
    """Parameters of ``batch``: every command is tried, whatever the others come to (``halt=0``)."""
    return encode(
        {"halt": 0, "cmd": {key_of(i): str(command) for i, command in enumerate(commands)}}
    )

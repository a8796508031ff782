"""A browser's database as the disk holds it: what a failing machine leaves of it."""

from __future__ import annotations

from copy import copy
from typing import Any, Self

from storage.memory import MemoryStore

STRICT = "put_batch"
"""The only transaction that is on the disk when it returns; with it are all before it."""
WRITES = (
    *("begin", "save_run", "save_month", "finish", "compact", "save_view", "save_facts"),
    *(STRICT, "drop_fills"),
)


class Disk(MemoryStore):
    """Remembers what it held before each transaction that may not be on the disk yet."""

    def __init__(self) -> None:
        super().__init__()
        self._before: list[dict[str, Any]] = []

    def copied(self) -> Self:
        """The same once more, to be changed by itself; all of it is on the disk."""
        other = type(self)()
        other._take(self._held())
        return other

    def about_to(self, operation: str) -> None:
        """An operation is about to be done."""
        if operation in WRITES:
            self._before.append(self._held())

    def done(self, operation: str) -> None:
        """It is done."""
        if operation == STRICT:
            self._before.clear()

    def lose(self, transactions: int) -> None:
        """The power fails: so many of the last transactions are lost, as far as they can be."""
        lost = self._before[-transactions:]
        if lost:
            self._take(lost[0])
        self._before.clear()

    def _held(self) -> dict[str, Any]:
        return {name: copy(value) for name, value in vars(self).items() if name != "_before"}

    def _take(self, held: dict[str, Any]) -> None:
        vars(self).update({name: copy(value) for name, value in held.items()})

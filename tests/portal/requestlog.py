"""The last REST requests, for tests and for the portal page's list of requests."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Final

KEPT: Final = 4000


@dataclass
class Command:
    """One call: of a batch, or the request itself; ``query`` is a batch command's query string."""

    key: str
    method: str
    query: str
    error: str = ""
    rows: int = 0
    operating_s: float = 0.0


@dataclass
class Entry:
    """One HTTP request. ``at_s``: wall time of its start; ``duration_s``: emulated seconds."""

    n: int
    at_s: float
    method: str
    user: int = 0
    http_status: int = 0
    error: str = ""
    fault: str = ""
    commands: list[Command] = field(default_factory=list)
    duration_s: float = 0.0
    body_bytes: int = 0
    answer_bytes: int = 0


class RequestLog:
    """A ring of entries, numbered from 1 since the start of the emulator."""

    def __init__(self, kept: int = KEPT):
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._count = 0

    def add(self, method: str, at_s: float) -> Entry:
        """A new entry, to be filled in while the request is answered."""
        self._count += 1
        entry = Entry(self._count, at_s, method)
        self._entries.append(entry)
        return entry

    def after(self, n: int) -> list[dict[str, Any]]:
        """Entries with numbers above ``n``, oldest first."""
        return [asdict(entry) for entry in self._entries if entry.n > n]

    def clear(self) -> None:
        """Forget the entries; numbers go on."""
        self._entries.clear()

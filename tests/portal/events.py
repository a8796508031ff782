"""Events of the CRM: who listens, and the queue of offline events (reference §4.6).

The queue keeps one record per event name and object: a repetition renews its time, its ID stays. A
record that a process has taken (``PROCESS_ID``) is a record of its own. Nothing is recorded for an
app whose installation is not finished.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

from portal.clock import Clock
from portal.database import Database
from portal.filters import Condition
from portal.records import Change

_SMART_INVOICE: Final = 31
# First part of the name by table; the change follows it.
_NAMES: Final = {
    "companies": "ONCRMCOMPANY",
    "contacts": "ONCRMCONTACT",
    "deals": "ONCRMDEAL",
    "leads": "ONCRMLEAD",
    "old_invoices": "ONCRMINVOICE",
    "activities": "ONCRMACTIVITY",
    "requisites": "ONCRMREQUISITE",
    "invoices": "ONCRMDYNAMICITEM",
}
EVENTS: Final = frozenset(
    f"{name}{kind}" for name in _NAMES.values() for kind in ("ADD", "UPDATE", "DELETE")
)
NO_OFFLINE: Final = "ONOFFLINEEVENT"


class AlreadyBound(Exception):
    """The same handler listens to the same event already."""


class Events:
    """Handlers and the queue in one database. ``is_heard``: whether events reach the app now."""

    def __init__(self, database: Database, clock: Clock, is_heard: Callable[[], bool]):
        self._database = database
        self._clock = clock
        self._is_heard = is_heard

    def bind(self, name: str, handler: str, user_id: int = 0) -> None:
        """Add a handler, an offline one if ``handler`` is empty; AlreadyBound when it is there."""
        added = self._database.connection.execute(
            "INSERT OR IGNORE INTO event_handlers (EVENT_NAME, HANDLER, USER_ID) VALUES (?, ?, ?)",
            (name, handler, user_id),
        )
        if not added.rowcount:
            raise AlreadyBound

    def unbind(self, name: str, handler: str, user_id: int | None = None) -> int:
        """Remove a handler, of all or of one user; how many there were."""
        return self._database.connection.execute(
            "DELETE FROM event_handlers WHERE EVENT_NAME = ? AND HANDLER = ? "
            "AND (? IS NULL OR USER_ID = ?)",
            (name, handler, user_id, user_id),
        ).rowcount

    def handlers(self, user_id: int | None = None) -> list[dict[str, Any]]:
        """Rows of all handlers, or of one user's."""
        return self._database.query(
            "SELECT * FROM event_handlers WHERE ? IS NULL OR USER_ID = ? ORDER BY ID",
            (user_id, user_id),
        )

    def record(self, change: Change) -> None:
        """Take a change into the queue if somebody listens to it offline."""
        prefix = _NAMES.get(change.entity.table)
        if prefix is None or not self._is_heard():
            return
        name = prefix + change.kind.upper()
        if not self._database.query(
            "SELECT ID FROM event_handlers WHERE EVENT_NAME = ? AND HANDLER = ''", (name,)
        ):
            return
        fields = {"ID": change.row_id}
        if change.entity.table == "invoices":
            fields["ENTITY_TYPE_ID"] = _SMART_INVOICE
        data = json.dumps({"FIELDS": fields}, separators=(",", ":"))
        self._database.connection.execute(
            "INSERT INTO offline_events "
            "(TIMESTAMP_X, EVENT_NAME, EVENT_DATA, EVENT_ADDITIONAL, MESSAGE_ID) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (MESSAGE_ID, PROCESS_ID) DO UPDATE SET "
            "TIMESTAMP_X = excluded.TIMESTAMP_X, EVENT_ADDITIONAL = excluded.EVENT_ADDITIONAL",
            (
                self._clock.portal_s(),
                name,
                data,
                json.dumps({"user_id": str(change.user_id)}),
                hashlib.md5(f"{name}|{data}".encode()).hexdigest(),
            ),
        )

    def queued(
        self, wanted: Condition, order: str, limit: int, offset: int
    ) -> list[dict[str, Any]]:
        """Records of the queue in the answers' form."""
        rows = self._database.query(
            f"SELECT * FROM offline_events WHERE {wanted.sql} ORDER BY {order} LIMIT ? OFFSET ?",
            [*wanted.values, limit, offset],
        )
        return [self._shown(row) for row in rows]

    def count(self, wanted: Condition) -> int:
        """How many records there are."""
        statement = f"SELECT COUNT(*) AS n FROM offline_events WHERE {wanted.sql}"
        return int(self._database.query(statement, wanted.values)[0]["n"])

    def take(self, wanted: Condition, order: str, limit: int) -> str:
        """Mark records as taken by a new process; its id."""
        process = secrets.token_hex(16)
        self._database.connection.execute(
            "UPDATE offline_events SET PROCESS_ID = ? WHERE ID IN "
            f"(SELECT ID FROM offline_events WHERE {wanted.sql} ORDER BY {order} LIMIT ?)",
            [process, *wanted.values, limit],
        )
        return process

    def clear(self, process: str, column: str = "", values: Sequence[Any] = ()) -> None:
        """Delete what a process has taken: all, or records with these IDs or MESSAGE_IDs."""
        only = f"AND {column} IN ({', '.join('?' * len(values))})" if column else ""
        self._database.connection.execute(
            f"DELETE FROM offline_events WHERE PROCESS_ID = ? {only}", [process, *values]
        )

    def mark_error(self, process: str, messages: Sequence[str]) -> None:
        """Give back what a process has taken, marked as not processed; a newer record of the same
        object goes.
        """
        among = f"MESSAGE_ID IN ({', '.join('?' * len(messages))}) AND ERROR = 0"
        execute = self._database.connection.execute
        execute(
            f"DELETE FROM offline_events WHERE {among} AND PROCESS_ID <> ?", [*messages, process]
        )
        execute(
            f"UPDATE offline_events SET ERROR = 1, PROCESS_ID = '' "
            f"WHERE {among} AND PROCESS_ID = ?",
            [*messages, process],
        )

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "ID": str(row["ID"]),
            "TIMESTAMP_X": self._clock.iso(row["TIMESTAMP_X"]),
            "EVENT_NAME": row["EVENT_NAME"],
            "EVENT_DATA": json.loads(row["EVENT_DATA"]),
            "EVENT_ADDITIONAL": json.loads(row["EVENT_ADDITIONAL"]),
            "MESSAGE_ID": row["MESSAGE_ID"],
            "PROCESS_ID": row["PROCESS_ID"],
            "ERROR": str(row["ERROR"]),
        }

"""A small hand-made portal, in memory or behind a real web server, and a time that tests move."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from portal.clock import Clock, parse_offset
from portal.connections import listen
from portal.database import Database
from portal.rows import RowReader
from portal.schema import TABLES
from portal.server import portal_app
from portal.state import PortalState

ADMIN, HEAD, MANAGER, STRANGER, DISMISSED = 1, 2, 3, 4, 5
NOW = 1_773_000_000

_PEOPLE = {
    "departments": [
        {"ID": 1, "NAME": "All", "UF_HEAD": ADMIN},
        {"ID": 10, "NAME": "Sales", "PARENT": 1, "UF_HEAD": HEAD},
        {"ID": 11, "NAME": "Region", "PARENT": 10},
    ],
    "users": [
        {"ID": ADMIN, "NAME": "Anna", "IS_ADMIN": "Y", "UF_DEPARTMENT": [1]},
        {"ID": HEAD, "NAME": "Boris", "UF_DEPARTMENT": [10]},
        {"ID": MANAGER, "NAME": "Clara", "UF_DEPARTMENT": [11]},
        {"ID": STRANGER, "NAME": "Dmitry", "UF_DEPARTMENT": [1]},
        {"ID": DISMISSED, "NAME": "Egor", "ACTIVE": "N", "UF_DEPARTMENT": [10]},
    ],
    "statuses": [
        {"ID": 1, "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "NEW", "NAME": "New"},
        {"ID": 2, "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "WON", "NAME": "Won", "SEMANTICS": "S"},
        {"ID": 3, "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "LOSE", "NAME": "Lost", "SEMANTICS": "F"},
        {
            "ID": 4,
            "ENTITY_ID": "SMART_INVOICE_STAGE_1",
            "STATUS_ID": "DT31_1:P",
            "NAME": "Paid",
            "SEMANTICS": "S",
        },
    ],
    "categories": [
        {"id": 0, "name": "Deals", "entityTypeId": 2, "isDefault": "Y"},
        {"id": 1, "name": "Invoices", "entityTypeId": 31, "isDefault": "Y"},
    ],
}

Rows = dict[str, list[dict[str, Any]]]

# What ends only when all tests of the folder are done: a server takes its time to stop.
opened: list[Database] = []
leaving: list[threading.Thread] = []


def stored(rows: Rows, timezone: str = "+03:00", now: int | None = NOW) -> Database:
    """A database with the people above and these rows in REST form; portal time stands still at
    NOW.
    """
    database = Database.create(None)
    opened.append(database)
    database.settings.update(timezone=timezone, now=now, admin=ADMIN)
    reader = RowReader(NOW, parse_offset(timezone), ADMIN)
    given_first = {"user_fields": rows.get("user_fields", [])}
    for table, given in {**given_first, **_PEOPLE, **rows}.items():
        columns = list(TABLES[table])
        read = [reader.read(table, row)[0] for row in given]
        database.insert(table, columns, [tuple(row[name] for name in columns) for row in read])
    database.build_indexes()
    return database


def companies(count: int, **more: Any) -> list[dict[str, Any]]:
    """Companies with ids 3, 6, 9, …; one is created each hour from the start of 2026."""
    return [
        {
            "ID": 3 * n,
            "TITLE": f"Company {n}",
            "DATE_CREATE": f"2026-01-{1 + n // 24:02}T{n % 24:02}:00:00+03:00",
            **more,
        }
        for n in range(1, count + 1)
    ]


@dataclass
class FakeTime:
    """Time that stands until it is moved; a pause moves it."""

    now_s: float = 1_000_000.0
    pauses: list[float] = field(default_factory=list)

    def clock(self, speed: float = 1.0, frozen_at: int | None = NOW) -> Clock:
        """A clock of this time whose pauses do not wait."""
        clock = Clock(
            offset="+03:00",
            frozen_at=frozen_at,
            speed=speed,
            monotonic=lambda: self.now_s,
            wall=lambda: self.now_s,
        )

        async def pause(emulated_s: float) -> None:
            if emulated_s > 0:
                self.pauses.append(emulated_s)
                self.now_s += emulated_s / speed

        clock.pause = pause  # type: ignore[method-assign]
        return clock


@dataclass
class Running:
    """A portal behind a real web server."""

    state: PortalState
    url: str
    http: httpx.Client

    def token(self, user: int = ADMIN) -> str:
        """A fresh access token of a user."""
        return self.state.sessions.open(user).access_token

    def call(self, method: str, /, user: int = ADMIN, **parameters: Any) -> httpx.Response:
        """POST as JSON with a fresh token."""
        body = {"auth": self.token(user), **parameters}
        return self.http.post(f"{self.url}/rest/{method}.json", json=body)

    def result(self, method: str, /, user: int = ADMIN, **parameters: Any) -> Any:
        """``result`` of a call that must succeed."""
        response = self.call(method, user, **parameters)
        assert response.status_code == 200, response.text
        return response.json()["result"]


class _Server(uvicorn.Server):
    async def main_loop(self) -> None:
        """Look for the end oftener than uvicorn does: tests start and stop many servers."""
        await self.on_tick(0)
        while not self.should_exit:
            await asyncio.sleep(0.003)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def running(state: PortalState, tls: tuple[str, str] | None = None) -> Iterator[Running]:
    """Serve all that is on a portal's origin from another thread."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        portal_app(state),
        log_level="warning",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
        ssl_certfile=tls[0] if tls else None,
        ssl_keyfile=tls[1] if tls else None,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.002)
    scheme = "https" if tls else "http"
    url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(timeout=20, verify=False) as http:
            yield Running(state, url, http)
    finally:
        server.should_exit = server.force_exit = True
        leaving.append(thread)


def wait_for_servers() -> None:
    """Until all that were told to stop have: only then may their databases be closed."""
    while leaving:
        leaving.pop().join(5)

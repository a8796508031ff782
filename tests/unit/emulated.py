"""The emulated portal without a server, in virtual time: the whole of its REST, one call away.

For tests of what is written to a portal and of what changes in it: limits, pace, faults and rights
are the emulator's own, an hour of waiting takes none.
"""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.types import Message

from crm.client import Portal
from crm.errors import ConnectionLost, SessionExpired
from crm.protocols import Answer
from portal.clock import Clock
from portal.connections import Dropped
from portal.database import Database
from portal.rest import rest_routes
from portal.sessions import Session
from portal.state import Options, PortalState
from unit.crm.virtual_time import EPOCH_S, VirtualClock

LATENCY_S = 0.05


class EmulatedPortal:
    """Transport and TokenSource of one person in one emulated portal.

    To be made inside ``virtual_time.run``. Several of them may share a ``state``, as the browsers
    of several people share a portal.
    """

    def __init__(
        self,
        database: Database | None = None,
        *,
        state: PortalState | None = None,
        user: int = 1,
        pace: str = "cloud",
        faults: str = "",
    ) -> None:
        if state is None:
            assert database is not None
            state = PortalState(
                database, Options(pace=pace, faults=faults), virtual_clock(database)
            )
        self.state = state
        self.user = user
        self._handle = rest_routes(state)[0].endpoint
        self._session: Session = state.sessions.open(user)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The last requests that have reached the portal, as its log tells them."""
        return self.state.log.after(0)

    def client(self, **options: Any) -> Portal:
        """The portal as the application talks to it; always the same chance."""
        chance = np.random.default_rng(1).random
        return Portal(self, VirtualClock(), self, chance=lambda: float(chance()), **options)

    async def token(self) -> str:
        return self._session.access_token

    async def renew(self) -> str:
        try:
            self._session = self.state.sessions.refresh(self._session.refresh_token)
        except KeyError as error:
            raise SessionExpired() from error
        return self._session.access_token

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        await asyncio.sleep(LATENCY_S)
        content = body.encode()

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        scope = {
            "type": "http",
            "method": "POST",
            "path": f"/rest/{method}.json",
            "path_params": {"path": f"{method}.json"},
            "query_string": b"",
            "headers": [(b"content-type", b"text/plain;charset=UTF-8")],
            "client": (f"10.0.0.{self.user}", 1),
        }
        response = await self._handle(Request(scope, receive))
        if isinstance(response, Dropped):
            raise ConnectionLost(method=method)
        await asyncio.sleep(LATENCY_S)
        return Answer(response.status_code, bytes(response.body).decode())


def virtual_clock(database: Database) -> Clock:
    """The emulator's clock on the virtual loop."""
    loop = asyncio.get_running_loop()
    return Clock(
        offset=str(database.settings["timezone"]),
        frozen_at=database.settings["now"],
        monotonic=loop.time,
        wall=lambda: EPOCH_S + loop.time(),
    )

"""One tab works, the others watch: Web Locks say who, a broadcast channel carries what it does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

from engine.page import Event


class Tabs:
    """The tabs (and other frames) of one user in one portal that run this application.

    Where the browser has no locks or channels for this page (plain http, blocked storage) every tab
    works alone.
    """

    def __init__(self, name: str, hear: Callable[[Event], None]) -> None:
        """``name`` tells the group of tabs; ``hear`` gets every event that another tab has told."""
        self._name = name
        self._channel: Any = None
        self._listener = create_proxy(lambda message: hear(json.loads(message.data)))
        self._release: asyncio.Future[None] | None = None
        with contextlib.suppress(JsException):
            self._channel = js.BroadcastChannel.new(name)
            self._channel.onmessage = self._listener

    def tell(self, event: Event) -> None:
        """Send an event to all other tabs."""
        if self._channel is not None:
            self._channel.postMessage(json.dumps(event))

    async def try_to_lead(self) -> bool:
        """Become the tab that works; False when another one is."""
        options = to_js({"ifAvailable": True}, dict_converter=js.Object.fromEntries)
        return await self._request(options)

    async def wait_to_lead(self) -> None:
        """Become the tab that works as soon as the others have let go, however they ended."""
        await self._request(js.Object.new())

    def let_go(self) -> None:
        """Stop being the tab that works."""
        if self._release is not None and not self._release.done():
            self._release.set_result(None)
        self._release = None

    async def _request(self, options: Any) -> bool:
        locks = getattr(js.navigator, "locks", None)
        if not locks:
            return True
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        release: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def granted(lock: Any) -> None:
            # JavaScript's null is no None in Python, but false like it.
            answered.set_result(bool(lock))
            if lock:
                await release

        async def request() -> None:
            try:
                await locks.request(self._name, options, create_proxy(granted))
            except JsException:
                if not answered.done():
                    answered.set_result(True)

        self._requesting = asyncio.create_task(request())
        if await answered:
            self._release = release
            return True
        return False

"""The browser's side of the reader's protocols: requests, time and tokens. The only module that
fetches.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import js
import pyodide_js
from pyodide.ffi import JsException, to_js

from crm.errors import AnswerTimeout, ConnectionLost, SessionExpired
from crm.protocols import Answer
from engine.page import Event, Page

RENEW_AHEAD_S = 300
"""A token is renewed when it has less than this to live, so that no batch leaves with a dying one.
"""


async def load_package(name: str) -> None:
    """Have a package of Pyodide's lock file that is not loaded at the start; nothing when it is
    there already.
    """
    await pyodide_js.loadPackage(name)


def as_object(values: dict[str, Any]) -> Any:
    """A dictionary as an object of the page's language; bytes become a Uint8Array."""
    return to_js(values, dict_converter=js.Object.fromEntries)


class BrowserClock:
    """Real time as the browser tells it."""

    def now_s(self) -> float:
        return float(js.Date.now()) / 1000

    def monotonic_s(self) -> float:
        return float(js.performance.now()) / 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FetchTransport:
    """REST requests to one portal, in the plain-text form that needs no preflight request."""

    def __init__(self, portal: str) -> None:
        """``portal`` is the origin, such as ``https://example.bitrix24.ru``."""
        self._portal = portal

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        """Send one request; ConnectionLost or AnswerTimeout when no answer came."""
        controller = js.AbortController.new()
        timer = asyncio.get_running_loop().call_later(timeout_s, controller.abort)
        options = to_js(
            {
                "method": "POST",
                "body": body,
                "signal": controller.signal,
                "credentials": "omit",
                "cache": "no-store",
                "referrerPolicy": "no-referrer",
            },
            dict_converter=js.Object.fromEntries,
        )
        try:
            response = await js.fetch(f"{self._portal}/rest/{method}.json", options)
            return Answer(status=int(response.status), text=await response.text())
        except JsException as error:
            if controller.signal.aborted:
                raise AnswerTimeout(method=method) from error
            raise ConnectionLost(method=method) from error
        finally:
            timer.cancel()


class PageTokens:
    """Access tokens, asked of the page, which has them from the portal."""

    def __init__(self, page: Page, clock: BrowserClock) -> None:
        self._page = page
        self._clock = clock
        self._token: str | None = None
        self._expires_s = 0.0

    async def token(self) -> str:
        """A token that lives a while yet."""
        if self._token is None:
            self._accept(await self._page.get_auth(renew=False))
        if self._token is None or self._expires_s - self._clock.now_s() < RENEW_AHEAD_S:
            return await self.renew()
        return self._token

    async def renew(self) -> str:
        """A fresh token; SessionExpired when the portal gives none."""
        auth = await self._page.get_auth(renew=True)
        self._accept(auth)
        if auth is None or self._token is None:
            raise SessionExpired()
        return self._token

    def _accept(self, auth: dict[str, Any] | None) -> None:
        if auth is not None:
            self._token = str(auth["access_token"])
            self._expires_s = float(auth["expires_at_ms"]) / 1000


class WorkerPage:
    """The page as the worker reaches it through PyScript's ``sync``."""

    def __init__(self, sync: Any) -> None:
        self._sync = sync

    async def get_auth(self, renew: bool) -> dict[str, Any] | None:
        text = await self._sync.get_auth(renew)
        return json.loads(text) if isinstance(text, str) else None

    def send(self, event: Event) -> None:
        self._sync.on_event(json.dumps(event))

"""The access token for all requests of a portal: asked once for all who wait, never waited for
without end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from crm.errors import SessionExpired
from crm.protocols import Clock, TokenSource


class Session:
    """Keeps many requests in flight from asking for the same token at the same time."""

    def __init__(self, tokens: TokenSource, clock: Clock, answer_within_s: float = 20.0) -> None:
        self._tokens = tokens
        self._clock = clock
        self._answer_within_s = answer_within_s
        self._asked: asyncio.Task[str] | None = None
        self._last: str | None = None
        self._ask_again_at_s = 0.0

    async def token(self) -> str:
        """The token for the next request. The source renews it ahead of its end, since it knows
        when that is.

        When the source keeps silent, the last token goes on being used until the portal refuses it.
        Raises SessionExpired when there is none.
        """
        if self._last is not None and self._clock.monotonic_s() < self._ask_again_at_s:
            return self._last
        last = self._last
        try:
            return await self._ask(self._tokens.token)
        except SessionExpired:
            if last is None:
                raise
            self._last = last
            self._ask_again_at_s = self._clock.monotonic_s() + self._answer_within_s
            return last

    async def renew(self, refused: str) -> str:
        """A token in place of ``refused``, renewed once for all requests that were refused with it.

        Raises SessionExpired when no answer comes in time.
        """
        if self._asked is None and self._last not in (None, refused):
            return str(self._last)
        self._ask_again_at_s = 0.0
        if self._last == refused:
            self._last = None
        return await self._ask(self._tokens.renew)

    async def _ask(self, source: Callable[[], Awaitable[str]]) -> str:
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._in_time(source))
            self._asked.add_done_callback(self._answered)
        return await asyncio.shield(self._asked)

    def _answered(self, asked: asyncio.Task[str]) -> None:
        self._asked = None
        if not asked.cancelled() and asked.exception() is None:
            self._last = asked.result()

    async def _in_time(self, source: Callable[[], Awaitable[str]]) -> str:
        answer = asyncio.ensure_future(source())
        timer = asyncio.ensure_future(self._clock.sleep(self._answer_within_s))
        try:
            await asyncio.wait({answer, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise SessionExpired(reason="no_answer")
            return answer.result()
        finally:
            answer.cancel()
            timer.cancel()

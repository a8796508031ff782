"""What the reader needs of the outside: requests, time, tokens. The browser and the tests each
bring their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Answer:
    """One HTTP answer as it came, whatever its status."""

    status: int
    text: str


class Transport(Protocol):
    """Sends one request to the portal's REST address."""

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        """POST ``body``, a query string sent as ``text/plain`` (no CORS preflight), to
        ``/rest/METHOD.json``.

        Raises ``ConnectionLost`` when there is no connection, ``AnswerTimeout`` when ``timeout_s``
        have passed.
        """


class Clock(Protocol):
    """Time; virtual in tests."""

    def now_s(self) -> float:
        """Unix seconds."""

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start that never jump."""

    async def sleep(self, seconds: float) -> None:
        """Let others work for so long."""


class TokenSource(Protocol):
    """Access tokens of the person who opened the app."""

    async def token(self) -> str:
        """The present token, which may be renewed before it is given when it is about to expire."""

    async def renew(self) -> str:
        """A new token. May never answer: the portal's page keeps silent when it cannot renew."""


class Running(Protocol):
    """The pause switch, an ``asyncio.Event`` for one: set while reading may go on."""

    def is_set(self) -> bool:
        """Whether new requests may leave."""

    async def wait(self) -> object:
        """Return when they may again."""

"""What the engine asks of the page it works for; messages are JSON texts of protocol 2."""

from __future__ import annotations

from typing import Any, Protocol

PROTOCOL_VERSION = 2

Event = dict[str, Any]
"""``{"type": "state" | "progress" | "view" | "marks" | "set_up" | "error" | "cache", ...}``; see
docs/architecture.md.
"""


class Page(Protocol):
    """The page's side of the conversation."""

    async def get_auth(self, renew: bool) -> dict[str, Any] | None:
        """``{"access_token": str, "expires_at_ms": number}``, or None when the portal gave no
        token.
        """

    def send(self, event: Event) -> None:
        """Hand an event to the page; never waits, never raises."""

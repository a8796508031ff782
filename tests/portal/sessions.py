"""Sessions of people in the app's frame: an access token that expires, a refresh token that renews
it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

TOKEN_LIFE_S: Final = 3600


@dataclass(frozen=True)
class Session:
    """Tokens of one user; ``sid`` names the frame, ``member_id`` the portal."""

    access_token: str
    refresh_token: str
    expires_in_s: int
    user_id: int
    sid: str
    member_id: str


class Sessions:
    """All open sessions. ``wall_s`` tells real unix seconds; a token lives ``life_s`` of them."""

    def __init__(self, wall_s: Callable[[], float], member_id: str, life_s: int = TOKEN_LIFE_S):
        self.member_id = member_id
        self.life_s = life_s
        self._wall_s = wall_s
        self._by_access: dict[str, tuple[Session, float]] = {}
        self._by_refresh: dict[str, Session] = {}

    def open(self, user_id: int, sid: str | None = None) -> Session:
        """Start a session of a user, in a new frame unless ``sid`` names one."""
        session = Session(
            access_token=secrets.token_hex(35),
            refresh_token=secrets.token_hex(35),
            expires_in_s=self.life_s,
            user_id=user_id,
            sid=sid or secrets.token_hex(16),
            member_id=self.member_id,
        )
        self._by_access[session.access_token] = (session, self._wall_s() + self.life_s)
        self._by_refresh[session.refresh_token] = session
        return session

    def refresh(self, refresh_token: str) -> Session:
        """New tokens for the same user and frame; KeyError for a token that is not known."""
        old = self._by_refresh[refresh_token]
        return self.open(old.user_id, old.sid)

    def find(self, access_token: str) -> Session | None:
        """The session of a token, expired or not; None when the token was never given."""
        found = self._by_access.get(access_token)
        return found[0] if found else None

    def is_expired(self, access_token: str) -> bool:
        """Whether a known token has run out."""
        return self._by_access[access_token][1] <= self._wall_s()

    def expire(self, access_token: str) -> None:
        """Let one known token run out now."""
        session, _ = self._by_access[access_token]
        self._by_access[access_token] = (session, 0.0)

    def expire_all(self) -> int:
        """Let every token run out now; returns how many were alive."""
        alive = [token for token in self._by_access if not self.is_expired(token)]
        for token in alive:
            self.expire(token)
        return len(alive)

"""Places of the portal's pages that the app has put itself into (reference §4.5)."""

from __future__ import annotations

import json
from typing import Any, Final

from portal.database import Database

_CARDS: Final = ("LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "SMART_INVOICE")
_OF_CARDS: Final = (
    *("DETAIL_TAB", "DETAIL_TOOLBAR", "DETAIL_ACTIVITY", "LIST_MENU", "LIST_TOOLBAR"),
    "ACTIVITY_TIMELINE_MENU",
)
BACKGROUND: Final = "PAGE_BACKGROUND_WORKER"

# By the scope that an app needs for them; those without a scope are for every app.
CODES: Final[dict[str, tuple[str, ...]]] = {
    "crm": (
        *(f"CRM_{card}_{place}" for place in _OF_CARDS for card in _CARDS),
        *("CRM_FUNNELS_TOOLBAR", "CRM_ANALYTICS_MENU", "CRM_ANALYTICS_TOOLBAR"),
        "CRM_ACTIVITY_LIST_MENU",
    ),
    "telephony": ("CALL_CARD",),
    "im": ("IMMOBILE_CONTEXT_MENU", "IM_CONTEXT_MENU"),
    "user": ("USER_PROFILE_MENU",),
    "": ("LEFT_MENU", BACKGROUND, "REST_APP_URI", "BI_ANALYTICS_MENU"),
}
# Of these an app may have one handler only.
SINGLE: Final = frozenset({BACKGROUND, "REST_APP_URI"})


class AlreadyBound(Exception):
    """The same handler stands in the same place already."""


class Placements:
    """The app's handlers; titles are shown in the portal's ``language`` where there is one."""

    def __init__(self, database: Database, language: str):
        self._database = database
        self._language = language

    def bind(
        self,
        placement: str,
        handler: str,
        user_id: int = 0,
        options: dict[str, Any] | None = None,
        lang_all: dict[str, dict[str, str]] | None = None,
    ) -> None:
        """Add a handler; AlreadyBound when it is there."""
        same = "PLACEMENT = ? AND HANDLER = ?"
        if self._database.query(f"SELECT ID FROM placements WHERE {same}", (placement, handler)):
            raise AlreadyBound
        self._database.connection.execute(
            "INSERT INTO placements (PLACEMENT, HANDLER, USER_ID, OPTIONS, LANG_ALL) "
            "VALUES (?, ?, ?, ?, ?)",
            (placement, handler, user_id, json.dumps(options or {}), json.dumps(lang_all or {})),
        )

    def unbind(self, placement: str, handler: str = "", user_id: int | None = None) -> int:
        """Remove handlers of a place, all or one, of all or of one user; how many there were."""
        return self._database.connection.execute(
            "DELETE FROM placements WHERE PLACEMENT = ? AND (? = '' OR HANDLER = ?) "
            "AND (? IS NULL OR USER_ID = ?)",
            (placement, handler, handler, user_id, user_id),
        ).rowcount

    def count(self, placement: str) -> int:
        """How many handlers a place has."""
        return sum(each["placement"] == placement for each in self.all())

    def all(self) -> list[dict[str, Any]]:
        """Every handler in the form of ``placement.get``."""
        return [
            self._shown(row) for row in self._database.query("SELECT * FROM placements ORDER BY ID")
        ]

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        lang_all = json.loads(row["LANG_ALL"])
        words: dict[str, str] = lang_all.get(self._language) or next(iter(lang_all.values()), {})
        return {
            "placement": row["PLACEMENT"],
            "userId": row["USER_ID"],
            "handler": row["HANDLER"],
            # PHP writes an empty map as a list.
            "options": json.loads(row["OPTIONS"]) or [],
            "title": words.get("TITLE", ""),
            "description": words.get("DESCRIPTION", ""),
            "langAll": lang_all or [],
        }

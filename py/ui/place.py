"""In which place of the portal's pages the page was opened, and for what; pure."""

from typing import Any

APP = "app"
"""The app's own page: from the left menu, the Market, the mobile app."""
CARD = "card"
"""A tab in the card of a company or a contact."""
ANALYTICS = "analytics"
"""A report among those of CRM analytics."""
LIST = "list"
"""Above the portal's list of companies or contacts."""

COMPANY, CONTACT = "company", "contact"

_PLACES = {
    "CRM_COMPANY_DETAIL_TAB": (CARD, COMPANY),
    "CRM_CONTACT_DETAIL_TAB": (CARD, CONTACT),
    "CRM_ANALYTICS_MENU": (ANALYTICS, ""),
    "CRM_ANALYTICS_TOOLBAR": (ANALYTICS, ""),
    "CRM_COMPANY_LIST_TOOLBAR": (LIST, COMPANY),
    "CRM_CONTACT_LIST_TOOLBAR": (LIST, CONTACT),
}
_SEGMENTS = {COMPANY: "1.companies", CONTACT: "1.contacts"}
_LONGEST_ID = 15
"""Digits: what JavaScript holds without loss."""


class Place:
    """``kind`` is one of the words above, ``entity`` ``company``, ``contact`` or empty, ``id`` that
    of a card, 0 where the portal names none.
    """

    def __init__(self, kind: str, entity: str = "", id: int = 0) -> None:
        self.kind = kind
        self.entity = entity
        self.id = id

    @classmethod
    def of(cls, info: Any) -> "Place":
        """From what ``BX24.placement.info()`` tells: ``{placement, options}``, where options may be
        an empty list or text. An unknown place is the app's own page.
        """
        facts = info if isinstance(info, dict) else {}
        kind, entity = _PLACES.get(str(facts.get("placement")).upper(), (APP, ""))
        options = facts.get("options")
        number = _number(options.get("ID")) if isinstance(options, dict) else 0
        return cls(kind, entity, number if kind == CARD else 0)

    @property
    def client(self) -> str:
        """``company:12``, as rows of lists are called."""
        return self.entity + ":" + str(self.id)

    @property
    def segment(self) -> str:
        """Of a list: the mode and segment to open, such as ``1.companies``; else empty."""
        return _SEGMENTS[self.entity] if self.kind == LIST else ""


def _number(value: Any) -> int:
    """An id as the portal writes it, a text of digits; 0 for anything else."""
    text = str(value)
    plain = 0 < len(text) <= _LONGEST_ID and all(digit in "0123456789" for digit in text)
    return int(text) if plain else 0

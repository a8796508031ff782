"""The job that prepares a portal for the app: fields, storage, events, places (spec §4, §6)."""

from __future__ import annotations

import json
from dataclasses import asdict

from crm import installation
from engine.jobs import Request, Send, Workplace

SET_UP = "set_up"
"""Fact: what the portal was last prepared for, by :func:`_purpose`."""
SET_UP_VERSION = 2
"""Raised when a later version of the app needs more of a portal."""


class SetUp:
    """Prepares the portal; what is there already stays as it is."""

    name = "set_up"
    saved_through: str | None = None

    def __init__(self, place: Workplace, send: Send) -> None:
        self._place = place
        self._send = send

    async def work(self) -> Request | None:
        """Prepare it and tell the steps. A step that the portal refuses stops no other, and is not
        tried again by itself.
        """
        self._send({"type": "set_up", "steps": [], "done": False})
        steps = await installation.set_up(
            self._place.portal, handler=self._place.handler, language=self._place.language
        )
        self._send({"type": "set_up", "steps": [asdict(step) for step in steps], "done": True})
        await self._place.store.save_facts({SET_UP: _purpose(self._place)})
        return None

    async def remember_pause(self) -> None:
        """It is over before anybody could pause it."""


async def is_set_up(place: Workplace) -> bool:
    """Whether the portal was prepared from here for this version and this address of the app."""
    return await place.store.load_fact(SET_UP) == _purpose(place)


def _purpose(place: Workplace) -> str:
    return json.dumps([SET_UP_VERSION, place.handler])

"""Names of the portal's employees in the lists: known from earlier, asked for when new."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable

from crm.client import Portal
from crm.errors import PortalError
from crm.people import names_of
from engine.publishing import parsed
from storage.errors import StorageError
from storage.protocol import Store

PEOPLE = "people"
"""Name of the fact that keeps the names."""
PATIENCE_S = 2.0
"""A list waits this long for names at most; they come with a later answer then."""


class Names:
    """``known`` are names by user id; it grows."""

    def __init__(self, portal: Portal, store: Store) -> None:
        self.known: dict[int, str] = {}
        self._portal = portal
        self._store = store
        self._asked: set[int] = set()
        self._asking: asyncio.Task[None] | None = None

    async def learn(self, ids: Iterable[int]) -> None:
        """Know the names of these people, or be about to: a portal that does not answer keeps
        nobody waiting.
        """
        if not self._asked:
            await self._remember()
        new = {each for each in ids if each > 0} - self._asked
        if new:
            self._asked |= new
            self._asking = asyncio.create_task(self._ask(new, self._asking))
        if self._asking is not None and not self._asking.done():
            await asyncio.wait([self._asking], timeout=PATIENCE_S)

    async def _remember(self) -> None:
        with contextlib.suppress(StorageError):
            stored = parsed(await self._store.load_fact(PEOPLE))
            if isinstance(stored, dict):
                self.known.update({int(number): str(name) for number, name in stored.items()})

    async def _ask(self, ids: set[int], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        with contextlib.suppress(PortalError, StorageError):
            self.known.update(await names_of(self._portal, ids))
            await self._store.save_facts({PEOPLE: json.dumps(self.known)})

"""The refresh: a full reading where there is no base yet, then, and always after, a next run (spec
§4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from crm.client import Portal
from crm.glance import Glance, glance
from crm.progress import Progress
from crm.protocols import Clock
from crm.search import OVERLAP_S
from engine import reading_facts
from engine.full_reading import FullReading
from engine.memory import Held, Memory
from engine.next_run import NextRun, since
from engine.page import Event
from engine.reports import Reports
from storage.protocol import Store
from storage.records import Run


class Refresh:
    """One sitting of a refresh: from where the last one ended to the complete charts."""

    def __init__(
        self,
        portal: Portal,
        store: Store,
        clock: Clock,
        send: Callable[[Event], None],
        running: asyncio.Event,
        memory: Memory,
        *,
        full: bool = False,
    ) -> None:
        """``running`` is the pause switch: while it is cleared no new request leaves. With ``full``
        all is read anew, whatever there is («Очистить и обновить»); the history stays.
        """
        self._portal = portal
        self._memory = memory
        self._full = full
        self._reports = Reports(clock, send)
        self._reading = FullReading(portal, store, clock, send, self._reports, running)
        self._next = NextRun(portal, store, memory, send, self._report, running)
        self._held: Held | None = None

    @property
    def run(self) -> Run | None:
        """The run that this sitting brings further, as far as it is stored; None before that is
        known.
        """
        return self._reading.run if self._held is None else self._held.run

    async def work(self) -> None:
        """Bring the base up to the portal's present; show, keep and share what comes of it.

        Raises a ``PortalError`` or ``StorageError``; what was stored by then stays stored.
        """
        self._held = None if self._full else await self._memory.held()
        now = await glance(self._portal) if self._held is not None else None
        if (
            self._held is None
            or now is None
            or not _read_alike(self._held, now)
            or _is_ahead(self._held, now)
        ):
            self._held = None
            self._memory.forget()
            read = await self._reading.work(start_over=self._full)
            now = await glance(self._portal)
            if not _read_alike(read, now):
                # The next refresh will see the difference and read all anew.
                now = replace(now, facts=reading_facts.from_json(read.run.facts))
            self._held = read
        self._held = await self._next.take_in(self._held, now)

    async def remember_pause(self) -> None:
        """Store whether a person has paused, so that the next opening does not go on by itself; a
        next run leaves nothing unfinished behind.
        """
        if self._held is None:
            await self._reading.remember_pause()

    def _report(self, progress: Progress) -> None:
        assert self._held is not None
        self._reports.of_changes(progress, self._held.run)


def _read_alike(held: Held, now: Glance) -> bool:
    """Whether rows that nobody has touched since would read the same now."""
    return reading_facts.read_alike(reading_facts.from_json(held.run.facts), now.facts)


def _is_ahead(held: Held, now: Glance) -> bool:
    """Whether the portal's clock, put right since, ran ahead at the last refresh: changes are asked
    for from that moment on, and nobody knows which have been missed.
    """
    return since(held.run) - now.now > timedelta(seconds=OVERLAP_S)

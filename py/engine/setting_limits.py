"""The job that puts other limits of the lifecycle in force: the portal's setting first, then the
base that is here is classified again; nothing of the CRM is read.

A tab that is closed in the middle has done no harm: whoever opens the app next finds that the
portal's setting is not what the base was counted with, and has this job finish.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm.errors import PortalError
from engine.jobs import Request, Send, Workplace
from engine.lifecycle_limits import (
    InForce,
    in_force,
    limits_of,
    read,
    set_in_force,
    with_limits,
)
from engine.mark_events import MarksBoard
from engine.memory import Held, Memory
from engine.outcome import outcome_of, with_names
from engine.publishing import HISTORY, parsed, publish, published_as_of, published_history
from engine.refreshing import what_follows
from engine.snapshot import Snapshot
from segmentation.update import relimited


class SettingLimits:
    """Puts the ``wanted`` limits in force; without any, takes over those of the portal."""

    name = "limits"
    saved_through: str | None = None

    def __init__(
        self,
        place: Workplace,
        memory: Memory,
        board: MarksBoard,
        send: Send,
        wanted: Mapping[str, Any],
    ) -> None:
        self._place = place
        self._memory = memory
        self._board = board
        self._send = send
        self._wanted = wanted

    async def work(self) -> Request | None:
        """Set, classify, share, seal, and tell what marks would change.

        Where another browser has shared a younger base, a refresh follows instead of sharing this
        one.
        """
        place = self._place
        chosen = InForce(read(self._wanted)) if self._wanted else None
        if chosen is not None:
            await set_in_force(place.portal, chosen.limits)
        snapshot = await self._memory.snapshot()
        if snapshot is None:
            return None
        if chosen is None:
            chosen = await in_force(place.portal, snapshot.run)
        if chosen.limits != limits_of(snapshot.run):
            is_behind = await self._is_behind(snapshot)
            await self._classify(snapshot, chosen, share=not is_behind)
            if is_behind and self._wanted:
                return Request("refresh")
        return await what_follows(place, self._board, await self._memory.snapshot())

    async def remember_pause(self) -> None:
        """It is over before anybody could pause it."""

    async def _is_behind(self, snapshot: Snapshot) -> bool:
        try:
            shared = await published_as_of(self._place.portal)
        except PortalError:
            return False  # sharing will meet the same trouble, and tell it
        return shared is not None and shared > snapshot.as_of

    async def _classify(self, snapshot: Snapshot, chosen: InForce, *, share: bool) -> None:
        place, run = self._place, snapshot.run
        analysis = relimited(snapshot.analysis, chosen.limits)
        published = await published_history(place.portal)
        outcome = outcome_of(
            snapshot.base.as_base(),
            analysis,
            (parsed(await place.store.load_fact(HISTORY)), published.history),
            (),
            since=datetime.fromisoformat(run.as_of),
            as_of=snapshot.as_of,
            notes=[*run.notes, *chosen.notes],
        )
        view = await with_names(place.portal, outcome.view)
        if share:
            # Before the seal: while the base has other limits than the portal, this job is made
            # again.
            note = await publish(place.portal, view, outcome.history, published)
            view = view | {"notes": [*view["notes"], *([note] if note else [])]}
        run = replace(run, limits=with_limits(chosen.limits))
        facts = {HISTORY: json.dumps(outcome.history)}
        await place.store.finish(run, json.dumps(view), facts=facts)
        self._memory.keep(Held(run, snapshot.base, analysis))
        self._send({"type": "view", "view": view})

"""Other limits of the lifecycle, tried on the base that is here (spec §3.3); nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.jobs import Workplace
from engine.lifecycle_limits import read, told
from engine.memory import Memory
from engine.publishing import HISTORY, parsed
from engine.question import BadQuestion, NoAnswer, refused
from engine.snapshot import Snapshot
from segmentation.history import merged
from segmentation.trial import Trial, suggestion
from segmentation.types import Limits
from storage.errors import StorageError


@dataclass(frozen=True)
class _Prepared:
    snapshot: Snapshot
    trial: Trial
    fixed: dict[str, Any]


class Trials:
    """What one page can ask of other limits."""

    def __init__(self, place: Workplace, memory: Memory) -> None:
        """``memory`` is the one that the jobs share."""
        self._place = place
        self._memory = memory
        self._prepared: _Prepared | None = None

    async def trial(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What ``Trial.told`` says of the limits in ``facts``, or of those in force when there are
        none; besides ``in_force``, the same limits with ``lifecycle``, their counts today,
        ``suggestion`` or None, ``as_of`` of the base, and ``seconds``. Or an ``error``.
        """
        begun_s = self._place.clock.monotonic_s()
        try:
            limits = _limits(facts)
            prepared = await self._prepare()
            limits = limits or prepared.snapshot.analysis.limits
            answer = prepared.trial.told(limits) | prepared.fixed
        except (BadQuestion, NoAnswer, StorageError) as error:
            answer = refused(error)
        return answer | {"seconds": round(self._place.clock.monotonic_s() - begun_s, 4)}

    async def _prepare(self) -> _Prepared:
        """What does not depend on the limits that are tried, made once for a base."""
        snapshot = await self._memory.snapshot()
        if snapshot is None:
            self._prepared = None
            raise NoAnswer("no_base")
        known = self._prepared
        if known is None or known.snapshot.analysis is not snapshot.analysis:
            history = merged(parsed(await self._place.store.load_fact(HISTORY)), None)
            analysis = snapshot.analysis
            counts = analysis.counters[3] | analysis.counters[5]
            fixed = {
                "in_force": told(analysis.limits) | {"lifecycle": counts},
                "suggestion": suggestion(analysis),
                "as_of": snapshot.run.as_of,
            }
            trial = Trial.of(snapshot.base.as_base(), analysis, history)
            known = self._prepared = _Prepared(snapshot, trial, fixed)
        return known


def _limits(facts: Mapping[str, Any]) -> Limits | None:
    if not facts:
        return None
    try:
        return read(facts)
    except (ValueError, TypeError):
        raise BadQuestion(limits=str(facts)[:40]) from None

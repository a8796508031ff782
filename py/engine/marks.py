"""Marks as the page sees them before and after writing: what differs, how long writing would take,
what can be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from crm.mark_definitions import COMPANY, CONTACT
from engine.base import PortalBase
from engine.fills import Fill, Fills
from engine.forecast import forecast_s
from engine.mark_events import MarksBoard, samples_of, samples_told
from segmentation.marks import summary
from storage.protocol import Store

AUTOMATIC = "marks_automatic"
"""Fact: ``true`` when later refreshes write what differs by themselves."""
SECONDS_PER_UPDATE = "seconds_per_update"
"""Fact: measured execution seconds per update, by method."""
CARDS = {COMPANY: "company_cards", CONTACT: "contact_cards"}
"""The tables of names."""


async def tell_preview(
    board: MarksBoard,
    store: Store,
    operations: pd.DataFrame,
    names: Mapping[tuple[int, int], str],
    unfinished: Fill | None = None,
) -> None:
    """Tell the page what ``operations`` would do, or how the ``unfinished`` fill stands that they
    are the rest of.
    """
    counts = summary(operations)
    measured_s = await seconds_per_update(store)
    board.note(**await standing(store), **counts, done=0, refused=0, gone=0, refusals=[])
    state = "preview" if counts["total"] else "none"
    if unfinished is not None:
        state = "paused"
        board.note(**unfinished.counts)
    board.tell(
        state=state,
        conflicts=[],
        conflicts_total=0,
        samples=samples_told(samples_of(operations), names),
        forecast_s=round(forecast_s(counts["companies"], counts["contacts"], measured_s)),
        forecast_measured=bool(measured_s),
        remaining_s=None,
        per_s=0.0,
        waiting=None,
        reason=None,
        words="",
    )


async def standing(store: Store) -> dict[str, Any]:
    """What of the event is known without a base: what can be taken back, and whether later
    refreshes write by themselves.
    """
    fill = (await Fills.load(store)).undoable
    undoable = fill and {"id": fill.id, "at": fill.started_at, "count": fill.done}
    return {"undoable": undoable, "automatic": await is_automatic(store)}


async def is_automatic(store: Store) -> bool:
    """Whether later refreshes write what differs by themselves."""
    return await store.load_fact(AUTOMATIC) == "true"


async def set_automatic(store: Store, on: bool) -> None:
    """Let later refreshes write by themselves, or not."""
    await store.save_facts({AUTOMATIC: "true" if on else None})


async def seconds_per_update(store: Store) -> dict[str, float]:
    """What has been measured; empty before the first writing."""
    text = await store.load_fact(SECONDS_PER_UPDATE)
    try:
        return {str(method): float(each) for method, each in json.loads(text or "{}").items()}
    except (ValueError, TypeError, AttributeError):
        return {}


async def remember_seconds_per_update(store: Store, measured_s: Mapping[str, float]) -> None:
    """Keep what was measured for the next forecast."""
    known_s = await seconds_per_update(store)
    await store.save_facts({SECONDS_PER_UPDATE: json.dumps({**known_s, **measured_s})})


def names_of(base: PortalBase, samples: pd.DataFrame) -> dict[tuple[int, int], str]:
    """Names of a few companies and contacts, by entity type and id."""
    names: dict[tuple[int, int], str] = {}
    for entity, table in CARDS.items():
        cards = base.tables[table]
        known = cards[cards["id"].isin(samples.loc[samples["entity"] == entity, "id"])]
        names |= {
            (entity, id_): name
            for id_, name in zip(known["id"].tolist(), known["name"].tolist(), strict=True)
        }
    return names

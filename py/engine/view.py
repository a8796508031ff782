"""The view: the counters and series of the five modes as the page draws and keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from segmentation.analysis import analyse
from segmentation.types import Base

VIEW_VERSION = 1


def build_view(
    base: Base,
    now: datetime,
    timezone: tzinfo,
    *,
    as_of: datetime,
    partial: bool = False,
    notes: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Counters and growth of ``base`` at ``now`` (spec §3.6, §3.7), ready for JSON.

    ``as_of`` is the moment the data were read; ``partial`` says that later months are still to be
    read. Series hold one whole number per month of ``months``; ``count`` is always the last of
    them.
    """
    analysis = analyse(base, now, timezone)
    growth = analysis.growth
    modes = {
        str(mode): {
            segment: {"count": int(series[-1]) if len(series) else 0, "series": series.tolist()}
            for segment, series in segments.items()
        }
        for mode, segments in growth.modes.items()
    }
    return {
        "version": VIEW_VERSION,
        "as_of": as_of.astimezone(timezone).isoformat(timespec="seconds"),
        "partial": partial,
        "through": growth.months[-1] if growth.months else None,
        "months": list(growth.months),
        "modes": modes,
        "notes": list(notes),
    }


def is_complete(text: str | None) -> bool:
    """Whether a stored view is one of a finished refresh that this version can draw."""
    if text is None:
        return False
    try:
        view = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(view, dict)
        and view.get("version") == VIEW_VERSION
        and not view.get("partial", True)
    )

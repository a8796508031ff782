"""The view: the counters and series of the five modes as the page draws and keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from engine.lifecycle_limits import told
from segmentation.growth import Growth
from segmentation.types import MODES, Limits

VIEW_VERSION = 2
DRAWN_VERSIONS = (1, 2)
"""What the page can still draw: version 1 has no steps."""


def build_view(
    growth: Growth,
    timezone: tzinfo,
    limits: Limits,
    *,
    as_of: datetime,
    partial: bool = False,
    notes: Sequence[dict[str, Any]] = (),
    steps: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Counters and growth (spec §3.6, §3.7), made with these limits, ready for JSON.

    ``as_of`` is the moment the data were read; ``partial`` says that later months are still to be
    read. Series hold one whole number per month of ``months``; ``count`` is always the last of
    them. ``steps`` are those of ``segmentation.steps``, with names of people. ``shared`` is true in
    a view that came from the portal's own storage.
    """
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
        "shared": False,
        "through": growth.months[-1] if growth.months else None,
        "months": list(growth.months),
        "limits": told(limits),
        "modes": modes,
        "notes": list(notes),
        "steps": list(steps),
    }


def count_in(
    view: dict[str, Any], mode: int, codes: Sequence[str], month: str | None = None
) -> int | None:
    """How many clients a drawable view counts in segments of a mode, at the end of a month or
    today; None for a month that it does not show.
    """
    segments = [view["modes"][str(mode)][code] for code in codes]
    if month is None:
        return sum(int(segment["count"]) for segment in segments)
    if month not in view["months"]:
        return None
    place = view["months"].index(month)
    return sum(int(segment["series"][place]) for segment in segments)


def is_complete(text: str | None) -> bool:
    """Whether a stored view is one of a finished refresh that the page can draw."""
    try:
        return is_drawable(None if text is None else json.loads(text))
    except (ValueError, RecursionError):
        return False


def is_drawable(view: Any) -> bool:
    """Whether this is the view of a finished refresh that the page can draw."""
    try:
        return (
            view["version"] in DRAWN_VERSIONS
            and not view["partial"]
            and datetime.fromisoformat(view["as_of"]).tzinfo is not None
            and all(isinstance(month, str) for month in view["months"])
            and all(
                isinstance(segment["count"], int) and len(segment["series"]) == len(view["months"])
                for mode, codes in MODES.items()
                for segment in (view["modes"][str(mode)][code] for code in codes)
            )
        )
    except (KeyError, TypeError, ValueError):
        return False

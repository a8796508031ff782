"""What a complete base comes to: the history one refresh longer, and the view with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.client import Portal
from crm.errors import PortalError
from crm.people import names_of
from engine.view import build_view
from segmentation.analysis import Analysis
from segmentation.growth import Counts, PaidSpans
from segmentation.history import closing, lay_over, merged, with_steps
from segmentation.steps import Departure, bursts, departed, shown
from segmentation.types import Base, Limits


@dataclass(frozen=True)
class Outcome:
    """``view`` without the names of people, and ``history``, both ready for JSON."""

    view: dict[str, Any]
    history: dict[str, Any]


def outcome_of(
    base: Base,
    analysis: Analysis,
    histories: tuple[Any, Any],
    departures: Sequence[Departure],
    *,
    since: datetime | None,
    as_of: datetime,
    notes: Sequence[dict[str, Any]],
) -> Outcome:
    """The outcome at ``as_of``, an aware moment of the portal's clock.

    ``histories`` are the browser's and the portal's, None where there is none. ``departures`` are
    those found since the refresh of the moment ``since``, None when there was none before.
    """
    timezone, limits = as_of.tzinfo, analysis.limits
    assert timezone is not None
    steps = [*bursts(base, timezone), *departed(departures, since, as_of, timezone)]
    history = with_steps(merged(*histories), steps)
    history = closing(history, analysis.growth, as_of, limits)

    def stages(others: Limits) -> Mapping[str, Counts]:
        # Only where a month was closed with other limits, which is rare.
        days = analysis.growth.days
        return PaidSpans.of(days, analysis.clients, analysis.payments).stages(others)

    growth = lay_over(analysis.growth, history, limits, stages)
    view = build_view(
        growth, timezone, limits, as_of=as_of, notes=notes, steps=shown(history["steps"])
    )
    return Outcome(view, history)


async def with_names(portal: Portal, view: dict[str, Any]) -> dict[str, Any]:
    """The view whose steps name the people behind them; those whom the portal does not name have an
    empty ``by_name``.
    """
    try:
        names = await names_of(portal, {step["by"] for step in view["steps"]})
    except PortalError:
        names = {}
    steps = [{**step, "by_name": names.get(step["by"], "")} for step in view["steps"]]
    return view | {"steps": steps}

"""How much of a reading is still to come, how long that takes, and what it waits for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crm.cells import Cell
from crm.client import Portal
from crm.pace import Pace, bound
from crm.progress import Speed
from crm.tables import PAGE_ROWS


def remaining_pages(months: Sequence[Sequence[Cell]]) -> Counter[str]:
    """Pages still to come, per method; ``months`` hold the cells that are not done."""
    pages: Counter[str] = Counter()
    for cells in months:
        for cell in cells:
            for span in cell.spans:
                if not span.done:
                    pages[cell.source.method] += math.ceil(cell.remaining_pages(span) or 1)
    return pages


def remaining_s(portal: Portal, pages: Mapping[str, int], speed: Speed) -> float:
    """Seconds to the end, were nothing else to happen: what the limits allow, or what the present
    speed does, where connections are few.
    """
    total = sum(pages.values())
    seconds = sum(count * portal.costs.of(method) for method, count in pages.items())
    now_s = portal.clock.monotonic_s()
    pace = Pace(
        rate_per_s=portal.bucket.rate_per_s,
        burst=portal.bucket.available(now_s),
        page_s=seconds / total if total else 0.0,
        operating_s=portal.budget.allowed_s,
        commands=portal.size.commands,
        connections=portal.lanes.limit,
    )
    return max(bound(pages, pace), speed.seconds_for(total * PAGE_ROWS, now_s))


def waiting_methods(portal: Portal, pages: Mapping[str, int]) -> list[dict[str, Any]]:
    """Methods with pages still to come that have no room before their reset, as in ``Progress``."""
    waiting = []
    now_s = portal.clock.monotonic_s()
    for method in sorted(pages):
        until_s = portal.budget.free_at_s(method, now_s)
        if until_s > now_s:
            until = round(portal.clock.now_s() + until_s - now_s)
            waiting.append({"method": method, "until": until})
    return waiting

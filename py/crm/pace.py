"""How fast a portal can be read at all: the bound that its limits allow, and what is left of the
way to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from crm.query import MAX_COMMANDS


@dataclass(frozen=True)
class Pace:
    """Limits and speed of a portal; the defaults are the cloud's, with few named fields and no
    counting.

    ``connections`` is how many requests can be under way at a time: None where they can be as many
    as one likes (HTTP/2), 6 for a browser over HTTP/1.1.
    """

    rate_per_s: float = 2.0
    burst: float = 50.0
    page_s: float = 0.08
    operating_s: float = 480.0
    window_s: float = 600.0
    basket_s: float = 60.0
    commands: int = MAX_COMMANDS
    connections: int | None = None


CLOUD = Pace()
MEASURED = Pace(page_s=0.22)


def bound(pages_per_method: Mapping[str, int], pace: Pace = CLOUD) -> float:
    """Seconds below which no reader can fetch so many pages, were every batch full and nothing
    asked in vain.

    The largest of: the time until the last full batch may leave and has been worked on; all work
    shared among the connections; and per method the resets that its operating time makes necessary,
    each of which comes no sooner than a window less a basket.
    """
    pages = sum(pages_per_method.values())
    if pages == 0:
        return 0.0
    requests = math.ceil(pages / pace.commands)
    if requests <= pace.burst:
        sending_s = math.ceil(pages / max(1, math.floor(pace.burst))) * pace.page_s
    else:
        last = pages - pace.commands * (requests - 1)
        sending_s = max(
            (requests - pace.burst) / pace.rate_per_s + last * pace.page_s,
            (requests - 1 - pace.burst) / pace.rate_per_s + pace.commands * pace.page_s,
        )
    working_s = pages * pace.page_s / pace.connections if pace.connections else 0.0
    resets = max(
        math.ceil(count * pace.page_s / pace.operating_s) - 1 for count in pages_per_method.values()
    )
    reset_s = pace.window_s - pace.basket_s
    return max(sending_s, working_s, max(0, resets) * reset_s)


def pages_of(rows: Mapping[str, int], methods: Mapping[str, str], page_rows: int) -> dict[str, int]:
    """Pages per method that hold so many ``rows`` per source; ``methods`` names the sources'."""
    pages: dict[str, int] = {}
    for source, count in rows.items():
        method = methods[source]
        pages[method] = pages.get(method, 0) + math.ceil(count / page_rows)
    return pages

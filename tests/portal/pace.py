"""How long the portal works on a call, in emulated seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

REQUEST_CUT_S: Final = 60.0
ALL_FIELDS_FACTOR: Final = 2
COUNT_FACTOR: Final = 3


class Work(Enum):
    """Kinds of calls that differ in cost."""

    PAGE = "page"
    WRITE = "write"
    OTHER = "other"


@dataclass(frozen=True)
class Pace:
    """Seconds of a page of named fields, of a write, of any other call; ``limits_on`` with the
    platform's limits.
    """

    name: str
    page_s: float
    write_s: float
    other_s: float
    limits_on: bool

    def cost_s(self, work: Work, *, all_fields: bool = False, counted: bool = False) -> float:
        """Seconds of one call; ``all_fields`` and ``counted`` matter for pages alone."""
        if work is Work.WRITE:
            return self.write_s
        if work is Work.OTHER:
            return self.other_s
        factor = (ALL_FIELDS_FACTOR if all_fields else 1) * (COUNT_FACTOR if counted else 1)
        return self.page_s * factor


PACES: Final = {
    "cloud": Pace("cloud", page_s=0.08, write_s=0.3, other_s=0.02, limits_on=True),
    "measured": Pace("measured", page_s=0.22, write_s=0.5, other_s=0.02, limits_on=True),
    "off": Pace("off", page_s=0.0, write_s=0.0, other_s=0.0, limits_on=False),
}

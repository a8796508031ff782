"""Small portals full of edges, made of single choices.

All chance goes through one function that picks one of several options, so that `random` and
hypothesis (which then shrinks a failing portal) make them alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Protocol, TypeVar

from property.oracle import Rows, months_before

T = TypeVar("T")


class Pick(Protocol):
    """Chooses one of the options."""

    def __call__(self, options: Sequence[T], /) -> T: ...


@dataclass(frozen=True)
class Case:
    """A portal seen at a moment, in its time zone, with the limits in months."""

    rows: Rows
    now: datetime
    timezone: timezone
    limits: tuple[int, int]


IDS = (1, 2, 3, 40, 5_000, 2**31 + 7, 2**53 - 1)
REFERENCES = (*IDS[:4], 0, 77, *IDS[4:])
"""Ids as other rows mention them: 0 is none, 77 is never there (deleted, own, a template)."""

OWNER_TYPES = (4, 3, 2, 31, 5, 1, 7)

NOWS = (
    datetime(2024, 8, 31, 12, tzinfo=UTC),
    datetime(2024, 2, 29, 20, 59, 59, tzinfo=UTC),
    datetime(2023, 8, 30, 21, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2025, 3, 1, 0, 0, tzinfo=UTC),
    datetime(2026, 5, 15, 9, 30, tzinfo=UTC),
)
ZONES = tuple(timezone(timedelta(hours=hours)) for hours in (0, 3, 5.5, -8, 14, -11))
LIMITS = ((6, 18), (6, 18), (1, 2), (12, 13))
TIMES = (time(0, 0), time(23, 59, 59), time(12, 0), time(21, 0), time(3, 0))
MONTHS_AGO = (0, 1, 5, 6, 7, 12, 17, 18, 19, 24, 42, 130)
DAYS_ASIDE = (0, -1, 1, 15)


def any_case(pick: Pick) -> Case:
    """A portal of up to five rows a table, with everything that a portal may surprise with."""
    now, zone = pick(NOWS), pick(ZONES)
    today = now.astimezone(zone).date()

    def moment() -> datetime | None:
        """Around a limit, midnights of the portal included; or in the future; or none."""
        special = pick(("past", "past", "past", "past", "past", "future", "none"))
        if special == "none":
            return None
        if special == "future":
            return now + pick((timedelta(seconds=1), timedelta(days=1), timedelta(days=500)))
        day = months_before(today, pick(MONTHS_AGO)) + timedelta(days=pick(DAYS_ASIDE))
        return datetime.combine(day, pick(TIMES), tzinfo=pick((zone, UTC)))

    def flag() -> bool:
        return pick((False, False, True))

    def reference() -> int:
        return pick(REFERENCES)

    def count() -> range:
        return range(pick((0, 1, 2, 3, 4, 5)))

    def person() -> dict[str, object]:
        return {
            "id": pick(IDS),
            "created": moment(),
            "has_contact_data": flag(),
            "has_chat": flag(),
            "lead": pick((0, 1, 2)),
            "created_by": pick((1, 2, 0)),
        }

    def document() -> dict[str, object]:
        return {
            "id": pick(IDS),
            "created": moment(),
            "company": reference(),
            "contact": reference(),
        }

    def owned() -> dict[str, object]:
        return {
            "id": pick(IDS),
            "created": moment(),
            "owner_type": pick(OWNER_TYPES),
            "owner": reference(),
        }

    rows: Rows = {
        "companies": [person() for _ in count()],
        "contacts": [{**person(), "company": reference()} for _ in count()],
        "links": [{"contact": reference(), "company": reference()} for _ in count()],
        "deals": [{**document(), "won": not flag(), "closed": moment()} for _ in count()],
        "invoices": [
            {
                **document(),
                "kind": pick((31, 5)),
                "deal": reference(),
                "paid": not flag(),
                "paid_at": moment(),
            }
            for _ in count()
        ],
        "activities": [owned() for _ in count()],
        "requisites": [owned() for _ in count()],
    }
    return Case(rows, now, zone, pick(LIMITS))

"""Events of the engine (protocol 2) for states that take hours or a broken portal to come about."""

from __future__ import annotations

import time
from typing import Any

Event = dict[str, Any]

AS_OF = "2026-11-20T17:30:00+03:00"
LAST_MONTH = "2026-11"
SHARES = {
    "1": {"companies": 0.31, "contacts": 0.69},
    "2": {"b2b_with_contacts": 0.23, "b2b_without_contacts": 0.17, "b2c": 0.6},
    "3": {"active": 0.09, "dormant": 0.07, "lost": 0.18},
    "4": {"regular": 0.13, "first": 0.21, "none": 0.66},
    "5": {"requests": 0.17, "dialogs": 0.14, "contacts": 0.26, "empty": 0.09},
}
"""Parts of all companies and contacts (mode 1) or of all clients (the others)."""


def state(word: str = "idle", job: str | None = None, **changes: Any) -> Event:
    """The engine's state; ``job`` is what it is at."""
    facts = {
        "where": "here",
        "as_of": AS_OF,
        "resumable": False,
        "can_refresh": True,
        "job": job,
    }
    return {"type": "state", "state": word, **facts, **changes}


def view(cards: int, months: int = 84, last: str = LAST_MONTH, **changes: Any) -> Event:
    """Counts of so many companies and contacts that have come over so many months."""
    names = _months(months, last)
    modes: dict[str, dict[str, Any]] = {}
    for mode, shares in SHARES.items():
        whole = cards if mode == "1" else round(cards * 0.74)
        modes[mode] = {
            code: _segment(round(whole * share), months, place)
            for place, (code, share) in enumerate(shares.items())
        }
    for mode in ("1", "2"):
        columns = zip(*(segment["series"] for segment in modes[mode].values()), strict=True)
        series = [sum(column) for column in columns]
        modes[mode]["all"] = {"count": series[-1] if series else 0, "series": series}
    facts = {
        "version": 2,
        "as_of": AS_OF,
        "partial": False,
        "through": last,
        "months": names,
        "modes": modes,
        "notes": [],
        "steps": _steps(names) if months > 60 else [],
        "shared": False,
    }
    return {"type": "view", "view": {**facts, **changes}}


def _segment(count: int, months: int, place: int) -> Event:
    bend = 1.2 + 0.3 * place
    series = [round(count * ((month + 1) / months) ** bend) for month in range(months)]
    return {"count": count if months else 0, "series": series}


def _months(count: int, last: str) -> list[str]:
    year, month = map(int, last.split("-"))
    end = year * 12 + month
    return [f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(end - count, end)]


def _steps(months: list[str]) -> list[Event]:
    long_name = "Константин Константинопольский-Преображенский"
    first, second, third = months[20], months[41], months[55]
    return [
        _step("import", first, 0, 124_000, 7, "Мария Соколова"),
        _step("import", second, 4012, 310, 9, long_name),
        {**_step("deleted", third, 12, 41, 0, ""), "at": None, "until": None},
        _step("merged", third, 21, 0, 7, "Мария Соколова"),
    ]


def _step(code: str, month: str, companies: int, contacts: int, by: int, name: str) -> Event:
    return {
        "code": code,
        "month": month,
        "at": f"{month}-14T10:05:00+03:00",
        "until": f"{month}-14T10:17:00+03:00",
        "companies": companies,
        "contacts": contacts,
        "by": by,
        "by_name": name,
    }


NOTHING_YET = view(0, 0, partial=True, through=None)
"""What there is to see before the first month is read."""


def progress(**changes: Any) -> Event:
    """A first reading that has come to the middle."""
    rows = {"companies": 18_402, "contacts": 51_377, "deals": 64_118, "activities": 201_905}
    facts = {
        "kind": "full",
        "month": "2022-08",
        "months_done": 41,
        "months_total": 84,
        "rows": rows,
        "rows_total": sum(rows.values()),
        "rows_per_s": 5120.4,
        "remaining_s": 205,
        "requests": 178,
        "waiting": None,
    }
    return {"type": "progress", **facts, **changes}


def waiting(reason: str) -> Event:
    """Progress that stands still: the ``reason`` is one of ``engine/reports.py``."""
    until_s = time.time() + 415
    return progress(waiting={"reason": reason, "method": "crm.activity.list", "until_s": until_s})


def error(code: str, saved_through: str | None = None, **params: Any) -> Event:
    """What ended a job; ``params`` are shown to whoever is to help."""
    return {"type": "error", "code": code, "params": params, "saved_through": saved_through}


def marks(word: str, **changes: Any) -> Event:
    """The marks of 84,310 cards in a state."""
    facts = {
        "total": 84_310,
        "done": 0,
        "refused": 0,
        "gone": 0,
        "companies": 23_110,
        "contacts": 61_200,
        "fields": _FIELDS,
        "samples": _SAMPLES,
        "forecast_s": 17_400,
        "forecast_measured": False,
        "remaining_s": None,
        "per_s": None,
        "waiting": None,
        "refusals": [],
        "conflicts": [],
        "conflicts_total": 0,
        "undoable": None,
        "automatic": False,
        "reason": None,
        "words": "",
    }
    return {"type": "marks", "state": word, **facts, **changes}


UNDOABLE = {"id": 3, "at": "2026-11-20T05:41:00+03:00", "count": 84_306}
REFUSALS = [
    {"entity": 4, "id": 1201, "name": "ООО «Ромашка»", "words": "Компания заблокирована процессом"},
    {"entity": 3, "id": 77, "name": "", "words": "Access denied."},
]
CONFLICTS = [
    {
        "entity": 4,
        "id": 1201,
        "name": "ООО «Ромашка»",
        "mark": "lifecycle",
        "expected": "dormant",
        "found": "active",
    },
    {"entity": 3, "id": 77, "mark": "payments", "expected": 2, "found": None},
    {"entity": 3, "id": 79, "mark": "last_pay", "expected": "2026-11-01", "found": "junk"},
]


def _field(*changes: tuple[Any, Any, int]) -> Event:
    rows = [{"from": old, "to": new, "count": count} for old, new, count in changes]
    return {"count": sum(count for _, _, count in changes), "changes": rows}


_FIELDS = {
    "parent": _field((None, 1201, 312), (None, 88, 9), (4, 88, 3)),
    "type": _field((None, "b2c", 49_300), (None, "b2b", 35_008), ("b2c", "b2b", 2)),
    "lifecycle": _field(
        (None, "active", 9400),
        ("active", "dormant", 300),
        ("dormant", "lost", 200),
        (None, "requests", 15_000),
        (None, "dialogs", 6000),
        (None, "empty", 2000),
    ),
    "frequency": _field((None, "none", 60_000), ("first", "regular", 300)),
    "last_pay": _field((None, "2026-11-20", 15), ("2026-01-02", "2026-11-03", 11)),
    "payments": _field((None, 1, 22_000), (None, 2, 13_000), (1240, 1241, 1)),
    "dialogs": _field((None, True, 28_000), (True, False, 20)),
    "contacts": _field((None, True, 80_000)),
}
_SAMPLES: list[Event] = [
    {
        "entity": 4,
        "id": 1201,
        "name": "ООО «Ромашка»",
        "changes": [
            {"mark": "type", "from": None, "to": "b2b"},
            {"mark": "lifecycle", "from": "active", "to": "dormant"},
            {"mark": "last_pay", "from": None, "to": "2026-03-14"},
        ],
    },
    {
        "entity": 3,
        "id": 77,
        "name": "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "changes": [{"mark": "lifecycle", "from": None, "to": "contacts"}],
    },
    {
        "entity": 3,
        "id": 78,
        "name": "محمد \u202eevil عبدالله",
        "changes": [{"mark": "parent", "from": None, "to": 1201}],
    },
    {
        "entity": 4,
        "id": 90,
        "name": "Щ" * 300,
        "changes": [{"mark": "dialogs", "from": False, "to": True}],
    },
    {
        "entity": 3,
        "id": 91,
        "name": "",
        "changes": [{"mark": "frequency", "from": "first", "to": "regular"}],
    },
]

LACKING: Event = {
    "type": "set_up",
    "steps": [
        {"code": "scopes", "state": "missing_scope", "params": {"scopes": ["entity", "placement"]}},
        {"code": "marks", "state": "already"},
        {"code": "storage", "state": "missing_scope", "params": {"scopes": ["entity"]}},
        {"code": "deletions", "state": "refused", "reason": "offline_events_missing"},
        {"code": "placements", "state": "missing_scope", "params": {"scopes": ["placement"]}},
    ],
}
"""A preparation of a portal where hardly anything went well."""

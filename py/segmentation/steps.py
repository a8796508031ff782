"""Steps of the growth: what made it jump up or down, how many, when and by whom (spec §3.7).

A step is a dictionary ready for JSON: `code` ('import', 'deleted' or 'merged'), `month` ('YYYY-MM',
of its end), `at` and `until` (ISO, in the portal's time zone), `companies` and `contacts` (how
many), `by` (user id, 0 unknown). Departures carry `ids` as well, per table, so that what two
browsers found is counted once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.calendar import portal_days
from segmentation.types import Base, EntityType

Step = dict[str, Any]

IMPORT, DELETED, MERGED = "import", "deleted", "merged"
CODES = (IMPORT, MERGED, DELETED)

MINUTE_S = 60
BUSY_ROWS = 3
"""Rows of one person within a minute that are more than typing."""
GAP_S = 10 * MINUTE_S
"""An import that pauses for longer is two imports."""
FEW_ROWS = 50
"""Fewer rows are no import worth a word."""
MANY_ROWS = 500
"""So many rows are, however large the base."""
VISIBLE_SHARE = 0.01
"""Part of the base at the end of the month that is seen on a chart."""
LATEST_S = 250_000_000_000
"""Later moments (seconds since 1970) are none: the calendar ends soon after."""
A_MONTH = 3
"""The largest steps of a kind that are shown of a month."""

TABLES = {int(EntityType.COMPANY): "companies", int(EntityType.CONTACT): "contacts"}
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Departure(Protocol):
    """A company (4) or contact (3) that is gone: when (seconds since 1970, None unknown), by whom
    and merged into whom (0 unknown or nobody).
    """

    @property
    def entity(self) -> int: ...
    @property
    def id(self) -> int: ...
    @property
    def at_s(self) -> float | None: ...
    @property
    def by(self) -> int: ...
    @property
    def merged_into(self) -> int: ...


def bursts(base: Base, timezone: tzinfo) -> list[Step]:
    """Imports: many companies and contacts created within minutes by one person.

    A burst is what one person created faster than a hand can (`BUSY_ROWS` rows within a minute),
    without a pause longer than `GAP_S`. It is a step when it has at least `FEW_ROWS` rows, and
    `MANY_ROWS` or `VISIBLE_SHARE` of all companies and contacts at the end of its month; the
    largest `A_MONTH` of a month are. In order of time.
    """
    rows = _created(base.deduplicated())
    months = _months(rows["created"], timezone)
    known = rows[rows["created"].notna()].sort_values(["created_by", "created"])
    busy = known[_is_busy(known)]
    found = (
        busy.assign(burst=_burst(busy))
        .groupby("burst")
        .agg(
            by=("created_by", "first"),
            at=("created", "min"),
            until=("created", "max"),
            companies=("companies", "sum"),
            contacts=("contacts", "sum"),
        )
    )
    found["month"] = _months(found["until"], timezone)
    found["rows"] = found["companies"] + found["contacts"]
    # What has no date has been there since the beginning; NaT sorts behind all months.
    there = np.searchsorted(np.sort(months), found["month"].to_numpy("datetime64[M]"), "right")
    there += np.count_nonzero(np.isnat(months))
    visible = (found["rows"] >= MANY_ROWS) | (found["rows"] >= VISIBLE_SHARE * there)
    steps = found[visible & (found["rows"] >= FEW_ROWS)]
    return shown(_import(row, timezone) for row in steps.to_dict("records"))


def _created(base: Base) -> pd.DataFrame:
    tables = {"companies": base.companies, "contacts": base.contacts}
    parts = [
        table[["created", "created_by"]].assign(
            companies=int(name == "companies"), contacts=int(name == "contacts")
        )
        for name, table in tables.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(created_s=rows["created"].to_numpy().view("int64"))


def _months(moments: pd.Series, timezone: tzinfo) -> NDArray[np.datetime64]:
    months: NDArray[np.datetime64] = portal_days(moments, timezone).astype("datetime64[M]")
    return months


def _is_busy(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each row is one of `BUSY_ROWS` of its person within a minute."""
    person, created_s = rows["created_by"].to_numpy(), rows["created_s"].to_numpy()
    others = BUSY_ROWS - 1
    within = (person[others:] == person[:-others]) & (
        created_s[others:] - created_s[:-others] < MINUTE_S
    )
    busy = np.zeros(len(rows), dtype=bool)
    for place in range(BUSY_ROWS):
        busy[place : place + len(within)] |= within
    return busy


def _burst(rows: pd.DataFrame) -> NDArray[np.intp]:
    """Numbers of bursts: a new one begins with another person, or after a gap."""
    other_person = np.diff(rows["created_by"].to_numpy()) != 0
    pause = np.diff(rows["created_s"].to_numpy()) > GAP_S
    return np.cumsum(np.append(False, other_person | pause)[: len(rows)])


def _import(row: dict[Any, Any], timezone: tzinfo) -> Step:
    at, until = (
        row[name].tz_localize("UTC").tz_convert(timezone).isoformat() for name in ("at", "until")
    )
    return {
        "code": IMPORT,
        "month": until[:7],
        "at": at,
        "until": until,
        "companies": row["companies"],
        "contacts": row["contacts"],
        "by": row["by"],
    }


def departed(
    departures: Sequence[Departure], since: datetime | None, until: datetime, timezone: tzinfo
) -> list[Step]:
    """One step per portal day, person and kind ('deleted', or 'merged' into somebody).

    Where it is not known when, or nothing can have been then, it was between the last refresh,
    `since`, and this one, `until`; both are aware.
    """
    since = min(since or until, until)
    ids: dict[tuple[str, int, float | None], dict[str, list[int]]] = {}
    for departure in departures:
        kind = MERGED if departure.merged_into else DELETED
        is_known = departure.at_s is not None and 0 < departure.at_s < LATEST_S
        at_s = departure.at_s if is_known else None
        of_kind = ids.setdefault((kind, departure.by, at_s), {})
        of_kind.setdefault(TABLES[departure.entity], []).append(departure.id)

    def told(moment: datetime) -> str:
        return moment.astimezone(timezone).isoformat(timespec="seconds")

    def known(at_s: float | None, otherwise: datetime) -> str:
        return told(otherwise if at_s is None else datetime.fromtimestamp(at_s, timezone))

    steps = [
        {"code": code, "at": known(at_s, since), "until": known(at_s, until), "by": by, "ids": gone}
        for (code, by, at_s), gone in ids.items()
    ]
    return sorted(_departures(steps), key=_order)


def united(one: Iterable[Step], other: Iterable[Step]) -> list[Step]:
    """The steps of both, none twice, in order of time.

    Imports by one person that overlap in time are one import, the larger; a client departs once.
    """
    steps = [*one, *other]
    imports = _imports([step for step in steps if step["code"] == IMPORT])
    departures = _departures([step for step in steps if step["code"] != IMPORT])
    return sorted([*imports, *departures], key=_order)


def shown(steps: Iterable[Step]) -> list[Step]:
    """The steps to show: of every month and kind the largest `A_MONTH`, without ids, in order of
    time.
    """
    found: dict[tuple[str, str], list[Step]] = {}
    for step in sorted(steps, key=lambda step: (-_size(step), _order(step))):
        found.setdefault((step["month"], step["code"]), []).append(step)
    largest = [step for of_month in found.values() for step in of_month[:A_MONTH]]
    return [
        {name: value for name, value in step.items() if name != "ids"}
        for step in sorted(largest, key=_order)
    ]


def is_sound(step: Any) -> bool:
    """Whether something read from a store is a step."""
    checks: tuple[object, ...]
    try:
        ids = {table: step["ids"][table] for table in TABLES.values()} if _departs(step) else {}
        checks = (
            step["code"] in CODES,
            MONTH.fullmatch(step["month"]),
            moment_s(step["at"]) <= moment_s(step["until"]),
            all(_is_number(step[name]) for name in ("companies", "contacts", "by")),
            all(_is_number(id) for of_table in ids.values() for id in of_table),
            all(step[table] == len(of_table) for table, of_table in ids.items()),
        )
    except (KeyError, TypeError, ValueError):
        return False
    return all(checks)


def moment_s(text: str) -> float:
    """Seconds since 1970. Raises ValueError for what is no moment with its offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return moment.timestamp()


def _departs(step: Step) -> bool:
    return bool(step["code"] != IMPORT)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _size(step: Step) -> int:
    size: int = step["companies"] + step["contacts"]
    return size


def _order(step: Step) -> tuple[Any, ...]:
    return moment_s(step["at"]), moment_s(step["until"]), step["code"], step["by"], _size(step)


def _imports(steps: list[Step]) -> list[Step]:
    kept: dict[int, list[Step]] = {}
    for step in sorted(steps, key=lambda step: (-_size(step), _order(step))):
        of_person = kept.setdefault(step["by"], [])
        if not any(_overlap(step, other) for other in of_person):
            of_person.append(step)
    return [step for of_person in kept.values() for step in of_person]


def _overlap(one: Step, other: Step) -> bool:
    begin = max(moment_s(one["at"]), moment_s(other["at"]))
    return begin <= min(moment_s(one["until"]), moment_s(other["until"]))


def _departures(steps: list[Step]) -> list[Step]:
    """Departures grouped by portal day, person and kind, every client once."""
    seen: dict[str, set[int]] = {table: set() for table in TABLES.values()}
    groups: dict[tuple[str, str, int], list[Step]] = {}
    for step in sorted(steps, key=_reliability):
        new = {table: set(step["ids"].get(table, ())) - seen[table] for table in seen}
        if any(new.values()):
            for table, ids in new.items():
                seen[table] |= ids
            group = groups.setdefault((step["code"], step["until"][:10], step["by"]), [])
            group.append({**step, "ids": new})
    return [_departure(group) for group in groups.values()]


def _reliability(step: Step) -> tuple[Any, ...]:
    """Of two stories of one departure the smaller is believed: merged rather than deleted, by
    somebody rather than by nobody, at a moment rather than since the last refresh.
    """
    at_s, until_s = moment_s(step["at"]), moment_s(step["until"])
    return CODES.index(step["code"]), step["by"] == 0, until_s - at_s, until_s, step["by"]


def _departure(group: list[Step]) -> Step:
    ids = {
        table: sorted(set().union(*(step["ids"][table] for step in group)))
        for table in TABLES.values()
    }
    until = max((step["until"] for step in group), key=moment_s)
    return {
        "code": group[0]["code"],
        "month": until[:7],
        "at": min((step["at"] for step in group), key=moment_s),
        "until": until,
        **{table: len(of_table) for table, of_table in ids.items()},
        "by": group[0]["by"],
        "ids": ids,
    }

"""The history: what the months showed when they were closed, and the steps between (spec §3.7).

A dictionary ready for JSON: `{"version": 1, "months": {"2024-05": {"taken_at": ISO, "limits":
[active months, dormant months], "modes": {"1": {"companies": n, …}, …}}}, "steps": [steps.Step]}`.
A month is closed by the first refresh after its end and then keeps what it showed, so that
deletions and merges are seen as steps down. Other limits are another definition of mode 3: its
stages are then replayed for closed months too. Nothing here changes its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from segmentation.calendar import last_day
from segmentation.counters import laws
from segmentation.growth import Counts, Growth
from segmentation.steps import MONTH, Step, is_sound, moment_s, united
from segmentation.types import MODES, PAYING_STAGES, Limits

VERSION = 1
DAY_S = 86_400

History = dict[str, Any]
Snapshot = dict[str, Any]
Stages = Callable[[Limits], Mapping[str, Counts]]
"""Mode 3 with any limits, as `growth.PaidSpans.stages`."""


def empty() -> History:
    """The history of a portal that was never looked at."""
    return {"version": VERSION, "months": {}, "steps": []}


def closing(history: History, growth: Growth, taken_at: datetime, limits: Limits) -> History:
    """The history with a snapshot of every month before the current one that has none yet.

    `growth` is as it was computed at `taken_at` (aware) with these limits, without snapshots laid
    over. A month that is closed stays as it is, whatever limits it was closed with. One that is
    said to have been closed after tomorrow was so by a clock that ran ahead, and is closed anew.
    """
    tomorrow_s = taken_at.timestamp() + DAY_S
    closed = {
        month: snapshot
        for month, snapshot in history["months"].items()
        if moment_s(snapshot["taken_at"]) < tomorrow_s
    }
    months = {
        month: {
            "taken_at": taken_at.isoformat(timespec="seconds"),
            "limits": list(_pair(limits)),
            "modes": {
                str(mode): {code: int(counts[point]) for code, counts in segments.items()}
                for mode, segments in growth.modes.items()
            },
        }
        for point, month in enumerate(growth.months[:-1])
    }
    return history | {"months": dict(sorted({**months, **closed}.items()))}


def with_steps(history: History, steps: Iterable[Step]) -> History:
    """The history with these steps too, none twice."""
    return history | {"steps": united(history["steps"], steps)}


def lay_over(growth: Growth, history: History, limits: Limits, stages: Stages) -> Growth:
    """The growth, made with `limits`, with closed months as they were closed.

    A month without a snapshot stays as computed; so does the last point, always. Closed months
    before the first point (its clients are gone by now) are put before it, with zeros for those
    that are not known. Where a month was closed with other limits, clients that are known today
    move to the stages of these, by `stages` at the points of `growth`; those gone since then stay
    in the stage that they were counted in, so that no client is lost or double.
    """
    closed = {
        month: snapshot
        for month, snapshot in history["months"].items()
        if month < growth.months[-1]
    }
    first, last = min([*closed, growth.months[0]]), growth.months[-1]
    span = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    months = np.datetime_as_string(span).tolist()
    earlier = len(months) - len(growth.months)
    known = [point for point, month in enumerate(months) if month in closed]

    def laid_over(mode: int, code: str, computed: Counts) -> Counts:
        counts = _after(earlier, computed)
        counts[known] = [closed[months[point]]["modes"][str(mode)][code] for point in known]
        return counts

    modes = {
        mode: {code: laid_over(mode, code, counts) for code, counts in segments.items()}
        for mode, segments in growth.modes.items()
    }
    for other in {tuple(snapshot["limits"]) for snapshot in closed.values()} - {_pair(limits)}:
        then = stages(Limits(*other))
        points = [point for point in known if tuple(closed[months[point]]["limits"]) == other]
        moved = {
            code: _after(earlier, growth.modes[3][code] - then[code])[points]
            for code in PAYING_STAGES
        }
        _move(modes[3], points, moved)
    return Growth(months=months, days=np.append(last_day(span[:earlier]), growth.days), modes=modes)


def _after(zeros: int, counts: Counts) -> Counts:
    return np.append(np.zeros(zeros, dtype=np.int64), counts)


def _move(stages: dict[str, Counts], points: list[int], moved: Mapping[str, Counts]) -> None:
    """Add `moved`, which comes to nothing in sum, at these points; no stage falls below zero."""
    whole = sum(stages[code][points] for code in PAYING_STAGES)
    reached = np.zeros(len(points), dtype=np.int64)
    up_to = reached
    for code in PAYING_STAGES[:-1]:
        up_to = up_to + stages[code][points] + moved[code]
        within = np.clip(up_to, reached, whole)
        stages[code][points], reached = within - reached, within
    stages[PAYING_STAGES[-1]][points] = whole - reached


def _pair(limits: Limits) -> tuple[int, int]:
    return limits.active_months, limits.dormant_months


def merged(one: Any, other: Any) -> History:
    """One history of two that were kept apart, in whatever order they come.

    Of a month the earliest snapshot wins; steps are united without doubles. What is damaged, or of
    another version, is as if it were not there: `merged(found, None)` reads what a store gave.
    """
    one, other = _sound(one), _sound(other)
    months: dict[str, Snapshot] = {}
    for month in sorted({*one["months"], *other["months"]}):
        told = [source["months"][month] for source in (one, other) if month in source["months"]]
        months[month] = min(told, key=_age)
    return {"version": VERSION, "months": months, "steps": united(one["steps"], other["steps"])}


def _age(snapshot: Snapshot) -> tuple[float, str]:
    """Earlier is smaller; of two of one moment the text decides, whichever came first."""
    return moment_s(snapshot["taken_at"]), repr(sorted(snapshot.items()))


def _sound(found: Any) -> History:
    """What is sound in something read from a store."""
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return empty()
    months, steps = found.get("months"), found.get("steps")
    snapshots = {
        month: snapshot
        for month, snapshot in (months.items() if isinstance(months, dict) else ())
        if isinstance(month, str) and MONTH.fullmatch(month) and _is_snapshot(snapshot)
    }
    return {
        "version": VERSION,
        "months": _conserving(snapshots),
        "steps": [step for step in (steps if isinstance(steps, list) else ()) if is_sound(step)],
    }


def _is_snapshot(found: Any) -> bool:
    try:
        active_months, dormant_months = found["limits"]
        Limits(active_months, dormant_months)
        moment_s(found["taken_at"])
        counts = found["modes"]
        return {mode: set(counts[mode]) for mode in counts} == {
            str(mode): set(codes) for mode, codes in MODES.items()
        } and all(
            type(count) is int and 0 <= count < 2**53
            for segments in counts.values()
            for count in segments.values()
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _conserving(snapshots: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """Those in which no client is lost or double."""
    modes = {
        mode: {
            code: np.array([each["modes"][str(mode)][code] for each in snapshots.values()], "int64")
            for code in codes
        }
        for mode, codes in MODES.items()
    }
    sound = np.all([left == right for left, right in laws(modes).values()], axis=0)
    return {month: snapshots[month] for month, good in zip(snapshots, sound, strict=True) if good}

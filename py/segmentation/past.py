"""The past: where every client stood at the end of a month, and who moved between two months.

What is told of a month is what the growth counts at its point (spec §3.7), client by client:
payments and requests are replayed; bindings, dialogs and contact data are those of today, and who
was deleted or merged away since was never there. A client number is a row of `Analysis.clients`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segmentation.analysis import Analysis
from segmentation.calendar import Days, as_days
from segmentation.classification import frequency, lifecycle
from segmentation.evidence import Flags
from segmentation.payments import nth_days
from segmentation.types import FREQUENCY, LIFECYCLE, LISTED, MODES, MOMENT

NEW, GONE = "new", "gone"
"""Where those come from who were not there before, and where those go who are not there after."""

STATES = {"lifecycle": LIFECYCLE, "frequency": FREQUENCY}
"""What a client moves in from month to month."""


def states_at(analysis: Analysis, month: str) -> pd.DataFrame:
    """Every client at the end of a month, the current month being now; one row per client number.

    Columns: `exists` bool; `kind` and `with_contacts`, which do not change; `payments` int32 and
    `last_payment_day` datetime64[s] up to then; `lifecycle` and `frequency`, categoricals as in
    `Analysis.clients`, NaN (code -1) for those who were not there yet. Raises ValueError when the
    growth has no such month ('YYYY-MM').
    """
    day = end_of(analysis, month)
    clients, payments = analysis.clients, analysis.payments
    exists = as_days(clients["created_day"]) <= day
    paid_by = payments["client"][as_days(payments["day"]) <= day]
    counts = np.bincount(paid_by, minlength=len(clients))
    last_payments = nth_days(payments, clients["payments"].to_numpy(), counts - 1)
    stages = lifecycle(
        last_payments,
        _until(day, as_days(clients["first_request_day"])),
        clients["has_dialogs"].to_numpy(),
        clients["has_contact_data"].to_numpy(),
        day,
        analysis.limits,
    )
    return pd.DataFrame(
        {
            "exists": exists,
            "kind": clients["kind"],
            "with_contacts": clients["with_contacts"],
            "payments": counts.astype(np.int32),
            "last_payment_day": last_payments.astype(MOMENT),
            "lifecycle": _where(exists, stages),
            "frequency": _where(exists, frequency(counts)),
        }
    )


def end_of(analysis: Analysis, month: str) -> np.datetime64:
    """The portal day of a month's point in the growth. Raises ValueError when it has none."""
    if month not in analysis.growth.months:
        raise ValueError(f"the growth has no month {month}")
    day: np.datetime64 = analysis.growth.days[analysis.growth.months.index(month)]
    return day


def in_segment(states: pd.DataFrame, mode: int, code: str) -> Flags:
    """Per client of `states_at`, whether it is in a segment or a mode's sum (`types.LISTED`).

    Of mode 1 only the companies are clients. Raises ValueError for its other segments and for what
    is no segment.
    """
    if code not in LISTED.get(mode, ()) or (mode == 1 and code != "companies"):
        raise ValueError(f"clients are not counted in {code} of mode {mode}")
    if mode >= 3:
        codes = MODES[mode] if code == "all" else (code,)
        return states["frequency" if mode == 4 else "lifecycle"].isin(codes).to_numpy()
    is_b2b, with_contacts = states["kind"] == "b2b", states["with_contacts"]
    counted = {
        "companies": is_b2b,
        "b2b_with_contacts": with_contacts,
        "b2b_without_contacts": is_b2b & ~with_contacts,
        "b2c": ~is_b2b,
        "all": is_b2b | ~is_b2b,
    }
    return (states["exists"] & counted[code]).to_numpy()


def history(analysis: Analysis, client: int) -> dict[str, list[str | None]]:
    """One client, month by month: `{"months", "lifecycle", "frequency"}`, ready for JSON.

    All three are as long as the growth; before the client's month of creation codes are None.
    """
    row = analysis.clients.iloc[client]
    points = analysis.growth.days
    days = as_days(payments_of_client(analysis.payments, client)["day"])
    counts = np.searchsorted(days, points, side="right")
    asked = as_days(analysis.clients["first_request_day"].iloc[[client]])
    stages = lifecycle(
        # The appended NaT is what a count of none picks.
        np.append(days, np.datetime64("NaT"))[counts - 1],
        _until(points, asked),
        row["has_dialogs"],
        row["has_contact_data"],
        points,
        analysis.limits,
    )
    exists = as_days(analysis.clients["created_day"].iloc[[client]]) <= points
    return {
        "months": list(analysis.growth.months),
        "lifecycle": _told(_where(exists, stages)),
        "frequency": _told(_where(exists, frequency(counts))),
    }


def payments_of_client(payments: pd.DataFrame, client: int) -> pd.DataFrame:
    """The payments of one client, the oldest first, out of those of all (`Analysis.payments`)."""
    first, end = np.searchsorted(payments["client"], [client, client + 1])
    return payments.iloc[first:end]


def moves(before: pd.DataFrame, after: pd.DataFrame, state: str) -> pd.DataFrame:
    """Per client `from` and `to`, codes of where it was and is; both frames are `states_at`.

    `state` is 'lifecycle' or 'frequency'. Who was not there before comes from `NEW`; who was not
    there yet, when `after` is the earlier month, is `GONE`; who was never there is both.
    """
    return pd.DataFrame(
        {
            name: states[state].cat.add_categories(absent).fillna(absent)
            for name, states, absent in (("from", before, NEW), ("to", after, GONE))
        }
    )


def flows(moved: pd.DataFrame) -> dict[str, Any]:
    """How many clients went from where to where, ready for JSON; `moved` is what `moves` told.

    `{"before": {code: count}, "after": {code: count}, "flows": [{"from", "to", "count"}]}` with
    everybody in exactly one flow; those who stay flow from a code to itself. Nobody is told to go
    from nowhere to nowhere.
    """
    sources, targets = (moved[name].cat.categories for name in ("from", "to"))
    size = len(sources)
    was, found = (moved[name].cat.codes.to_numpy().astype(np.intp) for name in ("from", "to"))
    pairs = np.bincount(was * size + found, minlength=size * size).reshape(size, size)
    pairs[-1, -1] = 0
    return {
        "before": dict(zip(sources[:-1], pairs.sum(axis=1)[:-1].tolist(), strict=True)),
        "after": dict(zip(targets[:-1], pairs.sum(axis=0)[:-1].tolist(), strict=True)),
        "flows": [
            {"from": sources[row], "to": targets[column], "count": int(pairs[row, column])}
            for row, column in zip(*np.nonzero(pairs), strict=True)
        ],
    }


def is_flow(state: str, one: str | None, other: str | None) -> bool:
    """Whether clients can go from `one` to `other` (see `in_flow`)."""
    codes = STATES.get(state)
    return (
        codes is not None
        and one in (*codes, NEW, None)
        and other in (*codes, GONE, None)
        and (one, other) != (NEW, GONE)
    )


def in_flow(
    before: pd.DataFrame, after: pd.DataFrame, state: str, one: str | None, other: str | None
) -> Flags:
    """Per client, whether it is in the flow from `one` to `other`, the arguments being as in
    `moves`; None stands for everywhere else, which leaves out those who stay. Raises ValueError
    when there can be no such flow.
    """
    if not is_flow(state, one, other):
        raise ValueError(f"no flow of {state} from {one} to {other}")
    moved = moves(before, after, state)
    was, found = (moved[name].cat.codes.to_numpy() for name in ("from", "to"))
    fitting: Flags = was == found if one == other and one is not None else was != found
    for name, code in (("from", one), ("to", other)):
        if code is not None:
            fitting = fitting & (moved[name] == code).to_numpy()
    return fitting


def _until(points: Days | np.datetime64, days: Days) -> Days:
    """The days that had come by their point; NaT for later ones."""
    return np.where(days <= points, days, np.datetime64("NaT"))


def _where(exists: Flags, codes: pd.Categorical[str]) -> pd.Categorical[str]:
    """The codes of those who were there."""
    return pd.Categorical.from_codes(
        np.where(exists, codes.codes, -1).astype(np.int8), dtype=codes.dtype
    )


def _told(codes: pd.Categorical[str]) -> list[str | None]:
    names = [*codes.categories, None]
    return [names[code] for code in codes.codes]

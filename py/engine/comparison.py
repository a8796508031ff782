"""Two months of the base beside each other: who was where, who moved where, with what money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm.convert import currency_name
from engine.client_rows import CENTS
from engine.question import BadQuestion
from engine.snapshot import Snapshot
from segmentation.amounts import flow_amounts
from segmentation.past import GONE, NEW, STATES, end_of, flows, moves

A_YEAR_MONTHS = 12
USUAL_STATE = "lifecycle"
SUMS = ("earlier", "between")
"""What the clients of a flow had paid up to the earlier month, and have paid since."""

Sums = dict[str, list[list[Any]]]


def comparison(snapshot: Snapshot, order: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the clients of one month by another, ready for JSON.

    ``order`` has ``state`` (lifecycle or frequency), ``before`` and ``after`` (``YYYY-MM``); what
    is left out is the lifecycle, the last month and a year before it. ``stocks`` are the counts of
    both months by code, every one of ``flows`` has ``from``, ``to``, ``count`` and the ``SUMS`` as
    pairs of currency and amount; who stays flows from a code to itself. Raises BadQuestion.
    """
    state = str(order.get("state") or USUAL_STATE)
    if state not in STATES:
        raise BadQuestion(state=state[:40])
    months = snapshot.analysis.growth.months
    before = _month(months, order.get("before"), months[-1 - A_YEAR_MONTHS :][0])
    after = _month(months, order.get("after"), months[-1])
    moved = moves(snapshot.states_at(before), snapshot.states_at(after), state)
    told = flows(moved)
    sums = _sums(snapshot, moved, before, after)
    return {
        "state": state,
        "before": before,
        "after": after,
        "months": months,
        "as_of": snapshot.run.as_of,
        "codes": list(STATES[state]),
        "stocks": {"before": told["before"], "after": told["after"]},
        "flows": [
            {**flow, **sums.get((flow["from"], flow["to"]), {name: [] for name in SUMS})}
            for flow in told["flows"]
        ],
        "new": sum(flow["count"] for flow in told["flows"] if flow["from"] == NEW),
        "gone": sum(flow["count"] for flow in told["flows"] if flow["to"] == GONE),
    }


def _month(months: list[str], wanted: Any, usual: str) -> str:
    if wanted is None or wanted in months:
        return wanted or usual
    raise BadQuestion(month=str(wanted)[:40])


def _sums(
    snapshot: Snapshot, moved: pd.DataFrame, before: str, after: str
) -> dict[tuple[str, str], Sums]:
    """The money of every flow, by where it comes from and goes to."""
    ends = np.array([end_of(snapshot.analysis, month) for month in (before, after)])
    found: dict[tuple[str, str], Sums] = {}
    for row in flow_amounts(snapshot.payments, moved, ends):
        sums = found.setdefault((row["from"], row["to"]), {name: [] for name in SUMS})
        for name in SUMS:
            amount = round(row[name], CENTS)
            if amount:
                sums[name].append([currency_name(row["currency"]), amount])
    return found

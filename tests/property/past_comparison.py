"""The past as the rules tell it against the oracle's, client by client and month by month."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pandas as pd

from property.comparison import analysed
from property.oracle import Client, Oracle
from property.portals import Case, Pick
from segmentation import Analysis
from segmentation.past import flows, history, in_flow, in_segment, moves, states_at

MONTHS_LOOKED_AT = 5
"""A look at one client goes through all months, a look at all clients at so many."""

State = tuple[str | None, str | None]
"""Lifecycle and frequency; None for who was not there."""


def check_past(case: Case, pick: Pick) -> None:
    """Raises AssertionError where the two differ, or a count is not that of the growth."""
    analysis = analysed(case)
    oracle = Oracle(case.rows, case.now, case.timezone)
    clients = oracle.clients()
    keys = zip(analysis.clients["kind"], analysis.clients["id"], strict=True)
    in_order = [clients[key] for key in keys]
    expected = {
        month: [state(client, on, case.limits) for client in in_order]
        for month, on in zip(analysis.growth.months, oracle.month_ends(), strict=True)
    }
    months = analysis.growth.months
    for month in {pick(months) for _ in range(MONTHS_LOOKED_AT)}:
        states = states_at(analysis, month)
        assert told(states) == expected[month], month
        check_counts(analysis, states, months.index(month))
    check_now(analysis, states_at(analysis, months[-1]))
    for client in range(len(in_order)):
        found = history(analysis, client)
        assert found["months"] == months
        by_month = list(zip(found["lifecycle"], found["frequency"], strict=True))
        assert by_month == [states[client] for states in expected.values()]
    check_flows(analysis, expected, pick(months), pick(months))


def state(client: Client, on: date, limits: tuple[int, int]) -> State:
    """Where a client stood on a day."""
    if client.created > on:
        return None, None
    return client.lifecycle(on, *limits), client.frequency(on)


def told(states: pd.DataFrame) -> list[State]:
    columns = (states[name].astype(object) for name in ("lifecycle", "frequency"))
    lifecycle, frequency = (column.where(states["exists"], None) for column in columns)
    return list(zip(lifecycle, frequency, strict=True))


def check_counts(analysis: Analysis, states: pd.DataFrame, point: int) -> None:
    """In every segment there are as many as the growth counts at this point."""
    for mode, segments in analysis.growth.modes.items():
        for code, counts in segments.items():
            if mode > 1 or code == "companies":
                assert in_segment(states, mode, code).sum() == counts[point], (mode, code, point)


def check_now(analysis: Analysis, states: pd.DataFrame) -> None:
    """The last month says what is said of today."""
    assert states["exists"].all()
    known = list(states.columns.drop("exists"))
    pd.testing.assert_frame_equal(states[known], analysis.clients[known], check_exact=True)


def check_flows(analysis: Analysis, expected: dict[str, list[State]], one: str, other: str) -> None:
    """Every client is in one flow, and stock + in - out is stock."""
    before, after = states_at(analysis, one), states_at(analysis, other)
    for place, name in enumerate(("lifecycle", "frequency")):
        pairs = Counter(
            (was[place] or "new", now[place] or "gone")
            for was, now in zip(expected[one], expected[other], strict=True)
            if was[place] or now[place]
        )
        found = flows(moves(before, after, name))
        assert {(flow["from"], flow["to"]): flow["count"] for flow in found["flows"]} == pairs
        for code, stock in found["before"].items():
            came = sum(count for pair, count in pairs.items() if pair[1] == code != pair[0])
            left = sum(count for pair, count in pairs.items() if pair[0] == code != pair[1])
            assert stock + came - left == found["after"][code]
            assert stock == sum(states[place] == code for states in expected[one])
            assert in_flow(before, after, name, None, code).sum() == came
            assert in_flow(before, after, name, code, None).sum() == left
        behind = [in_flow(before, after, name, *pair) for pair in pairs]
        assert [int(those.sum()) for those in behind] == list(pairs.values())
        assert (np.sum(behind, axis=0) <= 1).all()

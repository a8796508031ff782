"""What lists tell of clients, and counts under other limits, against the oracle."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from property.comparison import analysed
from property.oracle import Key, Oracle, Row
from property.past_comparison import state
from property.portals import LIMITS, Case, Pick
from property.update_comparison import check_same
from segmentation import Analysis, Base, Limits
from segmentation.amounts import amounts, flow_amounts, with_amounts
from segmentation.history import empty
from segmentation.last_contact import last_contact_days
from segmentation.marks import wanted_marks
from segmentation.ownership import Ownership
from segmentation.past import moves, states_at
from segmentation.trial import Trial
from segmentation.update import relimited
from unit.segmentation.rows import base_of

AMOUNTS = (0.0, 0.25, 99.5, -3.0, 2.0**40)
"""Whose sums are exact."""
CURRENCIES = (0, 1, 2)


def check_list(case: Case, pick: Pick) -> None:
    """Raises AssertionError where amounts, last contacts or trials are other than they ought."""
    case = with_money(case, pick)
    oracle = Oracle(case.rows, case.now, case.timezone)
    base, analysis = with_money_of(base_of(case.rows), case), analysed(case)
    keys: list[Key] = list(zip(analysis.clients["kind"], analysis.clients["id"], strict=True))
    paid = with_amounts(base, analysis.payments)
    found = sorted(
        (
            *keys[row["client"]],
            row["document_type"],
            row["document"],
            row["amount"],
            row["currency"],
        )
        for row in paid.to_dict("records")
    )
    expected = sorted(
        (*key, *document, row["amount"], row["currency"])
        for key, client in oracle.clients().items()
        for _, *document in client.payments
        for row in [document_of(oracle, *document)]
    )
    assert found == expected
    check_totals(amounts(paid), keys, expected)
    ownership = Ownership.of(base.deduplicated())
    days = last_contact_days(base.deduplicated(), ownership, analysis.calendar).tolist()
    assert dict(zip(keys, days, strict=True)) == last_contacts(oracle, keys)
    check_trial(case, pick(LIMITS))
    check_flow_amounts(base, analysis, oracle, case.limits, pick)


def with_money(case: Case, pick: Pick) -> Case:
    """The portal with an amount and a currency in every document."""
    rows = {
        name: [{**row, "amount": pick(AMOUNTS), "currency": pick(CURRENCIES)} for row in table]
        if name in ("deals", "invoices")
        else table
        for name, table in case.rows.items()
    }
    return replace(case, rows=rows)


def with_money_of(base: Base, case: Case) -> Base:
    """The base with the columns of amounts."""
    types = {"amount": "float64", "currency": "int64"}
    deals, invoices = (
        getattr(base, name).assign(
            **{
                column: pd.Series([row[column] for row in case.rows[name]], dtype=dtype)
                for column, dtype in types.items()
            }
        )
        for name in ("deals", "invoices")
    )
    return replace(base, deals=deals, invoices=invoices)


def document_of(oracle: Oracle, entity: int, id: int) -> Row:
    return oracle.deals[id] if entity == 2 else oracle.invoices[entity, id]


def check_totals(found: pd.DataFrame, keys: list[Key], payments: list[tuple]) -> None:
    """Every client has one sum per currency that it paid in."""
    totals: dict[tuple[Key, int], float] = {}
    for kind, id, _, _, amount, currency in payments:
        totals[(kind, id), currency] = totals.get(((kind, id), currency), 0.0) + amount
    said = [
        ((keys[row["client"]], row["currency"]), row["amount"]) for row in found.to_dict("records")
    ]
    assert dict(said) == totals
    assert len(said) == len(totals)
    pairs = list(zip(found["client"], found["currency"], strict=True))
    assert pairs == sorted(pairs)


def last_contacts(oracle: Oracle, keys: list[Key]) -> dict[Key, object]:
    """The day of every client's latest activity; None where it has none with a date."""
    days: dict[Key, list] = {key: [] for key in keys}
    for activity in oracle.activities.values():
        if activity["created"]:
            for key in filter(None, oracle.of_activity(activity)):
                days[key].append(oracle.day(activity["created"]))
    return {key: max(found, default=None) for key, found in days.items()}


def check_trial(case: Case, limits: tuple[int, int]) -> None:
    """A trial counts what a look with these limits counts."""
    analysis, other = analysed(case), analysed(replace(case, limits=limits))
    tried = Trial.of(base_of(case.rows), analysis, empty())
    found = tried.told(Limits(*limits))
    assert (found["active_months"], found["dormant_months"]) == limits
    assert found["months"] == other.growth.months
    assert found["growth"] == {
        code: counts.tolist() for code, counts in other.growth.modes[3].items()
    }
    assert found["lifecycle"] == other.clients["lifecycle"].value_counts().to_dict()
    check_same(relimited(analysis, Limits(*limits)), other)
    was, became = analysis.clients["lifecycle"], other.clients["lifecycle"]
    moved = Counter(zip(was[was != became], became[was != became], strict=True))
    assert {(move["from"], move["to"]): move["count"] for move in found["moves"]} == moved
    assert found["clients"] == sum(moved.values())
    marks = [wanted_marks(base_of(case.rows), each) for each in (analysis, other)]
    assert found["cards"] == sum(
        int((one["mark_lifecycle"] != two["mark_lifecycle"]).sum())
        for one, two in zip(*(each.values() for each in marks), strict=True)
    )


def check_flow_amounts(
    base: Base, analysis: Analysis, oracle: Oracle, limits: tuple[int, int], pick: Pick
) -> None:
    """The money of every flow is what its clients had paid, and have paid since."""
    ends = dict(zip(analysis.growth.months, oracle.month_ends(), strict=True))
    before, after = pick(list(ends)), pick(list(ends))
    first, last = sorted((ends[before], ends[after]))
    paid = with_amounts(base, analysis.payments)
    for place, name in enumerate(("lifecycle", "frequency")):
        expected: dict[tuple, list[float]] = {}
        for client in oracle.clients().values():
            was, now = (state(client, ends[month], limits)[place] for month in (before, after))
            for day, *document in client.payments:
                if day <= last and (was or now):
                    row = document_of(oracle, *document)
                    flow = (was or "new", now or "gone", row["currency"])
                    sums = expected.setdefault(flow, [0.0, 0.0])
                    sums[day > first] += row["amount"]
        moved = moves(states_at(analysis, before), states_at(analysis, after), name)
        told = flow_amounts(paid, moved, np.array([first, last], "datetime64[D]"))
        assert json.loads(json.dumps(told)) == told
        found = {
            (flow["from"], flow["to"], flow["currency"]): [flow["earlier"], flow["between"]]
            for flow in told
        }
        assert found == expected

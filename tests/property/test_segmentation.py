"""The rules against the brute-force oracle, on portals full of edges."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from property.comparison import analysed, check_case
from property.oracle import Oracle, Row, Rows
from property.portals import Case, any_case
from segmentation.types import KEYS

pytestmark = pytest.mark.thorough

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "120"))
"""How many portals each property is tried on; a long run takes 5,000 and more."""

thorough = settings(max_examples=EXAMPLES)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    return any_case(lambda options: draw(st.sampled_from(options)))


@thorough
@given(cases())
def test_every_client_payment_and_point_is_as_the_oracle_says(case: Case) -> None:
    check_case(case)


@thorough
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(case: Case, chance: random.Random) -> None:
    once = rows_once(case.rows)
    shuffled = {table: chance.sample(rows, len(rows)) for table, rows in once.items()}
    one, other = analysed(replace(case, rows=once)), analysed(replace(case, rows=shuffled))
    assert one.clients.equals(other.clients)
    assert one.payments.equals(other.payments)
    assert one.counters == other.counters


@thorough
@given(cases())
def test_rows_read_twice_change_nothing(case: Case) -> None:
    twice = {table: [*rows, *rows] for table, rows in case.rows.items()}
    one, other = analysed(case), analysed(replace(case, rows=twice))
    assert one.clients.equals(other.clients)
    assert one.payments.equals(other.payments)
    assert one.counters == other.counters


@thorough
@given(cases(), st.data())
def test_modes_3_and_4_are_what_a_look_at_that_day_would_have_said(
    case: Case, data: st.DataObject
) -> None:
    growth = analysed(case).growth
    point = data.draw(st.integers(0, len(growth.months) - 1))
    day: date = growth.days[point].item()
    evening = datetime.combine(day, time(23, 59, 59), tzinfo=case.timezone)
    then = analysed(replace(case, rows=rows_as_of(case, day), now=evening))
    for mode in (3, 4):
        found = {code: counts[point] for code, counts in growth.modes[mode].items()}
        assert found == then.counters[mode]


def rows_once(rows: Rows) -> Rows:
    """Every object once, the last of its rows."""
    return {
        table: list({tuple(row[key] for key in KEYS[table]): row for row in found}.values())
        for table, found in rows.items()
    }


def rows_as_of(case: Case, day: date) -> Rows:
    """The portal as it was in the evening of a day, had its bindings been those of today.

    Clients that came later are not there and nothing belongs to them; what was paid later is not
    paid yet. What has no date stays where the history of today puts it.
    """
    rows = rows_once(case.rows)
    oracle = Oracle(rows, case.now, case.timezone)
    clients = oracle.clients()
    there = {key for key, client in clients.items() if client.created <= day}
    paid = {
        (document_type, id)
        for client in clients.values()
        for paid_on, document_type, id in client.payments
        if paid_on <= day
    }
    start = datetime.combine(oracle.first_day, time(12), tzinfo=case.timezone)

    def dated(row: Row) -> Row:
        return row | {"created": row["created"] or start}

    def document(row: Row) -> Row:
        belongs = oracle.of_document(row) in there
        return dated(row) if belongs else dated(row) | {"company": 0, "contact": 0}

    def is_won(deal: Row) -> bool:
        of_nobody = oracle.of_document(deal) is None
        return deal["won"] and (of_nobody or (2, deal["id"]) in paid)

    won = {deal["id"] for deal in rows["deals"] if is_won(deal)}

    def is_paid(invoice: Row) -> bool:
        own = (invoice["kind"], invoice["id"]) in paid
        return invoice["paid"] and (own or invoice["deal"] in won)

    return rows | {
        "companies": [dated(row) for row in rows["companies"] if ("b2b", row["id"]) in there],
        "contacts": [
            dated(row) for row in rows["contacts"] if oracle.of_contact(row["id"]) in there
        ],
        "deals": [document(row) | {"won": row["id"] in won} for row in rows["deals"]],
        "invoices": [document(row) | {"paid": is_paid(row)} for row in rows["invoices"]],
    }

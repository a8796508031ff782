"""The rules against the oracle, down to every client, payment and point."""

from __future__ import annotations

from typing import Any

import pandas as pd

from property.oracle import Answer, Oracle
from property.portals import Case
from segmentation import Analysis, Limits, analyse
from segmentation.counters import check_conservation
from unit.segmentation.rows import base_of


def check_case(case: Case) -> None:
    """Raises AssertionError (or ValueError, for conservation) where the two differ."""
    analysis = analysed(case)
    active_months, dormant_months = case.limits
    oracle = Oracle(case.rows, case.now, case.timezone)
    answer = oracle.answer(active_months, dormant_months)
    check_growth(analysis, answer)
    check_clients(analysis, answer, oracle, case.limits)
    check_payments(analysis, answer)
    check_conservation(analysis.growth)


def analysed(case: Case) -> Analysis:
    """What the rules say of a case."""
    return analyse(base_of(case.rows), case.now, case.timezone, Limits(*case.limits))


def check_growth(analysis: Analysis, answer: Answer) -> None:
    growth = analysis.growth
    assert growth.months == answer.months
    points = {
        mode: {code: counts.tolist() for code, counts in segments.items()}
        for mode, segments in growth.modes.items()
    }
    assert points == answer.modes
    last = {
        mode: {code: counts[-1] for code, counts in segments.items()}
        for mode, segments in answer.modes.items()
    }
    assert analysis.counters == last


def check_clients(
    analysis: Analysis, answer: Answer, oracle: Oracle, limits: tuple[int, int]
) -> None:
    def day(moment: Any) -> Any:
        return None if pd.isna(moment) else moment.date()

    columns = analysis.clients.columns
    said = {
        (row["kind"], row["id"]): {
            name: day(row[name]) if name.endswith("_day") else row[name] for name in columns
        }
        for row in analysis.clients.to_dict("records")
    }
    expected = {}
    for (kind, id), client in answer.clients.items():
        days = [paid for paid, _, _ in client.payments]
        expected[kind, id] = {
            "kind": kind,
            "id": id,
            "created_day": client.created,
            "with_contacts": client.with_contacts,
            "payments": len(days),
            "first_payment_day": min(days, default=None),
            "last_payment_day": max(days, default=None),
            "first_request_day": min(client.requests, default=None),
            "has_dialogs": client.has_dialogs,
            "has_contact_data": client.has_contact_data,
            "lifecycle": client.lifecycle(oracle.today, *limits),
            "frequency": client.frequency(oracle.today),
        }
    assert said == expected


def check_payments(analysis: Analysis, answer: Answer) -> None:
    keys = list(zip(analysis.clients["kind"], analysis.clients["id"], strict=True))
    said = sorted(
        (*keys[row["client"]], row["day"].date(), row["document_type"], row["document"])
        for row in analysis.payments.to_dict("records")
    )
    expected = sorted(
        (*key, *payment) for key, client in answer.clients.items() for payment in client.payments
    )
    assert said == expected

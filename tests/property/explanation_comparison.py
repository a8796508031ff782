"""Explanations against the oracle: the evidence is what a portal holds, and the segments, the days
of change and what would change them follow from it.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from property.comparison import analysed
from property.oracle import Client, Key, Oracle, Row
from property.portals import Case, Pick
from segmentation.explanation import explain, replay
from unit.segmentation.rows import base_of

Document = tuple[int, int, str, bool, str, int]
"""Entity, id, day, whether paid, role, and the deal it is a part of."""


def check_explanations(case: Case, pick: Pick) -> None:
    """Raises AssertionError where an explanation is not what the oracle says."""
    base, analysis = base_of(case.rows), analysed(case)
    oracle = Oracle(case.rows, case.now, case.timezone)
    clients = oracle.clients()
    for number, key in enumerate(
        zip(analysis.clients["kind"], analysis.clients["id"], strict=True)
    ):
        client = clients[key]
        expected = {
            "type": key[0],
            "with_contacts": client.with_contacts,
            "lifecycle": client.lifecycle(oracle.today, *case.limits),
            "frequency": client.frequency(oracle.today),
        }
        found = explain(base, analysis, number)
        assert json.loads(json.dumps(found)) == found
        assert (found["kind"], found["id"]) == key
        assert {name: found[name] for name in expected} == expected
        assert replay(found) == expected
        documents = documents_of(oracle, key, client)
        check_documents(found, documents)
        assert sum(found["dialogs"].values()) == dialogs_of(oracle, key)
        assert sum(found["contact_data"].values()) == contact_data_of(oracle, key)
        assert found["changes"] == changes_of(client, oracle.today, case.limits)
        assert found["would_change"] == would_change(client, oracle.today, case.limits)
        few = explain(base, analysis, number, documents_told=pick((2, 3)))
        assert replay(few) == expected
        assert few["documents_total"] == len(documents)
        assert few["reasons"] == found["reasons"]


def check_documents(found: dict[str, Any], expected: list[Document]) -> None:
    names = ("entity", "id", "day", "paid", "role", "deal")
    told = [tuple(document[name] for name in names) for document in found["documents"]]
    assert sorted(told) == sorted(expected)
    days = [document["day"] for document in found["documents"]]
    assert days == sorted(days, reverse=True)
    for document in found["documents"]:
        parts = [part["day"] for part in found["documents"] if part["deal"] == document["id"]]
        if document["entity"] == 2 and parts:
            assert document["role"] == "payment"
            assert document["day"] >= max(parts)


def documents_of(oracle: Oracle, key: Key, client: Client) -> list[Document]:
    """Every document of a client with its role, and invoices that are paid for its won deals."""
    payments = {(entity, id): day for day, entity, id in client.payments}
    found: list[Document] = [
        (entity, id, str(day), True, "payment", 0) for (entity, id), day in payments.items()
    ]
    documents: dict[tuple[int, int], Row] = {(2, id): row for id, row in oracle.deals.items()}
    for (entity, id), row in {**documents, **oracle.invoices}.items():
        is_paid = entity != 2 and row["paid"]
        if (entity, id) in payments:
            continue
        if is_paid and (2, row["deal"]) in payments:
            day = oracle.day(row["paid_at"], row["created"])
            found.append((entity, id, str(day), True, "part_of_payment", row["deal"]))
        elif oracle.of_document(row) == key:
            found.append((entity, id, str(oracle.day(row["created"])), is_paid, "request", 0))
    return found


def dialogs_of(oracle: Oracle, key: Key) -> int:
    """How many activities and chats count for a client, each once."""
    activities = sum(key in oracle.of_activity(row) for row in oracle.activities.values())
    return activities + sum(owner == key for owner in oracle.owners("has_chat", True))


def contact_data_of(oracle: Oracle, key: Key) -> int:
    """How many flags, requisites and bound contacts a client has."""
    bound = sum(key == ("b2b", company) for found in oracle.bound.values() for company in found)
    return bound + sum(owner == key for owner in oracle.with_contact_data())


def changes_of(client: Client, today: date, limits: tuple[int, int]) -> list[dict[str, str]]:
    """The stages that a client would be seen in by looking at it every day from now on."""
    if not client.payments:
        return []
    found, stage = [], client.lifecycle(today, *limits)
    for days in range(1, 31 * limits[1] + 40):
        day = today + timedelta(days=days)
        if client.lifecycle(day, *limits) != stage:
            stage = client.lifecycle(day, *limits)
            found.append({"day": str(day), "to": stage})
    return found


def would_change(client: Client, today: date, limits: tuple[int, int]) -> list[str]:
    """What would put a client in another stage or frequency if it happened today."""
    acts = {
        "payment": {"payments": [*client.payments, (today, 2, 0)]},
        "request": {"requests": [*client.requests, today]},
        "dialog": {"has_dialogs": True},
        "contact_data": {"has_contact_data": True},
    }

    def segments(client: Client) -> tuple[str, str]:
        return client.lifecycle(today, *limits), client.frequency(today)

    return [
        act
        for act, values in acts.items()
        if segments(Client(**{**vars(client), **values})) != segments(client)
    ]

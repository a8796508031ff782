"""All that is known of one client: why it is in its segments, how it got there, what it paid, whom
to call (spec §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm.convert import currency_name
from engine.client_rows import CENTS, COLUMNS, ENTITIES
from engine.listing import Listing
from engine.question import BadQuestion, NoAnswer
from engine.search import Rows
from engine.snapshot import Snapshot
from segmentation.explanation import explain
from segmentation.ownership import Ownership, bound_contacts
from segmentation.past import history, payments_of_client
from segmentation.types import KINDS, Base

MOST_PAYMENTS = 500
MOST_CONTACTS = 200
"""The newest payments, the first contacts; more are only counted."""
LONGEST_ID = 20
"""Signs of an id that are looked at."""


def client_facts(snapshot: Snapshot, listing: Listing, order: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of a company or a contact, ready for JSON; ``order`` has ``entity`` (or
    ``kind``) and ``id``. A company contact is told as its company, ``asked`` as what it is.

    ``explanation`` and ``history`` are those of ``segmentation``; ``row`` and ``contacts`` are rows
    of the list with its ``columns``. Raises BadQuestion and NoAnswer.
    """
    base = snapshot.base.as_base()
    ownership = Ownership.of(base)
    asked = _row_of(ownership, order)
    companies = len(ownership.company_ids)
    client = asked if asked < companies else int(ownership.contact_clients[asked - companies])
    row = asked if client >= companies else client
    contacts = _contacts_of(base, ownership, client)
    return {
        "explanation": explain(base, snapshot.analysis, client),
        "history": history(snapshot.analysis, client),
        **_paid(snapshot, client),
        "columns": list(COLUMNS),
        "row": listing.cells(np.array([row]))[0],
        "asked": listing.cells(np.array([asked]))[0],
        "contacts": [
            dict(zip(COLUMNS, cells, strict=True))
            for cells in listing.cells(contacts[:MOST_CONTACTS])
        ],
        "contacts_total": len(contacts),
    }


def asked_client(order: Mapping[str, Any]) -> tuple[str, int]:
    """The entity and the id of whom an order is about. Raises BadQuestion."""
    entity = order.get("entity") or dict(zip(KINDS, ENTITIES, strict=True)).get(
        str(order.get("kind"))
    )
    if entity not in ENTITIES:
        raise BadQuestion(entity=str(entity)[:40])
    try:
        return str(entity), int(str(order.get("id"))[:LONGEST_ID])
    except ValueError:
        raise BadQuestion(id=str(order.get("id"))[:40]) from None


def _row_of(ownership: Ownership, order: Mapping[str, Any]) -> int:
    entity, number = asked_client(order)
    is_company = entity == ENTITIES[0]
    ids = ownership.company_ids if is_company else ownership.contact_ids
    row = int(ids.get_indexer(pd.Index([number]))[0]) if abs(number) < 2**63 else -1
    if row < 0:
        raise NoAnswer("client_gone")
    return row if is_company else len(ownership.company_ids) + row


def _contacts_of(base: Base, ownership: Ownership, client: int) -> Rows:
    """Rows of the contacts that are bound to a company; they may count for another one."""
    companies = len(ownership.company_ids)
    if client >= companies:
        return np.array([], np.intp)
    is_bound = bound_contacts(base, int(ownership.company_ids[client]))
    return companies + np.flatnonzero(is_bound)


def _paid(snapshot: Snapshot, client: int) -> dict[str, Any]:
    """The newest payments, how many there are, and the sums of all by currency."""
    payments = payments_of_client(snapshot.payments, client).iloc[::-1]
    sums = payments.groupby("currency")["amount"].sum()
    told = payments.head(MOST_PAYMENTS)
    return {
        "payments": [
            {
                "day": str(day),
                "entity": entity,
                "id": document,
                "amount": round(amount, CENTS),
                "currency": currency_name(currency),
            }
            for day, entity, document, amount, currency in zip(
                told["day"].to_numpy().astype("datetime64[D]"),
                told["document_type"].tolist(),
                told["document"].tolist(),
                told["amount"].tolist(),
                told["currency"].tolist(),
                strict=True,
            )
        ],
        "payments_total": len(payments),
        "amounts": [
            [currency_name(currency), round(amount, CENTS)]
            for currency, amount in zip(sums.index.tolist(), sums.tolist(), strict=True)
        ],
    }

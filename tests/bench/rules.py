"""Classification and growth over a made-up base, natively; Pyodide takes 2 to 3.5 times that."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd

from bench.table import Table
from segmentation import analyse
from segmentation.types import MOMENT, SCHEMA, Base

SIZES = ((85_000, 250_000), (1_000_000, 3_000_000))
HISTORY_S = 10 * 365 * 86_400


def measure(options: argparse.Namespace) -> Table:
    """Best of three, seconds of all rules from tables to counters and 120 months of growth."""
    table = Table(("clients", "documents", "seconds"))
    for clients, documents in SIZES:
        base, now = made_up_base(clients, documents, options.seed)
        spent = []
        for _ in range(3):
            started = time.perf_counter()
            analyse(base, now, timezone(timedelta(hours=3)))
            spent.append(time.perf_counter() - started)
        table.add(clients, documents, min(spent))
    return table


def made_up_base(clients: int, documents: int, seed: int) -> tuple[Base, datetime]:
    """Half companies, half contacts, a third of these bound; three documents to two deals and one
    invoice.
    """
    random = np.random.default_rng(seed)
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    end_s = int(now.timestamp())

    def moments(count: int) -> np.ndarray:
        return (end_s - random.integers(0, HISTORY_S, count)).astype(MOMENT)

    def flags(count: int, share: float) -> np.ndarray:
        return random.random(count) < share

    half = clients // 2
    people = half + half // 2
    ids = {"companies": np.arange(1, half + 1) * 3, "contacts": np.arange(1, people + 1) * 2}
    company_of = np.where(flags(people, 1 / 3), random.choice(ids["companies"], people), 0)
    deals, invoices = documents * 3 // 5, documents * 2 // 5
    person = {"has_contact_data": 0.8, "has_chat": 0.1}
    tables: dict[str, dict[str, np.ndarray]] = {
        "companies": {
            "id": ids["companies"],
            "created": moments(half),
            "lead": np.zeros(half, "int64"),
            "created_by": random.integers(1, 40, half),
        }
        | {name: flags(half, share) for name, share in person.items()},
        "contacts": {"id": ids["contacts"], "created": moments(people), "company": company_of}
        | {"lead": np.zeros(people, "int64"), "created_by": random.integers(1, 40, people)}
        | {name: flags(people, share) for name, share in person.items()},
        "links": {
            "contact": ids["contacts"][company_of > 0],
            "company": company_of[company_of > 0],
        },
        "deals": {
            "id": np.arange(1, deals + 1),
            "created": moments(deals),
            "company": np.where(flags(deals, 0.6), random.choice(ids["companies"], deals), 0),
            "contact": random.choice(ids["contacts"], deals),
            "won": flags(deals, 0.5),
            "closed": moments(deals),
        },
        "invoices": {
            "id": np.arange(1, invoices + 1),
            "kind": np.full(invoices, 31),
            "created": moments(invoices),
            "company": random.choice(ids["companies"], invoices),
            "contact": np.zeros(invoices, "int64"),
            "deal": np.where(flags(invoices, 0.7), random.integers(1, deals + 1, invoices), 0),
            "paid": flags(invoices, 0.6),
            "paid_at": moments(invoices),
        },
        "activities": {
            "id": np.arange(1, clients + 1),
            "created": moments(clients),
            "owner_type": random.choice([2, 3, 4], clients),
            "owner": random.integers(1, clients, clients),
        },
        "requisites": {
            "id": np.arange(1, half + 1),
            "created": moments(half),
            "owner_type": np.full(half, 4),
            "owner": ids["companies"],
        },
    }
    frames = {
        name: pd.DataFrame(columns)[list(SCHEMA[name])].astype(SCHEMA[name])
        for name, columns in tables.items()
    }
    return Base(**frames), now

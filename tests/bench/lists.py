"""Lists of 85,000 clients with names and phones, natively; Pyodide takes 2 to 3.5 times that."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd

from bench.rules import made_up_base
from bench.table import Table
from crm.convert import currency_code
from crm.tables import MARK_COLUMNS, TABLES
from engine.base import PortalBase
from engine.client_facts import client_facts
from engine.client_rows import listing_of
from engine.listing import Listing
from engine.question import Question
from engine.separated import separated
from engine.sheet import fields_of, rows_of
from engine.snapshot import Snapshot
from engine.workbook import workbook
from segmentation import analyse
from storage.records import Run

SCREEN_ROWS = 50
QUESTIONS: dict[str, dict[str, Any]] = {
    "search: one letter": {"search": "а"},
    "search: two words": {"search": "ветер ромашка"},
    "search: a phone": {"search": "+7 (912) 345-67-89"},
    "search, sorted by name": {"search": "ветер", "sort": [["name", False]]},
    "all, sorted by two columns": {"sort": [["lifecycle", False], ["amount", True]]},
    "three column filters": {
        "filters": {"amount": {"from": 1000}, "kind": ["b2b"], "name": "ветер"}
    },
    "a segment two years ago": {"segment": {"mode": 3, "code": "lost", "month": "2024-05"}},
}
_NOUNS = ("Ромашка", "Вектор", "Строй", "Альфа", "Мегаполис", "Северный", "Ветер", "Логистика")


def measure(options: argparse.Namespace) -> Table:
    """Best of three, milliseconds from the question to the rows on screen."""
    table = Table(("clients", "what", "rows", "ms"))
    snapshot = made_up_snapshot(options.clients, options.seed)
    clients = len(snapshot.analysis.clients)
    listing, spent_ms = _best_of_three(lambda: listing_of(snapshot, {}))
    table.add(clients, "the list is made", clients, spent_ms)
    for name, facts in QUESTIONS.items():
        question = Question.read({**facts, "count": SCREEN_ROWS})
        found, spent_ms = _best_of_three(lambda asked=question: _on_screen(listing, asked))
        table.add(clients, name, found, spent_ms)
    company = int(snapshot.base.tables["companies"]["id"].iloc[-1])
    order = {"entity": "company", "id": company}
    _, spent_ms = _best_of_three(lambda: client_facts(snapshot, listing, order))
    table.add(clients, "a client's panel", 1, spent_ms)
    rows = listing.find(Question.read({})).rows
    fields = fields_of(listing, {}, {})
    for make in (workbook, separated):
        started = time.perf_counter()
        asyncio.run(make(fields, rows_of(fields, rows)))
        table.add(clients, f"export: {make.__name__}", len(rows), _ms_since(started))
    return table


def _on_screen(listing: Listing, question: Question) -> int:
    listing.forget()
    found = listing.find(question).rows
    listing.cells(found[question.first : question.first + question.count])
    return len(found)


def _best_of_three(work: Callable[[], Any]) -> tuple[Any, float]:
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        result = work()
        spent.append(_ms_since(started))
    return result, min(spent)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def made_up_snapshot(clients: int, seed: int) -> Snapshot:
    """The base of the benchmark of the rules, with amounts and cards."""
    base, now = made_up_base(clients, clients * 3, seed)
    random = np.random.default_rng(seed)
    tables: dict[str, pd.DataFrame] = {}
    for name in ("companies", "contacts"):
        marks = {
            mark: np.zeros(len(getattr(base, name)), kind) for mark, kind in MARK_COLUMNS.items()
        }
        modified = getattr(base, name)["created"]
        tables[name] = getattr(base, name).assign(**marks, modified=modified)
        cards = "company_cards" if name == "companies" else "contact_cards"
        tables[cards] = _cards(tables[name]["id"].to_numpy(), random)
    for name in ("deals", "invoices"):
        rows = getattr(base, name)
        currencies = np.array([currency_code(each) for each in ("RUB", "RUB", "RUB", "USD")])
        tables[name] = rows.assign(
            amount=random.random(len(rows)) * 1e5, currency=random.choice(currencies, len(rows))
        )
    inns = [f"77{number:08d}" for number in range(len(base.requisites))]
    tables["requisites"] = base.requisites.assign(inn=pd.array(inns, dtype="str"))
    tables |= {"links": base.links, "activities": base.activities}
    portal = PortalBase({name: tables[name][list(columns)] for name, columns in TABLES.items()})
    moscow = timezone(timedelta(hours=3))
    as_of = now.astimezone(moscow).isoformat()
    return Snapshot(Run(1, as_of, as_of, ()), portal, analyse(portal.as_base(), now, moscow))


def _cards(ids: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    count = len(ids)
    first, second = (random.choice(_NOUNS, count).tolist() for _ in range(2))
    numbers = random.integers(10**8, 10**9, count).tolist()
    texts = {
        "name": [
            f"ООО «{a} {b}» {n % 997}" for a, b, n in zip(first, second, numbers, strict=True)
        ],
        "phones": [
            f"+7 (9{n % 90 + 10}) {str(n)[:3]}-{str(n)[3:5]}-{str(n)[5:7]}" for n in numbers
        ],
        "emails": [f"user{n}@example.ru" for n in numbers],
        "sites": [f"https://site{n}.ru" if n % 3 == 0 else "" for n in numbers],
    }
    columns = {name: pd.array(values, dtype="str") for name, values in texts.items()}
    return pd.DataFrame({"id": ids, **columns, "responsible": random.integers(1, 40, count)})

"""Lists of 85,000 clients: the engine natively, on made-up rows, then the whole in Chromium."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd

from bench import lists_in_chromium
from bench.rules import made_up_base
from bench.table import Table
from crm.convert import currency_code
from crm.tables import MARK_COLUMNS, TABLES
from engine.base import PortalBase
from engine.client_facts import client_facts
from engine.client_rows import listing_of
from engine.comparison import comparison
from engine.listing import Listing
from engine.question import Question
from engine.separated import separated
from engine.sheet import fields_of, rows_of
from engine.snapshot import Snapshot
from engine.workbook import workbook
from segmentation import analyse
from storage.records import Run

WHERE = "natively"
SCREEN_ROWS = 60
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
    "a flow between two months": {
        "segment": {
            "state": "lifecycle",
            "before": "2024-05",
            "after": "2025-05",
            "from": "dormant",
            "to": "lost",
        }
    },
}
COMPARED = ("before", "after")
_NOUNS = ("Ромашка", "Вектор", "Строй", "Альфа", "Мегаполис", "Северный", "Ветер", "Логистика")


def measure(options: argparse.Namespace) -> Table:
    """Median and worst of five, milliseconds from the question to the rows on screen."""
    table = Table(("where", "what", "rows", "median, ms", "worst, ms"))
    _measure_natively(options, table)
    lists_in_chromium.measure(options, table)
    return table


def _measure_natively(options: argparse.Namespace, table: Table) -> None:
    snapshot = made_up_snapshot(options.clients, options.seed)
    clients = len(snapshot.analysis.clients)
    listing = listing_of(snapshot, {})
    table.add(WHERE, "the list is made", clients, *_spent_ms(lambda: listing_of(snapshot, {})))
    for name, facts in QUESTIONS.items():
        question = Question.read({**facts, "count": SCREEN_ROWS})
        spent_ms = _spent_ms(lambda asked=question: _on_screen(listing, asked))
        table.add(WHERE, name, len(listing.find(question).rows), *spent_ms)
    company = int(snapshot.base.tables["companies"]["id"].iloc[-1])
    order = {"entity": "company", "id": company}
    spent_ms = _spent_ms(lambda: client_facts(snapshot, listing, order))
    table.add(WHERE, "a client's panel", 1, *spent_ms)
    months = iter(snapshot.analysis.growth.months)
    pairs = iter(zip(months, months, strict=False))
    spent_ms = _spent_ms(
        lambda: comparison(snapshot, dict(zip(COMPARED, next(pairs), strict=True)))
    )
    table.add(WHERE, "two months that nobody has looked at", clients, *spent_ms)
    rows = listing.find(Question.read({})).rows
    fields = fields_of(listing, {}, {})
    for make in (workbook, separated):
        spent_ms = _spent_ms(lambda made=make: asyncio.run(made(fields, rows_of(fields, rows))), 1)
        table.add(WHERE, f"export: {make.__name__}", len(rows), *spent_ms)


def _on_screen(listing: Listing, question: Question) -> None:
    listing.forget()
    found = listing.find(question).rows
    listing.cells(found[question.first : question.first + question.count])


def _spent_ms(work: Callable[[], Any], times: int = 5) -> tuple[float, float]:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent), max(spent)


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

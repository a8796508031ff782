"""Portals to read in the tests: seeded rows in the REST's own forms, and the tables that are to
come of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd

from crm.tables import TABLES
from unit.crm.fake_portal import FakePortal, Limits, Table
from unit.crm.virtual_time import EPOCH_S

DAY_S = 86400
ZONE = timezone(timedelta(hours=3))
NOW_S = EPOCH_S

ID_AND_DATE = {
    "crm.company.list": ("ID", "DATE_CREATE"),
    "crm.contact.list": ("ID", "DATE_CREATE"),
    "crm.item.list/3": ("id", "createdTime"),
    "crm.deal.list": ("ID", "DATE_CREATE"),
    "crm.item.list/31": ("id", "createdTime"),
    "crm.invoice.list": ("ID", "DATE_INSERT"),
    "crm.activity.list": ("ID", "CREATED"),
    "crm.requisite.list": ("ID", "DATE_CREATE"),
}


RUB, USD, EUR = 0x525542, 0x555344, 0x455552
NO_MARKS = (0, -1, -1, -1, None, -1, -1, -1)
"""The columns of marks that nobody has written."""


@dataclass
class Ids:
    """Ids and creation moments of one table, in the order of ids."""

    ids: list[int] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)


def steady(count: int, days: int, seed: int, *, sparse: float = 0.0, shuffled: bool = False) -> Ids:
    """``count`` rows over the last ``days``; ``sparse`` is the share of ids that are gone;
    ``shuffled`` takes the dates out of the order of ids, as an import from another system does."""
    random = np.random.default_rng(seed)
    moments = np.sort(random.integers(NOW_S - days * DAY_S, NOW_S, count))
    if shuffled:
        random.shuffle(moments)
    steps = random.geometric(1 - sparse, count) if sparse else np.ones(count, np.int64)
    return Ids(np.cumsum(steps).tolist(), moments.tolist())


def imported(count: int, at_s: int, before: Ids, after: Ids) -> Ids:
    """``count`` rows that were all made within the hour after ``at_s``, between those before and
    those after.
    """
    earlier = [at for at in before.moments if at < at_s]
    later = [at for at in after.moments if at > at_s + 3600]
    moments = earlier + [at_s + 3600 * i // count for i in range(count)] + later
    return Ids(list(range(1, len(moments) + 1)), moments)


def midnight_s(unix_s: int) -> int:
    """The first moment of the portal's day in which a moment lies."""
    day = datetime.fromtimestamp(unix_s, ZONE).replace(hour=0, minute=0, second=0)
    return int(day.timestamp())


def iso(unix_s: int) -> str:
    """As the portal writes a moment."""
    return datetime.fromtimestamp(unix_s, ZONE).isoformat()


def _row(name: str, number: int, at_s: int) -> dict[str, Any]:
    """A row whose fields follow from its id, so that what came of it can be told without the
    converter.
    """
    if name == "crm.company.list":
        site = [{"VALUE": "example.com", "VALUE_TYPE": "WORK"}] if number % 7 == 0 else None
        name = {"TITLE": f" Ромашка\t{number % 4} " if number % 4 else None}
        return _client(number, at_s) | name | {"WEB": site, "LEAD_ID": str(number % 9)}
    if name == "crm.contact.list":
        company = str(number % 5 * 3) if number % 5 else None
        name = {"LAST_NAME": "Ким", "NAME": str(number % 3), "SECOND_NAME": "" if number % 2 else 7}
        return _client(number, at_s) | name | {"COMPANY_ID": company}
    if name == "crm.item.list/3":
        return {
            "companyIds": [number % 5 * 3, 1000 + number] if number % 3 == 0 else [number % 5 * 3]
        }
    if name == "crm.deal.list":
        return {
            "COMPANY_ID": str(number % 11),
            "CONTACT_ID": str(number % 4),
            "STAGE_SEMANTIC_ID": "PSF"[number % 3],
            "IS_RECURRING": "Y" if number % 50 == 0 else "N",
            "CLOSEDATE": iso(at_s + DAY_S) if number % 6 else "",
            "MOVED_TIME": iso(at_s + 2 * DAY_S),
            "OPPORTUNITY": f"{number % 100}.50" if number % 9 else None,
            "CURRENCY_ID": ("RUB", "USD", "")[number % 3],
        }
    if name == "crm.item.list/31":
        return {
            "companyId": number % 11,
            "contactId": number % 4 or None,
            "parentId2": number % 8,
            "stageId": "DT31_1:P" if number % 3 else "DT31_1:N",
            "movedTime": iso(at_s + DAY_S),
            "opportunity": number % 100 + 0.25,
            "currencyId": "RUB",
        }
    if name == "crm.invoice.list":
        return {
            "UF_COMPANY_ID": str(number % 11),
            "UF_CONTACT_ID": "",
            "UF_DEAL_ID": str(number % 8),
            "PAYED": "YN"[number % 2],
            "DATE_PAYED": iso(at_s + DAY_S) if number % 4 else "",
            "PRICE": str(number),
            "CURRENCY": "EUR",
        }
    if name == "crm.activity.list":
        return {"OWNER_ID": str(number % 13), "OWNER_TYPE_ID": str(number % 4 + 1)}
    owner = {"ENTITY_TYPE_ID": str(number % 2 + 3), "ENTITY_ID": str(number % 17)}
    return owner | {"RQ_INN": str(7_700_000_000 + number) if number % 5 else None}


def _client(number: int, at_s: int) -> dict[str, Any]:
    return {
        "CREATED_BY_ID": str(number % 6),
        "DATE_MODIFY": iso(at_s + DAY_S) if number % 3 else "",
        "HAS_PHONE": "YN"[number % 2],
        "HAS_EMAIL": "N",
        "HAS_IMOL": "Y" if number % 10 == 0 else "N",
        "IM": [{"VALUE": "imol|x", "VALUE_TYPE": "IMOL"}] if number % 10 == 0 else "",
        "ASSIGNED_BY_ID": str(number % 4 + 1),
        "PHONE": [{"VALUE": f"+7 {number}"}, {"VALUE": "8"}] if number % 2 == 0 else None,
        "EMAIL": {"0": {"VALUE": f"{number}@example.com"}} if number % 8 == 0 else [],
    }


@dataclass
class World:
    """The ids of every list; lists that are not named are empty."""

    lists: dict[str, Ids]

    def portal(self, limits: Limits | None = None) -> FakePortal:
        """A portal with these rows."""
        tables = {}
        for name, (id_name, created) in ID_AND_DATE.items():
            ids = self.lists.get(name, Ids())
            rows = []
            for number, at_s in zip(ids.ids, ids.moments, strict=True):
                own = number if id_name == "id" else str(number)
                rows.append({id_name: own, created: iso(at_s), **_row(name, number, at_s)})
            tables[name] = Table(id_name, created, rows, ids.moments)
        return FakePortal(tables, limits)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that reading this portal is to end in, rows in any order."""
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        for name, ids in self.lists.items():
            for number, at_s in zip(ids.ids, ids.moments, strict=True):
                _tell(rows, name, number, at_s)
        return {name: frame(name, rows[name]) for name in TABLES}


def _tell(rows: dict[str, list[tuple[Any, ...]]], name: str, number: int, at_s: int) -> None:
    """What a row is to become, said once more in plain words."""
    if name == "crm.company.list":
        reachable = number % 2 == 0 or number % 7 == 0
        rows["companies"].append(
            (number, at_s, reachable, number % 10 == 0, number % 9, *_changed(number, at_s))
        )
        title = f"Ромашка {number % 4}" if number % 4 else ""
        site = "example.com" if number % 7 == 0 else ""
        rows["company_cards"].append(_card(number, title, site))
    elif name == "crm.contact.list":
        company = number % 5 * 3
        flags = (number % 2 == 0, number % 10 == 0, 0)
        rows["contacts"].append((number, at_s, company, *flags, *_changed(number, at_s)))
        name = f"Ким {number % 3}" + ("" if number % 2 else " 7")
        rows["contact_cards"].append(_card(number, name, ""))
    elif name == "crm.item.list/3":
        companies = [number % 5 * 3, *([1000 + number] if number % 3 == 0 else [])]
        rows["links"] += [(number, company) for company in companies if company]
    elif name == "crm.deal.list":
        closed = midnight_s(at_s + DAY_S) if number % 6 else at_s + 2 * DAY_S
        if number % 50:
            won = number % 3 == 1
            amount = number % 100 + 0.5 if number % 9 else 0.0
            money = (amount, (RUB, USD, 0)[number % 3])
            rows["deals"].append((number, at_s, number % 11, number % 4, won, closed, *money))
    elif name == "crm.item.list/31":
        paid = number % 3 != 0
        client = (number % 11, number % 4, number % 8)
        payment = (paid, at_s + DAY_S if paid else None, number % 100 + 0.25, RUB)
        rows["invoices"].append((number, 31, at_s, *client, *payment))
    elif name == "crm.invoice.list":
        paid = number % 2 == 0
        paid_at = midnight_s(at_s + DAY_S) if paid and number % 4 else None
        payment = (paid, paid_at, float(number), EUR)
        rows["invoices"].append((number, 5, at_s, number % 11, 0, number % 8, *payment))
    elif name == "crm.activity.list":
        rows["activities"].append((number, at_s, number % 4 + 1, number % 13))
    elif name == "crm.requisite.list":
        inn = str(7_700_000_000 + number) if number % 5 else ""
        rows["requisites"].append((number, at_s, number % 2 + 3, number % 17, inn))


def _card(number: int, name: str, site: str) -> tuple[Any, ...]:
    phones = f"+7 {number}\n8" if number % 2 == 0 else ""
    mail = f"{number}@example.com" if number % 8 == 0 else ""
    return (number, name, phones, mail, site, number % 4 + 1)


def _changed(number: int, at_s: int) -> tuple[Any, ...]:
    """Who made a client, when it was changed, and marks that nobody has written."""
    return (number % 6, at_s + DAY_S if number % 3 else None, *NO_MARKS)


def frame(name: str, rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows in the order of a table's columns, moments in unix seconds, as that table."""
    columns: dict[str, Any] = {}
    for place, (column, kind) in enumerate(TABLES[name].items()):
        values = [row[place] for row in rows]
        if kind.startswith("datetime"):
            moments = [None if at is None else datetime.fromtimestamp(at, UTC) for at in values]
            naive = [None if at is None else at.replace(tzinfo=None) for at in moments]
            columns[column] = np.array(naive, dtype=kind)
        elif kind == "str":
            columns[column] = pd.array(values, dtype=kind)
        else:
            columns[column] = np.array(values, dtype=kind)
    return pd.DataFrame(columns)


def assert_same(read: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    """The same rows, each as often, whatever their order."""
    for name, table in expected.items():
        order = [column for column in ("id", "kind", "contact", "company") if column in table]
        pd.testing.assert_frame_equal(
            read[name].sort_values(order, ignore_index=True),
            table.sort_values(order, ignore_index=True),
            obj=name,
        )


def large(clients: int, months: int, seed: int, **shape: Any) -> World:
    """A portal in the proportions of the benchmark: 85,000 clients have 150,000 deals, 100,000
    invoices, 120,000 activities and 25,000 requisites."""
    days, k = months * 30, clients / 85_000
    counts = {
        "crm.company.list": 35_000,
        "crm.contact.list": 50_000,
        "crm.item.list/3": 30_000,
        "crm.deal.list": 150_000,
        "crm.item.list/31": 100_000,
        "crm.activity.list": 120_000,
        "crm.requisite.list": 25_000,
    }
    return World(
        {
            name: steady(round(count * k), days, seed + place, **shape)
            for place, (name, count) in enumerate(counts.items())
        }
    )

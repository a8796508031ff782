"""A believable Russian portal of any size, the same for the same (clients, seed, now).

Eight years of growth: imports as spikes, seasonal sales, repeat buyers, clients falling dormant and
lost, dismissed employees, gaps in ids, duplicates, web-form junk. The arrays of
:mod:`portal.population` and :mod:`portal.documents` are written as rows piece by piece, so that
memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from portal.bulk import NO_MOMENT, flags, labels, picks, write
from portal.cards import write_cards
from portal.clock import parse_offset
from portal.database import Database
from portal.dictionaries import (
    DEAL,
    DEAL_STAGES,
    SMART_INVOICE,
    Stage,
    category_row,
    common_status_rows,
    deal_stage_rows,
    invoice_stage_rows,
)
from portal.documents import (
    DEAL_CATEGORIES,
    INVOICE_CATEGORIES,
    LOST,
    OPEN,
    WON,
    Documents,
    make_deals,
    make_invoices,
    make_lives,
)
from portal.population import People, Staff, make_people, sparse_ids
from portal.schema import TABLES
from portal.staff import ADMIN, make_staff
from portal.timeline import DAY_S, Ints, Timeline
from portal.traffic import write_activities, write_leads, write_requisites
from portal.words import DEAL_SUBJECTS, JUNK

ZONE: Final = "+03:00"
_FUNNELS: Final = {0: "Общая", 5: "Розница", 7: "Повторные продажи"}
# In the second funnel of invoices the codes lie: only their semantics tell what is paid.
_BRANCH_INVOICE_STAGES: Final[tuple[Stage, ...]] = (
    ("N", "Новый", "", "#2FC6F6"),
    ("P", "Передан в оплату", "", "#55D0E0"),
    ("UC_PAID", "Деньги на счёте", "S", "#7BD500"),
    ("D", "Отменён", "F", "#FF5752"),
)
_INVOICE_CODES: Final = {
    3: {OPEN: "S", WON: "P", LOST: "D"},
    9: {OPEN: "P", WON: "UC_PAID", LOST: "D"},
}
_OLD_INVOICES_PER_CLIENT: Final = 0.008


def generate(database: Database, clients: int, seed: int, now: datetime) -> None:
    """Fill an empty database with a portal of ``clients`` clients and their history up to ``now``.

    Clients are companies that are not the owner's own, and contacts with no company. The portal's
    time stays the real clock (``settings["now"]`` is None). ValueError when ``clients`` is below 1.
    """
    if clients < 1:
        raise ValueError(f"{clients} clients: a portal needs at least 1")
    now = now.replace(minute=0, second=0, microsecond=0)
    rng = np.random.default_rng([seed, clients])
    zone = parse_offset(ZONE)
    offset = now.astimezone(zone).utcoffset()
    timeline = Timeline(int(now.timestamp()), int(offset.total_seconds()) if offset else 0)
    database.settings.update(now=None, timezone=ZONE, admin=ADMIN, name="Вектор")
    _write_dictionaries(database)
    staff = make_staff(rng, clients, database)
    people = make_people(rng, clients, timeline, staff)
    write_cards(rng, people, timeline, database)
    leads = write_leads(rng, people, timeline, staff, database)
    lives = make_lives(rng, people, timeline)
    deals = make_deals(rng, people, lives, timeline)
    _write_deals(rng, deals, people, staff, timeline, database)
    invoices = make_invoices(rng, people, lives, deals, timeline)
    _write_invoices(rng, invoices, staff, timeline, database)
    _write_old_invoices(rng, people, timeline, staff, database)
    write_requisites(rng, people, lives, timeline, database)
    write_activities(rng, people, lives, deals, invoices, leads, staff, timeline, database)


def _write_dictionaries(database: Database) -> None:
    statuses = [
        *common_status_rows(),
        *(row for funnel in DEAL_CATEGORIES for row in deal_stage_rows(funnel)),
        *invoice_stage_rows(INVOICE_CATEGORIES[0]),
        *invoice_stage_rows(INVOICE_CATEGORIES[1], _BRANCH_INVOICE_STAGES),
    ]
    columns = list(TABLES["statuses"])
    database.insert(
        "statuses",
        columns,
        (
            tuple({"ID": 2 * n + 1, **row}[name] for name in columns)
            for n, row in enumerate(statuses)
        ),
    )
    funnels = [
        *(category_row(DEAL, funnel, _FUNNELS[funnel], not funnel) for funnel in DEAL_CATEGORIES),
        category_row(SMART_INVOICE, INVOICE_CATEGORIES[0], "Общая", True),
        category_row(SMART_INVOICE, INVOICE_CATEGORIES[1], "Филиал", False),
    ]
    columns = list(TABLES["categories"])
    database.insert(
        "categories", columns, (tuple(row[name] for name in columns) for row in funnels)
    )


def _write_deals(
    rng: np.random.Generator,
    deals: Documents,
    people: People,
    staff: Staff,
    timeline: Timeline,
    database: Database,
) -> None:
    count = len(deals)
    manager = np.append(people.client_manager(), staff.admin)[deals.client]
    manager = np.where(rng.random(count) < 0.8, manager, staff.pick(rng, count))
    write(
        database,
        "deals",
        count,
        {
            "ID": deals.ids,
            "TITLE": _deal_titles(rng),
            "TYPE_ID": picks(rng, ("SALE", "SALE", "GOODS", "SERVICES")),
            "CATEGORY_ID": deals.category,
            "STAGE_ID": _deal_stages(rng, deals),
            "STAGE_SEMANTIC_ID": deals.outcome,
            "IS_RECURRING": flags(deals.template),
            "CURRENCY_ID": "RUB",
            "OPPORTUNITY": _amounts(rng, count),
            "COMPANY_ID": deals.company,
            "CONTACT_ID": deals.contact,
            "BEGINDATE": _midnights(deals.created),
            "CLOSEDATE": _closing_days(rng, deals, timeline),
            "CLOSED": flags(deals.outcome != OPEN),
            "ASSIGNED_BY_ID": manager,
            "CREATED_BY_ID": manager,
            "MODIFY_BY_ID": manager,
            "MOVED_BY_ID": manager,
            "DATE_CREATE": deals.created,
            "DATE_MODIFY": deals.decided,
            "MOVED_TIME": deals.decided,
            "LAST_ACTIVITY_TIME": deals.decided,
            "SOURCE_ID": picks(rng, ("CALL", "WEB", "PARTNER", "")),
        },
    )


def _midnights(moments: Ints) -> Ints:
    offset_s = 3 * 3600
    return (moments + offset_s) // DAY_S * DAY_S - offset_s


def _closing_days(rng: np.random.Generator, deals: Documents, timeline: Timeline) -> Ints:
    """The day a deal closed, or is planned to close; corrected by people now and then."""
    count = len(deals)
    odd = rng.random(count)
    planned = deals.created + rng.integers(5, 40, count) * DAY_S
    days = _midnights(np.where(deals.outcome == OPEN, planned, deals.decided))
    corrected = odd < 0.04
    days[corrected] -= rng.integers(1, 20, count)[corrected] * DAY_S
    ahead = (odd >= 0.04) & (odd < 0.043) & (deals.decided > timeline.now_s - 200 * DAY_S)
    days[ahead] = _midnights(np.full(int(ahead.sum()), timeline.now_s)) + 30 * DAY_S
    days[(odd >= 0.043) & (odd < 0.046)] = NO_MOMENT
    return days


def _deal_stages(rng: np.random.Generator, deals: Documents) -> Callable[[slice], Sequence[str]]:
    codes = {
        (funnel, outcome): [
            (f"C{funnel}:" if funnel else "") + code
            for code, _, semantics, _ in DEAL_STAGES
            if (semantics or OPEN) == outcome
        ]
        for funnel in DEAL_CATEGORIES
        for outcome in (WON, LOST, OPEN)
    }

    def make(piece: slice) -> Sequence[str]:
        drawn = rng.integers(0, 1000, piece.stop - piece.start).tolist()
        rows = zip(
            deals.category[piece].tolist(), deals.outcome[piece].tolist(), drawn, strict=True
        )
        choices = ((codes[funnel, outcome], draw) for funnel, outcome, draw in rows)
        return [choice[draw % len(choice)] for choice, draw in choices]

    return make


def _deal_titles(rng: np.random.Generator) -> Callable[[slice], Sequence[str]]:
    def make(piece: slice) -> Sequence[str]:
        drawn = rng.integers(0, 100_000, piece.stop - piece.start).tolist()
        return [
            JUNK[draw % len(JUNK)]
            if draw < 1000
            else f"{DEAL_SUBJECTS[draw % len(DEAL_SUBJECTS)]} № {draw}"
            for draw in drawn
        ]

    return make


def _amounts(rng: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    amounts = np.round(rng.lognormal(10.4, 1.3, count), 2)
    amounts[rng.random(count) < 0.04] = 0
    return amounts


def _write_invoices(
    rng: np.random.Generator,
    invoices: Documents,
    staff: Staff,
    timeline: Timeline,
    database: Database,
) -> None:
    count = len(invoices)
    manager = staff.pick(rng, count)
    stage = np.empty(count, dtype=object)
    for funnel, codes in _INVOICE_CODES.items():
        for outcome, code in codes.items():
            rows = (invoices.category == funnel) & (invoices.outcome == outcome)
            stage[rows] = f"DT31_{funnel}:{code}"
            if outcome == OPEN:
                stage[rows & (rng.random(count) < 0.4)] = f"DT31_{funnel}:N"
    write(
        database,
        "invoices",
        count,
        {
            "id": invoices.ids,
            "title": labels("Счёт № ВК-", invoices.ids),
            "accountNumber": labels("ВК-", invoices.ids),
            "stageId": stage,
            "categoryId": invoices.category,
            "begindate": _midnights(invoices.created),
            "closedate": _midnights(invoices.created) + 10 * DAY_S,
            "movedTime": invoices.decided,
            "movedBy": manager,
            "companyId": invoices.company,
            "contactId": invoices.contact,
            "contactIds": _alone(invoices.contact),
            "mycompanyId": 1,
            "opportunity": _amounts(rng, count),
            "currencyId": "RUB",
            "assignedById": manager,
            "createdBy": manager,
            "updatedBy": manager,
            "createdTime": invoices.created,
            "updatedTime": np.maximum(timeline.later(rng, invoices.created, 8), invoices.decided),
            "parentId2": invoices.parent,
        },
    )


def _alone(contact: Ints) -> Callable[[slice], Sequence[str]]:
    return lambda piece: [f"[{each}]" if each else "[]" for each in contact[piece].tolist()]


def _write_old_invoices(
    rng: np.random.Generator, people: People, timeline: Timeline, staff: Staff, database: Database
) -> None:
    """A few invoices from the years before smart ones, on the clients of that time."""
    count = max(2, round(people.clients * _OLD_INVOICES_PER_CLIENT))
    entered = people.client_entered()
    oldest = np.argsort(entered, kind="stable")[: max(1, people.clients // 5)]
    client = rng.choice(oldest, count)
    firms = len(people.companies)
    is_firm = client < firms
    company_ids = np.append(people.companies.ids, 0)
    single_ids = np.append(people.contacts.ids[people.single], 0)
    created = np.sort(timeline.later(rng, entered[client], 200))
    paid = rng.random(count) < 0.7
    write(
        database,
        "old_invoices",
        count,
        {
            "ID": sparse_ids(rng, count),
            "ACCOUNT_NUMBER": labels("С-", np.arange(1, count + 1)),
            "ORDER_TOPIC": picks(rng, DEAL_SUBJECTS),
            "STATUS_ID": np.where(paid, "P", np.where(rng.random(count) < 0.3, "S", "D")),
            "PAYED": flags(paid),
            "DATE_PAYED": np.where(paid, _midnights(timeline.later(rng, created, 10)), NO_MOMENT),
            "DATE_BILL": _midnights(created),
            "DATE_INSERT": created,
            "DATE_UPDATE": timeline.later(rng, created, 10),
            "PRICE": _amounts(rng, count),
            "CURRENCY": "RUB",
            "RESPONSIBLE_ID": staff.pick(rng, count),
            "UF_COMPANY_ID": company_ids[np.where(is_firm, client, firms)],
            "UF_CONTACT_ID": single_ids[np.where(is_firm, -1, client - firms)],
        },
    )

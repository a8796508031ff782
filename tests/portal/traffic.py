"""What surrounds the sales of the made-up portal: calls, mails, chats; requisites; leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from portal.bulk import NO_MOMENT, flags, labels, picks, write
from portal.database import Database
from portal.documents import Documents, Lives
from portal.population import Cards, People, Staff, deleted_ids, sparse_ids, weighted
from portal.timeline import DAY_S, Ints, Timeline
from portal.words import (
    CALL_SUBJECTS,
    CHAT_SUBJECTS,
    JUNK,
    MAIL_SUBJECTS,
    MALE_NAMES,
    MEETING_SUBJECTS,
    SURNAMES,
    TODO_SUBJECTS,
    TOWNS,
)

_ACTIVITIES_PER_CLIENT: Final = 120_000 / 85_000
_REQUISITES_PER_CLIENT: Final = 25_000 / 85_000
_LEADS_PER_CLIENT: Final = 0.3
LEAD, DEAL, CONTACT, COMPANY, INVOICE = 1, 2, 3, 4, 31
# Share and type of owners: any contact, deal, invoice, lead; clients as such; deleted companies.
_OWNER_SHARES: Final = (
    (0.08, CONTACT),
    (0.34, DEAL),
    (0.015, INVOICE),
    (0.06, LEAD),
    (0.5, COMPANY),
    (0.005, COMPANY),
)
_CLIENTS: Final = 4
_GONE: Final = 5


@dataclass(frozen=True)
class _Kind:
    share: float
    type_id: int
    provider: str
    provider_type: str
    subjects: tuple[str, ...]


_KINDS: Final = (
    _Kind(0.44, 2, "VOXIMPLANT_CALL", "CALL", CALL_SUBJECTS),
    _Kind(0.2, 4, "CRM_EMAIL", "EMAIL", MAIL_SUBJECTS),
    _Kind(0.07, 1, "CRM_MEETING", "MEETING", MEETING_SUBJECTS),
    _Kind(0.18, 6, "CRM_TODO", "TODO", TODO_SUBJECTS),
    _Kind(0.09, 6, "IMOPENLINES_SESSION", "IMOPENLINES_SESSION", CHAT_SUBJECTS),
    _Kind(0.02, 6, "CRM_WEBFORM", "CRM_WEBFORM", ("Заявка с сайта", *JUNK[:4])),
)


def write_leads(
    rng: np.random.Generator, people: People, timeline: Timeline, staff: Staff, database: Database
) -> tuple[Ints, Ints]:
    """Write leads, some turned into clients whose LEAD_ID names them; returns ids and times."""
    count = round(people.clients * _LEADS_PER_CLIENT)
    created = np.sort(timeline.moments(rng.random(count)))
    ids = sparse_ids(rng, count)
    fate = rng.random(count)
    status = np.select(
        [fate < 0.45, fate < 0.85, fate < 0.9, fate < 0.95],
        ["CONVERTED", "JUNK", "NEW", "IN_PROCESS"],
        "PROCESSED",
    )
    semantic = np.select([status == "CONVERTED", status == "JUNK"], ["S", "F"], "P")
    company = np.zeros(count, dtype=np.int64)
    contact = np.zeros(count, dtype=np.int64)
    converted = rng.permutation(np.flatnonzero(semantic == "S"))
    half = len(converted) // 2
    _bind(rng, people.companies, converted[:half], company, ids, "companies", database)
    _bind(rng, people.contacts, converted[half:], contact, ids, "contacts", database)
    write(
        database,
        "leads",
        count,
        {
            "ID": ids,
            "TITLE": picks(
                rng, ("Заявка с сайта", "Входящий звонок", "Обратный звонок", *JUNK[:3])
            ),
            "NAME": picks(rng, (*MALE_NAMES, *JUNK[:6])),
            "LAST_NAME": picks(rng, (*SURNAMES, "")),
            "STATUS_ID": status,
            "STATUS_SEMANTIC_ID": semantic,
            "COMPANY_ID": company,
            "CONTACT_ID": contact,
            "CURRENCY_ID": "RUB",
            "SOURCE_ID": picks(rng, ("CALL", "WEB", "WEBFORM", "ADVERTISING")),
            "DATE_CREATE": created,
            "DATE_MODIFY": timeline.later(rng, created, 5),
            "DATE_CLOSED": np.where(semantic == "P", NO_MOMENT, timeline.later(rng, created, 5)),
            "ASSIGNED_BY_ID": staff.pick(rng, count),
            "CREATED_BY_ID": staff.admin,
            "MODIFY_BY_ID": staff.admin,
        },
    )
    return ids, created


def _bind(
    rng: np.random.Generator,
    cards: Cards,
    leads: Ints,
    bound: Ints,
    lead_ids: Ints,
    table: str,
    database: Database,
) -> None:
    places = np.flatnonzero(cards.imported == 0)
    places = rng.permutation(places)[: len(leads)]
    leads = leads[: len(places)]
    # A lead that became a contact of a known company keeps no reference of its own.
    named = rng.random(len(leads)) < 0.8
    bound[leads[named]] = cards.ids[places[named]]
    pairs = zip(lead_ids[leads].tolist(), cards.ids[places].tolist(), strict=True)
    connection = database.connection
    connection.execute("BEGIN")
    connection.executemany(f'UPDATE "{table}" SET LEAD_ID = ? WHERE ID = ?', pairs)
    connection.execute("COMMIT")


def write_requisites(
    rng: np.random.Generator, people: People, lives: Lives, timeline: Timeline, database: Database
) -> None:
    """Write requisites of companies, and a few of contacts."""
    wanted = round(people.clients * _REQUISITES_PER_CLIENT)
    firms, contacts = people.companies, people.contacts
    buys = lives.weight[: len(firms)] > 0
    liked = np.argsort(rng.random(len(firms)) - 0.4 * buys)
    companies = np.sort(liked[: min(len(firms), round(wanted * 0.9))])
    rest = wanted - len(companies)
    persons = np.sort(rng.permutation(len(contacts))[:rest])
    count = len(companies) + len(persons)
    entered = np.concatenate([firms.entered[companies], contacts.entered[persons]])
    order = np.argsort(entered, kind="stable")
    is_firm = np.arange(count)[order] < len(companies)
    owner = np.concatenate([firms.ids[companies], contacts.ids[persons]])[order]
    created = timeline.later(rng, entered[order], 4)
    inn = rng.integers(1_000_000_000, 9_999_999_999, count)
    write(
        database,
        "requisites",
        count,
        {
            "ID": sparse_ids(rng, count),
            "ENTITY_TYPE_ID": np.where(is_firm, COMPANY, CONTACT),
            "ENTITY_ID": owner,
            "PRESET_ID": np.where(is_firm, 1, 3),
            "NAME": np.where(is_firm, "Организация", "Физическое лицо"),
            "ACTIVE": "Y",
            "SORT": 500,
            "RQ_INN": labels("", inn),
            "RQ_KPP": np.where(is_firm, "770101001", ""),
            "DATE_CREATE": created,
            "DATE_MODIFY": created,
        },
    )


def write_activities(
    rng: np.random.Generator,
    people: People,
    lives: Lives,
    deals: Documents,
    invoices: Documents,
    leads: tuple[Ints, Ints],
    staff: Staff,
    timeline: Timeline,
    database: Database,
) -> None:
    """Write calls, mails, meetings, to-dos and chats on clients and on what belongs to them."""
    count = round(people.clients * _ACTIVITIES_PER_CLIENT)
    owner_type, owner, created = _owners(
        rng, people, lives, deals, invoices, leads, timeline, count
    )
    order = np.argsort(created, kind="stable")
    owner_type, owner, created = owner_type[order], owner[order], created[order]
    count = len(created)
    kind = rng.choice(len(_KINDS), count, p=[each.share for each in _KINDS])
    type_id = np.asarray([each.type_id for each in _KINDS])[kind]
    is_call = kind == 0
    direction = np.where(np.isin(type_id, (2, 4)), rng.integers(1, 3, count), 0)
    missed = is_call & (rng.random(count) < 0.22)
    lasts_s = np.where(missed, 0, rng.exponential(180, count).astype(np.int64) + 5)
    done = (rng.random(count) < 0.93) | (is_call & (direction == 2))
    ids = sparse_ids(rng, count)
    responsible = staff.pick(rng, count)
    write(
        database,
        "activities",
        count,
        {
            "ID": ids,
            "OWNER_ID": owner,
            "OWNER_TYPE_ID": owner_type,
            "TYPE_ID": type_id,
            "PROVIDER_ID": np.asarray([each.provider for each in _KINDS])[kind],
            "PROVIDER_TYPE_ID": np.asarray([each.provider_type for each in _KINDS])[kind],
            "DIRECTION": direction,
            "COMPLETED": flags(done),
            "STATUS": np.where(done, 2, 1),
            "SUBJECT": _subjects(rng, kind),
            "START_TIME": created,
            "END_TIME": created + lasts_s,
            "DEADLINE": np.where(done, created, created + rng.integers(1, 20, count) * DAY_S),
            "CREATED": created,
            "LAST_UPDATED": timeline.later(rng, created, 2),
            "RESPONSIBLE_ID": responsible,
            "AUTHOR_ID": responsible,
            "EDITOR_ID": responsible,
            "RESULT_STREAM": np.where(
                is_call, np.where(missed, 4, np.where(direction == 1, 1, 2)), 0
            ),
            "ORIGIN_ID": labels("VI_", np.where(is_call, ids, 0)),
        },
    )


def _owners(
    rng: np.random.Generator,
    people: People,
    lives: Lives,
    deals: Documents,
    invoices: Documents,
    leads: tuple[Ints, Ints],
    timeline: Timeline,
    count: int,
) -> tuple[Ints, Ints, Ints]:
    shares = rng.choice(len(_OWNER_SHARES), count, p=[share for share, _ in _OWNER_SHARES])
    owner_type = np.asarray([type_id for _, type_id in _OWNER_SHARES])[shares]
    owner = np.zeros(count, dtype=np.int64)
    created = np.zeros(count, dtype=np.int64)

    clients = np.flatnonzero(shares == _CLIENTS)
    # Clients are talked to whether they buy or not, but a good third is never talked to.
    talk = lives.weight + rng.lognormal(-0.7, 0.8, people.clients)
    talk[rng.random(people.clients) < 0.45] = 0
    client = weighted(rng, talk, len(clients))
    single_ids = people.contacts.ids[people.single]
    owner_type[clients] = np.where(client < len(people.companies), COMPANY, CONTACT)
    owner[clients] = np.concatenate([people.companies.ids, single_ids])[client]
    created[clients] = timeline.between(rng, lives.first[client], lives.last[client])

    gone = np.flatnonzero(shares == _GONE)
    owner[gone] = deleted_ids(rng, people.companies.ids, len(gone))
    created[gone] = timeline.moments(rng.random(len(gone)))

    for number, (ids, moments) in enumerate(
        (
            (people.contacts.ids, people.contacts.entered),
            (deals.ids, deals.created),
            (invoices.ids, invoices.created),
            leads,
        )
    ):
        rows = np.flatnonzero(shares == number)
        if len(ids):
            place = rng.integers(0, len(ids), len(rows))
            owner[rows] = ids[place]
            created[rows] = timeline.later(rng, moments[place], 12)
    known = owner > 0
    return owner_type[known], owner[known], created[known]


def _subjects(rng: np.random.Generator, kind: Ints) -> Callable[[slice], Sequence[str]]:
    def make(piece: slice) -> Sequence[str]:
        drawn = rng.integers(0, 60, piece.stop - piece.start).tolist()
        numbers = kind[piece].tolist()
        return [
            _KINDS[number].subjects[draw % len(_KINDS[number].subjects)]
            + (f" ({TOWNS[draw % len(TOWNS)]})" if draw > 50 else "")
            for number, draw in zip(numbers, drawn, strict=True)
        ]

    return make

"""What the clients of the made-up portal ask for, buy and pay: deals and smart invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from portal.population import Flags, People, deleted_ids, sparse_ids, weighted
from portal.timeline import DAY_S, Ints, Timeline

DEALS_PER_CLIENT: Final = 150_000 / 85_000
INVOICES_PER_CLIENT: Final = 100_000 / 85_000
DEAL_CATEGORIES: Final = (0, 5, 7)
INVOICE_CATEGORIES: Final = (3, 9)

WON: Final = "S"
LOST: Final = "F"
OPEN: Final = "P"


@dataclass(frozen=True)
class Lives:
    """When each client buys and how much; ``luck`` is its chance to take what it asked for."""

    first: Ints
    last: Ints
    weight: np.ndarray[tuple[int], np.dtype[np.float64]]
    luck: np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Documents:
    """Deals or invoices in the order of their ids.

    ``client``: place of the client as in ``People``, -1 for none. ``company`` and ``contact``: ids
    as the card holds them, 0 for none. ``outcome``: S, F or P. ``decided``: when it got there (for
    open ones, when it last moved). ``parent``: for invoices, the id of the deal.
    """

    ids: Ints
    created: Ints
    client: Ints
    company: Ints
    contact: Ints
    outcome: np.ndarray[tuple[int], np.dtype[np.str_]]
    decided: Ints
    category: Ints
    template: Flags
    parent: Ints

    def __len__(self) -> int:
        return len(self.ids)


def make_lives(rng: np.random.Generator, people: People, timeline: Timeline) -> Lives:
    """Most clients buy for a year or two, some stay, a third never ask for anything."""
    count = people.clients
    first = people.client_entered()
    stay_s = (rng.exponential(550, count) * DAY_S).astype(np.int64)
    stay_s[rng.random(count) < 0.22] = timeline.now_s
    last = np.minimum(first + stay_s, timeline.now_s)
    cold = people.client_is_cold()
    weight = rng.lognormal(0, 1.0, count) * np.where(cold, 0.3, 1.0)
    weight[: len(people.companies)] *= 1.7
    # Who came lately has had little time to ask for much.
    expected_s = np.minimum(stay_s, 2 * 365 * DAY_S) + 30 * DAY_S
    weight *= np.minimum((last - first + 10 * DAY_S) / expected_s, 1)
    weight[rng.random(count) < np.where(cold, 0.6, 0.25)] = 0
    luck = rng.beta(1.2, 1.3, count) * np.where(cold, 0.5, 1.0)
    return Lives(first, last, weight, luck)


def make_deals(
    rng: np.random.Generator, people: People, lives: Lives, timeline: Timeline
) -> Documents:
    """150,000 deals for 85,000 clients, the same for other numbers, rounded."""
    count = round(people.clients * DEALS_PER_CLIENT)
    client = weighted(rng, lives.weight, count)
    created = timeline.between(rng, lives.first[client], lives.last[client], 1.3)
    order = np.argsort(created, kind="stable")
    client, created = client[order], created[order]
    age_days = (timeline.now_s - created) / DAY_S
    still_open = rng.random(count) < np.select(
        [age_days < 30, age_days < 90, age_days < 365], [0.75, 0.3, 0.05], 0.015
    )
    outcome = np.where(rng.random(count) < lives.luck[client], WON, LOST)
    outcome[still_open] = OPEN
    company, contact = _bindings(rng, people, client)
    odd = rng.random(count)
    gone = np.flatnonzero((odd >= 0.012) & (odd < 0.0135) & (company > 0))
    company[gone] = deleted_ids(rng, people.companies.ids, len(gone))
    own = (odd >= 0.0135) & (odd < 0.0142)
    company[own] = 1
    nobody = odd < 0.012
    company[nobody] = contact[nobody] = 0
    client = np.where(nobody, -1, client)
    category = rng.choice(DEAL_CATEGORIES, count, p=[0.6, 0.28, 0.12]).astype(np.int64)
    return Documents(
        sparse_ids(rng, count),
        created,
        client,
        company,
        contact,
        outcome,
        timeline.later(rng, created, 21),
        category,
        rng.random(count) < 0.004,
        np.zeros(count, dtype=np.int64),
    )


def _bindings(rng: np.random.Generator, people: People, client: Ints) -> tuple[Ints, Ints]:
    """Company and contact ids of documents: a firm alone, with a contact, or its contact only."""
    firms = len(people.companies)
    is_firm = client < firms
    firm = np.where(is_firm, client, 0)
    first = people.first_contact()[firm]
    contact_ids = np.append(people.contacts.ids, 0)
    form = rng.random(len(client))
    with_contact = is_firm & (first >= 0) & (form > 0.4)
    contact_only = with_contact & (form > 0.93)
    company = np.where(is_firm & ~contact_only, people.companies.ids[firm], 0)
    single_ids = np.append(people.contacts.ids[people.single], 0)
    single = np.where(is_firm, len(people.single), client - firms)
    contact = np.where(is_firm, np.where(with_contact, contact_ids[first], 0), single_ids[single])
    return company, contact


def make_invoices(
    rng: np.random.Generator, people: People, lives: Lives, deals: Documents, timeline: Timeline
) -> Documents:
    """100,000 smart invoices for 85,000 clients: of won deals, of other deals, and of no deal."""
    count = round(people.clients * INVOICES_PER_CLIENT)
    parent, of_won = _parents(rng, deals, count)
    bound = parent >= 0
    deal = np.where(bound, parent, 0)
    client = np.where(bound, deals.client[deal], weighted(rng, lives.weight, count))
    known = np.maximum(client, 0)
    alone = timeline.between(rng, lives.first[known], lives.last[known], 1.2)
    created = np.where(bound, timeline.later(rng, deals.created[deal], 6), alone)
    company, contact = _bindings(rng, people, known)
    company = np.where(bound, deals.company[deal], company)
    contact = np.where(bound, deals.contact[deal], contact)
    odd = rng.random(count)
    nobody = ~bound & (odd < 0.02)
    company[nobody] = contact[nobody] = 0
    client = np.where(nobody, -1, client)
    deal_ids = np.where(bound, deals.ids[deal], 0)
    lost_parent = np.flatnonzero(~bound & (odd > 0.985))
    deal_ids[lost_parent] = deleted_ids(rng, deals.ids, len(lost_parent))
    paid = rng.random(count) < np.select([of_won, bound], [0.93, 0.22], 0.7)
    recent = created > timeline.now_s - 40 * DAY_S
    waits = (rng.random(count) < np.where(recent, 0.8, 0.15)) & ~of_won
    outcome = np.where(paid & ~waits, WON, np.where(waits, OPEN, LOST))
    order = np.argsort(created, kind="stable")
    return Documents(
        sparse_ids(rng, count),
        created[order],
        client[order],
        company[order],
        contact[order],
        outcome[order],
        timeline.later(rng, created[order], 9),
        rng.choice(INVOICE_CATEGORIES, count, p=[0.82, 0.18]).astype(np.int64),
        np.zeros(count, dtype=np.bool_),
        deal_ids[order],
    )


def _parents(rng: np.random.Generator, deals: Documents, count: int) -> tuple[Ints, Flags]:
    """Place of the deal behind each invoice, -1 for none, and whether that deal is won."""
    kind = rng.random(count)
    parent = np.full(count, -1, dtype=np.int64)
    of_won = np.zeros(count, dtype=np.bool_)
    for is_won, rows in ((True, np.flatnonzero(kind < 0.6)), (False, np.flatnonzero(kind > 0.87))):
        choice = np.flatnonzero(((deals.outcome == WON) == is_won) & ~deals.template)
        if not len(choice):
            continue
        once = rng.permutation(choice)[: len(rows)]
        again = rng.choice(choice, len(rows) - len(once))
        parent[rows] = rng.permutation(np.concatenate([once, again]))
        second = rows[rng.random(len(rows)) < 0.06]
        parent[second] = rng.choice(choice, len(second))
        of_won[rows] = is_won
    return parent, of_won

"""Who is in the made-up portal: staff, companies, contacts; as arrays, before any text is drawn."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from portal.timeline import DAY_S, Floats, Ints, Timeline

Flags = NDArray[np.bool_]

OWN_COMPANIES: Final = 2
_COMPANY_SHARE: Final = 0.38
_CONTACTS_PER_COMPANY: Final = 0.95
_WITHOUT_CONTACTS: Final = 0.3
_SECONDS_PER_IMPORTED_ROW: Final = 0.2


@dataclass(frozen=True)
class Staff:
    """Ids of users by role. ``load`` is how much of the clients each of ``managers`` carries."""

    admin: int
    heads: Ints
    managers: Ints
    load: Floats
    dismissed: Ints

    def pick(self, rng: np.random.Generator, count: int) -> Ints:
        """Responsible people for so many rows."""
        return rng.choice(self.managers, count, p=self.load)


@dataclass(frozen=True)
class Cards:
    """Companies or contacts in the order of their ids.

    ``entered`` is when the row came into the portal, ``created`` its DATE_CREATE: the same, but for
    rows moved over from an older system with their old dates. ``imported`` is the number of the
    import, 0 for none; ``twin`` the place of the row that this one repeats, -1 for none.
    """

    ids: Ints
    entered: Ints
    created: Ints
    creator: Ints
    manager: Ints
    imported: Ints
    junk: Flags
    twin: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def twinned(self, values: Ints) -> Ints:
        """The values, with each repeated row's taken from the row that it repeats."""
        return np.where(self.twin >= 0, values[np.maximum(self.twin, 0)], values)


@dataclass(frozen=True)
class People:
    """All cards and how they are bound.

    ``company_of``: for each contact the place of its primary company, -1 for none. ``extra_links``:
    pairs (place of contact, place of company) beyond the primary ones. ``single``: places of the
    contacts with no company. A client is a place in companies, or len(companies) + a place in
    ``single``.
    """

    companies: Cards
    contacts: Cards
    company_of: Ints
    extra_links: Ints
    single: Ints

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return len(self.companies) + len(self.single)

    def client_entered(self) -> Ints:
        """When each client came into the portal."""
        return np.concatenate([self.companies.entered, self.contacts.entered[self.single]])

    def client_manager(self) -> Ints:
        """Responsible person of each client."""
        return np.concatenate([self.companies.manager, self.contacts.manager[self.single]])

    def client_is_cold(self) -> Flags:
        """Clients that came by an import or as junk: they buy seldom."""
        firms, people = self.companies, self.contacts
        cold = (firms.imported > 0) | firms.junk, ((people.imported > 0) | people.junk)[self.single]
        return np.concatenate(cold)

    def first_contact(self) -> Ints:
        """For each company the place of one of its contacts, -1 where it has none."""
        first = np.full(len(self.companies), -1, dtype=np.int64)
        bound = np.flatnonzero(self.company_of >= 0)[::-1]
        first[self.company_of[bound]] = bound
        return first


def sparse_ids(rng: np.random.Generator, count: int, first: int = 1) -> Ints:
    """Growing ids with the gaps that deleted rows leave: many small ones, a few big ones."""
    steps = 1 + np.where(rng.random(count) < 0.08, rng.geometric(0.4, count), 0)
    if count > 20:
        steps[rng.integers(1, count, 3)] += rng.integers(count // 50 + 5, count // 20 + 10, 3)
    steps[:1] = 0
    return first + np.cumsum(steps, dtype=np.int64)


def deleted_ids(rng: np.random.Generator, ids: Ints, count: int) -> Ints:
    """Ids that rows had before somebody deleted them."""
    gone = np.setdiff1d(np.arange(1, ids[-1] + 50, dtype=np.int64), ids)
    return rng.choice(gone, count)


@dataclass(frozen=True)
class _Import:
    number: int
    start: int
    user: int
    back_dated: bool


def make_people(rng: np.random.Generator, clients: int, timeline: Timeline, staff: Staff) -> People:
    """Companies and contacts so that the clients among them are exactly ``clients``."""
    imports = _plan_imports(rng, clients, timeline, staff)
    firms = max(1, round(clients * _COMPANY_SHARE))
    companies = _make_cards(rng, firms, timeline, staff, imports, None)
    single_count = clients - firms
    bound_count = round(firms * _CONTACTS_PER_COMPANY)
    singles = _make_cards(rng, single_count, timeline, staff, imports, None)
    company_of = _pick_companies(rng, firms, bound_count)
    employees = _make_cards(
        rng, bound_count, timeline, staff, imports, _take(companies, company_of)
    )
    owner = np.concatenate([np.full(single_count, -1, dtype=np.int64), company_of])
    contacts, order = _in_order(rng, _joined(singles, employees))
    owner = owner[order]
    bound = np.flatnonzero(owner >= 0)
    several = bound[rng.random(len(bound)) < 0.04]
    extra = np.stack([several, rng.integers(0, firms, len(several))], axis=1)
    return People(companies, contacts, owner, extra, np.flatnonzero(owner < 0))


def _plan_imports(
    rng: np.random.Generator, clients: int, timeline: Timeline, staff: Staff
) -> list[_Import]:
    count = int(np.clip(np.log10(max(clients, 10)) * 1.7 - 2, 1, 8))
    starts = np.sort(timeline.moments(0.08 + 0.87 * rng.random(count)))
    users = rng.choice(np.concatenate([staff.heads, [staff.admin]]), count)
    old_system = int(rng.integers(0, count))
    return [
        _Import(number + 1, int(start), int(user), number == old_system)
        for number, (start, user) in enumerate(zip(starts, users, strict=True))
    ]


def _make_cards(
    rng: np.random.Generator,
    count: int,
    timeline: Timeline,
    staff: Staff,
    imports: list[_Import],
    owners: Cards | None,
) -> Cards:
    """``owners``: for contacts of companies, the card of each one's company; they come later."""
    if owners is None:
        entered = timeline.moments(rng.random(count))
        imported = np.where(rng.random(count) < 0.3, rng.integers(1, len(imports) + 1, count), 0)
    else:
        stays = rng.random(count) < 0.75
        entered = np.where(
            stays,
            np.minimum(owners.entered + rng.integers(20, 900, count), timeline.now_s),
            timeline.later(rng, owners.entered, 400),
        )
        imported = np.where(stays, owners.imported, 0)
    manager = staff.pick(rng, count) if owners is None else owners.manager.copy()
    creator = np.where(rng.random(count) < 0.85, manager, staff.pick(rng, count))
    created = entered.copy()
    for each in imports:
        rows = np.flatnonzero(imported == each.number)
        if owners is None:
            waits = rng.exponential(_SECONDS_PER_IMPORTED_ROW, len(rows))
            moments = each.start + np.cumsum(waits).astype(np.int64)
            entered[rows] = np.minimum(moments, timeline.now_s)
        else:
            entered[rows] = np.minimum(owners.entered[rows] + 1, timeline.now_s)
        created[rows] = entered[rows]
        creator[rows] = each.user
        if each.back_dated:
            oldest = np.maximum(entered[rows] - 3 * 365 * DAY_S, timeline.start_s)
            created[rows] = oldest + ((entered[rows] - oldest) * rng.random(len(rows))).astype(
                np.int64
            )
    junk = (imported == 0) & (rng.random(count) < 0.02)
    cards = Cards(
        np.zeros(count, dtype=np.int64),
        entered,
        created,
        creator,
        manager,
        imported,
        junk,
        np.full(count, -1, dtype=np.int64),
    )
    return _in_order(rng, cards)[0] if owners is None else cards


def _in_order(rng: np.random.Generator, cards: Cards) -> tuple[Cards, Ints]:
    """Cards sorted by entry, with ids and twins; and the order they were taken in."""
    order = np.argsort(cards.entered, kind="stable")
    count = len(cards)
    places = np.arange(count)
    repeats = (rng.random(count) < 0.02) & (places > 0)
    twin = np.where(repeats, (places * rng.random(count)).astype(np.int64), -1)
    sorted_cards = _take(cards, order)
    ids = sparse_ids(rng, count, OWN_COMPANIES + 1)
    return replace(sorted_cards, ids=ids, twin=twin), order


def _columns(cards: Cards) -> tuple[Any, ...]:
    return tuple(getattr(cards, field.name) for field in fields(cards))


def _take(cards: Cards, places: Ints) -> Cards:
    return Cards(*(column[places] for column in _columns(cards)))


def _joined(one: Cards, other: Cards) -> Cards:
    pairs = zip(_columns(one), _columns(other), strict=True)
    return Cards(*(np.concatenate(pair) for pair in pairs))


def _pick_companies(rng: np.random.Generator, firms: int, count: int) -> Ints:
    weights = rng.lognormal(0, 0.8, firms) * (rng.random(firms) >= _WITHOUT_CONTACTS)
    return weighted(rng, weights, count)


def weighted(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    """Places drawn with these weights, with repetition."""
    if not weights.any():
        weights = np.ones_like(weights)
    ends = np.cumsum(weights)
    drawn: Ints = np.searchsorted(ends, rng.random(count) * ends[-1], side="right")
    return np.asarray(np.minimum(drawn, len(weights) - 1), dtype=np.int64)

"""Whom a change of the base touches: the clients that have to be classified again (spec §3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.evidence import Flags, flags_of
from segmentation.ownership import Numbers, Ownership, look_up
from segmentation.types import KEYS, Base, EntityType

Changed = Mapping[str, pd.DataFrame]
"""Per table the key columns of the rows that were added, changed or deleted; a table may be missing
and a row that is in neither base does no harm."""


@dataclass(frozen=True)
class Owned:
    """A deduplicated base and who owns what in it."""

    base: Base
    ownership: Ownership

    @classmethod
    def of(cls, base: Base) -> Owned:
        """A base with its ownership."""
        base = base.deduplicated()
        return cls(base, Ownership.of(base))


def counterparts(before: Owned, after: Owned) -> Numbers:
    """For every client of `after` its number in `before`, -1 where it was no client."""
    keys = pd.Index(before.ownership.client_keys)
    return keys.get_indexer(pd.Index(after.ownership.client_keys))


def touched_clients(before: Owned, after: Owned, changed: Changed, known_as: Numbers) -> Flags:
    """For every client of `after` (`known_as` in `before`), whether anything of it may be new.

    Touched is who appeared; whose contacts came or went; who owns, or owned, a changed row, a
    document of a company that appeared or disappeared, or one half of a payment whose other half
    changed. Bindings are compared as a whole, so `changed` need not name them.
    """
    strangers = _strangers(before.ownership.company_ids, after.ownership.company_ids)
    was, found = (
        flags_of([*_owners(side, changed, strangers), *_rebound(side, other)], side.ownership)
        for side, other in ((before, after), (after, before))
    )
    # The appended value is what the number -1 picks: who was not there is touched.
    touched: Flags = found | np.append(was, True)[known_as]
    return touched


def _strangers(one: pd.Index[int], other: pd.Index[int]) -> pd.Series:
    """Companies that are on one side only: what refers to them belongs to another now."""
    return one.symmetric_difference(other).to_series()


def _rebound(side: Owned, other: Owned) -> list[Numbers]:
    """Clients of `side` whose contacts are others', or are not there, on the other side; companies
    that are bound on one side only.
    """
    mine, theirs = side.ownership, other.ownership
    contacts = theirs.contact_ids.get_indexer(mine.contact_ids)
    there = np.append(theirs.client_keys, -1)[look_up(theirs.contact_clients, contacts)]
    moved = mine.client_keys[mine.contact_clients] != there
    companies = theirs.company_ids.get_indexer(mine.company_ids)
    rebound = mine.is_bound != np.append(theirs.is_bound, False)[companies]
    return [mine.contact_clients[moved], np.flatnonzero(rebound)]


def _owners(side: Owned, changed: Changed, strangers: pd.Series) -> list[Numbers]:
    """Clients that own a changed row, and those whom it concerns."""
    base, ownership = side.base, side.ownership
    changed = {table: changed.get(table, getattr(base, table).iloc[:0]) for table in KEYS}
    bound = pd.concat(
        [
            table.loc[is_among(table["id"], changed[name]["id"]), ["owner_type", "owner"]]
            for name, table in (("activities", base.activities), ("requisites", base.requisites))
        ]
    )

    def owners_of_type(entity_type: EntityType) -> pd.Series:
        return bound.loc[bound["owner_type"] == entity_type, "owner"]

    # A won deal and its paid invoices are one payment: either half decides on the other.
    named = [
        coded(changed["invoices"]["kind"], changed["invoices"]["id"]),
        coded(bound["owner_type"], bound["owner"]),
    ]
    invoices = is_among(coded(base.invoices["kind"], base.invoices["id"]), pd.concat(named))
    named = [
        changed["deals"]["id"],
        owners_of_type(EntityType.DEAL),
        base.invoices.loc[invoices, "deal"],
    ]
    deals = is_among(base.deals["id"], pd.concat(named))
    invoices |= is_among(base.invoices["deal"], changed["deals"]["id"])
    deals |= is_among(base.deals["company"], strangers)
    invoices |= is_among(base.invoices["company"], strangers)

    leads = owners_of_type(EntityType.LEAD)
    leads = leads[leads > 0]
    companies = base.companies.loc[is_among(base.companies["lead"], leads), "id"]
    contacts = base.contacts.loc[is_among(base.contacts["lead"], leads), "id"]
    named_companies = [changed["companies"]["id"], owners_of_type(EntityType.COMPANY), companies]
    named_contacts = [changed["contacts"]["id"], owners_of_type(EntityType.CONTACT), contacts]
    return [
        ownership.of_companies(pd.concat(named_companies)),
        ownership.of_contacts(pd.concat(named_contacts)),
        ownership.of_documents(base.deals[deals]),
        ownership.of_documents(base.invoices[invoices]),
    ]


def coded(entity_types: pd.Series | int, ids: pd.Series) -> pd.Series:
    """Type and id in one number.

    Types beyond 63 may coincide with others; none of them matters, so no more happens than that
    somebody is looked at in vain.
    """
    return ids * 64 + entity_types


def is_among(values: pd.Series, wanted: pd.Series | pd.Index[int]) -> Flags:
    """For every value, whether it is wanted."""
    if len(wanted) == 0:
        return np.zeros(len(values), dtype=bool)
    # A copy, since what pandas hands out may not be written to.
    return np.array(values.isin(wanted), dtype=bool)

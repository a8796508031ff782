"""The part of a base that decides on some of its clients: the rules say of these clients the same
over the part as over the whole.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.evidence import Flags
from segmentation.ownership import Ownership
from segmentation.touched import Owned, coded, is_among
from segmentation.types import Base, EntityType


def part_of(whole: Owned, wanted: Flags) -> Owned:
    """The wanted clients (one truth value per client number) with all that is theirs.

    They are numbered in the same order. Halves of their payments that are others' come along as
    nobody's. Bindings of contacts are in the ownership alone.
    """
    base, ownership = whole.base, _ownership_of(whole.ownership, wanted)
    # The appended value is what the number -1, nobody, picks.
    is_wanted = np.append(wanted, False)
    deals, invoices = (
        _owned(documents, whole.ownership, ownership, is_wanted)
        for documents in (base.deals, base.invoices)
    )
    companies = base.companies[wanted[: len(base.companies)]]
    contacts = base.contacts[wanted[whole.ownership.contact_clients]]
    leads = pd.concat([companies["lead"], contacts["lead"]])
    people = [
        coded(EntityType.COMPANY, companies["id"]),
        coded(EntityType.CONTACT, contacts["id"]),
    ]
    others = [
        coded(EntityType.LEAD, leads[leads > 0]),
        coded(EntityType.DEAL, base.deals.loc[deals, "id"]),
        coded(base.invoices.loc[invoices, "kind"], base.invoices.loc[invoices, "id"]),
    ]
    part = Base(
        companies=companies,
        contacts=contacts,
        links=base.links.iloc[:0],
        deals=_with_halves(base.deals, deals, "id", base.invoices.loc[invoices, "deal"]),
        invoices=_with_halves(base.invoices, invoices, "deal", base.deals.loc[deals, "id"]),
        activities=_bound_to(base.activities, [*people, *others]),
        requisites=_bound_to(base.requisites, people),
    )
    return Owned(part, ownership)


def _ownership_of(whole: Ownership, wanted: Flags) -> Ownership:
    """Ownership among the wanted clients, their numbers being their places among these."""
    companies = wanted[: len(whole.company_ids)]
    contacts = wanted[whole.contact_clients]
    numbers = np.append(np.cumsum(wanted) - 1, -1)
    return Ownership(
        whole.company_ids[companies],
        whole.contact_ids[contacts],
        numbers[whole.parents[contacts]],
        whole.is_bound[companies],
        numbers[whole.contact_clients[contacts]],
    )


def _owned(documents: pd.DataFrame, whole: Ownership, part: Ownership, is_wanted: Flags) -> Flags:
    """Which documents belong to wanted clients. One that mentions a wanted contact may be of a
    company that is not.
    """
    owned = is_among(documents["company"], part.company_ids)
    owned |= is_among(documents["contact"], part.contact_ids)
    owned[owned] = is_wanted[whole.of_documents(documents[owned])]
    return owned


def _with_halves(
    documents: pd.DataFrame, owned: Flags, column: str, halves: pd.Series
) -> pd.DataFrame:
    """Owned documents, and nobody's where they make up a payment with an owned one."""
    others = documents[is_among(documents[column], halves) & ~owned]
    return pd.concat([documents[owned], others.assign(company=0, contact=0)])


def _bound_to(bound: pd.DataFrame, owners: list[pd.Series]) -> pd.DataFrame:
    """Activities or requisites of these owners."""
    return bound[is_among(coded(bound["owner_type"], bound["owner"]), pd.concat(owners))]

"""Who the clients are, and whose client a company, a contact or a document is (spec §3.1).

Clients are numbered: companies first, in order of id, then the contacts of no company, in order of
id. A client number of -1 means nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.types import Base

Numbers = NDArray[np.intp]
"""Client numbers or row numbers; -1 is none."""


CONTACT_KEYS = 2**62
"""Keys of contacts begin here, behind those of all companies."""


@dataclass(frozen=True)
class Ownership:
    """Answers "whose is it" for every id that a table may mention.

    `parents` has for every contact the row of its parent company, or -1. `is_bound` tells for
    every company whether any contact is bound to it. `contact_clients` has the client number that
    each contact's doings count for: its parent company, or the contact itself.
    """

    company_ids: pd.Index[int]
    contact_ids: pd.Index[int]
    parents: Numbers
    is_bound: NDArray[np.bool_]
    contact_clients: Numbers

    @classmethod
    def of(cls, base: Base) -> Ownership:
        """Ownership in a deduplicated base.

        A reference to a company or a contact that is not in the base (the portal's own, deleted,
        out of the reader's rights) is no reference at all.
        """
        company_ids = pd.Index(base.companies["id"])
        contact_ids = pd.Index(base.contacts["id"])
        primary = rows_of(company_ids, base.contacts["company"])
        contacts, companies = _known_links(base, company_ids, contact_ids)
        parents = np.where(
            primary >= 0, primary, _smallest_company(contacts, companies, len(contact_ids))
        )
        is_bound = np.zeros(len(company_ids), dtype=bool)
        is_bound[primary[primary >= 0]] = True
        is_bound[companies] = True
        own_numbers = len(company_ids) + np.cumsum(parents < 0) - 1
        return cls(
            company_ids, contact_ids, parents, is_bound, np.where(parents < 0, own_numbers, parents)
        )

    @property
    def is_client(self) -> NDArray[np.bool_]:
        """For every contact, whether it is a client itself: it has no parent company."""
        return self.parents < 0

    @property
    def clients_count(self) -> int:
        """How many clients there are."""
        return len(self.company_ids) + int(self.is_client.sum())

    @property
    def client_keys(self) -> NDArray[np.int64]:
        """What a client is known by beyond one base: ascending, by client number."""
        companies, contacts = self.company_ids.to_numpy(), self.contact_ids.to_numpy()
        return np.append(companies, CONTACT_KEYS + contacts[self.is_client])

    def of_companies(self, ids: pd.Series) -> Numbers:
        """Client numbers of companies."""
        return rows_of(self.company_ids, ids)

    def of_contacts(self, ids: pd.Series) -> Numbers:
        """Client numbers of those for whom the doings of these contacts count."""
        return look_up(self.contact_clients, rows_of(self.contact_ids, ids))

    def of_documents(self, documents: pd.DataFrame) -> Numbers:
        """Client numbers of deals or invoices: the company's, else the contact's, else none."""
        by_company = self.of_companies(documents["company"])
        return np.where(by_company >= 0, by_company, self.of_contacts(documents["contact"]))


def bound_contacts(base: Base, company: int) -> NDArray[np.bool_]:
    """Per contact of the base, whether it is bound to a company, on either side of the link; its
    parent may be another one.
    """
    links, contacts = base.links, base.contacts
    linked = links.loc[links["company"] == company, "contact"]
    is_bound: NDArray[np.bool_] = (
        (contacts["company"] == company) | contacts["id"].isin(linked)
    ).to_numpy()
    return is_bound


def rows_of(ids: pd.Index[int], wanted: pd.Series) -> Numbers:
    """Row numbers of the wanted ids among `ids`, -1 where there is no such id."""
    return ids.get_indexer(pd.Index(wanted))


def look_up(values: Numbers, rows: Numbers) -> Numbers:
    """`values` at `rows`, -1 where the row is -1."""
    # The appended -1 is what the row number -1 picks, also when there are no values at all.
    return np.append(values, -1)[rows]


def _known_links(
    base: Base, company_ids: pd.Index[int], contact_ids: pd.Index[int]
) -> tuple[Numbers, Numbers]:
    contacts = rows_of(contact_ids, base.links["contact"])
    companies = rows_of(company_ids, base.links["company"])
    known = (contacts >= 0) & (companies >= 0)
    return contacts[known], companies[known]


def _smallest_company(contacts: Numbers, companies: Numbers, contacts_count: int) -> Numbers:
    """Per contact the first row among its linked companies; rows are in order of id."""
    none = np.iinfo(np.intp).max
    smallest = np.full(contacts_count, none)
    np.minimum.at(smallest, contacts, companies)
    return np.where(smallest == none, -1, smallest)

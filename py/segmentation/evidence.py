"""What a client left behind besides payments: requests, dialogs, contact data (spec §3.5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.calendar import Calendar, Days
from segmentation.ownership import Numbers, Ownership, look_up, rows_of
from segmentation.types import Base, EntityType

Flags = NDArray[np.bool_]
"""One truth value per client, by client number."""


def first_request_days(base: Base, ownership: Ownership, calendar: Calendar) -> Days:
    """Per client, the portal day when its first deal or invoice was created; NaT if it has none.

    Every document of a client counts, paid or not, bound to a won deal or not.
    """
    never = np.iinfo(np.int64).max
    first = np.full(ownership.clients_count, never)
    for documents in (base.deals, base.invoices):
        clients = ownership.of_documents(documents)
        days = calendar.days_or_first(documents["created"])
        owned = clients >= 0
        np.minimum.at(first, clients[owned], days[owned].view(np.int64))
    first[first == never] = np.datetime64("NaT").view(np.int64)
    return first.view("datetime64[D]")


def dialogs(base: Base, ownership: Ownership) -> Flags:
    """Per client, whether it had any activity or an open-line chat.

    Activities count for the client of what they are bound to: a company, a contact, a deal or an
    invoice of either kind, or the lead that a company or a contact was made from. Those of a
    company contact, and its chats, count for its parent company.
    """
    owners = base.activities["owner"]
    owner_type = base.activities["owner_type"]

    def owners_of_type(entity_type: EntityType) -> pd.Series:
        return owners[owner_type == entity_type]

    found = [
        ownership.of_companies(owners_of_type(EntityType.COMPANY)),
        ownership.of_contacts(owners_of_type(EntityType.CONTACT)),
        _clients_of_documents(base.deals, owners_of_type(EntityType.DEAL), ownership),
    ]
    for kind in (EntityType.SMART_INVOICE, EntityType.OLD_INVOICE):
        invoices = base.invoices[base.invoices["kind"] == kind]
        found.append(_clients_of_documents(invoices, owners_of_type(kind), ownership))

    leads = owners_of_type(EntityType.LEAD)
    leads = leads[leads > 0]
    companies, contacts = base.companies, base.contacts
    had_company_dialog = companies["has_chat"] | companies["lead"].isin(leads)
    had_contact_dialog = contacts["has_chat"] | contacts["lead"].isin(leads)
    found.append(ownership.of_companies(companies.loc[had_company_dialog, "id"]))
    found.append(ownership.of_contacts(contacts.loc[had_contact_dialog, "id"]))
    return flags_of(found, ownership)


def contact_data(base: Base, ownership: Ownership) -> Flags:
    """Per client, whether it has a phone, e-mail, site, messenger or requisite of its own.

    A company with at least one bound contact has it too, whatever that contact holds.
    """
    requisites, companies, contacts = base.requisites, base.companies, base.contacts
    of_company = requisites.loc[requisites["owner_type"] == EntityType.COMPANY, "owner"]
    of_contact = requisites.loc[requisites["owner_type"] == EntityType.CONTACT, "owner"]
    found = [
        ownership.of_companies(companies.loc[companies["has_contact_data"], "id"]),
        ownership.of_companies(of_company),
        ownership.of_contacts(contacts.loc[contacts["has_contact_data"], "id"]),
        ownership.of_contacts(of_contact),
        np.flatnonzero(ownership.is_bound),
    ]
    return flags_of(found, ownership)


def _clients_of_documents(documents: pd.DataFrame, ids: pd.Series, ownership: Ownership) -> Numbers:
    rows = rows_of(pd.Index(documents["id"]), ids)
    return look_up(ownership.of_documents(documents), rows)


def flags_of(found: list[Numbers], ownership: Ownership) -> Flags:
    """Per client, whether it is among those found."""
    flags = np.zeros(ownership.clients_count, dtype=bool)
    for clients in found:
        flags[clients[clients >= 0]] = True
    return flags

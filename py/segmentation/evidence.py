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

    Activities count for the client of what they are bound to, those of a lead for all that was made
    from it. Those of a company contact, and its chats, count for its parent company.
    """
    leads = base.activities.loc[base.activities["owner_type"] == EntityType.LEAD, "owner"]
    leads = leads[leads > 0]
    companies, contacts = base.companies, base.contacts
    had_company_dialog = companies["has_chat"] | companies["lead"].isin(leads)
    had_contact_dialog = contacts["has_chat"] | contacts["lead"].isin(leads)
    found = [
        clients_of_activities(base, ownership),
        ownership.of_companies(companies.loc[had_company_dialog, "id"]),
        ownership.of_contacts(contacts.loc[had_contact_dialog, "id"]),
    ]
    return flags_of(found, ownership)


def clients_of_activities(base: Base, ownership: Ownership) -> Numbers:
    """Per activity, the client of the company, contact, deal or invoice of either kind that it is
    bound to; -1 for all others, those of leads too, which may have several clients.
    """
    owners, owner_types = base.activities["owner"], base.activities["owner_type"]
    clients = np.full(len(owners), -1, dtype=np.intp)
    documents = {
        EntityType.DEAL: base.deals,
        EntityType.SMART_INVOICE: base.invoices,
        EntityType.OLD_INVOICE: base.invoices,
    }
    for entity_type, table in documents.items():
        bound = (owner_types == entity_type).to_numpy()
        if entity_type != EntityType.DEAL:
            table = table[table["kind"] == entity_type]
        clients[bound] = _clients_of_documents(table, owners[bound], ownership)
    for entity_type, clients_of in (
        (EntityType.COMPANY, ownership.of_companies),
        (EntityType.CONTACT, ownership.of_contacts),
    ):
        bound = (owner_types == entity_type).to_numpy()
        clients[bound] = clients_of(owners[bound])
    return clients


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

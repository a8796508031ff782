"""When a client was last in touch (spec §5)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.calendar import Calendar, Days
from segmentation.evidence import clients_of_activities
from segmentation.ownership import Ownership, rows_of
from segmentation.types import Base, EntityType

NEVER = np.iinfo(np.int64).min
"""What NaT is as a number: before all days."""


def last_contact_days(base: Base, ownership: Ownership, calendar: Calendar) -> Days:
    """Per client, the portal day when its latest activity was created; NaT if it has none that has
    a date.

    Activities count for clients as dialogs do (spec §3.5). Chats have no dates in the base.
    """
    latest = np.full(ownership.clients_count, NEVER, dtype=np.int64)
    activities = base.activities
    days = calendar.days(activities["created"]).view(np.int64)
    clients = clients_of_activities(base, ownership)
    np.maximum.at(latest, clients[clients >= 0], days[clients >= 0])

    is_of_lead = (
        (activities["owner_type"] == EntityType.LEAD) & (activities["owner"] > 0)
    ).to_numpy()
    by_lead = pd.Series(days[is_of_lead]).groupby(activities.loc[is_of_lead, "owner"].to_numpy())
    latest_of_leads = by_lead.max()
    for people, clients_of in (
        (base.companies, ownership.of_companies),
        (base.contacts, ownership.of_contacts),
    ):
        leads = rows_of(latest_of_leads.index, people["lead"])
        clients = clients_of(people["id"])
        np.maximum.at(latest, clients[leads >= 0], latest_of_leads.to_numpy()[leads[leads >= 0]])
    return latest.view("datetime64[D]")

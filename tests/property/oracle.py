"""The rules of client segmentation once more, client by client and month by month.

Slow, in plain Python, and written from the text of the rules rather than from the code it judges:
dictionaries and loops only. A portal is a dictionary of lists of rows, tables and columns as in
`segmentation.types.SCHEMA`, moments being UTC datetimes or None.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Key = tuple[str, int]
"""A client: ('b2b', company id) or ('b2c', contact id)."""

CODES = {
    1: ("companies", "contacts", "all"),
    2: ("b2b_with_contacts", "b2b_without_contacts", "b2c", "all"),
    3: ("active", "dormant", "lost"),
    4: ("regular", "first", "none"),
    5: ("requests", "dialogs", "contacts", "empty"),
}


@dataclass
class Client:
    created: date
    with_contacts: bool = False
    payments: list[tuple[date, int, int]] = field(default_factory=list)
    requests: list[date] = field(default_factory=list)
    has_dialogs: bool = False
    has_contact_data: bool = False

    def lifecycle(self, on: date, active_months: int, dormant_months: int) -> str:
        paid = [day for day, _, _ in self.payments if day <= on]
        if paid:
            if max(paid) >= months_before(on, active_months):
                return "active"
            return "dormant" if max(paid) >= months_before(on, dormant_months) else "lost"
        if any(day <= on for day in self.requests):
            return "requests"
        if self.has_dialogs:
            return "dialogs"
        return "contacts" if self.has_contact_data else "empty"

    def frequency(self, on: date) -> str:
        paid = sum(day <= on for day, _, _ in self.payments)
        return "none" if paid == 0 else "first" if paid == 1 else "regular"


@dataclass
class Answer:
    clients: dict[Key, Client]
    months: list[str]
    modes: dict[int, dict[str, list[int]]]


def months_before(day: date, months: int) -> date:
    """The same day so many calendar months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Oracle:
    def __init__(self, rows: Rows, now: datetime, timezone: tzinfo) -> None:
        self.timezone = timezone
        self.today = now.astimezone(timezone).date()
        self.companies = {row["id"]: row for row in rows["companies"]}
        self.contacts = {row["id"]: row for row in rows["contacts"]}
        self.deals = {row["id"]: row for row in rows["deals"]}
        self.invoices = {(row["kind"], row["id"]): row for row in rows["invoices"]}
        self.activities = {row["id"]: row for row in rows["activities"]}
        self.requisites = {row["id"]: row for row in rows["requisites"]}
        self.bound: dict[int, set[int]] = {contact: set() for contact in self.contacts}
        pairs = [(link["contact"], link["company"]) for link in rows["links"]]
        pairs += [(contact["id"], contact["company"]) for contact in self.contacts.values()]
        for contact, company in pairs:
            if contact in self.contacts and company in self.companies:
                self.bound[contact].add(company)
        people = [*self.companies.values(), *self.contacts.values()]
        known = [self.day(person["created"]) for person in people if person["created"]]
        self.first_day = min([*known, self.today])

    def day(self, *moments: datetime | None) -> date:
        """The portal's day of the first moment that is known, never after today."""
        for moment in moments:
            if moment is not None:
                return min(moment.astimezone(self.timezone).date(), self.today)
        return self.first_day

    def of_contact(self, contact: int) -> Key | None:
        if contact not in self.contacts:
            return None
        if not self.bound[contact]:
            return ("b2c", contact)
        primary = self.contacts[contact]["company"]
        return ("b2b", primary if primary in self.companies else min(self.bound[contact]))

    def of_document(self, document: Row) -> Key | None:
        if document["company"] in self.companies:
            return ("b2b", document["company"])
        return self.of_contact(document["contact"])

    def clients(self) -> dict[Key, Client]:
        clients: dict[Key, Client] = {}
        for id, company in self.companies.items():
            clients["b2b", id] = Client(self.day(company["created"]))
        for id, contact in self.contacts.items():
            if not self.bound[id]:
                clients["b2c", id] = Client(self.day(contact["created"]))
        for bound in self.bound.values():
            for id in bound:
                clients["b2b", id].with_contacts = clients["b2b", id].has_contact_data = True
        self.add_documents(clients)
        for key in filter(None, self.with_dialogs()):
            clients[key].has_dialogs = True
        for key in filter(None, self.with_contact_data()):
            clients[key].has_contact_data = True
        return clients

    def add_documents(self, clients: dict[Key, Client]) -> None:
        for document in [*self.deals.values(), *self.invoices.values()]:
            owner = self.of_document(document)
            if owner is not None:
                clients[owner].requests.append(self.day(document["created"]))
        days = {
            deal["id"]: [self.day(deal["closed"], deal["created"])]
            for deal in self.deals.values()
            if deal["won"]
        }
        for invoice in filter(lambda row: row["paid"], self.invoices.values()):
            day = self.day(invoice["paid_at"], invoice["created"])
            if invoice["deal"] in days:
                days[invoice["deal"]].append(day)
            elif (owner := self.of_document(invoice)) is not None:
                clients[owner].payments.append((day, invoice["kind"], invoice["id"]))
        for deal, of_deal in days.items():
            if (owner := self.of_document(self.deals[deal])) is not None:
                clients[owner].payments.append((max(of_deal), 2, deal))

    def with_dialogs(self) -> Iterable[Key | None]:
        for activity in self.activities.values():
            yield from self.of_activity(activity)
        yield from self.owners("has_chat", True)

    def of_activity(self, activity: Row) -> Iterable[Key | None]:
        owner_type, owner = activity["owner_type"], activity["owner"]
        if owner_type == 1 and owner:
            yield from self.owners("lead", owner)
        elif owner_type == 2 and owner in self.deals:
            yield self.of_document(self.deals[owner])
        elif owner_type in (3, 4):
            yield self.of_person(owner_type, owner)
        elif (owner_type, owner) in self.invoices:
            yield self.of_document(self.invoices[owner_type, owner])

    def with_contact_data(self) -> Iterable[Key | None]:
        yield from self.owners("has_contact_data", True)
        for requisite in self.requisites.values():
            yield self.of_person(requisite["owner_type"], requisite["owner"])

    def owners(self, column: str, value: int) -> Iterable[Key | None]:
        """The clients of all companies and contacts with this value in a column."""
        for owner_type, table in ((4, self.companies), (3, self.contacts)):
            yield from (
                self.of_person(owner_type, id) for id in table if table[id][column] == value
            )

    def of_person(self, owner_type: int, owner: int) -> Key | None:
        if owner_type == 4 and owner in self.companies:
            return ("b2b", owner)
        return self.of_contact(owner) if owner_type == 3 else None

    def month_ends(self) -> list[date]:
        ends, month = [], self.first_day.replace(day=1)
        while month <= self.today:
            following = (month + timedelta(days=31)).replace(day=1)
            ends.append(min(following - timedelta(days=1), self.today))
            month = following
        return ends

    def answer(self, active_months: int = 6, dormant_months: int = 18) -> Answer:
        clients, points = self.clients(), self.month_ends()
        modes = {mode: {code: [0] * len(points) for code in CODES[mode]} for mode in CODES}
        for i, point in enumerate(points):
            for code, table in (("companies", self.companies), ("contacts", self.contacts)):
                found = sum(self.day(row["created"]) <= point for row in table.values())
                modes[1][code][i] += found
                modes[1]["all"][i] += found
            for (kind, _), client in clients.items():
                if client.created > point:
                    continue
                stage = client.lifecycle(point, active_months, dormant_months)
                having = "with" if client.with_contacts else "without"
                modes[2]["b2c" if kind == "b2c" else f"b2b_{having}_contacts"][i] += 1
                modes[2]["all"][i] += 1
                modes[3 if stage in CODES[3] else 5][stage][i] += 1
                modes[4][client.frequency(point)][i] += 1
        return Answer(clients, [f"{point:%Y-%m}" for point in points], modes)

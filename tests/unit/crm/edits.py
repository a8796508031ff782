"""What people do to a portal between two readings: seeded, through the emulated portal's own REST
methods.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from crm.client import Portal
from crm.errors import RequestRefused
from crm.query import Command
from portal.database import Database

DELETE_EVENTS = (
    "ONCRMCOMPANYDELETE",
    "ONCRMCONTACTDELETE",
    "ONCRMDEALDELETE",
    "ONCRMLEADDELETE",
    "ONCRMINVOICEDELETE",
    "ONCRMACTIVITYDELETE",
    "ONCRMREQUISITEDELETE",
    "ONCRMDYNAMICITEMDELETE",
)
KINDS = ("company", "contact", "deal", "invoice", "activity", "requisite")
TABLES = {
    "company": "companies",
    "contact": "contacts",
    "deal": "deals",
    "invoice": "old_invoices",
    "activity": "activities",
    "requisite": "requisites",
}


async def listen(portal: Portal) -> None:
    """Have the portal queue what is deleted from now on."""
    for event in DELETE_EVENTS:
        await portal.call("event.bind", {"event": event, "event_type": "offline"})


class Editor:
    """Edits one portal at random."""

    def __init__(self, database: Database, portal: Portal, seed: int) -> None:
        self._database = database
        self._portal = portal
        self._random = np.random.default_rng(seed)
        self.done: list[str] = []

    async def work(self, edits: int, within_s: float = 90.0) -> None:
        """So many edits, each within so many seconds of the one before."""
        works: list[Callable[[], Awaitable[None]]] = [
            self.add,
            self.edit,
            self.edit,
            self.move,
            self.pay,
            self.delete,
            self.delete_many,
            self.merge,
            self.bind,
            self.bind_silently,
            self.own,
            self.template,
        ]
        for _ in range(edits):
            work = works[int(self._random.integers(len(works)))]
            self.done.append(work.__name__)
            await work()
            await asyncio.sleep(self._random.random() * within_s)

    async def add(self) -> None:
        """A new row of any kind."""
        kind = self._kind()
        await self._call(f"crm.{kind}.add", fields=self._fields(kind))
        item = {"entityTypeId": 31, "fields": self._invoice()}
        await self._portal.call("crm.item.add", item)

    async def edit(self) -> None:
        """Any fields of a row."""
        kind = self._kind()
        if kind == "requisite":
            return
        await self._call(f"crm.{kind}.update", id=self._any(kind), fields=self._fields(kind))

    async def move(self) -> None:
        """A deal is won, lost or taken up again."""
        stage = self._choice(("NEW", "WON", "LOSE"))
        await self._call("crm.deal.update", id=self._any("deal"), fields={"STAGE_ID": stage})

    async def pay(self) -> None:
        """A smart invoice moves to another stage."""
        rows = self._database.query("SELECT STATUS_ID FROM statuses WHERE STATUS_ID LIKE 'DT31%'")
        stage = self._choice([row["STATUS_ID"] for row in rows])
        fields = {"stageId": stage, **({} if self._random.random() < 0.5 else self._invoice())}
        params = {"entityTypeId": 31, "id": self._any_id("invoices", "id"), "fields": fields}
        await self._portal.call("crm.item.update", params)

    async def delete(self) -> None:
        """A row of any kind."""
        kind = self._kind()
        await self._call(f"crm.{kind}.delete", id=self._any(kind))

    async def delete_many(self) -> None:
        """Neighbours, as when somebody cleans up."""
        kind = self._kind()
        first = self._any(kind)
        rows = self._database.rows(TABLES[kind], "ID >= ?", (first,))[:7]
        await self._portal.batch(
            [Command.of(f"crm.{kind}.delete", {"id": row["ID"]}) for row in rows]
        )

    async def merge(self) -> None:
        """Two clients or deals become one."""
        number, kind = self._choice(((4, "company"), (3, "contact"), (2, "deal")))
        ids = [self._any(kind), self._any(kind)]
        if ids[0] == ids[1]:
            return
        for column in ("TITLE", "NAME", "LAST_NAME", "SECOND_NAME", "POST", "COMPANY_TYPE"):
            if column in self._database.rows(TABLES[kind])[0]:
                self._set(TABLES[kind], column, "", ids[1])
        # Should the merger be refused, the row has changed all the same: its date is to tell so.
        await self._call(f"crm.{kind}.update", id=ids[1], fields={"COMMENTS": "x"})
        params = {"entityTypeId": number, "entityIds": ids}
        await self._portal.call("crm.entity.mergeBatch", {"params": params})

    async def bind(self) -> None:
        """A contact gets other companies, or none, in its card."""
        companies = [self._any("company") for _ in range(int(self._random.integers(0, 3)))]
        fields = {"COMPANY_IDS": companies, "COMPANY_ID": companies[0] if companies else 0}
        await self._call("crm.contact.update", id=self._any("contact"), fields=fields)

    async def bind_silently(self) -> None:
        """A link comes or goes without a date."""
        contact, company = self._any("contact"), self._any("company")
        verb = self._choice(("add", "delete"))
        if self._random.random() < 0.5:
            linked = self._database.query("SELECT * FROM links")
            link = linked[int(self._random.integers(len(linked)))]
            contact, company = link["contact"], link["company"]
        fields = {"CONTACT_ID": contact}
        await self._call(f"crm.company.contact.{verb}", id=company, fields=fields)

    async def own(self) -> None:
        """A company turns out to be the owner's, or not to be."""
        fields = {"IS_MY_COMPANY": self._choice("YN")}
        await self._call("crm.company.update", id=self._any("company"), fields=fields)

    async def template(self) -> None:
        """A deal becomes a template, or is one no longer."""
        fields = {"IS_RECURRING": self._choice("YN")}
        await self._call("crm.deal.update", id=self._any("deal"), fields=fields)

    def _fields(self, kind: str) -> dict[str, Any]:
        clients = {"COMPANY_ID": self._maybe("company"), "CONTACT_ID": self._maybe("contact")}
        phone = [{"VALUE": f"+7{self._random.integers(10**9)}", "VALUE_TYPE": "WORK"}]
        owner, number = self._choice(((4, "company"), (3, "contact"), (2, "deal")))
        fields: dict[str, dict[str, Any]] = {
            "company": {"TITLE": self._name(), "PHONE": phone, "ASSIGNED_BY_ID": 1},
            "contact": {
                "NAME": self._name(),
                "EMAIL": phone,
                "COMPANY_ID": self._maybe("company"),
            },
            "deal": {"TITLE": "Сделка", **clients, "OPPORTUNITY": self._amount()},
            "invoice": {
                "UF_COMPANY_ID": self._maybe("company"),
                "UF_DEAL_ID": self._maybe("deal"),
                "PAYED": self._choice("YN"),
                "DATE_PAYED": "2025-10-01",
                "PRICE": self._amount(),
                "CURRENCY": self._choice(("RUB", "USD")),
            },
            "activity": {
                "OWNER_TYPE_ID": owner,
                "OWNER_ID": self._any(number),
                "SUBJECT": "Звонок",
            },
            "requisite": {
                "ENTITY_TYPE_ID": 4,
                "ENTITY_ID": self._any("company"),
                "NAME": "ООО",
                "RQ_INN": str(self._amount()),
            },
        }
        return fields[kind]

    def _invoice(self) -> dict[str, Any]:
        return {
            "companyId": self._maybe("company"),
            "contactId": self._maybe("contact"),
            "parentId2": self._maybe("deal"),
            "opportunity": self._amount(),
        }

    def _name(self) -> str:
        return str(self._choice(("Ромашка", "Anna\u202e", "<b>x</b>", "я" * 600, "a\tb")))

    def _amount(self) -> int:
        return int(self._random.integers(10**6))

    async def _call(self, method: str, **params: Any) -> None:
        """One edit; that a row is gone meanwhile, or of a forbidden form, is part of life."""
        try:
            await self._portal.call(method, params)
        except RequestRefused:
            self.done[-1] += " (refused)"

    def _kind(self) -> str:
        return str(self._choice(KINDS))

    def _choice(self, values: Any) -> Any:
        return values[int(self._random.integers(len(values)))]

    def _any(self, kind: str) -> int:
        return self._any_id(TABLES[kind], "ID")

    def _any_id(self, table: str, key: str) -> int:
        ids = self._database.query(f'SELECT "{key}" AS id FROM "{table}"')
        return int(self._choice(ids)["id"]) if ids else 0

    def _maybe(self, kind: str) -> int:
        return self._any(kind) if self._random.random() < 0.7 else 0

    def _set(self, table: str, column: str, value: Any, number: int) -> None:
        statement = f'UPDATE "{table}" SET "{column}" = ? WHERE ID = ?'
        self._database.connection.execute(statement, (value, number))

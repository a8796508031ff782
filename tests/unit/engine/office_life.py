"""What people do in a portal between two refreshes: they add, edit, move, delete and merge."""

from __future__ import annotations

import random
from typing import Any

from portal.entities import ITEM_LISTS, OLD_LISTS, Entity, id_column
from portal.merging import merge
from portal.state import PortalState

SMART_INVOICE = 31
CHOICES = (
    *("add_client", "add_client", "add_document", "add_document", "add_activity"),
    *("win", "win", "reopen", "move_document", "pay", "unpay", "rename", "rename"),
    *("bind", "unbind", "delete", "delete", "delete", "merge", "own"),
)


class OfficeLife:
    """Random doings; the same for the same seed and portal."""

    def __init__(self, state: PortalState, seed: int) -> None:
        self.state = state
        self.chance = random.Random(seed)

    def live(self, doings: int) -> None:
        """Do so many things."""
        for _ in range(doings):
            getattr(self, self.chance.choice(CHOICES))()

    def add_client(self) -> None:
        phone = [{"VALUE": "+7 900 000-00-00", "VALUE_TYPE": "WORK"}]
        if self.chance.random() < 0.4:
            self._add("company", TITLE="Новая", **({"PHONE": phone} if self._likely() else {}))
        else:
            company = self._some_id("companies") if self._likely() else 0
            self._add("contact", NAME="Новый", COMPANY_ID=company, PHONE=phone)

    def add_document(self) -> None:
        stage = self.chance.choice(["NEW", "WON", "LOSE"])
        self._add("deal", TITLE="Сделка", STAGE_ID=stage, **self._somebody())

    def add_activity(self) -> None:
        owner = self.chance.choice([(3, "contacts"), (4, "companies"), (2, "deals")])
        self._add(
            "activity",
            SUBJECT="Звонок",
            TYPE_ID=2,
            OWNER_TYPE_ID=owner[0],
            OWNER_ID=self._some_id(owner[1]),
        )

    def win(self) -> None:
        self._update(OLD_LISTS["deal"], STAGE_ID="WON", CATEGORY_ID=0)

    def reopen(self) -> None:
        self._update(OLD_LISTS["deal"], STAGE_ID="NEW", CATEGORY_ID=0)

    def move_document(self) -> None:
        amount = self.chance.randint(0, 10**6)
        self._update(OLD_LISTS["deal"], OPPORTUNITY=amount, **self._somebody())
        self._update(
            ITEM_LISTS[SMART_INVOICE],
            companyId=self._some_id("companies"),
            contactId=self._some_id("contacts"),
            opportunity=amount,
        )

    def pay(self) -> None:
        self._update(ITEM_LISTS[SMART_INVOICE], stageId=self._stage("S"))

    def unpay(self) -> None:
        self._update(ITEM_LISTS[SMART_INVOICE], stageId=self._stage("F"))

    def rename(self) -> None:
        name = f"Другое имя {self.chance.random()}"
        self._update(OLD_LISTS["company"], TITLE=name, ASSIGNED_BY_ID=self.chance.randint(1, 5))
        phone = [{"VALUE": "+7 900 111-11-11", "VALUE_TYPE": "WORK"}]
        self._update(OLD_LISTS["contact"], NAME=name, PHONE=phone)

    def bind(self) -> None:
        self._update(OLD_LISTS["contact"], COMPANY_ID=self._some_id("companies"))

    def unbind(self) -> None:
        self._update(OLD_LISTS["contact"], COMPANY_ID=0)

    def own(self) -> None:
        self._update(OLD_LISTS["company"], IS_MY_COMPANY=self.chance.choice("YNN"))

    def delete(self) -> None:
        entities = [
            *(OLD_LISTS[name] for name in ("company", "contact", "deal", "activity", "requisite")),
            ITEM_LISTS[SMART_INVOICE],
        ]
        entity = self.chance.choice(entities)
        row = self._some(entity.table)
        if row is not None:
            self.state.records.delete(entity, row[id_column(entity)], self.state.admin_id)

    def merge(self) -> None:
        entity = OLD_LISTS[self.chance.choice(["company", "contact"])]
        rows = [self._some(entity.table), self._some(entity.table)]
        one, other = rows
        if one is not None and other is not None and one["ID"] != other["ID"]:
            merge(self.state.database, self.state.records, entity, [one, other], 1)

    def delete_all_created_before(self, entity: Entity, moment_s: int) -> int:
        """Delete clients that are older than a moment (unix); how many."""
        rows = self.state.database.rows(entity.table, "DATE_CREATE < ?", (moment_s,))
        for row in rows:
            self.state.records.delete(entity, row["ID"], self.state.admin_id)
        return len(rows)

    def _likely(self) -> bool:
        return self.chance.random() < 0.7

    def _somebody(self) -> dict[str, Any]:
        return {
            "COMPANY_ID": self._some_id("companies") if self._likely() else 0,
            "CONTACT_ID": self._some_id("contacts") if self._likely() else 0,
        }

    def _stage(self, semantics: str) -> str:
        rows = self.state.database.rows(
            "statuses", "ENTITY_ID LIKE 'SMART_INVOICE%' AND SEMANTICS = ?", (semantics,)
        )
        return str(self.chance.choice(rows)["STATUS_ID"])

    def _add(self, name: str, **fields: Any) -> None:
        self.state.records.add(OLD_LISTS[name], fields, self.state.admin_id)

    def _update(self, entity: Entity, **fields: Any) -> None:
        row = self._some(entity.table)
        if row is not None:
            self.state.records.update(
                entity, row, fields, self.state.admin_id, only_if_changed=entity.is_item
            )

    def _some(self, table: str) -> dict[str, Any] | None:
        rows = self.state.database.rows(table)
        return self.chance.choice(rows) if rows else None

    def _some_id(self, table: str) -> int:
        row = self._some(table)
        return 0 if row is None else int(row.get("ID") or row.get("id") or 0)

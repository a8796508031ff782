"""What is asked of which method.

Few named fields, since every ``*`` and every user field costs the portal time (reference §6). A
source is one list method as it is read; smart and old invoices are two sources of one table, the
clients and what their cards say come from one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from crm import rows
from crm.mark_values import select_names
from crm.rows import (
    ACTIVITY,
    COMPANY,
    CONTACT,
    DEAL,
    OLD_INVOICE,
    REQUISITE,
    SMART_INVOICE,
    Facts,
)
from crm.tables import Columns, Row, table

__all__ = ["SOURCES", "Facts", "Source"]


@dataclass(frozen=True, eq=False)
class Source:
    """One list method as it is read for one table."""

    name: str
    table: str
    entity_type: int
    method: str
    created: str
    select: tuple[str, ...]
    convert: Callable[[Sequence[Row], Facts], Columns]
    modified: str
    """The field that tells when a row was changed last; the portal may leave it empty."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    filter: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False
    """Whether a portal that refuses it is read without it, which a note says."""
    flag: str = ""
    """A row whose flag is ``Y`` is none of the table's: an own company, a template."""
    cards: str = ""
    """A second table that is made of the same rows, with the same ids."""

    @property
    def id(self) -> str:
        """Name of the id field: items have theirs in camel case."""
        return self.select[0]

    @property
    def path(self) -> tuple[str, ...]:
        """Where in a result the rows are."""
        return ("items",) if self.method == "crm.item.list" else ()

    def params(
        self, facts: Facts, filter: Mapping[str, Any], order: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Parameters of one uncounted page (``start=-1``), in the order of ids unless another is
        given, with the marks that the portal has.
        """
        return {
            **self.fixed,
            "select": (*self.select, *select_names(facts.marks_of(self.table))),
            "filter": {**self.filter, **filter},
            "order": order or {self.id: "ASC"},
            "start": -1,
        }

    def rows(self, value: Any) -> list[Any] | None:
        """The rows of a result, whatever empty or listed form it came in; None when it holds none
        at all.
        """
        for part in self.path:
            if isinstance(value, dict):
                value = value.get(part)
        if isinstance(value, dict):
            value = list(value.values())
        return value if isinstance(value, list) else None

    def changing(self) -> Source:
        """The same source as it is read for what changed: with the fields that tell so, and without
        conditions that a row may meet no longer.
        """
        names = dict.fromkeys((*self.select, self.modified, *([self.flag] if self.flag else [])))
        return replace(self, select=tuple(names), filter={})

    @property
    def tables(self) -> tuple[str, ...]:
        """All tables that are made of its rows."""
        return (self.table, self.cards) if self.cards else (self.table,)

    def tabulate(self, rows: Sequence[Row], facts: Facts) -> pd.DataFrame:
        """The source's rows as rows of its table."""
        return table(self.table, self.convert(rows, facts))

    def frames(self, rows: Sequence[Row], facts: Facts) -> dict[str, pd.DataFrame]:
        """The source's rows as rows of all its tables."""
        columns = self.convert(rows, facts)
        return {name: table(name, columns) for name in self.tables}


_CLIENT_FIELDS = (
    "ID",
    "DATE_CREATE",
    "DATE_MODIFY",
    "CREATED_BY_ID",
    "HAS_PHONE",
    "HAS_EMAIL",
    "HAS_IMOL",
    "WEB",
    "IM",
    "LEAD_ID",
    "ASSIGNED_BY_ID",
    "PHONE",
    "EMAIL",
)

COMPANIES = Source(
    "companies",
    "companies",
    COMPANY,
    "crm.company.list",
    created="DATE_CREATE",
    select=(*_CLIENT_FIELDS, "TITLE"),
    convert=rows.companies,
    modified="DATE_MODIFY",
    filter={"IS_MY_COMPANY": "N"},
    flag="IS_MY_COMPANY",
    cards="company_cards",
)
CONTACTS = Source(
    "contacts",
    "contacts",
    CONTACT,
    "crm.contact.list",
    created="DATE_CREATE",
    select=(*_CLIENT_FIELDS, *rows.PARTS_OF_NAME, "COMPANY_ID"),
    convert=rows.contacts,
    modified="DATE_MODIFY",
    cards="contact_cards",
)
LINKS = Source(
    "links",
    "links",
    CONTACT,
    "crm.item.list",
    created="createdTime",
    select=("id", "createdTime", "companyIds"),
    convert=rows.links,
    modified="updatedTime",
    fixed={"entityTypeId": CONTACT},
    filter={">companyId": 0},
    optional=True,
)
DEALS = Source(
    "deals",
    "deals",
    DEAL,
    "crm.deal.list",
    created="DATE_CREATE",
    select=(
        "ID",
        "DATE_CREATE",
        "COMPANY_ID",
        "CONTACT_ID",
        "STAGE_SEMANTIC_ID",
        "IS_RECURRING",
        "CLOSEDATE",
        "MOVED_TIME",
        "OPPORTUNITY",
        "CURRENCY_ID",
    ),
    convert=rows.deals,
    modified="DATE_MODIFY",
    flag="IS_RECURRING",
)
SMART_INVOICES = Source(
    "smart_invoices",
    "invoices",
    SMART_INVOICE,
    "crm.item.list",
    created="createdTime",
    select=(
        "id",
        "createdTime",
        "companyId",
        "contactId",
        "parentId2",
        "stageId",
        "movedTime",
        "opportunity",
        "currencyId",
    ),
    convert=rows.smart_invoices,
    modified="updatedTime",
    fixed={"entityTypeId": SMART_INVOICE},
    optional=True,
)
OLD_INVOICES = Source(
    "old_invoices",
    "invoices",
    OLD_INVOICE,
    "crm.invoice.list",
    created="DATE_INSERT",
    select=(
        "ID",
        "DATE_INSERT",
        "UF_COMPANY_ID",
        "UF_CONTACT_ID",
        "UF_DEAL_ID",
        "PAYED",
        "DATE_PAYED",
        "PRICE",
        "CURRENCY",
    ),
    convert=rows.old_invoices,
    modified="DATE_UPDATE",
    optional=True,
)
ACTIVITIES = Source(
    "activities",
    "activities",
    ACTIVITY,
    "crm.activity.list",
    created="CREATED",
    select=("ID", "CREATED", "OWNER_ID", "OWNER_TYPE_ID"),
    convert=rows.activities,
    modified="LAST_UPDATED",
)
REQUISITES = Source(
    "requisites",
    "requisites",
    REQUISITE,
    "crm.requisite.list",
    created="DATE_CREATE",
    select=("ID", "DATE_CREATE", "ENTITY_TYPE_ID", "ENTITY_ID", "RQ_INN"),
    convert=rows.requisites,
    modified="DATE_MODIFY",
    optional=True,
)

BINDINGS = Source(
    "bindings",
    "links",
    COMPANY,
    "crm.item.list",
    created="createdTime",
    select=("id", "createdTime", "contactIds"),
    convert=rows.bindings,
    modified="updatedTime",
    fixed={"entityTypeId": COMPANY},
    optional=True,
)
"""Links as the companies tell them: a contact that is bound there need not count as changed."""

SOURCES: tuple[Source, ...] = (
    COMPANIES,
    CONTACTS,
    LINKS,
    DEALS,
    SMART_INVOICES,
    OLD_INVOICES,
    ACTIVITIES,
    REQUISITES,
)
"""Everything that is read, in the order in which a month asks for it."""

"""What is asked of which method, and how its rows become tables.

Few named fields, since every ``*`` and every user field costs the portal time (reference §6). A
source is one list method as it is read; smart and old invoices are two sources of one table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.convert import Ints, days, flags, moments, whole_numbers

Row = dict[str, Any]
Columns = dict[str, npt.NDArray[Any]]

CONTACT, SMART_INVOICE, OLD_INVOICE = 3, 31, 5
PAGE_ROWS = 50
"""Rows of a full page; a shorter one is the last."""

_ID_COLUMNS = {"id": "int64", "created": "datetime64[s]"}
_CLIENT_COLUMNS = {"has_contact_data": "bool", "has_chat": "bool", "lead": "int64"}
_DOCUMENT_COLUMNS = {"company": "int64", "contact": "int64"}
_OWNER_COLUMNS = {"owner_type": "int64", "owner": "int64"}

TABLES: dict[str, dict[str, str]] = {
    "companies": {**_ID_COLUMNS, **_CLIENT_COLUMNS},
    "contacts": {**_ID_COLUMNS, "company": "int64", **_CLIENT_COLUMNS},
    "links": {"contact": "int64", "company": "int64"},
    "deals": {**_ID_COLUMNS, **_DOCUMENT_COLUMNS, "won": "bool", "closed": "datetime64[s]"},
    "invoices": {
        "id": "int64",
        "kind": "int64",
        "created": "datetime64[s]",
        **_DOCUMENT_COLUMNS,
        "deal": "int64",
        "paid": "bool",
        "paid_at": "datetime64[s]",
    },
    "activities": {**_ID_COLUMNS, **_OWNER_COLUMNS},
    "requisites": {**_ID_COLUMNS, **_OWNER_COLUMNS},
}
"""Columns and types of every table. Moments are UTC, NaT where absent; ids are 0 where absent."""


@dataclass(frozen=True)
class Facts:
    """What a conversion needs to know of the portal: its offset and the stages in which invoices
    are paid.
    """

    offset_s: int = 0
    paid_stages: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Source:
    """One list method as it is read for one table."""

    name: str
    table: str
    method: str
    created: str
    select: tuple[str, ...]
    convert: Callable[[Sequence[Row], Facts], Columns]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    filter: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False
    """Whether a portal that refuses it is read without it, which a note says."""

    @property
    def id(self) -> str:
        """Name of the id field: items have theirs in camel case."""
        return self.select[0]

    @property
    def path(self) -> tuple[str, ...]:
        """Where in a result the rows are."""
        return ("items",) if self.method == "crm.item.list" else ()

    def params(
        self, filter: Mapping[str, Any], order: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Parameters of one uncounted page (``start=-1``), in the order of ids unless another is
        given.
        """
        return {
            **self.fixed,
            "select": self.select,
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

    def tabulate(self, rows: Sequence[Row], facts: Facts) -> pd.DataFrame:
        """The source's rows as rows of its table."""
        return table(self.table, self.convert(rows, facts))


def table(name: str, columns: Mapping[str, npt.NDArray[Any]] | None = None) -> pd.DataFrame:
    """A frame of table ``name``, empty without columns."""
    types = TABLES[name]
    if columns is None:
        columns = {column: np.array([], dtype=kind) for column, kind in types.items()}
    return pd.DataFrame({column: columns[column] for column in types}, copy=False)


def _column(rows: Sequence[Row], name: str) -> list[Any]:
    return [row.get(name) for row in rows]


def _ids(rows: Sequence[Row], name: str) -> Ints:
    return whole_numbers(_column(rows, name))


def _id_and_created(rows: Sequence[Row], facts: Facts, id_name: str, created: str) -> Columns:
    return {
        "id": _ids(rows, id_name),
        "created": moments(_column(rows, created), facts.offset_s),
    }


def _is_chat(entry: Any) -> bool:
    """Whether a messenger entry is an open-line chat: a dialog and no address to write to."""
    if not isinstance(entry, dict):
        return False
    value = str(entry.get("VALUE") or "").lower()
    return value.startswith("imol|") or str(entry.get("VALUE_TYPE") or "").upper() == "IMOL"


def _entries(value: Any) -> list[Any]:
    """Filled entries of a multi-field, which comes as list or object, or not at all when empty."""
    entries = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("VALUE")]


def _client(rows: Sequence[Row], facts: Facts) -> Columns:
    """Columns that companies and contacts share (spec §3.5: phone, e-mail, site, messenger)."""
    messengers = [_entries(value) if value else [] for value in _column(rows, "IM")]
    chats = [any(_is_chat(entry) for entry in entries) for entries in messengers]
    addresses = [not all(_is_chat(entry) for entry in entries) for entries in messengers]
    sites = [bool(value) and bool(_entries(value)) for value in _column(rows, "WEB")]
    reachable = flags(_column(rows, "HAS_PHONE")) | flags(_column(rows, "HAS_EMAIL"))
    return {
        **_id_and_created(rows, facts, "ID", "DATE_CREATE"),
        "has_contact_data": reachable | np.array(sites, np.bool_) | np.array(addresses, np.bool_),
        "has_chat": flags(_column(rows, "HAS_IMOL")) | np.array(chats, np.bool_),
        "lead": _ids(rows, "LEAD_ID"),
    }


def _contact(rows: Sequence[Row], facts: Facts) -> Columns:
    return {**_client(rows, facts), "company": _ids(rows, "COMPANY_ID")}


def _links(rows: Sequence[Row], facts: Facts) -> Columns:
    """One row per contact and company; ``companyIds`` may be a list, an object or missing."""
    companies: list[Any] = []
    counts: list[int] = []
    for value in _column(rows, "companyIds"):
        bound = list(value.values()) if isinstance(value, dict) else value
        bound = bound if isinstance(bound, list) else []
        companies.extend(bound)
        counts.append(len(bound))
    contact = np.repeat(_ids(rows, "id"), counts)
    company = whole_numbers(companies)
    known = company > 0
    return {"contact": contact[known], "company": company[known]}


def _deals(rows: Sequence[Row], facts: Facts) -> Columns:
    """Templates of recurring deals are no deals (spec §3.2)."""
    rows = [row for row in rows if row.get("IS_RECURRING") != "Y"]
    closed = days(_column(rows, "CLOSEDATE"), facts.offset_s)
    moved = moments(_column(rows, "MOVED_TIME"), facts.offset_s)
    return {
        **_id_and_created(rows, facts, "ID", "DATE_CREATE"),
        "company": _ids(rows, "COMPANY_ID"),
        "contact": _ids(rows, "CONTACT_ID"),
        "won": np.array([row.get("STAGE_SEMANTIC_ID") == "S" for row in rows], np.bool_),
        "closed": np.where(np.isnat(closed), moved, closed),
    }


def _smart_invoices(rows: Sequence[Row], facts: Facts) -> Columns:
    """Paid by the semantics of the stage, never by its code; there is no day of payment but
    ``movedTime``.
    """
    stages = [str(stage) for stage in _column(rows, "stageId")]
    paid = np.array([stage in facts.paid_stages for stage in stages], np.bool_)
    paid_at = moments(_column(rows, "movedTime"), facts.offset_s)
    paid_at[~paid] = np.datetime64("NaT")
    return {
        **_id_and_created(rows, facts, "id", "createdTime"),
        "kind": np.full(len(rows), SMART_INVOICE, np.int64),
        "company": _ids(rows, "companyId"),
        "contact": _ids(rows, "contactId"),
        "deal": _ids(rows, "parentId2"),
        "paid": paid,
        "paid_at": paid_at,
    }


def _old_invoices(rows: Sequence[Row], facts: Facts) -> Columns:
    paid = flags(_column(rows, "PAYED"))
    paid_at = days(_column(rows, "DATE_PAYED"), facts.offset_s)
    paid_at[~paid] = np.datetime64("NaT")
    return {
        **_id_and_created(rows, facts, "ID", "DATE_INSERT"),
        "kind": np.full(len(rows), OLD_INVOICE, np.int64),
        "company": _ids(rows, "UF_COMPANY_ID"),
        "contact": _ids(rows, "UF_CONTACT_ID"),
        "deal": _ids(rows, "UF_DEAL_ID"),
        "paid": paid,
        "paid_at": paid_at,
    }


def _activities(rows: Sequence[Row], facts: Facts) -> Columns:
    return {
        **_id_and_created(rows, facts, "ID", "CREATED"),
        "owner_type": _ids(rows, "OWNER_TYPE_ID"),
        "owner": _ids(rows, "OWNER_ID"),
    }


def _requisites(rows: Sequence[Row], facts: Facts) -> Columns:
    return {
        **_id_and_created(rows, facts, "ID", "DATE_CREATE"),
        "owner_type": _ids(rows, "ENTITY_TYPE_ID"),
        "owner": _ids(rows, "ENTITY_ID"),
    }


_CLIENT_FIELDS = ("ID", "DATE_CREATE", "HAS_PHONE", "HAS_EMAIL", "HAS_IMOL", "WEB", "IM", "LEAD_ID")

COMPANIES = Source(
    "companies",
    "companies",
    "crm.company.list",
    created="DATE_CREATE",
    select=_CLIENT_FIELDS,
    convert=_client,
    filter={"IS_MY_COMPANY": "N"},
)
CONTACTS = Source(
    "contacts",
    "contacts",
    "crm.contact.list",
    created="DATE_CREATE",
    select=(*_CLIENT_FIELDS, "COMPANY_ID"),
    convert=_contact,
)
LINKS = Source(
    "links",
    "links",
    "crm.item.list",
    created="createdTime",
    select=("id", "createdTime", "companyIds"),
    convert=_links,
    fixed={"entityTypeId": CONTACT},
    filter={">companyId": 0},
    optional=True,
)
DEALS = Source(
    "deals",
    "deals",
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
    ),
    convert=_deals,
)
SMART_INVOICES = Source(
    "smart_invoices",
    "invoices",
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
    ),
    convert=_smart_invoices,
    fixed={"entityTypeId": SMART_INVOICE},
    optional=True,
)
OLD_INVOICES = Source(
    "old_invoices",
    "invoices",
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
    ),
    convert=_old_invoices,
    optional=True,
)
ACTIVITIES = Source(
    "activities",
    "activities",
    "crm.activity.list",
    created="CREATED",
    select=("ID", "CREATED", "OWNER_ID", "OWNER_TYPE_ID"),
    convert=_activities,
)
REQUISITES = Source(
    "requisites",
    "requisites",
    "crm.requisite.list",
    created="DATE_CREATE",
    select=("ID", "DATE_CREATE", "ENTITY_TYPE_ID", "ENTITY_ID"),
    convert=_requisites,
    optional=True,
)

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

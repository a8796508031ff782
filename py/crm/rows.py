"""The portal's rows as columns of the tables; whatever a row holds, nothing raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.answer import listed, objects
from crm.convert import Ints, amounts, currencies, days, flags, moments, whole_numbers
from crm.mark_fields import EntityMarks, MarkFields
from crm.mark_values import columns as mark_columns
from crm.tables import Columns, Row
from crm.texts import full_names, joined_values, texts

LEAD, DEAL, CONTACT, COMPANY, OLD_INVOICE = 1, 2, 3, 4, 5
ACTIVITY, REQUISITE, SMART_INVOICE = 6, 8, 31
"""The portal's numbers of entity types."""

PARTS_OF_NAME = ("LAST_NAME", "NAME", "SECOND_NAME")
"""The parts of a contact's name in the order in which they are read."""

_NO_MARKS = EntityMarks()


@dataclass(frozen=True)
class Facts:
    """What a conversion needs to know of the portal: its offset, the stages in which invoices are
    paid, the fields that hold marks.
    """

    offset_s: int = 0
    paid_stages: frozenset[str] = frozenset()
    marks: MarkFields | None = None

    def marks_of(self, table: str) -> EntityMarks:
        """The fields that hold the marks of ``companies`` or ``contacts``; none of other tables."""
        if self.marks is None:
            return _NO_MARKS
        return {"companies": self.marks.companies, "contacts": self.marks.contacts}.get(
            table, _NO_MARKS
        )


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
    return [entry for entry in objects(value) if entry.get("VALUE")]


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
        "created_by": _ids(rows, "CREATED_BY_ID"),
        "modified": moments(_column(rows, "DATE_MODIFY"), facts.offset_s),
        "phones": joined_values(_column(rows, "PHONE")),
        "emails": joined_values(_column(rows, "EMAIL")),
        "sites": joined_values(_column(rows, "WEB")),
        "responsible": _ids(rows, "ASSIGNED_BY_ID"),
    }


def companies(rows: Sequence[Row], facts: Facts) -> Columns:
    """Companies with their marks and what their cards say."""
    return {
        **_client(rows, facts),
        "name": texts(_column(rows, "TITLE")),
        **mark_columns(rows, facts.marks_of("companies")),
    }


def contacts(rows: Sequence[Row], facts: Facts) -> Columns:
    """Contacts with their primary companies, their marks and what their cards say."""
    return {
        **_client(rows, facts),
        "name": full_names(*(_column(rows, part) for part in PARTS_OF_NAME)),
        "company": _ids(rows, "COMPANY_ID"),
        **mark_columns(rows, facts.marks_of("contacts")),
    }


def links(rows: Sequence[Row], facts: Facts) -> Columns:
    """One row per contact and company, of contacts."""
    contact, company = _pairs(rows, "companyIds")
    return {"contact": contact, "company": company}


def bindings(rows: Sequence[Row], facts: Facts) -> Columns:
    """One row per contact and company, of companies."""
    company, contact = _pairs(rows, "contactIds")
    return {"contact": contact, "company": company}


def _pairs(rows: Sequence[Row], name: str) -> tuple[Ints, Ints]:
    """Each row's id with each of the ids in ``name``: a list, an object or missing."""
    others: list[Any] = []
    counts: list[int] = []
    for value in _column(rows, name):
        bound = listed(value)
        others.extend(bound)
        counts.append(len(bound))
    own = np.repeat(_ids(rows, "id"), counts)
    other = whole_numbers(others)
    return own[other > 0], other[other > 0]


def deals(rows: Sequence[Row], facts: Facts) -> Columns:
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
        **_money(rows, "OPPORTUNITY", "CURRENCY_ID"),
    }


def smart_invoices(rows: Sequence[Row], facts: Facts) -> Columns:
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
        **_money(rows, "opportunity", "currencyId"),
    }


def old_invoices(rows: Sequence[Row], facts: Facts) -> Columns:
    """Paid by their own word."""
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
        **_money(rows, "PRICE", "CURRENCY"),
    }


def _money(rows: Sequence[Row], amount: str, currency: str) -> Columns:
    return {
        "amount": amounts(_column(rows, amount)),
        "currency": currencies(_column(rows, currency)),
    }


def activities(rows: Sequence[Row], facts: Facts) -> Columns:
    """Whose they are is all that is asked of them."""
    return {
        **_id_and_created(rows, facts, "ID", "CREATED"),
        "owner_type": _ids(rows, "OWNER_TYPE_ID"),
        "owner": _ids(rows, "OWNER_ID"),
    }


def requisites(rows: Sequence[Row], facts: Facts) -> Columns:
    """Whose they are, and the number by which the tax office knows their owner."""
    return {
        **_id_and_created(rows, facts, "ID", "DATE_CREATE"),
        "owner_type": _ids(rows, "ENTITY_TYPE_ID"),
        "owner": _ids(rows, "ENTITY_ID"),
        "inn": texts(_column(rows, "RQ_INN")),
    }

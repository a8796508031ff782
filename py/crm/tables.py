"""The tables that a portal is read into: their columns and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Row = dict[str, Any]
Columns = dict[str, npt.NDArray[Any]]

PAGE_ROWS = 50
"""Rows of a full page; a shorter one is the last."""

MOMENT = "datetime64[s]"
MARK_COLUMNS: dict[str, str] = {
    "mark_parent": "int64",
    "mark_type": "int8",
    "mark_lifecycle": "int8",
    "mark_frequency": "int8",
    "mark_last_pay": MOMENT,
    "mark_payments": "int64",
    "mark_dialogs": "int8",
    "mark_contacts": "int8",
}
"""What a portal holds in the fields of the marks (spec §3.8). A company id, 0 when empty; the index
of an option; the portal's day at 00:00, NaT when empty; a count; 0 or 1. The others are -1 when
empty, and all but the day -2 where the portal holds what is no value of a mark."""

_ID_COLUMNS = {"id": "int64", "created": MOMENT}
_CLIENT_COLUMNS = {"has_contact_data": "bool", "has_chat": "bool", "lead": "int64"}
_CHANGE_COLUMNS = {"created_by": "int64", "modified": MOMENT}
_CARD_COLUMNS = {
    "id": "int64",
    "name": "str",
    "phones": "str",
    "emails": "str",
    "sites": "str",
    "responsible": "int64",
}
_AMOUNT_COLUMNS = {"amount": "float64", "currency": "int64"}
_DOCUMENT_COLUMNS = {"company": "int64", "contact": "int64"}
_OWNER_COLUMNS = {"owner_type": "int64", "owner": "int64"}

TABLES: dict[str, dict[str, str]] = {
    "companies": {**_ID_COLUMNS, **_CLIENT_COLUMNS, **_CHANGE_COLUMNS, **MARK_COLUMNS},
    "contacts": {
        **_ID_COLUMNS,
        "company": "int64",
        **_CLIENT_COLUMNS,
        **_CHANGE_COLUMNS,
        **MARK_COLUMNS,
    },
    "links": {"contact": "int64", "company": "int64"},
    "deals": {
        **_ID_COLUMNS,
        **_DOCUMENT_COLUMNS,
        "won": "bool",
        "closed": MOMENT,
        **_AMOUNT_COLUMNS,
    },
    "invoices": {
        "id": "int64",
        "kind": "int64",
        "created": MOMENT,
        **_DOCUMENT_COLUMNS,
        "deal": "int64",
        "paid": "bool",
        "paid_at": MOMENT,
        **_AMOUNT_COLUMNS,
    },
    "activities": {**_ID_COLUMNS, **_OWNER_COLUMNS},
    "requisites": {**_ID_COLUMNS, **_OWNER_COLUMNS, "inn": "str"},
    "company_cards": _CARD_COLUMNS,
    "contact_cards": _CARD_COLUMNS,
}
"""Columns and types of every table. Moments are UTC, NaT where absent; ids are 0 where absent.

Texts are as ``crm.texts`` leaves them, "" where absent. The cards tell what people know a client
by, which the rules do not look at: phones, e-mails and sites are the values of a multi-field joined
by line breaks, ``responsible`` is a user. ``currency`` is a ``crm.convert.currency_code``.
"""

KEYS: dict[str, list[str]] = {
    "companies": ["id"],
    "contacts": ["id"],
    "links": ["contact", "company"],
    "deals": ["id"],
    "invoices": ["kind", "id"],
    "activities": ["id"],
    "requisites": ["id"],
    "company_cards": ["id"],
    "contact_cards": ["id"],
}
"""What tells the rows of a table apart; smart and old invoices are numbered independently."""


def table(name: str, columns: Mapping[str, npt.NDArray[Any]] | None = None) -> pd.DataFrame:
    """A frame of table ``name``, empty without columns."""
    types = TABLES[name]
    if columns is None:
        kinds = {column: object if kind == "str" else kind for column, kind in types.items()}
        columns = {column: np.array([], dtype=kind) for column, kind in kinds.items()}
    return pd.DataFrame(
        {
            column: pd.array(columns[column], dtype="str") if kind == "str" else columns[column]
            for column, kind in types.items()
        },
        copy=False,
    )

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
    "deals": {**_ID_COLUMNS, **_DOCUMENT_COLUMNS, "won": "bool", "closed": MOMENT},
    "invoices": {
        "id": "int64",
        "kind": "int64",
        "created": MOMENT,
        **_DOCUMENT_COLUMNS,
        "deal": "int64",
        "paid": "bool",
        "paid_at": MOMENT,
    },
    "activities": {**_ID_COLUMNS, **_OWNER_COLUMNS},
    "requisites": {**_ID_COLUMNS, **_OWNER_COLUMNS},
}
"""Columns and types of every table. Moments are UTC, NaT where absent; ids are 0 where absent."""

KEYS: dict[str, list[str]] = {
    "companies": ["id"],
    "contacts": ["id"],
    "links": ["contact", "company"],
    "deals": ["id"],
    "invoices": ["kind", "id"],
    "activities": ["id"],
    "requisites": ["id"],
}
"""What tells the rows of a table apart; smart and old invoices are numbered independently."""


def table(name: str, columns: Mapping[str, npt.NDArray[Any]] | None = None) -> pd.DataFrame:
    """A frame of table ``name``, empty without columns."""
    types = TABLES[name]
    if columns is None:
        columns = {column: np.array([], dtype=kind) for column, kind in types.items()}
    return pd.DataFrame({column: columns[column] for column in types}, copy=False)

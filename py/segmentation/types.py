"""The tables that the rules read, their settings, and the codes of the segments.

All moments are UTC, `datetime64[s]`, NaT where absent. All ids are int64, 0 means none; they may be
sparse and as large as 2**53.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import pandas as pd

MOMENT = "datetime64[s]"

SCHEMA: dict[str, dict[str, str]] = {
    "companies": {
        "id": "int64",
        "created": MOMENT,
        "has_contact_data": "bool",
        "has_chat": "bool",
        "lead": "int64",
        "created_by": "int64",
    },
    "contacts": {
        "id": "int64",
        "created": MOMENT,
        "company": "int64",
        "has_contact_data": "bool",
        "has_chat": "bool",
        "lead": "int64",
        "created_by": "int64",
    },
    "links": {"contact": "int64", "company": "int64"},
    "deals": {
        "id": "int64",
        "created": MOMENT,
        "company": "int64",
        "contact": "int64",
        "won": "bool",
        "closed": MOMENT,
    },
    "invoices": {
        "id": "int64",
        "kind": "int64",
        "created": MOMENT,
        "company": "int64",
        "contact": "int64",
        "deal": "int64",
        "paid": "bool",
        "paid_at": MOMENT,
    },
    "activities": {"id": "int64", "created": MOMENT, "owner_type": "int64", "owner": "int64"},
    "requisites": {"id": "int64", "created": MOMENT, "owner_type": "int64", "owner": "int64"},
}
"""Columns and dtypes of every table of `Base`."""

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


class EntityType(IntEnum):
    """The portal's numbers of entity types, as `owner_type` and `kind` hold them."""

    LEAD = 1
    DEAL = 2
    CONTACT = 3
    COMPANY = 4
    OLD_INVOICE = 5
    SMART_INVOICE = 31


KINDS = ("b2b", "b2c")
PAYING_STAGES = ("active", "dormant", "lost")
UNPAID_STAGES = ("requests", "dialogs", "contacts", "empty")
LIFECYCLE = PAYING_STAGES + UNPAID_STAGES
FREQUENCY = ("regular", "first", "none")

MODES: dict[int, tuple[str, ...]] = {
    1: ("companies", "contacts", "all"),
    2: ("b2b_with_contacts", "b2b_without_contacts", "b2c", "all"),
    3: PAYING_STAGES,
    4: FREQUENCY,
    5: UNPAID_STAGES,
}
"""Segment codes of the five modes (spec §3.6)."""

LISTED = {mode: codes if "all" in codes else (*codes, "all") for mode, codes in MODES.items()}
"""What can be listed: segments, and as `all` the sum of a mode that counts it under no code."""


MOST_MONTHS = 120
"""No limit is longer: whoever has paid nothing for ten years is lost."""


@dataclass(frozen=True)
class Limits:
    """The two settings of spec §3.3, in calendar months.

    Raises ValueError unless they are whole numbers, 0 < active_months < dormant_months ≤
    MOST_MONTHS.
    """

    active_months: int = 6
    dormant_months: int = 18

    def __post_init__(self) -> None:
        months = (self.active_months, self.dormant_months)
        are_whole = all(type(each) is int for each in months)
        if not are_whole or not 0 < months[0] < months[1] <= MOST_MONTHS:
            raise ValueError(
                f"limits must be 0 < active < dormant <= {MOST_MONTHS}, in whole months; "
                f"got {months[0]!r} and {months[1]!r}"
            )


@dataclass(frozen=True)
class Base:
    """Everything that the rules know of a portal: seven tables as in `SCHEMA`, any may be empty.

    The portal owner's own companies and the templates of recurring deals are never in it (spec
    §3.1, §3.2); what refers to them refers to nothing. Raises ValueError when a table lacks a
    column or holds it in another dtype.
    """

    companies: pd.DataFrame
    contacts: pd.DataFrame
    links: pd.DataFrame
    deals: pd.DataFrame
    invoices: pd.DataFrame
    activities: pd.DataFrame
    requisites: pd.DataFrame

    def __post_init__(self) -> None:
        for table, columns in SCHEMA.items():
            dtypes = getattr(self, table).dtypes
            for column, dtype in columns.items():
                if column not in dtypes.index:
                    raise ValueError(f"{table}: column {column} is missing")
                if dtypes[column] != dtype:
                    raise ValueError(f"{table}.{column} is {dtypes[column]}, must be {dtype}")

    @classmethod
    def empty(cls) -> Base:
        """A portal with nothing in it."""
        return cls(
            **{
                table: pd.DataFrame(
                    {name: pd.Series(dtype=dtype) for name, dtype in columns.items()}
                )
                for table, columns in SCHEMA.items()
            }
        )

    def deduplicated(self) -> Base:
        """The same base with every object once, companies and contacts in order of id.

        A row that was read twice is the same object: the later row in the table is the truth.
        """
        tables = {field.name: getattr(self, field.name) for field in fields(self)}
        for table, keys in KEYS.items():
            tables[table] = _last_rows(tables[table], keys)
        for table in ("companies", "contacts"):
            if not tables[table]["id"].is_monotonic_increasing:
                tables[table] = tables[table].sort_values("id", ignore_index=True)
        return Base(**tables)


def _last_rows(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    repeated = table.duplicated(keys, keep="last")
    return table[~repeated].reset_index(drop=True) if repeated.any() else table

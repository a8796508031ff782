"""What the rows of a base were read with, kept in the record of its run: when that changes, rows
that nobody has touched would read differently.
"""

from __future__ import annotations

from typing import Any

from crm.mark_fields import MarkFields
from crm.sources import Facts


def to_json(facts: Facts) -> dict[str, Any]:
    """The facts as plain dictionaries."""
    return {
        "offset_s": facts.offset_s,
        "paid_stages": sorted(facts.paid_stages),
        "marks": None if facts.marks is None else facts.marks.to_json(),
    }


def from_json(value: dict[str, Any]) -> Facts:
    """What :func:`to_json` gave; the facts of nothing for an empty dictionary."""
    if not value:
        return Facts()
    marks = value["marks"]
    return Facts(
        offset_s=int(value["offset_s"]),
        paid_stages=frozenset(value["paid_stages"]),
        marks=None if marks is None else MarkFields.from_json(marks),
    )


def read_alike(one: Facts, other: Facts) -> bool:
    """Whether a base read with one of these can be brought up to date with the other.

    The offset decides on which of the portal's days everything was; where the fields of marks were
    closed to the reader, no mark is known. Other stages and other fields of marks are seen, and
    what they concern is read again, by ``crm.changes``.
    """
    return one.offset_s == other.offset_s and (one.marks is None) == (other.marks is None)

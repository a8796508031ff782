"""Marks once more, entity by entity: what each ought to hold, and what is to be written.

Written from the text of spec §3.8, not from the code it judges. A value of a mark is a code, a day,
a number or a truth value; None is empty, 'foreign' is nothing that a rule would write.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from property.oracle import Key, Oracle
from property.portals import Case, Pick
from segmentation import Base
from unit.segmentation.rows import base_of

MARKS = ("parent", "type", "lifecycle", "frequency", "last_pay", "payments", "dialogs", "contacts")
STAGES = ("active", "dormant", "lost", "requests", "dialogs", "contacts", "empty")
OPTIONS: dict[str, tuple[Any, ...]] = {
    "parent": (None, "foreign", 1, 2, 3),
    "type": (None, "foreign", "b2b", "b2c"),
    "lifecycle": (None, "foreign", *STAGES),
    "frequency": (None, "foreign", "regular", "first", "none"),
    "last_pay": (None, date(2024, 8, 31), date(2024, 2, 29)),
    "payments": (None, "foreign", 0, 1, 2),
    "dialogs": (None, "foreign", False, True),
    "contacts": (None, "foreign", False, True),
}
"""What a portal may hold in each mark."""

Marks = dict[str, Any]
Entity = tuple[int, int]
"""4 for a company or 3 for a contact, and its id."""


def wanted_of(case: Case) -> dict[Entity, Marks]:
    """What every company and contact ought to hold."""
    oracle = Oracle(case.rows, case.now, case.timezone)
    clients = oracle.clients()

    def marks(key: Key, parent: int | None) -> Marks:
        client = clients[key]
        days = [day for day, _, _ in client.payments]
        return {
            "parent": parent,
            "type": key[0],
            "lifecycle": client.lifecycle(oracle.today, *case.limits),
            "frequency": client.frequency(oracle.today),
            "last_pay": max(days, default=None),
            "payments": len(days),
            "dialogs": client.has_dialogs,
            "contacts": client.has_contact_data,
        }

    wanted = {(4, id): marks(("b2b", id), None) for id in oracle.companies}
    for id in oracle.contacts:
        key = oracle.of_contact(id)
        assert key is not None
        wanted[3, id] = marks(key, key[1] if key[0] == "b2b" else None)
    return wanted


def any_present(case: Case, pick: Pick) -> dict[Entity, Marks]:
    """What a portal may hold: for everybody what is wanted, nothing, or anything."""
    present = {}
    for entity, marks in wanted_of(case).items():
        state = pick(("right", "empty", "anything", "one wrong"))
        wrong = pick(MARKS)
        present[entity] = {
            mark: pick(OPTIONS[mark])
            if state == "anything" or (state == "one wrong" and mark == wrong)
            else value
            if state != "empty"
            else None
            for mark, value in marks.items()
        }
    return present


def operations_of(wanted: dict[Entity, Marks], present: dict[Entity, Marks]) -> list[Any]:
    """Entity, id, and per mark that differs what it holds and what it ought to, in the order of
    writing.
    """
    found = []
    for (entity, id), marks in wanted.items():
        held = present[entity, id]
        changes = {mark: (held[mark], marks[mark]) for mark in MARKS if held[mark] != marks[mark]}
        if changes:
            found.append((STAGES.index(marks["lifecycle"]), -entity, id, changes))
    return [(-entity, id, changes) for _, entity, id, changes in sorted(found, key=lambda x: x[:3])]


def base_holding(case: Case, present: dict[Entity, Marks]) -> Base:
    """The base of a case with what the portal holds in its marks."""
    base = base_of(case.rows)
    for entity, table in ((4, base.companies), (3, base.contacts)):
        for mark in MARKS:
            values = [number_of(mark, present[entity, id][mark]) for id in table["id"]]
            table[f"mark_{mark}"] = pd.Series(values, dtype=dtype_of(mark))
    return base


def dtype_of(mark: str) -> str:
    if mark == "last_pay":
        return "datetime64[s]"
    return "int64" if mark in ("parent", "payments") else "int8"


def number_of(mark: str, value: Any) -> Any:
    """A value as a table holds it."""
    if mark == "last_pay":
        return np.datetime64(value or "NaT", "s")
    if value is None:
        return 0 if mark == "parent" else -1
    if value == "foreign":
        return -2
    return OPTIONS[mark][2:].index(value) if isinstance(value, str) else int(value)


def value_of(mark: str, number: Any) -> Any:
    """What a table holds as a value."""
    if mark == "last_pay":
        return None if pd.isna(number) else number.date()
    if number == -2:
        return "foreign"
    if number == (0 if mark == "parent" else -1):
        return None
    if mark in ("parent", "payments"):
        return int(number)
    return OPTIONS[mark][2:][number]

"""Random tables of a portal and random changes of them, for tests of what is kept in memory."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd

from crm.tables import KEYS, TABLES, table
from engine.delta import Delta

Tables = dict[str, pd.DataFrame]


def some_rows(name: str, keys: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Rows of a table with these keys and few different values, so that some stay the same."""
    columns = {}
    for column, kind in TABLES[name].items():
        if column in keys:
            columns[column] = keys[column].to_numpy()
        elif kind == "datetime64[s]":
            days = [chance.choice(["2026-01-01", "2026-02-02", "NaT"]) for _ in range(len(keys))]
            columns[column] = np.array(days, kind)
        elif kind == "str":
            names = [chance.choice(["", "Ромашка", "a\nb"]) for _ in range(len(keys))]
            columns[column] = np.array(names, object)
        else:
            columns[column] = np.array([chance.randint(0, 1) for _ in range(len(keys))], kind)
    return table(name, columns)


def some_keys(name: str, chance: random.Random, upto: int) -> pd.DataFrame:
    """Distinct keys of a table."""
    kinds = [5, 31] if name == "invoices" else [0]
    keys = [(kind, id) for kind in kinds for id in range(1, upto + 1)]
    some = chance.sample(keys, chance.randint(0, len(keys)))
    frame = pd.DataFrame(some, columns=["kind", "id"], dtype="int64")
    return frame[KEYS[name]]


def some_links(contacts: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Links of contacts to a few companies each."""
    pairs = [
        (contact, company)
        for contact in contacts["id"].tolist()
        for company in chance.sample(range(1, 6), chance.randint(0, 3))
    ]
    return pd.DataFrame(pairs, columns=["contact", "company"], dtype="int64")


def some_tables(chance: random.Random, upto: int = 12) -> Tables:
    """All tables."""
    tables = {
        name: some_rows(name, some_keys(name, chance, upto), chance)
        for name in TABLES
        if name != "links"
    }
    return tables | {"links": some_links(tables["contacts"], chance)}


def some_delta(chance: random.Random, upto: int = 15) -> Delta:
    """Rows that came or changed, and keys that went, of ids that may or may not be there."""
    rows, deleted = {}, {}
    for name in TABLES:
        if name == "links":
            continue
        keys = some_keys(name, chance, upto)
        went = keys.sample(frac=0.3, random_state=chance.randint(0, 99))
        came = some_rows(name, keys.drop(went.index), chance)
        if len(came):
            rows[name] = came
        if len(went):
            deleted[name] = went.reset_index(drop=True)
    relinked = rows["contacts"]["id"].to_numpy() if "contacts" in rows else np.array([], "int64")
    links = some_links(pd.DataFrame({"id": relinked}), chance)
    if len(links):
        rows["links"] = links
    return Delta(rows, deleted, relinked)


def laid_over(tables: Tables, delta: Delta) -> dict[str, set[tuple[object, ...]]]:
    """What the tables are after a delta, row by row."""
    result = {}
    for name in TABLES:
        keys = ["contact"] if name == "links" else KEYS[name]
        replaced = records(delta.rows[name][keys]) if name in delta.rows else set()
        if name == "links":
            replaced = {(contact,) for contact in delta.unlinked.tolist()}
        elif name in delta.deleted:
            replaced |= records(delta.deleted[name])
        stay = [tuple(key) not in replaced for key in tables[name][keys].to_numpy().tolist()]
        result[name] = records(tables[name][np.array(stay, bool)])
        if name in delta.rows:
            result[name] |= records(delta.rows[name])
    return result


def records(frame: pd.DataFrame) -> set[tuple[object, ...]]:
    """The rows of a table as a set that can be compared."""
    return (
        set(frame.astype(str).itertuples(index=False, name=None))
        if "created" in frame
        else {tuple(row) for row in frame.to_numpy().tolist()}
    )

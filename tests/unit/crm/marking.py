"""Portals to be marked, what is to be written to them, and a journal in memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pandas as pd

from crm.client import Portal
from crm.mark_comparison import compare
from crm.mark_definitions import COMPANY, CONTACT, MARKS
from crm.mark_fields import MarkFields, ensure
from crm.mark_journal import DOUBTFUL, States
from crm.mark_reader import read_marks
from crm.mark_values import empty_of
from crm.protocols import Answer
from crm.tables import MARK_COLUMNS
from portal.database import Database
from portal.generator import generate
from unit.crm.virtual_time import EPOCH_S
from unit.emulated import EmulatedPortal

UPDATES = {"crm.company.update": COMPANY, "crm.contact.update": CONTACT, "crm.item.update": None}


def database(clients: int, seed: int = 1) -> Database:
    """A believable portal of so many clients."""
    made = Database.create(None)
    now = datetime.fromtimestamp(EPOCH_S, timezone(timedelta(hours=3)))
    generate(made, clients, seed, now)
    made.build_indexes()
    return made


def ids_of(data: Database, entity: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Ids of all companies or contacts."""
    table = "companies" if entity == COMPANY else "contacts"
    rows = data.connection.execute(f"SELECT ID FROM {table} ORDER BY ID").fetchall()
    return np.array([row[0] for row in rows], np.int64)


def operations(companies: Sequence[int], contacts: Sequence[int], seed: int = 1) -> pd.DataFrame:
    """Marks of chance for these, of which nothing is marked yet; the most useful first."""
    chance = np.random.default_rng(seed)
    ids = np.array([*companies, *contacts], np.int64)
    count = len(ids)
    entity = np.repeat([COMPANY, CONTACT], [len(companies), len(contacts)]).astype(np.int8)
    days = np.datetime64("2020-01-01") + chance.integers(0, 2000, count).astype("m8[D]")
    after = {
        "parent": np.where(entity == CONTACT, chance.integers(0, 3, count), 0),
        "last_pay": np.where(chance.random(count) < 0.3, np.datetime64("NaT"), days),
        "payments": chance.integers(0, 20, count),
        **{mark: chance.integers(0, 2, count) for mark in ("type", "dialogs", "contacts")},
        "lifecycle": chance.integers(0, 7, count),
        "frequency": chance.integers(0, 3, count),
    }
    table = pd.DataFrame({"entity": entity, "id": ids, "rank": after["lifecycle"].astype(np.int8)})
    bits = np.zeros(count, np.int16)
    columns: dict[str, Any] = {}
    for bit, mark in enumerate(MARKS):
        kind = MARK_COLUMNS[f"mark_{mark}"]
        columns[f"before_{mark}"] = np.full(count, empty_of(mark), kind)
        columns[f"after_{mark}"] = after[mark].astype(kind)
        differs = columns[f"after_{mark}"] != columns[f"before_{mark}"]
        if mark == "last_pay":
            differs = ~np.isnat(columns["after_last_pay"])
        bits |= differs.astype(np.int16) << bit
    table = table.assign(changed=bits, **columns)
    return table.sort_values(
        ["rank", "entity", "id"], ascending=[True, False, True], ignore_index=True
    )


Meddle = Callable[[int, str, int], str | None]
"""Asked of each update (entity, method, id): an error code that it meets instead, None for none.
``CRASH`` ends the whole request there and then."""
CRASH = "CRASH"


class MeddlingPortal(EmulatedPortal):
    """Single updates of a batch meet errors, without being carried out."""

    meddle: Meddle | None = None

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        if method != "batch" or self.meddle is None:
            return await super().post(method, body, timeout_s)
        kept, refused, crashes = [], {}, False
        for name, value in parse_qsl(body):
            if name.startswith("cmd["):
                code = self._code_for(value)
                crashes = crashes or code == CRASH
                if code is not None:
                    refused[name[4:-1]] = code
                    continue
            if not crashes or not name.startswith("cmd["):
                kept.append((name, value))
        answer = await super().post(method, urlencode(kept), timeout_s)
        if crashes:
            return Answer(500, "")
        content = json.loads(answer.text)
        if refused and "result" in content:
            result = content["result"]
            result["result_error"] = dict(result["result_error"] or {}) | {
                key: {"error": code, "error_description": f"Words about {code}"}
                for key, code in refused.items()
            }
        return Answer(answer.status, json.dumps(content))

    def _code_for(self, command: str) -> str | None:
        method, _, query = command.partition("?")
        if self.meddle is None or method not in UPDATES:
            return None
        given = dict(parse_qsl(query))
        return self.meddle(UPDATES[method] or int(given["entityTypeId"]), method, int(given["id"]))


@dataclass
class MemoryJournal:
    """Keeps batches, their states and words; survives the writer."""

    batches: dict[int, pd.DataFrame] = field(default_factory=dict)
    words: dict[tuple[int, int], str] = field(default_factory=dict)

    async def sent(self, batch: pd.DataFrame) -> int:
        number = len(self.batches) + 1
        self.batches[number] = batch.assign(state=np.int8(DOUBTFUL))
        return number

    async def settled(self, number: int, states: States, words: Sequence[str]) -> None:
        batch = self.batches[number]
        assert len(states) == len(words) == len(batch)
        self.batches[number] = batch.assign(state=states)
        for entity, row_id, said in zip(batch["entity"], batch["id"], words, strict=True):
            if said:
                self.words[int(entity), int(row_id)] = said

    @property
    def doubtful(self) -> dict[int, pd.DataFrame]:
        """Batches with rows nobody has heard of."""
        return {
            number: batch
            for number, batch in self.batches.items()
            if (batch["state"] == DOUBTFUL).any()
        }

    def rows(self, state: int) -> pd.DataFrame:
        """All rows that came to this state."""
        rows = pd.concat(self.batches.values(), ignore_index=True)
        return rows[rows["state"] == state]


def updates(portal: EmulatedPortal) -> Counter[tuple[int, int]]:
    """How often each company and contact was updated, by the portal's own log."""
    counted: Counter[tuple[int, int]] = Counter()
    for request in portal.requests:
        for command in request["commands"]:
            if command["method"] in UPDATES and not command["error"]:
                given = dict(parse_qsl(command["query"]))
                entity = UPDATES[command["method"]] or int(given["entityTypeId"])
                counted[entity, int(given["id"])] += 1
    return counted


def limit_errors(portal: EmulatedPortal) -> int:
    """Refusals for the sake of limits, of requests and of commands."""
    return sum(
        "LIMIT" in str(one["error"])
        for request in portal.requests
        for one in (request, *request["commands"])
    )


async def still_undone(client: Portal, fields: MarkFields, wanted: pd.DataFrame) -> int:
    """Operations whose marks the portal does not hold."""
    count = 0
    for entity in (COMPANY, CONTACT):
        part = wanted[wanted["entity"] == entity].reset_index(drop=True)
        present = await read_marks(client, fields, entity, part["id"].to_numpy())
        found = compare(part, present)
        count += int((found.undone != 0).sum() + (~found.there).sum())
    return count


async def marked_portal(data: Database, **options: Any) -> tuple[MeddlingPortal, MarkFields]:
    """A portal over ``data`` that has the fields."""
    portal = MeddlingPortal(data, **options)
    return portal, (await ensure(portal.client(), "ru")).fields

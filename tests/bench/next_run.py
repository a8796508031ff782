"""The next run: 1,000 changed objects of 85,000 clients taken in, with and without the portal's
queue of deletions, in virtual time; then everything read anew, which must come to the same.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import numpy as np

from bench.table import Table
from crm.client import Portal
from crm.query import Command
from portal.entities import OLD_LISTS
from portal.merging import merge
from portal.state import Options, PortalState
from unit.crm.virtual_time import run
from unit.emulated import virtual_clock
from unit.engine.opened import Opened, generated, last_request

CHANGES = 1_000
SHARES = {
    "new activities": 0.3,
    "new deals": 0.1,
    "deals won": 0.2,
    "deals moved": 0.1,
    "contacts edited": 0.1,
    "companies edited": 0.1,
    "contacts bound": 0.05,
}
DELETED, MERGED = 40, 10
HOUR_S = 3600


def measure(options: argparse.Namespace) -> Table:
    """One row per kind of portal."""
    table = Table(
        ("deletions told by", "changed", "deleted", "merged", "requests", "commands", "s", "same")
    )
    for without in (frozenset[str](), frozenset({"offline-events"})):
        run(_next_run(options, without, table))
    return table


async def _next_run(options: argparse.Namespace, without: frozenset[str], table: Table) -> None:
    database = generated(options.clients, seed=options.seed)
    state = PortalState(database, Options(pace="cloud", without=without), virtual_clock(database))
    opened = Opened(state)
    clock = opened.portal.client().clock
    await opened.session.open()
    await opened.refreshed()
    await clock.sleep(2 * HOUR_S)
    changed = await _change(opened.portal.client(), state, options.seed)
    await clock.sleep(HOUR_S)
    before, began_s = last_request(state), clock.monotonic_s()
    await opened.refreshed()
    seconds = clock.monotonic_s() - began_s
    entries = state.log.after(before)
    await clock.sleep(HOUR_S)
    fresh = Opened(state)
    await fresh.session.open()
    await fresh.session.refresh(full=True)
    await fresh.rests()
    same = _counts(fresh) == _counts(opened) and not fresh.errors and not opened.errors
    table.add(
        "counting" if without else "the queue",
        changed,
        DELETED,
        MERGED,
        len(entries),
        sum(len(entry["commands"]) for entry in entries),
        seconds,
        "yes" if same else "NO",
    )


async def _change(portal: Portal, state: PortalState, seed: int) -> int:
    """Do all of it through REST, as people's clients do; how many objects were touched."""
    chance = np.random.default_rng(seed)
    ids = {
        name: [row["n"] for row in state.database.query(f"select ID n from {name}")]
        for name in ("companies", "contacts", "deals", "activities", "requisites")
    }

    def some(name: str) -> int:
        return int(ids[name][chance.integers(len(ids[name]))])

    makers = {
        "new activities": lambda: Command.of(
            "crm.activity.add",
            _fields(OWNER_TYPE_ID=4, OWNER_ID=some("companies"), SUBJECT="Звонок", TYPE_ID=2),
        ),
        "new deals": lambda: Command.of(
            "crm.deal.add", _fields(TITLE="Новая", COMPANY_ID=some("companies"))
        ),
        "deals won": lambda: Command.of(
            "crm.deal.update", _fields(some("deals"), STAGE_ID="WON", CATEGORY_ID=0)
        ),
        "deals moved": lambda: Command.of(
            "crm.deal.update", _fields(some("deals"), COMPANY_ID=some("companies"))
        ),
        "contacts edited": lambda: Command.of(
            "crm.contact.update", _fields(some("contacts"), POST="Директор")
        ),
        "companies edited": lambda: Command.of(
            "crm.company.update", _fields(some("companies"), COMMENTS="Звонили")
        ),
        "contacts bound": lambda: Command.of(
            "crm.contact.update", _fields(some("contacts"), COMPANY_ID=some("companies"))
        ),
    }
    commands = [
        makers[name]() for name, share in SHARES.items() for _ in range(int(CHANGES * share))
    ]
    for number in range(DELETED):
        name, table = (
            ("deal", "deals"),
            ("contact", "contacts"),
            ("company", "companies"),
            ("activity", "activities"),
            ("requisite", "requisites"),
        )[number % 5]
        commands.append(Command.of(f"crm.{name}.delete", {"id": some(table)}))
    results = await portal.batch(commands)
    for number in range(MERGED):
        name, table = (("company", "companies"), ("contact", "contacts"))[number % 2]
        rows = [state.database.row(table, some(table)) for _ in range(2)]
        if rows[0] and rows[1] and rows[0]["ID"] != rows[1]["ID"]:
            merge(state.database, state.records, OLD_LISTS[name], rows, 1)
    await asyncio.sleep(0)
    return sum(result.error is None for result in results) + MERGED


def _fields(number: int | None = None, **fields: Any) -> dict[str, Any]:
    return {"fields": fields} if number is None else {"id": number, "fields": fields}


def _counts(opened: Opened) -> dict[str, dict[str, int]]:
    """The counters of all modes; closed months keep what they showed, so the series may differ."""
    return {
        mode: {segment: facts["count"] for segment, facts in segments.items()}
        for mode, segments in opened.view["modes"].items()
    }

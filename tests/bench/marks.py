"""The first fill of marks: what it costs at the pace of the cloud, and whether tabs that die in the
middle of it end it with other marks.

The whole engine works on the emulated portal in virtual time, in one process: five hours of a
portal take some minutes here. Requests, updates and portal seconds are those of the product; the
time of computing is not in them.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter

import pandas as pd

from bench.table import Table
from crm.limits import OperatingBudget
from engine.forecast import ASSUMED_S, forecast_s
from portal.requestlog import RequestLog
from portal.state import Options, PortalState
from storage.memory import MemoryStore
from unit.crm.virtual_time import run
from unit.emulated import virtual_clock
from unit.engine.opened import Opened, all_marks, generated, last_request, updates

FAULTS = "lost=0.02,503=0.02,500=0.01,reset=0.01"
KILLS = 20
LIMIT_ERRORS = ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT")


def measure(options: argparse.Namespace) -> Table:
    """An undisturbed fill, a second one, and one whose tab dies ``KILLS`` times."""
    table = Table(("marks", "figure"))
    expected, hours = run(_undisturbed(options, table))
    run(_killed(options, expected, hours, table))
    return table


def _portal(options: argparse.Namespace) -> PortalState:
    database = generated(options.clients, seed=options.seed)
    state = PortalState(database, Options(pace="cloud"), virtual_clock(database))
    state.log = RequestLog(kept=100_000)
    return state


async def _undisturbed(options: argparse.Namespace, table: Table) -> tuple[pd.DataFrame, float]:
    state = _portal(options)
    opened = Opened(state)
    clock = opened.portal.client().clock
    await opened.session.open()
    began_s = clock.monotonic_s()
    await opened.refreshed()
    table.add("first run, portal seconds", clock.monotonic_s() - began_s)
    table.add("first run, requests", last_request(state))
    preview = dict(opened.marks)
    before, began_s = last_request(state), clock.monotonic_s()
    told = await opened.ordered("write")
    hours = (clock.monotonic_s() - began_s) / 3600
    counted = updates(state, before)
    expected = await all_marks(state)
    table.add("clients", options.clients)
    table.add("companies and contacts to be written", preview["total"])
    table.add("forecast before the first update was measured, h", preview["forecast_s"] / 3600)
    table.add("forecast with the portal's true cost, h", _forecast_h(preview))
    table.add("actual, h of the portal", hours)
    table.add("bound of the three time budgets, h", _bound_h(preview["total"]))
    table.add("state at the end", told["state"])
    table.add("updates", sum(counted.values()))
    table.add("entities updated more than once", sum(count > 1 for count in counted.values()))
    table.add("refused", told["refused"])
    table.add("requests of the fill", last_request(state) - before)
    table.add("limit errors", _limit_errors(state))
    before = last_request(state)
    await opened.refreshed()
    table.add("next run after it: updates", sum(updates(state, before).values()))
    table.add("next run after it: requests", last_request(state) - before)
    return expected, hours


async def _killed(
    options: argparse.Namespace, expected: pd.DataFrame, hours: float, table: Table
) -> None:
    state = _portal(options)
    store = await _read(state)
    state.faults.set(f"seed={options.seed},{FAULTS}")
    chance = random.Random(options.seed)
    before = last_request(state)
    for number in range(KILLS):
        life_s = chance.uniform(0, 2 * hours * 3600 / KILLS)
        finished = await _sitting(state, store, life_s)
        print(f"killed {number + 1} times, last after {life_s:.0f} s of the portal", flush=True)
        if finished:
            break
    await _sitting(state, store, 1e7)
    counted = updates(state, before)
    faults = Counter(entry["fault"] for entry in state.log.after(before) if entry["fault"])
    state.faults.set("")
    marks = await all_marks(state)
    table.add("killed tabs", KILLS)
    table.add("faults met", ", ".join(f"{name} {count}" for name, count in sorted(faults.items())))
    table.add("the same marks as undisturbed", "yes" if marks.equals(expected) else "NO")
    table.add("updates with kills and faults", sum(counted.values()))
    table.add("entities updated twice", sum(count == 2 for count in counted.values()))
    table.add("entities updated more often", sum(count > 2 for count in counted.values()))
    table.add("limit errors that no fault made", _limit_errors(state))


async def _read(state: PortalState) -> MemoryStore:
    opened = Opened(state)
    await opened.session.open()
    await opened.refreshed()
    await opened.kill()
    return opened.memory


async def _sitting(state: PortalState, store: MemoryStore, life_s: float) -> bool:
    """Open the app, let it write, kill it; whether it came to the end before."""
    opened = Opened(state, store)
    clock = opened.portal.client().clock
    end_s = clock.monotonic_s() + life_s
    await opened.session.open()
    if opened.session.state.state not in ("running", "paused"):
        await opened.session.marks({"do": "write", "automatic": False})
    while clock.monotonic_s() < end_s:
        await clock.sleep(min(5.0, max(0.1, end_s - clock.monotonic_s())))
        if opened.session.state.state == "idle":
            return True
    await opened.kill()
    return False


def _limit_errors(state: PortalState) -> int:
    """Requests and commands that the portal's limits refused, those of asked-for faults aside."""
    return sum(
        (entry["error"] in LIMIT_ERRORS and not entry["fault"])
        + sum(command["error"] in LIMIT_ERRORS for command in entry["commands"])
        for entry in state.log.after(0)
    )


def _forecast_h(preview: dict[str, int]) -> float:
    cost_s = dict.fromkeys(ASSUMED_S, 0.3)
    return forecast_s(preview["companies"], preview["contacts"], cost_s) / 3600


def _bound_h(updates_count: int) -> float:
    """480 s of every 600 s on each of three methods, at 0.3 s an update."""
    windows, rest_s = divmod(updates_count * 0.3 / 3, 480.0)
    return (windows * OperatingBudget().WINDOW_S + rest_s) / 3600

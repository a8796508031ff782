"""Tabs that die while marks are written to a portal that loses answers: once is enough."""

from __future__ import annotations

import random
from functools import cache

import pandas as pd
import pytest

from portal.state import Options, PortalState
from storage.memory import MemoryStore
from unit.crm.virtual_time import run
from unit.emulated import virtual_clock

from .opened import Opened, all_marks, generated, last_request, updates
from .test_marks_story import without_booleans

pytestmark = pytest.mark.thorough

CLIENTS = 120
FAULTS = "lost=0.06,503=0.06,500=0.03,reset=0.03,expire=0.03"
KILLS = 5
GENTLE_S, HARSH_S = 40.0, 4.0
"""The longest life of a tab: some get far, some hardly open."""


def new_portal() -> PortalState:
    database = generated(CLIENTS, seed=3)
    return PortalState(database, Options(pace="cloud"), virtual_clock(database))


async def prepared(state: PortalState) -> MemoryStore:
    """A browser that has read the portal and written nothing."""
    opened = Opened(state)
    await opened.session.open()
    await opened.refreshed()
    await opened.kill()
    return opened.memory


@cache
def undisturbed() -> tuple[pd.DataFrame, int]:
    """The marks as they are to be in the end, and how many updates that takes."""

    async def story() -> tuple[pd.DataFrame, int]:
        state = new_portal()
        opened = Opened(state, await prepared(state))
        await opened.session.open()
        told = await opened.ordered("write")
        return await all_marks(state), told["done"]

    return run(story())


async def sitting(state: PortalState, store: MemoryStore, life_s: float, do: str) -> bool:
    """Open the app, go on, and die after ``life_s`` at the latest; whether there was more to do."""
    opened = Opened(state, store)
    await opened.session.open()
    if opened.session.state.state != "running":
        await opened.session.marks({"do": do, "automatic": False})
    clock = opened.portal.client().clock
    end_s = clock.monotonic_s() + life_s
    while clock.monotonic_s() < end_s:
        await clock.sleep(0.2)
        if opened.session.state.state == "idle":
            return False
    await opened.kill()
    return True


@pytest.mark.parametrize(
    ("seed", "longest_s"), [(0, GENTLE_S), (1, GENTLE_S), (2, HARSH_S), (3, HARSH_S)]
)
def test_whenever_the_tab_dies_the_marks_are_those_of_an_undisturbed_run(
    seed: int, longest_s: float
) -> None:
    expected, needed = undisturbed()

    async def story() -> None:
        state = new_portal()
        store = await prepared(state)
        state.faults.set(f"seed={seed},{FAULTS}")
        chance = random.Random(seed)
        for _ in range(KILLS):
            if not await sitting(state, store, chance.uniform(0, longest_s), "write"):
                break
        else:
            assert not await sitting(state, store, 100_000, "write")
        state.faults.set("")
        pd.testing.assert_frame_equal(await all_marks(state), expected)
        counted = updates(state)
        assert len(counted) == needed
        assert max(counted.values()) <= 2
        before = last_request(state)
        last = Opened(state, store)
        await last.session.open()
        await last.refreshed()
        assert last.marks["state"] == "none"
        assert not updates(state, before)

    run(story())


@pytest.mark.parametrize("seed", range(2))
def test_whenever_the_tab_dies_an_undo_brings_everything_back(seed: int) -> None:
    async def story() -> None:
        state = new_portal()
        store = await prepared(state)
        before = await all_marks(state)
        assert not await sitting(state, store, 100_000, "write")
        state.faults.set(f"seed={seed},{FAULTS}")
        chance = random.Random(seed)
        for _ in range(KILLS):
            if not await sitting(state, store, chance.uniform(0, GENTLE_S), "undo"):
                break
        else:
            assert not await sitting(state, store, 100_000, "undo")
        state.faults.set("")
        after = await all_marks(state)
        pd.testing.assert_frame_equal(without_booleans(after), without_booleans(before))

    run(story())

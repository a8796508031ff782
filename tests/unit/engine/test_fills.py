"""The journal of a fill and the records of fills, over the store in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from crm.mark_journal import DONE, DOUBTFUL, GONE, REFUSED
from engine.fills import Fill, FillJournal, Fills
from storage.memory import MemoryStore

from .mark_rows import marks, operation, operations

NOW = "2026-01-01T00:00:00+00:00"


def batch(*ids: int) -> pd.DataFrame:
    return operations(*[operation(4, number, marks(), marks(lifecycle=0)) for number in ids])


def scene(story: Callable[[MemoryStore], Awaitable[None]]) -> None:
    async def work() -> None:
        await story(MemoryStore())

    asyncio.run(work())


async def begun(store: MemoryStore, sync: int = 0) -> FillJournal:
    fills = await Fills.load(store)
    fill = fills.unfinished or fills.begun("fill", NOW)
    return await FillJournal.open(store, fills, fill, (1, sync))


def states(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.array(values, np.int8)


def test_a_batch_is_in_the_store_before_it_is_sent() -> None:
    async def story(store: MemoryStore) -> None:
        journal = await begun(store)
        number = await journal.sent(batch(5, 6))
        assert list(await store.load_batches(journal.fill.id)) == [number]
        assert (await journal.rows())["state"].tolist() == [DOUBTFUL, DOUBTFUL]

    scene(story)


def test_a_new_sitting_knows_the_doubtful_batches_and_the_counts() -> None:
    async def story(store: MemoryStore) -> None:
        journal = await begun(store)
        first = await journal.sent(batch(1, 2, 3))
        await journal.sent(batch(4, 5))
        await journal.settled(first, states(DONE, REFUSED, GONE), ["", "no", ""])
        again = await begun(store)
        assert [len(rows) for rows in again.doubtful.values()] == [2]
        assert (again.fill.done, again.fill.refused, again.fill.gone) == (1, 1, 1)
        assert again.fill.refusals == ({"entity": 4, "id": 2, "words": "no"},)
        assert await again.sent(batch(9)) == 3

    scene(story)


def test_a_batch_settled_in_part_stays_doubtful_for_the_rest() -> None:
    async def story(store: MemoryStore) -> None:
        journal = await begun(store)
        number = await journal.sent(batch(1, 2))
        await journal.settled(number, states(DONE, DOUBTFUL), ["", ""])
        assert journal.fill.done == 1
        assert list(journal.doubtful) == [number]
        await journal.settled(number, states(DONE, DONE), ["", ""])
        assert journal.fill.done == 2
        assert not journal.doubtful

    scene(story)


def test_rows_bear_the_base_that_they_were_settled_over() -> None:
    async def story(store: MemoryStore) -> None:
        number = await (await begun(store, sync=3)).sent(batch(1))
        again = await begun(store, sync=4)
        await again.settled(number, states(DONE), [""])
        rows = await again.rows()
        assert (rows["run"].tolist(), rows["sync"].tolist()) == ([1], [4])

    scene(story)


def test_journals_of_the_last_three_fills_are_kept() -> None:
    async def story(store: MemoryStore) -> None:
        for _ in range(5):
            journal = await begun(store)
            await journal.settled(await journal.sent(batch(1)), states(DONE), [""])
            await journal.save(state="complete")
        fills = await Fills.load(store)
        assert [fill.id for fill in fills.fills] == [3, 4, 5]
        assert {fill for fill, _ in store.journal} == {3, 4, 5}

    scene(story)


def test_the_youngest_fill_that_wrote_and_was_not_taken_back_can_be() -> None:
    wrote = Fill(1, "fill", NOW, state="complete", done=4)
    fills = Fills((wrote, replace(wrote, id=2, done=0), replace(wrote, id=3, undone=True)))
    assert fills.undoable == wrote
    assert Fills().undoable is None


def test_a_damaged_record_of_fills_is_none() -> None:
    async def story(store: MemoryStore) -> None:
        store.facts["fill"] = '[{"id": 1}]'
        assert (await Fills.load(store)).fills == ()

    scene(story)

"""Marks are written once each, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm.client import Portal
from crm.errors import AppRefused, ConnectionLost, MethodMissing
from crm.mark_definitions import COMPANY, CONTACT, MARKS
from crm.mark_fields import MarkFields
from crm.mark_journal import CONFLICT, DONE, DOUBTFUL, GONE, NOT_WRITTEN, REFUSED, States
from crm.mark_reader import read_marks
from crm.mark_writer import WriteProgress, settle_doubtful, write_marks
from crm.query import Command
from portal.database import Database
from portal.userfields import UserField
from portal.values import Moments
from unit.crm.marking import (
    CRASH,
    MeddlingPortal,
    MemoryJournal,
    database,
    ids_of,
    limit_errors,
    marked_portal,
    operations,
    still_undone,
    updates,
)
from unit.crm.virtual_time import run

SOME, MANY = 60, 300


class Scene:
    """A portal with fields, operations for all its clients, a journal."""

    def __init__(
        self, data: Database, portal: MeddlingPortal, fields: MarkFields, wanted: pd.DataFrame
    ) -> None:
        self.data = data
        self.portal = portal
        self.fields = fields
        self.operations = wanted
        self.journal = MemoryJournal()
        self.told: list[WriteProgress] = []

    @classmethod
    async def of(cls, clients: int = MANY, **options: Any) -> Scene:
        data = database(clients)
        portal, fields = await marked_portal(data, **options)
        wanted = operations(ids_of(data, COMPANY).tolist(), ids_of(data, CONTACT).tolist())
        return cls(data, portal, fields, wanted)

    def client(self) -> Portal:
        """A new one each time, as after a closed tab."""
        return self.portal.client()

    async def write(self, **options: Any) -> None:
        await write_marks(
            self.client(),
            self.fields,
            self.operations,
            self.journal,
            progress=self.told.append,
            **options,
        )

    async def settle_and_write(self) -> None:
        """What an engine does after a kill: settle, then write what is not settled yet."""
        client = self.client()
        await settle_doubtful(client, self.fields, self.journal.doubtful, self.journal)
        ended = set()
        for state in (DONE, REFUSED, GONE):
            rows = self.journal.rows(state) if self.journal.batches else pd.DataFrame()
            if len(rows):
                ended |= set(zip(rows["entity"], rows["id"], strict=True))
        left = [
            (entity, number) not in ended
            for entity, number in zip(self.operations["entity"], self.operations["id"], strict=True)
        ]
        await write_marks(client, self.fields, self.operations[left], self.journal)

    async def touch(self, name: str, number: int) -> None:
        """Somebody changes a mark by hand."""
        fields = {"UF_CRM_CLB_PAYMENTS": 77}
        command = Command.of(f"crm.{name}.update", {"id": number, "fields": fields})
        await self.client().batch([command])

    async def undone(self) -> int:
        self.portal.meddle = None
        self.portal.state.faults.set("")
        return await still_undone(self.client(), self.fields, self.operations)

    def update_counts(self) -> Counter[int]:
        """How many entities were updated how often."""
        return Counter(updates(self.portal).values())


def in_scene(work: Callable[[Scene], Awaitable[None]], clients: int = MANY, **options: Any) -> None:
    async def main() -> None:
        await work(await Scene.of(clients, **options))

    run(main())


def test_an_undisturbed_fill_writes_every_client_once() -> None:
    async def work(scene: Scene) -> None:
        before = len(scene.portal.requests)
        await scene.write()
        assert scene.update_counts() == {1: len(scene.operations)}
        assert limit_errors(scene.portal) == 0
        assert await scene.undone() == 0
        assert len(scene.journal.rows(DONE)) == len(scene.operations)
        methods = Counter(
            command["method"]
            for request in scene.portal.requests[before:]
            for command in request["commands"]
        )
        assert all(methods[name] for name in ("crm.company.update", "crm.item.update"))
        last = scene.told[-1]
        assert (last.done, last.total) == (len(scene.operations),) * 2
        assert last.remaining_s == 0
        assert last.seconds_per_update["crm.contact.update"] == pytest.approx(0.3, abs=0.01)

    in_scene(work)


def test_marks_of_all_kinds_arrive_as_they_were_meant() -> None:
    async def work(scene: Scene) -> None:
        await scene.write()
        for entity in (COMPANY, CONTACT):
            wanted = scene.operations[scene.operations["entity"] == entity].sort_values("id")
            present = await read_marks(
                scene.client(), scene.fields, entity, wanted["id"].to_numpy()
            )
            present = present.sort_values("id")
            for mark in MARKS:
                expected = wanted[f"after_{mark}"].to_numpy()
                np.testing.assert_array_equal(present[f"mark_{mark}"].to_numpy(), expected)

    in_scene(work, SOME)


def test_nothing_wanted_is_nothing_written() -> None:
    async def work(scene: Scene) -> None:
        scene.operations = scene.operations.iloc[:0]
        before = len(scene.portal.requests)
        await scene.write()
        assert len(scene.portal.requests) == before

    in_scene(work, SOME)


def test_the_most_useful_clients_come_first() -> None:
    async def work(scene: Scene) -> None:
        await scene.write()
        rank = {
            (entity, number): rank
            for entity, number, rank in zip(
                *(scene.operations[name] for name in ("entity", "id", "rank")), strict=True
            )
        }
        for entity in (COMPANY, CONTACT):
            ranks = [
                rank[entity, number]
                for batch in scene.journal.batches.values()
                for number in batch.loc[batch["entity"] == entity, "id"]
            ]
            assert ranks == sorted(ranks)

    in_scene(work)


def test_marks_are_not_written_to_a_portal_that_lacks_a_field() -> None:
    async def work(scene: Scene) -> None:
        scene.fields = MarkFields(scene.fields.companies)
        with pytest.raises(ValueError, match="fields"):
            await scene.write()

    in_scene(work, SOME)


def test_a_batch_is_in_the_journal_before_it_leaves() -> None:
    async def work(scene: Scene) -> None:
        class Slow(MemoryJournal):
            async def sent(self, batch: pd.DataFrame) -> int:
                number = await super().sent(batch)
                await asyncio.sleep(7)
                written = updates(scene.portal)
                assert not any(
                    written[key] for key in zip(batch["entity"], batch["id"], strict=True)
                )
                return number

        scene.journal = Slow()
        await scene.write()
        assert await scene.undone() == 0

    in_scene(work, SOME)


def test_nothing_leaves_when_the_journal_cannot_be_written() -> None:
    async def work(scene: Scene) -> None:
        class Full(MemoryJournal):
            async def sent(self, batch: pd.DataFrame) -> int:
                if len(self.batches) == 3:
                    raise OSError("no space left")
                return await super().sent(batch)

        scene.journal = Full()
        with pytest.raises(OSError, match="no space"):
            await scene.write()
        assert sum(updates(scene.portal).values()) == len(scene.journal.rows(DONE)) > 0

    in_scene(work, MANY)


@pytest.mark.parametrize(
    "faults",
    [
        "seed=1,lost=0.3",
        "seed=2,503=0.3",
        "seed=3,reset=0.3",
        "seed=4,500=0.2,502=0.1,html=0.1",
        "seed=5,expire=0.3",
        "seed=6,slow=0.3:9",
        "seed=7,429=0.2",
        "seed=8,lost=0.1,503=0.1,500=0.1,reset=0.1,slow=0.1:8,expire=0.1,429=0.05",
    ],
)
def test_a_fill_in_trouble_ends_as_an_undisturbed_one(faults: str) -> None:
    async def work(scene: Scene) -> None:
        scene.portal.state.faults.set(faults)
        await scene.write()
        assert sum(scene.portal.state.faults.counts.values()) > 2
        # The work behind a lost answer is found done, all other faults come before any work.
        assert scene.update_counts() == {1: len(scene.operations)}
        assert await scene.undone() == 0
        assert len(scene.journal.rows(DONE)) == len(scene.operations)
        assert not scene.journal.doubtful

    in_scene(work)


def test_batches_that_the_portal_cuts_get_smaller_and_nothing_done_is_repeated() -> None:
    async def work(scene: Scene) -> None:
        pace = scene.portal.state.pace
        scene.portal.state.pace = replace(pace, write_s=7.0)
        await scene.write()
        assert any(request["http_status"] == 504 for request in scene.portal.requests)
        assert scene.update_counts() == {1: len(scene.operations)}
        assert await scene.undone() == 0
        assert scene.told[-1].seconds_per_update["crm.company.update"] == pytest.approx(7, abs=1)

    in_scene(work, SOME)


@pytest.mark.parametrize("write_s", [0.05, 1.0, 3.0])
def test_methods_wait_for_their_reset_and_never_meet_the_limit(write_s: float) -> None:
    async def work(scene: Scene) -> None:
        pace = scene.portal.state.pace
        scene.portal.state.pace = replace(pace, write_s=write_s)
        scene.operations = scene.operations.iloc[: int(1800 / write_s)]
        await scene.write()
        assert limit_errors(scene.portal) == 0
        assert scene.update_counts() == {1: len(scene.operations)}
        waiting = {one["method"] for told in scene.told for one in told.waiting}
        assert waiting <= {"crm.company.update", "crm.contact.update", "crm.item.update"}
        assert ("crm.item.update" in waiting) == (write_s > 0.5)

    in_scene(work, 1500)


def test_a_portal_without_the_newest_method_is_written_without_it() -> None:
    async def work(scene: Scene) -> None:
        scene.portal.meddle = lambda entity, method, number: (
            "ERROR_METHOD_NOT_FOUND" if method == "crm.item.update" else None
        )
        await scene.write()
        assert scene.update_counts() == {1: len(scene.operations)}
        assert await scene.undone() == 0

    in_scene(work)


def test_a_portal_that_makes_nothing_of_the_zeros_of_items_is_written_without_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = UserField.stored

    def without_zeros(field: UserField, value: Any, moments: Moments) -> Any:
        return None if value == "00" else stored(field, value, moments)

    monkeypatch.setattr(UserField, "stored", without_zeros)

    async def work(scene: Scene) -> None:
        await scene.write()
        assert await scene.undone() == 0
        assert scene.update_counts().keys() == {1, 2}
        assert scene.update_counts()[2] <= 50

    in_scene(work)


def test_a_portal_that_knows_no_method_says_so() -> None:
    async def work(scene: Scene) -> None:
        scene.portal.meddle = lambda entity, method, number: "ERROR_METHOD_NOT_FOUND"
        with pytest.raises(MethodMissing):
            await scene.write()
        assert len(scene.journal.rows(NOT_WRITTEN)) > 0
        assert not scene.journal.doubtful

    in_scene(work)


def test_whom_the_portal_refuses_is_told_with_its_words_and_the_others_go_on() -> None:
    async def work(scene: Scene) -> None:
        refused = set(ids_of(scene.data, CONTACT)[::7].tolist())
        scene.portal.meddle = lambda entity, method, number: (
            "ERROR_CORE" if entity == CONTACT and number in refused else None
        )
        await scene.write()
        rows = scene.journal.rows(REFUSED)
        assert set(rows["id"]) == refused
        assert set(scene.journal.words) == {(CONTACT, number) for number in refused}
        assert set(scene.journal.words.values()) == {"Words about ERROR_CORE"}
        assert scene.update_counts() == {1: len(scene.operations) - len(refused)}
        assert scene.told[-1].refused == len(refused)

    in_scene(work)


def test_whom_there_is_no_more_is_told_as_gone() -> None:
    async def work(scene: Scene) -> None:
        gone = ids_of(scene.data, COMPANY)[::5].tolist()
        for number in gone:
            scene.data.connection.execute("DELETE FROM companies WHERE ID = ?", (number,))
        await scene.write()
        assert sorted(scene.journal.rows(GONE)["id"]) == gone
        assert scene.told[-1].gone == len(gone)
        assert len(scene.journal.rows(DONE)) == len(scene.operations) - len(gone)

    in_scene(work)


def test_a_client_on_whom_the_portal_breaks_down_does_not_hold_up_the_others() -> None:
    async def work(scene: Scene) -> None:
        poison = int(ids_of(scene.data, CONTACT)[11])
        scene.portal.meddle = lambda entity, method, number: (
            CRASH if (entity, number) == (CONTACT, poison) else None
        )
        await scene.write()
        assert list(scene.journal.rows(REFUSED)["id"]) == [poison]
        assert scene.update_counts() == {1: len(scene.operations) - 1}
        assert await scene.undone() == 1

    in_scene(work)


def test_an_error_that_passes_within_a_batch_is_looked_at_and_tried_again() -> None:
    async def work(scene: Scene) -> None:
        met: Counter[int] = Counter()

        def once(entity: int, method: str, number: int) -> str | None:
            met[number] += 1
            return "INTERNAL_SERVER_ERROR" if met[number] == 1 and number % 9 == 0 else None

        scene.portal.meddle = once
        await scene.write()
        assert scene.update_counts() == {1: len(scene.operations)}
        assert await scene.undone() == 0

    in_scene(work)


def test_a_refusal_of_everything_ends_the_writing_with_nothing_in_doubt() -> None:
    async def work(scene: Scene) -> None:
        scene.portal.state.faults.set("at=5:APPLICATION_NOT_FOUND")
        with pytest.raises(AppRefused):
            await scene.write()
        assert not scene.journal.doubtful
        done = len(scene.journal.rows(DONE))
        assert 0 < done < len(scene.operations)
        assert scene.update_counts() == {1: done}

    in_scene(work)


def test_a_portal_that_is_out_of_reach_leaves_its_last_batches_in_doubt() -> None:
    async def work(scene: Scene) -> None:
        writing = asyncio.ensure_future(scene.write())
        while not scene.journal.batches:
            await asyncio.sleep(0.01)
        scene.portal.state.faults.set("reset=1")
        with pytest.raises(ConnectionLost):
            await writing
        assert scene.journal.doubtful
        scene.portal.state.faults.set("")
        await scene.settle_and_write()
        assert scene.update_counts() == {1: len(scene.operations)}
        assert await scene.undone() == 0

    in_scene(work, SOME)


def test_while_paused_no_batch_leaves_and_those_under_way_are_settled() -> None:
    async def work(scene: Scene) -> None:
        running = asyncio.Event()
        running.set()
        writing = asyncio.ensure_future(scene.write(running=running))
        await asyncio.sleep(12)
        running.clear()
        await asyncio.sleep(60)
        assert not scene.journal.doubtful
        before = len(scene.portal.requests)
        await asyncio.sleep(3600)
        assert len(scene.portal.requests) == before
        assert 0 < len(scene.journal.rows(DONE)) < len(scene.operations)
        running.set()
        await writing
        assert scene.update_counts() == {1: len(scene.operations)}

    in_scene(work)


class Killed(MemoryJournal):
    """Stops the world at the n-th thing that is told to it, before or after it is on the disk."""

    def __init__(self, at: int, before: bool) -> None:
        super().__init__()
        self._left = at
        self._before = before
        self.dead = asyncio.Event()

    async def sent(self, batch: pd.DataFrame) -> int:
        await self._maybe_die(self._before)
        number = await super().sent(batch)
        await self._maybe_die(not self._before)
        return number

    async def settled(self, number: int, states: States, words: Any) -> None:
        await self._maybe_die(self._before)
        await super().settled(number, states, words)
        await self._maybe_die(not self._before)

    async def _maybe_die(self, here: bool) -> None:
        self._left -= here
        if self._left < 0:
            self.dead.set()
            await asyncio.Event().wait()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", range(12))
def test_a_kill_at_any_batch_boundary_loses_and_repeats_nothing(at: int, before: bool) -> None:
    async def work(scene: Scene) -> None:
        journal = scene.journal = Killed(at, before)
        writing = asyncio.ensure_future(scene.write())
        await asyncio.wait(
            [writing, asyncio.ensure_future(journal.dead.wait())],
            return_when=asyncio.FIRST_COMPLETED,
        )
        await killed(writing)
        scene.journal = MemoryJournal(dict(journal.batches))
        await scene.settle_and_write()
        assert scene.update_counts() == {1: len(scene.operations)}
        assert await scene.undone() == 0
        assert not scene.journal.doubtful

    in_scene(work, SOME)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("kills", "goes_on", "away_s"),
    [(4, False, 0), (4, True, 20), (1, True, 0)],
    ids=["with-its-request", "portal-goes-on", "portal-goes-on-meanwhile"],
)
def test_kills_at_any_moment_repeat_only_what_was_in_doubt(
    seed: int, kills: int, goes_on: bool, away_s: float
) -> None:
    """A portal may go on with the work of a request whose sender is gone."""

    async def work(scene: Scene) -> None:
        chance = np.random.default_rng(seed)
        if goes_on:
            outlive(scene.portal)
        doubted: set[tuple[int, int]] = set()
        for _ in range(kills):
            writing = asyncio.ensure_future(scene.settle_and_write())
            await asyncio.sleep(float(chance.uniform(0, 14)))
            await killed(writing)
            for batch in scene.journal.doubtful.values():
                rows = batch[batch["state"] == DOUBTFUL]
                doubted |= set(zip(rows["entity"], rows["id"], strict=True))
            await asyncio.sleep(away_s)
        await scene.settle_and_write()
        assert await scene.undone() == 0
        counted = updates(scene.portal)
        assert len(counted) == len(scene.operations)
        twice = {key for key, count in counted.items() if count > 1}
        assert twice <= doubted
        assert max(counted.values()) <= 2
        assert not twice or (goes_on and not away_s)

    in_scene(work)


def outlive(portal: MeddlingPortal) -> None:
    """Let requests be worked on to their end, whatever becomes of those who sent them."""
    post = portal.post

    async def shielded(*request: Any) -> Any:
        return await asyncio.shield(asyncio.ensure_future(post(*request)))

    portal.post = shielded  # type: ignore[method-assign]


async def killed(writing: asyncio.Future[None]) -> None:
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


def test_rows_that_are_settled_already_keep_their_state() -> None:
    async def work(scene: Scene) -> None:
        batch = scene.operations.iloc[:4].assign(state=np.int8([DONE, REFUSED, 0, GONE]))
        number = await scene.journal.sent(batch.drop(columns="state"))
        await settle_doubtful(scene.client(), scene.fields, {number: batch}, scene.journal)
        first, again = scene.journal.batches.values()
        assert list(first["state"]) == [DONE, REFUSED, NOT_WRITTEN, GONE]
        assert list(again["id"]) == [batch["id"].iloc[2]]
        assert sum(updates(scene.portal).values()) == 1

    in_scene(work, SOME)


def test_what_somebody_wrote_in_between_is_overwritten_and_kept_as_the_image_before() -> None:
    async def work(scene: Scene) -> None:
        row = scene.operations[scene.operations["after_payments"] > 0].iloc[[0]]
        scene.operations = row
        number, entity = int(row["id"].iloc[0]), int(row["entity"].iloc[0])
        own = "company" if entity == COMPANY else "contact"
        await scene.touch(own, number)
        scene.portal.state.faults.set("at=2:reset")
        await scene.write()
        first, second = scene.journal.batches.values()
        assert list(first["state"]) == [NOT_WRITTEN]
        assert list(second["state"]) == [DONE]
        assert list(first["before_payments"]) == list(second["before_payments"]) == [77]
        assert await scene.undone() == 0


def test_what_is_as_wanted_already_is_not_written_and_not_ours_to_take_back() -> None:
    async def work(scene: Scene) -> None:
        await scene.write()
        scene.journal = MemoryJournal()
        before = updates(scene.portal)
        await scene.write()
        assert updates(scene.portal) == before
        assert len(scene.journal.rows(DONE)) == len(scene.operations)
        assert not scene.journal.rows(DONE)["changed"].any()

    in_scene(work, SOME)


def test_a_guarded_writing_leaves_alone_what_somebody_has_changed() -> None:
    async def work(scene: Scene) -> None:
        await scene.write()
        undo = taken_back(scene.operations)
        changed = [int(number) for number in ids_of(scene.data, CONTACT)[:3]]
        for number in changed:
            await scene.touch("contact", number)
        gone = int(ids_of(scene.data, COMPANY)[0])
        scene.data.connection.execute("DELETE FROM companies WHERE ID = ?", (gone,))
        journal = MemoryJournal()
        before = updates(scene.portal)
        await write_marks(
            scene.client(),
            scene.fields,
            undo,
            journal,
            progress=scene.told.append,
            guard=True,
        )
        assert sorted(journal.rows(CONFLICT)["id"]) == changed
        assert list(journal.rows(GONE)["id"]) == [gone]
        assert len(journal.rows(DONE)) == len(undo) - 4
        assert scene.told[-1].conflicts == 3
        touched = updates(scene.portal) - before
        assert set(touched.values()) == {1}
        assert not any((CONTACT, number) in touched for number in changed)
        assert await still_undone(scene.client(), scene.fields, undo) == 4

    in_scene(work, SOME)


def test_a_guarded_writing_goes_on_where_it_was_cut_short() -> None:
    async def work(scene: Scene) -> None:
        await scene.write()
        undo = taken_back(scene.operations)
        before = updates(scene.portal)
        journal = MemoryJournal()
        client = scene.client()
        writing = asyncio.ensure_future(
            write_marks(client, scene.fields, undo, journal, guard=True)
        )
        await asyncio.sleep(11)
        await killed(writing)
        assert journal.doubtful
        client = scene.client()
        await settle_doubtful(client, scene.fields, journal.doubtful, journal, guard=True)
        await write_marks(client, scene.fields, undo, journal, guard=True)
        assert set((updates(scene.portal) - before).values()) == {1}
        assert await still_undone(client, scene.fields, undo) == 0

    in_scene(work)


def taken_back(wanted: pd.DataFrame) -> pd.DataFrame:
    """The operations that undo others."""
    turned = {}
    for mark in MARKS:
        turned[f"before_{mark}"] = wanted[f"after_{mark}"]
        turned[f"after_{mark}"] = wanted[f"before_{mark}"]
    return wanted.assign(**turned)

"""What one administrator keeps in the portal for everybody to read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from crm.app_storage import MOST_CHARS, PART_CHARS, AppStorageFull, ensure, load, save
from crm.client import Portal, RetryPolicy
from crm.errors import AccessDenied, ConnectionLost, PortalError, ScopeMissing
from portal.database import Database
from portal.state import Options, PortalState
from portal.storages import MOST_TEXT_BYTES
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal, virtual_clock
from unit.portal.small_portal import stored

ADMIN, OTHER_ADMIN, MANAGER = 1, 6, 3
HOUR_S = 3600
READING = {"entity.get", "entity.rights", "entity.item.get", "server.time"}


@pytest.fixture
def database() -> Iterator[Database]:
    people = [
        {"ID": ADMIN, "NAME": "Anna", "IS_ADMIN": "Y"},
        {"ID": OTHER_ADMIN, "NAME": "Fedor", "IS_ADMIN": "Y"},
        {"ID": MANAGER, "NAME": "Clara"},
    ]
    database = stored({"users": people}, now=None)
    yield database
    database.close()


def noise(seed: int, size: int) -> bytes:
    """Data that no compression makes smaller."""
    return np.random.default_rng(seed).bytes(size)


SMALL, OLD, NEW = b'{"months": []}', noise(1, 150_000), noise(2, 250_000)


class People:
    """The browsers of several people on one portal."""

    def __init__(self, database: Database, *, without: str = "", pace: str = "cloud") -> None:
        options = Options(pace=pace, without=frozenset(filter(None, without.split(","))))
        self.state = PortalState(database, options, virtual_clock(database))

    def person(self, user: int = ADMIN, **options: Any) -> Portal:
        return EmulatedPortal(state=self.state, user=user).client(**options)

    def items(self) -> list[dict[str, Any]]:
        return self.state.database.query("SELECT * FROM storage_items ORDER BY ID")

    def commands(self) -> list[str]:
        return [
            command["method"] for entry in self.state.log.after(0) for command in entry["commands"]
        ]


@pytest.mark.parametrize("data", [b"", SMALL, OLD], ids=["nothing", "small", "in parts"])
def test_what_an_administrator_keeps_everybody_reads(database: Database, data: bytes) -> None:
    async def main() -> None:
        people = People(database)
        await save(people.person(), "view", data)
        assert await load(people.person(MANAGER), "view") == data

    run(main())


def test_names_do_not_mix(database: Database) -> None:
    async def main() -> None:
        portal = People(database).person()
        await save(portal, "view", OLD)
        await save(portal, "overview", NEW)
        await save(portal, "history", SMALL)
        assert await load(portal, "view") == OLD
        assert await load(portal, "overview") == NEW
        assert await load(portal, "history") == SMALL

    run(main())


def test_nothing_is_there_before_the_first_save(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        assert await load(people.person(MANAGER), "view") is None
        await ensure(people.person())
        assert await load(people.person(MANAGER), "view") is None

    run(main())


def test_no_text_is_longer_than_the_portal_takes(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        await save(people.person(), "view", NEW)
        assert max(len(item["DETAIL_TEXT"] or "") for item in people.items()) == PART_CHARS

    run(main())


def test_the_list_of_the_most_parts_leaves_room_for_a_text(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = -(-MOST_CHARS // PART_CHARS)
    monkeypatch.setattr("crm.app_storage.PART_CHARS", 200)

    async def main() -> None:
        people = People(database, pace="off")
        await ensure(people.person())
        # The ids of a very big portal.
        query = "INSERT INTO sqlite_sequence (name, seq) VALUES ('storage_items', 980000000)"
        people.state.database.connection.execute(query)
        for seed in (8, 9):
            await save(people.person(), "view", noise(seed, parts * 150 - 100))
        assert len(people.items()) == 1 + 2 * parts
        await save(people.person(), "view", SMALL)
        (head,) = (item for item in people.items() if item["NAME"] == "view")
        assert PART_CHARS + len(head["PREVIEW_TEXT"]) + len("history") <= MOST_TEXT_BYTES

    run(main())


def test_small_data_takes_two_requests(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        portal = people.person()
        await save(portal, "view", SMALL)
        people.state.log.clear()
        await save(portal, "view", SMALL + b" ")
        assert people.commands() == ["entity.item.get", "entity.item.update"]
        assert len(people.items()) == 1

    run(main())


def test_too_much_is_refused_before_anything_is_sent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.app_storage.MOST_CHARS", 100_000)

    async def main() -> None:
        people = People(database)
        with pytest.raises(AppStorageFull) as refused:
            await save(people.person(), "view", OLD)
        assert refused.value.params["most"] == 100_000
        assert refused.value.params["chars"] > 150_000
        assert people.commands() == []

    run(main())


def test_a_reader_never_sees_half_a_save(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        writer, reader = people.person(), people.person(MANAGER)
        await save(writer, "view", OLD)
        seen = set()
        for data in (NEW, OLD, NEW):
            saving = asyncio.ensure_future(save(writer, "view", data))
            while not saving.done():
                found = await load(reader, "view")
                assert found in (OLD, NEW)
                seen.add(found)
            await saving
            assert await load(reader, "view") == data
        assert len(seen) == 2

    run(main())


def test_a_reader_who_is_overtaken_by_saves_finds_the_newest(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        writer = people.person()
        await save(writer, "view", OLD)
        transport = EmulatedPortal(state=people.state, user=MANAGER)
        post = transport.post
        to_save = [noise(5, 100_000), noise(6, 100_000), noise(7, 100_000)]

        async def overtaken(method: str, body: str, timeout_s: float) -> Any:
            answer = await post(method, body, timeout_s)
            while to_save:
                await save(writer, "view", to_save.pop(0))
            return answer

        transport.post = overtaken  # type: ignore[method-assign]
        assert await load(transport.client(), "view") == noise(7, 100_000)
        assert len(transport.requests) > 3

    run(main())


@pytest.mark.parametrize("k", range(1, 7))
@pytest.mark.parametrize("kind", ["lost", "503", "500", "html"])
def test_a_save_survives_a_failing_request(database: Database, kind: str, k: int) -> None:
    async def main() -> None:
        people = People(database)
        portal = people.person()
        await save(portal, "view", OLD)
        people.state.faults.set(f"at={k}:{kind}")
        await save(portal, "view", NEW)
        people.state.faults.set("")
        assert await load(people.person(MANAGER), "view") == NEW

    run(main())


@pytest.mark.parametrize("k", range(1, 6))
def test_a_first_save_survives_a_lost_answer_and_leaves_one_head(
    database: Database, k: int
) -> None:
    async def main() -> None:
        people = People(database)
        people.state.faults.set(f"at={k}:lost")
        await save(people.person(), "view", SMALL)
        assert await load(people.person(MANAGER), "view") == SMALL
        await save(people.person(), "view", SMALL)
        assert [item["NAME"] for item in people.items()] == ["view"]

    run(main())


@pytest.mark.parametrize("answers", range(8))
def test_a_save_that_is_cut_short_leaves_what_was_there(database: Database, answers: int) -> None:
    async def main() -> None:
        people = People(database)
        await save(people.person(), "view", OLD)
        transport = EmulatedPortal(state=people.state)
        left = answers
        post = transport.post

        async def cut(method: str, body: str, timeout_s: float) -> Any:
            nonlocal left
            if left == 0:
                raise ConnectionLost(method=method)
            left -= 1
            return await post(method, body, timeout_s)

        transport.post = cut  # type: ignore[method-assign]
        try:
            await save(transport.client(retries=RetryPolicy(attempts=1)), "view", NEW)
        except PortalError:
            assert await load(people.person(MANAGER), "view") in (OLD, NEW)
        else:
            assert await load(people.person(MANAGER), "view") == NEW

    run(main())


def test_parts_that_nobody_names_go_after_an_hour(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        await save(people.person(), "view", OLD)
        people.state.faults.set("at=2:lost")
        await save(people.person(), "view", OLD)
        with_orphans = len(people.items())
        await asyncio.sleep(HOUR_S + 60)
        for _ in range(2):
            await save(people.person(), "view", OLD)
        parts = -(-len(OLD) * 4 // (3 * PART_CHARS))
        # The head, its parts, and those that it named before.
        assert len(people.items()) == 1 + 2 * parts < with_orphans

    run(main())


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("size", [100, 150_000], ids=["small", "in parts"])
def test_two_administrators_at_a_time_do_no_harm(
    database: Database, size: int, delay_s: float
) -> None:
    async def main() -> None:
        people = People(database)
        one, other = noise(3, size), noise(4, size)

        async def later() -> None:
            await asyncio.sleep(delay_s)
            await save(people.person(OTHER_ADMIN), "view", other)

        for _ in range(3):
            await asyncio.gather(save(people.person(), "view", one), later())
            assert await load(people.person(MANAGER), "view") in (one, other)
        await save(people.person(), "view", one)
        assert await load(people.person(MANAGER), "view") == one
        assert [item["NAME"] for item in people.items()].count("view") == 1

    run(main())


def test_a_portal_without_the_permission_says_so(database: Database) -> None:
    async def main() -> None:
        portal = People(database, without="entity").person()
        for work in (ensure(portal), save(portal, "view", SMALL), load(portal, "view")):
            with pytest.raises(ScopeMissing):
                await work

    run(main())


def test_only_administrators_write(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        await save(people.person(), "view", SMALL)
        for data in (SMALL, OLD):
            with pytest.raises(AccessDenied):
                await save(people.person(MANAGER), "view", data)
        assert await load(people.person(MANAGER), "view") == SMALL

    run(main())


def test_the_storage_is_made_once(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        assert await ensure(people.person())
        people.state.log.clear()
        assert not await ensure(people.person(OTHER_ADMIN))
        assert set(people.commands()) <= READING

    run(main())


def test_rights_that_somebody_has_changed_are_mended(database: Database) -> None:
    async def main() -> None:
        people = People(database)
        portal = people.person()
        await ensure(portal)
        await portal.call("entity.rights", {"ENTITY": "clients", "ACCESS": {"AU": "W", "U3": "W"}})
        assert await ensure(portal)
        rights = await portal.call("entity.rights", {"ENTITY": "clients"})
        assert rights == {"AU": "R", "U3": "W", "U1": "X"}

    run(main())


def test_a_lost_answer_does_not_hinder_the_making(database: Database) -> None:
    async def main() -> None:
        for k in (1, 2):
            people = People(database)
            people.state.faults.set(f"at={k}:lost")
            assert await ensure(people.person())
            await people.person().call("entity.delete", {"ENTITY": "clients"})

    run(main())

"""What the portal tells wrongly or not at all is not taken for something else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

import pytest

from crm import app_storage
from crm.answer import Result, read_answer
from crm.deletions import read_queue
from crm.errors import AnswerUnreadable, ConnectionLost, PortalError, SessionExpired
from crm.glance import glance
from crm.installation import set_up
from crm.mark_definitions import COMPANY, CONTACT
from crm.mark_fields import ensure
from crm.mark_journal import CONFLICT
from crm.mark_reader import read_marks
from crm.mark_writer import write_marks
from crm.people import names_of
from crm.protocols import Answer
from crm.query import Command
from portal.database import Database
from unit.crm.marking import MemoryJournal, database, ids_of, operations, updates
from unit.crm.virtual_time import run
from unit.garbling import GarblingPortal

CLIENTS = 60


@pytest.fixture
def data() -> Iterator[Database]:
    made = database(CLIENTS)
    yield made
    made.close()


@pytest.mark.parametrize(
    "odd", [RuntimeError("INTERNAL_SERVER_ERROR"), [], None, "text", {"categories": "text"}]
)
def test_funnels_of_invoices_that_cannot_be_read_are_not_taken_for_none(
    data: Database, odd: Any
) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        portal.garble = lambda method, value: odd if method == "crm.category.list" else value
        with pytest.raises(PortalError):
            await glance(portal.client())

    run(main())


@pytest.mark.parametrize("odd", [None, "text", 5, {"error": "text"}])
def test_stages_of_invoices_that_cannot_be_read_are_not_taken_for_none(
    data: Database, odd: Any
) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        portal.garble = lambda method, value: odd if method == "crm.status.list" else value
        with pytest.raises(AnswerUnreadable):
            await glance(portal.client())

    run(main())


@pytest.mark.parametrize(
    "odd", [None, [], "text", 5, {"0": {"NAME": "Anna"}}, [{"NAME": "Anna"}], [None, {"ID": "x"}]]
)
def test_names_that_cannot_be_read_are_none(data: Database, odd: Any) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        portal.garble = lambda method, value: odd if method == "user.get" else value
        assert await names_of(portal.client(), [1, 2]) == {}

    run(main())


@pytest.mark.parametrize("odd", [[{}], [{"ID": None}], [{"ID": "x"}], {"1": {"NAME": "view"}}, "x"])
def test_items_of_the_storage_without_an_id_are_none(data: Database, odd: Any) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        await app_storage.save(portal.client(), "view", b"{}")
        portal.garble = lambda method, value: odd if method == "entity.item.get" else value
        assert await app_storage.load(portal.client(), "view") is None

    run(main())


@pytest.mark.parametrize("odd", [None, [], {}, True, "x"])
@pytest.mark.parametrize("size", [10, 300_000])
def test_a_save_whose_items_get_no_ids_is_an_error_of_the_portal(
    data: Database, odd: Any, size: int
) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        portal.garble = lambda method, value: odd if method == "entity.item.add" else value
        words = b"".join(b"%d" % (each * each * 7919 % 104729) for each in range(size))
        with pytest.raises(AnswerUnreadable):
            await app_storage.save(portal.client(), "view", words)

    run(main())


def test_rows_that_come_twice_or_without_an_id_are_one_row(data: Database) -> None:
    def doubled(method: str, value: Any) -> Any:
        return [*value, *value, {}, {}, None] if method == "crm.company.list" else value

    async def main() -> None:
        portal = GarblingPortal(data)
        fields = (await ensure(portal.client(), "ru")).fields
        portal.garble = doubled
        ids = ids_of(data, COMPANY)
        found = await read_marks(portal.client(), fields, COMPANY, ids)
        assert sorted(found["id"]) == sorted(ids)

    run(main())


def test_updates_refused_for_their_token_come_to_an_end(data: Database) -> None:
    def refused(method: str, value: Any) -> Any:
        return RuntimeError("expired_token") if method.endswith(".update") else value

    async def main() -> None:
        portal = GarblingPortal(data)
        fields = (await ensure(portal.client(), "ru")).fields
        wanted = operations(ids_of(data, COMPANY).tolist(), [])
        portal.garble = refused
        writing = write_marks(portal.client(), fields, wanted, MemoryJournal())
        with pytest.raises(SessionExpired):
            await asyncio.wait_for(writing, 3600)

    run(main())


def test_an_undo_never_overwrites_what_somebody_changes_while_an_answer_is_lost(
    data: Database,
) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        fields = (await ensure(portal.client(), "ru")).fields
        wanted = operations([], ids_of(data, CONTACT).tolist())
        await write_marks(portal.client(), fields, wanted, MemoryJournal())
        row = wanted[wanted["after_payments"] > 0].iloc[[0]]
        number = int(row["id"].iloc[0])
        undo = row.assign(
            changed=32, before_payments=row["after_payments"], after_payments=row["before_payments"]
        )
        # The update never arrives; while the writer waits, somebody writes another count.
        real, lost = portal.post, []

        async def post(method: str, body: str, timeout_s: float) -> Any:
            if ".update" in body and not lost:
                lost.append(body)
                fields = {"UF_CRM_CLB_PAYMENTS": 77}
                person = Command.of("crm.contact.update", {"id": number, "fields": fields})
                await portal.client().batch([person])
                raise ConnectionLost(method=method)
            return await real(method, body, timeout_s)

        portal.post = post  # type: ignore[method-assign]
        before = updates(portal)
        journal = MemoryJournal()
        await write_marks(portal.client(), fields, undo, journal, guard=True)
        held = await read_marks(portal.client(), fields, CONTACT, [number])
        assert list(held["mark_payments"]) == [77]
        assert list(journal.rows(CONFLICT)["id"]) == [number]
        assert sum((updates(portal) - before).values()) == 1

    run(main())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"result":' + '{"a":' * 100_000])
def test_an_answer_that_is_nested_without_end_cannot_be_read(text: str) -> None:
    answered = read_answer(Answer(200, text), "crm.deal.list")
    assert isinstance(answered.error, AnswerUnreadable)


def test_a_head_of_the_storage_that_is_nested_without_end_names_no_parts(data: Database) -> None:
    def nested(method: str, value: Any) -> Any:
        if method != "entity.item.get":
            return value
        return [{**item, "PREVIEW_TEXT": "[" * 60_000} for item in value]

    async def main() -> None:
        portal = GarblingPortal(data)
        await app_storage.save(portal.client(), "view", b"{}")
        portal.garble = nested
        assert await app_storage.load(portal.client(), "view") == b"{}"

    run(main())


SET_UP_ASKS = [
    *("scope", "events", "event.get", "placement.get", "method.get", "entity.get"),
    *("entity.rights", "crm.company.userfield.list"),
]


@pytest.mark.parametrize("method", SET_UP_ASKS)
@pytest.mark.parametrize(
    "odd", [None, [], {}, 5, "x", {"a": 5}, [5], RuntimeError("ACCESS_DENIED"), RuntimeError("ODD")]
)
def test_a_portal_that_answers_one_question_oddly_is_prepared_as_far_as_that_goes(
    data: Database, method: str, odd: Any
) -> None:
    async def main() -> None:
        portal = GarblingPortal(data)
        portal.garble = lambda asked, value: odd if asked == method else value
        handler = "https://app.example.com/index.html"
        steps = await set_up(portal.client(), handler=handler, language="ru")
        assert [step.code for step in steps] == [
            *("scopes", "marks", "storage", "deletions", "placements")
        ]

    run(main())


@pytest.mark.parametrize("total", [10**15, 10**400, "x", -1, None])
def test_a_queue_that_is_miscounted_is_read_to_its_end(data: Database, total: Any) -> None:
    pages = {start: [{"ID": start + n} for n in range(1, 51)] for start in (0, 50)}
    asked: list[int] = []

    async def ask(commands: Sequence[Command]) -> list[Result]:
        starts = [int(dict(parse_qsl(command.query))["start"]) for command in commands]
        asked.extend(starts)
        return [Result(pages.get(start, []), total=read_total(total)) for start in starts]

    async def main() -> None:
        queue = await read_queue(Result(pages[0], total=read_total(total)), 0, ask, 0)
        assert queue.cursor == (100 if total == 10**15 else 50)
        assert len(asked) <= 100

    run(main())


def read_total(total: Any) -> int | None:
    """A count as it is read from an answer."""
    text = json.dumps({"result": [], "total": total})
    return read_answer(Answer(200, text), "event.offline.list").total

"""What changed since the last reading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm.changes import Changes, read_changes
from crm.client import Portal
from crm.glance import glance
from crm.protocols import Answer
from crm.query import Command
from crm.tables import KEYS
from portal import merging
from portal.database import Database
from portal.entities import OLD_LISTS
from portal.generator import generate
from portal.state import Options, PortalState
from unit.crm.edits import Editor, listen
from unit.crm.reading import Reading, read
from unit.crm.virtual_time import EPOCH_S, run
from unit.crm.worlds import assert_same
from unit.emulated import EmulatedPortal, virtual_clock

pytestmark = pytest.mark.thorough

Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def template() -> Iterator[Database]:
    database = Database.create(None)
    now = datetime.fromtimestamp(EPOCH_S, timezone(timedelta(hours=3)))
    generate(database, clients=250, seed=5, now=now)
    database.build_indexes()
    yield database
    database.close()


@pytest.fixture
def database(template: Database) -> Iterator[Database]:
    """A portal of one's own."""
    copy = Database.create(None)
    template.connection.backup(copy.connection)
    copy.settings = dict(template.settings)
    yield copy
    copy.close()


def laid_over(tables: Tables, changes: Changes) -> dict[str, pd.DataFrame]:
    """The tables after the changes, in plain words."""
    after = {}
    for name, keys in KEYS.items():
        now = changes.tables[name]
        if name == "links":
            stays = ~np.isin(tables[name]["contact"].to_numpy(), changes.relinked)
        else:
            replaced = [now[keys], changes.deleted.get(name, now[:0])[keys]]
            index = pd.MultiIndex.from_frame(pd.concat(replaced))
            stays = ~pd.MultiIndex.from_frame(tables[name][keys]).isin(index)
        after[name] = pd.concat([tables[name][stays], now], ignore_index=True)
    return after


def portal_with(database: Database, faults: str = "", **options: Any) -> EmulatedPortal:
    state = PortalState(
        database, Options(pace="cloud", faults=faults, **options), virtual_clock(database)
    )
    return EmulatedPortal(state=state)


async def next_changes(portal: Portal, known: Tables, since: Reading | Changes) -> Changes:
    """The changes since a full reading or earlier changes."""
    if isinstance(since, Reading):
        moment, cursor, facts = since.survey.now, since.survey.cursor, since.survey.facts
    else:
        moment, cursor, facts = since.as_of, since.cursor, since.facts
    return await read_changes(portal, await glance(portal), known, moment, cursor, before=facts)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("queued", [True, False], ids=["with events", "without events"])
def test_a_base_with_its_changes_is_what_a_full_reading_finds(
    database: Database, seed: int, queued: bool
) -> None:
    async def story() -> None:
        without = frozenset() if queued else frozenset({"offline-events"})
        emulated = portal_with(database, without=without)
        portal = emulated.client()
        if queued:
            await listen(portal)
        first = await read(portal)
        tables: Tables = first.tables
        since: Reading | Changes = first
        editor = Editor(database, emulated.client(), seed)
        for _ in range(2):
            await asyncio.sleep(3600)
            await editor.work(40)
            changes = await next_changes(portal, tables, since)
            tables, since = laid_over(tables, changes), changes
            assert_same(tables, (await read(portal)).tables)

    run(story())


async def changed_by(
    database: Database, edit: Callable[[EmulatedPortal, Portal], Awaitable[None]], **options: Any
) -> tuple[Changes, dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """What an edit brings: the changes, the tables after them, those of a full reading."""
    emulated = portal_with(database, **options)
    portal = emulated.client()
    await listen(portal)
    first = await read(portal)
    await asyncio.sleep(3600)
    await edit(emulated, portal)
    changes = await next_changes(portal, first.tables, first)
    return changes, laid_over(first.tables, changes), (await read(portal)).tables


def story_of(
    database: Database, edit: Callable[[EmulatedPortal, Portal], Awaitable[None]], **options: Any
) -> Changes:
    """The changes that an edit brings, after they have been compared with a full reading."""
    changes, after, expected = run(changed_by(database, edit, **options))
    assert_same(after, expected)
    return changes


def company_with_deals(database: Database) -> int:
    """A company that has deals and contacts."""
    (found,) = database.query(
        "SELECT COMPANY_ID AS id FROM deals WHERE COMPANY_ID IN (SELECT company FROM links) "
        "AND COMPANY_ID IN (SELECT ID FROM companies WHERE IS_MY_COMPANY <> 'Y') LIMIT 1"
    )
    return int(found["id"])


def test_a_merger_tells_who_did_it_when_and_into_whom(database: Database) -> None:
    gone = company_with_deals(database)
    kept = int(database.rows("companies", "ID <> ? AND IS_MY_COMPANY <> 'Y'", (gone,))[0]["ID"])
    at_s = 0.0

    async def merge(emulated: EmulatedPortal, portal: Portal) -> None:
        nonlocal at_s
        at_s = emulated.state.clock.portal_s()
        rows = [database.row("companies", number) for number in (kept, gone)]
        other = EmulatedPortal(state=emulated.state, user=2)
        records = other.state.records
        merging.merge(database, records, OLD_LISTS["company"], [row for row in rows if row], 2)

    changes = story_of(database, merge)
    assert [(each.entity, each.id, each.by, each.merged_into) for each in changes.departures] == [
        (4, gone, 2, kept)
    ]
    assert changes.departures[0].at_s == pytest.approx(at_s, abs=2)
    assert changes.deleted["companies"]["id"].tolist() == [gone]


def test_a_deletion_is_no_merger_even_if_its_contacts_have_other_companies(
    database: Database,
) -> None:
    gone = company_with_deals(database)
    others = [row["ID"] for row in database.rows("companies", "ID <> ?", (gone,))][:2]
    for link in database.query("SELECT contact FROM links WHERE company = ?", (gone,)):
        database.connection.execute(
            "UPDATE contacts SET COMPANY_ID = ?, COMPANY_IDS = ? WHERE ID = ?",
            (gone, json.dumps([gone, *others]), link["contact"]),
        )

    async def delete(emulated: EmulatedPortal, portal: Portal) -> None:
        await portal.call("crm.company.delete", {"id": gone})

    (departure,) = story_of(database, delete).departures
    assert (departure.id, departure.merged_into) == (gone, 0)


def test_without_events_a_departure_has_no_moment(database: Database) -> None:
    gone = company_with_deals(database)

    async def delete(emulated: EmulatedPortal, portal: Portal) -> None:
        database.connection.execute("DELETE FROM companies WHERE ID = ?", (gone,))

    (departure,) = story_of(database, delete).departures
    assert (departure.id, departure.at_s, departure.by) == (gone, None, 0)


def test_an_unchanged_portal_has_no_changes(database: Database) -> None:
    async def nothing(emulated: EmulatedPortal, portal: Portal) -> None:
        pass

    changes = story_of(database, nothing)
    assert not any(len(frame) for frame in changes.tables.values())
    assert not changes.deleted and not changes.departures and not len(changes.relinked)
    assert not changes.notes


def test_the_queue_is_read_past_its_first_page_and_is_left_as_it_is(database: Database) -> None:
    async def delete(emulated: EmulatedPortal, portal: Portal) -> None:
        rows = database.rows("activities")[:120]
        commands = [Command.of("crm.activity.delete", {"id": row["ID"]}) for row in rows]
        assert all(result.error is None for result in await portal.batch(commands))

    changes = story_of(database, delete)
    assert len(changes.deleted["activities"]) == 120
    (queue,) = database.query("SELECT COUNT(*) AS n, MAX(ID) AS last FROM offline_events")
    assert (queue["n"], queue["last"]) == (120, changes.cursor)


def test_an_event_of_a_row_that_is_there_is_not_believed(database: Database) -> None:
    living = company_with_deals(database)

    async def lie(emulated: EmulatedPortal, portal: Portal) -> None:
        data = json.dumps({"FIELDS": {"ID": living}})
        database.connection.execute(
            "INSERT INTO offline_events (TIMESTAMP_X, EVENT_NAME, EVENT_DATA, EVENT_ADDITIONAL, "
            "MESSAGE_ID) VALUES (0, 'ONCRMCOMPANYDELETE', ?, '[]', 'x')",
            (data,),
        )

    changes = story_of(database, lie)
    assert not changes.deleted and not changes.departures


def test_new_requisites_have_no_date_of_change_and_are_found(database: Database) -> None:
    async def insert(emulated: EmulatedPortal, portal: Portal) -> None:
        last = database.rows("requisites")[-1]["ID"]
        now = emulated.state.clock.portal_s()
        columns = ("ID", "ENTITY_TYPE_ID", "ENTITY_ID", "DATE_CREATE", "DATE_MODIFY")
        rows = [(last + number, 4, 1, now, None) for number in range(1, 131)]
        database.insert("requisites", columns, rows)

    changes = story_of(database, insert)
    assert len(changes.tables["requisites"]) == 130


def test_a_stage_that_means_paid_from_now_on_pays_the_invoices_in_it(database: Database) -> None:
    async def redefine(emulated: EmulatedPortal, portal: Portal) -> None:
        database.connection.execute(
            "UPDATE statuses SET SEMANTICS = 'S' WHERE ENTITY_ID LIKE 'SMART_INVOICE_STAGE_%'"
        )

    changes = story_of(database, redefine)
    assert changes.tables["invoices"]["paid"].all()


@pytest.mark.parametrize(
    "faults",
    ["seed=1,503=0.15,500=0.1,html=0.1", "seed=2,lost=0.15,reset=0.15,expire=0.1", "at=1:503"],
)
def test_faults_of_every_kind_end_in_the_same_base(database: Database, faults: str) -> None:
    async def story() -> None:
        emulated = portal_with(database)
        portal = emulated.client()
        await listen(portal)
        first = await read(portal)
        await asyncio.sleep(3600)
        await Editor(database, portal, seed=7).work(40)
        disturbed = portal_with(database, faults=faults).client()
        changes = await next_changes(disturbed, first.tables, first)
        assert_same(laid_over(first.tables, changes), (await read(portal)).tables)

    run(story())


def test_what_changes_meanwhile_is_in_the_next_changes(database: Database) -> None:
    async def story() -> None:
        emulated = portal_with(database)
        portal = emulated.client()
        await listen(portal)
        first = await read(portal)
        await asyncio.sleep(3600)
        editor = Editor(database, emulated.client(), seed=11)
        await editor.work(20)
        edits = asyncio.ensure_future(editor.work(20, within_s=0.5))
        changes = await next_changes(portal, first.tables, first)
        await edits
        tables = laid_over(first.tables, changes)
        later = await next_changes(portal, tables, changes)
        assert_same(laid_over(tables, later), (await read(portal)).tables)

    run(story())


def test_while_paused_nothing_leaves(database: Database) -> None:
    async def story() -> None:
        emulated = portal_with(database)
        portal = emulated.client()
        first = await read(portal)
        await asyncio.sleep(3600)
        await Editor(database, portal, seed=3).work(30)
        seen = await glance(portal)
        running = asyncio.Event()
        requests = portal.requests
        work = asyncio.ensure_future(
            read_changes(portal, seen, first.tables, first.survey.now, 0, running=running)
        )
        await asyncio.sleep(600)
        assert portal.requests == requests
        running.set()
        assert_same(laid_over(first.tables, await work), (await read(portal)).tables)

    run(story())


class WithoutField(EmulatedPortal):
    """A portal whose lists do not know a field."""

    field = ""

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        return await super().post(method, body.replace(self.field, "NO_SUCH_FIELD"), timeout_s)


@pytest.mark.parametrize(
    ("field", "source"), [("LAST_UPDATED", "activities"), ("DATE_UPDATE", "old_invoices")]
)
def test_where_changes_do_not_show_new_rows_are_read_and_a_note_says_so(
    database: Database, field: str, source: str
) -> None:
    async def story() -> None:
        emulated = portal_with(database)
        portal = emulated.client()
        first = await read(portal)
        await asyncio.sleep(3600)
        owner = {"OWNER_TYPE_ID": 4, "OWNER_ID": 1, "SUBJECT": "x"}
        add = Command.of("crm.activity.add", {"fields": owner})
        invoice = Command.of("crm.invoice.add", {"fields": {"UF_COMPANY_ID": 1}})
        await portal.batch([add] * 70 + [invoice] * 2)
        await portal.call("crm.activity.delete", {"id": database.rows("activities")[3]["ID"]})
        blind = WithoutField(state=emulated.state)
        blind.field = field
        changes = await next_changes(blind.client(), first.tables, first)
        assert {"code": "changes_unseen", "source": source} in changes.notes
        assert_same(laid_over(first.tables, changes), (await read(portal)).tables)
        assert len(blind.requests) - len(emulated.requests) < 12

    run(story())


def test_few_requests_find_a_few_deleted_among_many(database: Database) -> None:
    """Among 20,000 activities, without events."""
    then = EPOCH_S - 10**7
    rows = [(number, 4, 1, then, then) for number in range(10**6, 10**6 + 40_000, 2)]
    columns = ("ID", "OWNER_TYPE_ID", "OWNER_ID", "CREATED", "LAST_UPDATED")
    database.insert("activities", columns, rows)

    async def story() -> None:
        emulated = portal_with(database, without=frozenset({"offline-events"}))
        portal = emulated.client()
        first = await read(portal)
        await asyncio.sleep(3600)
        database.connection.execute("DELETE FROM activities WHERE ID % 9973 = 0")
        requests, commands = portal.requests, portal.commands
        changes = await next_changes(portal, first.tables, first)
        assert len(changes.deleted["activities"]) >= 2
        assert portal.requests - requests <= 15
        assert portal.commands - commands < 250, "reading all ids would take 400"
        assert_same(laid_over(first.tables, changes), (await read(portal)).tables)

    run(story())

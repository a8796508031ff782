"""Reading the months of a portal: everything, once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crm.reader
from crm import errors
from crm.protocols import Answer
from crm.reader import MonthRead, Progress, read_months
from crm.survey import survey
from crm.tables import TABLES
from unit.crm.fake_portal import FakePortal, Limits, Refusal
from unit.crm.reading import Reading, portal_of, read, read_all
from unit.crm.virtual_time import run
from unit.crm.worlds import (
    DAY_S,
    NOW_S,
    Ids,
    World,
    assert_same,
    imported,
    large,
    steady,
)

BASE = steady(2000, 700, seed=5)
WORLDS = {
    "nothing": World({}),
    "one row": World({"crm.contact.list": steady(1, 40, seed=1)}),
    "dense ids": large(3000, 24, seed=1),
    "sparse ids": large(3000, 24, seed=2, sparse=0.9),
    "ids not in the order of dates": large(3000, 24, seed=3, shuffled=True),
    "an import in an hour": World(
        {
            "crm.company.list": imported(20_000, NOW_S - 300 * DAY_S, BASE, BASE),
            "crm.deal.list": BASE,
            "crm.invoice.list": steady(300, 900, seed=6),
        }
    ),
    "older deals than clients": World(
        {"crm.company.list": steady(50, 60, seed=7), "crm.deal.list": steady(900, 900, seed=8)}
    ),
}


def served_twice(fake: FakePortal) -> int:
    """Rows that were asked for more than once, answers to broken chains apart."""
    return sum(times > 1 for rows in fake.served.values() for times in rows.values())


@pytest.mark.parametrize("name", WORLDS)
def test_all_rows_are_read_exactly_once_and_no_limit_is_hit(name: str) -> None:
    fake = WORLDS[name].portal()
    reading = read_all(fake)
    assert_same(reading.tables, WORLDS[name].tables())
    assert [month.month for month in reading.months] == reading.survey.months
    assert served_twice(fake) == 0
    assert not fake.refused
    assert reading.reports[-1].in_vain <= 20 + 0.12 * fake.commands


@pytest.mark.parametrize("count", [49, 50, 51, 100, 2499, 2500, 2501])
def test_a_month_that_ends_with_a_full_page_is_read_to_its_end(count: int) -> None:
    moments = [NOW_S - 100 * DAY_S + number for number in range(count)]
    world = World({"crm.company.list": Ids(list(range(1, count + 1)), moments)})
    fake = world.portal()
    assert_same(read_all(fake).tables, world.tables())
    assert served_twice(fake) == 0


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 500)), max_size=400),
    st.integers(1, 3),
)
def test_any_ids_with_any_dates_are_read(rows: list[tuple[int, int]], every: int) -> None:
    ids = sorted({number * every: days for number, days in rows}.items())
    deals = Ids([number for number, _ in ids], [NOW_S - days * DAY_S for _, days in ids])
    world = World({"crm.contact.list": steady(3, 300, seed=1), "crm.deal.list": deals})
    assert_same(read_all(world.portal()).tables, world.tables())


def test_rows_of_each_month_are_in_that_month() -> None:
    reading = read_all(WORLDS["dense ids"].portal())
    for month in reading.months[1:-1]:
        local = month.tables["deals"]["created"] + pd.Timedelta(hours=3)
        assert set(local.dt.strftime("%Y-%m")) == {month.month}


def test_a_month_has_all_tables_also_the_empty_ones() -> None:
    for month in read_all(WORLDS["one row"].portal()).months:
        assert list(month.tables) == list(TABLES)


def test_reading_goes_on_where_it_was_left_and_asks_for_nothing_else() -> None:
    world = WORLDS["dense ids"]
    whole = read_all(world.portal())
    fake = world.portal()
    rest = run(read(portal_of(fake), wanted=whole.survey.months[15:]))
    assert [month.month for month in rest.months] == whole.survey.months[15:]
    for once, again in zip(whole.months[15:], rest.months, strict=True):
        assert_same(again.tables, once.tables)
    deals = sum(len(month.tables["deals"]) for month in rest.months)
    assert deals <= len(fake.served["crm.deal.list"]) <= deals * 1.05, "templates apart"


FAULTS: dict[str, Callable[[int, str], Any]] = {
    "503 without end of others": lambda number, body: (
        Refusal(503, "QUERY_LIMIT_EXCEEDED") if number % 3 == 0 else None
    ),
    "502 in HTML": lambda number, body: _html(502) if number % 4 == 0 else None,
    "504 in HTML": lambda number, body: _html(504) if number % 5 == 0 else None,
    "200 in HTML": lambda number, body: _html(200) if number % 4 == 0 else None,
    "500 by the portal": lambda number, body: (
        Refusal(500, "INTERNAL_SERVER_ERROR") if number % 4 == 0 else None
    ),
    "no connection": lambda number, body: "connection" if number % 3 == 0 else None,
    "answers lost": lambda number, body: "lost" if number % 6 == 0 else None,
    "expired tokens": lambda number, body: (
        Refusal(401, "expired_token") if number % 7 == 0 else None
    ),
}


def _html(status: int) -> Answer:
    return Answer(status, "<html>Oops</html>")


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_fails_in_passing_the_tables_are_the_same(name: str) -> None:
    world = WORLDS["sparse ids"]
    fake = world.portal()
    fake.fault = FAULTS[name]
    reading = read_all(fake)
    assert_same(reading.tables, world.tables())
    assert reading.reports[-1].retries


INNER: dict[str, Refusal] = {
    "time limit": Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked"),
    "server error": Refusal(500, "INTERNAL_SERVER_ERROR"),
    "rate limit": Refusal(503, "QUERY_LIMIT_EXCEEDED"),
    "expired token": Refusal(401, "expired_token"),
}


@pytest.mark.parametrize("name", INNER)
def test_a_command_that_fails_within_a_batch_is_repeated(name: str) -> None:
    world = WORLDS["dense ids"]
    fake, asked = world.portal(), Counter[str]()

    def fault(method: str, query: str) -> Refusal | None:
        asked[method] += 1
        return INNER[name] if asked[method] in (9, 20, 21, 40) else None

    fake.inner_fault = fault
    assert_same(read_all(fake).tables, world.tables())


def test_a_portal_that_does_not_know_macros_is_read_page_by_page() -> None:
    world = WORLDS["dense ids"]
    fake = world.portal()
    fake.inner_fault = lambda method, query: (
        Refusal(400, "ERROR_ARGUMENT", "not a number") if "%24result" in query else None
    )
    assert_same(read_all(fake).tables, world.tables())


def test_a_portal_that_ignores_macros_is_read_page_by_page() -> None:
    world = WORLDS["dense ids"]
    fake = world.portal()
    page = fake._page

    def without_macros(name: str, params: dict[str, Any], garbage: bool) -> Any:
        first = garbage or fake.chained
        return page(name, params | {"filter": _without_id(params)} if first else params, True)

    fake.chained = False  # type: ignore[attr-defined]
    fake._page = without_macros  # type: ignore[method-assign]
    original = fake._call

    async def call(method: str, params: dict[str, Any], garbage: bool = False) -> Any:
        fake.chained = False  # type: ignore[attr-defined]
        return await original(method, params, garbage)

    fake._call = call  # type: ignore[method-assign]
    assert_same(read_all(fake).tables, world.tables())


def _without_id(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params["filter"].items() if "ID" not in key.upper()}


@pytest.mark.parametrize("lie", [">ID", ">=DATE_CREATE"])
def test_a_portal_that_ignores_a_filter_ends_in_a_clear_error(lie: str) -> None:
    fake = WORLDS["dense ids"].portal()
    page = fake._page

    def lying(name: str, params: dict[str, Any], garbage: bool) -> Any:
        filters = params.get("filter", {})
        filters = {key: value for key, value in filters.items() if key != lie}
        return page(name, params | {"filter": filters}, True)

    fake._page = lying  # type: ignore[method-assign]
    with pytest.raises(errors.AnswerUnreadable) as caught:
        read_all(fake)
    assert caught.value.params["reason"] in ("ids_out_of_order", "dates_outside")


def test_rows_without_an_id_are_left_out_and_counted() -> None:
    world = World({"crm.company.list": steady(120, 60, seed=1)})
    fake = world.portal()
    for row in fake.tables["crm.company.list"].rows[10:13]:
        row["ID"] = ""
    reading = read_all(fake)
    assert len(reading.tables["companies"]) == 117
    notes = [note for month in reading.months for note in month.notes]
    assert sum(note["count"] for note in notes if note["code"] == "rows_without_id") == 3


def test_a_source_without_usable_dates_is_read_whole_with_the_first_month() -> None:
    world = WORLDS["dense ids"]
    fake = world.portal()
    fake.inner_fault = lambda method, query: (
        Refusal(400, "ERROR_CORE", "no such filter")
        if method == "crm.requisite.list" and "DATE_CREATE]=2" in query
        else None
    )
    reading = read_all(fake)
    assert_same(reading.tables, world.tables())
    sizes = [len(month.tables["requisites"]) for month in reading.months]
    assert sizes[0] == sum(sizes) > 0


def test_one_method_that_is_blocked_waits_while_the_others_go_on() -> None:
    world = large(6000, 12, seed=4)
    fake = world.portal(Limits(slow={"crm.deal.list": 3.0}))
    reading = read_all(fake)
    assert_same(reading.tables, world.tables())
    assert not fake.refused
    waits = [report for report in reading.reports if report.waiting]
    assert {wait["method"] for report in waits for wait in report.waiting} == {"crm.deal.list"}
    assert all(wait["until"] > NOW_S for report in waits for wait in report.waiting)
    while_waiting = waits[0].rows["activities"], waits[-1].rows["activities"]
    assert while_waiting[0] < while_waiting[1]


def test_slow_commands_make_smaller_batches_that_are_not_cut() -> None:
    fake = WORLDS["dense ids"].portal(Limits(page_s=2.5))
    read_all(fake)
    assert not fake.refused
    sizes = [body.count("start%3D-1") for body in fake.bodies]
    assert max(sizes[1:]) <= 8
    assert max(sizes) * 2.5 <= 60


def test_a_window_bounds_what_is_read_ahead_of_a_slow_reader() -> None:
    world = World({"crm.contact.list": steady(60_000, 700, seed=1)})
    fake = world.portal(Limits(rate=None))

    async def work() -> tuple[int, int]:
        portal = portal_of(fake)
        found = await survey(portal)
        months = read_months(portal, found, found.months)
        await anext(months)
        await asyncio.sleep(600)
        ahead = len(fake.served["crm.contact.list"])
        await months.aclose()
        await asyncio.sleep(100)
        return ahead, len(fake.served["crm.contact.list"])

    usual, crm.reader.WINDOW_ROWS = crm.reader.WINDOW_ROWS, 20_000
    try:
        ahead, after_closing = run(work())
    finally:
        crm.reader.WINDOW_ROWS = usual
    assert 15_000 < ahead < 32_000
    assert after_closing == ahead, "nothing is asked for once the reader has gone"


def test_while_paused_nothing_leaves_and_what_is_under_way_is_kept() -> None:
    world = WORLDS["dense ids"]
    fake = world.portal()

    async def work() -> Reading:
        portal, running = portal_of(fake), asyncio.Event()
        running.set()
        reading = Reading(await survey(portal))
        task = asyncio.ensure_future(_collect(reading, portal, running))
        await asyncio.sleep(3)
        running.clear()
        await asyncio.sleep(0.1)
        requests = fake.requests
        await asyncio.sleep(1000)
        assert fake.requests == requests
        assert fake.in_flight == 0
        running.set()
        await task
        return reading

    assert_same(run(work()).tables, world.tables())
    assert served_twice(fake) == 0


async def _collect(reading: Reading, portal: Any, running: asyncio.Event) -> None:
    months = read_months(portal, reading.survey, reading.survey.months, running=running)
    async for month in months:
        reading.months.append(month)


def test_months_complete_before_an_error_are_delivered_before_it() -> None:
    fake = WORLDS["dense ids"].portal()
    fake.fault = lambda number, body: "connection" if number > 15 else None
    taken: list[MonthRead] = []

    async def work() -> None:
        portal = portal_of(fake)
        found = await survey(portal)
        async for month in read_months(portal, found, found.months):
            taken.append(month)

    with pytest.raises(errors.ConnectionLost):
        run(work())
    assert 0 < len(taken) < 24
    whole = read_all(WORLDS["dense ids"].portal())
    once = {month.month: month.tables for month in whole.months}
    for again in taken:
        assert_same(again.tables, once[again.month])


def test_a_session_that_cannot_be_renewed_ends_in_a_clear_error() -> None:
    fake = WORLDS["dense ids"].portal()
    fake.renews = False

    def expire(number: int, body: str) -> None:
        if number == 10:
            fake.valid_token = "gone"

    fake.fault = expire
    with pytest.raises(errors.SessionExpired):
        read_all(fake)


def test_rights_taken_away_meanwhile_end_in_an_error_that_names_the_table() -> None:
    fake, asked = WORLDS["dense ids"].portal(), Counter[str]()

    def fault(method: str, query: str) -> Refusal | None:
        asked[method] += 1
        late = asked[method] > 30 and method == "crm.deal.list"
        return Refusal(400, "", "Access denied.") if late else None

    fake.inner_fault = fault
    with pytest.raises(errors.AccessDenied) as caught:
        read_all(fake)
    assert caught.value.params["table"] == "deals"


def test_an_error_of_the_listener_ends_reading_instead_of_stopping_it_silently() -> None:
    async def work() -> None:
        portal = portal_of(WORLDS["one row"].portal())
        found = await survey(portal)

        def listen(progress: Progress) -> None:
            raise LookupError(progress.month)

        async for _ in read_months(portal, found, found.months, progress=listen):
            pass

    with pytest.raises(LookupError):
        run(work())


def test_progress_tells_how_far_it_is() -> None:
    fake = WORLDS["dense ids"].portal()
    reading = read_all(fake)
    first, last = reading.reports[0], reading.reports[-1]
    assert first.month == reading.survey.months[first.months_done]
    assert last.month is None
    assert (last.months_done, last.months_total) == (25, 25)
    assert last.remaining_s == 0
    links = sum(len(ids.ids) for ids in WORLDS["dense ids"].lists.values())
    assert sum(last.rows.values()) == links
    assert last.requests == fake.requests - 2
    estimates = [report.remaining_s for report in reading.reports if report.remaining_s is not None]
    assert estimates[0] > 0
    assert max(report.rows_per_s for report in reading.reports) > 100

"""One tab works and the others watch; pausing, failing and going on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from crm.errors import AccessDenied, ConnectionLost
from engine.page import Event
from engine.session import Session
from storage.errors import StorageFull
from storage.memory import MemoryStore
from storage.records import Run

from .tabs_in_memory import Browser, Tab

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
VIEW = json.dumps({"version": 1, "as_of": "2026-04-30T12:00:00+03:00", "partial": False})


class RecordingPage:
    """A page that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def get_auth(self, renew: bool) -> dict[str, Any] | None:
        return {"access_token": "token", "expires_at_ms": 0}

    def send(self, event: Event) -> None:
        self.events.append(event)

    def errors(self) -> list[Event]:
        return [event for event in self.events if event["type"] == "error"]


class SlowRefresh:
    """Stores one month after another, each after a turn of the loop; fails where it is told to."""

    def __init__(
        self,
        store: MemoryStore,
        send: Callable[[Event], None],
        running: asyncio.Event,
        failures: list[Exception],
    ) -> None:
        self._store, self._send, self._running, self._failures = store, send, running, failures
        self.run: Run | None = None
        self.read: list[str] = []

    async def work(self) -> None:
        stored = await self._store.load_run()
        if stored is None or stored.state == "complete":
            stored = Run(id=1, started_at="2026-04-30", as_of="2026-04-30", months=MONTHS)
        self.run = stored
        await self.remember_pause()
        for month in self.run.missing:
            await self._running.wait()
            await asyncio.sleep(0.001)
            if self._failures:
                raise self._failures.pop(0)
            self.read.append(month)
            self.run = self.run.with_month(month)
            await self._store.save_month(self.run, month, {})
            self._send({"type": "progress", "month": month})
        self.run = Run(**{**self.run.__dict__, "state": "complete"})
        await self._store.finish(self.run, VIEW)

    async def remember_pause(self) -> None:
        assert self.run is not None
        state = "running" if self._running.is_set() else "paused"
        self.run = Run(**{**self.run.__dict__, "state": state})
        await self._store.save_run(self.run)


class Frame:
    """One opened application: page, tab and session over a shared store."""

    def __init__(
        self,
        browser: Browser,
        store: MemoryStore,
        *,
        may_refresh: bool = True,
        failures: list[Exception] | None = None,
    ) -> None:
        self.page = RecordingPage()
        self.tab = Tab(browser)
        self.refreshes: list[SlowRefresh] = []

        def new_refresh(send: Callable[[Event], None], running: asyncio.Event) -> Any:
            self.refreshes.append(SlowRefresh(store, send, running, failures or []))
            return self.refreshes[-1]

        async def no_wait(seconds: float) -> None:
            await asyncio.sleep(0)

        self.session = Session(
            self.page, store, self.tab, new_refresh, no_wait, may_refresh=may_refresh
        )
        self.tab.hear = self.session.hear

    async def reaches(self, state: str) -> None:
        async def wait() -> None:
            while self.session.state.state != state:
                await asyncio.sleep(0.001)

        await asyncio.wait_for(wait(), 5)


def scene(story: Callable[[Browser, MemoryStore], Awaitable[None]]) -> None:
    async def run() -> None:
        await story(Browser(), MemoryStore())

    asyncio.run(run())


def test_a_refresh_runs_to_its_end_and_tells_the_moment_of_the_data() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        assert (await frame.session.open()).state == "idle"
        assert (await frame.session.refresh()).state == "running"
        await frame.reaches("idle")
        assert frame.session.state.as_of == "2026-04-30"
        assert not frame.session.state.resumable

    scene(story)


def test_a_second_click_while_it_runs_starts_nothing() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        await frame.session.open()
        await frame.session.refresh()
        await frame.session.refresh()
        await frame.reaches("idle")
        assert len(frame.refreshes) == 1

    scene(story)


def test_an_unfinished_refresh_goes_on_by_itself_at_the_next_opening() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        run = Run(id=1, started_at="x", as_of="x", months=MONTHS).with_month("2026-01")
        await store.save_month(run, "2026-01", {})
        frame = Frame(browser, store)
        await frame.session.open()
        await frame.reaches("idle")
        assert frame.refreshes[0].read == ["2026-02", "2026-03", "2026-04"]

    scene(story)


def test_a_refresh_that_a_person_paused_stays_paused_at_the_next_opening() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first = Frame(browser, store)
        await first.session.open()
        await first.session.refresh()
        await asyncio.sleep(0.002)
        assert (await first.session.pause()).state == "paused"
        first.tab.close()
        second = Frame(browser, store)
        assert (await second.session.open()).state == "paused"
        assert second.refreshes == []
        await second.session.refresh()
        await second.reaches("idle")

    scene(story)


def test_pausing_and_going_on_keeps_the_same_job() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        await frame.session.open()
        await frame.session.refresh()
        await asyncio.sleep(0.002)
        await frame.session.pause()
        read = list(frame.refreshes[0].read)
        await asyncio.sleep(0.01)
        assert len(frame.refreshes[0].read) - len(read) <= 1
        await frame.session.refresh()
        await frame.reaches("idle")
        assert frame.refreshes[0].read == list(MONTHS)
        assert len(frame.refreshes) == 1

    scene(story)


def test_a_second_tab_watches_and_reads_nothing() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await first.session.refresh()
        state = await second.session.refresh()
        assert (state.state, state.where) == ("running", "other_tab")
        await first.reaches("idle")
        await second.reaches("idle")
        assert second.refreshes == []
        assert [e["month"] for e in second.page.events if e["type"] == "progress"] == list(MONTHS)

    scene(story)


def test_when_the_working_tab_is_killed_the_watching_one_goes_on() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await first.session.refresh()
        await second.session.refresh()
        await asyncio.sleep(0.002)
        job = first.session._job
        assert job is not None
        first.tab.close()
        job.cancel()
        await second.reaches("idle")
        done = first.refreshes[0].read + second.refreshes[0].read
        assert sorted(set(done)) == list(MONTHS)

    scene(story)


def test_pause_pressed_in_the_watching_tab_pauses_the_working_one() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await first.session.refresh()
        await second.session.refresh()
        await second.session.pause()
        await first.reaches("paused")
        await second.reaches("paused")
        await second.session.refresh()
        await first.reaches("idle")

    scene(story)


def test_an_error_of_the_portal_is_told_with_what_is_saved() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, failures=[AccessDenied(entity="deals")])
        run = Run(id=1, started_at="x", as_of="x", months=MONTHS).with_month("2026-01")
        await store.save_month(run, "2026-01", {})
        await frame.session.open()
        await frame.reaches("error")
        (error,) = frame.page.errors()
        assert error["code"] == "access_denied"
        assert error["saved_through"] == "2026-01"
        assert frame.session.state.resumable
        await frame.session.refresh()
        await frame.reaches("idle")

    scene(story)


def test_full_storage_is_told_as_such() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, failures=[StorageFull("quota")])
        await frame.session.open()
        await frame.session.refresh()
        await frame.reaches("error")
        assert frame.page.errors()[0]["code"] == "storage_full"

    scene(story)


def test_a_lost_connection_is_tried_again_without_a_click() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, failures=[ConnectionLost(method="batch")])
        await frame.session.open()
        await frame.session.refresh()
        await frame.reaches("idle")
        assert [error["code"] for error in frame.page.errors()] == ["connection_lost"]
        assert len(frame.refreshes) == 2

    scene(story)


def test_a_defect_of_the_engine_is_told_and_not_swallowed() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, failures=[ZeroDivisionError("x")])
        await frame.session.open()
        await frame.session.refresh()
        await frame.reaches("error")
        assert frame.page.errors()[0]["params"] == {"error": "ZeroDivisionError: x"}

    scene(story)


def test_who_is_not_an_administrator_refreshes_nothing() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, may_refresh=False)
        await frame.session.open()
        await frame.session.refresh()
        assert frame.page.errors()[0]["code"] == "not_administrator"
        assert frame.refreshes == []

    scene(story)


def test_tabs_fall_silent_when_the_refresh_is_over() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await first.session.refresh()
        await second.session.refresh()
        await first.reaches("idle")
        await second.reaches("idle")
        await asyncio.sleep(0.05)
        told = len(first.page.events) + len(second.page.events)
        await asyncio.sleep(0.05)
        assert len(first.page.events) + len(second.page.events) == told

    scene(story)


def test_tabs_opened_on_a_paused_run_fall_silent_too() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        await store.save_run(Run(id=1, started_at="x", as_of="x", months=MONTHS, state="paused"))
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await asyncio.sleep(0.05)
        told = len(first.page.events) + len(second.page.events)
        await asyncio.sleep(0.05)
        assert len(first.page.events) + len(second.page.events) == told

    scene(story)


def test_a_watching_tab_does_not_repeat_what_ended_in_an_error() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        failures: list[Exception] = [AccessDenied(table="deals") for _ in range(9)]
        first = Frame(browser, store, failures=failures)
        second = Frame(browser, store, failures=failures)
        await first.session.open()
        await second.session.open()
        await first.session.refresh()
        await second.session.refresh()
        await first.reaches("error")
        await second.reaches("error")
        await asyncio.sleep(0.05)
        assert len(first.refreshes) + len(second.refreshes) == 1

    scene(story)


def test_two_quick_clicks_are_one() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        await frame.session.open()
        await asyncio.gather(frame.session.refresh(), frame.session.refresh())
        assert frame.session.state.where == "here"
        assert (await frame.session.pause()).state == "paused"

    scene(story)


def test_a_connection_lost_during_a_pause_leaves_it_paused() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        failures: list[Exception] = []
        frame = Frame(browser, store, failures=failures)
        await frame.session.open()
        await frame.session.refresh()
        await asyncio.sleep(0)
        failures.append(ConnectionLost(method="batch"))
        await frame.session.pause()
        await asyncio.sleep(0.05)
        assert frame.session.state.state == "paused"
        assert frame.page.errors() == []
        await frame.session.refresh()
        await frame.reaches("idle")

    scene(story)

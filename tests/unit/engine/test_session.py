"""One tab works and the others watch; pausing, failing, going on, and who may do what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crm.errors import AccessDenied, ConnectionLost, PortalError
from engine.jobs import Due, Job, Request
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

    name = "refresh"

    def __init__(
        self,
        store: MemoryStore,
        send: Callable[[Event], None],
        running: asyncio.Event,
        failures: list[Exception],
        following: list[Request],
    ) -> None:
        self._store, self._send, self._running, self._failures = store, send, running, failures
        self._following = following
        self.run: Run | None = None
        self.read: list[str] = []

    @property
    def saved_through(self) -> str | None:
        return self.run.through if self.run is not None else None

    async def work(self) -> Request | None:
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
        return self._following.pop(0) if self._following else None

    async def remember_pause(self) -> None:
        assert self.run is not None
        state = "running" if self._running.is_set() else "paused"
        self.run = Run(**{**self.run.__dict__, "state": state})
        await self._store.save_run(self.run)


class Writing:
    """Writes ten times, each after a turn of the loop."""

    saved_through: str | None = None

    def __init__(
        self, request: Request, send: Callable[[Event], None], running: asyncio.Event
    ) -> None:
        self.name = request.job
        self.request, self._send, self._running = request, send, running
        self.written = 0
        self.pauses: list[bool] = []

    async def work(self) -> Request | None:
        while self.written < 10:
            await self._running.wait()
            await asyncio.sleep(0.001)
            self.written += 1
            self._send({"type": "marks", "state": "writing", "done": self.written})
        return None

    async def remember_pause(self) -> None:
        self.pauses.append(not self._running.is_set())


class FewJobs:
    """Jobs that take some turns of the loop."""

    def __init__(self, store: MemoryStore, failures: list[Exception]) -> None:
        self._store, self._failures = store, failures
        self.refreshes: list[SlowRefresh] = []
        self.writings: list[Writing] = []
        self.following: list[Request] = []
        self.left: Due | None = None
        self.shared: dict[str, Any] | Exception | None = None
        self.known: list[Event] = []
        self.call: Request | PortalError | None = None

    def make(self, request: Request, send: Callable[[Event], None], running: asyncio.Event) -> Job:
        if request.job != "refresh":
            self.writings.append(Writing(request, send, running))
            return self.writings[-1]
        refresh = SlowRefresh(self._store, send, running, self._failures, self.following)
        self.refreshes.append(refresh)
        return refresh

    async def due(self) -> Due | None:
        run = await self._store.load_run()
        if run is None or run.state == "complete":
            return self.left
        return Due(Request("refresh"), run.state == "paused")

    async def overtaken(self) -> Request | None:
        if isinstance(self.call, PortalError):
            raise self.call
        return self.call

    async def as_of(self) -> str | None:
        run = await self._store.load_run()
        return run.as_of if run is not None else None

    async def shared_view(self) -> dict[str, Any] | None:
        if isinstance(self.shared, Exception):
            raise self.shared
        return self.shared

    async def show_marks(self, send: Callable[[Event], None]) -> None:
        send({"type": "marks", "state": "preview"})

    async def set_automatic(self, on: bool, send: Callable[[Event], None]) -> None:
        send({"type": "marks", "automatic": on})

    def heard(self, event: Event) -> None:
        self.known.append(event)


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
        self.jobs = FewJobs(store, [] if failures is None else failures)

        async def no_wait(seconds: float) -> None:
            await asyncio.sleep(0)

        self.session = Session(self.page, store, self.tab, self.jobs, no_wait, is_admin=may_refresh)
        self.tab.hear = self.session.hear

    @property
    def refreshes(self) -> list[SlowRefresh]:
        return self.jobs.refreshes

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
        job = first.session._task
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


WRITE = {"do": "write"}


def test_a_job_that_follows_from_another_runs_before_the_lead_is_let_go() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        frame.jobs.following.append(Request("marks", WRITE))
        await frame.session.open()
        await frame.session.refresh()
        await frame.reaches("idle")
        assert frame.jobs.writings[0].written == 10
        jobs = [event["job"] for event in frame.page.events if event["type"] == "state"]
        assert jobs == [None, "refresh", "marks", None]
        assert not browser.lock.locked()

    scene(story)


def test_a_job_that_follows_while_a_person_has_paused_waits_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        may_finish, finish = asyncio.Event(), store.finish

        async def finish_late(run: Run, view: str) -> None:
            await may_finish.wait()
            await finish(run, view)

        monkeypatch.setattr(store, "finish", finish_late)
        frame = Frame(browser, store)
        frame.jobs.following.append(Request("marks", WRITE))
        await frame.session.open()
        await frame.session.refresh()
        while frame.jobs.refreshes[0].read != list(MONTHS):
            await asyncio.sleep(0)
        await frame.session.pause()
        may_finish.set()
        while not frame.jobs.writings:
            await asyncio.sleep(0)
        assert (frame.session.state.state, frame.session.state.job) == ("paused", "marks")
        await frame.session.marks(WRITE)
        await frame.reaches("idle")
        assert frame.jobs.writings[0].written == 10

    scene(story)


def test_writing_is_paused_and_goes_on() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        await frame.session.open()
        await frame.session.marks(WRITE)
        await asyncio.sleep(0.003)
        state = await frame.session.marks({"do": "pause"})
        assert (state.state, state.job) == ("paused", "marks")
        written = frame.jobs.writings[0].written
        await asyncio.sleep(0.01)
        assert frame.jobs.writings[0].written - written <= 1
        await frame.session.marks(WRITE)
        await frame.reaches("idle")
        assert [writing.written for writing in frame.jobs.writings] == [10]
        assert frame.jobs.writings[0].pauses == [True, False]

    scene(story)


def test_another_job_takes_the_place_of_a_paused_one() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        await frame.session.open()
        await frame.session.marks(WRITE)
        await asyncio.sleep(0.003)
        await frame.session.pause()
        state = await frame.session.marks({"do": "undo", "id": 1})
        assert (state.state, state.job) == ("running", "undo")
        await frame.reaches("idle")
        writing, undoing = frame.jobs.writings
        assert writing.written < 10
        assert undoing.written == 10

    scene(story)


def test_a_running_job_is_not_disturbed_by_another_order() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        await frame.session.open()
        await frame.session.refresh()
        state = await frame.session.marks({"do": "remove"})
        assert state.job == "refresh"
        await frame.reaches("idle")
        assert frame.jobs.writings == []

    scene(story)


def test_a_fill_left_in_the_middle_goes_on_by_itself_and_a_paused_one_does_not() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        frame.jobs.left = Due(Request("marks", WRITE), paused=True)
        state = await frame.session.open()
        assert (state.state, state.job, state.resumable) == ("paused", "marks", False)
        assert frame.jobs.writings == []
        frame.jobs.left = Due(Request("marks", WRITE), paused=False)
        assert (await frame.session.open()).state == "running"
        frame.jobs.left = None
        await frame.reaches("idle")
        assert len(frame.jobs.writings) == 1

    scene(story)


def test_a_watching_tab_hears_of_the_writing_and_takes_it_over() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await first.session.marks(WRITE)
        await asyncio.sleep(0.004)
        assert (second.session.state.where, second.session.state.job) == ("other_tab", "marks")
        assert {"type": "marks", "state": "writing", "done": 1} in second.page.events
        assert second.jobs.known
        second.jobs.left = Due(Request("marks", WRITE), paused=False)
        job = first.session._task
        assert job is not None
        first.tab.close()
        job.cancel()
        await asyncio.sleep(0.03)
        assert second.jobs.writings
        second.jobs.left = None
        await second.reaches("idle")
        assert second.jobs.writings[0].written == 10

    scene(story)


def test_writing_ordered_in_a_watching_tab_continues_the_paused_one_of_the_working_tab() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await second.session.open()
        await first.session.marks(WRITE)
        await asyncio.sleep(0.002)
        await second.session.marks({"do": "pause"})
        await first.reaches("paused")
        await asyncio.sleep(0.002)
        await second.session.marks(WRITE)
        await first.reaches("idle")
        assert [writing.written for writing in first.jobs.writings] == [10]
        assert second.jobs.writings == []

    scene(story)


def test_who_is_not_an_administrator_sees_the_shared_view_and_starts_nothing() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, may_refresh=False)
        frame.jobs.shared = {"as_of": "2026-05-01T00:00:00+03:00", "shared": True}
        frame.jobs.left = Due(Request("marks", WRITE), paused=False)
        await frame.session.open()
        await asyncio.sleep(0.002)
        assert [e["view"] for e in frame.page.events if e["type"] == "view"] == [frame.jobs.shared]
        assert frame.session.state.as_of == "2026-05-01T00:00:00+03:00"
        for order in ("preview", "write", "undo", "remove", "show_in_card", "automatic"):
            await frame.session.marks({"do": order, "automatic": True})
        await frame.session.set_up()
        codes = [error["code"] for error in frame.page.errors()]
        assert codes == ["not_administrator"] * 7
        assert frame.jobs.writings == frame.refreshes == []
        assert not [event for event in frame.page.events if event["type"] == "marks"]

    scene(story)


def test_who_finds_nothing_shared_is_told_that_an_administrator_has_to_begin() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, may_refresh=False)
        await frame.session.open()
        await asyncio.sleep(0.002)
        assert [error["code"] for error in frame.page.errors()] == ["not_set_up"]

    scene(story)


def test_a_portal_that_does_not_give_the_shared_view_is_told_by_its_error() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, may_refresh=False)
        frame.jobs.shared = AccessDenied(method="entity.item.get")
        await frame.session.open()
        await asyncio.sleep(0.002)
        assert [error["code"] for error in frame.page.errors()] == ["access_denied"]

    scene(story)


def test_an_administrators_new_browser_shows_what_the_portal_keeps() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        frame.jobs.shared = {"as_of": "2026-05-01T00:00:00+03:00", "shared": True}
        await frame.session.open()
        await asyncio.sleep(0.002)
        kinds = [event["type"] for event in frame.page.events]
        assert kinds == ["state", "view", "state", "marks"]

    scene(story)


def test_a_full_refresh_that_fails_goes_on_and_does_not_start_over() -> None:
    request = Request("refresh", {"full": True})
    assert request.again() == Request("refresh", {})
    assert not request.continues(Request("refresh"))


def test_a_tab_opened_during_a_job_that_leaves_no_trace_hears_of_it() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        first, second = Frame(browser, store), Frame(browser, store)
        await first.session.open()
        await first.session.set_up()
        assert (await second.session.open()).state == "idle"
        await asyncio.sleep(0.002)
        assert (second.session.state.where, second.session.state.job) == ("other_tab", "set_up")
        await second.reaches("idle")

    scene(story)


def test_what_the_portals_settings_call_for_is_done_at_opening() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        frame.jobs.call = Request("limits")
        await frame.session.open()
        await frame.reaches("running")
        await frame.reaches("idle")
        assert [each.request for each in frame.jobs.writings] == [Request("limits")]

    scene(story)


def test_a_portal_that_tells_no_settings_at_opening_disturbs_nobody() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store)
        frame.jobs.call = ConnectionLost()
        await frame.session.open()
        await asyncio.sleep(0.01)
        assert frame.session.state.state == "idle"
        assert not frame.page.errors()

    scene(story)


def test_nobody_but_an_administrator_sets_limits() -> None:
    async def story(browser: Browser, store: MemoryStore) -> None:
        frame = Frame(browser, store, may_refresh=False)
        await frame.session.open()
        await frame.session.set_limits({"active_months": 3, "dormant_months": 9})
        assert frame.jobs.writings == []
        assert "not_administrator" in [error["code"] for error in frame.page.errors()]

    scene(story)

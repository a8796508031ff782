"""What the engine does for one page: open the cache, run or watch a job, tell the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from crm.errors import PortalError
from engine.jobs import Job, Jobs, Request
from engine.page import Event, Page
from storage.errors import StorageError
from storage.protocol import Store

RETRY_LOST_CONNECTION_S = 20.0
"""After a job has given up on a lost connection, this long until the next attempt by itself."""
LAST_WORDS_S = 0.5
"""What the working tab said at its end may come later than the lock that it let go."""
REPORT = "report"
"""Command of a tab that has just been opened: whoever works may say so."""
ENDS = ("idle", "error")
"""States in which a tab has told how its work ended."""


class Lead(Protocol):
    """Who of several tabs works; see ``engine.tabs.Tabs``."""

    def tell(self, event: Event) -> None: ...
    async def try_to_lead(self) -> bool: ...
    async def wait_to_lead(self) -> None: ...
    def let_go(self) -> None: ...


@dataclass(frozen=True)
class State:
    """What the page shows of the engine (protocol 2, event ``state``).

    ``job`` is the one that runs, is paused or has failed; ``resumable`` says that a reading of the
    whole portal is unfinished.
    """

    state: str = "idle"
    where: str = "here"
    as_of: str | None = None
    resumable: bool = False
    can_refresh: bool = False
    job: str | None = None

    def event(self) -> Event:
        """The state as an event for the page."""
        return {"type": "state", **self.__dict__}


class Session:
    """One page's engine: at most one job at a time, here or in another tab."""

    def __init__(
        self,
        page: Page,
        store: Store,
        lead: Lead,
        jobs: Jobs,
        sleep: Callable[[float], Awaitable[None]],
        *,
        is_admin: bool,
    ) -> None:
        """``is_admin`` decides who may do more than look (spec §4)."""
        self._page = page
        self._store = store
        self._lead = lead
        self._jobs = jobs
        self._sleep = sleep
        self._state = State(can_refresh=is_admin)
        self._starting = asyncio.Lock()
        self._running = asyncio.Event()
        self._request: Request | None = None
        self._job: Job | None = None
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._last_heard = ""

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    @property
    def _works(self) -> bool:
        return self._task is not None and not self._task.done()

    async def open(self) -> State:
        """Show what is stored and go on with an unfinished job that nobody has paused."""
        view = _view_of(await self._store.load_view())
        as_of = self._state.as_of
        if view is not None:
            self._page.send({"type": "view", "view": view})
            as_of = view.get("as_of")
        self._state = replace(self._state, where="here", as_of=as_of)
        if not self._state.can_refresh:
            self._show(state="idle")
            self._spawn(self._show_shared())
            return self._state
        self._lead.tell({"type": "command", "command": REPORT, "params": {}})
        due = await self._jobs.due()
        unread = due is not None and due.request.job == "refresh"
        self._state = replace(self._state, resumable=unread)
        if due is not None and not due.paused:
            return await self._do(due.request)
        if due is None:
            self._show(state="idle", job=None)
            self._spawn(self._catch_up())
        else:
            self._show(state="paused", job=due.request.job)
        self._spawn(self._show_marks(look_elsewhere=view is None))
        return self._state

    async def refresh(self, full: bool = False) -> State:
        """Start a refresh or continue the paused one; nothing while one runs, here or elsewhere.

        A ``full`` one drops what is stored here and reads everything anew.
        """
        return await self._do(Request("refresh", {"full": True} if full else {}))

    async def marks(self, order: dict[str, Any]) -> State:
        """Do with the marks what a person has ordered; see docs/architecture.md, messages."""
        if order["do"] == "pause":
            return await self.pause()
        if order["do"] == "automatic" and self._state.can_refresh:
            await self._jobs.set_automatic(bool(order["automatic"]), self._send)
            return self._state
        return await self._do(Request("undo" if order["do"] == "undo" else "marks", order))

    async def set_limits(self, order: dict[str, Any]) -> State:
        """Put other limits of the lifecycle in force: ``active_months`` and ``dormant_months``."""
        return await self._do(Request("limits", order))

    async def set_up(self) -> State:
        """Prepare the portal for the app; what is there already stays as it is."""
        return await self._do(Request("set_up"))

    async def pause(self) -> State:
        """Let the requests under way come home and send no new ones until told to go on."""
        if self._state.where == "other_tab":
            self._lead.tell({"type": "command", "command": "pause"})
        elif self._works and self._running.is_set():
            self._running.clear()
            self._set(state="paused")
            await self._remember_pause()
        return self._state

    def hear(self, event: Event) -> None:
        """Take in what another tab tells: its progress when this one watches, a command when this
        one works.
        """
        if event["type"] == "command":
            if self._works:
                self._spawn(self._obey(event))
        elif self._works:
            return
        elif event["type"] == "state":
            self._last_heard = event["state"]
            elsewhere = event["state"] in ("running", "paused")
            self._show(
                state=event["state"],
                where="other_tab" if elsewhere else "here",
                as_of=event["as_of"],
                resumable=event["resumable"],
                job=event.get("job"),
            )
            if elsewhere:
                self._wait_for_the_other()
        else:
            self._jobs.heard(event)
            self._page.send(event)

    async def _obey(self, command: Event) -> None:
        if command["command"] == REPORT:
            self._lead.tell(self._state.event())
        elif command["command"] == "pause":
            await self.pause()
        else:
            await self._do(Request(command["command"], command["params"]))

    async def _do(self, request: Request) -> State:
        """Start a job, continue it when it is paused, or have the working tab do so."""
        async with self._starting:
            if not self._state.can_refresh:
                self._page.send(_error("not_administrator", {}, None))
            elif self._works:
                await self._while_working(request)
            elif await self._lead.try_to_lead():
                self._start(request)
            else:
                self._show(state="running", where="other_tab", job=request.job)
                command = {"command": request.job, "params": dict(request.params)}
                self._lead.tell({"type": "command", **command})
                self._wait_for_the_other()
        return self._state

    async def _while_working(self, request: Request) -> None:
        """A paused job goes on, or makes room for another one; a running one is not disturbed."""
        if self._running.is_set() or self._request is None:
            return
        if request.continues(self._request):
            self._running.set()
            self._set(state="running")
            await self._remember_pause()
            return
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        if await self._lead.try_to_lead():
            self._start(request)

    def _start(self, request: Request) -> None:
        self._running.set()
        self._task = asyncio.create_task(self._work(request))
        self._begin(request)

    def _begin(self, request: Request) -> Job:
        self._request = request
        self._job = self._jobs.make(request, self._send, self._running)
        state = "running" if self._running.is_set() else "paused"
        self._set(state=state, where="here", job=request.job)
        return self._job

    async def _work(self, request: Request) -> None:
        """Run a job and what follows from it; on an error say so, and try again by oneself where
        only the line was lost. What breaks while a person has paused is met again when they go on.
        """
        assert self._job is not None
        try:
            following = await self._job.work()
            while following is not None:
                following = await self._begin(following).work()
            await self._rest()
        except (PortalError, StorageError) as error:
            if not self._running.is_set():
                self._set(state="paused")
                return
            self._fail(error.code, getattr(error, "params", {}))
            if error.code == "connection_lost":
                self._spawn(self._try_again())
        except Exception as error:
            traceback.print_exc()
            self._fail("engine_failed", {"error": f"{type(error).__name__}: {error}"})
        finally:
            self._lead.let_go()

    async def _rest(self) -> None:
        due = await self._jobs.due()
        unread = due is not None and due.request.job == "refresh"
        as_of = await self._jobs.as_of() or self._state.as_of
        self._set(state="idle", as_of=as_of, resumable=unread, job=None)

    async def _try_again(self) -> None:
        await self._sleep(RETRY_LOST_CONNECTION_S)
        if self._state.state == "error" and self._request is not None:
            await self._do(self._request.again())

    def _fail(self, code: str, params: dict[str, Any]) -> None:
        reads = self._job is not None and self._job.name == "refresh"
        saved_through = self._job.saved_through if self._job is not None else None
        self._set(state="error", resumable=reads or self._state.resumable)
        self._send(_error(code, params, saved_through))

    async def _remember_pause(self) -> None:
        if self._job is not None:
            with contextlib.suppress(StorageError):  # the job itself will meet and tell it
                await self._job.remember_pause()

    async def _show_shared(self) -> None:
        """For those who only look: the charts of the administrator's last refresh."""
        try:
            view = await self._jobs.shared_view()
        except PortalError as error:
            self._page.send(_error(error.code, error.params, None))
            return
        if view is not None:
            self._page.send({"type": "view", "view": view})
            self._show(as_of=view["as_of"])
        elif self._state.as_of is None:
            self._page.send(_error("not_set_up", {}, None))

    async def _show_marks(self, *, look_elsewhere: bool) -> None:
        """What is known of the marks; where nothing is stored, the charts of the last refresh."""
        try:
            if look_elsewhere:
                await self._show_elsewhere()
            await self._jobs.show_marks(self._send)
        except StorageError as error:
            self._page.send(_error(error.code, {}, None))

    async def _catch_up(self) -> None:
        """Count anew what the portal's settings, changed elsewhere, say otherwise."""
        with contextlib.suppress(PortalError, StorageError):
            request = await self._jobs.overtaken()
            if request is not None:
                await self._do(request)

    async def _show_elsewhere(self) -> None:
        with contextlib.suppress(PortalError):
            view = await self._jobs.shared_view()
            if view is not None and self._state.as_of is None:
                self._page.send({"type": "view", "view": view})
                self._show(as_of=view["as_of"])

    def _wait_for_the_other(self) -> None:
        if self._watch is None:
            self._watch = self._spawn(self._take_over())

    async def _take_over(self) -> None:
        """When the working tab is gone without having said how it ended, go on in its place."""
        await self._lead.wait_to_lead()
        if self._last_heard not in ENDS:
            await self._sleep(LAST_WORDS_S)
        self._lead.let_go()
        self._watch = None
        if self._last_heard in ENDS:
            return
        try:
            await self.open()
        except StorageError as error:
            self._fail(error.code, {})

    def _set(self, **changes: Any) -> None:
        """Change the state of the tab that works; the others hear of it."""
        self._show(**changes)
        self._lead.tell(self._state.event())

    def _show(self, **changes: Any) -> None:
        """Change the state that this page shows."""
        self._state = replace(self._state, **changes)
        self._page.send(self._state.event())

    def _send(self, event: Event) -> None:
        self._page.send(event)
        self._lead.tell(event)

    def _spawn(self, job: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(job)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)
        return task


def _view_of(text: str | None) -> dict[str, Any] | None:
    """The stored view; None when there is none, or a damaged one."""
    try:
        view = json.loads(text or "null")
    except ValueError:
        return None
    return view if isinstance(view, dict) else None


def _error(code: str, params: dict[str, Any], saved_through: str | None) -> Event:
    return {"type": "error", "code": code, "params": params, "saved_through": saved_through}

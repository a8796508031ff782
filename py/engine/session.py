"""What the engine does for one page: open the cache, run or watch the refresh, tell the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from crm.errors import PortalError
from engine.page import Event, Page
from engine.refresh import Refresh
from storage.errors import StorageError
from storage.protocol import Store

RETRY_LOST_CONNECTION_S = 20.0
"""After the reader has given up on a lost connection, this long until the next attempt by itself.
"""


LAST_WORDS_S = 0.5
"""What the working tab said at its end may come later than the lock that it let go."""


class Lead(Protocol):
    """Who of several tabs works; see ``engine.tabs.Tabs``."""

    def tell(self, event: Event) -> None: ...
    async def try_to_lead(self) -> bool: ...
    async def wait_to_lead(self) -> None: ...
    def let_go(self) -> None: ...


@dataclass(frozen=True)
class State:
    """What the page shows of the engine (protocol 1, event ``state``)."""

    state: str = "idle"
    where: str = "here"
    as_of: str | None = None
    resumable: bool = False
    can_refresh: bool = False

    def event(self) -> Event:
        """The state as an event for the page."""
        return {"type": "state", **self.__dict__}


class Session:
    """One page's engine: at most one refresh at a time, here or in another tab."""

    def __init__(
        self,
        page: Page,
        store: Store,
        lead: Lead,
        new_refresh: Callable[[Callable[[Event], None], asyncio.Event], Refresh],
        sleep: Callable[[float], Awaitable[None]],
        *,
        may_refresh: bool,
    ) -> None:
        self._page = page
        self._store = store
        self._lead = lead
        self._new_refresh = new_refresh
        self._sleep = sleep
        self._state = State(can_refresh=may_refresh)
        self._starting = asyncio.Lock()
        self._running = asyncio.Event()
        self._refresh: Refresh | None = None
        self._job: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._last_heard = ""

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    @property
    def _works(self) -> bool:
        return self._job is not None and not self._job.done()

    async def open(self) -> State:
        """Show what is stored and go on with an unfinished refresh that nobody has paused."""
        view = await self._store.load_view()
        as_of = self._state.as_of
        if view is not None:
            self._page.send({"type": "view", "view": json.loads(view)})
            as_of = json.loads(view).get("as_of")
        run = await self._store.load_run()
        unfinished = run is not None and run.state != "complete"
        paused = run is not None and run.state == "paused"
        self._state = replace(self._state, where="here", as_of=as_of, resumable=unfinished)
        if unfinished and not paused and self._state.can_refresh:
            return await self.refresh()
        self._show(state="paused" if paused and self._state.can_refresh else "idle")
        return self._state

    async def refresh(self) -> State:
        """Start a refresh or continue the paused one; nothing while one runs, here or elsewhere."""
        async with self._starting:
            if not self._state.can_refresh:
                self._page.send(
                    {
                        "type": "error",
                        "code": "not_administrator",
                        "params": {},
                        "saved_through": None,
                    }
                )
            elif self._works:
                await self._continue()
            elif await self._lead.try_to_lead():
                self._start()
            else:
                self._show(state="running", where="other_tab")
                self._lead.tell({"type": "command", "command": "refresh"})
                self._wait_for_the_other()
        return self._state

    async def pause(self) -> State:
        """Let the requests under way come home and send no new ones until ``refresh``."""
        if self._state.where == "other_tab":
            self._lead.tell({"type": "command", "command": "pause"})
        elif self._works and self._running.is_set():
            self._running.clear()
            self._set(state="paused", resumable=True)
            await self._remember_pause()
        return self._state

    def hear(self, event: Event) -> None:
        """Take in what another tab tells: its progress when this one watches, a command when this
        one works.
        """
        if event["type"] == "command":
            if self._works:
                self._spawn(self.pause() if event["command"] == "pause" else self.refresh())
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
            )
            if elsewhere:
                self._wait_for_the_other()
        else:
            self._page.send(event)

    async def _continue(self) -> None:
        if not self._running.is_set():
            self._running.set()
            self._set(state="running")
            await self._remember_pause()

    def _start(self) -> None:
        self._running.set()
        self._set(state="running", where="here")
        self._refresh = self._new_refresh(self._send, self._running)
        self._job = asyncio.create_task(self._work(self._refresh))

    async def _work(self, refresh: Refresh) -> None:
        """Run the refresh to its end; on an error say so, and try again by oneself where only the
        line was lost. What breaks while a person has paused is met again when they go on.
        """
        try:
            await refresh.work()
        except (PortalError, StorageError) as error:
            if not self._running.is_set():
                self._set(state="paused", resumable=True)
                return
            self._fail(error.code, getattr(error, "params", {}), refresh)
            if error.code == "connection_lost":
                self._spawn(self._try_again())
        except Exception as error:
            traceback.print_exc()
            self._fail("engine_failed", {"error": f"{type(error).__name__}: {error}"}, refresh)
        else:
            assert refresh.run is not None
            self._set(state="idle", as_of=refresh.run.as_of, resumable=False)
        finally:
            self._lead.let_go()

    async def _try_again(self) -> None:
        await self._sleep(RETRY_LOST_CONNECTION_S)
        if self._state.state == "error":
            await self.refresh()

    def _fail(self, code: str, params: dict[str, Any], refresh: Refresh | None) -> None:
        run = refresh.run if refresh is not None else None
        self._set(state="error", resumable=True)
        self._send(
            {
                "type": "error",
                "code": code,
                "params": params,
                "saved_through": run.through if run is not None else None,
            }
        )

    async def _remember_pause(self) -> None:
        if self._refresh is not None:
            with contextlib.suppress(StorageError):  # the refresh itself will meet and tell it
                await self._refresh.remember_pause()

    def _wait_for_the_other(self) -> None:
        if self._watch is None:
            self._watch = self._spawn(self._take_over())

    async def _take_over(self) -> None:
        """When the working tab is gone without having said how it ended, go on in its place."""
        await self._lead.wait_to_lead()
        await self._sleep(LAST_WORDS_S)
        self._lead.let_go()
        self._watch = None
        if self._last_heard in ("idle", "error"):
            return
        try:
            await self.open()
        except StorageError as error:
            self._fail(error.code, {}, None)

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
        return asyncio.create_task(job)

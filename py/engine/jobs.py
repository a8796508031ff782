"""What a session can be asked to do: the form that all jobs have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from crm.client import Portal
from crm.protocols import Clock
from engine.page import Event
from storage.protocol import Store

Send = Callable[[Event], None]


@dataclass(frozen=True)
class Workplace:
    """What every job works with. ``language`` is that of the portal (``ru``, ``en``), ``handler``
    the address that the portal opens the app by. ``lasts`` is false where the browser gives no
    database, so that the store ends with the page.
    """

    portal: Portal
    store: Store
    clock: Clock
    language: str
    handler: str
    lasts: bool = True


@dataclass(frozen=True)
class Request:
    """A job by its name (``refresh``, ``marks``, ``undo``, ``limits``, ``set_up``) with what the
    page asks.
    """

    job: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def continues(self, paused: Request) -> bool:
        """Whether this asks a paused job to go on, and not for another one in its place."""
        same = self.params.get("do") == paused.params.get("do")
        return self.job == paused.job and same and not self.params.get("full")

    def again(self) -> Request:
        """The same request after its job has failed: it goes on and does not start over."""
        return Request(
            self.job, {name: self.params[name] for name in self.params if name != "full"}
        )


@dataclass(frozen=True)
class Due:
    """An unfinished job that an earlier sitting has left."""

    request: Request
    paused: bool


class Job(Protocol):
    """A piece of work that goes on where it was when it is made anew after an end of any kind.

    ``saved_through`` is the last month that a reading has saved, for the words of an error.
    """

    name: str

    @property
    def saved_through(self) -> str | None: ...

    async def work(self) -> Request | None:
        """Do all of it; the answer is what is to be done next by itself.

        Raises a ``PortalError`` or ``StorageError``; what was saved by then stays saved.
        """

    async def remember_pause(self) -> None:
        """Store whether a person has paused, so that the next opening does not go on by itself."""


class Jobs(Protocol):
    """The jobs of one opened page, as its session asks for them."""

    def make(self, request: Request, send: Send, running: asyncio.Event) -> Job:
        """The job that was asked for; ``running`` is the pause switch: while it is cleared no new
        request leaves.
        """

    async def due(self) -> Due | None:
        """What an earlier sitting left unfinished."""

    async def overtaken(self) -> Request | None:
        """What is to be done since the portal's settings are no longer those that the base was
        counted with; may raise a PortalError.
        """

    async def as_of(self) -> str | None:
        """The ISO moment of the base in the store; None before the first is complete."""

    async def shared_view(self) -> dict[str, Any] | None:
        """The view that the administrator's last refresh left in the portal; may raise a
        PortalError.
        """

    async def show_marks(self, send: Send) -> None:
        """Tell what is known of the marks, without asking the portal."""

    async def set_automatic(self, on: bool, send: Send) -> None:
        """Let later refreshes write marks by themselves, or not."""

    def heard(self, event: Event) -> None:
        """Take in what a job in another tab tells."""

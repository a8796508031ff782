"""Sockets to listen on, and dropping a connection without an answer, as faults ask for it."""

from __future__ import annotations

import socket
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_ABORT: Final = "portal.abort"


class PortTaken(OSError):
    """A port cannot be listened on; the text says which and why."""


class WithAbort:
    """Leaves in each request's scope the way to drop its connection; the outermost layer under
    uvicorn.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[_ABORT] = transport.abort
        await self._app(scope, receive, send)


class Dropped(Response):
    """No answer at all. Needs ``WithAbort`` around the application.

    The connection is closed, except over HTTP/2, where others share it: the request then stays
    without an answer until the client gives up.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection under the request and wait until the server knows."""
        if _ABORT in scope:
            scope[_ABORT]()
        while (await receive())["type"] != "http.disconnect":
            pass


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; PortTaken when there is none to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only for sockets that name their protocol does asyncio switch off Nagle's delay of 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise PortTaken(
            f"cannot listen on {host}:{port}: {reason}; choose another --port"
        ) from error
    return listener

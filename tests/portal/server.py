"""The two web servers of the emulator in one process: the portal on its port, the app on the next
one.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from portal.certificate import make_certificate
from portal.connections import WithAbort, listen
from portal.control import control_routes
from portal.front import app_host, portal_routes
from portal.rest import rest_routes
from portal.state import Options, PortalState

_POLL_S: Final = 0.01
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def portal_app(state: PortalState) -> ASGIApp:
    """Everything on the portal's origin: REST, the control surface, the pages."""
    routes = [*rest_routes(state), *control_routes(state), *portal_routes(state)]
    return WithAbort(Starlette(routes=routes))


@contextlib.contextmanager
def ports(options: Options) -> Iterator[list[socket.socket]]:
    """The portal's and the app's listening sockets; PortTaken when one is not to be had."""
    with contextlib.ExitStack() as stack:
        numbers = (options.port, options.port + 1)
        yield [stack.enter_context(listen(options.host, number)) for number in numbers]


def serve(
    state: PortalState, sockets: list[socket.socket], when_listening: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM; ``when_listening`` is called when both ports answer."""
    with contextlib.ExitStack() as stack:
        files = None
        if state.options.tls:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-tls-"))
            files = make_certificate(Path(folder), state.options.host)
        servers = [_Server(_config(app, files)) for app in (portal_app(state), app_host(state))]
        asyncio.run(_run(servers, sockets, when_listening))


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process: one handler stops both servers."""
        yield


def _config(app: ASGIApp, files: tuple[Path, Path] | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
        ssl_certfile=str(files[0]) if files else None,
        ssl_keyfile=str(files[1]) if files else None,
    )


async def _run(
    servers: list[_Server], sockets: list[socket.socket], when_listening: Callable[[], None]
) -> None:
    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        # Where the event loop knows no signals, Ctrl+C still ends the process.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)
    running = [
        asyncio.create_task(server.serve([listener]))
        for server, listener in zip(servers, sockets, strict=True)
    ]
    while not all(server.started for server in servers):
        await asyncio.sleep(_POLL_S)
        if any(task.done() for task in running):
            break
    else:
        when_listening()
    await asyncio.gather(*running)

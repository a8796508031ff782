"""The two web servers of the emulator in one process: the portal on its port, the app on the next
one.

Plain http is served by uvicorn, https by Hypercorn, which speaks HTTP/2 as the cloud does: a
browser then has as many requests under way as it likes, over HTTP/1.1 only six to a host.
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

import hypercorn
import hypercorn.asyncio
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
    apps: list[ASGIApp] = [portal_app(state), app_host(state)]
    if not state.options.tls:
        asyncio.run(_run([_Server(_config(app)) for app in apps], sockets, when_listening))
        return
    with tempfile.TemporaryDirectory(prefix="portal-tls-") as folder:
        files = make_certificate(Path(folder), state.options.host)
        asyncio.run(_run_tls(apps, sockets, files, when_listening))


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process: one handler stops both servers."""
        yield


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )


async def _run(
    servers: list[_Server], sockets: list[socket.socket], when_listening: Callable[[], None]
) -> None:
    def stop() -> None:
        for server in servers:
            server.should_exit = True

    _on_signals(stop)
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


async def _run_tls(
    apps: list[ASGIApp],
    sockets: list[socket.socket],
    files: tuple[Path, Path],
    when_listening: Callable[[], None],
) -> None:
    stopped = asyncio.Event()
    _on_signals(stopped.set)
    running = []
    for app, listener in zip(apps, sockets, strict=True):
        config = hypercorn.Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.certfile, config.keyfile = map(str, files)
        config.loglevel = "WARNING"
        config.graceful_timeout = 1
        serving = hypercorn.asyncio.serve(app, config, shutdown_trigger=stopped.wait)  # type: ignore[arg-type]  # its own ASGI types
        running.append(asyncio.create_task(serving))
    when_listening()
    await asyncio.gather(*running)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        # Where the event loop knows no signals, Ctrl+C still ends the process.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)

"""Running portals for the tests of this folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from portal.state import Options, PortalState
from unit.portal.small_portal import (
    FakeTime,
    Rows,
    Running,
    opened,
    running,
    stored,
    wait_for_servers,
)

Serve = Callable[..., Running]


@pytest.fixture(scope="session", autouse=True)
def ended() -> Iterator[None]:
    """Wait for the servers and close the databases at the end."""
    yield
    wait_for_servers()
    for database in opened:
        database.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(rows, pace="off", faults="", fake=None, speed=1)``: a running portal."""
    with contextlib.ExitStack() as stack:

        def start(
            rows: Rows,
            pace: str = "off",
            faults: str = "",
            fake: FakeTime | None = None,
            speed: float = 1.0,
        ) -> Running:
            options = Options(pace=pace, faults=faults, speed=speed)
            state = PortalState(stored(rows), options, fake.clock(speed) if fake else None)
            return stack.enter_context(running(state))

        yield start

"""Jobs that go on beside everything else."""

import asyncio
from typing import Any

from pyscript import window

_going_on: list[Any] = []


def spawn(job: Any) -> None:
    """Start a coroutine and keep hold of it until it is done."""
    _going_on[:] = [task for task in _going_on if not task.done()]
    _going_on.append(asyncio.create_task(job))


def promised(job: Any) -> Any:
    """A JavaScript promise of what a coroutine returns, for callers from JavaScript.

    They could call the coroutine function itself, but what MicroPython then runs is no task, in
    which waiting with a time limit fails.
    """

    async def fulfil(resolve: Any) -> None:
        resolve(await job)

    return window.Promise.new(lambda resolve, reject: spawn(fulfil(resolve)))

"""Jobs that go on beside everything else."""

import asyncio
from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import window

from ui.dom import on

_going_on: list[Any] = []


def spawn(job: Any) -> None:
    """Start a coroutine and keep hold of it until it is done."""
    _going_on[:] = [task for task in _going_on if not task.done()]
    _going_on.append(asyncio.create_task(job))


def after_typing(field: Any, rest_s: float, act: Callable[[], None]) -> None:
    """Call ``act`` whenever nobody has typed into a field for so long."""
    typed = [0]

    async def wait(since: int) -> None:
        await asyncio.sleep(rest_s)
        if since == typed[0]:
            act()

    def hear(event: Any) -> None:
        typed[0] += 1
        spawn(wait(typed[0]))

    on(field, "input", hear)


def promised(job: Any) -> Any:
    """A JavaScript promise of what a coroutine returns, for callers from JavaScript.

    They could call the coroutine function itself, but what MicroPython then runs is no task, in
    which waiting with a time limit fails.
    """

    async def fulfil(resolve: Any) -> None:
        resolve(await job)

    return window.Promise.new(lambda resolve, reject: spawn(fulfil(resolve)))

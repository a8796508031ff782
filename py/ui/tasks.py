"""Jobs that go on beside everything else."""

import asyncio
from typing import Any

_going_on: list[Any] = []


def spawn(job: Any) -> None:
    """Start a coroutine and keep hold of it until it is done."""
    _going_on[:] = [task for task in _going_on if not task.done()]
    _going_on.append(asyncio.create_task(job))

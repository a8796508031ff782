"""An event loop whose time jumps to whatever is due next: a minute of waiting takes none."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
EPOCH_S = 1_760_000_000
"""Unix time at which virtual time starts: 2025-10-09."""


class _JumpingSelector(selectors.SelectSelector):
    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits for something that will never come")
        self.loop.jump(timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Never sleeps really."""

    def __init__(self) -> None:
        self._virtual_s = 0.0
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)
        # After half a year a nanosecond, the usual one, is less than a float can tell.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._virtual_s

    def jump(self, seconds: float) -> None:
        self._virtual_s += seconds


class VirtualClock:
    """The reader's clock on the virtual loop; ``ahead_s`` is how wrong the person's clock is."""

    def __init__(self, ahead_s: float = 0.0) -> None:
        self._ahead_s = ahead_s

    def now_s(self) -> float:
        return EPOCH_S + self._ahead_s + self.monotonic_s()

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` in virtual time; what it leaves running ends with it."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

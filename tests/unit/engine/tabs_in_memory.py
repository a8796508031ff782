"""Several tabs of one browser in one process: one lead, events heard by all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.page import Event


class Browser:
    """What the tabs share: the lock and the channel."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.tabs: list[Tab] = []


class Tab:
    """One tab's view of the browser; the same promises as ``engine.tabs.Tabs``."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._leads = False
        self.hear: Callable[[Event], None] = lambda event: None
        browser.tabs.append(self)

    def tell(self, event: Event) -> None:
        for tab in self._browser.tabs:
            if tab is not self:
                asyncio.get_running_loop().call_soon(tab.hear, dict(event))

    async def try_to_lead(self) -> bool:
        if self._browser.lock.locked():
            return False
        await self.wait_to_lead()
        return True

    async def wait_to_lead(self) -> None:
        await self._browser.lock.acquire()
        self._leads = True

    def let_go(self) -> None:
        if self._leads:
            self._leads = False
            self._browser.lock.release()

    def close(self) -> None:
        """The tab is closed or killed: its lock falls, it hears nothing any more."""
        self._browser.tabs.remove(self)
        self.let_go()

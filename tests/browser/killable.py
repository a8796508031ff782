"""A browser with a profile on disk that can be killed as a power cut would, and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Playwright

from .chromium import FLAGS, browser_path

START_LIMIT_S = 20.0
STARTS = 3


class KillableBrowser:
    """Chromium as a process of its own; what it has stored outlives it in ``profile``."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self._playwright = playwright
        self._profile = profile
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> BrowserContext:
        """Start it on the profile; the context shares what earlier starts have stored.

        Now and then a browser opens its debugging port and then says nothing; another start helps.
        """
        for _ in range(STARTS - 1):
            with contextlib.suppress(Error):
                return self._start()
            self.kill()
        return self._start()

    def _start(self) -> BrowserContext:
        (self._profile / "DevToolsActivePort").unlink(missing_ok=True)
        path = browser_path() or self._playwright.chromium.executable_path
        self._process = subprocess.Popen(
            [
                path,
                "--headless",
                "--remote-debugging-port=0",
                f"--user-data-dir={self._profile}",
                *FLAGS,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        browser = self._playwright.chromium.connect_over_cdp(
            f"http://127.0.0.1:{self._debugging_port()}", timeout=START_LIMIT_S * 1000
        )
        return browser.contexts[0]

    def kill(self) -> None:
        """End all its processes at once, without a word."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            for lock in self._profile.glob("Singleton*"):
                lock.unlink()

    def _debugging_port(self) -> int:
        file = self._profile / "DevToolsActivePort"
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if file.exists() and (lines := file.read_text().splitlines()):
                return int(lines[0])
            time.sleep(0.05)
        raise RuntimeError("the browser did not open its debugging port")


@contextlib.contextmanager
def killable(playwright: Playwright, profile: Path) -> Iterator[KillableBrowser]:
    """A killable browser that is certainly dead afterwards."""
    browser = KillableBrowser(playwright, profile)
    try:
        yield browser
    finally:
        browser.kill()

"""What scenes play in: a browser, emulated portals, profiles in which a portal was counted."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

from browser.application import Application
from browser.servers import RunningPortal, portal_server
from screenshots.rows import Rows

NOW = "2026-11-20T17:30:00+03:00"


class House:
    """A browser, the portals that were started and the browser profiles that were filled; each
    is made when it is first needed and serves until the house is closed.
    """

    def __init__(self, playwright: Playwright, browser: Browser) -> None:
        self.playwright = playwright
        self.browser = browser
        self._open = contextlib.ExitStack()
        self._portals: dict[str, RunningPortal] = {}
        self._counted: dict[str, BrowserContext] = {}

    def close(self) -> None:
        """Stop everything that was started, but for the browser."""
        for context in self._counted.values():
            context.close()
        self._open.close()

    def portal(self, name: str, *arguments: str) -> RunningPortal:
        """The portal of that name, started with these arguments if it is not there yet."""
        if name not in self._portals:
            server = portal_server("--pace", "off", *arguments)
            self._portals[name] = self._open.enter_context(server)
        return self._portals[name]

    def folder(self, rows: Rows) -> str:
        """A portal's folder with these rows."""
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        (folder / "portal.json").write_text(json.dumps({"now": NOW, "name": "Ромашка"}))
        for table, each in rows.items():
            lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in each)
            (folder / f"{table}.jsonl").write_text(lines, encoding="utf-8")
        return str(folder)

    def context(self) -> BrowserContext:
        """A fresh profile."""
        return self.browser.new_context(locale="ru-RU")

    def counted(
        self, name: str, *arguments: str, rows: Rows | None = None, marked: bool = False
    ) -> tuple[RunningPortal, BrowserContext]:
        """A portal that its administrator has counted (and ``marked``), and the profile in which
        that was done; ``rows`` come on top of its own.
        """
        portal = self.portal(name, *arguments)
        if name not in self._counted:
            for table, each in (rows or {}).items():
                portal.ask("/emulator/rows", json.dumps({"table": table, "rows": each}))
            context = self.context()
            with opened_page(portal, context) as application:
                application.open().engine_ready().refresh()
                application.reach("running").reach("idle", 120)
                if marked:
                    application.write()
            self._counted[name] = context
        return portal, self._counted[name]


@contextlib.contextmanager
def opened_page(portal: RunningPortal, context: BrowserContext) -> Iterator[Application]:
    """A new page of the profile with the application, until it is left."""
    page = context.new_page()
    # The portal's bar would stand before what is photographed, its phone be of one width.
    page.add_init_script(_ONLY_THE_FRAME)
    try:
        yield Application(page, portal)
    finally:
        page.close()


_ONLY_THE_FRAME = """if (top === window) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`.bar { position: static; }
    .phone { width: 100%; height: auto; max-height: none; border: 0; border-radius: 0; }`);
  addEventListener("DOMContentLoaded", () => { document.adoptedStyleSheets = [sheet]; });
}"""

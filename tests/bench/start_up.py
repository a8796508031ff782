"""How long until the shell is there and until the engine can work, with a cold and a warm HTTP cache."""

from __future__ import annotations

import argparse
import time

from browser.application import Application
from browser.chromium import launch
from browser.servers import portal_server
from playwright.sync_api import sync_playwright

from bench.table import Table


def measure(options: argparse.Namespace) -> Table:
    """Seconds after navigation of the portal's page, and what crossed the network."""
    table = Table(("start-up", "shell, s", "engine ready, s", "transferred, MB"))
    with portal_server("--clients", "300", "--pace", "off") as portal, sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        for name in ("cold", "warm", "warm again"):
            application = Application(context.new_page(), portal)
            transferred: list[int] = []
            session = context.new_cdp_session(application.page)
            session.send("Network.enable")
            session.on("Network.loadingFinished", lambda e: transferred.append(e["encodedDataLength"]))
            started = time.monotonic()
            application.open()
            shell_s = time.monotonic() - started
            application.engine_ready()
            ready_s = time.monotonic() - started
            table.add(name, shell_s, ready_s, sum(transferred) / 1e6)
            application.page.close()
        browser.close()
    return table

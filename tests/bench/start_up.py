"""How long until the shell is there and until the engine can work, with a cold and a warm HTTP
cache.
"""

from __future__ import annotations

import argparse
import time

from playwright.sync_api import Request, sync_playwright

from bench.table import Table
from browser.application import Application
from browser.chromium import launch
from browser.servers import portal_server


def measure(options: argparse.Namespace) -> Table:
    """Seconds after navigation of the portal's page; bytes that an empty cache has to fetch."""
    table = Table(("start-up", "shell, s", "engine ready, s", "transferred, MB"))
    with (
        portal_server("--clients", "300", "--pace", "off") as portal,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context()
        finished: list[Request] = []
        context.on("requestfinished", lambda request: finished.append(request))
        for name in ("cold", "warm", "warm again"):
            application = Application(context.new_page(), portal)
            started = time.monotonic()
            application.open()
            shell_s = time.monotonic() - started
            application.engine_ready()
            ready_s = time.monotonic() - started
            carried = (
                sum(request.sizes()["responseBodySize"] for request in finished) / 1e6
                if name == "cold"
                else ""
            )
            table.add(name, shell_s, ready_s, carried)
            application.page.close()
        browser.close()
    return table

"""The first run of a portal of 85,000 clients at the pace of the cloud, beside what that pace
allows at best.

The emulated portal speaks HTTP/2 over TLS here, as the cloud does: over HTTP/1.1 a browser has six
connections to a host, and six batches of four seconds are less than the two requests a second that
the portal grants.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.table import Table
from browser.application import Application
from browser.chromium import launch
from browser.servers import portal_server
from crm.pace import bound, pages_of
from crm.tables import PAGE_ROWS

RUN_LIMIT_S = 900
METHODS = {
    "companies": "crm.company.list",
    "contacts": "crm.contact.list",
    "deals": "crm.deal.list",
    "invoices": "crm.item.list",
    "activities": "crm.activity.list",
    "requisites": "crm.requisite.list",
    "old_invoices": "crm.invoice.list",
}
"""What is read of each table, at least."""


def measure(options: argparse.Namespace) -> Table:
    """Reads everything in Chromium and compares with the bound of the pace model."""
    with tempfile.TemporaryDirectory() as folder:
        data = ("--clients", str(options.clients), "--seed", str(options.seed))
        database = ("--database", str(Path(folder) / "portal.sqlite"))
        with portal_server(*data, *database, "--pace", "cloud", "--tls") as portal:
            seconds, first_chart_s, application_troubles = _run(portal)
            requests = portal.requests()
            counts = portal.ask("/emulator/status")["rows"]
    return _table(seconds, first_chart_s, requests, counts, application_troubles)


def _run(portal: Any) -> tuple[float, float, list[str]]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        application = Application(browser.new_context(ignore_https_errors=True).new_page(), portal)
        application.open().engine_ready()
        started = time.monotonic()
        application.refresh().reach("running")
        application.frame.locator("[data-mode='1'][data-segment=all][data-count]").first.wait_for(
            state="attached", timeout=RUN_LIMIT_S * 1000
        )
        first_chart_s = time.monotonic() - started
        application.reach("idle", RUN_LIMIT_S)
        seconds = time.monotonic() - started
        troubles = list(application.troubles)
        browser.close()
    return seconds, first_chart_s, troubles


def _table(
    seconds: float,
    first_chart_s: float,
    requests: list[dict[str, Any]],
    counts: dict[str, int],
    troubles: list[str],
) -> Table:
    commands = [command for request in requests for command in request["commands"]]
    pages = Counter(command["method"] for command in commands)
    least = pages_of({name: counts[name] for name in METHODS}, METHODS, PAGE_ROWS)
    limit_errors = sum(request["http_status"] in (429, 503) for request in requests)
    least_s = bound(least)
    table = Table(("first run", "figure"))
    for name, count in counts.items():
        table.add(f"rows: {name}", count)
    table.add("seconds", seconds)
    table.add("seconds to the first chart", first_chart_s)
    table.add("bound of the pace model, s", least_s)
    table.add("ratio", seconds / least_s)
    table.add("requests", len(requests))
    table.add("commands", len(commands))
    table.add("pages that the rows fill at least", sum(least.values()))
    for method, count in sorted(pages.items()):
        table.add(f"commands: {method}", count)
    table.add("limit errors (429, 503)", limit_errors)
    table.add("console errors", len(troubles))
    return table

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
from dataclasses import dataclass
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
            run = _run(portal)
            requests = portal.requests()
            counts = portal.ask("/emulator/status")["rows"]
    return _table(run, requests, counts)


@dataclass(frozen=True)
class Run:
    """Seconds since the button was pressed, and what the console complained of."""

    first_chart_s: float
    complete_s: float
    prepared_s: float
    troubles: list[str]


def _run(portal: Any) -> Run:
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
        application.frame.locator("[data-part=as-of]:not(:empty)").wait_for(
            timeout=RUN_LIMIT_S * 1000
        )
        complete_s = time.monotonic() - started
        application.reach("idle", RUN_LIMIT_S)
        prepared_s = time.monotonic() - started
        troubles = list(application.troubles)
        browser.close()
    return Run(first_chart_s, complete_s, prepared_s, troubles)


def _table(run: Run, requests: list[dict[str, Any]], counts: dict[str, int]) -> Table:
    commands = [command for request in requests for command in request["commands"]]
    pages = Counter(command["method"] for command in commands)
    least = pages_of({name: counts[name] for name in METHODS}, METHODS, PAGE_ROWS)
    limit_errors = sum(request["http_status"] in (429, 503) for request in requests)
    least_s = bound(least)
    table = Table(("first run", "figure"))
    for name, count in counts.items():
        table.add(f"rows: {name}", count)
    table.add("seconds to the first chart", run.first_chart_s)
    table.add("seconds to the complete charts", run.complete_s)
    table.add("seconds until the portal is prepared too", run.prepared_s)
    table.add("bound of the pace model, s", least_s)
    table.add("ratio of the complete charts", run.complete_s / least_s)
    table.add("requests", len(requests))
    table.add("commands", len(commands))
    table.add("pages that the rows fill at least", sum(least.values()))
    for method, count in sorted(pages.items()):
        table.add(f"commands: {method}", count)
    table.add("limit errors (429, 503)", limit_errors)
    table.add("console errors", len(run.troubles))
    return table

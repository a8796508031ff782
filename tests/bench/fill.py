"""The first fill of marks of 85,000 clients in Chromium, against a portal whose clock of limits and
work runs 60 times as fast as the cloud's.

The browser keeps to two real requests a second, so this is not how long a portal takes (``marks``
measures that) but whether the whole product brings all of it home, in the browser that people use.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.table import Table
from browser.application import Application
from browser.chromium import launch
from browser.servers import RunningPortal, portal_server

SPEED = 60
LONGEST_S = 3600
LIMIT_ERRORS = ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT")
UPDATES = ("crm.company.update", "crm.contact.update", "crm.item.update")


def measure(options: argparse.Namespace) -> Table:
    """Reads, shows the preview, writes, refreshes again."""
    table = Table(("fill in Chromium", "figure"))
    with tempfile.TemporaryDirectory() as folder:
        data = ("--clients", str(options.clients), "--seed", str(options.seed))
        database = ("--database", str(Path(folder) / "portal.sqlite"))
        pace = ("--pace", "cloud", "--speed", str(SPEED), "--tls")
        with portal_server(*data, *database, *pace) as portal, sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_context(ignore_https_errors=True).new_page()
            _fill(Application(page, portal), portal, table)
            browser.close()
    return table


def _fill(application: Application, portal: RunningPortal, table: Table) -> None:
    application.open().engine_ready()
    began_s = time.monotonic()
    application.refresh().reach("running").reach("idle", LONGEST_S).reach_marks("preview")
    table.add("first run and preview, s", time.monotonic() - began_s)
    preview = application.marks_state()
    requests = _Requests(portal)
    requests.look()
    before = requests.count
    began_s = time.monotonic()
    application.begin_to_write()
    while application.marks_state()["state"] != "done":
        if time.monotonic() - began_s > LONGEST_S:
            raise TimeoutError(f"the fill is not done: {application.marks_state()}")
        time.sleep(20)
        requests.look()
        print(f"{application.marks_state()['done']} of {preview['total']}", flush=True)
    application.reach("idle", LONGEST_S)
    requests.look()
    table.add("cards to be written", preview["total"])
    table.add("written", application.marks_state()["done"])
    table.add("refused", application.marks_state()["refused"])
    table.add("seconds", time.monotonic() - began_s)
    table.add("requests of the fill", requests.count - before)
    for method in UPDATES:
        table.add(f"commands: {method}", requests.commands[method])
    table.add("limit errors", requests.limit_errors)
    updates = sum(requests.commands[method] for method in UPDATES)
    application.refresh().reach("running").reach("idle", LONGEST_S)
    requests.look()
    again = sum(requests.commands[method] for method in UPDATES) - updates
    table.add("next run after it: updates", again)
    table.add("console errors", len(application.troubles))


class _Requests:
    """Sums of the portal's log, which forgets the oldest."""

    def __init__(self, portal: RunningPortal) -> None:
        self._portal = portal
        self._last = 0
        self.count = 0
        self.limit_errors = 0
        self.commands: Counter[str] = Counter()

    def look(self) -> None:
        """Take in what has been answered since the last look."""
        for entry in self._portal.requests(self._last):
            if not entry["http_status"] and not entry["fault"]:
                break  # still at work
            self._last = entry["n"]
            self.count += 1
            self.limit_errors += entry["error"] in LIMIT_ERRORS
            for command in entry["commands"]:
                self.commands[command["method"]] += 1
                self.limit_errors += command["error"] in LIMIT_ERRORS

"""First runs that are killed at random moments and continued: do they end like one that nobody
disturbed?
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.table import Table
from browser.application import Application
from browser.chromium import launch
from browser.kill_story import killed_and_continued
from browser.servers import portal_server

KILLS = 20
LONGEST_S = 14.0
PORTAL = ("--clients", "4000", "--seed", "11", "--now", "2026-10-15T12:00:00+03:00")


def measure(options: argparse.Namespace) -> Table:
    """One row per kill: when, how many months were stored by then, how many were read twice, same
    end or not.
    """
    table = Table(("killed after, s", "months stored", "stored months read again", "same end"))
    chance = random.Random(options.seed)
    undisturbed = _undisturbed()
    for _ in range(KILLS):
        after_s = chance.uniform(0.1, LONGEST_S)
        with (
            portal_server(*PORTAL, "--pace", "cloud") as portal,
            sync_playwright() as playwright,
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ):
            outcome = killed_and_continued(playwright, portal, Path(folder), after_s)
        same = outcome.series == undisturbed and not outcome.troubles
        print(f"killed after {after_s:.1f} s: {'same' if same else 'ANOTHER'} end", flush=True)
        table.add(after_s, len(outcome.stored), len(outcome.asked_again), "yes" if same else "NO")
    return table


def _undisturbed() -> object:
    with portal_server(*PORTAL, "--pace", "off") as portal, sync_playwright() as playwright:
        browser = launch(playwright)
        series = Application(browser.new_page(), portal).fill().series()
        browser.close()
    return series

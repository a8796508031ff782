"""How long until a card's tab shows the marks, and until the client's panel follows, at the pace of
the cloud.
"""

from __future__ import annotations

import argparse
import time

from playwright.sync_api import Page, sync_playwright

from bench.table import Table
from browser.application import FRAME, Application
from browser.chromium import launch
from browser.servers import RunningPortal, portal_server

CLIENTS = ("--clients", "60", "--seed", "3", "--pace", "cloud")
MARKED = "[data-card-state=marked]"
PANEL = ".client-runs"


def measure(options: argparse.Namespace) -> Table:
    """Seconds after navigation of the card; REST requests of the page."""
    table = Table(("card's tab", "marks, s", "panel, s", "requests"))
    with portal_server(*CLIENTS) as portal, sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        application = Application(context.new_page(), portal).fill().write(timeout_s=180)
        application.page.close()
        company = int(portal.call("crm.company.list", {"filter": {"IS_MY_COMPANY": "N"}})[0]["ID"])
        stranger = browser.new_context()
        for who, visitor, has_panel in (
            ("without a base", stranger, False),
            ("with the base", context, True),
        ):
            for visit in ("first visit", "warm", "warm again"):
                page = visitor.new_page()
                told = _measured(portal, page, company, has_panel)
                table.add(f"{who}, {visit}", *told)
                page.close()
        browser.close()
    return table


def _measured(
    portal: RunningPortal, page: Page, company: int, has_panel: bool
) -> tuple[float, float | str, int]:
    """Seconds to the marks and to the panel, and how many requests that took."""
    before = portal.last_request()
    started = time.monotonic()
    page.goto(f"{portal.origin}/crm/company/details/{company}/", wait_until="commit")
    frame = page.frame_locator(FRAME)
    frame.locator(MARKED).wait_for(timeout=60_000)
    marks_s = time.monotonic() - started
    if has_panel:
        frame.locator(PANEL).wait_for(timeout=120_000)
    panel_s: float | str = time.monotonic() - started if has_panel else ""
    return marks_s, panel_s, len(portal.requests(before))

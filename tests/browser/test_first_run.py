"""From «Обновить» to the five modes, in a real browser against the emulated portal."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Route

from .application import Application
from .oracle_of_database import counters_of_database
from .servers import RunningPortal, portal_server

Open = Callable[..., Application]
DOZEN = Path(__file__).parent / "dozen"
LATE_S = 4.0
"""The page is long at work by then."""


def test_the_counters_of_a_believable_portal_are_those_of_the_brute_force_oracle(
    open_application: Open, tmp_path: Path
) -> None:
    database = tmp_path / "portal.sqlite"
    with portal_server(
        "--clients", "5000", "--seed", "5", "--pace", "off", "--database", str(database)
    ) as portal:
        application = open_application(portal).fill()
        shown = application.counters()
        as_of = application.stored("views")["as_of"]
    with sqlite3.connect(database) as connection:
        assert shown == counters_of_database(connection, as_of)
    assert shown["2"]["all"] == 5000


def test_the_page_asks_no_other_origin_than_its_own_and_the_portals(
    open_application: Open, small_portal: RunningPortal
) -> None:
    application = open_application(small_portal).fill()
    asked = {
        f"{parts.scheme}://{parts.netloc}"
        for parts in map(urlsplit, application.addresses)
        if parts.scheme in ("http", "https", "ws", "wss")
    }
    assert asked == {small_portal.origin, small_portal.app_origin}


def test_charts_and_counters_are_there_again_before_the_engine_is(
    open_application: Open, small_portal: RunningPortal
) -> None:
    first = open_application(small_portal).fill()
    shown = first.counters()
    again = open_application(small_portal, context=first.page.context).open()
    again.frame.locator("html[data-engine=loading]").wait_for(state="attached", timeout=5_000)
    again.frame.locator("[data-mode='3'][data-segment=active][data-count]").wait_for(
        state="attached", timeout=5_000
    )
    assert again.counters() == shown
    again.engine_ready().reach("idle")


def test_an_engine_that_comes_later_than_the_page_is_waited_for(
    open_application: Open, small_portal: RunningPortal
) -> None:
    def come_late(route: Route) -> None:
        time.sleep(LATE_S)
        route.continue_()

    application = open_application(small_portal)
    application.page.route("**/pyscript.toml", come_late)
    application.open().engine_ready(timeout_s=40).reach("idle")
    assert application.troubles == []


def test_a_folder_of_a_dozen_rows_shows_what_the_rules_say(open_application: Open) -> None:
    """``dozen/``: one can count it by hand; it is noon of 31 August 2026."""
    with portal_server("--data", str(DOZEN), "--pace", "off") as portal:
        application = open_application(portal).fill()
        assert application.counters() == {
            "1": {"companies": 4, "contacts": 4, "all": 8},
            "2": {"b2b_with_contacts": 1, "b2b_without_contacts": 3, "b2c": 3, "all": 7},
            "3": {"active": 1, "dormant": 1, "lost": 0},
            "4": {"regular": 1, "first": 1, "none": 5},
            "5": {"requests": 2, "dialogs": 1, "contacts": 1, "empty": 1},
        }
        series = application.series()
        assert series["months"][0] == "2024-01"
        assert series["months"][-1] == "2026-08"
        active = dict(zip(series["months"], series["3"]["active"], strict=True))
        assert active["2026-02"] == 2
        assert (
            active["2026-08"] == 1
        )  # 28 February is six months before 31 August, the 27th is more


def test_another_port_and_language_and_who_is_no_administrator(
    open_application: Open, tmp_path: Path
) -> None:
    shutil.copytree(DOZEN, tmp_path, dirs_exist_ok=True)
    (tmp_path / "users.jsonl").write_text(
        '{"ID": 1, "NAME": "Ann", "ACTIVE": true}\n{"ID": 7, "NAME": "Bob", "ACTIVE": true}\n'
    )
    with portal_server("--data", str(tmp_path), "--pace", "off", "--lang", "en") as portal:
        application = open_application(portal).fill()
        assert application.frame.locator("html").get_attribute("lang") == "en"
        text = application.frame.locator("body").inner_text()
        assert not any("а" <= letter <= "я" for letter in text.lower())
    with portal_server("--data", str(tmp_path), "--pace", "off", "--as", "7") as portal:
        application = open_application(portal).open().engine_ready().reach("idle")
        assert "администратор" in application.frame.locator("main").inner_text().lower()
        assert not application.frame.locator("[data-action=refresh]").first.is_visible()
        assert not [r for r in portal.requests() if r["method"] == "batch"]

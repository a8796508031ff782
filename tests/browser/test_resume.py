"""A first run that is interrupted ends like one that is not: killed browser, second tab, pause."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Playwright

from .application import Application
from .kill_story import killed_and_continued, pages_asked
from .servers import RunningPortal, portal_server

Open = Callable[..., Application]

KILLS = int(os.environ.get("KILLS", "3"))
"""How many random moments are tried; the long run takes 20."""
NOW = "2026-10-15T12:00:00+03:00"
PORTAL = ("--clients", "2500", "--seed", "11", "--now", NOW, "--speed", "3", "--pace", "cloud")


@pytest.fixture(scope="module")
def undisturbed(browser: Browser) -> dict[str, object]:
    """What a run ends with that nobody disturbs; same clients, same seed, no pace."""
    with portal_server(*PORTAL[:-1], "off") as portal:
        context = browser.new_context()
        application = Application(context.new_page(), portal).fill()
        series = application.series()
        assert application.troubles == []
        context.close()
    return series


@pytest.mark.parametrize("number", range(KILLS))
def test_a_browser_killed_at_a_random_moment_goes_on_from_what_it_had_stored(
    number: int, undisturbed: dict[str, object], playwright: Playwright, tmp_path: Path
) -> None:
    after_s = random.Random(number).uniform(0.2, 10.0)
    with portal_server(*PORTAL) as portal:
        outcome = killed_and_continued(playwright, portal, tmp_path / "profile", after_s)
    assert outcome.series == undisturbed
    assert outcome.asked_again == set()
    assert outcome.troubles == []


def test_a_second_tab_asks_for_nothing_while_the_first_one_reads(
    open_application: Open, undisturbed: dict[str, object]
) -> None:
    with portal_server(*PORTAL) as portal:
        first = open_application(portal).open().engine_ready().refresh().reach("running")
        second = open_application(portal, context=first.page.context).open().engine_ready()
        second.reach("running").refresh()
        first.reach("idle", 120)
        second.reach("idle", 30)
        assert first.series() == second.series() == undisturbed
        assert second.counters() == first.counters()
        assert max(pages_asked(portal.requests()).values()) == 1


def test_a_second_tab_watches_and_takes_over_when_the_first_is_closed(
    browser: Browser, undisturbed: dict[str, object]
) -> None:
    with portal_server(*PORTAL) as portal:
        context = browser.new_context(locale="ru-RU")
        first = Application(context.new_page(), portal).open().engine_ready()
        first.refresh().reach("running")
        second = Application(context.new_page(), portal).open().engine_ready().reach("running")
        time.sleep(2)
        first.page.close()
        second.reach("idle", 120)
        assert second.series() == undisturbed
        assert second.troubles == []
        context.close()


def test_a_pause_stops_the_requests_and_the_next_click_goes_on(
    open_application: Open, undisturbed: dict[str, object]
) -> None:
    with portal_server(*PORTAL) as portal:
        application = open_application(portal).open().engine_ready().refresh().reach("running")
        time.sleep(2)
        application.frame.locator("[data-action=pause]").first.click()
        application.reach("paused")
        asked = _when_all_are_home(portal)
        time.sleep(3)
        assert len(portal.requests()) == asked
        application.refresh().reach("idle", 120)
        assert application.series() == undisturbed
        pages = pages_asked(portal.requests())
        assert max(pages.values()) == 1


def _when_all_are_home(portal: RunningPortal) -> int:
    """Number of requests once no more come in: over HTTP/1.1 some still queue up in the browser at
    a pause.
    """
    before = -1
    while (asked := len(portal.requests())) != before:
        before = asked
        time.sleep(3)
    return asked


@pytest.mark.parametrize(
    "faults",
    [
        "seed=1,500=0.05,html=0.05,lost=0.05,at=4:503",
        "seed=2,slow=0.2:3,reset=0.1,expire=0.1,refresh_silent=0.1",
    ],
)
def test_a_portal_with_bad_moods_ends_in_the_same_charts(faults: str, browser: Browser) -> None:
    base = ("--clients", "600", "--seed", "4", "--now", NOW, "--pace", "off", "--speed", "20")
    with portal_server(*base) as portal:
        context = browser.new_context()
        undisturbed = Application(context.new_page(), portal).fill().series()
        context.close()
    with portal_server(*base, "--faults", faults) as portal:
        context = browser.new_context()
        application = Application(context.new_page(), portal)
        application.open().engine_ready().refresh().reach("running").reach("idle", 180)
        assert application.series() == undisturbed
        context.close()


def test_a_session_that_ends_is_told_with_what_to_do(browser: Browser) -> None:
    with portal_server(*PORTAL) as portal:
        context = browser.new_context(locale="ru-RU")
        application = Application(context.new_page(), portal).open().engine_ready()
        application.refresh().reach("running")
        time.sleep(1)
        portal.set_faults("refresh_silent=1")
        portal.expire_tokens()
        application.reach("error", 120)
        assert "страниц" in application.frame.locator("[role=alert]").first.inner_text().lower()
        context.close()


def test_a_lost_network_is_told_and_the_run_goes_on_by_itself(
    browser: Browser, undisturbed: dict[str, object]
) -> None:
    with portal_server(*PORTAL) as portal:
        context = browser.new_context(locale="ru-RU")
        application = Application(context.new_page(), portal).open().engine_ready()
        application.refresh().reach("running")
        time.sleep(1)
        context.set_offline(True)
        time.sleep(5)
        context.set_offline(False)
        try:
            application.reach("idle", 180)
        except Error as error:
            raise AssertionError("the run did not go on after the network was back") from error
        assert application.series() == undisturbed
        context.close()

"""The guide in a real browser: a jump from every counter and back, search, list, chart; both
languages.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .application import SEGMENTS, Application
from .servers import RunningPortal

TITLE = "#guide-title"
Open = Callable[..., Application]


@pytest.fixture
def counted(counted: Application) -> Application:
    """The page at its counters."""
    counted.frame.locator("[data-view-tab=overview]").click()
    return counted


def jump(application: Application, code: str) -> None:
    """Ask with a counter's button how it is counted."""
    application.frame.locator(f".card [data-guide-open='{code}']").click()
    expect(application.frame.locator(f"{TITLE}:focus")).to_be_visible()


def test_every_counter_jumps_to_its_article_and_back_returns_to_it(counted: Application) -> None:
    frame = counted.frame
    for mode, segments in SEGMENTS.items():
        frame.locator(f"[data-mode-tab='{mode}']").click()
        for segment in {*segments, "all"}:
            code = f"{mode}.{segment}"
            jump(counted, code)
            shown = frame.locator("[data-part=guide]").get_attribute("data-guide-shown")
            assert shown == code
            if segment in segments:
                now = frame.locator(".guide-now").inner_text().replace("\u00a0", "")
                assert now == f"Сейчас: {counted.counters()[mode][segment]}"
            frame.locator("[data-action=guide-back]").click()
            expect(frame.locator(f".card [data-guide-open='{code}']")).to_be_focused()


def test_links_lead_on_and_back_leads_to_the_link(counted: Application) -> None:
    frame = counted.frame
    frame.locator("[data-mode-tab='3']").click()
    frame.locator(".about [data-guide-open='3.all']:visible").click()
    frame.locator(".guide-text [data-guide-link='3.lost']").press("Enter")
    expect(frame.locator(f"{TITLE}:focus")).to_have_text("Потерянные")
    frame.locator("[data-action=guide-back]").click()
    expect(frame.locator(".guide-text [data-guide-link='3.lost']")).to_be_focused()
    frame.locator("[data-action=guide-back]").click()
    expect(frame.locator(".about [data-guide-open='3.all']")).to_be_focused()


def test_an_article_opens_the_list_and_the_chart_of_its_segment(counted: Application) -> None:
    frame = counted.frame
    frame.locator("[data-mode-tab='1']").click()
    jump(counted, "1.companies")
    frame.locator("[data-action=guide-list]").click()
    frame.locator("[data-part=list][data-total]:not([aria-busy])").wait_for()
    total = frame.locator("[data-part=list]").get_attribute("data-total")
    assert total == str(counted.counters()["1"]["companies"])
    frame.locator("[data-action=list-close]").click()
    expect(frame.locator("[data-action=guide-list]")).to_be_focused()
    frame.locator(".guide-contents [data-guide-link='4.first']").click()
    expect(frame.locator(TITLE)).to_have_text("Первая покупка")
    frame.locator("[data-action=guide-chart]").click()
    expect(frame.locator("[data-mode-tab='4']")).to_be_focused()
    assert frame.locator("[data-mode-tab='4']").get_attribute("aria-selected") == "true"


def test_a_search_finds_articles_whatever_the_ending(counted: Application) -> None:
    frame = counted.frame
    frame.locator("[data-view-tab=guide]").click()
    expect(frame.locator(".guide-contents .guide-title")).to_be_focused()
    frame.locator("[data-part=guide-search]").fill("спящего клиента")
    expect(frame.locator(".guide-hit .link").first).to_have_text("Спящие")
    frame.locator("[data-part=guide-search]").fill("йцукен")
    expect(frame.locator(".guide-told")).to_contain_text("Ничего не нашлось")
    frame.locator("[data-part=guide-search]").fill("")
    frame.locator(".guide-entries [data-guide-link='plan']").click()
    expect(frame.locator(f"{TITLE}:focus")).to_have_text("План на неделю")
    assert not frame.locator("[data-action=guide-list]").is_visible()
    frame.locator("[data-action=guide-back]").click()
    expect(frame.locator(".guide-entries [data-guide-link='plan']")).to_be_focused()


def test_a_phone_shows_either_contents_or_an_article(counted: Application) -> None:
    counted.page.set_viewport_size({"width": 360, "height": 780})
    frame = counted.frame
    frame.locator("[data-view-tab=guide]").click()
    frame.locator(".guide-entries [data-guide-link='5.empty']").click()
    expect(frame.locator(TITLE)).to_be_visible()
    expect(frame.locator(".guide-contents")).to_be_hidden()
    width, room = frame.locator("html").evaluate("(html) => [html.scrollWidth, html.clientWidth]")
    assert width <= room


def test_the_guide_comes_when_it_is_opened_in_the_portals_language(
    open_application: Open, small_portal: RunningPortal
) -> None:
    application = open_application(small_portal).open("?lang=en")
    frame = application.frame
    frame.locator("[data-view-tab=guide]").wait_for()
    assert not guide_files(application)
    application.page.route("**/guide/*.json", lambda route: route.abort())
    frame.locator("[data-view-tab=guide]").click()
    expect(frame.locator(".guide-wait")).to_contain_text("The guide could not be loaded")
    application.page.unroute_all()
    application.troubles.clear()  # the browser itself tells of what was cut off
    frame.locator("[data-view-tab=guide]").click()
    frame.locator(".guide-entries [data-guide-link='3.dormant']").click()
    expect(frame.locator(f"{TITLE}:focus")).to_have_text("Dormant")
    expect(frame.locator(".guide-article .guide-lead")).to_contain_text("18 months ago")
    assert not frame.locator("[data-action=guide-chart]").is_visible()
    assert guide_files(application) == ["en.json"]


def guide_files(application: Application) -> list[str]:
    """What was loaded of the guide's texts."""
    return [address.split("/")[-1] for address in application.addresses if "/guide/" in address]

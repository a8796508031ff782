"""The places of the portal's pages that the app has bound: those of an app that is being installed,
which is a blank page with the platform's script, and the application in every one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, FrameLocator, Page

from .application import Application
from .servers import RunningPortal, portal_server

APP_FRAME = "iframe[id^=appframe_]"
BLANK_APP = """<!doctype html>
<script src="https://api.bitrix24.com/api/v1/"></script>
<script>window.ready = new Promise((resolve) => BX24.init(resolve));</script>
"""
BIND = """([placement, handler]) => new Promise((resolve) => BX24.callMethod(
  'placement.bind', { PLACEMENT: placement, HANDLER: handler, TITLE: 'Bound' },
  (answer) => resolve(answer.data())))"""
RESIZE = """() => new Promise((done) => {
  BX24.resizeWindow(300, 300, done);
  setTimeout(done, 300, 'silence');
})"""


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[RunningPortal]:
    (tmp_path / "index.html").write_text(BLANK_APP, encoding="utf-8")
    arguments = ("--clients", "100", "--pace", "off", "--install", "--app", str(tmp_path))
    with portal_server(*arguments) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="ru-RU")
    yield context.new_page()
    context.close()


def app_in(outer: Page | Frame) -> Frame:
    """The app in a page of the portal, when it has been told who asks."""
    element = outer.wait_for_selector(APP_FRAME, state="attached")
    assert element is not None
    frame = element.content_frame()
    assert frame is not None
    frame.wait_for_function("() => window.ready !== undefined")
    frame.evaluate("() => window.ready")
    return frame


def manager(portal: RunningPortal) -> int:
    users = portal.ask("/portal/facts")["users"]
    return next(int(user["id"]) for user in users if user["role"] == "manager")


def test_people_wait_for_the_installation_and_see_the_places_after_it(
    page: Page, portal: RunningPortal
) -> None:
    as_manager = f"{portal.origin}/?user={manager(portal)}"
    page.goto(as_manager)
    page.wait_for_selector("[data-part=not-installed]")
    assert page.query_selector(APP_FRAME) is None

    page.goto(portal.origin)
    app = app_in(page)
    for placement in ("CRM_ANALYTICS_MENU", "CRM_ANALYTICS_TOOLBAR"):
        handler = f"{portal.app_origin}/index.html?at={placement}"
        assert app.evaluate(BIND, [placement, handler]) is True
    page.goto(f"{portal.origin}/crm/analytics/")
    page.wait_for_selector("[data-part=no-place]")

    page.goto(portal.origin)
    app = app_in(page)
    with page.expect_navigation(url="**/?install_finished=Y"):
        app.evaluate("() => BX24.installFinish()")
    page.goto(as_manager)
    app_in(page)


def test_bound_places_open_their_handlers(page: Page, portal: RunningPortal) -> None:
    page.goto(portal.origin)
    app = app_in(page)
    for placement in ("CRM_ANALYTICS_MENU", "CRM_ANALYTICS_TOOLBAR"):
        handler = f"{portal.app_origin}/index.html?at={placement}"
        assert app.evaluate(BIND, [placement, handler]) is True
    portal.ask("/portal/install", '{"installed": true}')

    page.goto(f"{portal.origin}/crm/analytics/")
    menu = app_in(page)
    assert "?at=CRM_ANALYTICS_MENU&DOMAIN=" in menu.url
    assert menu.evaluate("() => BX24.placement.info().placement") == "CRM_ANALYTICS_MENU"
    page.click("[data-action=toolbar-place]")
    element = page.wait_for_selector(".slider iframe")
    assert element is not None
    slider = element.content_frame()
    assert slider is not None
    toolbar = app_in(slider)
    assert "?at=CRM_ANALYTICS_TOOLBAR&DOMAIN=" in toolbar.url
    assert toolbar.evaluate("() => BX24.placement.info().placement") == "CRM_ANALYTICS_TOOLBAR"


def test_a_place_that_is_not_bound_is_empty(page: Page, portal: RunningPortal) -> None:
    portal.ask("/portal/install", '{"installed": true}')
    page.goto(f"{portal.origin}/crm/analytics/")
    page.wait_for_selector("[data-part=no-place]")
    assert page.query_selector(APP_FRAME) is None


@pytest.mark.parametrize("kind", ["company", "contact"])
def test_the_toolbar_of_a_list_opens_its_handlers_in_a_slider(
    page: Page, portal: RunningPortal, kind: str
) -> None:
    placement = f"CRM_{kind.upper()}_LIST_TOOLBAR"
    page.goto(portal.origin)
    app = app_in(page)
    assert app.evaluate(BIND, [placement, f"{portal.app_origin}/index.html?at=list"]) is True
    portal.ask("/portal/install", '{"installed": true}')

    page.goto(f"{portal.origin}/crm/{kind}/list/")
    page.click("[data-action=toolbar-place]")
    element = page.wait_for_selector(".slider iframe")
    assert element is not None
    slider = element.content_frame()
    assert slider is not None
    opened = app_in(slider)
    assert "?at=list&DOMAIN=" in opened.url
    assert opened.evaluate("() => BX24.placement.info()") == {
        "placement": placement,
        "options": {"URI": f"/crm/{kind}/list/"},
    }
    assert opened.evaluate(RESIZE) == "silence", "what stands in a slider keeps its size"


@pytest.fixture(scope="module")
def visited(browser: Browser, small_portal: RunningPortal) -> Iterator[BrowserContext]:
    """A browser whose administrator has counted, and with that has put the app into its places."""
    context = browser.new_context(locale="ru-RU")
    application = Application(context.new_page(), small_portal).fill()
    application.page.close()
    yield context
    context.close()


@pytest.fixture
def application(
    open_application: Callable[..., Application],
    visited: BrowserContext,
    small_portal: RunningPortal,
) -> Iterator[Application]:
    application = open_application(small_portal, context=visited)
    yield application
    application.page.close()


def frame_of(application: Application, path: str, *, slides: bool = False) -> FrameLocator:
    """The app in a page of the portal, or in the slider that the page's toolbar opens."""
    application.page.goto(f"{application.portal.origin}{path}")
    outer: Any = application.page
    if slides:
        application.page.click("[data-action=toolbar-place]")
        outer = application.page.frame_locator(".slider-frame")
    frame: FrameLocator = outer.frame_locator(APP_FRAME)
    return frame


COUNTED = "[data-mode='1'][data-segment=all][data-count]:visible"


def test_charts_stand_in_the_apps_page_on_the_phone_and_in_analytics(
    application: Application,
) -> None:
    for path, slides, place in (
        ("/", False, "app"),
        ("/mobile/marketplace/?id=1", False, "app"),
        ("/crm/analytics/", False, "analytics"),
        ("/crm/analytics/", True, "analytics"),
    ):
        frame = frame_of(application, path, slides=slides)
        frame.locator(f"html[data-place={place}]").wait_for(state="attached")
        frame.locator(COUNTED).wait_for()
        assert frame.locator(".head-title").is_visible() == (place == "app"), path
        assert frame.locator("[data-action=refresh]").is_visible(), path


@pytest.mark.parametrize(("kind", "segment"), [("company", "companies"), ("contact", "contacts")])
def test_above_a_list_of_the_portal_stands_the_apps_own(
    application: Application, kind: str, segment: str
) -> None:
    frame = frame_of(application, f"/crm/{kind}/list/", slides=True)
    frame.locator("[data-part=list][data-total]").wait_for(timeout=60_000)
    counted = frame.locator(f"[data-mode='1'][data-segment={segment}]").first
    total = frame.locator("[data-part=list]").get_attribute("data-total")
    assert total == counted.get_attribute("data-count")
    frame.locator("[data-action=list-close]").click()
    frame.locator(COUNTED).wait_for()


@pytest.mark.parametrize("kind", ["company", "contact"])
def test_in_a_card_stands_its_client(application: Application, kind: str) -> None:
    card = application.portal.ask(f"/portal/list?kind={kind}")[-1]["id"]
    frame = frame_of(application, f"/crm/{kind}/details/{card}/")
    frame.locator("html[data-place=card]").wait_for(state="attached")
    tab = frame.locator("[data-part=card][data-card-state]:not([data-card-state=waiting])")
    tab.wait_for(timeout=30_000)
    assert tab.get_attribute("data-card-shown") == f"{kind}:{card}"
    assert application.page.locator(".tab-title").inner_text() == "Сегмент клиента"
    for other in (".head", "[data-part=charts]", "[data-part=marks]"):
        assert not frame.locator(other).first.is_visible()


SMALL_TARGETS = """() => [...document.querySelectorAll('button, a[href], input, select, summary')]
  .map((each) => each.closest('label') ?? each)
  .filter((each) => !each.closest('.plot, .compare-table'))
  .map((each) => [each.getBoundingClientRect(), `${each.className} ${each.textContent}`.trim()])
  .filter(([box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
  .map(([box, name]) => `${name} ${box.width}x${box.height}`)"""
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


def test_a_thumb_finds_its_targets_and_nothing_is_wider_than_the_phone(
    application: Application,
) -> None:
    application.page.set_viewport_size({"width": 360, "height": 780})
    frame = frame_of(application, "/mobile/marketplace/?id=1")
    frame.locator("html[data-engine=ready]").wait_for(state="attached", timeout=60_000)

    def look(where: str) -> None:
        inside = frame.locator("html")
        assert inside.evaluate(SMALL_TARGETS) == [], where
        assert inside.evaluate(OVERFLOW) <= 0, where

    look("overview")
    frame.locator("[data-mode-tab='5']").click()
    tab = frame.locator("[data-mode-tab='5']").bounding_box()
    assert tab is not None
    assert tab["x"] + tab["width"] <= 360, "the chosen tab has been scrolled to"
    frame.locator("[data-list-open='5.requests']").click()
    frame.locator(".tabulator-row[data-client]").first.wait_for(timeout=30_000)
    look("list")
    frame.locator("[data-action=list-filters]").click()
    look("filters")
    frame.locator("[data-action=list-filters]").click()
    frame.locator(".tabulator-row[data-client] .grid-name").first.click()
    frame.locator(".client-runs").wait_for(timeout=30_000)
    look("client")

"""An app that is being installed, and the places that it has bound in the portal's pages.

The application here is a blank page with the platform's script.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page

from .servers import RunningPortal, portal_server

APP_FRAME = "iframe[id^=appframe_]"
BLANK_APP = """<!doctype html>
<script src="https://api.bitrix24.com/api/v1/"></script>
<script>window.ready = new Promise((resolve) => BX24.init(resolve));</script>
"""
BIND = """([placement, handler]) => new Promise((resolve) => BX24.callMethod(
  'placement.bind', { PLACEMENT: placement, HANDLER: handler, TITLE: 'Bound' },
  (answer) => resolve(answer.data())))"""


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

"""A real Chromium and emulated portals for the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from .application import Application
from .chromium import launch
from .servers import RunningPortal, portal_server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all tests; every test gets contexts of its own."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture
def open_application(browser: Browser) -> Iterator[Callable[..., Application]]:
    """Open applications in fresh browser contexts; in the end nothing may have gone wrong."""
    contexts: list[Any] = []
    applications: list[Application] = []

    def opened(portal: RunningPortal, *, context: Any = None, **options: Any) -> Application:
        if context is None:
            context = browser.new_context(locale="ru-RU", **options)
            contexts.append(context)
        application = Application(context.new_page(), portal)
        applications.append(application)
        return application

    yield opened
    troubles = [trouble for application in applications for trouble in application.troubles]
    for context in contexts:
        context.close()
    assert not troubles


@pytest.fixture(scope="module")
def counted(browser: Browser, small_portal: RunningPortal) -> Iterator[Application]:
    """One page with a complete refresh for all tests; in the end nothing may have gone wrong."""
    context = browser.new_context(locale="ru-RU")
    application = Application(context.new_page(), small_portal).fill()
    yield application
    context.close()
    assert application.troubles == []


@pytest.fixture(scope="session")
def small_portal() -> Iterator[RunningPortal]:
    """A believable portal that is read within seconds."""
    with portal_server("--clients", "300", "--seed", "3", "--pace", "off") as portal:
        yield portal

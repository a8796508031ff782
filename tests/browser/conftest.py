"""A real Chromium and emulated portals for the browser tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from .application import Application
from .servers import ROOT, RunningPortal, portal_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str | None:
    """The browser that was prepared for the tests; None lets Playwright take its own."""
    if "TEST_BROWSER" in os.environ:
        return os.environ["TEST_BROWSER"]
    prepared = ROOT / ".cache" / "browser.json"
    if prepared.exists():
        path = json.loads(prepared.read_text()).get("path")
        return str(path) if path else None
    usual = Path("/usr/bin/chromium")
    return str(usual) if usual.exists() else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; every test gets contexts of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_application(browser: Browser) -> Iterator[Callable[..., Application]]:
    """Open applications in fresh browser contexts; at the end nothing may have gone wrong in any."""
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


@pytest.fixture(scope="session")
def small_portal() -> Iterator[RunningPortal]:
    """A believable portal that is read within seconds."""
    with portal_server("--clients", "300", "--seed", "3", "--pace", "off") as portal:
        yield portal

"""A browser that gives the page no storage, and one that has lost what was stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Playwright

from .application import Application
from .chromium import FLAGS, browser_path
from .servers import RunningPortal

BLOCK_ALL = {"profile": {"default_content_setting_values": {"cookies": 2}}}


def test_where_the_browser_refuses_storage_that_is_what_is_said(
    playwright: Playwright, small_portal: RunningPortal, tmp_path: Path
) -> None:
    """PyScript itself does not start without storage, so neither does the engine."""
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(BLOCK_ALL))
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path), executable_path=browser_path(), args=FLAGS, locale="ru-RU"
    )
    application = Application(context.new_page(), small_portal).open().reach("error")
    told = application.frame.locator("[data-part=error]").inner_text()
    assert "не даёт сохранять данные" in told
    assert "Разрешите" in told
    context.close()


def test_charts_that_the_browser_has_deleted_are_missed_in_words(
    open_application: Callable[..., Application], small_portal: RunningPortal
) -> None:
    first = open_application(small_portal).fill()
    context = first.page.context
    first.page.close()
    cleaner = context.new_page()
    cleaner.goto(f"{small_portal.app_origin}/static/icons/app.svg")
    cleaner.evaluate(
        """async () => {
          for (const {name} of await indexedDB.databases()) {
            await new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; });
          }
        }"""
    )
    cleaner.close()
    again = open_application(small_portal, context=context).open().engine_ready().reach("idle")
    warnings = again.frame.locator("[data-part=warnings] li")
    warnings.first.wait_for(timeout=10_000)
    assert "браузер" in warnings.first.inner_text()

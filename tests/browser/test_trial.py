"""Other limits of the lifecycle, tried and put in force, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator

from .application import Application
from .servers import RunningPortal, portal_server

BOX = "[data-part=trial]"
STAGES = ("active", "dormant", "lost")


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    """A portal of its own, since its settings change."""
    with portal_server("--clients", "400", "--seed", "5", "--pace", "off") as portal:
        yield portal


@pytest.fixture(scope="module")
def tried(browser: Browser, portal: RunningPortal) -> Iterator[Application]:
    """The administrator's application after its first refresh, the view of limits opened."""
    context = browser.new_context(locale="ru-RU")
    application = Application(context.new_page(), portal).fill()
    application.frame.locator("[data-view-tab=trial]").click()
    counted(application, 6, 18)
    yield application
    context.close()
    assert application.troubles == []


def counted(application: Application, active: int, dormant: int) -> dict[str, int]:
    """The counts of the stages, once they are those of these limits."""
    months = f"[data-active-months='{active}'][data-dormant-months='{dormant}']"
    application.frame.locator(f"{BOX}{months}:not([aria-busy])").wait_for()
    stages = {
        code: application.frame.locator(f"[data-trial-stage={code}]").get_attribute("data-count")
        for code in STAGES
    }
    return {code: int(count or "-1") for code, count in stages.items()}


def slider(application: Application, which: str) -> Locator:
    return application.frame.locator(f"[data-slider={which}_months]")


def overview(application: Application) -> dict[str, int]:
    return {code: application.counters()["3"][code] for code in STAGES}


def drawn(application: Application) -> list[int]:
    """The last points of the chart's stages."""
    found: list[int] = application.frame.locator(".trial-plot").evaluate(
        "(plot) => plot.data.slice(0, 3).map((trace) => trace.y.at(-1))"
    )
    return found


def test_the_counts_and_the_chart_follow_the_keys_and_no_client_is_lost(
    tried: Application,
) -> None:
    before = counted(tried, 6, 18)
    assert before == overview(tried)
    active = slider(tried, "active")
    active.focus()
    for _ in range(4):
        active.press("ArrowLeft")
    after = counted(tried, 2, 18)
    assert active.get_attribute("aria-valuetext") == "2 месяца"
    assert after["active"] < before["active"]
    assert after["lost"] == before["lost"]
    assert sum(after.values()) == sum(before.values())
    assert drawn(tried) == list(after.values())
    assert overview(tried) == before, "trying changes nothing"
    moved = tried.frame.locator("[data-part=trial-moves]").inner_text()
    assert moved.startswith(f"Активные → Спящие: {after['dormant'] - before['dormant']}")


def test_the_sliders_do_not_cross(tried: Application) -> None:
    slider(tried, "dormant").focus()
    slider(tried, "dormant").press("Home")
    counted(tried, 2, 3)
    slider(tried, "active").focus()
    slider(tried, "active").press("End")
    counted(tried, 2, 3)
    tried.press("trial-back")
    counted(tried, 6, 18)
    assert tried.frame.locator("[data-action=trial-apply]").is_disabled()


def test_applied_limits_change_counters_texts_and_marks_for_good(tried: Application) -> None:
    before = overview(tried)
    slider(tried, "active").focus()
    slider(tried, "active").press("ArrowLeft")
    slider(tried, "dormant").focus()
    slider(tried, "dormant").press("ArrowLeft")
    wanted = counted(tried, 5, 17)
    tried.press("trial-apply").answer("cancel")
    assert overview(tried) == before
    tried.press("trial-apply").answer()
    tried.frame.locator("[data-part=trial-in-force]:has-text('5 месяцев и 17 месяцев')").wait_for()
    tried.reach("idle")
    assert overview(tried) == wanted
    tried.frame.locator("[data-view-tab=overview]").click()
    tried.frame.locator("[data-mode-tab='3']").click()
    about = tried.frame.locator("#panel-3 .about-text").inner_text()
    assert "за последние 5 месяцев" in about
    assert "больше 17 месяцев назад" in about
    tried.reach_marks("preview")
    tried.open().engine_ready().reach("idle")
    assert overview(tried) == wanted
    tried.refresh().reach("running").reach("idle")
    assert overview(tried) == wanted


def test_another_browser_counts_with_the_limits_in_force(
    tried: Application, browser: Browser, portal: RunningPortal
) -> None:
    context = browser.new_context(locale="ru-RU")
    other = Application(context.new_page(), portal).fill()
    assert overview(other) == overview(tried)
    assert other.stored("views")["limits"] == {"active_months": 5, "dormant_months": 17}
    context.close()
    assert other.troubles == []

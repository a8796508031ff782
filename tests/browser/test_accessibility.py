"""Every state of the screen for people who use a screen reader, other colours or no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from screenshots.house import House
from screenshots.scenes import BOTH, SCENES, show_overview
from screenshots.stages import STAGES

from .application import Application
from .servers import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
GRAVE = ("serious", "critical")
EVERYTHING: dict[str, Any] = {}
CONTRAST = {"runOnly": ["color-contrast"]}
"""All that a theme changes."""
STAGES_LOOKED_AT = ("starting", "installing", "told", "counted", "company_card")
"""Between them they have every view and every panel; the others differ in words."""
STEPS_AT_MOST = 80


@pytest.fixture(scope="module")
def house(playwright: Playwright, browser: Browser) -> Iterator[House]:
    house = House(playwright, browser)
    yield house
    house.close()


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("stage", STAGES_LOOKED_AT)
def test_axe_finds_nothing_grave(house: House, stage: str, language: str) -> None:
    found = []
    with STAGES[stage](house, language) as application:
        root = application.frame.locator("html")
        root.evaluate("(root, source) => (0, eval)(source)", AXE.read_text(encoding="utf-8"))
        for scene in SCENES:
            if scene.stage == stage and scene.languages == BOTH:
                scene.show(application)
                application.page.emulate_media(color_scheme="light")
                found += [f"{scene.name}: {line}" for line in _findings(root, EVERYTHING)]
                application.page.emulate_media(color_scheme="dark")
                found += [f"{scene.name}, dark: {line}" for line in _findings(root, CONTRAST)]
        assert application.troubles == []
    assert not found, "\n".join(found)


def _findings(root: Any, options: dict[str, Any]) -> list[str]:
    """What axe-core finds grave in the document, a line for each element."""
    found = root.evaluate(
        "(root, options) => axe.run(document, { resultTypes: ['violations'], ...options })", options
    )
    return [
        f"{finding['id']} ({finding['impact']}): {node['html'][:200]} {_first_reason(node)}"
        for finding in found["violations"]
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]


def _first_reason(node: dict[str, Any]) -> str:
    reasons = [*node["any"], *node["all"], *node["none"]]
    return str(reasons[0]["message"]) if reasons else ""


@pytest.fixture(scope="module")
def application(house: House) -> Iterator[Application]:
    with STAGES["counted"](house, "ru") as application:
        yield application
        assert application.troubles == []


@pytest.fixture
def keyboard(application: Application) -> Keyboard:
    show_overview(application)
    return Keyboard(application)


class Keyboard:
    """A person without a mouse; wherever they come it has to be seen where they are."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.frame = application.frame
        self.begin()

    def begin(self) -> Keyboard:
        """Stand at the top of the page."""
        self.frame.locator("h1").click()
        return self

    def go(self, selector: str, back: bool = False) -> Keyboard:
        """Press Tab (or Shift+Tab) until an element is reached."""
        for _ in range(STEPS_AT_MOST):
            self.press("Shift+Tab" if back else "Tab")
            if self.is_at(selector):
                assert self._shows_where_it_is(), f"the focus on {selector} cannot be seen"
                return self
        raise AssertionError(f"{selector} is not reached by Tab")

    def press(self, *keys: str) -> Keyboard:
        """Press these keys one after another."""
        for key in keys:
            self.application.page.keyboard.press(key)
        return self

    def write(self, text: str) -> Keyboard:
        """Type a text."""
        self.application.page.keyboard.type(text)
        return self

    def finds(self, selector: str) -> Keyboard:
        """Wait until an element is there."""
        self.frame.locator(selector).first.wait_for()
        return self

    def is_led_to(self, selector: str) -> Keyboard:
        """Wait until the focus is put on an element."""
        return self.finds(f"{selector}:focus")

    def is_at(self, selector: str) -> bool:
        """Whether the focus is on such an element."""
        script = "(root, selector) => document.activeElement.matches(selector)"
        return bool(self.frame.locator("html").evaluate(script, selector))

    def _shows_where_it_is(self) -> bool:
        return bool(self.frame.locator("html").evaluate(_FOCUS_IS_SEEN))


_FOCUS_IS_SEEN = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const place = element.getBoundingClientRect();
  return element.matches(":focus-visible") && place.width > 0 && place.height > 0
    && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
}"""


def test_modes_months_and_the_chart_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go("[role=tab][aria-selected=true]").press("End").is_led_to("[data-mode-tab='5']")
    keyboard.press("Home").is_led_to("[data-mode-tab='1']")
    keyboard.go("[data-action=month-before]").press("Enter", "Space")
    keyboard.go("[data-action=month-after]").press("Enter")
    keyboard.go("[data-action=month-now]").press("Enter")
    keyboard.go("[data-part=ranges] [aria-checked=true]").press("ArrowLeft", "ArrowRight")
    keyboard.go("[data-part=styles] [aria-checked=true]").press("ArrowRight", "ArrowLeft")
    keyboard.go("[data-action=table]").press("Space").finds("[data-part=table] table")
    keyboard.go("[data-part=table]").press("End")
    keyboard.go("[data-action=table]", back=True).press("Space")
    keyboard.go(".step").press("Enter").finds(".step[aria-current=true]")
    keyboard.go("[data-action=month-now]", back=True).press("Enter")


def test_a_list_a_client_and_a_file_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go("[data-list-open='1.companies']").press("Enter").is_led_to("#list-title")
    keyboard.finds(".tabulator-row[data-client]")
    keyboard.go("[data-part=list-search]").write("ооо")
    keyboard.go("[data-action=list-filters]").press("Space").go("[data-filter=kind] input")
    keyboard.press("Space").finds("[data-drop-filter=kind]")
    keyboard.go("[data-action=list-filters]", back=True).press("Space")
    keyboard.go("[data-drop-filter=kind]").press("Enter").is_led_to("[data-part=list-search]")
    keyboard.go("[data-action=list-columns]").press("Space").go("[data-column=inn]")
    keyboard.press("Space", "Space")
    keyboard.go("[data-action=list-columns]", back=True).press("Space")
    with keyboard.application.page.expect_download():
        keyboard.go("[data-action=export-csv]").press("Enter")
    keyboard.go("[data-sort=name]").press("Enter").finds("[aria-sort=ascending]")
    keyboard.go(".grid-name").press("Enter").finds(".client-segments")
    keyboard.go(".client-card a").press("Escape").is_led_to(".grid-name")
    keyboard.go("[data-action=list-close]", back=True).press("Enter")
    keyboard.is_led_to("[data-list-open='1.companies']")


def test_marks_and_questions_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.finds("[data-marks-state=preview]")
    keyboard.go("[data-action=marks-write]").press("Enter")
    keyboard.is_led_to("dialog [data-action=confirm]")
    for _ in range(6):
        keyboard.press("Tab")
        assert not keyboard.is_at(".app *"), "what is behind a question is out of reach"
    keyboard.go("dialog [data-action=cancel]").press("Escape")
    keyboard.is_led_to("[data-action=marks-write]")


def test_a_refresh_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go("[data-action=refresh]").press("Enter")
    keyboard.application.reach("running").reach("idle")
    keyboard.go("[data-action=clear-refresh]", back=True).press("Enter")
    keyboard.finds("dialog[open]").press("Escape")
    keyboard.is_led_to("[data-action=clear-refresh]")


def test_every_view_by_keyboard(keyboard: Keyboard) -> None:
    for view in ("compare", "trial", "guide", "overview"):
        keyboard.begin().go(f"[data-view-tab={view}]").press("Enter")
        keyboard.finds(f"[data-view-tab={view}][aria-current=page]")

"""The list of clients as a person uses it in the browser."""

from __future__ import annotations

from .application import Application

LIST = "[data-part=list]"
ROWS = ".tabulator-row[data-client]"
NAMES = f"{ROWS} .grid-name"
AT_REST = f"{LIST}[data-total]:not([aria-busy])"


def listed(application: Application, mode: str, segment: str) -> int:
    """How many rows the list of a segment has; it is left open."""
    frame = application.frame
    frame.locator(f"[data-mode-tab='{mode}']").click()
    frame.locator(f"[data-list-open='{mode}.{segment}']").click()
    frame.locator(AT_REST).wait_for()
    frame.locator(NAMES).first.wait_for()
    return total(application)


def total(application: Application) -> int:
    """How many rows the open list has."""
    return int(application.frame.locator(LIST).get_attribute("data-total") or "-1")


def searched(application: Application, words: str) -> int:
    """How many rows are found by these words."""
    application.frame.locator("[data-part=list-search]").fill(words)
    application.frame.locator(f"{LIST}[data-searched]").evaluate(_WAIT_FOR_SEARCH, words)
    application.frame.locator(AT_REST).wait_for()
    return total(application)


def back(application: Application) -> None:
    """Leave the list."""
    application.frame.locator("[data-action=list-close]").click()


_WAIT_FOR_SEARCH = """async (list, words) => {
  const wanted = words.trim();
  while (list.dataset.searched !== wanted) await new Promise((done) => setTimeout(done, 20));
}"""

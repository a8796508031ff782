"""Two months beside each other, in a real browser: nobody is lost, and every number opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator

from .application import Application
from .list_page import AT_REST, LIST, back, total

VIEW = "[data-part=compare]"
SETTLED = f"{VIEW}:not([aria-busy])"
WIDE = {"width": 1400, "height": 1000}


@pytest.fixture
def compared(counted: Application) -> Iterator[Application]:
    """The page with the last year's lifecycle on screen."""
    counted.page.set_viewport_size(WIDE)
    counted.frame.locator("[data-view-tab=compare]").click()
    counted.frame.locator(f"{VIEW}[data-before]").wait_for()
    press(counted, "[data-quick=year]")
    choose(counted, "lifecycle")
    yield counted
    if counted.frame.locator(LIST).is_visible():
        back(counted)


def press(application: Application, button: str) -> None:
    """Press something in the view and wait for what comes of it."""
    application.frame.locator(f"{VIEW} {button}").click()
    application.frame.locator(SETTLED).wait_for()


def choose(application: Application, state: str) -> None:
    """Compare the lifecycle or the frequency."""
    place = ("lifecycle", "frequency").index(state)
    press(application, f".compare-tools [role=radio] >> nth={place}")
    application.frame.locator(f"{SETTLED}[data-state={state}]").wait_for()


def months(application: Application) -> tuple[str | None, str | None]:
    """The months that are compared."""
    view = application.frame.locator(VIEW)
    return view.get_attribute("data-before"), view.get_attribute("data-after")


def count(application: Application, cell: str) -> int:
    """The number in a cell of the table of stocks, as it is written there."""
    text = application.frame.locator(f"{VIEW} .compare-stocks {cell}").inner_text()
    return int(text.replace("\u00a0", ""))


def flows(application: Application) -> dict[str, int]:
    """The counts in the matrix by where they come from and go to."""
    cells = application.frame.locator(f"{VIEW} .compare-matrix [data-flow]")
    return dict(cells.evaluate_all("(all) => all.map((c) => [c.dataset.flow, +c.dataset.count])"))


def opened(application: Application, cell: Locator) -> int:
    """How many clients the list behind a number has; the list is left again."""
    cell.click()
    application.frame.locator(AT_REST).wait_for()
    found = total(application)
    back(application)
    return found


@pytest.mark.parametrize("state", ["lifecycle", "frequency"])
def test_stock_and_those_who_came_and_left_add_up_on_the_screen(
    compared: Application, state: str
) -> None:
    choose(compared, state)
    told = flows(compared)
    codes = sorted({key.split(">")[1] for key in told})
    for code in codes:
        before, after = (
            count(compared, f"[data-stock='{at}:{code}']") for at in ("before", "after")
        )
        cells = compared.frame.locator(
            f"{VIEW} .compare-stocks tr:has([data-stock='after:{code}']) td"
        )
        numbers = [int(text.replace("\u00a0", "")) for text in cells.all_inner_texts()]
        assert numbers[0] == before
        assert numbers[0] + numbers[1] - numbers[2] == numbers[3] == after
        assert numbers[1] == sum(
            told[key] for key in told if _moves(key) and key.endswith(f">{code}")
        )
        assert numbers[2] == sum(
            told[key] for key in told if _moves(key) and key.startswith(f"{code}>")
        )
    whole = compared.counters()["2"]["all"]
    assert sum(told.values()) == count(compared, "[data-stock='after:all']") == whole
    assert sum(count for key, count in told.items() if key.startswith("new>")) == (
        whole - count(compared, "[data-stock='before:all']")
    )


def _moves(key: str) -> bool:
    one, other = key.split(">")
    return one != other


def test_stocks_of_the_present_are_those_of_the_counters(compared: Application) -> None:
    counters = compared.counters()
    for mode, codes in (("3", ("active", "dormant", "lost")), ("5", ("requests", "empty"))):
        for code in codes:
            assert count(compared, f"[data-stock='after:{code}']") == counters[mode][code]


def test_every_flow_opens_exactly_the_clients_that_it_counts(compared: Application) -> None:
    frame = compared.frame
    for flow, counted in flows(compared).items():
        cell = frame.locator(f"{VIEW} .compare-matrix [data-flow='{flow}']")
        assert opened(compared, cell) == counted, flow
    for cell in ("[data-moved='>active']", "[data-moved='dormant>']", "[data-moved='new>']"):
        button = frame.locator(f"{VIEW} {cell} button")
        assert opened(compared, button) == count(compared, cell), cell
    for cell in ("[data-stock='before:lost']", "[data-stock='after:all']"):
        button = frame.locator(f"{VIEW} {cell} button")
        assert opened(compared, button) == count(compared, cell), cell


def test_a_number_is_opened_from_the_keyboard_and_focus_comes_back_to_it(
    compared: Application,
) -> None:
    frame = compared.frame
    frame.locator(f"{VIEW} [data-month=before]").focus()
    for _ in range(60):
        compared.page.keyboard.press("Tab")
        if frame.locator(f"{VIEW} .compare-matrix [data-flow]:focus").count():
            break
    cell = frame.locator(f"{VIEW} [data-flow]:focus")
    flow, counted = cell.get_attribute("data-flow"), cell.get_attribute("data-count")
    assert "клиент" in (cell.get_attribute("aria-label") or "")
    compared.page.keyboard.press("Enter")
    frame.locator(f"{LIST}[data-total='{counted}']:not([aria-busy])").wait_for()
    frame.locator("[data-action=list-close]").press("Enter")
    assert frame.locator(f"{VIEW} :focus").get_attribute("data-flow") == flow


def test_months_are_put_in_their_order_and_one_month_is_told_as_a_state(
    compared: Application,
) -> None:
    frame = compared.frame
    _, present = months(compared)
    frame.locator(f"{VIEW} [data-month=before]").select_option("2024-06")
    frame.locator(f"{SETTLED}[data-before='2024-06']").wait_for()
    frame.locator(f"{VIEW} [data-month=after]").select_option("2023-02")
    frame.locator(f"{SETTLED}[data-before='2023-02'][data-after='2024-06']").wait_for()
    assert frame.locator(f"{VIEW} [data-month=before]").input_value() == "2023-02"
    assert frame.locator(f"{VIEW} [aria-pressed=true]").count() == 0
    frame.locator(f"{VIEW} [data-month=before]").select_option("2024-06")
    frame.locator(f"{SETTLED}[data-before='2024-06']").wait_for()
    assert not frame.locator(f"{VIEW} .compare-flows").is_visible()
    said = frame.locator("[data-part=compare-said]").inner_text()
    assert said.replace("\u00a0", " ").startswith("30 июня 2024 ")
    shown = count(compared, "[data-stock='after:all']")
    assert opened(compared, frame.locator(f"{VIEW} [data-stock='after:all'] button")) == shown
    press(compared, "[data-quick=month]")
    assert months(compared)[1] == present


def test_money_is_told_in_words_and_in_the_same_cells(compared: Application) -> None:
    matrix = compared.frame.locator(f"{VIEW} .compare-matrix")
    assert "₽" not in matrix.inner_text()
    hints = set()
    for place in (1, 2, 0):
        press(compared, f".compare-head [role=radio] >> nth={place}")
        hints.add(compared.frame.locator(f"{VIEW} .compare-hint").inner_text())
        assert ("₽" in matrix.inner_text()) == (place > 0)
    assert len(hints) == 3
    assert "₽" in compared.frame.locator("[data-part=compare-said]").inner_text()


def test_the_month_on_the_chart_is_compared_with_now(compared: Application) -> None:
    frame = compared.frame
    frame.locator("[data-view-tab=overview]").click()
    for _ in range(4):
        frame.locator("[data-action=month-before]").click()
    _, present = months(compared)
    assert present is not None
    year, month = map(int, present.split("-"))
    earlier = f"{year - (month <= 4)}-{(month - 5) % 12 + 1:02d}"
    frame.locator("[data-action=compare-month]").click()
    frame.locator(f"{SETTLED}[data-before='{earlier}'][data-after='{present}']").wait_for()


def test_on_a_phone_the_matrix_is_a_list_by_size(compared: Application) -> None:
    told = flows(compared)
    compared.page.set_viewport_size({"width": 390, "height": 800})
    frame = compared.frame
    frame.locator(f"{VIEW} .compare-list").wait_for()
    assert not frame.locator(f"{VIEW} .compare-matrix").is_visible()
    cells = frame.locator(f"{VIEW} .compare-list [data-flow]")
    listed = cells.evaluate_all("(all) => all.map((c) => [c.dataset.flow, +c.dataset.count])")
    assert dict(listed) == told
    moved = [number for key, number in listed if _moves(key)]
    assert moved == sorted(moved, reverse=True)
    assert opened(compared, cells.first) == listed[0][1]
    width = frame.locator("html").evaluate("(page) => page.scrollWidth - page.clientWidth")
    assert width <= 0

"""From a counter to the clients behind it, in a real browser: the list, a client's panel, files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .application import Application
from .list_page import AT_REST, LIST, NAMES, back, listed, searched, total

_REFUSE_PATHS = """() => {
  const errorCode = "METHOD_NOT_SUPPORTED_ON_DEVICE";
  window.BX24.openPath = (path, answer) => answer({ result: "error", errorCode });
}"""
"""What the platform's script says in the mobile app."""


@pytest.fixture
def filled(counted: Application) -> Iterator[Application]:
    """The page with its charts on screen."""
    yield counted
    if counted.frame.locator(LIST).is_visible():
        back(counted)


def test_nothing_of_the_list_is_loaded_before_it_is_opened(filled: Application) -> None:
    assert not [address for address in filled.addresses if "tabulator" in address]
    listed(filled, "2", "b2c")
    assert [address for address in filled.addresses if "tabulator" in address]


def test_every_counter_leads_to_as_many_clients_as_it_counts(filled: Application) -> None:
    for mode, counters in filled.counters().items():
        whole = {"all": sum(counters.values())}
        for segment, count in {**whole, **counters}.items():
            if count:
                assert listed(filled, mode, segment) == count, (mode, segment)
                back(filled)


def test_a_list_is_of_the_month_that_the_counters_show(filled: Application) -> None:
    frame = filled.frame
    frame.locator("[data-mode-tab='2']").click()
    for _ in range(24):
        frame.locator("[data-action=month-before]").click()
    shown = frame.locator("[data-mode='2'][data-segment='all'] .card-number").text_content() or ""
    assert listed(filled, "2", "all") == int(shown.replace("\u00a0", ""))
    day = (frame.locator("[data-part=moment-day]").text_content() or "").removeprefix("На ")
    assert (frame.locator("#list-title").text_content() or "").endswith(day)
    back(filled)
    frame.locator("[data-action=month-now]").click()


def test_a_point_of_the_chart_leads_to_who_was_counted_there(filled: Application) -> None:
    frame = filled.frame
    frame.locator("[data-mode-tab='3']").click()
    day = frame.locator("[data-part=point-day]")
    today = day.text_content()
    plot = frame.locator("[data-part=plot] .nsewdrag")
    place = plot.bounding_box()
    assert place is not None
    point = {"x": place["width"] * 0.7, "y": place["height"] * 0.6}
    plot.hover(position=point)
    plot.click(position=point)
    frame.locator("[data-action=month-now]").wait_for()
    assert day.text_content() != today
    assert_leads_to_its_list(filled, "3.active")

    frame.locator("[data-action=table]").click()
    month = frame.locator("[data-month]").nth(6)
    month.focus()
    month.press("Enter")
    frame.locator("[data-month][aria-current]:focus").wait_for()
    assert (month.text_content() or "-") in (day.text_content() or "")
    assert_leads_to_its_list(filled, "3.active")
    frame.locator("[data-action=table]").click()
    frame.locator("[data-action=month-now]").click()


def assert_leads_to_its_list(application: Application, code: str) -> None:
    """The button under the chart opens a list of as many clients as it tells."""
    frame = application.frame
    point = frame.locator(f"[data-point-list='{code}']")
    count = int((point.locator(".point-count").text_content() or "").replace("\u00a0", ""))
    assert count > 0
    point.press("Enter")
    frame.locator(AT_REST).wait_for()
    assert total(application) == count
    back(application)


def test_typing_searches_and_a_filter_can_be_taken_away_again(filled: Application) -> None:
    frame = filled.frame
    whole = listed(filled, "2", "all")
    name = frame.locator(NAMES).nth(1).text_content() or ""
    assert searched(filled, name.lower()) < whole
    assert name in frame.locator(NAMES).all_text_contents()
    assert searched(filled, "") == whole
    frame.locator("[data-action=list-filters]").click()
    frame.locator("[data-filter=kind] input").first.check()
    frame.locator(f"{LIST}[data-total]:not([data-total='{whole}'])").wait_for()
    frame.locator("[data-drop-filter=kind]").click()
    frame.locator(f"{LIST}[data-total='{whole}']").wait_for()
    assert not frame.locator("[data-filter=kind] input").first.is_checked()
    frame.locator("[data-action=list-filters]").click()


def test_rows_far_down_come_when_they_are_scrolled_to(filled: Application) -> None:
    whole = listed(filled, "2", "all")
    frame = filled.frame
    frame.locator(".tabulator-tableholder").evaluate("(holder) => { holder.scrollTop = 1e6; }")
    frame.locator(f".tabulator-row[data-client][aria-rowindex='{whole + 1}']").wait_for()


def test_a_head_sorts_by_its_column(filled: Application) -> None:
    listed(filled, "4", "regular")
    frame = filled.frame
    frame.locator("[data-sort=payments]").click()
    frame.locator(".tabulator-col[tabulator-field=payments][aria-sort=descending]").wait_for()
    frame.locator(f"{NAMES} >> nth=3").wait_for()
    cells = frame.locator(".tabulator-row[data-client] [tabulator-field=payments]")
    numbers = [int(text.replace("\u00a0", "")) for text in cells.all_text_contents()]
    assert numbers == sorted(numbers, reverse=True)


def test_a_name_opens_the_panel_and_closing_it_leads_back_to_the_name(filled: Application) -> None:
    listed(filled, "3", "active")
    frame = filled.frame
    first = frame.locator(NAMES).first
    name = first.text_content()
    first.focus()
    first.press("Enter")
    frame.locator(".client-segments").wait_for()
    assert frame.locator("#client-name").text_content() == name
    assert frame.locator(".client-document a").first.get_attribute("href")
    frame.locator("#client-name").press("Escape")
    frame.locator(f"{NAMES}:focus").wait_for()
    assert frame.locator(f"{NAMES}:focus").text_content() == name


def test_a_card_opens_over_the_page_or_in_a_tab_where_the_device_refuses(
    filled: Application,
) -> None:
    listed(filled, "1", "companies")
    frame, page = filled.frame, filled.page
    frame.locator(NAMES).first.click()
    card = frame.locator(".client-card a")
    address = str(card.get_attribute("href"))
    assert address.startswith(f"{filled.portal.origin}/crm/company/details/")
    card.click()
    page.locator(".slider").wait_for()
    page.locator(".slider-close").click()
    page.locator(".slider").wait_for(state="detached")
    card.evaluate(_REFUSE_PATHS)
    with page.expect_popup() as opened:
        card.click()
    assert opened.value.url == address
    opened.value.close()


def test_the_list_comes_as_a_file(filled: Application) -> None:
    count = listed(filled, "3", "lost")
    with filled.page.expect_download() as caught:
        filled.frame.locator("[data-action=export-csv]").click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("Название;")
    assert len(text.splitlines()) == count + 1


def test_chosen_columns_are_there_again_at_the_next_visit(filled: Application) -> None:
    listed(filled, "2", "all")
    filled.frame.locator("[data-action=list-columns]").click()
    filled.frame.locator("[data-column=inn]").check()
    filled.frame.locator("[data-sort=inn]").wait_for()
    again = filled.open().engine_ready()
    listed(again, "2", "all")
    again.frame.locator("[data-sort=inn]").wait_for()
    again.frame.locator("[data-action=list-columns]").click()
    again.frame.locator("[data-column=inn]").uncheck()

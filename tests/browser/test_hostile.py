"""Names meant to do harm: through charts, marks, lists, panels and files, in a real browser."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator

from .application import Application
from .hostile_portal import FORMULAS, LONG, MARKUP, NAMES, PHONES_AS_THEY_ARE, SCRIPT, write
from .list_page import NAMES as NAME_CELLS
from .list_page import ROWS, back, listed, searched
from .servers import portal_server

WIDTHS_PX = (360, 1280)
SPACES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE_PERSON = f"{MARKUP} {SCRIPT}"


@pytest.fixture(scope="module")
def filled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The hostile portal, counted; in the end nothing may have run or gone wrong."""
    folder = tmp_path_factory.mktemp("hostile")
    write(folder)
    with portal_server("--data", str(folder), "--pace", "off") as portal:
        context = browser.new_context(locale="ru-RU")
        application = Application(context.new_page(), portal)
        dialogs: list[str] = []
        application.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        yield application.fill()
        assert dialogs == []
        assert not [address for address in application.addresses if address.endswith("/x")]
        context.close()
        assert application.troubles == []


def assert_harmless(application: Application) -> None:
    """Nothing ran, no name became an element, nothing sticks out, however wide the screen."""
    for width_px in WIDTHS_PX:
        application.page.set_viewport_size({"width": width_px, "height": 900})
        application.frame.locator("html").evaluate("() => new Promise(requestAnimationFrame)")
        told = application.frame.locator("html").evaluate(_HARM)
        assert told == {"harmed": False, "elements": 0, "sticks_out_px": 0}, width_px


def test_charts_steps_and_marks_bear_names_of_people_and_clients(filled: Application) -> None:
    steps = filled.frame.locator("[data-part=steps-list]")
    assert "<b class=" in (steps.text_content() or "")
    filled.reach_marks("preview")
    samples = filled.marks.locator(".mark-samples")
    assert samples.locator("li").count() > 0
    assert_harmless(filled)


def test_a_list_bears_names_and_finds_by_them(filled: Application) -> None:
    frame = filled.frame
    whole = listed(filled, "1", "all")
    assert_harmless(filled)
    for name in (MARKUP, SCRIPT, *FORMULAS[:4], "оборот", "ромашка", "👩‍👩‍👧‍👦", "ЙЙЙЙ"):
        found = searched(filled, name)
        assert 0 < found < whole, name
        assert frame.locator(ROWS).count() > 0
        assert_harmless(filled)
    assert searched(filled, "ЙЙЙЙ") > 0
    assert len(frame.locator(NAME_CELLS).first.text_content() or "") < len(LONG)
    searched(filled, "")
    # Only spaces are no name.
    frame.locator("[data-action=list-columns]").click()
    for column in ("inn", "frequency", "with_contacts"):
        frame.locator(f"[data-column={column}]").check()
    frame.locator("[data-sort=name]").click()
    assert_harmless(filled)
    back(filled)


def test_filters_and_chips_bear_names_of_people(filled: Application) -> None:
    frame = filled.frame
    listed(filled, "1", "all")
    frame.locator("[data-action=list-filters]").click()
    person = frame.locator("[data-filter=responsible] label")
    assert "<b class=" in (person.first.text_content() or "")
    person.first.locator("input").check()
    frame.locator("[data-drop-filter=responsible]").wait_for()
    assert "<b class=" in (frame.locator(".chips").text_content() or "")
    frame.locator("[data-filter=email] input").fill(SCRIPT)
    frame.locator("[data-filter=email] input").press("Tab")
    frame.locator("[data-drop-filter=email]").wait_for()
    assert_harmless(filled)
    back(filled)


@pytest.mark.parametrize("name", [MARKUP, SCRIPT, "ЙЙЙЙ", "оборот"])
def test_a_panel_bears_a_client(filled: Application, name: str) -> None:
    frame = filled.frame
    listed(filled, "1", "companies")
    searched(filled, name)
    frame.locator(NAME_CELLS).first.click()
    frame.locator(".client-segments").wait_for()
    assert_harmless(filled)
    link: Locator = frame.locator(".client-card a")
    assert str(link.get_attribute("href")).startswith(filled.portal.origin + "/crm/company/")
    frame.locator("[data-action=client-close]").click()
    back(filled)


def test_files_hold_texts_that_nothing_computes(filled: Application) -> None:
    listed(filled, "1", "companies")
    with filled.page.expect_download() as caught:
        filled.frame.locator("[data-action=export-csv]").click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert len(rows) == len(NAMES) + 80
    names, phones, people = ([row[head.index(title)] for row in rows] for title in _TITLES)
    for formula in FORMULAS:
        assert "\t" + formula.strip() in names, formula
    assert set(PHONES_AS_THEY_ARE) <= set(phones)
    assert set(people) == {HOSTILE_PERSON}
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "@") or cell == "-2+3"]

    with filled.page.expect_download(timeout=60_000) as caught:
        filled.frame.locator("[data-action=export-xlsx]").click()
    cells, formulas = cells_of(caught.value.path())
    assert formulas == 0
    assert {*FORMULAS, MARKUP, SCRIPT, *PHONES_AS_THEY_ARE, HOSTILE_PERSON} - {"\t=1+1"} <= cells
    assert_harmless(filled)
    back(filled)


def cells_of(path: Path) -> tuple[set[str], int]:
    """The texts of a workbook's cells, and how many cells compute."""
    with zipfile.ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = {"".join(cell.itertext()) for cell in sheet.iter(f"{SPACES}is")}
    return texts, len(list(sheet.iter(f"{SPACES}f")))


_TITLES = ("Название", "Телефон", "Ответственный")
_HARM = """(html) => ({
  harmed: Boolean(window.harmed),
  elements: html.querySelectorAll(".harm, img[src='x']").length,
  sticks_out_px: Math.max(0, html.scrollWidth - html.clientWidth),
})"""

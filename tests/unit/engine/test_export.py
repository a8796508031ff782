"""Lists as files: read back, they hold what the list held, and nothing in them computes."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.columns import Codes, Column, Dates, Lists, Numbers, People, Words
from engine.listing import Listing
from engine.question import BadQuestion
from engine.search import Index
from engine.separated import GUARD, disarmed, separated
from engine.sheet import fields_of, rows_of
from engine.workbook import workbook

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "＝1+1",
    "|calc",
    "%0A=1",
    "\r=1",
]
HARMLESS = [
    "+7 912 345-67-89",
    "+79123456789",
    "8 (912) 345-67-89",
    "+7 912 345 67 89, +4930901820",
]
NAMES = [
    "ООО «Рога; и копыта»",
    'Кавычки "внутри"',
    "<b>&amp;</b>",
    "\u202eоборот\ufffe",
    "я" * 40_000,
]
SPACES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def listing(texts: list[str]) -> Listing:
    count = len(texts)
    columns: dict[str, Column] = {
        "entity": Codes(np.zeros(count, np.int8), ("company",)),
        "name": Words(texts),
        "kind": Codes(np.zeros(count, np.int8), ("b2b",)),
        "responsible": People(np.arange(count), {1: "=Анна"}),
        "created": Dates(np.full(count, "2024-02-29", "M8[D]")),
        "payments": Numbers(np.full(count, 3.0)),
        "amount": Numbers(np.full(count, -1234.5), 2),
        "other_amounts": Lists({0: [["USD", 1.5], ["EUR", 2]]}, count),
    }
    return Listing(columns, Index([texts], [""] * count), lambda _: np.ones(count, np.bool_))


WORDS = {"titles": {"name": "=Название"}, "words": {"kind": {"b2b": "Компания"}}}


def as_csv(texts: list[str]) -> list[list[str]]:
    fields = fields_of(listing(texts), WORDS, {1: "=Анна"})
    data = asyncio.run(separated(fields, rows_of(fields, np.arange(len(texts)))))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def as_workbook(texts: list[str]) -> tuple[list[dict[str, Any]], str]:
    """Cells of every row by column letter: a text, or a number with the number of its format."""
    fields = fields_of(listing(texts), WORDS, {1: "=Анна"})
    data = asyncio.run(workbook(fields, rows_of(fields, np.arange(len(texts)))))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    formats = [int(each.get("numFmtId", "0")) for each in styles.find(f"{SPACES}cellXfs") or ()]
    rows = []
    for row in ElementTree.fromstring(sheet).iter(f"{SPACES}row"):
        cells: dict[str, Any] = {}
        for cell in row:
            letter = re.sub("[0-9]", "", cell.get("r", ""))
            if cell.get("t") == "inlineStr":
                cells[letter] = "".join(cell.itertext())
            else:
                assert cell.get("t", "n") == "n"
                number = float(cell.findtext(f"{SPACES}v") or "nan")
                cells[letter] = (number, formats[int(cell.get("s", "0"))])
        rows.append(cells)
    return rows, sheet


def test_numbers_dates_and_words_of_a_csv_are_as_russia_writes_them() -> None:
    heading, first, second = as_csv(["Ромашка", "Вектор"])
    assert heading[0] == f"{GUARD}=Название"
    assert first == ["Ромашка", "Компания", "", "29.02.2024", "3", "-1234,50", "1.50 USD, 2.00 EUR"]
    assert second[2] == f"{GUARD}=Анна"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_in_a_csv_is_disarmed(text: str) -> None:
    assert disarmed(text) == GUARD + text


@pytest.mark.parametrize("text", [*HARMLESS, "Ромашка", "a=b", "", "1-2"])
def test_phones_and_usual_texts_stay_as_they_are(text: str) -> None:
    assert disarmed(text) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
@example(["\t", "\t=1"])
def test_a_csv_read_back_holds_every_text(texts: list[str]) -> None:
    texts = [text.replace("\n", " ").replace("\x00", "") for text in texts]
    for text, row in zip(texts, as_csv(texts)[1:], strict=True):
        assert row[0] in (text, GUARD + text)
        assert (
            not re.match(r"[=+\-@|%]", row[0])
            or row[0] in HARMLESS
            or re.fullmatch(r"[-+0-9 ().,/]*", row[0])
        )


def test_a_workbook_has_real_dates_and_numbers() -> None:
    rows, _ = as_workbook(["Ромашка"])
    assert rows[0]["A"] == "=Название"
    assert rows[1]["A"] == "Ромашка"
    assert rows[1]["B"] == "Компания"
    days, format_of_day = rows[1]["D"]
    assert date(1899, 12, 30) + timedelta(days=days) == date(2024, 2, 29)
    assert format_of_day == 14
    assert rows[1]["E"] == (3.0, 1)
    assert rows[1]["F"] == (-1234.5, 4)


def test_no_text_in_a_workbook_is_a_formula_or_a_link() -> None:
    texts = [*HOSTILE, *HARMLESS, *NAMES, "https://example.com", "mailto:a@b.c"]
    rows, sheet = as_workbook(texts)
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower().replace("=hyperlink(", "")
    for text, row in zip(texts, rows[1:], strict=True):
        told = text[:32_767].replace("\ufffe", "\ufffd")
        assert row["A"].replace("_x000D_", "\r").replace("\r", "\n") == told.replace("\r", "\n"), (
            text[:20]
        )


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(BadQuestion):
        fields_of(listing(["a"]), {"columns": ["name", "no such"]}, {})

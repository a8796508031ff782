"""Texts as columns: whatever people wrote, they are texts of a sane length."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.texts import LONGEST, MOST_VALUES, full_names, joined_values, texts

JUNK = st.none() | st.text(max_size=30) | st.floats() | st.booleans() | st.integers() | st.binary()
ENTRY = JUNK | st.dictionaries(st.sampled_from(["VALUE", "ID"]), JUNK)
FIELD = JUNK | st.lists(ENTRY, max_size=4) | st.dictionaries(st.text(max_size=2), ENTRY, max_size=4)


def is_sound(text: str) -> bool:
    """Without control characters and halves of characters."""
    return all(unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in text)


@given(st.lists(JUNK, max_size=9))
def test_whatever_comes_becomes_a_sound_text_of_its_row(values: list[Any]) -> None:
    column = texts(values).tolist()
    assert len(column) == len(values)
    assert all(isinstance(text, str) and is_sound(text) for text in column)
    assert column == [texts([value])[0] for value in values]


@given(st.lists(FIELD, max_size=9))
def test_whatever_a_multi_field_holds_becomes_sound_texts_of_its_row(values: list[Any]) -> None:
    column = joined_values(values).tolist()
    assert len(column) == len(values)
    for text in column:
        assert all(is_sound(part) and part == part.strip() for part in text.split("\n"))
        assert not text or all(text.split("\n"))
    assert column == [joined_values([value])[0] for value in values]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Ромашка ", "Ромашка"),
        ("a\tb\r\nc", "a b c"),
        ("a\0b\x07c\x9b", "abc"),
        ("a\u2028b", "a b"),
        ("a\ud800b", "ab"),
        ("\u202eדוד\u200f", "\u202eדוד\u200f"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=1+1", "=1+1"),
        ("я" * 10_000, "я" * LONGEST),
        ("\0" + "я" * 10_000, "я" * LONGEST),
        (7, "7"),
        (None, ""),
        (True, ""),
        (["Ромашка"], ""),
        (10**70, ""),
    ],
)
def test_a_text_is_kept_as_it_was_written_but_for_what_harms(written: Any, kept: str) -> None:
    assert texts([written]).tolist() == [kept]
    assert texts(["other", written, "\x07"]).tolist() == ["other", kept, ""]


def test_a_name_is_made_of_the_parts_that_are_filled() -> None:
    parts = (["Ким", "", None, " "], ["Анна", "Пётр", "\0", None], ["", "Ильич", 5, ""])
    assert full_names(*parts).tolist() == ["Ким Анна", "Пётр Ильич", "5", ""]
    assert [len(name) for name in full_names(["a" * 400], ["b" * 400])] == [LONGEST]


def test_the_values_of_a_multi_field_are_parted_by_line_breaks() -> None:
    two = [{"VALUE": "+7 900"}, {"VALUE": "8\n800"}]
    fields = [two, {"0": {"VALUE": "a"}}, [{"VALUE": ""}, {"VALUE": "\0"}], None, "", [None, "x"]]
    assert joined_values(fields).tolist() == ["+7 900\n8 800", "a", "", "", "", ""]
    many = joined_values([[{"VALUE": number} for number in range(1, 1000)]])
    assert many[0].split("\n") == [str(number) for number in range(1, MOST_VALUES + 1)]

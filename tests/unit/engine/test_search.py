"""Search as you type, over whatever names and phones people write."""

from __future__ import annotations

import numpy as np
import pytest

from engine.search import Index, digits_of, fold, folded, narrows

NAMES = [
    "ООО «Ёлки-Палки»",
    "ИП Соловьёв Пётр",
    "Cafe\u0301 Ромашка",
    "‮olleh‬ <script>alert(1)</script>",
    "",
    "=HYPERLINK(1)\x00x",
]
PHONES = ["+7 (912) 345-67-89", "8-912-000-11-22\n+7 495 1234567", "+49 30 901820", "", "", "112"]
EMAILS = ["info@elki.ru", "petr@solo.ru", "", "a@b.c", "", ""]
INNS = ["7701234567", "", "", "", "", ""]
EVERY = np.arange(len(NAMES))


def found(search: str) -> list[int]:
    rows: list[int] = Index([NAMES, EMAILS, INNS], PHONES).matching(search, EVERY).tolist()
    return rows


@pytest.mark.parametrize(
    ("search", "rows"),
    [
        ("елки", [0]),
        ("ЁЛКИ", [0]),
        ("палки ооо", [0]),
        ("петр соловьев", [1]),
        ("пётр СОЛО", [1]),
        ("café", [2]),
        ("caf\u00e9 ромашка", [2]),
        ("olleh", [3]),
        ("<script>", [3]),
        ("elki.ru", [0]),
        ("7701234567", [0]),
        ("9123456789", [0]),
        ("+7 912", [0, 1]),
        ("8912", [0, 1]),
        ("8 (912) 345-67-89", [0]),
        ("89123456789", [0]),
        ("+79120001122", [1]),
        ("8 495 123-45-67", [1]),
        ("+4930", [2]),
        ("112", [1, 5]),
        ("HYPERLINK(1)", [5]),
        ("", list(range(6))),
        ("   ", list(range(6))),
        ("палки ромашка", []),
        ("89123456780", []),
    ],
)
def test_what_is_found(search: str, rows: list[int]) -> None:
    assert found(search) == rows


def test_only_the_given_rows_are_looked_at() -> None:
    index = Index([NAMES], PHONES)
    assert index.matching("912", np.array([1, 3])).tolist() == [1]
    assert index.matching("912", np.array([], np.intp)).tolist() == []


def test_all_at_once_is_the_same_as_one_by_one() -> None:
    odd = [*NAMES, "a\x00b", "\x00", "ﬁ", "İ", "ß", "\u200e+7\u200f"]
    assert folded(odd[:5]) == [fold(text) for text in odd[:5]]
    assert len(folded(odd)) == len(odd)
    assert len(digits_of([*PHONES, "1\x002"])) == len(PHONES) + 1


def test_words_do_not_reach_from_one_text_into_the_next() -> None:
    assert Index([["ab"], ["cd"]], [""]).matching("bc", np.arange(1)).tolist() == []
    assert Index([["1"]], ["2"]).matching("12", np.arange(1)).tolist() == []


def test_texts_of_ten_thousand_signs_are_searched_to_their_end() -> None:
    index = Index([["я" * 10_000 + "конец", "я"]], ["", ""])
    assert index.matching("яконец", np.arange(2)).tolist() == [0]


SEARCHES = ["", "+", "7", "+7", "+7 9", "+7 912", "8", "(9", "912", "ёл", "елки", "о", "ооо", "-п"]
SEARCHES += ["8 (912) 345", "8 (912) 345-67-8", "8 (912) 345-67-89", "89123456789", "8912345678"]


def test_a_phone_in_a_name_is_found_as_it_is_written() -> None:
    index = Index([["Пётр 8 (912) 345-67-89"]], [""])
    assert index.matching("8 (912) 345-67-89", np.arange(1)).tolist() == [0]
    assert index.matching("8 (912) 345", np.arange(1)).tolist() == [0]


def test_a_search_that_narrows_another_finds_nothing_else() -> None:
    narrowing = [
        (search, earlier)
        for search in SEARCHES
        for earlier in SEARCHES
        if search != earlier and narrows(search, earlier)
    ]
    assert {("елки", "ёл"), ("+7 912", "+7 9"), ("ооо", "о"), ("912", "")} <= {*narrowing}
    for search, earlier in narrowing:
        assert {*found(search)} <= {*found(earlier)}, (search, earlier)
    # A plus is looked for as it is, +7 as a digit too.
    assert not narrows("+7", "+")
    assert {*found("+7")} - {*found("+")}

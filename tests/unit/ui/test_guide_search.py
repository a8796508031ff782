"""The search over the guide: endings, case and letters make no difference, the best comes first."""

from __future__ import annotations

from typing import Any

import pytest

from ui.guide import Guide
from ui.guide_search import EXCERPT_LENGTH, Search, around, fold, stem
from unit.ui.test_guide import GUIDES


def guide_with(**articles: dict[str, Any]) -> Guide:
    facts = {
        "groups": [{"code": "all", "title": "All", "articles": list(articles)}],
        "articles": {
            code: {"title": "", "lead": "lead", "words": "", "blocks": [], "related": []} | article
            for code, article in articles.items()
        },
    }
    return Guide(facts, {})


def found(words: str, language: str = "ru") -> list[str]:
    return [hit.article.code for hit in Search(GUIDES[language]).find(words)]


@pytest.mark.parametrize(
    "words", ["спящий", "СПЯЩИЕ", "спящего клиента", "Спящих клиентов", "  спящим. "]
)
def test_other_endings_and_case_find_the_same(words: str) -> None:
    assert found(words)[0] == "3.dormant"


def test_dots_of_a_letter_make_no_difference() -> None:
    assert found("счёт") == found("счет") != []
    assert fold("ЁЖ ёж Ель") == "еж еж ель"


def test_titles_come_before_words_and_words_before_the_body() -> None:
    guide = guide_with(
        body={"blocks": [{"text": "about pears"}]},
        lead={"lead": "of pears"},
        words={"words": "pears"},
        title={"title": "Pears"},
    )
    hits = Search(guide).find("pear")
    assert [hit.article.code for hit in hits] == ["title", "words", "lead", "body"]


def test_all_words_have_to_occur() -> None:
    guide = guide_with(both={"title": "Red pears"}, one={"title": "Pears"})
    assert [hit.article.code for hit in Search(guide).find("red pears")] == ["both"]


def test_a_word_is_found_from_its_beginning_on() -> None:
    guide = guide_with(inside={"title": "Overactive"}, start={"title": "Active"})
    assert [hit.article.code for hit in Search(guide).find("active")] == ["start"]


@pytest.mark.parametrize("words", ["", "   ", "?!", "клиентоцентричностище"])
def test_nothing_and_what_does_not_occur_find_nothing(words: str) -> None:
    assert found(words) == []


def test_the_name_of_a_mark_is_found() -> None:
    assert "5.dialogs" in found("наличие диалогов")
    assert "3.lost" in found("lifecycle lost", "en")


def test_an_excerpt_shows_the_place_in_the_body_and_otherwise_the_lead() -> None:
    text = "word " * 60 + "pear [[body|tree]] " + "word " * 60
    guide = guide_with(body={"blocks": [{"text": text.strip()}]}, title={"title": "Pears"})
    by_title, by_body = Search(guide).find("pear")
    assert by_title.excerpt == "lead"
    assert "pear tree" in by_body.excerpt
    assert len(by_body.excerpt) <= EXCERPT_LENGTH + 2


def test_an_excerpt_has_whole_words() -> None:
    assert around("short text", 6) == "short text"
    cut = around("word " * 80, 200)
    assert set(cut.strip("…").split()) == {"word"}
    assert cut.startswith("…")
    assert cut.endswith("…")


def test_short_words_are_searched_as_they_are() -> None:
    assert stem("b2b") == "b2b"
    assert stem("почта") == "почт"
    assert stem("потерянные") == "потерян"

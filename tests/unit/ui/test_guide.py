"""The guide in both languages: whole, alike, leading nowhere else than to itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from crm.mark_definitions import DEFINITIONS
from ui.guide import (
    BLOCKS,
    HEAD,
    MARKS,
    POINTS,
    STEPS,
    Article,
    Guide,
    counter_codes,
    pieces,
    plain,
    values_of,
)
from ui.texts import filled
from unit.ui.words import LANGUAGES, ROOT, texts_of, view_of

GENERAL = {
    "client", "payments", "months", "marks", "chart", "compare", "limits", "lists", "rights",
    "start", "plan", "order", "forgotten",
}  # fmt: skip
TITLE_LENGTH, LEAD_LENGTH, HEAD_LENGTH, TEXT_LENGTH, LINE_LENGTH = 40, 200, 45, 600, 300
WORD_LENGTH = 25
"""A phone of 320 pixels bears no longer word."""
FEWEST_STEPS, MOST_STEPS = 3, 6
SEGMENT_WORDS = range(120, 301)


def facts_of(language: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((ROOT / f"static/guide/{language}.json").read_text())
    return facts


def guide_of(language: str = "ru") -> Guide:
    return Guide(facts_of(language), values_of(None, texts_of(language)))


def texts_in(article: Article) -> list[str]:
    return [article.title, article.lead, *article.body()]


def links_in(text: str) -> list[str]:
    return [piece.code for piece in pieces(text) if piece.code is not None]


GUIDES = {language: guide_of(language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_counter_and_every_subject_has_its_article(language: str) -> None:
    codes = [article.code for article in GUIDES[language].articles()]
    assert sorted(codes) == sorted([*counter_codes(), *GENERAL])
    assert set(codes) == facts_of(language)["articles"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_to_another_article(language: str) -> None:
    for article in GUIDES[language].articles():
        linked = [code for text in texts_in(article) for code in links_in(text)]
        assert article.related, article.code
        assert len(set(article.related)) == len(article.related), article.code
        for code in linked + article.related:
            assert GUIDES[language].find(code) is not None, (article.code, code)
            assert code != article.code


def test_both_languages_have_the_same_structure() -> None:
    ru, en = facts_of("ru"), facts_of("en")
    assert [group["articles"] for group in ru["groups"]] == [
        group["articles"] for group in en["groups"]
    ]
    for article, other in zip(GUIDES["ru"].articles(), GUIDES["en"].articles(), strict=True):
        assert article.related == other.related
        assert shape(article) == shape(other), article.code


def shape(article: Article) -> list[Any]:
    """Kinds of blocks, how many lines each has, and where their texts lead."""
    found: list[Any] = [links_in(article.lead)]
    for kind, content in article.blocks:
        lines = content if isinstance(content, list) else [content]
        found.append((kind, [] if kind == MARKS else [sorted(links_in(line)) for line in lines]))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_limits_are_in_the_texts_as_facts_to_be_filled_in(language: str) -> None:
    raw = (ROOT / f"static/guide/{language}.json").read_text()
    assert set(re.findall(r"\{(\w+)\}", raw)) == {"active", "dormant"}
    assert not re.findall(r"\b(?:6|18)\b", raw)
    counted_by_limits = ("3.active", "3.dormant", "3.lost", "3.all", "limits")
    articles = facts_of(language)["articles"]
    for code in counted_by_limits:
        assert re.search(r"\{(active|dormant)\}", json.dumps(articles[code])), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_is_filled_in(language: str) -> None:
    texts = [text for article in GUIDES[language].articles() for text in texts_in(article)]
    assert not [text for text in texts if "{" in text or "}" in text]


def test_other_limits_are_told_where_they_are_in_force() -> None:
    view = view_of(3, limits={"active_months": 2, "dormant_months": 21})
    article = Guide(facts_of("ru"), values_of(view, texts_of("ru"))).find("3.dormant")
    assert article is not None
    assert "раньше чем 2 месяца назад" in article.lead
    assert "раньше чем 21 месяц назад" in article.lead


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_such_as_the_page_can_bear(language: str) -> None:
    for article in GUIDES[language].articles():
        assert 0 < len(article.title) <= TITLE_LENGTH, article.code
        assert 0 < len(plain(article.lead)) <= LEAD_LENGTH, article.code
        for kind, content in article.blocks:
            assert kind in BLOCKS
            lines = content if kind in (STEPS, POINTS) else []
            assert [line for line in lines if not 0 < len(plain(line)) <= LINE_LENGTH] == []
            if kind not in (STEPS, POINTS, MARKS):
                longest = HEAD_LENGTH if kind == HEAD else TEXT_LENGTH
                assert 0 < len(plain(content)) <= longest, content
        words = " ".join(plain(text) for text in texts_in(article)).split()
        assert max(map(len, words)) <= WORD_LENGTH, max(words, key=len)


@pytest.mark.parametrize("language", LANGUAGES)
def test_articles_are_plain_text(language: str) -> None:
    for article in GUIDES[language].articles():
        for text in texts_in(article):
            assert not re.search(r"[<>*_`\[\]]|\s\s|^\s|\s$", plain(text)), text
            assert language == "ru" or not re.search("[а-яё]", text.lower()), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_segment_is_told_at_fitting_length_with_steps_to_take(language: str) -> None:
    for article in GUIDES[language].articles():
        if article.mode is not None:
            (steps,) = (content for kind, content in article.blocks if kind == STEPS)
            assert FEWEST_STEPS <= len(steps) <= MOST_STEPS, article.code
            words = re.findall(r"\w+", plain(" ".join(texts_in(article))))
            assert len(words) in SEGMENT_WORDS, article.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_marks_and_their_values_are_called_as_in_the_portal(language: str) -> None:
    known = {definition.labels[language]: definition for definition in DEFINITIONS.values()}
    pairs = [
        pair
        for article in GUIDES[language].articles()
        for kind, content in article.blocks
        for pair in (content if kind == MARKS else [])
    ]
    assert len(pairs) > len(counter_codes()) / 2
    for name, value in pairs:
        options = {labels[language] for labels in known[name].options.values()}
        assert set(value.split(", ")) <= (options or words_of_truth(language)), name


def words_of_truth(language: str) -> set[str]:
    return {texts_of(language).say("marks." + word) for word in ("yes", "no")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_called_as_on_the_page(language: str) -> None:
    texts = texts_of(language)
    left, right = "«»" if language == "ru" else "“”"
    buttons = {
        "start": ("action.refresh", "action.pause", "action.clear_refresh"),
        "marks": ("marks.title", "action.marks_preview", "action.marks_write"),
        "chart": ("style.areas", "style.lines", "style.shares", "action.now", "action.table"),
        "lists": ("action.list", "action.export.xlsx", "action.export.csv"),
        "limits": ("view.trial",),
        "compare": ("compare.measure.between",),
    }
    for code, keys in buttons.items():
        article = GUIDES[language].find(code)
        assert article is not None
        for key in keys:
            assert left + texts.say(key) + right in " ".join(texts_in(article)), key


def test_the_code_of_an_article_names_its_counter() -> None:
    told = [(GUIDES["ru"].find(code)) for code in ("3.active", "5.all", "plan")]
    assert [(article.mode, article.segment) for article in told if article is not None] == [
        ("3", "active"),
        ("5", "all"),
        (None, ""),
    ]


def test_a_text_is_taken_apart_into_words_and_links() -> None:
    found = pieces("a [[3.active|b c]], [[x|d]]")
    told = [(piece.words, piece.code) for piece in found]
    assert told == [("a ", None), ("b c", "3.active"), (", ", None), ("d", "x")]
    assert plain("a [[3.active|b c]], [[x|d]]") == "a b c, d"
    assert [piece.words for piece in pieces("only words")] == ["only words"]
    assert pieces("") == []


def test_a_fact_in_a_link_is_filled_in_as_well() -> None:
    assert plain(filled("[[limits|{active}]]", {"active": "6 months"})) == "6 months"

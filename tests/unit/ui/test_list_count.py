"""How many rows a list has, in words."""

from __future__ import annotations

from typing import Any

import pytest

from ui.list_count import chart_words, count_words

from .words import LANGUAGES, texts_of

ACTIVE = {"mode": "3", "code": "active", "month": "2024-02"}


def answer(**facts: Any) -> dict[str, Any]:
    return {"total": 12, "of": 12, **facts}


def test_a_whole_segment_is_counted_in_clients_and_mode_1_in_cards() -> None:
    assert count_words(answer(), ACTIVE, texts_of("ru")) == "12 клиентов"
    assert count_words(answer(), {"mode": "1", "code": "all"}, texts_of("ru")) == "12 карточек"


def test_what_was_found_and_what_rights_open_is_told_beside_the_whole() -> None:
    found = count_words(answer(total=1), ACTIVE, texts_of("ru"))
    assert found == "Найдено: 1 клиент из 12"
    partly = {"of": 40, "visible": 6, "read": 6}
    seen = count_words(answer(total=6, **partly), ACTIVE, texts_of("ru"))
    assert seen == "6 клиентов. Ваши права в CRM открывают 6 из 40 клиентов этого сегмента."
    searched = count_words(answer(total=5, **partly), ACTIVE, texts_of("ru"))
    assert searched.startswith("Найдено: 5 клиентов из 6. Ваши права")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_that_shows_another_number_is_explained(language: str) -> None:
    words = chart_words(answer(charted=15), ACTIVE, texts_of(language))
    for told in ("15", "12", "29"):
        assert told in words, "both numbers, and the last day of the month"
    assert chart_words(answer(charted=12), ACTIVE, texts_of(language)) == ""
    assert chart_words(answer(charted=None), ACTIVE, texts_of(language)) == ""
    assert chart_words(answer(), ACTIVE, texts_of(language)) == ""

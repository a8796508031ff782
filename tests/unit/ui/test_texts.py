"""Both languages say everything that the code asks them to say."""

from __future__ import annotations

import inspect
import re

import pytest

from crm import app_storage, mark_fields
from crm import errors as crm_errors
from storage import errors as storage_errors
from ui.modes import MODES
from ui.screen import FIRST, MESSAGE_POINTS, NO_CACHE_HERE
from ui.texts import Texts, language_of
from ui.troubles import RELOAD_HELPS, details, known_code, note_lines
from unit.ui.words import LANGUAGES, ROOT, PlainLocale, texts_of, view_of, words_of

PAGE_FILES = [ROOT / "index.html", *sorted((ROOT / "py" / "ui").glob("*.py"))]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def codes_of(module: object, base: type[Exception]) -> set[str]:
    return {
        kind.code
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, base)
    }


ERROR_CODES = (
    codes_of(crm_errors, crm_errors.PortalError)
    | codes_of(mark_fields, crm_errors.PortalError)
    | codes_of(app_storage, crm_errors.PortalError)
    | codes_of(storage_errors, storage_errors.StorageError)
    | {"storage_lost", "engine_failed", "engine_missing", "not_administrator", "not_set_up"}
    | {"grid_missing", "guide_missing", "no_base", "bad_query", "client_gone"}
    | {"past_not_marked", "segment_not_marked", "marks_missing", "reasons_need_base"}
)
SILENCES = {"outside", "platform_script_missing", "portal_silent", "profile_silent"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_title_and_an_advice(language: str) -> None:
    texts = texts_of(language)
    missing = [
        code
        for code in ERROR_CODES
        if not (texts.has(f"error.{code}") and texts.has(f"error.{code}.advice"))
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_error_text_is_for_a_code_that_does_not_exist(language: str) -> None:
    codes = {key.split(".")[1] for key in words_of(language) if key.startswith("error.")}
    assert codes == ERROR_CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_of_the_storage_has_its_warning(language: str) -> None:
    codes = codes_of(storage_errors, storage_errors.StorageError)
    warnings = {"warning." + code for code in codes | {"storage_lost", "reader", NO_CACHE_HERE}}
    assert warnings <= words_of(language).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_silence_of_the_portal_has_its_message(language: str) -> None:
    texts = texts_of(language)
    for code in SILENCES:
        assert texts.has(f"message.{code}.title")
        assert texts.has(f"message.{code}.lead")
    for number in range(1, MESSAGE_POINTS[FIRST] + 1):
        assert texts.has(f"message.{FIRST}.{number}")
        assert texts.has(f"message.{FIRST}.{number}.head")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mode_and_segment_has_its_name(language: str) -> None:
    texts = texts_of(language)
    for mode in MODES:
        for key in ("mode", "total", "about", "chart.title"):
            assert texts.has(f"{key}.{mode.number}")
        for segment in mode.segments:
            assert texts.has(f"segment.{mode.number}.{segment}")


def test_the_tabs_bear_the_names_of_the_specification() -> None:
    assert [texts_of().say("mode." + mode.number) for mode in MODES] == [
        "Компании и Контакты",
        "B2B и B2C",
        "Клиенты с оплатами",
        "Частота оплат",
        "Клиенты без оплат",
    ]


def test_the_code_asks_for_no_text_that_does_not_exist() -> None:
    asked = set()
    for path in PAGE_FILES:
        source = path.read_text()
        asked |= set(re.findall(r'(?:say|count)\(\s*"([\w.]+)"\s*[,)]', source))
        asked |= set(re.findall(r'data-text="([\w.]+)"', source))
        asked |= set(re.findall(r'"((?:action|status|progress|moment)\.\w+)"', source))
    assert len(asked) > 40
    assert sorted(asked - words_of("ru").keys()) == []


def test_both_languages_fill_in_the_same_facts() -> None:
    ru, en = words_of("ru"), words_of("en")
    assert ru.keys() == en.keys()
    for key in ru:
        assert set(PLACEHOLDER.findall(ru[key])) == set(PLACEHOLDER.findall(en[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_texts_have_a_form_for_every_category(language: str) -> None:
    categories = len(PlainLocale(language).plural_categories)
    plurals = [text for text in words_of(language).values() if "|" in text]
    assert plurals
    assert [text for text in plurals if len(text.split("|")) != categories] == []


def test_english_has_no_russian_letters() -> None:
    assert [text for text in words_of("en").values() if re.search("[а-яё]", text.lower())] == []


def test_a_plural_takes_the_form_of_its_number() -> None:
    assert texts_of("ru").count("progress.months", 1, done=0) == "готово 0 из 1 месяца"
    assert texts_of("ru").count("progress.months", 12, done=3) == "готово 3 из 12 месяцев"
    assert texts_of("en").count("progress.months", 1, done=1) == "1 of 1 month done"


def test_moments_are_told_by_the_portals_clock() -> None:
    assert texts_of("ru").moment("2026-11-22T05:07:00+03:00") == "22 ноябрь 2026, 05:07"
    assert texts_of("ru").month("2021-03") == "март 2021"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        *[(code, "ru") for code in ("ru", "RU", "by", "kz", None)],
        *[(code, "en") for code in ("en", "de", "br", "")],
    ],
)
def test_a_portal_gets_one_of_the_two_languages(code: str | None, language: str) -> None:
    assert language_of(code) == language


def test_a_value_is_filled_in_as_it_is() -> None:
    texts = Texts("en", {"key": "{a} and {b}"}, PlainLocale("en"))
    assert texts.say("key", a="{b}", b="<i>") == "{b} and <i>"


def test_an_unknown_error_is_told_as_a_failure_of_the_app() -> None:
    assert known_code("connection_lost", texts_of()) == "connection_lost"
    assert known_code("never_heard_of", texts_of()) == "engine_failed"
    assert set(RELOAD_HELPS) <= ERROR_CODES


def test_the_details_of_an_error_are_facts_for_support() -> None:
    params = {"method": "crm.deal.list", "words": "Access denied.", "status": 403, "table": "deals"}
    assert details(params) == "crm.deal.list · Access denied. · HTTP 403"
    assert details({}) == ""


def test_dialogs_and_contact_data_are_told_to_have_no_history() -> None:
    texts = texts_of()
    assert note_lines(view_of(3), MODES[4], texts) == [texts.say("note.mode.5")]
    assert note_lines(view_of(3), MODES[0], texts) == []


def test_a_half_read_base_says_how_far_it_is() -> None:
    lines = note_lines(view_of(3, partial=True, through="2024-03"), MODES[0], texts_of())
    assert lines == ["Прочитано по март 2024 включительно, более поздние месяцы ещё впереди."]


def test_notes_of_the_reader_are_told_in_words() -> None:
    notes = [
        {"code": "left_out", "source": "old_invoices", "reason": "access_denied"},
        {"code": "links_primary_only"},
        {"code": "links_primary_only"},
        {"code": "read_over_days", "params": {"since": "2026-11-19T10:00:00+03:00"}},
        {"code": "not_shared", "reason": "scope_missing"},
        {"code": "a_new_one"},
    ]
    lines = note_lines(view_of(3, notes=notes), MODES[0], texts_of())
    assert len(lines) == 5
    assert lines[0].startswith("Счета:")
    assert "19 ноябрь 2026" in lines[2]
    assert "Приложению не хватает разрешения" in lines[3]
    assert "a_new_one" in lines[4]
    assert not [line for line in lines if "{" in line]

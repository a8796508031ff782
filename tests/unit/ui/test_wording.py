"""Facts become the words that a person expects."""

from __future__ import annotations

import calendar
from datetime import date

import pytest

from ui.wording import (
    about,
    days_in_month,
    duration,
    full_run_time,
    host_of,
    point_day,
    saved,
    share,
    signed,
    waiting,
)
from unit.ui.words import texts_of, view_of

TEXTS = texts_of()


@pytest.mark.parametrize(
    ("count", "whole", "told"),
    [
        (1, 4, "25.0 %"),
        (0, 4, "0.0 %"),
        (4, 4, "100.0 %"),
        (0, 0, ""),
        (1, 85_000, "< 0.1 %"),
        (84_999, 85_000, "> 99.9 %"),
        (85_000, 85_000, "100.0 %"),
    ],
)
def test_a_share_never_rounds_some_to_none_nor_most_to_all(
    count: int, whole: int, told: str
) -> None:
    assert share(TEXTS, count, whole) == told


@pytest.mark.parametrize(("number", "told"), [(1240, "+1\u00a0240"), (-12, "\u221212"), (0, "0")])
def test_a_change_has_its_sign(number: int, told: str) -> None:
    assert signed(TEXTS, number) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "меньше минуты"),
        (59, "меньше минуты"),
        (60, "1 minute"),
        (200, "3 minute"),
        (59 * 60, "59 minute"),
        (3599, "60 minute"),
        (3600, "1 hour"),
        (3600 + 21 * 60, "1 hour 20 minute"),
        (2 * 3600 - 60, "2 hour"),
        (26 * 3600, "26 hour"),
    ],
)
def test_time_left_is_told_in_minutes_then_in_hours(seconds: float, told: str) -> None:
    assert duration(TEXTS, seconds) == told


def test_less_than_a_minute_is_not_made_vaguer_still() -> None:
    assert about(TEXTS, 20) == "меньше минуты"
    assert about(TEXTS, 300) == "примерно 5 minute"
    assert full_run_time(TEXTS, 100) == "меньше минуты"
    assert full_run_time(TEXTS, 200_000) == "от 3 до 8 minute"


def test_months_have_the_days_of_the_calendar() -> None:
    for year in (1900, 2000, 2023, 2024, 2100):
        for month in range(1, 13):
            assert days_in_month(year, month) == calendar.monthrange(year, month)[1]


def test_a_point_is_the_last_day_of_its_month_and_the_last_one_that_of_the_refresh() -> None:
    view = view_of(2)
    assert point_day(TEXTS, view, 0) == "29 февраль 2024"
    assert point_day(TEXTS, view, 1) == "17 март 2024"


def test_the_last_point_of_a_half_read_base_is_a_month_end_too() -> None:
    assert point_day(TEXTS, view_of(2, partial=True), 1) == "31 март 2024"
    assert date(2024, 3, 31).day == days_in_month(2024, 3)


def test_nothing_is_told_while_nothing_is_waited_for() -> None:
    assert waiting(TEXTS, None, 0) == ""


@pytest.mark.parametrize("reason", ["rate", "operating", "retry", "network", "token", "new one"])
def test_every_wait_is_explained(reason: str) -> None:
    told = waiting(TEXTS, {"reason": reason, "method": "crm.deal.list", "until_s": None}, 0)
    assert told
    assert "{" not in told
    assert ("Сделки" in told) == (reason == "operating")


def test_a_wait_says_how_long_it_still_takes() -> None:
    facts = {"reason": "operating", "method": None, "until_s": 1_795_314_130}
    assert waiting(TEXTS, facts, 1_795_314_000).endswith("Ещё 2 minute.")
    assert waiting(TEXTS, facts, 1_795_314_100).endswith("Ещё 30 second.")
    assert "Ещё" not in waiting(TEXTS, facts, 1_795_314_200)


def test_what_is_saved_is_told_by_its_last_month() -> None:
    assert "март 2021" in saved(TEXTS, "2021-03")
    assert saved(TEXTS, None) == TEXTS.say("saved.nothing")


def test_a_portal_is_called_by_its_host() -> None:
    assert host_of("https://example.bitrix24.ru") == "example.bitrix24.ru"
    assert host_of("http://127.0.0.1:9201") == "127.0.0.1:9201"

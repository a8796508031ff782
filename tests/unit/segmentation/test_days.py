"""Days are the portal's, months are calendar months (spec §3)."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd

from segmentation import Base, analyse
from segmentation.calendar import months_before, portal_days
from unit.segmentation.rows import company, deal, look, refusal, segments

MONTHS_BEFORE = [
    ("2024-08-31", 6, "2024-02-29"),
    ("2023-08-31", 6, "2023-02-28"),
    ("2024-08-30", 6, "2024-02-29"),
    ("2024-08-29", 6, "2024-02-29"),
    ("2024-08-28", 6, "2024-02-28"),
    ("2024-02-29", 6, "2023-08-29"),
    ("2024-02-29", 12, "2023-02-28"),
    ("2024-05-31", 6, "2023-11-30"),
    ("2024-03-31", 1, "2024-02-29"),
    ("2025-12-31", 18, "2024-06-30"),
    ("2024-01-15", 1, "2023-12-15"),
    ("1970-03-31", 18, "1968-09-30"),
]

DAYS = [
    ("2024-03-01 00:00:00", 0, "2024-03-01"),
    ("2024-02-29 20:59:59", 3, "2024-02-29"),
    ("2024-02-29 21:00:00", 3, "2024-03-01"),
    ("2024-03-01 07:59:59", -8, "2024-02-29"),
    ("2024-03-01 08:00:00", -8, "2024-03-01"),
    ("2023-12-31 18:30:00", 5.5, "2024-01-01"),
    ("1969-12-31 23:59:59", 0, "1969-12-31"),
]


def test_so_many_months_before_is_the_same_day_or_the_last_of_a_shorter_month() -> None:
    for day, months, expected in MONTHS_BEFORE:
        before = months_before(np.array([day], dtype="datetime64[D]"), months)
        assert str(before[0]) == expected, (day, months)


def test_a_moment_belongs_to_the_day_that_the_portal_has_then() -> None:
    for moment, hours, expected in DAYS:
        zone = timezone(timedelta(hours=hours))
        days = portal_days(pd.Series([moment], dtype="datetime64[s]"), zone)
        assert str(days[0]) == expected, (moment, hours)


def test_no_moment_has_no_day() -> None:
    days = portal_days(pd.Series([None], dtype="datetime64[s]"), UTC)
    assert np.isnat(days).tolist() == [True]


def test_now_without_a_time_zone_is_refused() -> None:
    message = refusal(lambda: analyse(Base.empty(), datetime(2024, 1, 1), UTC))
    assert message == "now must be an aware datetime"


def test_a_payment_just_after_midnight_of_the_limit_day_still_counts_as_active() -> None:
    paid = "2024-02-28 21:00"
    for hours, stage in ((3, "active"), (2, "dormant")):
        analysis = look(company(1), deal(1, company=1, won=paid), now="2024-08-29", hours=hours)
        assert segments(analysis, "b2b", 1)["lifecycle"] == stage


def test_today_is_the_portals_day_and_not_that_of_utc() -> None:
    for hours, stage in ((0, "active"), (3, "dormant")):
        paid = deal(1, company=1, won="2024-02-15 12:00")
        analysis = look(company(1), paid, now="2024-08-15 22:00", hours=hours)
        assert segments(analysis, "b2b", 1)["lifecycle"] == stage

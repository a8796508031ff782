"""Calendar months of the portal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.months import iso, month_of, months_between, next_month, start_s

HOUR_S = 3600


def test_a_month_begins_and_ends_in_the_portals_time_zone() -> None:
    new_year_in_moscow_s = 1_735_678_800  # 2024-12-31T21:00:00Z
    assert start_s("2025-01", 3 * HOUR_S) == new_year_in_moscow_s
    assert month_of(new_year_in_moscow_s, 3 * HOUR_S) == "2025-01"
    assert month_of(new_year_in_moscow_s - 1, 3 * HOUR_S) == "2024-12"
    assert month_of(new_year_in_moscow_s, 0) == "2024-12"
    assert iso(new_year_in_moscow_s, 3 * HOUR_S) == "2025-01-01T00:00:00+03:00"


def test_months_run_over_the_end_of_the_year() -> None:
    assert months_between("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert months_between("2025-02", "2025-02") == ["2025-02"]


def test_a_first_month_in_the_future_leaves_the_present_one() -> None:
    assert months_between("2025-03", "2025-02") == ["2025-02"]


@given(st.integers(0, 4_000_000_000), st.integers(-12, 14))
def test_every_moment_lies_within_its_month(unix_s: int, hours: int) -> None:
    month = month_of(unix_s, hours * HOUR_S)
    begins_s, ends_s = start_s(month, hours * HOUR_S), start_s(next_month(month), hours * HOUR_S)
    assert begins_s <= unix_s < ends_s

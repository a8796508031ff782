"""Columns as typed arrays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm.convert import (
    amounts,
    currencies,
    currency_code,
    currency_name,
    days,
    flags,
    moment_s,
    moments,
    whole_numbers,
)

JUNK = st.none() | st.text(max_size=30) | st.floats() | st.booleans() | st.lists(st.integers())
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
).map(lambda moment: moment.replace(microsecond=0))


@given(st.lists(MOMENTS, max_size=20))
def test_usual_moments_are_what_the_standard_library_makes_of_them(read: list[datetime]) -> None:
    texts = [moment.isoformat() for moment in read]
    expected = [moment.astimezone(UTC).replace(tzinfo=None) for moment in read]
    assert moments(texts, 0).tolist() == expected


@given(st.lists(MOMENTS.map(datetime.isoformat) | JUNK, max_size=20), st.integers(-12, 12))
def test_a_column_is_read_as_its_values_are_one_by_one(values: list[Any], hours: int) -> None:
    column = moments(values, hours * 3600)
    assert column.dtype == np.dtype("datetime64[s]")
    single = [moment_s(value, hours * 3600) for value in values]
    assert [None if np.isnat(at) else int(at.astype(int)) for at in column] == single


def test_a_day_is_the_one_that_was_written_whatever_the_offset_beside_it() -> None:
    winter_s = 3600
    column = days(
        ["2024-07-31T00:00:00+02:00", "2024-01-31T00:00:00+01:00", "", "31.07.2024"], 3600
    )
    local = column + np.timedelta64(winter_s, "s")
    assert local.astype("M8[D]").astype(str).tolist() == [
        "2024-07-31",
        "2024-01-31",
        "NaT",
        "2024-07-31",
    ]


def test_an_absent_moment_is_no_moment_beside_others_of_the_usual_form() -> None:
    column = moments(["2024-02-29T23:59:59+03:00", "", None, "0000-00-00T00:00:00+00:00"], 0)
    assert column.tolist() == [datetime(2024, 2, 29, 20, 59, 59), None, None, None]


def test_a_moment_without_offset_is_the_portals_own_time() -> None:
    assert moments(["2024-03-01"], 3 * 3600).tolist() == [datetime(2024, 2, 29, 21)]
    assert moments(["01.03.2024 01:30:00"], 3600).tolist() == [datetime(2024, 3, 1, 0, 30)]


@given(st.lists(st.integers(0, 2**63 - 1).map(lambda n: n) | JUNK, max_size=20))
def test_no_number_is_ever_a_crash_or_negative(values: list[Any]) -> None:
    column = whole_numbers(values)
    assert column.dtype == np.int64
    assert len(column) == len(values)
    assert (column >= 0).all()


def test_ids_come_as_text_or_numbers_and_absent_ones_are_zero() -> None:
    assert whole_numbers(["7", 8, "", None, "0", "x", -3, "9"]).tolist() == [7, 8, 0, 0, 0, 0, 0, 9]
    assert whole_numbers([str(2**70), 5]).tolist() == [0, 5]


def test_only_yes_is_yes() -> None:
    assert flags(["Y", "N", "", None, True, 1, "y"]).tolist() == [1, 0, 0, 0, 1, 0, 0]


@given(st.lists(st.floats() | st.integers() | JUNK, max_size=20))
def test_no_amount_is_ever_a_crash_or_endless(values: list[Any]) -> None:
    column = amounts(values)
    assert column.dtype == np.float64
    assert len(column) == len(values)
    assert (np.abs(column) < 1e16).all()
    assert column.tolist() == [amounts([value])[0] for value in values]


def test_amounts_come_as_text_or_numbers_and_absent_ones_are_zero() -> None:
    assert amounts(["20000.00", 8, "", None, -3.5, "0"]).tolist() == [20000, 8, 0, 0, -3.5, 0]
    assert amounts(["x", "nan", "1e400", 10**400, [1], "5"]).tolist() == [0, 0, 0, 0, 0, 5]


@given(st.lists(st.sampled_from(["RUB", "usd", "EUR"]) | JUNK, max_size=20))
def test_a_column_of_currencies_is_read_as_its_values_are_one_by_one(values: list[Any]) -> None:
    codes = currencies(values)
    assert codes.dtype == np.int64
    names = [value if isinstance(value, str) else "" for value in values]
    assert codes.tolist() == [currency_code(name) for name in names]


def test_a_currency_is_a_number_and_back() -> None:
    assert currency_code("RUB") == 0x525542
    assert [currency_name(currency_code(name)) for name in ("RUB", "usd")] == ["RUB", "USD"]
    assert [currency_code(name) for name in ("", "RU", "RUBL", "РУБ", "R2B", "A\0B")] == [0] * 6
    assert [currency_name(code) for code in (0, -1, 7, 2**40, 0x727562)] == [""] * 5

"""Columns of the portal's answers as typed arrays: quick for the usual forms, patient with every
other.

Old lists give text for everything, ``crm.item.list`` gives numbers and null; dates come as ISO 8601
with an offset. Garbage never raises: a number becomes 0, a moment NaT.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Moments = npt.NDArray[np.datetime64]

_USUAL = "2024-09-02T18:37:18+02:00"
_ABSENT = "0000-00-00T00:00:00+00:00"
_DIGITS = np.array([i for i, sign in enumerate(_USUAL) if sign.isdigit()])
_MARKS = np.array([i for i, sign in enumerate(_USUAL) if not sign.isdigit() and i != 19])
_MARK_BYTES = np.frombuffer(_USUAL.encode(), dtype=np.uint8)[_MARKS]
_NOWHERE = np.datetime64("NaT", "s")
_LARGEST = 2**63 - 1
_TOO_MUCH = 1e16
"""The portal's own field of money has no room for so much; sums of such would be no numbers."""


def whole_numbers(values: Sequence[Any]) -> Ints:
    """Ids: numbers or their text; 0 for null, empty, negative and whatever is no whole number."""
    try:
        numbers = np.fromiter((int(value or 0) for value in values), np.int64, len(values))
    except (TypeError, ValueError, OverflowError):
        numbers = np.fromiter((whole_number(value) for value in values), np.int64, len(values))
    return np.maximum(numbers, 0)


def whole_number(value: Any) -> int:
    """One id; 0 when it is none."""
    try:
        number = int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 < number <= _LARGEST else 0


def flags(values: Sequence[Any]) -> Bools:
    """``Y`` is true, also a JSON true; all else is false."""
    return np.fromiter((value == "Y" or value is True for value in values), np.bool_, len(values))


def amounts(values: Sequence[Any]) -> Floats:
    """Money: numbers or their text; 0 for null, empty and whatever is no amount."""
    try:
        numbers = np.fromiter((float(value or 0) for value in values), np.float64, len(values))
    except (TypeError, ValueError, OverflowError):
        numbers = np.fromiter((_amount(value) for value in values), np.float64, len(values))
    numbers[~(np.abs(numbers) < _TOO_MUCH)] = 0.0
    return numbers


def _amount(value: Any) -> float:
    try:
        return float(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def currencies(values: Sequence[Any]) -> Ints:
    """The :func:`currency_code` of each."""
    known: dict[Hashable, int] = {}
    codes = []
    for value in values:
        if isinstance(value, str):
            if value not in known:
                known[value] = currency_code(value)
            codes.append(known[value])
        else:
            codes.append(0)
    return np.array(codes, np.int64)


def currency_code(name: str) -> int:
    """A currency as a number: its three letters, as bytes of ASCII, the first one the highest; 0
    when it has another form.
    """
    if len(name) == 3 and name.isascii() and name.isalpha():
        return int.from_bytes(name.upper().encode())
    return 0


def currency_name(code: int) -> str:
    """The currency that :func:`currency_code` gave this number to; "" for any other number."""
    name = int(code).to_bytes(3).decode("latin-1") if 0 < code < 2**24 else ""
    return name if currency_code(name) == code else ""


def moments(values: Sequence[Any], offset_s: int) -> Moments:
    """UTC moments, ``datetime64[s]``; ``offset_s`` is the portal's, for dates that come without
    one.
    """
    texts = [value or _ABSENT for value in values]
    usual = _usual_moments(texts)
    if usual is not None:
        return usual
    seconds = (moment_s(value, offset_s) for value in values)
    return np.array([_NOWHERE if at is None else np.datetime64(at, "s") for at in seconds], "M8[s]")


def days(values: Sequence[Any], offset_s: int) -> Moments:
    """UTC moments of midnight in the portal's zone, of the calendar day that each text names.

    For fields that hold a day. The portal writes them with an offset that follows summer time;
    taken as moments, half a year's days would fall on the day before.
    """
    offset = timezone(timedelta(seconds=offset_s))
    midnight = datetime(1970, 1, 1, tzinfo=offset).isoformat()[10:]
    return moments(
        [
            value[:10] + midnight if isinstance(value, str) and value[4:5] == "-" else value
            for value in values
        ],
        offset_s,
    )


def moment_s(value: Any, offset_s: int) -> int | None:
    """One moment in unix seconds: ISO 8601, or the site's form ``31.12.2024 23:59:59``; None when
    it is neither.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            form = "%d.%m.%Y %H:%M:%S" if ":" in text else "%d.%m.%Y"
            moment = datetime.strptime(text, form)
        except ValueError:
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(timedelta(seconds=offset_s)))
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _usual_moments(texts: list[Any]) -> Moments | None:
    """All texts of the form ``2024-09-02T18:37:18+02:00`` at once; None when one is of another
    form.
    """
    try:
        joined = "".join(texts).encode("ascii")
    except (TypeError, UnicodeEncodeError):
        return None
    width = len(_USUAL)
    if len(joined) != width * len(texts):
        return None
    table = np.frombuffer(joined, dtype=np.uint8).reshape(-1, width)
    signs = table[:, 19]
    if not ((table[:, _MARKS] == _MARK_BYTES).all() and ((signs == 43) | (signs == 45)).all()):
        return None
    digits = table[:, _DIGITS].astype(np.int64) - 48
    if digits.size and (digits.min() < 0 or digits.max() > 9):
        return None
    tens = digits.reshape(len(texts), _DIGITS.size // 2, 2) @ np.array([10, 1])
    century, year, month, day, hour, minute, second, away_h, away_min = tens.T
    months = (century * 100 + year - 1970) * 12 + month - 1
    first_day, next_first_day = _day_of(months), _day_of(months + 1)
    away = np.where(signs == 45, -1, 1) * (away_h * 3600 + away_min * 60)
    seconds = (first_day + day - 1) * 86400 + hour * 3600 + minute * 60 + second - away
    moments: Moments = seconds.astype("M8[s]")
    is_date = (month >= 1) & (month <= 12) & (day >= 1) & (day <= next_first_day - first_day)
    moments[~(is_date & (hour < 24) & (minute < 60) & (second < 60))] = _NOWHERE
    return moments


def _day_of(months: Ints) -> Ints:
    """Days from 1970 to the first of a month, which is given in months from then."""
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)

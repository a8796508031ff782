"""Calendar months of the portal: ``YYYY-MM``, begun and ended in the portal's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def month_of(unix_s: float, offset_s: int) -> str:
    """The month in which a moment lies."""
    moment = _local(unix_s, offset_s)
    return f"{moment.year:04d}-{moment.month:02d}"


def next_month(month: str) -> str:
    """The month after."""
    year, number = parts(month)
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """All months from ``first`` to ``last``, both included; ``last`` when ``first`` is later."""
    months = [min(first, last)]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return months


def start_s(month: str, offset_s: int) -> int:
    """The first second of a month, unix."""
    year, number = parts(month)
    return int(datetime(year, number, 1, tzinfo=_zone(offset_s)).timestamp())


def iso(unix_s: float, offset_s: int) -> str:
    """A moment as the portal writes it, with its offset."""
    return _local(unix_s, offset_s).isoformat(timespec="seconds")


def parts(month: str) -> tuple[int, int]:
    """Year and number of a month."""
    year, number = month.split("-")
    return int(year), int(number)


def _zone(offset_s: int) -> timezone:
    return timezone(timedelta(seconds=offset_s))


def _local(unix_s: float, offset_s: int) -> datetime:
    return datetime.fromtimestamp(unix_s, _zone(offset_s))

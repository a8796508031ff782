"""Single values as people and the REST write them, in the stored forms of :mod:`portal.schema`.

Each reader takes a value and the name of its column, and raises :class:`RowError` when the value
cannot be what the column holds. Absent values (null, ``""``) are empty, never an error.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timezone
from typing import Final

from portal.clock import parse_offset

_TYPE_NAMES: Final = {dict: "an object", list: "an array", bool: "a boolean", str: "text"}
_LARGEST_ID: Final = 2**53 - 1
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)
_SITE: Final = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?: (\d\d):(\d\d)(?::(\d\d))?)?")


class RowError(ValueError):
    """A row that cannot be stored: ``wrong`` says what it holds, ``right`` what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(f"{wrong}; right would be: {right}")
        self.wrong = wrong
        self.right = right


def parse_moment(text: str, zone: timezone) -> int:
    """Unix seconds of an ISO or site-format time; without an offset it is in the portal's zone.

    A pure date is midnight in the portal's zone. ValueError when it is no date.
    """
    if found := _ISO.fullmatch(text):
        year, month, day, *clock, offset = found.groups()
        if offset:
            zone = UTC if offset == "Z" else parse_offset(f"{offset[:3]}:{offset[-2:]}")
    elif found := _SITE.fullmatch(text):
        day, month, year, *clock = found.groups()
    else:
        raise ValueError(text)
    hour, minute, second = (int(part or 0) for part in clock)
    local = datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=zone)
    return int((local - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def shown(value: object) -> str:
    """The value as JSON, cut to what fits into a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def read_id(value: object, column: str) -> int:
    """A reference or a whole number, 0 for none."""
    if value in (None, "", False):
        return 0
    number = value
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]+\s*", value):
        number = int(value)
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LARGEST_ID:
        raise RowError(
            f"{column} is {shown(value)}", "a whole number from 0 on, 0 or null for none"
        )
    return number


def read_moment(value: object, column: str, zone: timezone) -> int | None:
    """Unix seconds, None for none."""
    if value in (None, ""):
        return None
    try:
        if isinstance(value, str):
            return parse_moment(value.strip(), zone)
    except ValueError:
        pass
    raise RowError(
        f"{column} is {shown(value)}, no date",
        '"2024-09-02T18:37:18+03:00", "2024-09-02 18:37:18" or "2024-09-02"',
    )


def read_flag(value: object, column: str) -> str:
    """``Y`` or ``N``."""
    word = "" if value is None else str(value).strip().upper()
    if word in ("Y", "1", "TRUE"):
        return "Y"
    if word in ("N", "0", "FALSE", ""):
        return "N"
    raise RowError(f"{column} is {shown(value)}", '"Y" or "N" (true, false, "1", "0" are read too)')


def read_money(value: object, column: str) -> float:
    """An amount, 0 for none."""
    if value in (None, ""):
        return 0.0
    try:
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            number = float(value)
            if abs(number) < 1e15:
                return number
    except ValueError:
        pass
    raise RowError(f"{column} is {shown(value)}, no amount", '"20000.00" or 20000')


def read_text(value: object, column: str) -> str:
    """Text; numbers are taken as they are written."""
    if value is None:
        return ""
    if isinstance(value, (dict, list, bool)):
        raise RowError(f"{column} is {_TYPE_NAMES[type(value)]}", "text")
    return str(value)


def read_ids(value: object, column: str) -> list[int]:
    """References without repetitions, in their order; one alone needs no array."""
    if value in (None, "", False):
        return []
    listed = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(number for each in listed if (number := read_id(each, column))))

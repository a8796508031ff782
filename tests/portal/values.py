"""Values of fields: from the stored forms to the answers' forms, and from parameters to the stored
forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson

from portal.parameters import is_array, members, php_float, php_int, php_text

Converter: TypeAlias = Callable[[Any], Any]

_SITE_FORMAT: Final = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})(.*)")
_OFFSET_WITHOUT_COLON: Final = re.compile(r"([+-]\d{2})(\d{2})$")
_DAY_S: Final = 86400


class Moments:
    """Moments in the portal's time zone, both ways."""

    def __init__(self, zone: tzinfo):
        self.zone = zone
        offset = zone.utcoffset(None) or timedelta(0)
        self._offset_s = int(offset.total_seconds())
        self._suffix = datetime(2000, 1, 1, tzinfo=zone).isoformat()[19:]

    def iso(self, unix_s: int) -> str:
        """``2024-09-02T18:37:18+03:00``."""
        day, second = divmod(unix_s + self._offset_s, _DAY_S)
        return f"{_date_text(day)}T{_time_text(second)}{self._suffix}"

    def parse(self, value: Any) -> int | None:
        """Unix seconds of ISO 8601 with or without an offset, ``YYYY-MM-DD HH:MM:SS``, a bare date
        or the site's ``DD.MM.YYYY HH:MM:SS``; no offset means the portal's zone. None when
        unreadable.
        """
        text = php_text(value).strip()
        site = _SITE_FORMAT.fullmatch(text)
        if site:
            text = f"{site[3]}-{site[2]}-{site[1]}{site[4]}"
        # A plus that came unencoded in a query string is a space by now.
        text = re.sub(r"(T\d{2}:\d{2}:\d{2}) (\d{2}:\d{2})$", r"\1+\2", text)
        try:
            moment = datetime.fromisoformat(_OFFSET_WITHOUT_COLON.sub(r"\1:\2", text))
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return int(moment.timestamp())

    def day(self, value: Any) -> str | None:
        """``2024-09-02``, the portal's calendar day of a moment in any form of ``parse``."""
        unix_s = self.parse(value)
        return None if unix_s is None else self.iso(unix_s)[:10]

    def day_iso(self, day: str) -> str:
        """A pure date: ``2024-09-02T03:00:00+03:00``.

        Real answers show the midnight of Greenwich in the portal's offset; none is known from west
        of it, where the day's own midnight stands.
        """
        hour = self._suffix[1:] if self._suffix.startswith("+") else "00:00"
        return f"{day}T{hour}:00{self._suffix}"

    def midnight(self, unix_s: int) -> int:
        """Start of the portal's calendar day of a moment."""
        return (unix_s + self._offset_s) // _DAY_S * _DAY_S - self._offset_s


@lru_cache(maxsize=20000)
def _date_text(day: int) -> str:
    return (datetime(1970, 1, 1) + timedelta(days=day)).date().isoformat()


@lru_cache(maxsize=_DAY_S)
def _time_text(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def old_converters(moments: Moments) -> dict[str, Converter]:
    """Answers' forms of the older lists by kind of column: every scalar a string, ``""`` for no
    moment.
    """
    return {
        "id": str,
        "optional_id": lambda value: str(value) if value else None,
        "moment": lambda value: "" if value is None else moments.iso(value),
        "flag": _same,
        "money": "{:.2f}".format,
        "text": _same,
        "nullable_text": lambda value: value or None,
        "fm": orjson.loads,
        "ids": orjson.loads,
        "uf": _old_user_field,
        "uf_number": lambda value: None if value is None else str(value),
        "uf_boolean": lambda value: None if value is None else str(value),
        "uf_text": _same,
        "uf_day": lambda value: "" if value is None else moments.day_iso(value),
        "uf_moment": lambda value: "" if value is None else moments.iso(value),
    }


def item_converters(moments: Moments) -> dict[str, Converter]:
    """Answers' forms of crm.item.*: typed values, None for no moment."""
    return {
        "id": _same,
        "optional_id": lambda value: value or None,
        "moment": lambda value: None if value is None else moments.iso(value),
        "flag": _same,
        "money": lambda value: int(value) if value == int(value) else value,
        "text": _same,
        "nullable_text": lambda value: value or None,
        "fm": _item_multifields,
        "ids": orjson.loads,
        "uf": _user_field,
        "uf_number": _same,
        "uf_boolean": lambda value: None if value is None else "Y" if value else "N",
        "uf_text": _same,
        "uf_day": lambda value: None if value is None else moments.day_iso(value),
        "uf_moment": lambda value: None if value is None else moments.iso(value),
    }


def stored(kind: str, value: Any, moments: Moments) -> Any:
    """A parameter's value in the stored form of a column of this kind (not for ``fm``)."""
    if kind in ("id", "optional_id"):
        return php_int(value)
    if kind == "moment":
        return moments.parse(value)
    if kind == "flag":
        return "Y" if php_text(value) in ("Y", "1", "true") else "N"
    if kind == "money":
        return php_float(value)
    if kind == "ids":
        return orjson.dumps([php_int(item) for item in members(value)]).decode()
    return php_text(value)


def camel_multifield(row: dict[str, Any]) -> dict[str, Any]:
    """A multi-field row in the form of crm.item.*."""
    return {
        "id": php_int(row.get("ID")),
        "typeId": row.get("TYPE_ID", ""),
        "valueType": row.get("VALUE_TYPE", ""),
        "value": row.get("VALUE", ""),
    }


def _item_multifields(text: str) -> list[dict[str, Any]]:
    return [camel_multifield(row) for kind in orjson.loads(text) for row in kind]


def _old_user_field(value: Any) -> Any:
    parsed = _user_field(value)
    return parsed if is_array(parsed) else php_text(parsed)


def _user_field(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _same(value: Any) -> Any:
    return value

"""Marks as the portal's fields hold them, and as columns of the tables do (``crm.tables``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crm.mark_definitions import DEFINITIONS, MARKS
from crm.mark_fields import EntityMarks
from crm.tables import MARK_COLUMNS, Columns, Row

EMPTY = -1
"""No value, in the columns of whole numbers but ``mark_parent``, whose empty value is 0."""
FOREIGN = -2
"""A value that is none of a mark's: it differs from everything that is wanted."""

_NO_DAY = np.datetime64("NaT", "s")
_COMPANY_PREFIX = "CO_"
_BOOLEANS = {"1": 1, "y": 1, "true": 1, "0": 0, "n": 0, "false": 0}


def select_names(marks: EntityMarks) -> tuple[str, ...]:
    """Names of the fields that there are, for the ``select`` of a list."""
    return tuple(definition.name for mark, definition in DEFINITIONS.items() if mark in marks.ids)


def columns(rows: Sequence[Row], marks: EntityMarks) -> Columns:
    """The ``mark_*`` columns of rows of ``crm.company.list`` or ``crm.contact.list``; empty where a
    field is absent, in the row or in the portal.
    """
    return {
        f"mark_{mark}": _column([row.get(definition.name) for row in rows], mark, marks)
        for mark, definition in DEFINITIONS.items()
    }


def empty_of(mark: str) -> Any:
    """What a column holds where a mark has no value."""
    if mark == "last_pay":
        return _NO_DAY
    return 0 if mark == "parent" else EMPTY


def fields(marks: EntityMarks, row: Mapping[str, Any], changed: int) -> dict[str, Any]:
    """REST values of the marks of an operation (``after_*``) whose bits are set in ``changed``: ids
    of options, days as YYYY-MM-DD, booleans as 1 and 0, ``""`` for no value and for a foreign one,
    which nobody could give back.

    Raises KeyError for a mark or an option that the portal does not have.
    """
    return {
        DEFINITIONS[mark].name: _rest_value(mark, row[f"after_{mark}"], marks)
        for bit, mark in enumerate(MARKS)
        if changed >> bit & 1
    }


def item_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """``fields`` in the forms that ``crm.item.update`` takes for what is meant.

    It takes a bare 0 for no value at all and 1 for no true one (reference §4.1).
    """
    forms: dict[str, Any] = dict(values)
    for definition in DEFINITIONS.values():
        value = forms.get(definition.name)
        if definition.user_type == "boolean" and isinstance(value, int):
            forms[definition.name] = "Y" if value else "N"
        elif definition.user_type == "integer" and value == 0:
            forms[definition.name] = "00"
    return forms


def _column(values: list[Any], mark: str, marks: EntityMarks) -> npt.NDArray[Any]:
    if mark == "last_pay":
        return _days(values)
    if mark not in marks.ids:
        return np.full(len(values), empty_of(mark), MARK_COLUMNS[f"mark_{mark}"])
    read = _reader(mark, marks)
    known: dict[str, int] = {}
    numbers = np.empty(len(values), MARK_COLUMNS[f"mark_{mark}"])
    for place, value in enumerate(values):
        # The same few values come again and again; repr tells 1 from true and texts from numbers.
        key = value if type(value) is str else repr(value) + " "
        number = known.get(key)
        if number is None:
            number = known[key] = empty_of(mark) if _is_empty(value, mark) else read(value)
        numbers[place] = number
    return numbers


def _is_empty(value: Any, mark: str) -> bool:
    """The old lists say ``""``, null, false or an empty list where a field has no value."""
    if value is None or value == "" or value == []:
        return True
    return value is False and DEFINITIONS[mark].user_type != "boolean"


def _reader(mark: str, marks: EntityMarks) -> Callable[[Any], int]:
    definition = DEFINITIONS[mark]
    if definition.options:
        ids = marks.options.get(mark, {})
        places = {str(ids[code]): i for i, code in enumerate(definition.options) if code in ids}
        return lambda value: places.get(str(value), FOREIGN)
    if definition.user_type == "boolean":
        return lambda value: _BOOLEANS.get(str(value).lower(), FOREIGN)
    return _parent if mark == "parent" else _count


def _parent(value: Any) -> int:
    """A company's id, with the prefix of companies or bare."""
    text = str(value).removeprefix(_COMPANY_PREFIX)
    return int(text) if _is_number(text) else FOREIGN


def _count(value: Any) -> int:
    text = str(value)
    return int(text) if _is_number(text) else FOREIGN


def _is_number(text: str) -> bool:
    """Whether an int64 holds it, with room to spare."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _days(values: list[Any]) -> npt.NDArray[Any]:
    """The calendar days that texts name; NaT for no date.

    A portal shows a day as a midnight in some offset, its own or UTC's: an evening is the midnight
    after it, seen from the west.
    """
    texts = [value if isinstance(value, str) and value else "NaT" for value in values]
    late = np.array([text[10:13] >= "T12" for text in texts], np.bool_)
    texts = [text[:10] for text in texts]
    try:
        days = np.array(texts, "M8[D]")
    except ValueError:
        days = np.array([_day(text) for text in texts], "M8[D]")
    return (days + late).astype("M8[s]")


def _day(text: str) -> np.datetime64:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return np.datetime64(datetime.strptime(text, form), "s")
        except ValueError:
            continue
    return _NO_DAY


def _rest_value(mark: str, value: Any, marks: EntityMarks) -> Any:
    if mark == "last_pay":
        day = np.datetime64(value, "D")
        return "" if np.isnat(day) else str(day)
    number = int(value)
    if number < 0 or number == empty_of(mark):
        return ""
    codes = tuple(DEFINITIONS[mark].options)
    return marks.options[mark][codes[number]] if codes else number

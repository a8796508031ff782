"""Texts of the portal's answers as columns: names, phones, e-mails and the like.

People and strangers wrote them: control characters and halves of characters are dropped, line
breaks become spaces, what is endless is cut. Signs of writing direction stay, they belong to
names. A text is never missing, only empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.object_]
"""Python strings."""

LONGEST = 500
"""Characters of a text that are kept."""
MOST_VALUES = 50
"""Values of a multi-field that are kept."""

_BLANKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def texts(values: Sequence[Any]) -> Texts:
    """One text per value; numbers as they are written, "" for null and whatever is no text."""
    return _column(_clean([_text(value) for value in values]))


def full_names(*parts: Sequence[Any]) -> Texts:
    """Names of several parts, which are given in the order in which they are read."""
    columns = [texts(part).tolist() for part in parts]
    names = [" ".join(filter(None, name)) for name in zip(*columns, strict=True)]
    return _column(_clean(names))


def joined_values(values: Sequence[Any]) -> Texts:
    """The values of multi-fields, those of one field joined by line breaks."""
    found: list[str] = []
    counts: list[int] = []
    for value in values:
        own = _values(value) if value else ()
        found += own
        counts.append(len(own))
    cleaned = iter(_clean(found))
    return _column(["\n".join(filter(None, islice(cleaned, count))) for count in counts])


def _values(value: Any) -> list[str]:
    """Texts in a multi-field, which comes as list or object."""
    entries = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(entries, list):
        return []
    return [_text(entry.get("VALUE")) for entry in entries[:MOST_VALUES] if isinstance(entry, dict)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and abs(value) < 2**63 else ""


def _clean(found: list[str]) -> list[str]:
    if "".join(found).isprintable() and max(map(len, found), default=0) <= LONGEST:
        return [text.strip() for text in found]
    return [_cleaned(text) for text in found]


def _cleaned(text: str) -> str:
    text = text[: 2 * LONGEST]
    if not text.isprintable():
        text = _UNWANTED.sub("", _BLANKS.sub(" ", text))
    return text.strip()[:LONGEST].rstrip()


def _column(found: list[str]) -> Texts:
    column: Texts = np.empty(len(found), object)
    column[:] = found
    return column

"""A list as text for spreadsheets that are set up for Russia: semicolons, decimal commas, a byte
order mark, days as 31.12.2024.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine.sheet import DATE, MONEY, NUMBER, Field

TYPE = "text/csv;charset=utf-8"
GUARD = "\t"
"""Before a text that a spreadsheet would take for a formula. Most programs that read such files
drop a tab at the edge; an apostrophe would stay.
"""
ROWS_AT_A_TIME = 2_000
"""After so many rows other work of the engine gets its turn."""

_FORMULA = re.compile(r"[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n]")
_PHONES = re.compile(
    r"\+?[0-9(][0-9 \u00a0()./\-]*(?:(?:доб|вн|ext)\.? ?[0-9]+)?"
    r"(?:, \+?[0-9(][0-9 \u00a0()./\-]*(?:(?:доб|вн|ext)\.? ?[0-9]+)?)*",
    re.IGNORECASE,
)


def disarmed(text: str) -> str:
    """A text that no spreadsheet computes; phones, such as +7 912 000-00-00, stay as they are."""
    if _FORMULA.match(text) and not _PHONES.fullmatch(text):
        return GUARD + text
    return text


async def separated(fields: Sequence[Field], rows: Iterable[Sequence[Any]]) -> bytes:
    """The file. Values are those of ``sheet.rows_of``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([disarmed(field.title) for field in fields])
    kinds = [field.kind for field in fields]
    for number, row in enumerate(rows, 1):
        writer.writerow([_text(kind, value) for kind, value in zip(kinds, row, strict=True)])
        if number % ROWS_AT_A_TIME == 0:
            await asyncio.sleep(0)
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _text(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == DATE:
        year, month, day = str(np.datetime64(value, "D")).rsplit("-", 2)
        return f"{day}.{month}.{year}"
    if kind == MONEY:
        return f"{value:.2f}".replace(".", ",")
    return str(value) if kind == NUMBER else disarmed(value)

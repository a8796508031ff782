"""A list as an Excel workbook: dates and numbers are such, text is never a formula."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from engine.sheet import DATE, MONEY, NUMBER, Field

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
"""Signs that a cell holds; Excel's own limit."""
WIDTHS = {DATE: 12, NUMBER: 12, MONEY: 15}
TEXT_WIDTH = 28
ROWS_AT_A_TIME = 500
"""After so many rows other work of the engine gets its turn."""
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_SIGNS = ("=", "+", "-", "@")
_FIRST_TRUE_DATE = 61
"""Excel believes that 29 February 1900, its day 60, has been."""
_EPOCH = 25_569
"""Excel's number of 1 January 1970."""


async def workbook(fields: Sequence[Field], rows: Iterable[Sequence[Any]]) -> bytes:
    """The file. Values are those of ``sheet.rows_of``."""
    import xlsxwriter  # large, and few need it

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    sheet = book.add_worksheet()
    heading = book.add_format({"bold": True, "bottom": 1})
    formats = {
        DATE: book.add_format({"num_format": 14}),  # as the reader's country writes dates
        MONEY: book.add_format({"num_format": 4}),
        NUMBER: book.add_format({"num_format": 1}),
    }
    # Text that begins like a formula stays text even after somebody has edited the cell.
    quoted = book.add_format({"quote_prefix": True})
    for column, field in enumerate(fields):
        sheet.set_column(column, column, WIDTHS.get(field.kind, TEXT_WIDTH))
        sheet.write_string(0, column, _cell(field.title), heading)
    last = 0
    for last, row in enumerate(rows, 1):
        for column, (field, value) in enumerate(zip(fields, row, strict=True)):
            if value is None or value == "":
                continue
            if field.kind not in formats:
                text = _cell(value)
                prefix = quoted if text[0] in _SIGNS else None
                sheet.write_string(last, column, text, prefix)
            elif field.kind == DATE and value + _EPOCH < _FIRST_TRUE_DATE:
                continue
            else:
                number = value + _EPOCH if field.kind == DATE else value
                sheet.write_number(last, column, number, formats[field.kind])
        if last % ROWS_AT_A_TIME == 0:
            await asyncio.sleep(0)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(fields) - 1)
    book.close()
    return buffer.getvalue()


def _cell(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text[:LONGEST_CELL])

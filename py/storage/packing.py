"""Tables as bytes and back: NumPy's own ``.npy`` form of a record array, no pickles, no objects.

Texts follow the records as UTF-8, column after column, each with an end that is part of no text; in
the records such a column is a field of no width.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

_END = "\0"
_TEXT = np.dtype("V0")
_STR = pd.StringDtype(na_value=np.nan)
"""What pandas calls ``str``; looked up by that name, it takes longer than small columns do."""


def pack(table: pd.DataFrame) -> bytes:
    """Bytes of a table whose columns are numbers, booleans, moments and texts.

    Raises ValueError for objects, and for texts that are missing or hold the character 0 or halves
    of characters.
    """
    columns = {str(name): column for name, column in table.items()}
    texts = [name for name, column in columns.items() if column.dtype == _STR]
    kinds = {name: _TEXT if name in texts else column.dtype for name, column in columns.items()}
    records = np.empty(len(table), [*kinds.items()])
    for name in kinds.keys() - set(texts):
        records[name] = columns[name].to_numpy()
    buffer = io.BytesIO()
    np.save(buffer, records, allow_pickle=False)
    return buffer.getvalue() + _encoded([columns[name].to_numpy() for name in texts])


def unpack(data: bytes) -> pd.DataFrame:
    """The table that :func:`pack` wrote; ValueError when the bytes are something else."""
    buffer = io.BytesIO(data)
    try:
        records = np.load(buffer, allow_pickle=False)
    except EOFError as error:
        raise ValueError("there are no bytes") from error
    fields = records.dtype.fields or {}
    kinds = {name: kind for name, (kind, *_) in fields.items()}
    texts = [name for name, kind in kinds.items() if kind == _TEXT]
    found = _decoded(buffer.read(), len(texts) * len(records))
    columns: dict[str, Any] = {name: np.ascontiguousarray(records[name]) for name in kinds}
    for place, name in enumerate(texts):
        own = found[place * len(records) : (place + 1) * len(records)]
        columns[name] = pd.array(own, dtype=_STR)
    return pd.DataFrame(columns, copy=False)


def _encoded(columns: Sequence[Any]) -> bytes:
    try:
        joined = _END.join(chain(*columns, ("",)))
    except TypeError as error:
        raise ValueError("a text is missing") from error
    if joined.count(_END) != sum(map(len, columns)):
        raise ValueError("a text holds the character 0")
    return joined.encode()


def _decoded(data: bytes, count: int) -> list[str]:
    *texts, rest = data.decode().split(_END)
    if rest or len(texts) != count:
        raise ValueError("texts are missing, or there are too many")
    return texts

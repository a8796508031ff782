"""Tables as bytes and back: NumPy's own ``.npy`` form of a record array, no pickles, no objects."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd


def pack(table: pd.DataFrame) -> bytes:
    """Bytes of a table whose columns are numbers, booleans and moments (no objects: raises
    ValueError).
    """
    buffer = io.BytesIO()
    np.save(buffer, table.to_records(index=False), allow_pickle=False)
    return buffer.getvalue()


def unpack(data: bytes) -> pd.DataFrame:
    """The table that :func:`pack` wrote; ValueError when the bytes are something else."""
    return pd.DataFrame(np.load(io.BytesIO(data), allow_pickle=False))

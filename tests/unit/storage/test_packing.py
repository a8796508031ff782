"""Tables survive the way into the store and back."""

import numpy as np
import pandas as pd
import pytest

from segmentation.types import SCHEMA, Base
from storage.packing import pack, unpack


@pytest.mark.parametrize("name", sorted(SCHEMA))
def test_an_empty_table_comes_back_with_its_columns_and_types(name: str) -> None:
    table = getattr(Base.empty(), name)
    back = unpack(pack(table))
    pd.testing.assert_frame_equal(back, table)


def test_large_ids_missing_moments_and_flags_come_back_unchanged() -> None:
    table = pd.DataFrame(
        {
            "id": np.array([1, 2**53 - 1], dtype="int64"),
            "created": np.array(["2024-02-29T23:59:59", "NaT"], dtype="datetime64[s]"),
            "has_chat": np.array([True, False]),
        }
    )
    pd.testing.assert_frame_equal(unpack(pack(table)), table)


def test_a_table_with_objects_is_refused_instead_of_pickled() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        pack(pd.DataFrame({"name": np.array(["a"], dtype=object)}))


def test_bytes_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError):
        unpack(b"not a table")

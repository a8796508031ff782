"""Tables survive the way into the store and back."""

import numpy as np
import pandas as pd
import pytest

from crm.tables import TABLES, table
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


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_empty_table_of_the_portal_comes_back_too(name: str) -> None:
    back = unpack(pack(table(name)))
    assert dict(back.dtypes.astype(str)) == TABLES[name]
    assert list(back.columns) == list(TABLES[name])


def test_endless_texts_and_signs_of_direction_come_back_unchanged() -> None:
    names = ["я" * 10_000, "\u202eabc\u200f", "<script>alert(1)</script>", "=1+1", "a\nb", ""]
    cards = pd.DataFrame({"name": pd.array(names, "str")})
    assert unpack(pack(cards))["name"].tolist() == names


@pytest.mark.parametrize("text", ["a\0b", "\ud800", None])
def test_a_text_that_cannot_be_kept_as_it_is_is_refused(text: str | None) -> None:
    with pytest.raises(ValueError):
        pack(pd.DataFrame({"name": pd.array(["a", text], "str")}))


def test_a_table_with_objects_is_refused_instead_of_pickled() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        pack(pd.DataFrame({"name": pd.Series(["a", 1], dtype=object)}))


def test_bytes_of_something_else_are_refused() -> None:
    data = pack(pd.DataFrame({"id": np.arange(9), "name": pd.array(["Ким"] * 9, "str")}))
    for end in range(len(data)):
        with pytest.raises(ValueError):
            unpack(data[:end])
    for damaged in (b"not a table", data + b"x", data + b"x\0", data[:-2] + b"\xff\0"):
        with pytest.raises(ValueError):
            unpack(damaged)

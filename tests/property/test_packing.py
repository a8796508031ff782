"""Texts of whatever kind survive the way into the store and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from storage.packing import pack, unpack

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)


@given(st.lists(st.tuples(TEXT, TEXT, st.integers(-(2**63), 2**63 - 1)), max_size=8))
def test_texts_of_any_kind_come_back_unchanged(rows: list[tuple[str, str, int]]) -> None:
    names, phones, ids = ([row[place] for row in rows] for place in range(3))
    columns = {"name": pd.array(names, "str"), "id": np.array(ids, "int64")}
    cards = pd.DataFrame({**columns, "phones": pd.array(phones, "str")})
    pd.testing.assert_frame_equal(unpack(pack(cards)), cards)

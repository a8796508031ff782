"""Marks against the oracle, on portals full of edges that hold anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property.mark_comparison import check_marks
from property.picking import picker
from property.portals import any_case
from property.test_segmentation import thorough

pytestmark = pytest.mark.thorough


@thorough
@given(st.data())
def test_marks_and_what_is_to_be_written_are_as_the_oracle_says(data: st.DataObject) -> None:
    pick = picker(data)
    check_marks(any_case(pick), pick)

"""The state of every client at every month, and who moved between months, on portals of edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property.past_comparison import check_past
from property.picking import picker
from property.portals import any_case
from property.test_segmentation import thorough

pytestmark = pytest.mark.thorough


@thorough
@given(st.data())
def test_the_past_is_as_the_oracle_says_and_nobody_is_lost_on_the_way(data: st.DataObject) -> None:
    pick = picker(data)
    check_past(any_case(pick), pick)

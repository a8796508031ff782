"""The next look against a look at everything, on portals full of edges and edits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property.picking import picker
from property.portals import any_case
from property.test_segmentation import thorough
from property.update_comparison import check_update

pytestmark = pytest.mark.thorough


@thorough
@given(st.data())
def test_the_next_look_says_what_a_look_at_everything_says(data: st.DataObject) -> None:
    pick = picker(data)
    check_update(any_case(pick), pick)

"""Amounts, last contacts and trials of limits, on portals full of edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property.list_comparison import check_list
from property.picking import picker
from property.portals import any_case
from property.test_segmentation import thorough

pytestmark = pytest.mark.thorough


@thorough
@given(st.data())
def test_amounts_last_contacts_and_trials_are_as_the_oracle_says(data: st.DataObject) -> None:
    pick = picker(data)
    check_list(any_case(pick), pick)

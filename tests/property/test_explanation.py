"""Explanations of every client, on portals full of edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property.explanation_comparison import check_explanations
from property.picking import picker
from property.portals import any_case
from property.test_segmentation import thorough

pytestmark = pytest.mark.thorough


@thorough
@given(st.data())
def test_the_segments_follow_from_the_evidence_alone(data: st.DataObject) -> None:
    pick = picker(data)
    check_explanations(any_case(pick), pick)

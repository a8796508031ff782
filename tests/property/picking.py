"""Choices that hypothesis makes, and makes smaller when a property fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from property.portals import Pick

T = TypeVar("T")


def picker(data: st.DataObject) -> Pick:
    """A chooser of options for the portals and edits of a property."""

    def pick(options: Sequence[T]) -> T:
        return data.draw(st.sampled_from(options))

    return pick

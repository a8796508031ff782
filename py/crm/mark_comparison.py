"""Operations held against what the portal holds now: what of them is still to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.mark_definitions import DEFINITIONS, MARKS
from crm.mark_values import empty_of

Bits = npt.NDArray[np.int16]
"""A number per row with the bit i set for MARKS[i]."""


@dataclass(frozen=True)
class Comparison:
    """For each row: whether there is such a company or contact; its changed marks that are not as
    they are to be (``undone``), and those of them that are not as they were expected before either
    (``disturbed``); what it holds (``held``, by mark).
    """

    there: npt.NDArray[np.bool_]
    undone: Bits
    disturbed: Bits
    held: Mapping[str, npt.NDArray[Any]]

    def held_by(self, row: int) -> dict[str, Any]:
        """The marks that one row's entity holds."""
        return {mark: column[row] for mark, column in self.held.items()}

    def left_of(self, operations: pd.DataFrame) -> pd.DataFrame:
        """Those operations that are still to be done, with their true images before."""
        images = {f"before_{mark}": column for mark, column in self.held.items()}
        left: pd.DataFrame = operations.assign(changed=self.undone, **images)[self.undone != 0]
        return left


def compare(operations: pd.DataFrame, present: pd.DataFrame) -> Comparison:
    """``present`` as ``mark_reader.read_marks`` gives it, of the operations' entities."""
    places = pd.Index(present["id"]).get_indexer(operations["id"].to_numpy())
    there = places >= 0
    held = {mark: operations[f"before_{mark}"].to_numpy(copy=True) for mark in MARKS}
    for mark, column in held.items():
        column[there] = present[f"mark_{mark}"].to_numpy()[places[there]]
    undone, disturbed = np.zeros(len(there), np.int16), np.zeros(len(there), np.int16)
    for bit, mark in enumerate(MARKS):
        changed = there & (operations["changed"].to_numpy() >> bit & 1).astype(bool)
        wanted = _as_written(mark, operations[f"after_{mark}"].to_numpy())
        left = changed & ~_same(mark, held[mark], wanted)
        expected = _same(mark, held[mark], operations[f"before_{mark}"].to_numpy())
        undone |= left.astype(np.int16) << bit
        disturbed |= (left & ~expected).astype(np.int16) << bit
    return Comparison(there, undone, disturbed, held)


def _as_written(mark: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What a portal holds after these were written: a foreign value is written as none."""
    return values if mark == "last_pay" else np.where(values < 0, empty_of(mark), values)


def _same(mark: str, held: npt.NDArray[Any], meant: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if mark == "last_pay":
        return np.asarray((held == meant) | (np.isnat(held) & np.isnat(meant)))
    if DEFINITIONS[mark].user_type == "boolean":
        # Written as empty, a portal's field of this type holds no; one never written holds neither.
        held = np.where((held == 0) & (meant == empty_of(mark)), meant, held)
    return np.asarray(held == meant)

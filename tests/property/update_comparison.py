"""What the next look says against a look at everything."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from property.comparison import analysed
from property.edits import changed_between, edited, once
from property.portals import Case, Pick
from segmentation import Analysis, Limits
from segmentation.update import reanalyse
from unit.segmentation.rows import base_of


def check_update(case: Case, pick: Pick) -> None:
    """Raises AssertionError where the two differ, also after several looks in a row."""
    before = replace(case, rows=once(case.rows))
    known = analysed(before)
    for _ in range(2):
        after = edited(before, pick)
        again = reanalyse(
            known,
            base_of(before.rows),
            base_of(after.rows),
            changed_between(before, after),
            after.now,
            after.timezone,
            Limits(*after.limits),
        )
        check_same(again, analysed(after))
        before, known = after, again


def check_same(one: Analysis, other: Analysis) -> None:
    """Raises AssertionError unless all is equal, dtypes and row numbers included."""
    pd.testing.assert_frame_equal(one.clients, other.clients, check_exact=True)
    pd.testing.assert_frame_equal(one.payments, other.payments, check_exact=True)
    assert one.growth.months == other.growth.months
    assert one.growth.days.tolist() == other.growth.days.tolist()
    for mode, segments in other.growth.modes.items():
        for code, counts in segments.items():
            assert one.growth.modes[mode][code].tolist() == counts.tolist(), (mode, code)
    assert one.counters == other.counters
    assert (one.calendar, one.limits) == (other.calendar, other.limits)

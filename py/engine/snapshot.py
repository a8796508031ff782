"""The base of the last complete refresh, with its segments and the marks that they call for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache, partial

import pandas as pd

from crm.mark_fields import MarkFields
from crm.mark_journal import DONE, DOUBTFUL, GONE, REFUSED
from engine import reading_facts
from engine.base import PortalBase
from engine.fills import Version
from segmentation.amounts import with_amounts
from segmentation.analysis import Analysis
from segmentation.marks import operations, wanted_marks
from segmentation.past import states_at
from storage.records import Run

MONTHS_KEPT = 3
"""A list looks at two months at most, a comparison with another one at one more."""


@dataclass(frozen=True)
class Snapshot:
    """A base with the record of how it came about."""

    run: Run
    base: PortalBase
    analysis: Analysis

    @property
    def version(self) -> Version:
        """Tells this base from later ones."""
        return self.run.id, self.run.sync

    def is_of(self, run: Run) -> bool:
        """Whether this is what a run has come to: its base, counted with its limits."""
        return self.version == (run.id, run.sync) and self.run.limits == run.limits

    @property
    def as_of(self) -> datetime:
        """The moment of the base, in the portal's time zone."""
        return datetime.fromisoformat(self.run.as_of)

    @property
    def mark_fields(self) -> MarkFields:
        """The fields that the base's marks were read from."""
        return reading_facts.from_json(self.run.facts).marks or MarkFields()

    @cached_property
    def wanted(self) -> dict[str, pd.DataFrame]:
        """What every company and contact ought to hold."""
        return wanted_marks(self.base.as_base(), self.analysis)

    @cached_property
    def payments(self) -> pd.DataFrame:
        """All payments with their amounts (``segmentation.amounts.with_amounts``)."""
        return with_amounts(self.base.as_base(), self.analysis.payments)

    @cached_property
    def states_at(self) -> Callable[[str], pd.DataFrame]:
        """``segmentation.past.states_at`` by month; those of the last months asked for are kept."""
        return lru_cache(MONTHS_KEPT)(partial(states_at, self.analysis))

    def differences(self, journal: pd.DataFrame) -> pd.DataFrame:
        """The operations that are to be written (``segmentation.marks.operations``).

        ``journal`` holds the rows of the fill under way: what it wrote since this base was read
        counts as present; whom the portal refused, or did not know any more, is left out, and so is
        who may have been written just now.
        """
        if journal.empty:
            return operations(self.wanted, self.base.tables)
        base = self.base.with_marks(journal[self.written_since(journal)])
        found = operations(self.wanted, base.tables)
        tried = journal.loc[journal["state"].isin([REFUSED, GONE, DOUBTFUL]), ["entity", "id"]]
        left_out = pd.MultiIndex.from_frame(found[["entity", "id"]]).isin(
            pd.MultiIndex.from_frame(tried)
        )
        return found[~left_out].reset_index(drop=True)

    def written_since(self, journal: pd.DataFrame) -> pd.Series:
        """Which rows of a journal were written since this base was read."""
        run, sync = self.version
        return (journal["run"] == run) & (journal["sync"] == sync) & (journal["state"] == DONE)


LoadSnapshot = Callable[[], Awaitable[Snapshot | None]]
"""The last complete base of the store, None before there is one."""
Sync = Callable[[], Awaitable[Snapshot]]
"""Takes in what has changed in the portal, own writes too."""

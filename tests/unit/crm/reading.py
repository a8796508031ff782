"""Reading a fake portal to its end, in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm.client import Portal
from crm.reader import MonthRead, Progress, read_months
from crm.survey import Survey, survey
from crm.tables import TABLES
from unit.crm.fake_portal import FakePortal
from unit.crm.virtual_time import VirtualClock, run


@dataclass
class Reading:
    """What came of it, the months put in order."""

    survey: Survey
    months: list[MonthRead] = field(default_factory=list)
    reports: list[Progress] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All months as one base."""
        return {
            name: pd.concat([month.tables[name] for month in self.months], ignore_index=True)
            for name in TABLES
        }


def portal_of(fake: FakePortal, **options: Any) -> Portal:
    """The reader's view of a fake portal; always the same chance."""
    chance = np.random.default_rng(1).random
    return Portal(fake, VirtualClock(), fake, chance=lambda: float(chance()), **options)


async def read(portal: Portal, wanted: Sequence[str] | None = None) -> Reading:
    """Survey and read."""
    started_s = portal.clock.monotonic_s()
    reading = Reading(await survey(portal))
    wanted = reading.survey.months if wanted is None else wanted
    async for month in read_months(portal, reading.survey, wanted, progress=reading.reports.append):
        reading.months.append(month)
    reading.months.sort(key=lambda month: month.month)
    reading.seconds = portal.clock.monotonic_s() - started_s
    return reading


def read_all(fake: FakePortal) -> Reading:
    """``read`` in a virtual loop of its own."""
    return run(read(portal_of(fake)))

"""Links that nobody tells of: REST binds contacts to companies without moving a date on either side
(reference §4), so links are compared, a part of them at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np
import pandas as pd

from crm.census import Range
from crm.convert import Ints
from crm.known import Known
from crm.sources import CONTACTS, LINKS
from crm.tables import PAGE_ROWS

PART_ROWS = 100 * PAGE_ROWS
"""So many linked contacts are compared at a time: all of them on most portals, the others take
their turns day by day. Whether a contact has a company at all is counted for all of them."""

SWEEP_ROWS = PART_ROWS // 5
"""So many of them are read in one go, beside the others."""


def part_of_the_day(known: Known, now: datetime) -> list[Range]:
    """Contacts whose links are to be compared now."""
    everybody = Range(LINKS, 0, known.last_id(CONTACTS), known.ids(LINKS))
    number = -(-len(everybody.ids) // PART_ROWS) or 1
    part = everybody.parts(number)[now.toordinal() % number]
    return part.parts(-(-len(part.ids) // SWEEP_ROWS) or 1)


def links_of(known: Known, column: str, ids: Collection[int] | Ints) -> pd.DataFrame:
    """Known links of these contacts or companies, each once."""
    links = known.tables.get("links")
    if links is None:
        return pd.DataFrame({name: np.array([], np.int64) for name in ("contact", "company")})
    wanted = np.fromiter(ids, np.int64, len(ids))
    return links[np.isin(links[column].to_numpy(), wanted)].drop_duplicates()


def differing(before: pd.DataFrame, now: pd.DataFrame) -> set[int]:
    """Contacts that have a link in one of two tables of links and not in the other."""
    both = before.merge(now.drop_duplicates(), how="outer", indicator=True)
    return set(both.loc[both["_merge"] != "both", "contact"].tolist())

"""An analysis as tables of plain numbers, which a store can keep, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

import numpy as np
import pandas as pd

from segmentation.analysis import Analysis
from segmentation.calendar import Calendar
from segmentation.counters import counters_of
from segmentation.growth import growth_of
from segmentation.ownership import Ownership
from segmentation.types import FREQUENCY, KINDS, LIFECYCLE, Base, Limits

CODES = {"kind": KINDS, "lifecycle": LIFECYCLE, "frequency": FREQUENCY}
"""Columns of clients that hold codes, kept as int8."""


def to_frames(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """`clients` and `payments` of an analysis, without categoricals."""
    clients = analysis.clients
    codes = {name: clients[name].cat.codes.to_numpy().astype(np.int8) for name in CODES}
    return {"clients": clients.assign(**codes), "payments": analysis.payments}


def from_frames(
    frames: Mapping[str, pd.DataFrame],
    base: Base,
    now: datetime,
    timezone: tzinfo,
    limits: Limits | None = None,
) -> Analysis:
    """The analysis of which `to_frames` made these, `analyse(base, now, timezone, limits)`.

    Raises ValueError when the clients are not those of the base.
    """
    limits = limits or Limits()
    base = base.deduplicated()
    clients, payments = frames["clients"], frames["payments"]
    if not _are_clients_of(clients, Ownership.of(base)):
        raise ValueError("the clients are those of another base")
    codes = {
        name: pd.Categorical.from_codes(clients[name].to_numpy(), categories=pd.Index(names))
        for name, names in CODES.items()
    }
    clients = clients.assign(**codes)
    calendar = Calendar.of(base, now, timezone)
    growth = growth_of(base, clients, payments, calendar, limits)
    return Analysis(clients, payments, growth, counters_of(growth), calendar, limits)


def _are_clients_of(clients: pd.DataFrame, ownership: Ownership) -> bool:
    companies, contacts = ownership.company_ids, ownership.contact_ids[ownership.is_client]
    return np.array_equal(clients["id"], np.append(companies, contacts))

"""The list of those clients of a segment whom one person may read, out of their marks (spec §5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.marked import Conditions, Marked
from engine.client_facts import asked_client
from engine.client_rows import CENTS, COLUMNS, ENTITIES, YES_NO
from engine.columns import Codes, Dates, Lists, Numbers, People, Words
from engine.listing import Listing
from engine.question import Clients, Flow, NoAnswer
from engine.search import Index
from segmentation.calendar import as_days, portal_days
from segmentation.types import FREQUENCY, KINDS, LIFECYCLE

_B2C = KINDS.index("b2c")
_B2C_ONLY = {"type": ("b2c",)}


def conditions_of(segment: Clients) -> tuple[Conditions | None, Conditions | None]:
    """What marks companies and contacts of a segment have; None for those that are not in it.
    Raises NoAnswer where no mark tells who that is.
    """
    if segment is None:
        return {}, _B2C_ONLY
    if isinstance(segment, Flow) or segment.month is not None:
        raise NoAnswer("past_not_marked")
    if segment.mode == 1:
        return (
            None if segment.code == "contacts" else {},
            None if segment.code == "companies" else {},
        )
    if segment.mode == 2:
        if segment.code not in ("b2c", "all"):
            raise NoAnswer("segment_not_marked")
        return (None if segment.code == "b2c" else {}), _B2C_ONLY
    mark = {"frequency" if segment.mode == 4 else "lifecycle": segment.codes}
    return mark, {**mark, **_B2C_ONLY}


def marked_listing(marked: Marked, names: Mapping[int, str], timezone: tzinfo) -> Listing:
    """The list; what no mark tells (amounts, last contacts, tax numbers) is empty."""
    tables = marked.tables
    clients = pd.concat([tables["companies"], tables["contacts"]], ignore_index=True)
    cards = pd.concat([tables["company_cards"], tables["contact_cards"]], ignore_index=True)
    texts = {name: cards[name].tolist() for name in ("name", "phones", "emails", "sites")}
    count, companies = len(clients), len(tables["companies"])
    is_company = np.arange(count) < companies
    is_b2c = (clients["mark_type"] == _B2C).to_numpy()
    kind = np.where(is_company, 0, np.where(is_b2c, _B2C, -1)).astype(np.int8)
    empty, nobody = [""] * count, np.full(count, -1, np.int8)
    unknown = np.full(count, np.nan)
    payments = clients["mark_payments"].to_numpy().astype(np.float64)
    listing = Listing(
        columns={
            "id": Numbers(clients["id"].to_numpy().astype(np.float64)),
            "entity": Codes((~is_company).astype(np.int8), ENTITIES),
            "name": Words(texts["name"]),
            "kind": Codes(kind, KINDS),
            "lifecycle": Codes(_known(clients["mark_lifecycle"]), LIFECYCLE),
            "frequency": Codes(_known(clients["mark_frequency"]), FREQUENCY),
            "with_contacts": Codes(nobody, YES_NO),
            "responsible": People(cards["responsible"].to_numpy(), names),
            "created": Dates(portal_days(clients["created"], timezone)),
            "last_payment": Dates(as_days(clients["mark_last_pay"])),
            "payments": Numbers(np.where(payments < 0, np.nan, payments)),
            "amount": Numbers(unknown, CENTS),
            "currency": Codes(nobody, [""]),
            "other_amounts": Lists({}, count),
            "last_contact": Dates(np.full(count, "NaT", "datetime64[D]")),
            "phone": Words(texts["phones"]),
            "email": Words(texts["emails"]),
            "inn": Words(empty),
        },
        index=Index([texts["name"], texts["emails"], texts["sites"]], phones=texts["phones"]),
        segment=lambda _: np.ones(count, np.bool_),
    )
    assert tuple(listing.columns) == COLUMNS
    return listing


def marked_client(listing: Listing, order: Mapping[str, Any]) -> dict[str, Any]:
    """What the marks in a list tell of a company or a contact, ready for JSON: ``row`` with its
    ``columns``. ``order`` is as in ``client_facts``. Raises BadQuestion and NoAnswer.
    """
    entity, number = asked_client(order)
    is_it = listing.columns["entity"].fits([entity])
    is_it &= listing.columns["id"].fits({"from": number, "to": number})
    rows = np.flatnonzero(is_it)
    if not len(rows):
        raise NoAnswer("reasons_need_base")
    return {"columns": list(COLUMNS), "row": listing.cells(rows[:1])[0]}


def _known(marks: pd.Series) -> NDArray[np.int8]:
    known: NDArray[np.int8] = np.maximum(marks.to_numpy(), -1).astype(np.int8)
    return known

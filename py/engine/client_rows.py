"""The list of all companies and contacts of a base (spec §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.convert import currency_name
from engine.columns import Codes, Column, Dates, Flags, Lists, Numbers, People, Words
from engine.listing import Listing
from engine.question import BadQuestion, Clients, Flow, Segment
from engine.search import Index
from engine.snapshot import Snapshot
from segmentation.amounts import amounts
from segmentation.calendar import as_days
from segmentation.last_contact import last_contact_days
from segmentation.ownership import Ownership
from segmentation.past import end_of, in_flow, in_segment
from segmentation.types import FREQUENCY, KINDS, LIFECYCLE, Base, EntityType

ENTITIES = ("company", "contact")
"""Codes of the column ``entity``, by their number."""
YES_NO = ("no", "yes")
COLUMNS = (
    "id",
    "entity",
    "name",
    "kind",
    "lifecycle",
    "frequency",
    "with_contacts",
    "responsible",
    "created",
    "last_payment",
    "payments",
    "amount",
    "currency",
    "other_amounts",
    "last_contact",
    "phone",
    "email",
    "inn",
)
"""All columns of a list, in their order."""
CENTS = 2


@dataclass
class _Segments:
    """Who is in a segment or a flow. Rows are companies, then contacts; ``clients`` has the client
    number of every row, ``own`` whether the row is that client itself.
    """

    snapshot: Snapshot
    clients: NDArray[np.intp]
    own: Flags
    is_company: Flags
    created: NDArray[np.datetime64]

    def __call__(self, segment: Clients) -> Flags:
        if segment is None:
            return self.own
        if isinstance(segment, Flow):
            before, after = self._at(segment.before), self._at(segment.after)
            found = in_flow(before, after, segment.state, segment.source, segment.target)
        elif segment.mode == 1:
            return self._of_entity(segment)
        else:
            found = in_segment(self._at(segment.month), segment.mode, segment.code)
        return self.own & found[self.clients]

    def _of_entity(self, segment: Segment) -> Flags:
        """Companies and contacts, those of companies too, are in the history from their creation
        on.
        """
        wanted = {
            "companies": self.is_company,
            "contacts": ~self.is_company,
            "all": np.ones(len(self.own), np.bool_),
        }[segment.code]
        if segment.month is None:
            return wanted
        return wanted & (self.created <= self._end_of(segment.month))

    def _end_of(self, month: str) -> np.datetime64:
        try:
            return end_of(self.snapshot.analysis, month)
        except ValueError as error:
            raise BadQuestion(month=month) from error

    def _at(self, month: str | None) -> pd.DataFrame:
        """The states at the end of a month, or today."""
        if month is None:
            return self.snapshot.analysis.clients.assign(exists=True)
        self._end_of(month)
        return self.snapshot.states_at(month)


def listing_of(snapshot: Snapshot, names: Mapping[int, str]) -> Listing:
    """The list of a snapshot; ``names`` are those of users, and may grow later."""
    base, analysis = snapshot.base.as_base().deduplicated(), snapshot.analysis
    ownership = Ownership.of(base)
    companies = len(base.companies)
    clients = np.append(np.arange(companies), ownership.contact_clients)
    own = np.append(np.ones(companies, np.bool_), ownership.is_client)
    is_company = np.arange(len(clients)) < companies
    created = np.concatenate(
        [
            analysis.calendar.days_or_first(table["created"])
            for table in (base.companies, base.contacts)
        ]
    )
    texts = _texts(snapshot)
    inns = _inns(base)
    listing = Listing(
        columns={
            "id": Numbers(np.append(base.companies["id"], base.contacts["id"]).astype(np.float64)),
            "entity": Codes((~is_company).astype(np.int8), ENTITIES),
            "name": Words(texts["name"]),
            **_segments(analysis.clients, clients, own, is_company),
            "responsible": People(texts["responsible"], names),
            "created": Dates(created),
            **_payments(snapshot, clients),
            "last_contact": Dates(last_contact_days(base, ownership, analysis.calendar)[clients]),
            "phone": Words(texts["phones"]),
            "email": Words(texts["emails"]),
            "inn": Words(inns),
        },
        index=Index([texts["name"], texts["emails"], texts["sites"], inns], phones=texts["phones"]),
        segment=_Segments(snapshot, clients, own, is_company, created),
    )
    assert tuple(listing.columns) == COLUMNS
    return listing


def _segments(
    clients: pd.DataFrame, of_row: NDArray[np.intp], own: Flags, is_company: Flags
) -> dict[str, Column]:
    """A company contact has the segments of its company, but is no client itself."""

    def codes(name: str) -> NDArray[np.int8]:
        return clients[name].cat.codes.to_numpy()[of_row].astype(np.int8)

    with_contacts = clients["with_contacts"].to_numpy()[of_row]
    return {
        "kind": Codes(np.where(own, codes("kind"), -1).astype(np.int8), KINDS),
        "lifecycle": Codes(codes("lifecycle"), LIFECYCLE),
        "frequency": Codes(codes("frequency"), FREQUENCY),
        "with_contacts": Codes(np.where(is_company, with_contacts, -1).astype(np.int8), YES_NO),
    }


def _payments(snapshot: Snapshot, of_row: NDArray[np.intp]) -> dict[str, Column]:
    """What the clients have paid, in the currency that most of them pay in; what they paid in
    others is told beside it.
    """
    clients = snapshot.analysis.clients
    paid = amounts(snapshot.payments)
    paid = paid[(paid["currency"] > 0) | (paid["amount"] != 0)]
    main = int(paid["currency"].mode().max()) if len(paid) else 0
    is_main = (paid["currency"] == main).to_numpy()
    total = np.full(len(clients), np.nan)
    total[paid["client"].to_numpy()[is_main]] = paid["amount"].to_numpy()[is_main]
    others: dict[int, list[Any]] = {}
    for client, currency, amount in zip(
        *(paid[name].to_numpy()[~is_main].tolist() for name in ("client", "currency", "amount")),
        strict=True,
    ):
        others.setdefault(client, []).append([currency_name(currency), round(amount, CENTS)])
    told = {row: others[client] for row, client in enumerate(of_row.tolist()) if client in others}
    is_paid = np.where(np.isnan(total), -1, 0).astype(np.int8)
    return {
        "last_payment": Dates(as_days(clients["last_payment_day"])[of_row]),
        "payments": Numbers(clients["payments"].to_numpy()[of_row].astype(np.float64)),
        "amount": Numbers(total[of_row], CENTS),
        "currency": Codes(is_paid[of_row], [currency_name(main)]),
        "other_amounts": Lists(told, len(of_row)),
    }


def _texts(snapshot: Snapshot) -> dict[str, Any]:
    """What the cards of companies, then contacts say; "" or 0 for who has no card."""
    parts: dict[str, list[Any]] = {}
    for table, cards in (("companies", "company_cards"), ("contacts", "contact_cards")):
        known = snapshot.base.tables[cards]
        rows = pd.Index(known["id"]).get_indexer(pd.Index(snapshot.base.tables[table]["id"]))
        for name in ("name", "phones", "emails", "sites", "responsible"):
            nothing = 0 if name == "responsible" else ""
            values = np.append(known[name].to_numpy(object), nothing)[rows]
            parts.setdefault(name, []).extend(values.tolist())
    return {**parts, "responsible": np.array(parts["responsible"], np.int64)}


def _inns(base: Base) -> list[str]:
    """Tax numbers of companies, then contacts; several ones in lines."""
    requisites = base.requisites[(base.requisites["inn"] != "").to_numpy()]
    found: dict[tuple[int, int], dict[str, None]] = {}
    for entity, owner, inn in zip(
        requisites["owner_type"].tolist(),
        requisites["owner"].tolist(),
        requisites["inn"].tolist(),
        strict=True,
    ):
        found.setdefault((entity, owner), {})[inn] = None
    texts: list[str] = []
    for entity, table in (
        (EntityType.COMPANY, base.companies),
        (EntityType.CONTACT, base.contacts),
    ):
        texts += ["\n".join(found.get((entity, owner), ())) for owner in table["id"].tolist()]
    return texts

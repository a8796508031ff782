"""Why a client is where it is: what decided, by which rule, and what comes next.

An explanation is a dictionary ready for JSON; days are 'YYYY-MM-DD' in the portal's time zone:

- `kind`, `id` of the client; its segments `type` (the same code as `kind`), `with_contacts`,
  `lifecycle` and `frequency` (spec §3.1, §3.3–§3.5);
- `today` of the look, and `limits`: `{"active_months", "dormant_months"}`;
- `reasons`: per `type`, `lifecycle` and `frequency` `{"rule": one of `RULES`, days and counts}`;
- `documents`: `{"entity": 2 | 31 | 5, "id", "day", "paid", "role": one of `ROLES`, "deal"}`, the
  newest first, and `documents_total`, which may be more than are told;
- `dialogs`, `contact_data`: `{what: how many}` of `DIALOGS` and `CONTACT_DATA`, where there is any;
- `changes`: `[{"day", "to"}]`, the lifecycle's stages that come if nothing happens;
- `would_change`: those of `ACTS` that would change the lifecycle or the frequency today.

The day of a 'payment' is that of the payment. A 'part_of_payment' is an invoice paid for the won
deal `deal` of the client, on its own day; of other roles `deal` is 0. Every other document is a
'request', on its day of creation; so is an invoice that is paid for another client's won deal
(spec §3.2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segmentation.analysis import Analysis
from segmentation.calendar import Calendar, Days, first_day_beyond, months_before
from segmentation.ownership import bound_contacts, rows_of
from segmentation.part import part_of
from segmentation.past import payments_of_client
from segmentation.payments import payment_days
from segmentation.touched import Owned
from segmentation.types import FREQUENCY, LIFECYCLE, Base, EntityType

Explanation = dict[str, Any]

RULES = {
    "type": ("company_with_contacts", "company_without_contacts", "contact_without_company"),
    "lifecycle": LIFECYCLE,
    "frequency": FREQUENCY,
}
"""Codes of the rules by the segment they decide on; a stage and a frequency have one rule each."""

DOCUMENT = ("entity", "id", "day", "paid", "role", "deal")
ROLES = ("payment", "part_of_payment", "request")
DIALOGS = ("company", "contact", "deal", "invoice", "lead", "chat")
"""What the client's activities are bound to, and open-line chats."""
CONTACT_DATA = ("company", "contact", "requisite", "bound_contact")
"""Who has phones and the like, requisites, contacts that are bound to the company."""
ACTS = ("payment", "request", "dialog", "contact_data")
"""What may happen to a client."""

DOCUMENTS_TOLD = 200


def explain(
    base: Base, analysis: Analysis, client: int, documents_told: int = DOCUMENTS_TOLD
) -> Explanation:
    """The explanation of one client, a row of `analysis.clients`; `analysis` is that of `base`.

    Where there are more documents than are told, payments go first: the newest two decide.
    """
    row, calendar = analysis.clients.iloc[client], analysis.calendar
    whole = Owned.of(base)
    part = part_of(whole, np.arange(len(analysis.clients)) == client)
    documents = _documents(part, payments_of_client(analysis.payments, client), calendar)
    is_company = row["kind"] == "b2b"
    contacts = int(bound_contacts(whole.base, int(row["id"])).sum()) if is_company else 0
    explanation = {
        "kind": row["kind"],
        "id": int(row["id"]),
        "type": row["kind"],
        "with_contacts": bool(row["with_contacts"]),
        "lifecycle": row["lifecycle"],
        "frequency": row["frequency"],
        "today": str(calendar.today),
        "limits": {
            "active_months": analysis.limits.active_months,
            "dormant_months": analysis.limits.dormant_months,
        },
        "documents": _told(documents, documents_told),
        "documents_total": len(documents),
        "dialogs": _dialogs(part),
        "contact_data": _contact_data(part) | _counted(bound_contact=contacts),
    }
    explanation["reasons"] = _reasons(explanation, documents)
    explanation["changes"] = _changes(explanation)
    explanation["would_change"] = [act for act in ACTS if _would_change(explanation, act)]
    return explanation


def replay(explanation: Explanation) -> dict[str, Any]:
    """`type`, `with_contacts`, `lifecycle` and `frequency` as they follow from the evidence.

    Looks at nothing else of the explanation but the kind, the day and the limits.
    """
    paid = [told["day"] for told in explanation["documents"] if told["role"] == "payment"]
    return {
        "type": explanation["kind"],
        "with_contacts": "bound_contact" in explanation["contact_data"],
        "lifecycle": _stage(explanation, paid),
        "frequency": "regular" if len(paid) > 1 else "first" if paid else "none",
    }


def _stage(explanation: Explanation, paid: list[str]) -> str:
    if paid:
        since = _limit_days(explanation)
        last = max(paid)
        if last >= since["active_since"]:
            return "active"
        return "dormant" if last >= since["dormant_since"] else "lost"
    if explanation["documents"]:
        return "requests"
    if explanation["dialogs"]:
        return "dialogs"
    return "contacts" if explanation["contact_data"] else "empty"


def _limit_days(explanation: Explanation) -> dict[str, str]:
    """The first days of payment that still make a client active, and dormant (spec §3.3)."""
    today, limits = np.datetime64(explanation["today"]), explanation["limits"]
    return {
        f"{stage}_since": str(months_before(today, limits[f"{stage}_months"]))
        for stage in ("active", "dormant")
    }


def _reasons(explanation: Explanation, documents: pd.DataFrame) -> dict[str, dict[str, Any]]:
    contacts = explanation["contact_data"].get("bound_contact", 0)
    company = "company_with_contacts" if contacts else "company_without_contacts"
    paid, asked = (
        np.datetime_as_string(np.sort(documents.loc[documents["role"] == role, "day"]), unit="D")
        for role in ("payment", "request")
    )
    if len(paid):
        decided: dict[str, Any] = {"last_payment": str(paid[-1]), **_limit_days(explanation)}
    elif len(asked):
        decided = {"requests": len(asked), "first_request": str(asked[0])}
    else:
        decided = {}
    payments = {"first_payment": str(paid[0]), "last_payment": str(paid[-1])} if len(paid) else {}
    return {
        "type": {"rule": company, "contacts": contacts}
        if explanation["type"] == "b2b"
        else {"rule": "contact_without_company"},
        "lifecycle": {"rule": explanation["lifecycle"], **decided},
        "frequency": {"rule": explanation["frequency"], "payments": len(paid), **payments},
    }


def _changes(explanation: Explanation) -> list[dict[str, str]]:
    """The stages that follow when no more payments come (spec §3.3)."""
    last = explanation["reasons"]["lifecycle"].get("last_payment")
    if last is None:
        return []
    ends = [
        (first_day_beyond(np.datetime64(last), explanation["limits"][months]), stage)
        for months, stage in (("active_months", "dormant"), ("dormant_months", "lost"))
    ]
    today = np.datetime64(explanation["today"])
    return [{"day": str(day), "to": stage} for day, stage in ends if day > today]


def _would_change(explanation: Explanation, act: str) -> bool:
    """Whether the client would be in another segment if this happened today."""
    happened = dict(explanation)
    if act in ("payment", "request"):
        document = {"role": act, "day": explanation["today"]}
        happened["documents"] = [*explanation["documents"], document]
    elif act == "dialog":
        happened["dialogs"] = {"chat": 1}
    else:
        happened["contact_data"] = {**explanation["contact_data"], "requisite": 1}
    return replay(happened) != replay(explanation)


def _documents(part: Owned, payments: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """All documents of the part's only client, columns as they are told, `day` being days."""
    deals, invoices = part.base.deals, part.base.invoices
    own_deals, own_invoices = (
        part.ownership.of_documents(documents) >= 0 for documents in (deals, invoices)
    )
    is_won = deals["won"].to_numpy()
    pays_deal, pays_own_deal = (
        invoices["paid"].to_numpy()
        & (rows_of(pd.Index(deals.loc[won, "id"]), invoices["deal"]) >= 0)
        for won in (is_won, is_won & own_deals)
    )
    parts = invoices[pays_own_deal]
    asked_deals = deals[own_deals & ~is_won]
    is_payment = invoices["paid"].to_numpy() & ~pays_deal
    asked_invoices = invoices[own_invoices & ~pays_own_deal & ~is_payment]
    return pd.concat(
        [
            _table("payment", payments["document_type"], payments["document"], payments["day"]),
            _table(
                "part_of_payment",
                parts["kind"],
                parts["id"],
                payment_days(parts["paid_at"], parts["created"], calendar),
                deal=parts["deal"],
            ),
            *(
                _table(
                    "request", kinds, asked["id"], calendar.days_or_first(asked["created"]), paid
                )
                for asked, kinds, paid in (
                    (asked_deals, int(EntityType.DEAL), False),
                    (asked_invoices, asked_invoices["kind"], asked_invoices["paid"]),
                )
            ),
        ],
        ignore_index=True,
    )


def _table(
    role: str,
    entity: int | pd.Series,
    ids: pd.Series,
    days: Days | pd.Series,
    paid: bool | pd.Series = True,
    deal: int | pd.Series = 0,
) -> pd.DataFrame:
    columns = {"entity": entity, "id": ids, "paid": paid, "deal": deal}
    size = len(ids)
    return pd.DataFrame(
        {name: np.broadcast_to(np.asarray(values), size) for name, values in columns.items()}
    ).assign(day=np.asarray(days).astype("datetime64[s]"), role=role)


def _told(documents: pd.DataFrame, at_most: int) -> list[dict[str, Any]]:
    """The newest documents, payments before parts of them and these before requests."""
    rank = documents["role"].map(ROLES.index).to_numpy(dtype=np.intp)
    age = -documents["day"].to_numpy().astype(np.int64)
    chosen = np.lexsort([documents["id"].to_numpy(), age, rank])[:at_most]
    told = documents.iloc[chosen[np.argsort(age[chosen], kind="stable")]]
    days = np.datetime_as_string(told["day"].to_numpy(), unit="D")
    columns = told.assign(day=days.tolist())[list(DOCUMENT)]
    return [dict(zip(DOCUMENT, row, strict=True)) for row in columns.itertuples(index=False)]


def _dialogs(part: Owned) -> dict[str, int]:
    """Activities of the part's only client by what they are bound to, and chats (spec §3.5)."""
    base, activities = part.base, part.base.activities
    deals, invoices = (
        documents[part.ownership.of_documents(documents) >= 0]
        for documents in (base.deals, base.invoices)
    )
    leads = pd.concat([base.companies["lead"], base.contacts["lead"]])
    return _counted(
        company=_bound_to(activities, EntityType.COMPANY, base.companies["id"]),
        contact=_bound_to(activities, EntityType.CONTACT, base.contacts["id"]),
        deal=_bound_to(activities, EntityType.DEAL, deals["id"]),
        invoice=sum(
            _bound_to(activities, kind, invoices.loc[invoices["kind"] == kind, "id"])
            for kind in (EntityType.SMART_INVOICE, EntityType.OLD_INVOICE)
        ),
        lead=_bound_to(activities, EntityType.LEAD, leads[leads > 0]),
        chat=int(base.companies["has_chat"].sum() + base.contacts["has_chat"].sum()),
    )


def _contact_data(part: Owned) -> dict[str, int]:
    """What the part's only client can be reached by, but for bound contacts (spec §3.5)."""
    base, requisites = part.base, part.base.requisites
    return _counted(
        company=int(base.companies["has_contact_data"].sum()),
        contact=int(base.contacts["has_contact_data"].sum()),
        requisite=_bound_to(requisites, EntityType.COMPANY, base.companies["id"])
        + _bound_to(requisites, EntityType.CONTACT, base.contacts["id"]),
    )


def _bound_to(bound: pd.DataFrame, entity_type: EntityType, owners: pd.Series) -> int:
    return int(((bound["owner_type"] == entity_type) & bound["owner"].isin(owners)).sum())


def _counted(**counts: int) -> dict[str, int]:
    """What there is any of."""
    return {name: count for name, count in counts.items() if count}

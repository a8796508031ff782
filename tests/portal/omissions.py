"""What a row leaves out and the platform fills in by itself, table by table (reference notes,
chapter 4).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from portal.dictionaries import PAID_INVOICE_CODE

_PROVIDERS: Final = {
    1: ("CRM_MEETING", "MEETING"),
    2: ("VOXIMPLANT_CALL", "CALL"),
    3: ("CRM_TASKS_TASK", "TASK"),
    4: ("CRM_EMAIL", "EMAIL"),
    6: ("CRM_TODO", "TODO"),
}

Row = dict[str, Any]


class Learnt(Protocol):
    """What is known of the portal by the rows read before. ``invoice_category``: the funnel of
    smart invoices that name none.
    """

    invoice_category: int

    def semantic(self, entity: str, code: str) -> str:
        """S, F or P of a stage."""


def _fill_contact_data(stored: Row) -> None:
    messengers = stored.get("IM", [])
    chats = [m for m in messengers if m["VALUE_TYPE"] == "IMOL" or m["VALUE"].startswith("imol|")]
    stored.setdefault("HAS_PHONE", "Y" if stored.get("PHONE") else "N")
    stored.setdefault("HAS_EMAIL", "Y" if stored.get("EMAIL") else "N")
    stored.setdefault("HAS_IMOL", "Y" if chats else "N")


def _fill_company(_: Learnt, stored: Row) -> None:
    _fill_contact_data(stored)


def _primary_and_all(stored: Row, primary: str, every: str) -> None:
    bound = stored.get(every, [])
    first = stored.get(primary) or (bound[0] if bound else 0)
    stored[primary] = first
    stored[every] = list(dict.fromkeys(([first] if first else []) + bound))


def _fill_contact(_: Learnt, stored: Row) -> None:
    _fill_contact_data(stored)
    _primary_and_all(stored, "COMPANY_ID", "COMPANY_IDS")


def _fill_deal(reader: Learnt, stored: Row) -> None:
    stage = stored.get("STAGE_ID", "")
    if prefix := re.match(r"C(\d+):", stage):
        stored.setdefault("CATEGORY_ID", int(prefix[1]))
    category = stored.get("CATEGORY_ID", 0)
    if not stage:
        code = {"S": "WON", "F": "LOSE"}.get(stored.get("STAGE_SEMANTIC_ID", ""), "NEW")
        stage = stored["STAGE_ID"] = f"C{category}:{code}" if category else code
    entity = f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
    stored.setdefault("STAGE_SEMANTIC_ID", reader.semantic(entity, stage))
    stored.setdefault("CLOSED", "N" if stored["STAGE_SEMANTIC_ID"] == "P" else "Y")


def _fill_lead(reader: Learnt, stored: Row) -> None:
    stored.setdefault(
        "STATUS_SEMANTIC_ID", reader.semantic("STATUS", stored.get("STATUS_ID", "NEW"))
    )


def _fill_invoice(reader: Learnt, stored: Row) -> None:
    stage = stored.get("stageId", "")
    if prefix := re.match(r"DT31_(\d+):", stage):
        stored.setdefault("categoryId", int(prefix[1]))
    stored.setdefault("categoryId", reader.invoice_category)
    stored.setdefault("stageId", f"DT31_{stored['categoryId']}:N")
    _primary_and_all(stored, "contactId", "contactIds")


def _fill_old_invoice(_: Learnt, stored: Row) -> None:
    if not stored.get("DATE_INSERT") and stored.get("DATE_BILL"):
        stored["DATE_INSERT"] = stored["DATE_BILL"]
    paid = stored.get("DATE_PAYED") or stored.get("STATUS_ID") == PAID_INVOICE_CODE
    stored.setdefault("PAYED", "Y" if paid else "N")


def _fill_activity(_: Learnt, stored: Row) -> None:
    stored.setdefault("TYPE_ID", 6)
    provider, kind = _PROVIDERS.get(stored["TYPE_ID"], ("", ""))
    if "PROVIDER_ID" not in stored:
        stored["PROVIDER_ID"] = provider
        stored.setdefault("PROVIDER_TYPE_ID", kind)
    stored.setdefault("STATUS", 2 if stored.get("COMPLETED") == "Y" else 1)


FILLERS: Final[dict[str, Callable[[Learnt, Row], None]]] = {
    "companies": _fill_company,
    "contacts": _fill_contact,
    "deals": _fill_deal,
    "leads": _fill_lead,
    "invoices": _fill_invoice,
    "old_invoices": _fill_old_invoice,
    "activities": _fill_activity,
}

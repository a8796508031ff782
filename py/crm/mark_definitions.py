"""The eight user fields of marks as they are to be on companies and on contacts (spec §3.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Labels = Mapping[str, str]
"""A text per language of the portal: ``ru`` and ``en``."""

COMPANY, CONTACT = 4, 3
ENTITIES: dict[str, int] = {"companies": COMPANY, "contacts": CONTACT}
"""Tables that carry marks, with the portal's numbers of their types."""
METHODS = {"companies": "crm.company", "contacts": "crm.contact"}


@dataclass(frozen=True)
class Definition:
    """One field as it is to be; ``options`` are codes with their labels, in the order of codes."""

    mark: str
    user_type: str
    labels: Labels
    options: Mapping[str, Labels] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The portal's name of the field."""
        return f"UF_CRM_{self.sign}"

    @property
    def sign(self) -> str:
        """XML_ID of the field, which says that it is ours; its name without the portal's prefix."""
        return f"CLB_{self.mark.upper()}"

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a field of the portal can hold the mark: neither type nor MULTIPLE can be changed
        afterwards.
        """
        return row.get("USER_TYPE_ID") == self.user_type and row.get("MULTIPLE") != "Y"


def _labels(ru: str, en: str) -> Labels:
    return {"ru": ru, "en": en}


DEFINITIONS: dict[str, Definition] = {
    definition.mark: definition
    for definition in (
        Definition(
            "parent",
            "crm",
            _labels("Родительская компания (Клиенты)", "Parent company (Clients)"),
            settings={"COMPANY": "Y", "CONTACT": "N", "LEAD": "N", "DEAL": "N"},
        ),
        Definition(
            "type",
            "enumeration",
            _labels("Тип клиента (Клиенты)", "Client type (Clients)"),
            options={"b2b": _labels("B2B", "B2B"), "b2c": _labels("B2C", "B2C")},
        ),
        Definition(
            "lifecycle",
            "enumeration",
            _labels("Жизненный цикл (Клиенты)", "Lifecycle (Clients)"),
            options={
                "active": _labels("Активные", "Active"),
                "dormant": _labels("Спящие", "Dormant"),
                "lost": _labels("Потерянные", "Lost"),
                "requests": _labels("С заявками", "With requests"),
                "dialogs": _labels("С диалогами", "With dialogs"),
                "contacts": _labels("С контактами", "With contact data"),
                "empty": _labels("Без контактов", "No contact data"),
            },
        ),
        Definition(
            "frequency",
            "enumeration",
            _labels("Частота продаж (Клиенты)", "Sales frequency (Clients)"),
            options={
                "regular": _labels("Постоянный клиент", "Regular client"),
                "first": _labels("Первая покупка", "First purchase"),
                "none": _labels("Нет оплат", "No payments"),
            },
        ),
        Definition(
            "last_pay",
            "date",
            _labels("Дата последней оплаты (Клиенты)", "Last payment date (Clients)"),
        ),
        Definition(
            "payments",
            "integer",
            _labels("Количество оплат (Клиенты)", "Number of payments (Clients)"),
        ),
        Definition(
            "dialogs", "boolean", _labels("Наличие диалогов (Клиенты)", "Has dialogs (Clients)")
        ),
        Definition(
            "contacts",
            "boolean",
            _labels("Наличие контактов для связи (Клиенты)", "Has contact data (Clients)"),
        ),
    )
}
"""The fields by mark, in the order in which marks are named everywhere."""

MARKS: tuple[str, ...] = tuple(DEFINITIONS)

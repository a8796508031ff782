"""Stages and funnels that a portal has before anybody touches them (reference notes, chapter 4).

Rows are in the stored forms of :mod:`portal.schema`: ``statuses`` without their ID, ``categories``
whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

DEAL: Final = 2
SMART_INVOICE: Final = 31
PAID_INVOICE_CODE: Final = "P"

# code, name, semantics, colour
Stage = tuple[str, str, str, str]

DEAL_STAGES: Final[tuple[Stage, ...]] = (
    ("NEW", "Новая", "", "#39A8EF"),
    ("PREPARATION", "Подготовка документов", "", "#2FC6F6"),
    ("PREPAYMENT_INVOICE", "Счёт на предоплату", "", "#55D0E0"),
    ("EXECUTING", "В работе", "", "#47E4C2"),
    ("FINAL_INVOICE", "Финальный счёт", "", "#FFA900"),
    ("WON", "Сделка успешна", "S", "#7BD500"),
    ("LOSE", "Сделка провалена", "F", "#FF5752"),
    ("APOLOGY", "Анализ причины провала", "F", "#FF5752"),
)
INVOICE_STAGES: Final[tuple[Stage, ...]] = (
    ("N", "Новый", "", "#2FC6F6"),
    ("S", "Отправлен клиенту", "", "#55D0E0"),
    ("P", "Оплачен", "S", "#7BD500"),
    ("D", "Не оплачен", "F", "#FF5752"),
)
LEAD_STATUSES: Final[tuple[Stage, ...]] = (
    ("NEW", "Не обработан", "", "#2FC6F6"),
    ("IN_PROCESS", "В работе", "", "#55D0E0"),
    ("PROCESSED", "Обработан", "", "#47E4C2"),
    ("CONVERTED", "Качественный лид", "S", "#7BD500"),
    ("JUNK", "Некачественный лид", "F", "#FF5752"),
)
_PLAIN: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "SOURCE": (
        ("CALL", "Звонок"),
        ("EMAIL", "Электронная почта"),
        ("WEB", "Веб-сайт"),
        ("ADVERTISING", "Реклама"),
        ("PARTNER", "Существующий клиент"),
        ("RECOMMENDATION", "По рекомендации"),
        ("TRADE_SHOW", "Выставка"),
        ("WEBFORM", "CRM-форма"),
        ("OTHER", "Другое"),
    ),
    "COMPANY_TYPE": (
        ("CUSTOMER", "Клиент"),
        ("SUPPLIER", "Поставщик"),
        ("COMPETITOR", "Конкурент"),
        ("PARTNER", "Партнёр"),
        ("OTHER", "Другое"),
    ),
    "CONTACT_TYPE": (
        ("CLIENT", "Клиенты"),
        ("SUPPLIER", "Поставщики"),
        ("PARTNER", "Партнёры"),
        ("OTHER", "Другое"),
    ),
    "INDUSTRY": (
        ("IT", "Информационные технологии"),
        ("TELECOM", "Телекоммуникации"),
        ("MANUFACTURING", "Производство"),
        ("BANKING", "Банковские услуги"),
        ("CONSULTING", "Консалтинг"),
        ("FINANCE", "Финансы"),
        ("DELIVERY", "Доставка"),
        ("OTHER", "Другое"),
    ),
    "DEAL_TYPE": (
        ("SALE", "Продажа"),
        ("COMPLEX", "Комплексная продажа"),
        ("GOODS", "Продажа товара"),
        ("SERVICES", "Продажа услуги"),
        ("SERVICE", "Обслуживание"),
    ),
}


def default_semantic(code: str) -> str:
    """S, F or P that the platform's own stage codes mean: ``C5:WON`` S, ``LOSE`` F, ``NEW`` P."""
    bare = code.rsplit(":", 1)[-1]
    if bare in ("WON", "CONVERTED"):
        return "S"
    return "F" if bare in ("LOSE", "APOLOGY", "JUNK") else "P"


def stage_rows(
    entity: str, stages: Iterable[Stage], prefix: str = "", category: int = 0
) -> Iterator[dict[str, Any]]:
    """Rows of ``statuses`` for one funnel; ``prefix`` stands before each code (``C5:``)."""
    for place, (code, name, semantics, color) in enumerate(stages, start=1):
        yield {
            "ENTITY_ID": entity,
            "STATUS_ID": prefix + code,
            "NAME": name,
            "SORT": place * 10,
            "CATEGORY_ID": category,
            "SEMANTICS": semantics,
            "COLOR": color,
        }


def deal_stage_rows(
    category: int, stages: Iterable[Stage] = DEAL_STAGES
) -> Iterator[dict[str, Any]]:
    """Stages of one deal funnel; the default funnel is 0 and has no prefix."""
    if category:
        return stage_rows(f"DEAL_STAGE_{category}", stages, f"C{category}:", category)
    return stage_rows("DEAL_STAGE", stages)


def invoice_stage_rows(
    category: int, stages: Iterable[Stage] = INVOICE_STAGES
) -> Iterator[dict[str, Any]]:
    """Stages of one funnel of smart invoices."""
    return stage_rows(f"SMART_INVOICE_STAGE_{category}", stages, f"DT31_{category}:", category)


def common_status_rows() -> Iterator[dict[str, Any]]:
    """Lead statuses, old invoice statuses and the plain directories."""
    yield from stage_rows("STATUS", LEAD_STATUSES)
    yield from stage_rows("INVOICE_STATUS", INVOICE_STAGES)
    for entity, choices in _PLAIN.items():
        yield from stage_rows(entity, ((code, name, "", "") for code, name in choices))


def category_row(entity_type: int, category: int, name: str, is_default: bool) -> dict[str, Any]:
    """A funnel of deals (2) or smart invoices (31)."""
    return {
        "id": category,
        "name": name,
        "sort": 100 + category,
        "entityTypeId": entity_type,
        "isDefault": "Y" if is_default else "N",
    }

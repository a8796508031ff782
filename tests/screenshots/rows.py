"""Rows of made portals: a CRM in its first month, and names that mean harm."""

from __future__ import annotations

from typing import Any

Rows = dict[str, list[dict[str, Any]]]
"""Rows by table, as the REST lists return them."""

FEW: Rows = {
    "companies": [
        {"ID": "1", "TITLE": "ООО «Первая»", "DATE_CREATE": "2026-11-03T10:00:00+03:00"},
        {"ID": "2", "TITLE": "ИП Вторых", "DATE_CREATE": "2026-11-10T10:00:00+03:00"},
    ],
    "contacts": [
        {
            "ID": "1",
            "NAME": "Анна",
            "LAST_NAME": "Первая",
            "COMPANY_IDS": [1],
            "DATE_CREATE": "2026-11-03T10:05:00+03:00",
        },
        {"ID": "2", "NAME": "Пётр", "DATE_CREATE": "2026-11-12T10:00:00+03:00"},
        {"ID": "3", "NAME": "Ольга", "DATE_CREATE": "2026-11-18T10:00:00+03:00"},
    ],
    "deals": [
        {
            "ID": "1",
            "COMPANY_ID": "1",
            "STAGE_ID": "WON",
            "OPPORTUNITY": "12000.00",
            "CURRENCY_ID": "RUB",
            "CLOSEDATE": "2026-11-14T03:00:00+03:00",
            "DATE_CREATE": "2026-11-05T10:00:00+03:00",
        }
    ],
}
HARM = "злой"
"""A word that all harmful names share, to find them by."""
_NAMES = (
    f'<img src=x onerror="document.title=1"><script>alert(1)</script> {HARM}',
    f'=HYPERLINK("http://example.com";"{HARM}")',
    f"\u202eпереворот {HARM} عبد الله",
    f"{HARM} " + "Щ" * 10_000,
    f"{HARM}\t\r\n   много     пробелов",
)
_CONTACT_DATA = {"PHONE": [{"VALUE": "<b>+7 900</b>" + "0" * 300, "VALUE_TYPE": "WORK"}]}
HARMFUL: Rows = {
    "companies": [
        {
            "ID": str(900_001 + number),
            "TITLE": name,
            "DATE_CREATE": "2025-03-01T10:00:00+03:00",
            **_CONTACT_DATA,
        }
        for number, name in enumerate(_NAMES)
    ],
    "contacts": [
        {
            "ID": str(900_001 + number),
            "NAME": name,
            "LAST_NAME": name,
            "COMPANY_IDS": [900_001],
            "DATE_CREATE": "2025-03-01T10:00:00+03:00",
        }
        for number, name in enumerate(_NAMES)
    ],
    "deals": [
        {
            "ID": str(900_001 + number),
            "COMPANY_ID": "900001",
            "STAGE_ID": "WON",
            "OPPORTUNITY": "123456789012.34",
            "CURRENCY_ID": "RUB",
            "CLOSEDATE": f"2026-0{number + 1}-14T03:00:00+03:00",
            "DATE_CREATE": "2025-10-01T10:00:00+03:00",
        }
        for number in range(4)
    ],
}

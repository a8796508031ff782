"""A portal in which every text that a stranger may write is meant to do harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HARM = "window.harmed = 1"
"""What every script in a name does."""
MARKUP = f"<b class='harm'>жирно</b><img src='x' class='harm' onerror='{HARM}'>"
SCRIPT = f"<script class='harm'>{HARM}</script>"
FORMULAS = ("=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1", "=HYPERLINK(1)")
SPOOFS = (
    "\u202eоборот\u202c конец",
    "שלום עולם",
    "Ро\u200bмаш\u200dка\ufeff",
    "\u2066изоляция",
    "👩‍👩‍👧‍👦 Семья 🧨",
)
LONG = "Й" * 10_000
BLANK = "   \u00a0 "
NAMES = (MARKUP, SCRIPT, f"javascript:{HARM}", *FORMULAS, *SPOOFS, LONG, BLANK)
PHONES = ("+7 (912) 345-67-89", "8 800 555-35-35", "+49 30 901820", f"+7{MARKUP}", "=1+1")
PHONES_AS_THEY_ARE = PHONES[:3]
AUTHOR = 7
"""Who is responsible for all, and imported it within minutes."""
BYSTANDERS = 80
"""So many that the import is a step of the chart."""


def write(folder: Path) -> None:
    """Write the folder that ``--data`` takes: everybody in one company, deals of all of them."""
    facts = {"now": "2026-06-15T12:00:00+03:00", "timezone": "+03:00", "admin": 1}
    (folder / "portal.json").write_text(json.dumps(facts), "utf-8")
    users = [
        {"ID": 1, "NAME": "Анна", "LAST_NAME": "Админ", "ADMIN": True},
        {"ID": AUTHOR, "NAME": MARKUP, "LAST_NAME": SCRIPT},
    ]
    companies = [_client(n, {"TITLE": _name(n)}) for n in range(len(NAMES) + BYSTANDERS)]
    contacts = [
        _client(n, {"NAME": _name(n), "LAST_NAME": _name(n + 1), "COMPANY_IDS": _companies(n)})
        for n in range(len(NAMES))
    ]
    deals = [
        {
            "ID": n + 1,
            "TITLE": name,
            "COMPANY_ID": n + 1,
            "STAGE_ID": "WON",
            "STAGE_SEMANTIC_ID": "S",
            "OPPORTUNITY": "1500.50",
            "CURRENCY_ID": "RUB",
            "DATE_CREATE": "2026-05-02T10:00:00+03:00",
            "CLOSEDATE": "2026-05-03T10:00:00+03:00",
            "ASSIGNED_BY_ID": AUTHOR,
        }
        for n, name in enumerate(NAMES)
    ]
    tables = {"users": users, "companies": companies, "contacts": contacts, "deals": deals}
    for table, rows in tables.items():
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{table}.jsonl").write_text("\n".join(lines), "utf-8")


def _name(n: int) -> str:
    return NAMES[n] if n < len(NAMES) else f"Компания {n}"


def _companies(n: int) -> list[int]:
    """A third of the contacts are of the first company."""
    return [1] if n % 3 == 0 else []


def _client(n: int, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "ID": n + 1,
        **facts,
        "DATE_CREATE": f"2026-04-07T10:{n // 60:02}:{n % 60:02}+03:00",
        "ASSIGNED_BY_ID": AUTHOR,
        "CREATED_BY_ID": AUTHOR,
        "PHONE": [{"VALUE": PHONES[n % len(PHONES)]}],
        "EMAIL": [{"VALUE": NAMES[n % len(NAMES)][:200]}],
        "WEB": [{"VALUE": NAMES[(n + 1) % len(NAMES)][:200]}],
    }

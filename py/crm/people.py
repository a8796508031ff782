"""Names of the portal's employees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm.client import Portal
from crm.convert import whole_number
from crm.errors import AccessDenied, MethodMissing, ScopeMissing
from crm.query import Command

_A_PAGE = 50


async def names_of(portal: Portal, ids: Iterable[int]) -> dict[int, str]:
    """Names by id, of dismissed people too; who is not known, or has no name, is left out.

    Nothing at all where the app may not read users (scope ``user``). Raises a PortalError.
    """
    wanted = sorted({each for each in ids if each > 0})
    commands = [
        Command.of("user.get", {"FILTER": {"@ID": wanted[start : start + _A_PAGE]}})
        for start in range(0, len(wanted), _A_PAGE)
    ]
    names: dict[int, str] = {}
    for answered in await portal.batch(commands):
        if isinstance(answered.error, ScopeMissing | MethodMissing | AccessDenied):
            return {}
        rows = answered.get()
        for row in rows if isinstance(rows, list) else ():
            number = whole_number(row.get("ID")) if isinstance(row, dict) else 0
            if number and (name := _name(row)):
                names[number] = name
    return names


def _name(row: dict[str, Any]) -> str:
    """Name and surname, or the address where a person has none (rights decide what comes)."""
    parts = (row.get("NAME"), row.get("LAST_NAME"))
    return " ".join(str(part).strip() for part in parts if part) or str(row.get("EMAIL") or "")

"""The app's own options on the portal: small values that every user reads and administrators set.

They need no permission and no storage, and come to the page with the portal's first answer, so they
are to be few.
"""

from __future__ import annotations

from typing import Any

from crm.client import Portal


async def load(portal: Portal, name: str) -> Any:
    """The value of an option; None when it was never set. Raises a PortalError."""
    value = await portal.call("app.option.get", {"option": name})
    # PHP gives other kinds of nothing too.
    return None if value in ("", False) or value == [] else value


async def save(portal: Portal, name: str, value: str) -> None:
    """Set an option; for administrators. Raises a PortalError."""
    await portal.call("app.option.set", {"options": {name: value}})

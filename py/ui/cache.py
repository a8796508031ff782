"""The last counters and charts, read from the browser's database before the engine is up."""

import asyncio

from pyscript import window
from pyscript.js_modules import idb

from storage.layout import CURRENT, DATABASE_VERSION, VIEWS, database_name, upgrade
from ui.dom import guarded

PATIENCE_S = 3
"""A database that another tab is just changing may block; the engine will send the view anyway."""


async def load_view(portal: str, user_id: str) -> str | None:
    """JSON text of the view of one user of one portal (host, with its port if any), or None.

    Inside a portal's frame the browser may refuse storage, and a database may be damaged or of a
    newer version: all of that means no view here; the engine meets the same and tells it.
    """
    try:
        return await asyncio.wait_for(_load(portal, user_id), PATIENCE_S)
    except Exception:
        return None


async def storage_is_refused() -> bool:
    """Whether the browser gives this page no database at all."""
    try:
        database = await asyncio.wait_for(guarded(idb.openDB, "client-segmentation"), PATIENCE_S)
    except Exception:
        return True
    database.close()
    return False


async def _load(portal: str, user_id: str) -> str | None:
    options = window.Object.new()
    options.upgrade = lambda database, old_version, *rest: upgrade(database, old_version)
    database = await guarded(idb.openDB, database_name(portal, user_id), DATABASE_VERSION, options)
    try:
        text = await database.get(VIEWS, CURRENT)
    finally:
        database.close()
    return text if isinstance(text, str) else None

"""Names and shape of the browser's database; the engine works in it, the page reads the last view.

The page runs MicroPython, the engine Pyodide, so this module uses nothing but plain Python.
One database belongs to one portal and one user: neither sees what the other has read.
"""

from typing import Any

DATABASE_VERSION = 2

RUNS = "runs"
"""Key ``current``: JSON text of the refresh under way, or of the last one that was finished."""
MONTHS = "months"
"""Key ``[run id, month]``: object of packed tables, ``{table: Uint8Array}``."""
VIEWS = "views"
"""Key ``current``: JSON text of the counters and charts that were last complete or, in a first run,
so far read.
"""
CHANGES = "changes"
"""Key ``[run id, number]``: what one sync found changed, ``{table: Uint8Array}``."""
JOURNAL = "journal"
"""Key ``[fill id, number]``: one batch of marks with what was there before, ``Uint8Array``."""
FACTS = "facts"
"""Key is the fact's name: JSON text, such as the closed months or the fill of marks under way."""
CURRENT = "current"
FILL = "fill"
"""The fact that tells how the last fill of marks stands; written together with its batches."""


def database_name(portal: str, user_id: str) -> str:
    """Name of the database of one user of one portal; ``portal`` is the host (and port)."""
    return "client-segmentation|" + portal + "|" + user_id


def upgrade(database: Any, old_version: int) -> None:
    """Bring an older (or new, version 0) database to ``DATABASE_VERSION``, step by step."""
    if old_version < 1:
        for name in (RUNS, MONTHS, VIEWS):
            database.createObjectStore(name)
    if old_version < 2:
        for name in (CHANGES, JOURNAL, FACTS):
            database.createObjectStore(name)

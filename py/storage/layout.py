"""Names and shape of the browser's database; read by the engine and, for the last view, by the page.

The page runs MicroPython, the engine Pyodide, so this module uses nothing but plain Python.
One database belongs to one portal and one user: neither sees what the other has read.
"""

DATABASE_VERSION = 1

RUNS = "runs"
"""Key ``current``: JSON text of the refresh under way, or of the last one that was finished."""
MONTHS = "months"
"""Key ``[run id, month]``: object of packed tables, ``{table: Uint8Array}``."""
VIEWS = "views"
"""Key ``current``: JSON text of the counters and charts that were last complete or, in a first run, so far read."""
CURRENT = "current"


def database_name(portal, user_id):  # type: ignore[no-untyped-def]  # MicroPython has no typing
    """Name of the database of one user of one portal; ``portal`` is the host with its port, if any."""
    return "client-segmentation|" + portal + "|" + str(user_id)


def upgrade(database, old_version):  # type: ignore[no-untyped-def]  # MicroPython has no typing
    """Bring an older (or new, version 0) database to ``DATABASE_VERSION``, one step a version."""
    if old_version < 1:
        for name in (RUNS, MONTHS, VIEWS):
            database.createObjectStore(name)

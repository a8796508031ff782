"""The portal's data: one SQLite file with the tables of ``schema.TABLES`` and the portal's own
facts.

Rows are kept in the internal forms that ``schema`` describes (unix seconds, ``Y``/``N``, JSON
texts). Loading is two steps: any number of ``insert`` calls, then ``build_indexes`` once.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from zlib import crc32

from portal.schema import APP_TABLES, SQL_TYPES, TABLES, primary_key

DEFAULT_SETTINGS: Final[dict[str, Any]] = {
    "now": None,
    "timezone": "+03:00",
    "admin": 1,
    "name": "Portal",
}

FIRST_NEW_MULTIFIELD_ID: Final = 100_000_000

_PRAGMAS: Final = (
    "PRAGMA synchronous=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-131072",
    "PRAGMA mmap_size=1073741824",
)

_INDEXES: Final = {
    "companies": ("DATE_CREATE", "DATE_MODIFY", "LEAD_ID"),
    "contacts": ("DATE_CREATE", "DATE_MODIFY", "COMPANY_ID", "LEAD_ID"),
    "deals": ("DATE_CREATE", "DATE_MODIFY", "CLOSEDATE", "COMPANY_ID", "CONTACT_ID"),
    "invoices": ("createdTime", "updatedTime", "movedTime", "companyId", "contactId", "parentId2"),
    "old_invoices": ("DATE_INSERT", "DATE_UPDATE", "UF_COMPANY_ID", "UF_CONTACT_ID"),
    "activities": ("CREATED", "LAST_UPDATED", "OWNER_ID"),
    "requisites": ("ENTITY_ID", "DATE_MODIFY"),
    "leads": ("DATE_CREATE", "DATE_MODIFY", "COMPANY_ID", "CONTACT_ID"),
    "statuses": ("ENTITY_ID",),
}

# A contact's companies, its primary one first; triggers keep them true once they are indexed.
_LINKS_OF_CONTACT: Final = """
    INSERT OR IGNORE INTO links (contact, company, sort, is_primary)
    SELECT ID, COMPANY_ID, 10, 'Y' FROM contacts WHERE COMPANY_ID > 0 {only};
    INSERT OR IGNORE INTO links (contact, company, sort, is_primary)
    SELECT contacts.ID, CAST(item.value AS INTEGER), (item.key + 2) * 10, 'N'
    FROM contacts, json_each(contacts.COMPANY_IDS) AS item WHERE item.value > 0 {only};
"""
_LINKS: Final = f"""
    CREATE TABLE IF NOT EXISTS links (
        contact INTEGER NOT NULL, company INTEGER NOT NULL, sort INTEGER NOT NULL,
        is_primary TEXT NOT NULL, PRIMARY KEY (contact, company)
    ) WITHOUT ROWID;
    DELETE FROM links;
    {_LINKS_OF_CONTACT.format(only="")}
    CREATE INDEX IF NOT EXISTS links_company ON links (company);
    CREATE TRIGGER IF NOT EXISTS links_added AFTER INSERT ON contacts BEGIN
        DELETE FROM links WHERE contact = NEW.ID;
        {_LINKS_OF_CONTACT.format(only="AND contacts.ID = NEW.ID")}
    END;
    CREATE TRIGGER IF NOT EXISTS links_changed AFTER UPDATE OF COMPANY_ID, COMPANY_IDS ON contacts
    BEGIN
        DELETE FROM links WHERE contact = NEW.ID;
        {_LINKS_OF_CONTACT.format(only="AND contacts.ID = NEW.ID")}
    END;
    CREATE TRIGGER IF NOT EXISTS links_gone AFTER DELETE ON contacts BEGIN
        DELETE FROM links WHERE contact = OLD.ID;
    END;
"""


class Database:
    """One portal's tables. Not for several threads at once.

    ``settings`` holds ``now`` (unix seconds, None = real clock), ``timezone`` (``+03:00``),
    ``admin`` (id of the administrator), ``name`` (of the portal); change it freely,
    ``save_settings`` keeps it.
    """

    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection
        self.settings: dict[str, Any] = dict(DEFAULT_SETTINGS)

    @classmethod
    def create(cls, path: str | None) -> Database:
        """Open ``path``, made when missing; None means a temporary file that goes with the
        connection.
        """
        # SQLite takes an empty name for a temporary file of its own.
        connection = sqlite3.connect(path or "", isolation_level=None, check_same_thread=False)
        with closed_on_failure(connection):
            _prepare(connection, kept=bool(path))
            database = cls(connection)
            for name, value in connection.execute("SELECT name, value FROM settings"):
                database.settings[name] = json.loads(value)
        return database

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> int:
        """Add rows in internal forms, in one transaction; a row of a known id replaces it.

        Returns how many rows were given. Columns that are not named take their empty value.
        """
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})'
        self.connection.execute("BEGIN")
        try:
            return self.connection.executemany(statement, rows).rowcount
        finally:
            self.connection.execute("COMMIT")

    def build_indexes(self) -> None:
        """Index the loaded rows and fill ``links`` (contact, company, sort, is_primary)."""
        for table, columns in _INDEXES.items():
            for column in columns:
                self.connection.execute(
                    f'CREATE INDEX IF NOT EXISTS "{table}_{column}" ON "{table}" ("{column}")'
                )
        self.connection.executescript(_LINKS)
        self.connection.execute("ANALYZE").fetchall()

    def rows(
        self, table: str, where: str = "1", values: Sequence[Any] = ()
    ) -> list[dict[str, Any]]:
        """Whole rows of a table in the order of their ids, in internal forms."""
        key = primary_key(table)
        return self.query(f'SELECT * FROM "{table}" WHERE {where} ORDER BY "{key}"', values)

    def row(self, table: str, row_id: int) -> dict[str, Any] | None:
        """One row by its id, None when there is no such row."""
        found = self.rows(table, f'"{primary_key(table)}" = ?', (row_id,))
        return found[0] if found else None

    def count(self, table: str) -> int:
        """How many rows a table holds."""
        return int(self.connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of any SELECT as dictionaries."""
        cursor = self.connection.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def next_multifield_id(self) -> int:
        """An id for a new phone, e-mail and so on, above all that were loaded."""
        cursor = self.connection.execute("INSERT INTO multifields DEFAULT VALUES")
        return FIRST_NEW_MULTIFIELD_ID + int(cursor.lastrowid or 0)

    def next_user_field_number(self) -> int:
        """An id for a new user field or an option of one: sparse, never used before, and not the
        same on portals of different names.
        """
        taken = self.connection.execute(
            """SELECT MAX(id) FROM (
                SELECT id FROM user_field_numbers UNION ALL SELECT ID FROM user_fields
                UNION ALL SELECT json_extract(item.value, '$.ID')
                FROM user_fields, json_each(user_fields.LIST) AS item
            )"""
        ).fetchone()[0]
        number = (taken or 100 + crc32(str(self.settings["name"]).encode()) % 5000) + 2
        number += number // 3 % 5
        self.connection.execute("INSERT INTO user_field_numbers VALUES (?)", (number,))
        return number

    def save_settings(self) -> None:
        """Keep ``settings`` in the file for the next start."""
        pairs = [(name, json.dumps(value)) for name, value in self.settings.items()]
        self.connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", pairs)

    def close(self) -> None:
        """Close the file; a temporary one is gone then."""
        self.connection.close()


@contextlib.contextmanager
def closed_on_failure(opened: Database | sqlite3.Connection) -> Iterator[None]:
    """Close what has just been opened when the block raises: nobody else holds it yet."""
    try:
        yield
    except BaseException:
        opened.close()
        raise


def _prepare(connection: sqlite3.Connection, *, kept: bool) -> None:
    # A file that is kept must survive a killed process, a temporary one need not.
    journal = "WAL" if kept else "OFF"
    for pragma in (*_PRAGMAS, f"PRAGMA journal_mode={journal}"):
        connection.execute(pragma).fetchall()
    connection.create_function("casefolded", 1, _casefolded, deterministic=True)
    for table, columns in TABLES.items():
        connection.execute(_create_table(table, columns))
    for table, described in APP_TABLES.items():
        connection.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({described})')
    connection.execute("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT)")
    for numbers in ("multifields", "user_field_numbers"):
        connection.execute(f"CREATE TABLE IF NOT EXISTS {numbers} (id INTEGER PRIMARY KEY)")


def _casefolded(text: str | None) -> str | None:
    """SQLite's own ``lower`` knows Latin letters alone."""
    return None if text is None else str(text).lower()


def _create_table(table: str, columns: dict[str, str]) -> str:
    key = primary_key(table)
    # Without AUTOINCREMENT the id of the last row would be given again once that row is deleted.
    parts = [
        f'"{name}" INTEGER PRIMARY KEY AUTOINCREMENT'
        if name == key and table != "categories"
        else f'"{name}" {SQL_TYPES[kind]}'
        for name, kind in columns.items()
    ]
    if table == "categories":
        # Funnels of different entities may have the same number.
        parts.append("PRIMARY KEY (entityTypeId, id)")
    return f'CREATE TABLE IF NOT EXISTS "{table}" ({", ".join(parts)})'

"""Where the portal's rows come from: a folder, a generator, or a file kept from before."""

from __future__ import annotations

import sqlite3
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.database import Database, closed_on_failure
from portal.folder import load_folder
from portal.generator import generate


class SourceError(Exception):
    """The rows cannot be had; the text says why and what to do."""


@dataclass(frozen=True)
class Source:
    """What was asked for. ``now``: ISO moment at which portal time stands still, None for the real
    clock.
    """

    data: str | None = None
    clients: int = 5000
    seed: int = 1
    now: str | None = None
    database: str | None = None


def open_database(source: Source) -> Database:
    """A database with its rows, indexed; FolderError or SourceError when they cannot be had."""
    if source.data is not None:
        return _from_folder(source)
    if source.database is None:
        return _generated(source, Database.create(None))
    return _kept(source, source.database)


def _from_folder(source: Source) -> Database:
    database = Database.create(None)
    with closed_on_failure(database):
        for warning in load_folder(str(source.data), database):
            print(f"{source.data}: {warning}", file=sys.stderr)
        if source.now is not None:
            database.settings["now"] = int(parse_now(source.now).timestamp())
        database.build_indexes()
    return database


def _kept(source: Source, path: str) -> Database:
    wanted = {**asdict(source), "database": None}
    try:
        database = Database.create(path)
        with closed_on_failure(database):
            made_of = database.settings.get("made_of")
            if made_of == wanted:
                return database
            holds_others = made_of is not None or database.count("users") > 0
        if holds_others:
            database.close()
            _remove(path)
            database = Database.create(path)
    except sqlite3.Error as error:
        raise SourceError(
            f"{path} cannot be used as a database ({error}); "
            "another emulator may hold it, or it is some other file"
        ) from error
    return _generated(source, database, wanted)


def _generated(
    source: Source, database: Database, made_of: dict[str, Any] | None = None
) -> Database:
    with closed_on_failure(database):
        now = parse_now(source.now) if source.now else datetime.now(UTC)
        generate(database, source.clients, source.seed, now)
        if source.now:
            database.settings["now"] = int(now.timestamp())
        database.build_indexes()
        if made_of:
            database.settings["made_of"] = made_of
            database.save_settings()
    return database


def parse_now(text: str) -> datetime:
    """An ISO moment, in UTC when it names no offset; SourceError when unreadable."""
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        raise SourceError(
            f"--now {text!r} is not a moment like 2026-05-14T10:00:00+03:00"
        ) from None
    return now if now.tzinfo else now.replace(tzinfo=UTC)


def _remove(path: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)

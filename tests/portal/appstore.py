"""What the app keeps on the portal: its options, and whether it is installed."""

from __future__ import annotations

import json
from typing import Any

from portal.database import Database

_OF_ALL = 0


class AppStore:
    """Options and installation of one app, in the portal's database.

    ``begins_installed``: whether an app that this database has not seen yet counts as installed.
    """

    def __init__(self, database: Database, *, begins_installed: bool):
        self._database = database
        self._begins_installed = begins_installed

    @property
    def installed(self) -> bool:
        """Whether the installation is finished."""
        return bool(self._database.settings.get("app_installed", self._begins_installed))

    @installed.setter
    def installed(self, installed: bool) -> None:
        self._keep("app_installed", installed)

    @property
    def first_run(self) -> bool:
        """Whether no frame of the app has been opened yet."""
        return bool(self._database.settings.get("app_first_run", True))

    @first_run.setter
    def first_run(self, first_run: bool) -> None:
        self._keep("app_first_run", first_run)

    def options(self, user_id: int = _OF_ALL) -> dict[str, Any]:
        """The app's own options, or those of one user."""
        rows = self._database.query(
            "SELECT name, value FROM app_options WHERE user_id = ? ORDER BY rowid", (user_id,)
        )
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def set_options(self, options: dict[str, Any], user_id: int = _OF_ALL) -> None:
        """Add or replace some of the app's own options, or of one user's."""
        self._database.connection.executemany(
            "INSERT INTO app_options VALUES (?, ?, ?) "
            "ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value",
            [(user_id, name, json.dumps(value)) for name, value in options.items()],
        )

    def _keep(self, name: str, value: bool) -> None:
        self._database.settings[name] = value
        self._database.save_settings()

"""An administrator at work on a portal whose database can be looked at meanwhile."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from property.marks import Entity, Marks

from .application import Application
from .marks_of_database import held_marks, wanted_marks
from .oracle_of_database import Counters, as_it_is, counters_of_database
from .servers import RunningPortal, portal_server


@dataclass
class Sitting:
    """The administrator's application after its first refresh; ``folder`` is for files."""

    portal: RunningPortal
    application: Application
    folder: Path

    @property
    def as_of(self) -> str:
        """ISO moment of the last refresh."""
        return str(self.application.stored("views")["as_of"])

    def refresh(self) -> int:
        """Refresh to the end; how many requests that took."""
        before = self.portal.last_request()
        self.application.refresh().reach("running").reach("idle")
        return self.portal.last_request() - before

    @contextlib.contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The portal's rows at this moment, to look at."""
        with as_it_is(self.folder / "portal.sqlite", self.folder) as connection:
            yield connection

    def oracle(self) -> Counters:
        """What the counters ought to be."""
        with self.database() as connection:
            return counters_of_database(connection, self.as_of)

    def marks(self) -> tuple[dict[Entity, Marks], dict[Entity, Marks]]:
        """What all companies and contacts ought to hold, and what they hold."""
        with self.database() as connection:
            return wanted_marks(connection, self.as_of), held_marks(connection)


@contextlib.contextmanager
def seated(browser: Browser, folder: Path, *arguments: str) -> Iterator[Sitting]:
    """A sitting on a portal with these command-line arguments; in the end nothing may have gone
    wrong in it.
    """
    with portal_server(*arguments, "--database", str(folder / "portal.sqlite")) as portal:
        context = browser.new_context(locale="ru-RU")
        application = Application(context.new_page(), portal).fill()
        yield Sitting(portal, application, folder)
        context.close()
        assert application.troubles == []

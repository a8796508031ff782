"""The story of a first run whose browser is killed at some moment and started again."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from playwright.sync_api import BrowserContext, Playwright

from .application import Application
from .killable import killable
from .servers import RunningPortal

Requests = list[dict[str, Any]]
FIRST_MONTH = "first"
CREATED = re.compile(r"filter\[(>=|<)(DATE_CREATE|createdTime|CREATED|DATE_INSERT)\]")
LIST_OF_ROWS = re.compile(r"crm\.(company|contact|deal|lead|invoice|activity|requisite|item)\.list")


@dataclass(frozen=True)
class Outcome:
    """How it ended.

    ``stored``: months that were stored when the browser died; ``asked_again``: those of them that
    were read once more; ``series``: the growth of all modes at the end; ``troubles``: errors and
    warnings of the second sitting.
    """

    stored: set[str]
    asked_again: set[str]
    series: dict[str, Any]
    troubles: list[str]


def killed_and_continued(
    playwright: Playwright, portal: RunningPortal, profile: Path, after_s: float
) -> Outcome:
    """Start a first run, kill the browser after so many seconds, start it again and wait for the
    end.
    """
    with killable(playwright, profile) as browser:
        application = _application(browser.start(), portal)
        application.open().engine_ready().refresh().reach("running")
        time.sleep(after_s)
        run = application.stored("runs")
        asked = len(portal.requests())
        browser.kill()

        application = _application(browser.start(), portal)
        application.open().reach("idle", 180)
        stored = set(run["done"]) if run else set()
        if stored and run["months"][0] in stored:
            stored.add(FIRST_MONTH)
        return Outcome(
            stored,
            months_asked(portal.requests()[asked:]) & stored,
            application.series(),
            list(application.troubles),
        )


def _application(context: BrowserContext, portal: RunningPortal) -> Application:
    return Application(context.new_page(), portal)


def pages_asked(requests: Requests) -> Counter[tuple[str, str]]:
    """How often each page of a list of the CRM that brought rows was asked: method and query of the
    command. Only lists of the CRM's rows count, not those of its settings.
    """
    commands = [command for request in requests for command in request["commands"]]
    return Counter(
        (command["method"], command["query"])
        for command in commands
        if command["rows"] and LIST_OF_ROWS.fullmatch(command["method"])
    )


def months_asked(requests: Requests) -> set[str]:
    """The months that were read, told by the lower bound of the creation date in the queries;
    ``FIRST_MONTH`` for the one that has an upper bound only.
    """
    months = set()
    for _, query in pages_asked(requests):
        filters = dict(parse_qsl(query))
        bounds = {
            found[1]: value for name, value in filters.items() if (found := CREATED.fullmatch(name))
        }
        if bounds and ("filter[>ID]" in filters or "filter[>id]" in filters):
            months.add(bounds[">="][:7] if ">=" in bounds else FIRST_MONTH)
    return months

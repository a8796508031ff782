"""A browser that dies again and again while it writes marks, on a portal that loses answers."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from playwright.sync_api import BrowserContext, Playwright

from .application import Application
from .killable import killable
from .marks_of_database import held_marks, wanted_marks
from .oracle_of_database import as_it_is
from .servers import RunningPortal, portal_server
from .updates import updates

KILLS = int(os.environ.get("KILLS", "2"))
"""How often it dies before it comes to the end; the long run takes 20."""
PORTAL = ("--clients", "600", "--seed", "8", "--pace", "cloud", "--speed", "20")
FAULTS = "seed=3,lost=0.1,503=0.1"


def test_a_fill_that_is_killed_again_and_again_ends_with_the_marks_of_the_oracle(
    playwright: Playwright, tmp_path: Path
) -> None:
    database = tmp_path / "portal.sqlite"
    chance = random.Random(KILLS)
    with (
        portal_server(*PORTAL, "--database", str(database)) as portal,
        killable(playwright, tmp_path / "profile") as browser,
    ):
        application = _opened(browser.start(), portal).engine_ready().refresh().reach("running")
        application.reach("idle")
        application.begin_to_write().reach_marks("writing")
        total = int(application.marks_state()["total"])
        portal.set_faults(FAULTS)
        for kill in range(KILLS):
            _wait_for_done(application, total * (kill + chance.random()) / (KILLS + 1))
            browser.kill()
            application = _opened(browser.start(), portal)
        application.reach_marks("done", timeout_s=180).reach("idle")
        portal.set_faults("")
        state = application.marks_state()
        as_of = application.stored("views")["as_of"]
        with as_it_is(database, tmp_path) as connection:
            wanted, held = wanted_marks(connection, as_of), held_marks(connection)
        counted = updates(_but_repeated_by_the_browser(portal.requests()))
        troubles = list(application.troubles)
    assert held == wanted
    assert (state["total"], state["refused"]) == (len(wanted), 0)
    assert counted == Counter(dict.fromkeys(wanted, 1)), "nobody was written twice"
    assert troubles == []


def _opened(context: BrowserContext, portal: RunningPortal) -> Application:
    return Application(context.new_page(), portal).open()


def _wait_for_done(application: Application, cards: float) -> None:
    """Wait until so many cards are written, those of earlier sittings included."""
    application.reach_marks("writing", "settling", "done")
    while int(application.marks_state()["done"]) < cards:
        application.page.wait_for_timeout(50)


def _but_repeated_by_the_browser(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that got no answer and that the browser itself sent again, as it does when a
    connection breaks that has served before: the app knows nothing of that, and looks at those it
    wrote to before it sends anything again.
    """
    return [
        request
        for place, request in enumerate(requests)
        if request["fault"] != "lost" or not _comes_again(request, requests[place + 1 :])
    ]


def _comes_again(lost: dict[str, Any], later: list[dict[str, Any]]) -> bool:
    """Whether the same is sent once more before anybody has looked at what became of it."""
    written = {number for _, number in updates([lost])}
    for request in later:
        if _commands(request) == _commands(lost):
            return True
        if written & _looked_at(request):
            return False
    return False


def _commands(request: dict[str, Any]) -> list[tuple[str, str]]:
    return [(command["method"], command["query"]) for command in request["commands"]]


def _looked_at(request: dict[str, Any]) -> set[int]:
    """Ids that a request asks the lists of companies and contacts for."""
    return {
        int(value)
        for method, query in _commands(request)
        if method in ("crm.company.list", "crm.contact.list")
        for name, value in parse_qsl(query)
        if name.startswith("filter[@ID]")
    }

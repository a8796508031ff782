"""Who sees what: one administrator counts, everybody else sees the same totals and no client."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Response

from .application import Application
from .servers import RunningPortal, portal_server
from .sitting import Sitting, seated

Open = Callable[..., Application]

CLIENTS = ("--clients", "300", "--seed", "12", "--pace", "off")
FOR_ALL = {"profile", "entity.item.get"}
CONTROLS = ("refresh", "clear-refresh", "marks-preview", "marks-write", "marks-undo", "set-up")


@pytest.fixture(scope="module")
def refreshed(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    """A portal that its administrator has counted."""
    with seated(browser, tmp_path_factory.mktemp("rights"), *CLIENTS) as sitting:
        yield sitting


def test_a_manager_sees_the_administrators_totals_and_nothing_of_the_clients(
    refreshed: Sitting, open_application: Open
) -> None:
    portal, manager = refreshed.portal, _someone(refreshed.portal, "manager")
    before = portal.last_request()
    application = open_application(portal)
    answers = _answers_of(application)
    application.open(f"?user={manager}").engine_ready().reach("idle")
    application.frame.locator("[data-mode='1'][data-segment=all][data-count]").first.wait_for()
    assert application.counters() == refreshed.application.counters()
    assert _time_of(application) == _time_of(refreshed.application)

    own = [request for request in portal.requests(before) if request["user"] == manager]
    asked = {command["method"] for request in own for command in request["commands"]}
    assert asked == FOR_ALL
    heard = [answer.text() for answer in answers if answer.url.startswith(f"{portal.origin}/rest/")]
    assert len(heard) == len(own)
    shared = [text for answer in heard for text in _unpacked(json.loads(answer))]
    assert any('"modes"' in text for text in shared), "the totals themselves came this way"
    names = _names(refreshed)
    listed = json.dumps(portal.call("crm.contact.list", {}), ensure_ascii=False)
    assert any(name in listed for name in names), "a list of clients would be noticed"
    assert [name for name in names for text in (*heard, *shared) if name in text] == []


def test_a_manager_is_offered_nothing_that_reads_or_writes_the_crm(
    refreshed: Sitting, open_application: Open
) -> None:
    manager = _someone(refreshed.portal, "manager")
    application = open_application(refreshed.portal).open(f"?user={manager}").engine_ready()
    application.reach("idle")
    for action in CONTROLS:
        assert application.frame.locator(f"[data-action={action}]:visible").count() == 0, action
    assert not application.marks.is_visible()


def test_before_the_first_refresh_a_manager_is_told_whom_to_ask(open_application: Open) -> None:
    with portal_server(*CLIENTS) as portal:
        manager = _someone(portal, "manager")
        application = open_application(portal).open(f"?user={manager}").engine_ready()
        application.reach("idle")
        told = application.frame.locator("[data-part=message]").inner_text()
        assert "Администратор ещё не посчитал клиентов" in told
        assert "нажмёт «Обновить»" in told


def test_without_the_permission_for_shared_totals_everybody_is_told_what_is_missing(
    open_application: Open,
) -> None:
    with portal_server(*CLIENTS, "--without", "entity") as portal:
        administrator = open_application(portal).fill()
        step = administrator.frame.locator("[data-set-up-step=storage]")
        assert step.get_attribute("data-step-state") == "missing_scope"
        assert "Хранилище данных (entity)" in step.inner_text()
        assert administrator.counters()["2"]["all"] == 300

        manager = _someone(portal, "manager")
        application = open_application(portal).open(f"?user={manager}").engine_ready()
        told = application.frame.locator("[data-part=error]")
        told.wait_for(timeout=20_000)
        assert "не хватает разрешения" in told.inner_text()
        assert "администратора портала" in told.inner_text()


def _someone(portal: RunningPortal, role: str) -> int:
    users = portal.ask("/portal/facts")["users"]
    return int(next(user["id"] for user in users if user["role"] == role))


def _answers_of(application: Application) -> list[Response]:
    """What comes over the network from now on, page and worker alike."""
    answers: list[Response] = []
    application.page.on("response", lambda answer: answers.append(answer))
    return answers


def _time_of(application: Application) -> str:
    time: str = application.frame.locator("[data-part=as-of]").inner_text()
    assert time
    return time


def _names(sitting: Sitting) -> set[str]:
    """Names of companies and people among the clients, but for people who have a namesake among
    the staff.
    """
    with sitting.database() as connection:
        companies = connection.execute("SELECT TITLE FROM companies WHERE IS_MY_COMPANY != 'Y'")
        contacts = connection.execute("SELECT LAST_NAME FROM contacts")
        staff = connection.execute("SELECT LAST_NAME, NAME FROM users").fetchall()
        names = {row[0].strip() for rows in (companies, contacts) for row in rows}
    namesakes = {part for row in staff for part in row}
    return {
        name for name in names if len(name) > 3 and not any(name in other for other in namesakes)
    }


def _unpacked(value: Any) -> Iterator[str]:
    """The texts that the app's own storage keeps compressed, as they were."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _unpacked(each)
    elif isinstance(value, str):
        try:
            packed = zlib.decompress(base64.urlsafe_b64decode(value))
        except (zlib.error, ValueError):
            return
        yield json.dumps(json.loads(packed), ensure_ascii=False)

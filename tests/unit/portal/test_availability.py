"""Portals that lack something, apps that are not installed yet, and what outlives the emulator."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.__main__ import main
from portal.database import Database
from portal.state import Options, PortalState
from unit.portal.small_portal import ADMIN, MANAGER, Running, running, stored


@contextlib.contextmanager
def lacking(*names: str) -> Iterator[Running]:
    options = Options(pace="off", without=frozenset(names))
    with running(PortalState(stored({"companies": [{"ID": 3}]}), options)) as portal:
        yield portal


@pytest.mark.parametrize(
    ("scope", "method"),
    [("entity", "entity.get"), ("placement", "placement.list"), ("user", "user.get")],
)
def test_methods_of_a_missing_permission_are_refused(scope: str, method: str) -> None:
    with lacking(scope) as portal:
        response = portal.call(method)
        assert (response.status_code, response.json()["error"]) == (403, "insufficient_scope")
        assert scope not in portal.result("scope")
        told = portal.result("method.get", name=method)
        assert told == {"isExisting": True, "isAvailable": False}
        assert method not in portal.result("methods")
        assert portal.result("user.admin") is True


@pytest.mark.parametrize(
    ("feature", "method"),
    [("offline-events", "event.offline.list"), ("userfields", "crm.company.userfield.list")],
)
def test_methods_of_a_missing_feature_are_not_known(feature: str, method: str) -> None:
    with lacking(feature) as portal:
        response = portal.call(method)
        assert (response.status_code, response.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")
        told = portal.result("method.get", name=method)
        assert told == {"isExisting": False, "isAvailable": False}
        batch = portal.result("batch", cmd={"a": method})
        assert batch["result_error"]["a"]["error"] == "ERROR_METHOD_NOT_FOUND"


def test_without_offline_events_every_handler_needs_an_address() -> None:
    with lacking("offline-events") as portal:
        bound = portal.call("event.bind", event="ONCRMCOMPANYDELETE", event_type="offline")
        assert (bound.status_code, bound.json()["error"]) == (400, "ERROR_ARGUMENT")
        assert portal.result("feature.get", CODE="rest_offline_extended") == {"value": "N"}


def test_a_whole_portal_lacks_nothing() -> None:
    with lacking() as portal:
        assert portal.result("feature.get", CODE="rest_offline_extended") == {"value": "Y"}
        assert {"crm", "entity", "placement", "user"} <= set(portal.result("scope"))
        for method in ("entity.get", "event.offline.list"):
            told = portal.result("method.get", name=method)
            assert told == {"isExisting": True, "isAvailable": True}


def test_a_portal_cannot_lack_what_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--without", "entity,coffee"])
    assert "coffee" in capsys.readouterr().err


def ask(portal: Running, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the portal's page gets."""
    address = f"{portal.url}/portal/{path}"
    answer = portal.http.post(address, json=body) if body else portal.http.get(address)
    return answer.json()


def test_an_app_that_is_being_installed_says_so_everywhere() -> None:
    state = PortalState(stored({}), Options(pace="off", install=True))
    state.placements.bind("CRM_ANALYTICS_MENU", "http://127.0.0.1:8081/")
    with running(state) as portal:
        assert portal.result("app.info")["INSTALLED"] is False
        assert ask(portal, "frame-session", {"user": ADMIN})["INSTALL"] is True
        facts = ask(portal, "facts")
        assert (facts["installed"], facts["placements"]) == (False, [])


def test_an_administrator_finishes_the_installation() -> None:
    state = PortalState(stored({}), Options(pace="off", install=True))
    state.placements.bind("CRM_ANALYTICS_MENU", "http://127.0.0.1:8081/")
    with running(state) as portal:
        for user, installed in ((MANAGER, False), (ADMIN, True)):
            finish = {"auth": portal.token(user), "installed": True}
            answer = ask(portal, "install", finish)
            assert answer == {"installed": installed}
        assert portal.result("app.info")["INSTALLED"] is True
        assert ask(portal, "frame-session", {"user": ADMIN})["INSTALL"] is False
        (place,) = ask(portal, "facts")["placements"]
        assert place["placement"] == "CRM_ANALYTICS_MENU"


def test_the_page_may_frame_what_is_bound() -> None:
    state = PortalState(stored({}), Options(pace="off"))
    state.placements.bind("LEFT_MENU", "https://apps.example.org/x")
    with running(state) as portal:
        policy = portal.http.get(f"{portal.url}/").headers["content-security-policy"]
        assert "frame-src 'self' http://127.0.0.1:8081 https://apps.example.org;" in policy


def test_the_app_s_things_outlive_the_emulator(tmp_path: Path) -> None:
    path = str(tmp_path / "portal.sqlite")
    first = Database.create(path)
    state = PortalState(first, Options(install=True))
    assert not state.app.installed
    state.app.installed = True
    state.app.first_run = False
    state.app.set_options({"one": [1], "two": "2"})
    state.app.set_options({"two": "3"})
    state.app.set_options({"own": "4"}, MANAGER)
    state.placements.bind("LEFT_MENU", "https://apps.example.org/")
    state.events.bind("ONCRMDEALDELETE", "")
    first.close()
    again = Database.create(path)
    state = PortalState(again, Options(install=True))
    assert (state.app.installed, state.app.first_run) == (True, False)
    assert state.app.options() == {"one": [1], "two": "3"}
    assert state.app.options(MANAGER) == {"own": "4"}
    assert state.placements.count("LEFT_MENU") == 1
    assert [each["EVENT_NAME"] for each in state.events.handlers()] == ["ONCRMDEALDELETE"]
    again.close()

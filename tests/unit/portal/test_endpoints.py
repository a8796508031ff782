"""The REST endpoints: bodies, tokens, webhooks, CORS, errors of the transport."""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, DISMISSED, MANAGER, NOW, Running, companies

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "origin, content-type, accept",
}


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve({"companies": companies(60)})


def test_options_answers_with_the_headers_that_a_browser_asks_for(portal: Running) -> None:
    response = portal.http.options(f"{portal.url}/rest/crm.company.list.json")
    assert response.status_code == 200
    assert CORS.items() <= dict(response.headers).items()


def test_errors_have_the_cors_headers_too(portal: Running) -> None:
    response = portal.http.get(f"{portal.url}/rest/server.time")
    assert (response.status_code, response.json()["error"]) == (401, "NO_AUTH_FOUND")
    assert CORS.items() <= dict(response.headers).items()


def test_the_ways_to_send_parameters_are_equal(portal: Running) -> None:
    token = portal.token()
    url = f"{portal.url}/rest/crm.company.list"
    query = f"auth={token}&filter%5B%3EID%5D=150&select%5B%5D=ID&start=-1"
    text = {"content-type": "text/plain;charset=UTF-8"}
    answers = [
        portal.http.get(f"{url}?{query}"),
        portal.http.get(f"{url}.json?{query}"),
        portal.http.post(url, content=query, headers=text),
        portal.http.post(url, content=query),
        portal.http.post(
            url, data={"auth": token, "filter[>ID]": "150", "select[]": "ID", "start": "-1"}
        ),
        portal.http.post(
            url, json={"auth": token, "filter": {">ID": 150}, "select": ["ID"], "start": -1}
        ),
        portal.http.post(
            f"{url}?auth={token}&start=-1", json={"filter": {">ID": 150}, "select": ["ID"]}
        ),
        portal.http.post(
            url.replace("crm.company.list", "CRM.Company.LIST"), content=query, headers=text
        ),
        portal.http.post(
            f"{url}?{query.replace(token, '')}", headers={"authorization": f"Bearer {token}"}
        ),
        portal.http.get(f"{url}?{query.replace('auth=', 'access_token=')}"),
    ]
    assert [answer.json().get("result") for answer in answers] == [
        [{"ID": str(n)} for n in range(153, 181, 3)]
    ] * 10


def test_an_answer_tells_the_time_it_took(portal: Running) -> None:
    body = portal.call("crm.company.list").json()
    assert (body["total"], body["next"]) == (60, 50)
    assert body["time"].keys() == {
        "start",
        "finish",
        "duration",
        "processing",
        "date_start",
        "date_finish",
        "operating",
    }
    assert body["time"]["start"] <= body["time"]["finish"]
    assert body["time"]["date_start"][19:] == "+03:00"
    last = portal.call("crm.company.list", start=50).json()
    assert "next" not in last
    assert "total" not in portal.call("server.time").json()


def test_portal_time_stands_still_when_it_is_frozen(portal: Running) -> None:
    assert portal.result("server.time") == portal.state.clock.iso(NOW)
    assert portal.result("server.time") == "2026-03-08T23:00:00+03:00"


@pytest.mark.parametrize(
    ("user", "status"), [(ADMIN, 200), (MANAGER, 200), (77, 401), (DISMISSED, 401)]
)
def test_a_webhook_acts_for_its_user(portal: Running, user: int, status: int) -> None:
    response = portal.http.get(f"{portal.url}/rest/{user}/any-code/profile.json")
    assert response.status_code == status
    if status == 200:
        assert response.json()["result"]["ID"] == str(user)
        assert response.json()["result"]["ADMIN"] is (user == ADMIN)


def test_a_webhook_is_refused_what_needs_an_app(portal: Running) -> None:
    response = portal.http.get(f"{portal.url}/rest/1/code/app.option.get")
    assert (response.status_code, response.json()["error"]) == (403, "WRONG_AUTH_TYPE")


@pytest.mark.parametrize(
    ("path", "parameters", "status", "error"),
    [
        ("no.such.method", {}, 404, "ERROR_METHOD_NOT_FOUND"),
        ("api/crm.item.list", {}, 404, "ERROR_METHOD_NOT_FOUND"),
        ("server.time", {"auth": "unknown"}, 401, "invalid_token"),
        ("server.time", {"auth": ""}, 401, "NO_AUTH_FOUND"),
        ("crm.item.list", {}, 400, "100"),
        ("crm.item.list", {"entityTypeId": 7}, 400, "ENTITY_TYPE_NOT_SUPPORTED"),
        ("crm.item.get", {"entityTypeId": 4, "id": 1}, 400, "NOT_FOUND"),
        ("crm.item.update", {"entityTypeId": 4, "id": 3}, 400, "100"),
        ("crm.company.get", {"id": 1}, 400, ""),
        ("crm.company.get", {}, 400, ""),
        ("crm.company.update", {"id": 3}, 400, ""),
        ("crm.company.update", {"id": 1, "fields": {"TITLE": "T"}}, 400, ""),
        ("feature.get", {}, 400, "CODE_EMPTY"),
        ("app.option.set", {}, 400, "ERROR_ARGUMENT"),
    ],
)
def test_wrong_requests_get_the_platforms_errors(
    portal: Running, path: str, parameters: dict[str, Any], status: int, error: str
) -> None:
    response = portal.call(path, **parameters)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert "error_description" in response.json()


def test_an_expired_token_is_told_from_an_unknown_one(portal: Running) -> None:
    session = portal.state.sessions.open(ADMIN)
    portal.state.sessions.expire(session.access_token)
    response = portal.call("server.time", auth=session.access_token)
    assert (response.status_code, response.json()["error"]) == (401, "expired_token")
    renewed = portal.state.sessions.refresh(session.refresh_token)
    assert portal.call("server.time", auth=renewed.access_token).status_code == 200
    assert (renewed.user_id, renewed.sid) == (ADMIN, session.sid)


def test_requests_are_logged(portal: Running) -> None:
    portal.result(
        "batch", cmd={"a": "crm.company.list?start=-1&select[]=ID", "b": "no.such.method"}
    )
    portal.http.get(f"{portal.url}/rest/server.time")
    entries = portal.http.get(f"{portal.url}/emulator/requests").json()
    assert [
        (entry["n"], entry["method"], entry["http_status"], entry["error"]) for entry in entries
    ] == [
        (1, "batch", 200, ""),
        (2, "server.time", 401, "NO_AUTH_FOUND"),
    ]
    first = entries[0]
    assert first["user"] == ADMIN
    assert first["answer_bytes"] > 1000
    assert first["body_bytes"] > 100
    commands = [
        (each["key"], each["method"], each["query"], each["rows"], each["error"])
        for each in first["commands"]
    ]
    assert commands == [
        ("a", "crm.company.list", "start=-1&select[]=ID", 50, ""),
        ("b", "no.such.method", "", 0, "ERROR_METHOD_NOT_FOUND"),
    ]
    assert [
        entry["n"] for entry in portal.http.get(f"{portal.url}/emulator/requests?after=1").json()
    ] == [2]
    portal.http.delete(f"{portal.url}/emulator/requests")
    assert portal.http.get(f"{portal.url}/emulator/requests").json() == []

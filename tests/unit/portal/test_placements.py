"""placement.*: the app's places in the portal's pages."""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, MANAGER, Running

PAGE = "https://apps.example.org/clients/"
MENU = {"PLACEMENT": "CRM_ANALYTICS_MENU", "HANDLER": PAGE}


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve({})


def bind(portal: Running, **parameters: Any) -> tuple[int, str]:
    response = portal.call("placement.bind", **parameters)
    return response.status_code, response.json()["error"]


def test_a_place_is_bound_told_and_left(portal: Running) -> None:
    titles = {"ru": {"TITLE": "Клиенты"}, "en": {"TITLE": "Clients"}}
    assert portal.result("placement.bind", **MENU, LANG_ALL=titles) is True
    (told,) = portal.result("placement.get")
    assert told["placement"] == "CRM_ANALYTICS_MENU"
    assert (told["handler"], told["title"], told["userId"]) == (PAGE, "Клиенты", 0)
    assert told["options"] == []
    assert told["langAll"]["en"] == {"TITLE": "Clients", "DESCRIPTION": "", "GROUP_NAME": ""}
    # The platform counts what it finds and once more what it deletes.
    assert portal.result("placement.unbind", **MENU) == {"count": 2}
    assert portal.result("placement.get") == []
    assert portal.result("placement.unbind", **MENU) == {"count": 0}


def test_all_handlers_of_a_place_are_left_together(portal: Running) -> None:
    for path in ("a", "b"):
        portal.result("placement.bind", PLACEMENT="crm_analytics_menu", HANDLER=f"{PAGE}{path}")
    portal.result("placement.bind", PLACEMENT="LEFT_MENU", HANDLER=PAGE, TITLE="Left")
    assert portal.result("placement.unbind", PLACEMENT="CRM_ANALYTICS_MENU") == {"count": 4}
    assert [each["title"] for each in portal.result("placement.get")] == ["Left"]


@pytest.mark.parametrize(
    ("parameters", "status", "error"),
    [
        ({"PLACEMENT": "CRM_NOWHERE", "HANDLER": PAGE}, 400, "ERROR_PLACEMENT_NOT_FOUND"),
        ({"PLACEMENT": "DEFAULT", "HANDLER": PAGE}, 400, "ERROR_ARGUMENT"),
        ({"PLACEMENT": "", "HANDLER": PAGE}, 400, "ERROR_ARGUMENT"),
        ({"PLACEMENT": ["LEFT_MENU"], "HANDLER": PAGE}, 400, "ERROR_ARGUMENT"),
        ({"HANDLER": PAGE}, 400, "ERROR_ARGUMENT"),
        ({"PLACEMENT": "LEFT_MENU"}, 400, "ERROR_ARGUMENT"),
        (
            {"PLACEMENT": "LEFT_MENU", "HANDLER": "http://localhost:8081/"},
            400,
            "ERROR_WRONG_HANDLER_URL",
        ),
        ({"PLACEMENT": "LEFT_MENU", "HANDLER": "page.html"}, 400, "ERROR_WRONG_HANDLER_URL"),
        (
            {"PLACEMENT": "LEFT_MENU", "HANDLER": "ftp://example.org/"},
            400,
            "ERROR_UNSUPPORTED_PROTOCOL",
        ),
        ({**MENU, "USER_ID": 3}, 200, "ERROR_PLACEMENT_USER_MODE"),
        (
            {"PLACEMENT": "PAGE_BACKGROUND_WORKER", "HANDLER": PAGE},
            200,
            "EMPTY_ERROR_HANDLER_URL",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_wrong_binding_is_refused(
    portal: Running, parameters: dict[str, Any], status: int, error: str
) -> None:
    assert bind(portal, **parameters) == (status, error)
    assert portal.result("placement.get") == []


def test_an_address_of_numbers_has_its_dots(portal: Running) -> None:
    handler = "http://127.0.0.1:8081/"
    assert portal.result("placement.bind", PLACEMENT="LEFT_MENU", HANDLER=handler) is True


def test_the_same_handler_is_bound_once(portal: Running) -> None:
    portal.result("placement.bind", **MENU)
    assert bind(portal, **MENU) == (400, "ERROR_CORE")
    assert len(portal.result("placement.get")) == 1


def test_some_places_take_one_handler(portal: Running) -> None:
    worker = {"PLACEMENT": "PAGE_BACKGROUND_WORKER", "OPTIONS": {"errorHandlerUrl": PAGE}}
    assert portal.result("placement.bind", **worker, HANDLER=PAGE, USER_ID=3) is True
    assert bind(portal, **worker, HANDLER=f"{PAGE}b") == (200, "ERROR_PLACEMENT_MAX_COUNT")
    (told,) = portal.result("placement.get")
    assert (told["userId"], told["options"]) == (3, {"errorHandlerUrl": PAGE})


@pytest.mark.parametrize("method", ["bind", "get", "unbind"])
def test_only_administrators_in_the_app_may(portal: Running, method: str) -> None:
    denied = portal.call(f"placement.{method}", MANAGER, **MENU)
    assert (denied.status_code, denied.json()["error"]) == (403, "ACCESS_DENIED")
    webhook = portal.http.get(f"{portal.url}/rest/{ADMIN}/code/placement.{method}")
    assert (webhook.status_code, webhook.json()["error"]) == (403, "WRONG_AUTH_TYPE")


def test_everybody_may_see_what_places_there_are(portal: Running) -> None:
    ours = portal.result("placement.list", MANAGER)
    assert {"LEFT_MENU", "CRM_ANALYTICS_MENU", "CRM_COMPANY_DETAIL_TAB"} <= set(ours)
    of_crm = portal.result("placement.list", SCOPE="crm")
    assert "CRM_ANALYTICS_TOOLBAR" in of_crm
    assert "LEFT_MENU" not in of_crm
    assert set(ours) <= set(portal.result("placement.list", FULL=True))

"""event.*: handlers, and the queue of offline events."""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, HEAD, MANAGER, NOW, Running, companies

OFFLINE = {"event_type": "offline"}
HANDLER = "https://apps.example.org/handler"


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve(
        {
            "companies": companies(60, ASSIGNED_BY_ID=MANAGER),
            "contacts": [{"ID": 5}],
            "deals": [{"ID": 7, "STAGE_ID": "NEW"}],
            "invoices": [{"id": 9, "stageId": "DT31_1:N"}],
            "old_invoices": [{"ID": 4}],
            "activities": [{"ID": 8, "OWNER_TYPE_ID": 4, "OWNER_ID": 3, "TYPE_ID": 2}],
        }
    )


def bind(portal: Running, *events: str) -> None:
    for event in events:
        assert portal.result("event.bind", event=event, **OFFLINE) is True


def queued(portal: Running, **parameters: Any) -> list[dict[str, Any]]:
    rows = portal.result("event.offline.list", **parameters)
    assert isinstance(rows, list)
    return rows


def objects(rows: list[dict[str, Any]]) -> list[int]:
    return [row["EVENT_DATA"]["FIELDS"]["ID"] for row in rows]


def refused(portal: Running, method: str, user: int = ADMIN, **parameters: Any) -> tuple[int, str]:
    response = portal.call(method, user, **parameters)
    return response.status_code, response.json()["error"]


def test_a_deletion_is_queued_with_who_did_it(portal: Running) -> None:
    bind(portal, "onCrmCompanyDelete")
    portal.result("crm.company.delete", MANAGER, id=3)
    (row,) = queued(portal)
    assert len(row.pop("MESSAGE_ID")) == 32
    assert row == {
        "ID": "1",
        "TIMESTAMP_X": portal.state.clock.iso(NOW),
        "EVENT_NAME": "ONCRMCOMPANYDELETE",
        "EVENT_DATA": {"FIELDS": {"ID": 3}},
        "EVENT_ADDITIONAL": {"user_id": str(MANAGER)},
        "PROCESS_ID": "",
        "ERROR": "0",
    }


@pytest.mark.parametrize(
    ("event", "method", "parameters"),
    [
        ("ONCRMCONTACTDELETE", "crm.contact.delete", {"id": 5}),
        ("ONCRMDEALDELETE", "crm.deal.delete", {"id": 7}),
        ("ONCRMINVOICEDELETE", "crm.invoice.delete", {"id": 4}),
        ("ONCRMCOMPANYDELETE", "crm.item.delete", {"id": 3, "entityTypeId": 4}),
        ("ONCRMCOMPANYUPDATE", "crm.company.update", {"id": 3, "fields": {"TITLE": "B"}}),
        ("ONCRMCONTACTADD", "crm.contact.add", {"fields": {"NAME": "N"}}),
    ],
)
def test_what_the_older_and_the_newer_methods_do_is_heard(
    portal: Running, event: str, method: str, parameters: dict[str, Any]
) -> None:
    bind(portal, event)
    portal.result(method, **parameters)
    assert [row["EVENT_NAME"] for row in queued(portal)] == [event]


def test_a_smart_invoice_tells_its_type(portal: Running) -> None:
    bind(portal, "ONCRMDYNAMICITEMDELETE")
    portal.result("crm.item.delete", entityTypeId=31, id=9)
    (row,) = queued(portal)
    assert row["EVENT_DATA"] == {"FIELDS": {"ID": 9, "ENTITY_TYPE_ID": 31}}


def test_only_bound_events_are_recorded_and_only_from_then_on(portal: Running) -> None:
    portal.result("crm.company.delete", id=3)
    bind(portal, "ONCRMCOMPANYDELETE")
    portal.result("crm.contact.delete", id=5)
    portal.result("crm.company.delete", id=6)
    assert objects(queued(portal)) == [6]
    assert portal.result("event.unbind", event="ONCRMCOMPANYDELETE", **OFFLINE) == {"count": 1}
    portal.result("crm.company.delete", id=9)
    assert objects(queued(portal)) == [6]


def test_a_repetition_renews_the_record_and_keeps_its_number(portal: Running) -> None:
    bind(portal, "ONCRMCOMPANYUPDATE")
    for company in (3, 6):
        portal.result("crm.company.update", id=company, fields={"TITLE": "B"})
    portal.state.clock.frozen_at = NOW + 60
    portal.result("crm.company.update", HEAD, id=3, fields={"TITLE": "C"})
    first, second = queued(portal)
    assert objects([first, second]) == [3, 6]
    assert (first["ID"], first["EVENT_ADDITIONAL"]) == ("1", {"user_id": str(HEAD)})
    assert first["TIMESTAMP_X"] == portal.state.clock.iso(NOW + 60)
    assert second["TIMESTAMP_X"] == portal.state.clock.iso(NOW)


def test_nothing_is_recorded_before_the_installation_is_over(portal: Running) -> None:
    bind(portal, "ONCRMCOMPANYDELETE")
    portal.state.app.installed = False
    portal.result("crm.company.delete", id=3)
    portal.state.app.installed = True
    portal.result("crm.company.delete", id=6)
    assert objects(queued(portal)) == [6]


def test_the_queue_is_read_in_pages_behind_a_number(portal: Running) -> None:
    bind(portal, "ONCRMCOMPANYDELETE")
    for n in range(1, 61):
        portal.result("crm.company.delete", id=3 * n)
    page = portal.call("event.offline.list").json()
    assert (len(page["result"]), page["total"], page["next"]) == (50, 60, 50)
    rest = portal.call("event.offline.list", filter={">ID": 50}).json()
    assert (objects(rest["result"])[0], rest["total"]) == (153, 10)
    newest = queued(portal, order={"ID": "DESC"}, filter={"EVENT_NAME": "ONCRMCOMPANYDELETE"})
    assert newest[0]["ID"] == "60"
    assert queued(portal, filter={"@EVENT_NAME": ["ONCRMDEALDELETE"]}) == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"filter": {"APP_ID": 1}},
        {"filter": {"!ID": 1}},
        {"order": {"APP_ID": "ASC"}},
        {"order": {"ID": "up"}},
    ],
    ids=str,
)
def test_a_wrong_question_to_the_queue_is_refused(
    portal: Running, parameters: dict[str, Any]
) -> None:
    assert refused(portal, "event.offline.list", **parameters) == (400, "ERROR_ARGUMENT")


def test_taking_removes_from_the_queue(portal: Running) -> None:
    bind(portal, "ONCRMCOMPANYDELETE")
    for company in (3, 6, 9):
        portal.result("crm.company.delete", id=company)
    taken = portal.result("event.offline.get", limit=2)
    assert taken["process_id"] is None
    assert objects(taken["events"]) == [3, 6]
    assert "PROCESS_ID" not in taken["events"][0]
    assert objects(queued(portal)) == [9]
    assert refused(portal, "event.offline.get", limit=0) == (400, "ERROR_ARGUMENT")


def test_what_is_reserved_is_confirmed_or_given_back(portal: Running) -> None:
    bind(portal, "ONCRMCOMPANYUPDATE")
    for company in (3, 6, 9):
        portal.result("crm.company.update", id=company, fields={"TITLE": "B"})
    taken = portal.result("event.offline.get", clear=0)
    process = taken["process_id"]
    assert portal.result("event.offline.get", clear=0)["events"] == []
    again = portal.result("event.offline.get", clear=0, process_id=process)
    assert again == taken
    messages = [row["MESSAGE_ID"] for row in taken["events"]]
    clear = {"process_id": process, "message_id": messages[:1]}
    assert portal.result("event.offline.clear", **clear) is True
    failed = {"process_id": process, "message_id": messages[1:2]}
    assert portal.result("event.offline.error", **failed) is True
    assert objects(portal.result("event.offline.get", error=1)["events"]) == [6]
    assert portal.result("event.offline.clear", process_id=process, id=[3]) is True
    assert queued(portal) == []


def test_an_object_that_changes_while_it_is_reserved_is_queued_anew(portal: Running) -> None:
    bind(portal, "ONCRMCOMPANYUPDATE")
    portal.result("crm.company.update", id=3, fields={"TITLE": "B"})
    portal.result("event.offline.get", clear=0)
    portal.result("crm.company.update", id=3, fields={"TITLE": "C"})
    assert [bool(row["PROCESS_ID"]) for row in queued(portal)] == [True, False]


@pytest.mark.parametrize("method", ["get", "list", "clear", "error"])
def test_the_queue_is_for_administrators_in_the_app(portal: Running, method: str) -> None:
    denied = (403, "ACCESS_DENIED")
    assert refused(portal, f"event.offline.{method}", MANAGER, process_id="x") == denied
    webhook = portal.http.get(f"{portal.url}/rest/{ADMIN}/code/event.offline.{method}")
    assert webhook.json()["error"] == "WRONG_AUTH_TYPE"


def test_offline_handlers_are_for_administrators(portal: Running) -> None:
    event = {"event": "ONCRMCOMPANYDELETE", **OFFLINE}
    assert refused(portal, "event.bind", MANAGER, **event) == (403, "ACCESS_DENIED")
    bind(portal, "ONCRMCOMPANYDELETE")
    assert refused(portal, "event.unbind", MANAGER, **event) == (403, "ACCESS_DENIED")


def test_handlers_are_told(portal: Running) -> None:
    bind(portal, "onCrmDealDelete")
    online = {"event": "onCrmDealAdd", "handler": HANDLER}
    assert portal.result("event.bind", MANAGER, **online) is True
    offline = {"event": "ONCRMDEALDELETE", "connector_id": "", "offline": 1}
    mine = {
        "event": "ONCRMDEALADD",
        "handler": HANDLER,
        "auth_type": str(MANAGER),
        "offline": 0,
    }
    assert portal.result("event.get") == [offline, mine]
    assert portal.result("event.get", MANAGER) == [mine]
    assert portal.result("event.unbind", **online) == {"count": 1}
    assert portal.result("event.get") == [offline]


def test_an_online_handler_queues_nothing(portal: Running) -> None:
    portal.result("event.bind", event="ONCRMCOMPANYDELETE", handler=HANDLER)
    portal.result("crm.company.delete", id=3)
    assert queued(portal) == []


@pytest.mark.parametrize(
    ("parameters", "status", "error"),
    [
        ({"event": "ONCRMNOTHING", **OFFLINE}, 400, "ERROR_EVENT_NOT_FOUND"),
        ({**OFFLINE}, 400, "ERROR_ARGUMENT"),
        ({"event": "ONCRMDEALADD"}, 400, "ERROR_ARGUMENT"),
        ({"event": "ONCRMDEALADD", "event_type": "later"}, 400, "ERROR_ARGUMENT"),
        ({"event": "ONOFFLINEEVENT", **OFFLINE}, 400, "ERROR_ARGUMENT"),
        (
            {"event": "ONCRMDEALADD", "handler": "http://localhost/"},
            400,
            "ERROR_WRONG_HANDLER_URL",
        ),
        ({"event": "ONCRMDEALADD", **OFFLINE, "auth_connector": "x"}, 403, "WRONG_LICENSE"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_wrong_binding_is_refused(
    portal: Running, parameters: dict[str, Any], status: int, error: str
) -> None:
    assert refused(portal, "event.bind", **parameters) == (status, error)


def test_the_same_handler_is_bound_once(portal: Running) -> None:
    bind(portal, "ONCRMDEALDELETE")
    event = {"event": "ONCRMDEALDELETE", **OFFLINE}
    assert refused(portal, "event.bind", **event) == (400, "ERROR_CORE")


def test_a_person_may_not_bind_in_the_name_of_another(portal: Running) -> None:
    online = {"event": "ONCRMDEALADD", "handler": HANDLER, "auth_type": HEAD}
    assert refused(portal, "event.bind", MANAGER, **online) == (403, "ACCESS_DENIED")
    assert portal.result("event.bind", HEAD, **online) is True


def test_the_events_that_there_are_can_be_asked_for(portal: Running) -> None:
    assert {"ONCRMCOMPANYDELETE", "ONCRMDYNAMICITEMDELETE"} <= set(portal.result("events"))

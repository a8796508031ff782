"""Layouts of cards: whose they are, who may change them, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import ADMIN, MANAGER, STRANGER, Running

_GET, _SET, _RESET = (f"crm.item.details.configuration.{verb}" for verb in ("get", "set", "reset"))


def _section(*elements: Any) -> dict[str, Any]:
    return {"name": "main", "title": "Main", "type": "section", "elements": list(elements)}


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve({})


def test_a_layout_that_nobody_has_changed_is_null(portal: Running) -> None:
    for scope in ("P", "C"):
        assert portal.result(_GET, entityTypeId=4, scope=scope) is None


def test_a_written_layout_replaces_the_whole_one(portal: Running) -> None:
    first = [_section({"name": "TITLE", "optionFlags": 1}, {"name": "PHONE"})]
    portal.result(_SET, entityTypeId=4, scope="C", data=first)
    assert portal.result(_GET, entityTypeId=4, scope="C") == [
        _section({"name": "TITLE", "optionFlags": "1"}, {"name": "PHONE", "optionFlags": "0"})
    ]
    client = {"name": "CLIENT", "optionFlags": "1", "options": {"defaultCountry": "RU"}}
    portal.result(_SET, entityTypeId=4, scope="C", data=[_section(client)])
    assert portal.result(_GET, entityTypeId=4, scope="C") == [_section(client)]
    assert portal.result(_RESET, entityTypeId=4, scope="C") is True
    assert portal.result(_GET, entityTypeId=4, scope="C") is None


def test_the_common_layout_is_everybodys_and_an_administrator_writes_it(portal: Running) -> None:
    portal.result(_SET, entityTypeId=3, scope="C", data=[_section()])
    assert portal.result(_GET, MANAGER, entityTypeId=3, scope="C") == [_section()]
    for method in (_SET, _RESET):
        refused = portal.call(method, MANAGER, entityTypeId=3, scope="C", data=[_section()])
        assert (refused.status_code, refused.json()["error"]) == (400, "")
        assert refused.json()["error_description"] == "Access denied."


def test_a_personal_layout_is_ones_own(portal: Running) -> None:
    portal.result(_SET, MANAGER, entityTypeId=4, data=[_section()])
    assert portal.result(_GET, MANAGER, entityTypeId=4) == [_section()]
    assert portal.result(_GET, STRANGER, entityTypeId=4) is None
    assert portal.result(_GET, ADMIN, entityTypeId=4, userId=MANAGER) == [_section()]
    refused = portal.call(_GET, STRANGER, entityTypeId=4, userId=MANAGER)
    assert refused.json()["error_description"] == "Access denied."
    portal.result("crm.company.details.configuration.forceCommonScopeForAll")
    assert portal.result(_GET, MANAGER, entityTypeId=4) is None


def test_the_older_methods_see_the_same_layouts(portal: Running) -> None:
    portal.result("crm.company.details.configuration.set", scope="C", data=[_section()])
    assert portal.result(_GET, entityTypeId=4, scope="C") == [_section()]
    assert portal.result("crm.contact.details.configuration.get", scope="C") is None
    portal.result("crm.company.details.configuration.reset", scope="C")
    assert portal.result(_GET, entityTypeId=4, scope="C") is None


def test_funnels_have_layouts_of_their_own(portal: Running) -> None:
    portal.result(_SET, entityTypeId=2, data=[_section()], extras={"dealCategoryId": 5})
    assert portal.result(_GET, entityTypeId=2, extras={"dealCategoryId": 5}) == [_section()]
    assert portal.result(_GET, entityTypeId=2) is None


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"data": [_section()]}, "Parameter 'entityTypeId' is not defined"),
        ({"entityTypeId": 99, "data": [_section()]}, "is not supported in current context"),
        ({"entityTypeId": 4}, "Parameter 'data' must be array."),
        ({"entityTypeId": 4, "data": []}, "There are no data to write."),
        ({"entityTypeId": 4, "data": {"main": _section()}}, "must be indexed array"),
        ({"entityTypeId": 4, "data": [{**_section(), "type": "x"}]}, "have type x"),
        ({"entityTypeId": 4, "data": [{**_section(), "name": ""}]}, "does not have name"),
        ({"entityTypeId": 4, "data": [{**_section(), "title": ""}]}, "does not have title"),
        ({"entityTypeId": 4, "data": [_section({"optionFlags": 1})]}, "Element at index 0"),
    ],
)
def test_a_wrong_layout_is_refused(portal: Running, parameters: dict[str, Any], text: str) -> None:
    answer = portal.call(_SET, **parameters)
    assert (answer.status_code, answer.json()["error"]) == (400, "")
    assert text in answer.json()["error_description"]

"""Answers of the emulated portal beside answers recorded on real ones (fast_bitrix24,
tests/real_responses).

Compared are names, types and the forms of empty maps; numbers and texts are the portals' own.
"""

from __future__ import annotations

from typing import Any

import pytest

from unit.portal.conftest import Serve
from unit.portal.small_portal import Running

_TIME = {
    "start": 1739205151.785116,
    "finish": 1739205151.915156,
    "duration": 0.13003993034362793,
    "processing": 0.12938594818115234,
    "date_start": "2025-02-10T19:32:31+03:00",
    "date_finish": "2025-02-10T19:32:31+03:00",
    "operating_reset_at": 1739205751,
    "operating": 0,
}

_RECORDED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "an older list": (
        "crm.lead.list",
        {"select": ["ID", "TITLE"]},
        {"result": [{"ID": "35823", "TITLE": "T"}], "total": 39, "time": _TIME},
    ),
    "the new list": (
        "crm.item.list",
        {"entityTypeId": 31, "select": ["id", "title", "createdTime"]},
        {
            "result": {
                "items": [{"id": 1, "title": "T", "createdTime": "2024-04-19T03:00:00+03:00"}]
            },
            "total": 3,
            "time": _TIME,
        },
    ),
    "funnels": (
        "crm.category.list",
        {"entityTypeId": 2},
        {
            "result": {
                "categories": [
                    {"id": 0, "name": "Shop", "sort": 100, "entityTypeId": 2, "isDefault": "Y"},
                    {
                        "id": 1,
                        "name": "B",
                        "sort": 200,
                        "entityTypeId": 2,
                        "isDefault": "N",
                        "originId": "",
                        "originatorId": "",
                    },
                ]
            },
            "total": 52,
            "time": _TIME,
        },
    ),
    "a batch of an empty list": (
        "batch",
        {"cmd": {"order0000000000": "crm.requisite.list"}},
        {
            "result": {
                "result": {"order0000000000": []},
                "result_error": [],
                "result_total": {"order0000000000": 0},
                "result_next": [],
                "result_time": {"order0000000000": _TIME},
            },
            "time": _TIME,
        },
    ),
    "a batch of successes and errors": (
        "batch",
        {
            "cmd": {
                "35943": "crm.lead.get?id=35943&select[]=ID",
                "0": "crm.lead.get?id=",
                "1": "crm.lead.get?id=1",
            }
        },
        {
            "result": {
                "result": {"35943": {"ID": "35943"}},
                "result_error": [
                    {"error": "", "error_description": "ID is not defined or invalid."},
                    {"error": "", "error_description": "Not found"},
                ],
                "result_total": [],
                "result_next": [],
                "result_time": {"35943": _TIME},
            },
            "time": _TIME,
        },
    ),
    "contacts of a company": (
        "batch",
        {"cmd": {"205364": "crm.company.contact.items.get?id=205364"}},
        {
            "result": {
                "result": {
                    "205364": [
                        {"CONTACT_ID": 350354, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "Y"},
                        {"CONTACT_ID": 369658, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "Y"},
                    ]
                },
                "result_error": [],
                "result_total": [],
                "result_next": [],
                "result_time": {"205364": _TIME},
            },
            "time": _TIME,
        },
    ),
}


@pytest.fixture
def portal(serve: Serve) -> Running:
    return serve(
        {
            "leads": [{"ID": 35943, "TITLE": "L"}],
            "invoices": [{"id": 1, "title": "I"}],
            "categories": [
                {"id": 0, "name": "Deals", "entityTypeId": 2, "isDefault": "Y"},
                {"id": 5, "name": "More", "entityTypeId": 2},
            ],
            "companies": [{"ID": 205364}],
            "contacts": [
                {"ID": 350354, "COMPANY_ID": 205364},
                {"ID": 369658, "COMPANY_ID": 205364},
            ],
        },
        pace="cloud",
        speed=1000,
    )


@pytest.mark.parametrize("name", _RECORDED)
def test_answers_have_the_recorded_shape(portal: Running, name: str) -> None:
    method, parameters, recorded = _RECORDED[name]
    answer = portal.call(method, **parameters).json()
    _compare(answer, recorded, name)


def _compare(answer: Any, recorded: Any, path: str) -> None:
    if isinstance(recorded, dict):
        assert isinstance(answer, dict), path
        # ``crm.lead.get`` gives all fields whatever is selected.
        assert recorded.keys() <= answer.keys(), path
        if not path.endswith("[35943]"):
            assert recorded.keys() == answer.keys(), path
        for key in recorded:
            _compare(answer[key], recorded[key], f"{path}[{key}]")
    elif isinstance(recorded, list):
        assert isinstance(answer, list), path
        assert bool(answer) == bool(recorded), path
        for position, (one, other) in enumerate(zip(answer, recorded, strict=False)):
            _compare(one, other, f"{path}[{position}]")
    elif isinstance(recorded, int | float):
        assert isinstance(answer, int | float), path
    else:
        assert type(answer) is type(recorded), path
        if path.endswith(("[error]", "[error_description]", "[IS_PRIMARY]")):
            assert answer == recorded, path

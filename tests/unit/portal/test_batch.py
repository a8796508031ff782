"""The method batch: order, macros, the missing-path trap, limits of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from portal.batch import php_array, substitute
from unit.portal.conftest import Serve
from unit.portal.small_portal import Running, companies

_EARLIER: dict[str, dict[str, Any]] = {
    "result": {
        "p0": [{"ID": "3", "TITLE": "A"}, {"ID": "6", "TITLE": "B"}],
        "items": {"items": [{"id": 7}]},
        "time": "now",
    },
    "total": {"p0": 2},
    "next": {},
    "time": {"p0": {"operating": 0.5}},
    "error": {},
}


@pytest.mark.parametrize(
    ("value", "replaced"),
    [
        ("$result[p0][1][ID]", "6"),
        ("$result[items][items][0][id]", 7),
        ("$total[p0]", 2),
        ("$time[p0][operating]", 0.5),
        ("plain", "plain"),
        ("$result", "$result"),
        ("$unknown[p0]", "$unknown[p0]"),
        ("ID is $result[p0][0][ID]", "ID is 3"),
        ("$result[items][items][0][id] $result[p0][0][ID]", "7 3"),
        ("page is $result[p0]", "page is $result[p0]"),
        ("$result[p0]", _EARLIER["result"]["p0"]),
        ("$result[time][0]", "n"),
        ({"ID": ["$result[p0][0][ID]"]}, {"ID": ["$result[p0][0][ID]"]}),
        ({"filter": {">ID": "$result[p0][0][ID]"}}, {"filter": {">ID": "3"}}),
    ],
)
def test_macros_take_earlier_results(value: Any, replaced: Any) -> None:
    assert substitute(value, _EARLIER) == replaced


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("$result[p0][49][ID]", _EARLIER["result"]["p0"]),
        ("$result[p0][0][NO]", _EARLIER["result"]["p0"][0]),
        ("$result[absent][0][ID]", _EARLIER["result"]),
        ("$next[p0]", {}),
    ],
)
def test_a_missing_path_stops_at_the_deepest_level_found(value: str, found: Any) -> None:
    assert substitute(value, _EARLIER) == found


def test_a_map_looks_as_php_writes_it() -> None:
    assert php_array({}) == []
    assert php_array({"0": "a", "1": "b"}) == ["a", "b"]
    assert php_array({"1": "a"}) == {"1": "a"}
    assert php_array({"p0": 1}) == {"p0": 1}


def _chain(length: int, query: str = "") -> dict[str, str]:
    commands = {"p0": f"crm.company.list?order[ID]=ASC&start=-1&select[]=ID&filter[%3EID]=0{query}"}
    for n in range(1, length):
        last = f"%24result%5Bp{n - 1}%5D%5B49%5D%5BID%5D"
        commands[f"p{n}"] = (
            f"crm.company.list?order[ID]=ASC&start=-1&select[]=ID&filter[%3EID]={last}{query}"
        )
    return commands


def _batch(portal: Running, commands: Any, halt: int = 0) -> dict[str, Any]:
    result: dict[str, Any] = portal.result("batch", halt=halt, cmd=commands)
    return result


def test_a_chain_of_pages_comes_in_one_request(serve: Serve) -> None:
    portal = serve({"companies": companies(120)})
    result = _batch(portal, _chain(3))
    ids = [int(row["ID"]) for key in ("p0", "p1", "p2") for row in result["result"][key]]
    assert ids == [3 * n for n in range(1, 121)]
    assert result["result_error"] == []
    assert result["result_next"] == []
    assert result["result_total"] == {"p0": 0, "p1": 0, "p2": 0}
    assert result["result_time"]["p2"]["operating"] == 0


def test_the_command_after_a_short_page_gives_the_first_page_again(serve: Serve) -> None:
    portal = serve({"companies": companies(70)})
    result = _batch(portal, _chain(4))["result"]
    assert len(result["p1"]) == 20
    assert [row["ID"] for row in result["p2"]] == [row["ID"] for row in result["p0"]]


def test_the_command_after_an_empty_page_gives_the_first_page_too(serve: Serve) -> None:
    portal = serve({"companies": companies(50)})
    result = _batch(portal, _chain(3))["result"]
    assert result["p1"] == []
    assert result["p2"] == result["p0"]


def test_an_error_inside_does_not_fail_the_batch(serve: Serve) -> None:
    portal = serve({"companies": companies(1)})
    commands = {
        "a": "crm.item.list?entityTypeId=4&filter[NO]=1",
        "b": "server.time",
        "c": "no.such.method",
    }
    result = _batch(portal, commands)
    assert result["result_error"]["a"]["error"] == "INVALID_ARG_VALUE"
    assert result["result_error"]["c"]["error"] == "ERROR_METHOD_NOT_FOUND"
    assert list(result["result"]) == ["b"]
    assert list(result["result_time"]) == ["b"]


def test_halt_stops_at_the_first_error(serve: Serve) -> None:
    portal = serve({})
    commands = {"a": "server.time", "b": "no.such.method", "c": "server.time"}
    result = _batch(portal, commands, halt=1)
    assert list(result["result"]) == ["a"]
    assert list(result["result_error"]) == ["b"]


def test_commands_above_fifty_get_error_entries(serve: Serve) -> None:
    portal = serve({})
    result = _batch(portal, {f"c{n}": "server.time" for n in range(52)})
    assert len(result["result"]) == 50
    assert result["result_error"] == {
        key: {
            "error": "ERROR_BATCH_LENGTH_EXCEEDED",
            "error_description": "Max batch length exceeded",
        }
        for key in ("c50", "c51")
    }


def test_a_batch_in_a_batch_is_refused(serve: Serve) -> None:
    portal = serve({})
    result = _batch(portal, {"a": "batch?cmd[b]=server.time"})
    assert result["result"] == []
    assert result["result_error"]["a"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_a_list_of_commands_is_answered_by_lists(serve: Serve) -> None:
    portal = serve({})
    result = _batch(portal, ["server.time", "user.admin"])
    assert result["result"][1] is True
    assert len(result["result_time"]) == 2


def test_a_batch_as_a_query_string_is_the_same(serve: Serve) -> None:
    portal = serve({"companies": companies(60)})
    command = "crm.company.list%3Fstart%3D-1%26filter%5B%253EID%5D%3D150"
    body = f"auth={portal.token()}&halt=0&cmd%5Ba%5D={command}"
    response = portal.http.post(
        f"{portal.url}/rest/batch",
        content=body,
        headers={"content-type": "text/plain;charset=UTF-8"},
    )
    assert len(response.json()["result"]["result"]["a"]) == 10


def test_next_and_total_of_counted_pages_come_by_command(serve: Serve) -> None:
    portal = serve({"companies": companies(60)})
    result = _batch(portal, {"a": "crm.company.list?select[]=ID", "b": "crm.company.list?start=50"})
    assert result["result_total"] == {"a": 60, "b": 60}
    assert result["result_next"] == {"a": 50}

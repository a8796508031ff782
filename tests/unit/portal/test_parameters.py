"""Parameters as PHP reads them."""

from __future__ import annotations

from typing import Any

import pytest

from portal.parameters import members, parse_body, parse_query, php_int, php_text


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", {}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("flag", {"flag": ""}),
        ("select[]=ID&select[]=TITLE", {"select": {"0": "ID", "1": "TITLE"}}),
        ("select[5]=ID&select[]=TITLE", {"select": {"5": "ID", "6": "TITLE"}}),
        ("filter[%3EID]=5", {"filter": {">ID": "5"}}),
        ("filter[>ID]=5&filter[IS_MY_COMPANY]=N", {"filter": {">ID": "5", "IS_MY_COMPANY": "N"}}),
        ("a[0][b]=1&a[0][c]=2", {"a": {"0": {"b": "1", "c": "2"}}}),
        ("name=a+b%20c", {"name": "a b c"}),
        ("empty[]=", {"empty": {"0": ""}}),
        ("with.dot and space=1", {"with_dot_and_space": "1"}),
        ("filter[with.dot]=1", {"filter": {"with.dot": "1"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("broken[=1", {"broken_": "1"}),
        (
            "cmd[p0]=crm.deal.list%3Fstart%3D-1%26filter%5B%253EID%5D%3D7",
            {"cmd": {"p0": "crm.deal.list?start=-1&filter[%3EID]=7"}},
        ),
    ],
)
def test_a_query_string_nests_by_brackets(text: str, parameters: dict[str, Any]) -> None:
    assert parse_query(text) == parameters


def test_a_text_plain_body_is_a_query_string() -> None:
    assert parse_body(b"auth=t&start=-1", "text/plain;charset=UTF-8") == {
        "auth": "t",
        "start": "-1",
    }


def test_json_keeps_numbers_and_nulls() -> None:
    body = b'{"start": -1, "fields": {"a": null}, "ids": [1, 2]}'
    assert parse_body(body, "application/json") == {
        "start": -1,
        "fields": {"a": None},
        "ids": [1, 2],
    }


def test_a_body_that_is_no_json_though_it_says_so_has_no_parameters() -> None:
    assert parse_body(b"auth=t", "application/json") == {}
    assert parse_body(b"[1]", "application/json") == {}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12", 12),
        ("12abc", 12),
        ("abc", 0),
        ("", 0),
        (None, 0),
        ([], 0),
        ([5], 1),
        ({"a": 1}, 1),
        (-1, -1),
        ("-1", -1),
        (True, 1),
        ("9" * 30, 2**63 - 1),
    ],
)
def test_numbers_are_read_as_intval_reads_them(value: Any, number: int) -> None:
    assert php_int(value) == number


def test_an_array_as_text_is_the_word_array() -> None:
    assert php_text([1, 2]) == "Array"
    assert members({"0": "a", "5": "b"}) == ["a", "b"]

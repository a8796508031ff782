"""Requests as PHP query strings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.query import Command, batch_query, encode, key_of, result_of
from unit.crm.fake_portal import parse

NAMES = st.text(min_size=1).filter(lambda name: not set(name) & set("[]"))
SCALARS = st.text() | st.integers() | st.booleans()
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1)
    ),
    max_leaves=12,
)


def as_php_reads(value: Any) -> Any:
    """Lists come as maps of their places, scalars as text."""
    if isinstance(value, dict):
        return {str(key): as_php_reads(item) for key, item in value.items()}
    if isinstance(value, list):
        return {str(place): as_php_reads(item) for place, item in enumerate(value)}
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_whatever_is_encoded_arrives_as_it_was(params: dict[str, Any]) -> None:
    assert parse(encode(params)) == as_php_reads(params)


@given(st.lists(st.dictionaries(NAMES, TREES, max_size=3), max_size=5))
def test_commands_arrive_in_a_batch_as_they_were(queries: list[dict[str, Any]]) -> None:
    commands = [Command.of("crm.company.list", query) for query in queries]
    arrived = parse(batch_query(commands)).get("cmd", {})
    assert list(arrived) == [key_of(index) for index in range(len(commands))]
    for command, query in zip(arrived.values(), queries, strict=True):
        method, _, inner = command.partition("?")
        assert method == "crm.company.list"
        assert parse(inner) == as_php_reads(query)


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"filter": {">ID": 5}}, "filter[%3EID]=5"),
        ({"select": []}, "select="),
        ({"select": ("ID", "TITLE")}, "select[0]=ID&select[1]=TITLE"),
        ({"a": None, "b": {}, "start": -1}, "start=-1"),
    ],
)
def test_a_query_is_written_as_the_platform_writes_it(params: dict[str, Any], query: str) -> None:
    assert encode(params) == query


def test_a_result_of_an_earlier_command_is_named_by_its_key_and_path() -> None:
    assert result_of(3, "items", 49, "id") == "$result[c3][items][49][id]"

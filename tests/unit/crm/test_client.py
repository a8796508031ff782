"""Calls and batches that survive a portal's moods."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import errors
from crm.answer import Timing, read_answer, read_batch
from crm.client import Portal, RetryPolicy
from crm.protocols import Answer
from crm.query import Command
from unit.crm.fake_portal import FakePortal, Limits, Refusal
from unit.crm.reading import portal_of
from unit.crm.virtual_time import run
from unit.crm.worlds import World, steady

COMPANIES = World({"crm.company.list": steady(120, 100, seed=1)})
PAGE = Command.of(
    "crm.company.list",
    {"select": ["ID"], "filter": {">ID": 0}, "order": {"ID": "ASC"}, "start": -1},
)
HTML = Answer(502, "<html>Bad Gateway</html>")


def at(numbers: dict[int, Any]) -> Callable[[int, str], Any]:
    """Faults by the number of the request."""
    return lambda number, body: numbers.get(number)


def call(fake: FakePortal, method: str = "server.time") -> Any:
    return run(portal_of(fake).call(method))


@pytest.mark.parametrize(
    "fault",
    [
        HTML,
        Answer(200, ""),
        Answer(200, "null"),
        Answer(200, "[]"),
        Answer(200, '{"time": {}}'),
        Answer(200, '{"result": tru'),
        Answer(500, '{"error": "INTERNAL_SERVER_ERROR", "error_description": "x"}'),
        Answer(503, '{"error": "QUERY_LIMIT_EXCEEDED"}'),
        Answer(503, "Service Unavailable"),
        Refusal(401, "expired_token"),
        Refusal(429, "OPERATION_TIME_LIMIT"),
        "connection",
        "lost",
    ],
    ids=str,
)
def test_what_passes_by_itself_is_tried_again(fault: Any) -> None:
    fake = COMPANIES.portal()
    fake.fault = at({1: fault})
    assert call(fake) == fake.now
    assert fake.requests == 2


@pytest.mark.parametrize(
    ("status", "code", "words", "error"),
    [
        (403, "ACCESS_DENIED", "REST API is available only on commercial plans", "plan_refused"),
        (403, "ACCESS_DENIED", "Access denied!", "access_denied"),
        (400, "", "Access denied.", "access_denied"),
        (403, "insufficient_scope", "", "scope_missing"),
        (404, "ERROR_METHOD_NOT_FOUND", "Method not found!", "method_missing"),
        (400, "ENTITY_TYPE_NOT_SUPPORTED", "", "method_missing"),
        (400, "ERROR_CORE", "bad", "request_refused"),
        (503, "OVERLOAD_LIMIT", "", "portal_blocked"),
        (500, "PORTAL_DELETED", "", "portal_deleted"),
        (403, "user_access_error", "", "app_refused"),
        (402, "PAYMENT_REQUIRED", "", "plan_refused"),
    ],
)
def test_a_refusal_is_final_and_has_its_code(
    status: int, code: str, words: str, error: str
) -> None:
    fake = COMPANIES.portal()
    fake.fault = lambda number, body: Refusal(status, code, words)
    with pytest.raises(errors.PortalError) as caught:
        call(fake)
    assert caught.value.code == error
    assert caught.value.params["words"] == words
    assert fake.requests == 1


@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        ("connection", "connection_lost", 7),
        (HTML, "portal_failed", 7),
        (Answer(200, "<html>"), "answer_unreadable", 7),
        (Refusal(503, "QUERY_LIMIT_EXCEEDED"), "portal_overloaded", 14),
        ("lost", "request_too_heavy", 3),
    ],
    ids=str,
)
def test_what_does_not_pass_ends_in_one_clear_error(fault: Any, error: str, requests: int) -> None:
    fake = COMPANIES.portal()
    fake.fault = lambda number, body: fault
    with pytest.raises(errors.PortalError) as caught:
        call(fake)
    assert caught.value.code == error
    assert fake.requests == requests


def test_every_error_has_a_code_of_its_own_and_one_line_of_explanation() -> None:
    kinds = [errors.PortalFailed]
    kinds += [kind for kind in vars(errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in set(kinds) if issubclass(kind, errors.PortalError)]
    codes = {kind.code for kind in kinds if kind is not errors.PortalError}
    assert len(codes) == len(kinds) - 1
    assert all(kind.__doc__ for kind in kinds)


def test_waits_between_attempts_grow_and_differ() -> None:
    policy = RetryPolicy()
    assert [policy.wait_s(attempt, 0.5) for attempt in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert policy.wait_s(3, 0.0) == 2
    assert policy.wait_s(3, 1.0) == 6


def test_an_expired_token_is_renewed_once_for_all_who_wait() -> None:
    fake = COMPANIES.portal()
    fake.valid_token = "another"

    async def work() -> list[Any]:
        portal = portal_of(fake)
        return await asyncio.gather(*(portal.call("server.time") for _ in range(20)))

    assert run(work()) == [fake.now] * 20
    assert fake.tokens_given == 2


def test_a_renewal_without_an_answer_ends_in_a_clear_error() -> None:
    fake = COMPANIES.portal()
    fake.valid_token, fake.renews = "another", False
    with pytest.raises(errors.SessionExpired):
        call(fake)


def test_a_token_that_is_refused_again_and_again_ends_in_a_clear_error() -> None:
    fake = COMPANIES.portal()
    fake.fault = lambda number, body: Refusal(401, "expired_token")
    with pytest.raises(errors.SessionExpired):
        call(fake)
    assert fake.requests == RetryPolicy().renewals + 1


def test_while_the_source_of_tokens_is_silent_the_last_one_is_used() -> None:
    fake = COMPANIES.portal()
    silent = asyncio.Event()

    async def token() -> str:
        if fake.requests:
            await silent.wait()
        return "t1"

    async def work() -> None:
        portal = portal_of(fake)
        for _ in range(3):
            assert await portal.call("server.time") == fake.now

    fake.token = token  # type: ignore[method-assign]
    run(work())


def test_a_batch_of_any_length_comes_back_in_order() -> None:
    fake = COMPANIES.portal()
    commands = [PAGE, Command("server.time"), Command("no.such.method")] * 40
    results = run(portal_of(fake).batch(commands))
    assert [len(result.get()) for result in results[::3]] == [50] * 40
    assert [result.get() for result in results[1::3]] == [fake.now] * 40
    assert {result.error.code for result in results[2::3] if result.error} == {"method_missing"}
    assert fake.requests == 3


def test_a_batch_that_is_cut_is_halved_until_it_fits() -> None:
    fake = COMPANIES.portal(Limits(page_s=4.0))
    results = run(portal_of(fake).batch([PAGE] * 50))
    assert [len(result.get()) for result in results] == [50] * 50
    sizes = [body.count("&cmd") for body in fake.bodies]
    assert sizes[:3] == [50, 25, 12]
    assert set(sizes[3:-1]) == {3}, (
        "then it is known that a command takes 4 s, and 15 s are aimed at"
    )


def test_a_single_command_that_is_always_cut_ends_in_a_clear_error() -> None:
    with pytest.raises(errors.RequestTooHeavy):
        run(portal_of(COMPANIES.portal(Limits(page_s=100.0))).batch([PAGE] * 4))


def test_of_a_batch_only_commands_of_a_blocked_method_are_repeated_after_the_reset() -> None:
    fake = COMPANIES.portal()
    blocked_once = [Refusal(429, "OPERATION_TIME_LIMIT")] * 3
    fake.inner_fault = lambda method, query: (
        blocked_once.pop() if method == "crm.company.list" and blocked_once else None
    )
    results = run(portal_of(fake).batch([PAGE] * 3 + [Command("server.time")] * 3))
    assert all(result.error is None for result in results)
    assert fake.commands == 6
    assert fake.requests == 2


def test_no_request_is_refused_however_many_are_wanted() -> None:
    fake = COMPANIES.portal()

    async def work(portal: Portal) -> None:
        await asyncio.gather(*(portal.call("server.time") for _ in range(200)))

    run(work(portal_of(fake)))
    assert not fake.refused


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = ["result", "error", "error_description", "time", "duration", "operating", "c0", "c1"]
KEYS += ["result_error", "result_time", "operating_reset_at", "finish"]
ANSWERS = st.recursive(
    JSON, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner), max_leaves=20
)


@given(st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503, 504]), ANSWERS | st.text())
def test_no_answer_whatever_breaks_the_reading_of_it(status: int, body: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    result = read_answer(Answer(status, text), "batch")
    assert status == 200 or result.error is not None
    if result.error is None:
        try:
            results = read_batch(result.value, [Command("a"), Command("b")])
        except errors.AnswerUnreadable:
            return
        assert len(results) == 2


@pytest.mark.parametrize("odd", [None, [], "x", {"operating": "many", "duration": True}, {"a": 1}])
def test_time_that_is_missing_or_odd_is_no_time(odd: Any) -> None:
    assert Timing.read(odd) == Timing()


def test_time_may_come_as_text() -> None:
    timing = Timing.read({"operating": "1.5", "operating_reset_at": 700, "finish": 100.0})
    assert timing.operating_s == 1.5
    assert timing.reset_in_s(timing) == 600

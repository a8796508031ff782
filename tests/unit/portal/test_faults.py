"""Faults on demand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from portal.faults import Faults, FaultSpecError
from unit.portal.conftest import Serve
from unit.portal.small_portal import FakeTime, Running, companies

KINDS = "seed=7,503=0.1,429=0.1,500=0.1,html=0.1,slow=0.1:3,lost=0.1,expire=0.1,reset=0.1"


def _kinds(spec: str, count: int) -> list[str]:
    faults = Faults(spec)
    return [fault.kind if fault else "" for fault in (faults.next_fault() for _ in range(count))]


def test_the_same_seed_gives_the_same_faults() -> None:
    assert _kinds(KINDS, 200) == _kinds(KINDS, 200)
    assert _kinds(KINDS, 200) != _kinds(KINDS.replace("seed=7", "seed=8"), 200)
    assert len(set(_kinds(KINDS, 200))) == 9


def test_shares_are_kept() -> None:
    kinds = _kinds("seed=3,503=0.25", 4000)
    assert kinds.count("503") == pytest.approx(1000, abs=100)


def test_a_fault_can_be_given_to_one_request_for_certain() -> None:
    assert _kinds("at=2:lost,at=4:slow:5", 5) == ["", "lost", "", "slow", ""]


def test_an_empty_specification_ends_all_faults() -> None:
    faults = Faults("503=1")
    faults.set("")
    assert faults.next_fault() is None


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("503", "has no value"),
        ("504=0.1", "'504' is not known"),
        ("503=often", "'often' is not a number"),
        ("503=1.5", "between 0 and 1"),
        ("503=-0.1", "negative"),
        ("503=0.6,500=0.6", "together"),
        ("503=0.1:8", "only slow"),
        ("at=x:lost", "'x' is not a whole number"),
        ("at=0:lost", "from 1"),
        ("at=3", "'' is not known"),
        ("seed=1.5", "whole number"),
    ],
)
def test_a_wrong_specification_says_what_is_wrong(spec: str, text: str) -> None:
    with pytest.raises(FaultSpecError, match=text):
        Faults(spec)


def test_refresh_is_silent_as_often_as_asked() -> None:
    assert Faults("refresh_silent=1").refresh_is_silent()
    assert not Faults("503=1").refresh_is_silent()


def _outcome(portal: Running, **parameters: Any) -> tuple[int, str]:
    response = portal.call("crm.company.list", **parameters)
    kind = response.headers["content-type"].partition(";")[0]
    return response.status_code, response.json().get(
        "error", ""
    ) if kind == "application/json" else kind


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("503", 503, "QUERY_LIMIT_EXCEEDED"),
        ("429", 429, "OPERATION_TIME_LIMIT"),
        ("500", 500, "INTERNAL_SERVER_ERROR"),
        ("502", 502, "text/html"),
        ("html", 200, "text/html"),
        ("expire", 401, "expired_token"),
        ("OVERLOAD_LIMIT", 503, "OVERLOAD_LIMIT"),
        ("ERROR_UNEXPECTED_ANSWER", 500, "ERROR_UNEXPECTED_ANSWER"),
        ("PORTAL_DELETED", 500, "PORTAL_DELETED"),
        ("ACCESS_DENIED", 403, "ACCESS_DENIED"),
        ("INVALID_CREDENTIALS", 403, "INVALID_CREDENTIALS"),
        ("insufficient_scope", 403, "insufficient_scope"),
        ("user_access_error", 403, "user_access_error"),
        ("allowed_only_intranet_user", 403, "allowed_only_intranet_user"),
        ("authorization_error", 401, "authorization_error"),
        ("APPLICATION_NOT_FOUND", 401, "APPLICATION_NOT_FOUND"),
        ("INVALID_REQUEST", 400, "INVALID_REQUEST"),
    ],
)
def test_each_fault_looks_like_the_platforms(
    serve: Serve, kind: str, status: int, error: str
) -> None:
    portal = serve({"companies": companies(1)}, faults=f"at=1:{kind}")
    assert _outcome(portal) == (status, error)
    assert _outcome(portal) == (200, "")


def test_in_a_batch_the_first_commands_method_is_blocked(serve: Serve) -> None:
    portal = serve({"companies": companies(1)}, faults="at=1:429")
    commands = {
        "a": "crm.company.list?start=-1",
        "b": "server.time",
        "c": "crm.company.list?start=-1",
    }
    result = portal.result("batch", cmd=commands)
    assert list(result["result_error"]) == ["a", "c"]
    assert list(result["result"]) == ["b"]


def test_a_lost_answer_is_lost_after_the_work(serve: Serve) -> None:
    portal = serve({"companies": companies(1)}, faults="at=1:lost")
    with pytest.raises(httpx.RemoteProtocolError):
        portal.call("crm.company.update", id=3, fields={"TITLE": "Done"})
    assert portal.result("crm.company.get", id=3)["TITLE"] == "Done"


def test_a_reset_comes_before_the_work(serve: Serve) -> None:
    portal = serve({"companies": companies(1)}, faults="at=1:reset")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        portal.call("crm.company.update", id=3, fields={"TITLE": "Done"})
    assert portal.result("crm.company.get", id=3)["TITLE"] == "Company 1"


def test_a_slow_answer_takes_its_seconds(serve: Serve) -> None:
    time = FakeTime()
    portal = serve({"companies": companies(1)}, faults="at=1:slow:5", fake=time)
    assert _outcome(portal) == (200, "")
    assert 5 in time.pauses

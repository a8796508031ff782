"""Both limits of the platform and the pace, in a time that tests move."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from portal.errors import RestError
from portal.execution import Execution, RequestCut
from portal.limits import LeakyBuckets, LimitRules, OperatingBaskets
from portal.methods.call import Caller
from portal.pace import PACES, Work
from portal.requestlog import Command
from portal.rights import Rights
from portal.state import Options, PortalState
from unit.portal.conftest import Serve
from unit.portal.small_portal import FakeTime, companies, stored

ADMINISTRATOR = Caller(1, "app", True, Rights(None))


def test_a_bucket_takes_the_burst_and_then_two_a_second() -> None:
    time = FakeTime()
    buckets = LeakyBuckets(LimitRules(), time.clock().emulated_s)
    assert [buckets.admit("a") for _ in range(51)] == [True] * 50 + [False]
    time.now_s += 1
    assert [buckets.admit("a") for _ in range(3)] == [True, True, False]
    time.now_s += 100
    assert buckets.level("a") == 0


def test_every_address_has_its_own_bucket() -> None:
    buckets = LeakyBuckets(LimitRules(burst=1), FakeTime().clock().emulated_s)
    assert buckets.admit("a")
    assert not buckets.admit("a")
    assert buckets.admit("b")


def test_operating_time_is_counted_by_client_and_method_for_ten_minutes() -> None:
    time = FakeTime()
    baskets = OperatingBaskets(LimitRules(), time.clock().emulated_s)
    baskets.record("app", "crm.deal.list", 300, 0.0)
    baskets.record("other", "crm.deal.list", 100, 0.0)
    time.now_s += 60
    baskets.record("app", "crm.deal.list", 200, 60.0)
    assert baskets.used_s("app", "crm.deal.list") == 500
    assert baskets.is_blocked("app", "crm.deal.list")
    assert not baskets.is_blocked("app", "crm.company.list")
    assert not baskets.is_blocked("other", "crm.deal.list")
    assert baskets.reset_at_s("app", "crm.deal.list", 60.0) == 600
    time.now_s += 541
    assert baskets.used_s("app", "crm.deal.list") == 200
    assert not baskets.is_blocked("app", "crm.deal.list")


def test_little_time_is_not_recorded() -> None:
    baskets = OperatingBaskets(LimitRules(), FakeTime().clock().emulated_s)
    baskets.record("app", "m", 0.1, 0.0)
    assert baskets.used_s("app", "m") == 0
    baskets.record("app", "m", 0.11, 0.0)
    assert baskets.used_s("app", "m") == 0.11


@pytest.mark.parametrize(
    ("name", "work", "all_fields", "counted", "cost_s"),
    [
        ("cloud", Work.PAGE, False, False, 0.08),
        ("cloud", Work.PAGE, True, False, 0.16),
        ("cloud", Work.PAGE, False, True, 0.24),
        ("cloud", Work.PAGE, True, True, 0.48),
        ("cloud", Work.WRITE, False, False, 0.3),
        ("cloud", Work.OTHER, False, False, 0.02),
        ("measured", Work.PAGE, False, False, 0.22),
        ("measured", Work.WRITE, False, False, 0.5),
        ("off", Work.PAGE, True, True, 0.0),
    ],
)
def test_what_a_call_costs(
    name: str, work: Work, all_fields: bool, counted: bool, cost_s: float
) -> None:
    assert PACES[name].cost_s(work, all_fields=all_fields, counted=counted) == pytest.approx(cost_s)


def _state(time: FakeTime, pace: str = "cloud", speed: float = 1.0, rows: int = 3) -> PortalState:
    return PortalState(
        stored({"companies": companies(rows)}), Options(pace=pace), time.clock(speed)
    )


def _run(execution: Execution, method: str, **parameters: Any) -> dict[str, Any]:
    return asyncio.run(execution.call(method, parameters, Command("", method, "")))


NAMED = {"select": ["ID"], "start": -1}


def test_calls_of_one_request_wait_one_after_another() -> None:
    time = FakeTime()
    execution = Execution(_state(time), ADMINISTRATOR)
    began_s = time.now_s
    for _ in range(5):
        body = _run(execution, "crm.company.list", **NAMED)
    assert time.now_s - began_s == pytest.approx(0.4)
    assert body["time"]["duration"] == pytest.approx(0.08)
    assert body["time"]["processing"] == pytest.approx(0.08)


def test_short_calls_of_a_batch_are_summed_before_they_are_counted() -> None:
    time = FakeTime()
    state = _state(time)
    alone = Execution(state, ADMINISTRATOR)
    assert _run(alone, "crm.company.list", **NAMED)["time"]["operating"] == 0
    alone.close()
    assert state.limits.operating.used() == {}
    batch = Execution(state, ADMINISTRATOR)
    for _ in range(50):
        assert _run(batch, "crm.company.list", **NAMED)["time"]["operating"] == 0
    batch.close()
    assert state.limits.operating.used() == {"crm.company.list": pytest.approx(4.0)}


def test_longer_calls_are_seen_while_the_batch_runs() -> None:
    execution = Execution(_state(FakeTime()), ADMINISTRATOR)
    operating = [
        _run(execution, "crm.company.list", select=["ID"])["time"]["operating"] for _ in range(3)
    ]
    assert operating == pytest.approx([0.24, 0.48, 0.72])


def test_a_method_over_its_budget_is_blocked_and_others_go_on() -> None:
    time = FakeTime()
    state = _state(time)
    state.limits.operating.record("app", "crm.company.list", 480.1, 0.0)
    execution = Execution(state, ADMINISTRATOR)
    with pytest.raises(RestError) as error:
        _run(execution, "crm.company.list", **NAMED)
    assert (error.value.status, error.value.code) == (429, "OPERATION_TIME_LIMIT")
    assert _run(execution, "crm.contact.list", **NAMED)["result"] == []
    time.now_s += 601
    assert len(_run(Execution(state, ADMINISTRATOR), "crm.company.list", **NAMED)["result"]) == 3


def test_all_types_of_crm_item_list_share_one_budget() -> None:
    state = _state(FakeTime())
    execution = Execution(state, ADMINISTRATOR)
    for entity_type in (2, 4, 31):
        _run(execution, "crm.item.list", entityTypeId=entity_type, select=["id"], start=-1)
    execution.close()
    assert state.limits.operating.used() == {"crm.item.list": pytest.approx(0.24)}


def test_a_request_is_cut_at_sixty_seconds_and_its_writes_stay() -> None:
    time = FakeTime()
    state = _state(time, "measured")
    execution = Execution(state, ADMINISTRATOR)
    began_s, done = time.now_s, 0
    with pytest.raises(RequestCut):
        for done in range(1000):
            _run(execution, "crm.company.update", id=3, fields={"TITLE": f"T{done}"})
    assert done == 120
    assert time.now_s - began_s == pytest.approx(60.0)
    row = state.database.row("companies", 3)
    assert row is not None
    assert row["TITLE"] == "T120"


def test_speed_shortens_the_waiting_and_leaves_emulated_times() -> None:
    time = FakeTime()
    state = _state(time, "cloud", speed=20)
    execution = Execution(state, ADMINISTRATOR)
    began_s = time.now_s
    body = _run(execution, "crm.company.update", id=3, fields={"TITLE": "T"})
    assert time.now_s - began_s == pytest.approx(0.3 / 20)
    assert body["time"]["duration"] == pytest.approx(0.3)
    assert body["time"]["operating"] == pytest.approx(0.3)
    # The reset is told in real time: ten emulated minutes are thirty real seconds.
    assert body["time"]["operating_reset_at"] - time.now_s == pytest.approx(30, abs=1.1)


def test_without_pace_there_are_no_limits(serve: Serve) -> None:
    portal = serve({"companies": companies(1)}, pace="off")
    for _ in range(60):
        response = portal.call("crm.company.list")
        assert response.status_code == 200
    assert "operating_reset_at" not in response.json()["time"]


def test_the_fifty_first_request_of_a_burst_is_refused(serve: Serve) -> None:
    portal = serve({}, pace="cloud", fake=FakeTime())
    # A call without a token takes no emulated time, so the bucket does not leak.
    statuses = [portal.http.get(f"{portal.url}/rest/server.time").status_code for _ in range(51)]
    assert statuses == [401] * 50 + [503]


def test_a_blocked_method_inside_a_batch_shows_in_result_error_only(serve: Serve) -> None:
    portal = serve({}, pace="cloud", fake=FakeTime())
    portal.state.limits.operating.record("local.clients.0001", "crm.deal.list", 500, 0.0)
    result = portal.result(
        "batch", cmd={"a": "crm.deal.list?start=-1", "b": "crm.contact.list?start=-1"}
    )
    assert result["result_error"]["a"]["error"] == "OPERATION_TIME_LIMIT"
    assert list(result["result"]) == ["b"]


def test_a_cut_request_ends_as_the_web_servers_own_page(serve: Serve) -> None:
    time = FakeTime()
    portal = serve({"companies": companies(1)}, pace="measured", fake=time)
    began_s = time.now_s
    response = portal.call("batch", cmd={f"c{n}": "crm.company.list" for n in range(50)})
    assert (response.status_code, response.headers["content-type"]) == (
        504,
        "text/html; charset=utf-8",
    )
    assert "access-control-allow-origin" not in response.headers
    assert time.now_s - began_s == pytest.approx(60)
    # The portal has worked for it all the same.
    assert portal.state.limits.operating.used()["crm.company.list"] == pytest.approx(1.32 * 46)


def test_requests_in_flight_overlap(serve: Serve) -> None:
    portal = serve({"companies": companies(1)}, pace="measured", fake=FakeTime())
    all_wait, pauses = asyncio.Barrier(8), []

    async def pause(emulated_s: float) -> None:
        pauses.append(emulated_s)
        await all_wait.wait()

    portal.state.clock.pause = pause  # type: ignore[method-assign]
    calls = [(portal.token(), {"id": 3, "fields": {"TITLE": f"T{n}"}}) for n in range(8)]

    async def together() -> list[int]:
        async with httpx.AsyncClient(timeout=20) as client:
            url = f"{portal.url}/rest/crm.company.update"
            posts = [client.post(url, json={"auth": token, **body}) for token, body in calls]
            return [answer.status_code for answer in await asyncio.gather(*posts)]

    assert asyncio.run(together()) == [200] * 8
    assert pauses == [pytest.approx(0.5)] * 8

"""Two months beside each other: nobody is lost between them, and every number can be listed."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest

from engine.base import PortalBase
from engine.client_rows import listing_of
from engine.comparison import comparison
from engine.lists import Exported
from engine.question import Question
from engine.snapshot import Snapshot
from portal.state import PortalState
from segmentation import analyse
from segmentation.past import STATES
from storage.records import Run
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal

from .opened import Opened, generated
from .portal_tables import some_tables

PORTALS = 12
NOW = "2028-07-10T12:00:00+03:00"


def random_snapshot(seed: int) -> Snapshot:
    """The base of a portal of chance, long after the two months in which all of it happened."""
    base = PortalBase(some_tables(random.Random(seed)))
    now = datetime.fromisoformat(NOW)
    assert now.tzinfo is not None
    return Snapshot(Run(1, NOW, NOW, ()), base, analyse(base.as_base(), now, now.tzinfo))


def flow_of(told: dict[str, Any], one: str | None, other: str | None) -> dict[str, Any]:
    """A flow of a comparison as a list is asked for it."""
    return {
        "state": told["state"],
        "before": told["before"],
        "after": told["after"],
        "from": one,
        "to": other,
    }


def check_conservation(told: dict[str, Any]) -> None:
    """Stock + in - out is stock, and the new are what the base has grown by."""
    for code in told["codes"]:
        came, left = moved(told, None, code), moved(told, code, None)
        assert told["stocks"]["before"][code] + came - left == told["stocks"]["after"][code]
    grown = sum(told["stocks"]["after"].values()) - sum(told["stocks"]["before"].values())
    assert grown == told["new"] - told["gone"]


def moved(told: dict[str, Any], one: str | None, other: str | None) -> int:
    """How many moved from a code to another, None being everywhere else."""
    return sum(
        flow["count"]
        for flow in told["flows"]
        if flow["from"] != flow["to"]
        and one in (None, flow["from"])
        and other in (None, flow["to"])
    )


@pytest.mark.parametrize("seed", range(PORTALS))
def test_nobody_is_lost_and_every_flow_lists_as_many_as_it_counts(seed: int) -> None:
    snapshot, chance = random_snapshot(seed), random.Random(seed)
    listing, months = listing_of(snapshot, {}), snapshot.analysis.growth.months
    for state in STATES:
        before, after = chance.choice(months[:2]), chance.choice(months)
        told = comparison(snapshot, {"state": state, "before": before, "after": after})
        check_conservation(told)
        expected = {(flow["from"], flow["to"]): flow["count"] for flow in told["flows"]}
        for code in told["codes"]:
            expected[None, code] = moved(told, None, code)
            expected[code, None] = moved(told, code, None)
        expected[None, None] = moved(told, None, None)
        for pair, count in expected.items():
            found = listing.find(Question.read({"segment": flow_of(told, *pair)}))
            assert len(found.rows) == found.of == count, pair


def portal() -> PortalState:
    return EmulatedPortal(generated(150)).state


async def refreshed() -> Opened:
    page = Opened(portal())
    await page.session.open()
    await page.refreshed()
    assert page.errors == []
    return page


def test_a_comparison_counts_what_the_chart_counts() -> None:
    async def story() -> None:
        page = await refreshed()
        months = page.view["months"]
        told = await page.lists.compare({"before": months[-30], "after": months[-3]})
        assert told["months"] == months
        assert told["as_of"] == page.view["as_of"]
        check_conservation(told)
        for mode, codes in (("3", ("active", "dormant", "lost")), ("5", ("requests", "empty"))):
            for code in codes:
                series = page.view["modes"][mode][code]["series"]
                assert told["stocks"]["before"][code] == series[-30]
                assert told["stocks"]["after"][code] == series[-3]

    run(story())


def test_what_is_not_said_is_the_lifecycle_over_the_last_year() -> None:
    async def story() -> None:
        page = await refreshed()
        told = await page.lists.compare({})
        assert told["state"] == "lifecycle"
        assert (told["before"], told["after"]) == (told["months"][-13], told["months"][-1])
        assert told["new"] > 0

    run(story())


def test_the_money_of_a_flow_is_what_its_clients_paid_before_and_since() -> None:
    async def story() -> None:
        page = await refreshed()
        told = await page.lists.compare({"state": "frequency"})
        flow = max(told["flows"], key=lambda flow: bool(flow["earlier"]) * len(flow["between"]))
        order = {"segment": flow_of(told, flow["from"], flow["to"]), "count": 1000}
        answer = await page.lists.query(order)
        sums: dict[str, dict[str, float]] = {"earlier": {}, "between": {}}
        for row in answer["rows"]:
            named = dict(zip(answer["columns"], row, strict=True))
            client = await page.lists.client({"entity": named["entity"], "id": named["id"]})
            for payment in client["payments"]:
                when = "earlier" if payment["day"][:7] <= told["before"] else "between"
                paid = sums[when].get(payment["currency"], 0.0) + payment["amount"]
                sums[when][payment["currency"]] = paid
        for when, by_currency in sums.items():
            assert by_currency
            assert dict(flow[when]) == pytest.approx(by_currency)

    run(story())


def test_a_flow_is_searched_and_exported_as_other_lists_are() -> None:
    async def story() -> None:
        page = await refreshed()
        told = await page.lists.compare({})
        segment = flow_of(told, None, None)
        whole = await page.lists.query({"segment": segment})
        name = whole["rows"][0][whole["columns"].index("name")]
        found = await page.lists.query({"segment": segment, "search": name})
        assert 0 < found["total"] < found["of"] == whole["total"] == moved(told, None, None)
        file = await page.lists.export({"segment": segment, "format": "csv"})
        assert isinstance(file, Exported)
        assert len(file.content.decode("utf-8-sig").splitlines()) == whole["total"] + 1

    run(story())


def test_nonsense_is_answered_and_breaks_nothing() -> None:
    async def story() -> None:
        page = await refreshed()
        for nonsense in ({"state": "weather"}, {"before": "1812-09"}, {"after": ["2024-01"]}):
            assert (await page.lists.compare(nonsense))["error"]["code"] == "bad_query", nonsense
        told = await page.lists.compare({})
        good = flow_of(told, "active", "lost")
        for wrong in (
            {"state": "weather"},
            {"state": None},
            {"from": "gone"},
            {"to": "new"},
            {"from": "new", "to": "gone"},
            {"before": "1812-09"},
            {"after": "soon"},
            {"after": None},
        ):
            answer = await page.lists.query({"segment": {**good, **wrong}})
            assert answer["error"]["code"] == "bad_query", wrong

    run(story())


def test_who_has_no_base_is_told_so() -> None:
    async def story() -> None:
        state = portal()
        admin = Opened(state)
        await admin.session.open()
        assert (await admin.lists.compare({}))["error"]["code"] == "no_base"
        other = Opened(state, is_admin=False)
        await other.session.open()
        assert (await other.lists.compare({}))["error"]["code"] == "past_not_marked"
        flow = {"state": "lifecycle", "before": "2026-01", "after": "2026-02", "from": "active"}
        answer = await other.lists.query({"segment": flow})
        assert answer["error"]["code"] == "past_not_marked"

    run(story())

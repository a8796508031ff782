"""The pure parts of writing: the queue, comparing with the portal, the outlook; and the request
that is sent once only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.errors import AnswerUnreadable, ConnectionLost, PlanRefused, PortalError, PortalFailed
from crm.limits import OperatingBudget
from crm.mark_comparison import compare
from crm.mark_definitions import COMPANY, CONTACT, MARKS
from crm.mark_fields import read_look
from crm.mark_outlook import LONGEST_S, Outlook, Rate, outlook, seconds_for
from crm.mark_queue import ITEM_METHOD, SUSPECT_FROM, Queue
from crm.mark_values import FOREIGN
from crm.query import Command
from unit.crm.marking import MeddlingPortal, database, operations
from unit.crm.test_mark_fields import answers
from unit.crm.virtual_time import run

FIELDS = read_look(answers())


def queue(companies: int = 20, contacts: int = 30) -> tuple[Queue, pd.DataFrame]:
    wanted = operations(range(1, companies + 1), range(1, contacts + 1))
    return Queue(wanted, FIELDS), wanted


def test_a_queue_gives_what_is_most_useful_first() -> None:
    waiting, wanted = queue()
    taken = [waiting.take(CONTACT, 7) for _ in range(5)]
    assert [len(places) for places in taken] == [7, 7, 7, 7, 2]
    places = [place for part in taken for place in part]
    assert places == sorted(places)
    assert set(wanted.loc[places, "entity"]) == {CONTACT}
    assert waiting.waiting == {COMPANY: 20, CONTACT: 0}


def test_what_is_put_back_comes_before_what_is_less_useful() -> None:
    waiting, _ = queue()
    first = waiting.take(COMPANY, 5)
    second = waiting.take(COMPANY, 5)
    waiting.put_back(second)
    waiting.put_back(first)
    assert waiting.take(COMPANY, 10) == first + second


def test_the_common_lane_helps_where_the_more_useful_wait_and_else_where_more_do() -> None:
    waiting, wanted = queue()
    ranks = wanted["rank"]
    while (entity := waiting.next_entity()) is not None:
        heads = {
            each: wanted.index[(wanted["entity"] == each)][-count]
            for each, count in waiting.waiting.items()
            if count
        }
        best = min(ranks[head] for head in heads.values())
        assert ranks[heads[entity]] == best
        rivals = [each for each, head in heads.items() if ranks[head] == best]
        assert waiting.waiting[entity] == max(waiting.waiting[each] for each in rivals)
        waiting.take(entity, 3)


def test_a_suspect_goes_alone() -> None:
    waiting, _ = queue()
    first = waiting.take(COMPANY, 10)
    for _ in range(SUSPECT_FROM):
        waiting.failed(first[4])
    waiting.put_back(first)
    assert waiting.take(COMPANY, 50) == first[:4]
    assert waiting.take(COMPANY, 50) == first[4:5]
    assert waiting.take(COMPANY, 5) == first[5:]


def test_commands_of_both_kinds_name_the_entity_and_what_changes() -> None:
    waiting, wanted = queue(1, 0)
    number = wanted["id"].iloc[0]
    own = waiting.command(0, "crm.company.update")
    assert f"id={number}&" in own.query
    assert "params[REGISTER_SONET_EVENT]=N" in own.query
    assert "UF_CRM_CLB_PARENT" not in own.query
    common = waiting.command(0, ITEM_METHOD)
    assert common.query.startswith(f"entityTypeId=4&id={number}&")
    assert common.query.endswith("useOriginalUfNames=Y")


def held(wanted: pd.DataFrame, **other: Any) -> pd.DataFrame:
    """A portal in which everything wanted is done."""
    marks = {f"mark_{mark}": wanted[f"after_{mark}"].to_numpy(copy=True) for mark in MARKS}
    table = pd.DataFrame({"id": wanted["id"], **marks})
    return table.assign(**{f"mark_{mark}": value for mark, value in other.items()})


def test_what_is_done_is_undone_in_nothing() -> None:
    wanted = operations(range(1, 40), [])
    found = compare(wanted, held(wanted).sample(frac=1, random_state=1))
    assert found.there.all()
    assert not found.undone.any()
    assert not found.disturbed.any()


def test_the_portal_is_compared_mark_by_mark() -> None:
    wanted = operations(range(1, 40), [])
    found = compare(wanted, held(wanted, payments=np.int64(99)))
    payments = 1 << MARKS.index("payments")
    expected = wanted["changed"].to_numpy() & payments
    assert (found.undone == expected).all()
    assert (found.disturbed == expected).all()
    left = found.left_of(wanted)
    assert set(left["before_payments"]) == {99}
    assert set(left["changed"]) == {payments}


def test_what_is_as_it_was_before_is_undone_and_undisturbed() -> None:
    wanted = operations(range(1, 40), [])
    before = {mark: wanted[f"before_{mark}"].to_numpy() for mark in MARKS}
    before["dialogs"] = np.zeros(len(wanted), np.int8)
    found = compare(wanted, held(wanted, **before))
    no_dialogs = (wanted["after_dialogs"] == 0).to_numpy() << MARKS.index("dialogs")
    assert (found.undone == wanted["changed"].to_numpy() & ~no_dialogs).all()
    assert not found.disturbed.any()


def test_a_foreign_value_is_nothing_that_was_wanted_and_is_taken_back_as_none() -> None:
    wanted = operations(range(1, 9), [])
    found = compare(wanted, held(wanted, type=np.int8(FOREIGN)))
    assert (found.undone == 1 << MARKS.index("type")).all()
    back = wanted.assign(after_type=np.int8(FOREIGN), before_type=wanted["after_type"])
    assert not compare(back, held(back, type=np.int8(-1))).undone.any()


def test_who_is_absent_is_not_there() -> None:
    wanted = operations(range(1, 9), [])
    present = held(wanted)
    some = present[present["id"] % 2 == 0]
    assert list(compare(wanted, some).there) == list(wanted["id"] % 2 == 0)
    none = compare(wanted, present.iloc[:0])
    assert not none.there.any()
    assert not none.undone.any()


METHODS = ("crm.company.update", "crm.contact.update", ITEM_METHOD)


def outlooks(into_s: float = 0.0) -> dict[str, Outlook]:
    return dict.fromkeys(METHODS, Outlook(0.3, into_s, 456, 600))


def test_nothing_left_takes_no_time() -> None:
    assert seconds_for({COMPANY: 0, CONTACT: 0}, outlooks()) == 0


def test_little_is_shared_by_the_lanes() -> None:
    assert seconds_for({COMPANY: 100, CONTACT: 100}, outlooks()) == pytest.approx(20, abs=2)
    assert seconds_for({COMPANY: 0, CONTACT: 200}, outlooks()) == pytest.approx(30, abs=2)


def test_much_waits_for_resets() -> None:
    assert seconds_for({COMPANY: 1600, CONTACT: 3200}, outlooks()) == pytest.approx(624, abs=2)


def test_without_room_the_first_reset_is_awaited() -> None:
    left = {COMPANY: 10, CONTACT: 0}
    assert seconds_for(left, outlooks(456)) == pytest.approx(144 + 1.5, abs=2)
    assert seconds_for(left, outlooks(590)) == pytest.approx(10 + 1.5, abs=2)


def test_the_outlook_of_a_method_is_told_by_its_budget() -> None:
    budget = OperatingBudget()
    assert outlook(budget, "m", 0.3, 0.0) == Outlook(0.3, 0, 456, 600)
    budget.told("m", 100.0, 1.0, 500.0, 10.0)
    assert outlook(budget, "m", 0.3, 10.0) == Outlook(0.3, 100, 456, 600)
    budget.told("m", 470.0, 2.0, 400.0, 110.0)
    assert outlook(budget, "m", 0.3, 110.0) == Outlook(0.3, 200, 456, 600)


def test_what_no_lane_takes_takes_for_ever() -> None:
    lanes = {"crm.company.update": Outlook(0.3, 0, 456, 600)}
    assert seconds_for({COMPANY: 0, CONTACT: 5}, lanes) == pytest.approx(LONGEST_S, abs=2)


@settings(max_examples=50, deadline=None)
@given(
    companies=st.integers(0, 50_000),
    contacts=st.integers(0, 50_000),
    into_s=st.floats(0, 600),
)
def test_more_to_do_never_takes_less_time(companies: int, contacts: int, into_s: float) -> None:
    lanes = outlooks(into_s)
    less_s = seconds_for({COMPANY: companies, CONTACT: contacts}, lanes)
    assert seconds_for({COMPANY: companies + 500, CONTACT: contacts}, lanes) >= less_s - 1
    assert less_s >= (companies + contacts) * 0.3 / 3 - 1


def test_the_rate_is_that_of_the_last_minutes() -> None:
    rate = Rate(100.0)
    rate.settled(50, 110.0)
    assert rate.per_s(110.0) == 5.0
    rate.settled(70, 220.0)
    assert rate.per_s(220.0) == 1.0
    assert rate.per_s(400.0) == 0.0


def test_time_that_nobody_told_of_counts_until_somebody_does() -> None:
    budget = OperatingBudget()
    budget.unanswered("m", 60.0, 10.0)
    assert budget.room_s("m", 11.0) == budget.allowed_s - 60
    budget.told("m", 20.0, 5.0, None, 12.0)
    assert budget.room_s("m", 12.0) == budget.allowed_s - 20


def sending(work: Callable[[MeddlingPortal], Awaitable[None]]) -> None:
    async def main() -> None:
        await work(MeddlingPortal(database(5)))

    run(main())


def titles(portal: MeddlingPortal) -> int:
    """Commands that were carried out."""
    methods = Counter(command["method"] for one in portal.requests for command in one["commands"])
    return methods["crm.company.update"]


def rename(number: int) -> Command:
    return Command.of("crm.company.update", {"id": number, "fields": {"TITLE": "Ромашка"}})


@pytest.mark.parametrize(
    ("fault", "error", "worked"),
    [
        ("lost", ConnectionLost, 1),
        ("reset", ConnectionLost, 0),
        ("500", PortalFailed, 0),
        ("502", PortalFailed, 0),
        ("html", AnswerUnreadable, 0),
        ("ACCESS_DENIED", PlanRefused, 0),
    ],
)
def test_a_request_of_changes_is_never_repeated(
    fault: str, error: type[PortalError], worked: int
) -> None:
    async def work(portal: MeddlingPortal) -> None:
        portal.state.faults.set(f"at=1:{fault}")
        with pytest.raises(error):
            await portal.client().send_once([rename(1)])
        assert len(portal.requests) == 1
        assert titles(portal) == worked

    sending(work)


def test_a_refused_token_is_renewed_before_any_work() -> None:
    async def work(portal: MeddlingPortal) -> None:
        portal.state.faults.set("at=1:expire")
        results = await portal.client().send_once([rename(1), rename(10**9)])
        assert results[0].value is True
        assert results[1].error is not None
        assert titles(portal) == 2
        assert len(portal.requests) == 2

    sending(work)


def test_the_time_of_a_lost_answer_is_taken_for_spent() -> None:
    async def work(portal: MeddlingPortal) -> None:
        client = portal.client()
        portal.state.faults.set("at=1:lost")
        with pytest.raises(ConnectionLost):
            await client.send_once([rename(1)] * 20)
        room_s = client.budget.room_s("crm.company.update", client.clock.monotonic_s())
        assert client.budget.allowed_s - room_s == pytest.approx(6, abs=0.2)

    sending(work)

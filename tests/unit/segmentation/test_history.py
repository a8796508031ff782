"""Closed months keep what they showed; the history of two browsers is one."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from property.comparison import analysed
from property.portals import any_case
from segmentation import Analysis, Limits
from segmentation.counters import check_conservation
from segmentation.growth import Growth, PaidSpans
from segmentation.history import closing, empty, lay_over, merged, with_steps
from unit.segmentation.rows import Entry, company, contact, deal, look

MOSCOW = timezone(timedelta(hours=3))
TAKEN_AT = datetime(2024, 8, 31, 15, tzinfo=MOSCOW)
LIMITS = Limits()
STEP = {
    "code": "import",
    "month": "2024-05",
    "at": "2024-05-10T12:00:00+03:00",
    "until": "2024-05-10T12:02:00+03:00",
    "companies": 60,
    "contacts": 0,
    "by": 7,
}

CLIENTS = (
    company(1, created="2024-05-10"),
    company(2, created="2024-06-10"),
    contact(3, created="2024-06-11"),
    deal(4, company=1, created="2024-06-01", won="2024-07-05"),
)


def history_of(growth: Growth, taken_at: datetime = TAKEN_AT, limits: Limits = LIMITS) -> Any:
    return closing(empty(), growth, taken_at, limits)


def laid_over(analysis: Analysis, history: Any, limits: Limits = LIMITS) -> Growth:
    spans = PaidSpans.of(analysis.growth.days, analysis.clients, analysis.payments)
    growth = replace(analysis.growth, modes=analysis.growth.modes | {3: spans.stages(limits)})
    return lay_over(growth, history, limits, spans.stages)


def total(growth: Growth) -> dict[str, int]:
    return dict(zip(growth.months, growth.modes[1]["all"].tolist(), strict=True))


def without(*gone: tuple[str, int], now: str = "2024-08-31 12:00") -> Analysis:
    return look(*(entry for entry in CLIENTS if not is_one_of(entry, gone)), now=now)


def is_one_of(entry: Entry, gone: tuple[tuple[str, int], ...]) -> bool:
    return (entry[0], entry[1]["id"]) in gone


def test_every_month_but_the_current_one_is_closed() -> None:
    history = history_of(look(*CLIENTS).growth)
    assert list(history["months"]) == ["2024-05", "2024-06", "2024-07"]
    may = history["months"]["2024-05"]
    assert (may["taken_at"], may["limits"]) == ("2024-08-31T15:00:00+03:00", [6, 18])
    assert may["modes"]["1"] == {"companies": 1, "contacts": 0, "all": 1}
    assert json.loads(json.dumps(history)) == history


def test_a_closed_month_never_changes() -> None:
    history = history_of(look(*CLIENTS).growth)
    before = copy.deepcopy(history)
    later = closing(
        history,
        without(("companies", 2), now="2024-09-10 12:00").growth,
        TAKEN_AT + timedelta(days=10),
        Limits(1, 2),
    )
    assert list(later["months"]) == ["2024-05", "2024-06", "2024-07", "2024-08"]
    assert {month: later["months"][month] for month in before["months"]} == before["months"]
    assert later["months"]["2024-08"]["limits"] == [1, 2]
    assert history == before


def test_deleted_clients_stay_in_closed_months_and_step_down_after_them() -> None:
    history = history_of(look(*CLIENTS).growth)
    growth = laid_over(without(("companies", 2)), history)
    assert total(growth) == {"2024-05": 1, "2024-06": 3, "2024-07": 3, "2024-08": 2}


def test_the_last_point_is_live_even_where_that_month_has_a_snapshot() -> None:
    history = history_of(look(*CLIENTS, now="2024-09-10 12:00").growth)
    assert "2024-08" in history["months"]
    growth = laid_over(without(("companies", 2)), history)
    assert total(growth)["2024-08"] == 2
    assert growth.months[-1] == "2024-08"


def test_a_month_that_is_not_known_stays_as_computed() -> None:
    history = history_of(look(*CLIENTS).growth)
    del history["months"]["2024-06"]
    growth = laid_over(without(("companies", 2)), history)
    assert total(growth) == {"2024-05": 1, "2024-06": 2, "2024-07": 3, "2024-08": 2}


def test_the_history_begins_where_it_began_when_the_first_client_is_deleted() -> None:
    history = history_of(look(*CLIENTS).growth)
    analysis = without(("companies", 1), ("deals", 4))
    live = analysis.growth
    assert live.months[0] == "2024-06"
    growth = laid_over(analysis, history)
    assert total(growth) == {"2024-05": 1, "2024-06": 3, "2024-07": 3, "2024-08": 2}
    assert [str(day) for day in growth.days] == [
        "2024-05-31",
        "2024-06-30",
        "2024-07-31",
        "2024-08-31",
    ]
    assert growth.days.dtype == live.days.dtype
    check_conservation(growth)


def test_a_portal_without_a_client_still_shows_what_it_had() -> None:
    history = history_of(look(*CLIENTS).growth)
    assert list(total(laid_over(look(), history)).values()) == [1, 3, 3, 0]


def test_without_a_history_the_growth_is_as_computed() -> None:
    growth = look(*CLIENTS).growth
    again = laid_over(look(*CLIENTS), empty())
    assert total(again) == total(growth)
    assert again.days.tolist() == growth.days.tolist()


def stages(growth: Growth) -> dict[str, list[int]]:
    return {code: counts.tolist() for code, counts in growth.modes[3].items()}


PAID = (
    *CLIENTS,
    deal(5, company=2, created="2024-06-10", won="2024-06-12"),
    deal(6, contact=3, created="2024-06-11", won="2024-06-20"),
)


def test_a_month_closed_with_other_limits_is_replayed_with_those_in_force() -> None:
    history = history_of(look(*PAID, now="2024-12-10 12:00").growth)
    growth = laid_over(look(*PAID, now="2024-12-10 12:00"), history, Limits(1, 3))
    assert stages(growth) == {
        "active": [0, 2, 1, 0, 0, 0, 0, 0],
        "dormant": [0, 0, 2, 3, 1, 0, 0, 0],
        "lost": [0, 0, 0, 0, 2, 3, 3, 3],
    }
    assert total(growth) == total(look(*PAID, now="2024-12-10 12:00").growth)


def test_who_was_deleted_since_stays_in_the_stage_that_the_month_was_closed_with() -> None:
    now = "2024-12-10 12:00"
    whole = look(*PAID, now=now)
    left = look(*(entry for entry in PAID if entry[1]["id"] not in (2, 5)), now=now)
    history = history_of(whole.growth)
    growth = laid_over(left, history, Limits(1, 3))
    assert stages(growth) == {
        "active": [0, 2, 2, 1, 1, 1, 1, 0],
        "dormant": [0, 0, 1, 2, 1, 0, 0, 0],
        "lost": [0, 0, 0, 0, 1, 2, 2, 2],
    }
    check_conservation(growth)
    assert stages(laid_over(left, history))["active"] == [0, 2, 3, 3, 3, 3, 3, 2]


def test_no_stage_falls_below_zero_where_a_payment_was_corrected_since() -> None:
    """The month was closed with a client dormant who is known to have been active by now."""
    now = "2024-12-10 12:00"
    then = look(company(1, created="2024-01-10"), deal(2, company=1, won="2024-01-20"), now=now)
    known = look(company(1, created="2024-01-10"), deal(2, company=1, won="2024-11-20"), now=now)
    history = history_of(then.growth)
    for limits in (Limits(3, 4), Limits(11, 12), Limits(1, 2), Limits(2, 100)):
        growth = laid_over(known, history, limits)
        check_conservation(growth)
        assert min(map(min, stages(growth).values())) >= 0


def test_laying_over_changes_neither_the_growth_nor_the_history() -> None:
    history = history_of(look(*CLIENTS).growth)
    live = without(("companies", 2))
    before = total(live.growth), stages(live.growth), copy.deepcopy(history)
    laid_over(live, history)
    laid_over(live, history, Limits(1, 2))
    assert (total(live.growth), stages(live.growth), history) == before


def test_clients_are_conserved_in_every_snapshot_and_after_laying_over() -> None:
    for seed in range(60):
        case = any_case(random.Random(seed).choice)
        growth = analysed(case).growth
        history = history_of(growth, limits=Limits(*case.limits))
        assert merged(history, None) == history
        other = analysed(any_case(random.Random(seed + 1_000).choice))
        for limits in (Limits(*case.limits), Limits(1, 2), Limits(4, 40)):
            check_conservation(laid_over(other, history, limits))


def test_laying_a_growth_over_itself_changes_nothing() -> None:
    growth = look(*CLIENTS).growth
    again = laid_over(look(*CLIENTS), history_of(growth))
    assert again.months == growth.months
    for mode, segments in growth.modes.items():
        for code, counts in segments.items():
            assert again.modes[mode][code].tolist() == counts.tolist()
            assert again.modes[mode][code].dtype == counts.dtype


def test_of_a_month_in_two_histories_the_earliest_snapshot_wins() -> None:
    one = history_of(look(*CLIENTS).growth)
    # Written with another offset: later as a text, earlier as a moment.
    earlier = (TAKEN_AT - timedelta(minutes=30)).astimezone(timezone(timedelta(hours=9)))
    other = history_of(without(("companies", 2)).growth, taken_at=earlier)
    for history in (merged(one, other), merged(other, one)):
        assert total(laid_over(look(*CLIENTS), history))["2024-06"] == 2


def test_months_and_steps_of_both_histories_are_kept_once() -> None:
    one = with_steps(history_of(look(*CLIENTS).growth), [STEP])
    other = with_steps(history_of(look(*CLIENTS, now="2024-09-10 12:00").growth), [STEP])
    del one["months"]["2024-06"]
    later = STEP | {"at": "2024-05-11T12:00:00+03:00", "until": "2024-05-11T12:02:00+03:00"}
    history = merged(one, with_steps(other, [later]))
    assert list(history["months"]) == ["2024-05", "2024-06", "2024-07", "2024-08"]
    assert history["steps"] == [STEP, later]


def test_merging_does_not_depend_on_the_order_and_repeats_nothing() -> None:
    one = with_steps(history_of(look(*CLIENTS).growth), [STEP])
    other = history_of(without(("companies", 2)).growth)
    assert merged(one, other) == merged(other, one)
    assert merged(merged(one, other), other) == merged(one, other)
    assert merged(one, one) == one
    assert merged(one, empty()) == one


def test_what_is_no_history_is_as_if_it_were_not_there() -> None:
    one = with_steps(history_of(look(*CLIENTS).growth), [STEP])
    for damaged in (None, 7, "text", [], {}, one | {"version": 2}, {"version": 1}):
        assert merged(one, damaged) == one
        assert merged(damaged, one) == one
        assert merged(damaged, None) == empty()
    assert merged({"version": 1, "months": 3, "steps": 4}, None) == empty()


def test_a_damaged_snapshot_or_step_is_left_out_alone() -> None:
    sound = with_steps(history_of(look(*CLIENTS).growth), [STEP])
    may = sound["months"]["2024-05"]

    def counting(mode: str, **counts: Any) -> dict[str, Any]:
        return may | {"modes": may["modes"] | {mode: may["modes"][mode] | counts}}

    for damaged in (
        None,
        may | {"taken_at": "2024-08-31T15:00:00"},
        may | {"taken_at": None},
        may | {"limits": [18, 6]},
        may | {"limits": [6, 10**9]},
        may | {"limits": [True, 18]},
        may | {"limits": [6]},
        may | {"limits": None},
        may | {"modes": []},
        may | {"modes": {**may["modes"], "6": {}}},
        may | {"modes": {mode: may["modes"][mode] for mode in "1234"}},
        counting("3", dormant=False),
        counting("3", dormant=0.0),
        counting("3", active="0"),
        counting("3", active=-1, dormant=1),
        may | {"modes": {mode: dict.fromkeys(may["modes"][mode], 2**70) for mode in "12345"}},
        counting("3", other=0),
        counting("1", companies=2),
    ):
        months = {**sound["months"], "2024-05": damaged}
        history = merged(sound | {"months": months}, None)
        assert list(history["months"]) == ["2024-06", "2024-07"], damaged
    assert (
        "2024-13"
        not in merged(sound | {"months": {**sound["months"], "2024-13": may}}, None)["months"]
    )
    assert merged(sound | {"steps": [STEP, STEP | {"by": None}, 7]}, None)["steps"] == [STEP]


def test_the_moment_of_a_snapshot_is_kept_with_its_offset() -> None:
    growth = look(*CLIENTS).growth
    taken = history_of(growth, taken_at=TAKEN_AT.astimezone(UTC))["months"]["2024-05"]["taken_at"]
    assert datetime.fromisoformat(taken) == TAKEN_AT

"""Where clients stood at the end of a month, and who moved between two (spec §3.7)."""

import random
from typing import Any

from property.past_comparison import check_past
from property.portals import any_case
from segmentation import Limits
from segmentation.past import flows, history, in_flow, in_segment, moves, states_at
from unit.segmentation.rows import company, contact, deal, look, refusal

PORTALS = 15

CLIENTS = (
    company(1, created="2022-01-10"),
    deal(1, company=1, created="2022-01-10", won="2022-02-20"),
    deal(2, company=1, created="2022-01-10", won="2024-06-10"),
    company(2, created="2024-05-02", has_chat=True),
    deal(3, company=2, created="2024-07-01"),
    contact(3, created="2024-08-01"),
)
MOVES = look(*CLIENTS)


def between(before: str, after: str, state: str) -> dict[str, Any]:
    """The flows between the ends of two months."""
    return flows(moves(states_at(MOVES, before), states_at(MOVES, after), state))


def test_the_past_of_random_portals_is_as_the_oracle_says() -> None:
    for seed in range(PORTALS):
        pick = random.Random(seed).choice
        case = any_case(pick)
        try:
            check_past(case, pick)
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"seed {seed}, {case}") from error


def test_a_client_is_seen_as_it_was_and_not_as_it_is() -> None:
    states = states_at(MOVES, "2024-05")
    assert states["exists"].tolist() == [True, True, False]
    assert states["payments"].tolist() == [1, 0, 0]
    assert states["lifecycle"].cat.codes.tolist() == [2, 4, -1]
    assert states["lifecycle"].tolist()[:2] == ["lost", "dialogs"]
    assert states["frequency"].tolist()[:2] == ["first", "none"]
    assert f"{states['last_payment_day'][0]:%Y-%m-%d}" == "2022-02-20"


def test_the_limits_of_the_look_hold_in_the_past_too() -> None:
    analysis = look(*CLIENTS, limits=Limits(30, 40))
    assert states_at(analysis, "2024-05")["lifecycle"][0] == "active"


def test_only_companies_of_mode_1_are_clients() -> None:
    states = states_at(MOVES, "2024-08")
    assert in_segment(states, 1, "companies").tolist() == [True, True, False]
    for mode, code in ((1, "contacts"), (1, "all"), (3, "regular"), (6, "active")):
        said = refusal(lambda mode=mode, code=code: in_segment(states, mode, code))
        assert said == f"clients are not counted in {code} of mode {mode}"


def test_a_month_that_the_growth_has_not_is_refused() -> None:
    for month in ("2021-12", "2024-09", "garbage"):
        assert refusal(lambda month=month: states_at(MOVES, month)) == (
            f"the growth has no month {month}"
        )


def test_the_history_of_a_client_goes_month_by_month() -> None:
    found = history(MOVES, 1)
    assert found["months"][-5:] == ["2024-04", "2024-05", "2024-06", "2024-07", "2024-08"]
    assert found["lifecycle"][-5:] == [None, "dialogs", "dialogs", "requests", "requests"]
    assert found["frequency"][-5:] == [None, "none", "none", "none", "none"]
    assert history(MOVES, 0)["frequency"][:2] == ["none", "first"]


def test_everybody_is_in_one_flow_between_two_months() -> None:
    assert between("2024-05", "2024-08", "lifecycle")["flows"] == [
        {"from": "lost", "to": "active", "count": 1},
        {"from": "dialogs", "to": "requests", "count": 1},
        {"from": "new", "to": "empty", "count": 1},
    ]
    found = between("2024-05", "2024-08", "frequency")
    assert found["before"] == {"regular": 0, "first": 1, "none": 1}
    assert found["after"] == {"regular": 1, "first": 0, "none": 2}


def test_backwards_those_who_were_not_there_yet_are_gone() -> None:
    found = between("2024-08", "2024-05", "lifecycle")
    assert {"from": "empty", "to": "gone", "count": 1} in found["flows"]


def test_between_a_month_and_itself_everybody_stays() -> None:
    found = between("2024-08", "2024-08", "frequency")
    assert all(flow["from"] == flow["to"] for flow in found["flows"])
    assert found["before"] == found["after"]


def test_the_people_behind_a_flow_are_found() -> None:
    before, after = states_at(MOVES, "2024-05"), states_at(MOVES, "2024-08")
    behind = in_flow(before, after, "lifecycle", "new", "empty")
    assert behind.tolist() == [False, False, True]
    for one, other in (("gone", "empty"), ("empty", "new"), ("first", "empty"), ("new", "gone")):
        said = refusal(lambda pair=(one, other): in_flow(before, after, "lifecycle", *pair))
        assert said == f"no flow of lifecycle from {one} to {other}"


def test_those_who_came_from_anywhere_are_found_without_those_who_stayed() -> None:
    before, after = states_at(MOVES, "2024-05"), states_at(MOVES, "2024-08")
    for one, other, expected in (
        (None, "requests", [False, True, False]),
        ("lost", None, [True, False, False]),
        ("new", None, [False, False, True]),
        (None, None, [True, True, True]),
    ):
        assert in_flow(before, after, "lifecycle", one, other).tolist() == expected
    assert not in_flow(after, after, "lifecycle", None, "requests").any()
    assert in_flow(after, after, "lifecycle", "requests", "requests").tolist() == [0, 1, 0]

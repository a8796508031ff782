"""The portal's two limits, kept before they are hit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.limits import OperatingBudget, RequestBucket
from crm.sizing import BatchSize, CommandCosts, Lanes

METHOD = "crm.deal.list"


class PortalsBucket:
    """The leaky bucket as the platform describes it."""

    def __init__(self) -> None:
        self.level, self.at_s = 0.0, 0.0

    def accepts(self, now_s: float) -> bool:
        self.level = max(0.0, self.level - 2 * (now_s - self.at_s))
        self.at_s = now_s
        self.level += 1
        return self.level <= 50


@given(st.lists(st.floats(0, 3), min_size=1, max_size=300), st.floats(0, 0.4))
def test_the_portals_bucket_never_runs_over(idle_s: list[float], latency_s: float) -> None:
    bucket, portal, now_s = RequestBucket(), PortalsBucket(), 0.0
    for number, pause_s in enumerate(idle_s):
        now_s += pause_s
        now_s += bucket.wait_s(now_s)
        bucket.take(now_s)
        arrives_late_s = latency_s if number % 7 else 0.0
        assert portal.accepts(max(now_s + arrives_late_s, portal.at_s))


def test_a_full_burst_leaves_at_once_and_then_two_a_second() -> None:
    bucket, now_s, sent_s = RequestBucket(), 0.0, []
    for _ in range(250):
        now_s += bucket.wait_s(now_s)
        bucket.take(now_s)
        sent_s.append(now_s)
    assert sent_s[40] < 2
    assert 250 / 2 - 25 <= sent_s[-1] <= 250 / 2 - 25 + 6


def test_after_a_refusal_it_waits_slows_down_and_recovers() -> None:
    bucket = RequestBucket()
    bucket.take(100.0)
    bucket.refused(100.0)
    assert bucket.wait_s(100.0) >= 2
    assert bucket.available(100.0) == 0
    assert bucket.available(110.0) < 10 * 1.96 * 0.75
    for _ in range(40):
        bucket.accepted(110.0)
    before = bucket.available(110.0)
    assert abs(bucket.available(115.0) - before - 5 * 1.96) < 1e-6


def test_a_method_near_its_limit_waits_for_its_reset_while_others_go_on() -> None:
    budget = OperatingBudget()
    budget.told(METHOD, 460.0, at_unix_s=5.0, reset_in_s=300.0, now_s=1000.0)
    assert budget.room_s(METHOD, 1000.0) == 0
    assert budget.free_at_s(METHOD, 1000.0) == 1300.0
    assert budget.room_s("crm.contact.list", 1000.0) > 400


def test_what_is_under_way_counts_until_it_is_there() -> None:
    budget = OperatingBudget()
    budget.start(METHOD, 400.0)
    assert 0 < budget.room_s(METHOD, 0.0) < 60
    budget.finish(METHOD, 400.0)
    assert budget.room_s(METHOD, 0.0) == budget.allowed_s


def test_an_older_count_that_comes_late_takes_nothing_back() -> None:
    budget = OperatingBudget()
    budget.told(METHOD, 200.0, at_unix_s=50.0, reset_in_s=None, now_s=10.0)
    budget.told(METHOD, 120.0, at_unix_s=40.0, reset_in_s=None, now_s=11.0)
    assert budget.room_s(METHOD, 11.0) == budget.allowed_s - 200
    budget.told(METHOD, 150.0, at_unix_s=60.0, reset_in_s=None, now_s=12.0)
    assert budget.room_s(METHOD, 12.0) == budget.allowed_s - 150


def test_after_a_reset_a_little_is_asked_to_hear_how_much_has_dropped_out() -> None:
    budget = OperatingBudget()
    budget.told(METHOD, 456.0, at_unix_s=1.0, reset_in_s=500.0, now_s=100.0)
    assert budget.room_s(METHOD, 599.0) == 0
    assert 0 < budget.room_s(METHOD, 600.0) < 10
    budget.told(METHOD, 400.0, at_unix_s=2.0, reset_in_s=60.0, now_s=601.0)
    assert budget.room_s(METHOD, 601.0) == budget.allowed_s - 400


def test_without_a_word_of_the_portal_the_whole_window_is_waited_for() -> None:
    budget = OperatingBudget()
    budget.told(METHOD, 456.0, at_unix_s=1.0, reset_in_s=None, now_s=100.0)
    assert budget.free_at_s(METHOD, 101.0) == 700.0
    assert budget.room_s(METHOD, 700.0) == budget.allowed_s


def test_a_method_that_was_refused_is_left_alone_until_its_reset() -> None:
    budget = OperatingBudget()
    until_s = budget.blocked(METHOD, reset_in_s=120.0, now_s=1000.0)
    assert budget.room_s(METHOD, until_s - 0.1) == 0
    assert budget.free_at_s(METHOD, 1000.0) == until_s
    assert budget.room_s(METHOD, until_s + 0.1) > 0


def test_costs_are_learnt_per_method() -> None:
    costs = CommandCosts()
    for _ in range(100):
        costs.measured(METHOD, 2.0)
    assert costs.of(METHOD) == 2.0
    assert costs.of("crm.contact.list") == costs.unknown_s


def test_a_cut_halves_the_batch_and_whole_ones_let_it_grow_again() -> None:
    size = BatchSize()
    size.cut(50)
    assert size.commands == 25
    size.cut(1)
    assert size.commands == 1
    for _ in range(60):
        size.whole()
    assert size.commands == 50


def test_requests_that_only_queue_up_before_they_leave_are_made_fewer() -> None:
    lanes = Lanes()
    for _ in range(50):
        lanes.answered(elapsed_s=30.0, worked_s=4.0)
    assert lanes.limit == lanes.fewest
    for _ in range(100):
        lanes.answered(elapsed_s=4.2, worked_s=4.0)
    assert lanes.limit == lanes.most

"""Counts under other limits of the lifecycle, who would move, and limits to suggest (spec §3.3)."""

from datetime import UTC, datetime
from typing import Any

from segmentation import Analysis, Limits
from segmentation.history import closing, empty
from segmentation.trial import FEWEST_CLIENTS, Trial, suggestion
from unit.segmentation.rows import Entry, base_of, company, contact, deal, look, portal

ENTRIES = (
    company(1, created="2024-01-10"),
    company(2, created="2024-05-10"),
    contact(3, created="2024-05-10", company=1),
    deal(1, company=1, won="2024-01-20"),
    deal(2, company=2),
)
DORMANT = look(*ENTRIES)


def tried(active_months: int, dormant_months: int, history: Any = None) -> dict[str, Any]:
    prepared = Trial.of(base_of(portal(*ENTRIES)), DORMANT, history or empty())
    return prepared.told(Limits(active_months, dormant_months))


def test_a_trial_tells_counts_by_month_and_of_every_stage_today() -> None:
    found = tried(8, 9)
    assert (found["active_months"], found["dormant_months"]) == (8, 9)
    assert found["months"] == DORMANT.growth.months
    assert found["growth"]["active"] == [1] * 8
    assert found["lifecycle"] == {
        "active": 1,
        "dormant": 0,
        "lost": 0,
        "requests": 1,
        "dialogs": 0,
        "contacts": 0,
        "empty": 0,
    }
    assert tried(1, 2)["growth"]["lost"] == [0, 0, 1, 1, 1, 1, 1, 1]


def test_a_trial_tells_who_would_move_and_how_many_cards_bear_their_marks() -> None:
    found = tried(8, 9)
    assert found["moves"] == [{"from": "dormant", "to": "active", "count": 1}]
    assert (found["clients"], found["cards"]) == (1, 2)


def test_a_trial_of_the_limits_that_hold_changes_nothing() -> None:
    found = tried(DORMANT.limits.active_months, DORMANT.limits.dormant_months)
    assert found["growth"] == {
        code: counts.tolist() for code, counts in DORMANT.growth.modes[3].items()
    }
    assert found["lifecycle"] == DORMANT.counters[3] | DORMANT.counters[5]
    assert (found["moves"], found["clients"], found["cards"]) == ([], 0, 0)


def test_a_trial_shows_closed_months_as_the_chart_would_show_them() -> None:
    """One more client had paid in February, was counted then, and is deleted by now."""
    other = (company(9, created="2024-01-10"), deal(9, company=9, won="2024-02-20"))
    then = look(*ENTRIES, *other)
    history = closing(empty(), then.growth, datetime(2024, 8, 31, tzinfo=UTC), Limits())
    assert tried(6, 18, history)["growth"]["active"] == [1, 2, 2, 2, 2, 2, 1, 0]
    assert tried(8, 9, history)["growth"]["active"] == [1, 2, 2, 2, 2, 2, 2, 1]
    assert tried(8, 9, history)["lifecycle"]["active"] == 1


def paying(*days_of_clients: tuple[str, ...]) -> Analysis:
    """A portal whose companies paid on these days."""
    entries: list[Entry] = []
    for number, days in enumerate(days_of_clients, start=1):
        entries.append(company(number))
        entries += [
            deal(number * 100 + place, company=number, won=day) for place, day in enumerate(days)
        ]
    return look(*entries)


QUARTERLY = ("2023-01-01", "2023-04-01", "2023-06-30", "2023-09-28")
MONTHLY = tuple(f"2023-{month:02}-01" for month in range(1, 13))


def test_the_active_limit_is_two_usual_gaps_and_the_dormant_one_thrice_that() -> None:
    assert suggestion(paying(*[QUARTERLY] * FEWEST_CLIENTS)) == {
        "median_gap_days": 90,
        "clients": FEWEST_CLIENTS,
        "active_months": 6,
        "dormant_months": 18,
    }


def test_every_client_counts_once_however_often_it_pays() -> None:
    found = suggestion(paying(*[QUARTERLY] * FEWEST_CLIENTS, *[MONTHLY] * (FEWEST_CLIENTS - 1)))
    assert found is not None
    assert found["median_gap_days"] == 90


def test_several_payments_of_a_day_are_no_gap() -> None:
    twice = ("2023-01-01", "2023-01-01", "2023-04-01", "2023-04-01")
    found = suggestion(paying(*[twice] * FEWEST_CLIENTS))
    assert found is not None
    assert found["median_gap_days"] == 90
    assert suggestion(paying(*[("2023-01-01", "2023-01-01")] * FEWEST_CLIENTS)) is None


def test_of_few_clients_with_repeated_payments_nothing_is_suggested() -> None:
    assert suggestion(paying(*[QUARTERLY] * (FEWEST_CLIENTS - 1), ("2023-01-01",))) is None
    assert suggestion(paying()) is None


def test_suggested_limits_are_limits_however_short_or_long_the_gaps() -> None:
    for days, expected in (
        (("2023-01-01", "2023-01-02"), (1, 3)),
        (("2000-01-01", "2023-01-01"), (24, 72)),
    ):
        found = suggestion(paying(*[days] * FEWEST_CLIENTS))
        assert found is not None
        limits = Limits(found["active_months"], found["dormant_months"])
        assert (limits.active_months, limits.dormant_months) == expected

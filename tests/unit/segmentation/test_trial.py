"""Counts under other limits of the lifecycle, and limits to suggest (spec §3.3)."""

from segmentation import Analysis, Limits
from segmentation.trial import FEWEST_CLIENTS, suggestion, trial
from unit.segmentation.rows import Entry, company, deal, look

DORMANT = look(
    company(1, created="2024-01-10"),
    company(2, created="2024-05-10"),
    deal(1, company=1, won="2024-01-20"),
    deal(2, company=2),
)


def test_a_trial_tells_counts_by_month_and_of_every_stage_today() -> None:
    found = trial(DORMANT, Limits(8, 9))
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
    assert trial(DORMANT, Limits(1, 2))["growth"]["lost"] == [0, 0, 1, 1, 1, 1, 1, 1]


def test_a_trial_of_the_limits_that_hold_changes_nothing() -> None:
    found = trial(DORMANT, DORMANT.limits)
    assert found["growth"] == {
        code: counts.tolist() for code, counts in DORMANT.growth.modes[3].items()
    }
    assert found["lifecycle"] == DORMANT.counters[3] | DORMANT.counters[5]


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

"""Imports, deletions and merges, as the chart of growth tells them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from segmentation import Base
from segmentation.steps import MONTH, Step, bursts, departed, is_sound, shown, united
from unit.segmentation.rows import Entry, base_of, company, contact, portal

MOSCOW = timezone(timedelta(hours=3))


def bursts_of(*groups: list[Entry]) -> list[Step]:
    return bursts(base_of(portal(*(entry for group in groups for entry in group))), MOSCOW)


def created(
    count: int, start: str, every_s: float = 2, by: int = 7, first_id: int = 1, kind=company
) -> list[Entry]:
    """Companies (or contacts) of one person, one after another from a moment (UTC) on."""
    begin = datetime.fromisoformat(start)
    moments = [begin + timedelta(seconds=every_s * number) for number in range(count)]
    return [
        kind(first_id + number, created=str(moment), by=by) for number, moment in enumerate(moments)
    ]


def test_many_created_within_minutes_by_one_person_are_an_import() -> None:
    found = bursts_of(
        created(60, "2024-05-10 09:00"),
        created(40, "2024-05-10 09:01", kind=contact),
    )
    assert found == [
        {
            "code": "import",
            "month": "2024-05",
            "at": "2024-05-10T12:00:00+03:00",
            "until": "2024-05-10T12:02:18+03:00",
            "companies": 60,
            "contacts": 40,
            "by": 7,
        }
    ]
    assert json.loads(json.dumps(found)) == found


def test_there_are_no_imports_where_nothing_was_ever_created() -> None:
    assert bursts(Base.empty(), MOSCOW) == []
    undated = [company(id, created=None) for id in range(1, 100)]
    assert bursts_of(undated) == []


def test_too_few_rows_are_no_import() -> None:
    assert bursts_of(created(49, "2024-05-10 09:00")) == []
    assert len(bursts_of(created(50, "2024-05-10 09:00"))) == 1


def test_rows_of_several_people_at_one_time_are_no_import_of_anybody() -> None:
    both = bursts_of(
        created(30, "2024-05-10 09:00", by=7),
        created(30, "2024-05-10 09:00", by=8, first_id=100),
    )
    assert both == []


def test_a_hundred_cards_typed_in_during_a_day_are_no_import() -> None:
    assert bursts_of(created(200, "2024-05-10 06:00", every_s=45)) == []


def test_cards_typed_in_beside_an_import_do_not_stretch_it() -> None:
    (found,) = bursts_of(
        created(60, "2024-05-10 09:00"),
        created(40, "2024-05-10 09:10", every_s=300, first_id=100),
    )
    assert (found["companies"], found["until"]) == (60, "2024-05-10T12:01:58+03:00")


def test_what_another_did_earlier_makes_a_single_card_no_part_of_an_import() -> None:
    (found,) = bursts_of(
        created(60, "2024-05-10 09:00"),
        created(1, "2024-05-10 09:08", first_id=100),
        created(1, "2024-05-10 08:00", first_id=101, by=8),
    )
    assert found["companies"] == 60


def test_a_pause_of_ten_minutes_is_within_an_import_and_a_longer_one_ends_it() -> None:
    def with_pause(seconds: int) -> int:
        second = datetime(2024, 5, 10, 9, 1, 58) + timedelta(seconds=seconds)
        return len(
            bursts_of(
                created(60, "2024-05-10 09:00"),
                created(60, str(second), first_id=100),
            )
        )

    assert (with_pause(600), with_pause(601)) == (1, 2)


def test_an_import_that_cannot_be_seen_on_the_chart_is_not_told() -> None:
    def base_of_size(count: int, imported: int) -> list[Step]:
        old = [company(id, created="2020-01-15", by=id) for id in range(1, count + 1)]
        return bursts_of(old, created(imported, "2024-05-10 09:00", 1, first_id=100_000))

    assert base_of_size(5_941, 60) == []
    assert len(base_of_size(5_940, 60)) == 1


def test_an_import_of_hundreds_is_told_however_large_the_base() -> None:
    old = [company(id, created="2020-01-15", by=id) for id in range(1, 60_000)]
    new = created(500, "2024-05-10 09:00", 1, first_id=100_000)
    assert len(bursts_of(old, new)) == 1
    assert bursts_of(old, new[:499]) == []


def test_what_came_after_the_month_does_not_make_its_import_small() -> None:
    later = [company(id, created="2024-06-15", by=id) for id in range(1_000, 8_000)]
    undated = [company(id, created=None, by=id) for id in range(10_000, 17_000)]
    assert len(bursts_of(later, created(60, "2024-05-10 09:00"))) == 1
    assert bursts_of(undated, created(60, "2024-05-10 09:00")) == []


def test_an_import_belongs_to_the_month_of_the_portal_in_which_it_ended() -> None:
    (found,) = bursts_of(created(60, "2024-05-31 20:59"))
    assert found["month"] == "2024-06"


def test_of_a_month_the_largest_imports_are_told_in_order_of_time() -> None:
    sizes = (60, 90, 70, 80)
    groups = [
        created(size, f"2024-05-1{number} 09:00", first_id=number * 1_000)
        for number, size in enumerate(sizes)
    ]
    other = created(55, "2024-06-10 09:00", first_id=9_000)
    found = bursts_of(*groups, other)
    assert [step["companies"] for step in found] == [90, 70, 80, 55]


def test_a_company_read_twice_counts_once() -> None:
    rows = created(30, "2024-05-10 09:00")
    assert bursts_of(rows, rows) == []


@dataclass
class Gone:
    entity: int
    id: int
    at: str | None = None
    by: int = 0
    merged_into: int = 0

    @property
    def at_s(self) -> float | None:
        return None if self.at is None else datetime.fromisoformat(f"{self.at}Z").timestamp()


SINCE = datetime(2024, 5, 1, 8, tzinfo=UTC)
UNTIL = datetime(2024, 5, 20, 8, tzinfo=UTC)


def departures(*gone: Gone, until: datetime = UNTIL) -> list[Step]:
    return departed(gone, SINCE, until, MOSCOW)


def test_departures_are_one_step_per_portal_day_person_and_kind() -> None:
    found = departures(
        Gone(4, 1, "2024-05-10 09:00", by=7),
        Gone(3, 1, "2024-05-10 20:59", by=7),
        Gone(4, 2, "2024-05-10 21:00", by=7),
        Gone(4, 3, "2024-05-10 10:00", by=8),
        Gone(4, 4, "2024-05-10 11:00", by=7, merged_into=9),
    )
    said = [(s["code"], s["at"][:10], s["by"], s["companies"], s["contacts"]) for s in found]
    assert said == [
        ("deleted", "2024-05-10", 7, 1, 1),
        ("deleted", "2024-05-10", 8, 1, 0),
        ("merged", "2024-05-10", 7, 1, 0),
        ("deleted", "2024-05-11", 7, 1, 0),
    ]
    assert (found[0]["at"], found[0]["until"], found[0]["month"]) == (
        "2024-05-10T12:00:00+03:00",
        "2024-05-10T23:59:00+03:00",
        "2024-05",
    )
    assert all(is_sound(step) for step in found)


def test_nobody_gone_is_no_step() -> None:
    assert departures() == []


def test_a_departure_at_an_unknown_moment_was_between_the_refreshes() -> None:
    (found,) = departures(Gone(4, 1), Gone(3, 2))
    assert (found["at"], found["until"]) == (
        "2024-05-01T11:00:00+03:00",
        "2024-05-20T11:00:00+03:00",
    )
    (first,) = departed([Gone(4, 1)], None, UNTIL, MOSCOW)
    assert first["at"] == first["until"] == "2024-05-20T11:00:00+03:00"


def test_what_two_browsers_found_is_counted_once() -> None:
    morning = departures(*(Gone(4, id, "2024-05-10 09:00", by=7) for id in (1, 2, 3)))
    noon = departures(*(Gone(4, id, "2024-05-10 12:00", by=7) for id in (4, 5)))
    other = departures(
        *(Gone(4, id, "2024-05-10 09:00", by=7) for id in (1, 2, 3)),
        *(Gone(4, id, "2024-05-10 12:00", by=7) for id in (4, 5)),
        Gone(3, 1, "2024-05-10 12:00", by=7),
    )
    (found,) = united(united(morning, noon), other)
    assert (found["companies"], found["contacts"]) == (5, 1)
    assert found == united(other, united(noon, morning))[0]


def test_of_two_stories_of_a_departure_the_one_that_knows_more_is_told() -> None:
    (told,) = united(
        departures(Gone(4, 1)), departures(Gone(4, 1, "2024-05-10 09:00", by=7, merged_into=2))
    )
    assert (told["code"], told["by"]) == ("merged", 7)
    (named,) = united(
        departures(Gone(4, 1, "2024-05-09 09:00")), departures(Gone(4, 1, "2024-05-10 09:00", by=7))
    )
    assert named["by"] == 7
    (dated,) = united(departures(Gone(4, 1)), departures(Gone(4, 1, "2024-05-10 09:00")))
    assert dated["until"] == "2024-05-10T12:00:00+03:00"


def test_an_import_of_which_some_were_deleted_since_is_told_as_it_was() -> None:
    rows = created(60, "2024-05-10 09:00")
    (whole,), (rest,) = bursts_of(rows), bursts_of(rows[5:])
    assert united([whole], [rest]) == united([rest], [whole]) == [whole]


def test_imports_of_two_people_or_at_two_times_are_two() -> None:
    (one,) = bursts_of(created(60, "2024-05-10 09:00"))
    (other,) = bursts_of(created(60, "2024-05-10 09:00", by=8))
    (later,) = bursts_of(created(60, "2024-05-10 10:00"))
    assert len(united([one, other], [later, one])) == 3


def test_uniting_steps_with_themselves_changes_nothing() -> None:
    steps = [
        *bursts_of(created(60, "2024-05-10 09:00")),
        *departures(Gone(4, 1, "2024-05-12 09:00", by=7), Gone(3, 4)),
    ]
    once = united(steps, [])
    assert united(once, once) == once
    assert sorted(map(str, once)) == sorted(map(str, steps))


def test_shown_steps_have_no_ids_and_are_the_largest_of_their_month_and_kind() -> None:
    found = departures(
        *(
            Gone(4, 100 * day + number, f"2024-05-0{day} 09:00", by=7)
            for day in range(1, 6)
            for number in range(day)
        )
    )
    steps = shown(found)
    assert [step["companies"] for step in steps] == [3, 4, 5]
    assert all("ids" not in step for step in steps)
    assert all("ids" in step for step in found)


def test_damaged_steps_are_told_apart() -> None:
    (good,) = departures(Gone(4, 1, "2024-05-10 09:00", by=7))
    (imported,) = bursts_of(created(60, "2024-05-10 09:00"))
    assert is_sound(good) and is_sound(imported)
    for damage in (
        {"code": "else"},
        {"month": "2024-13"},
        {"at": "yesterday"},
        {"at": "2024-05-10T12:00:00"},
        {"at": "2025-05-10T12:00:00+03:00"},
        {"companies": -1},
        {"companies": 2},
        {"contacts": 1.5},
        {"by": None},
        {"ids": {"companies": ["1"], "contacts": []}},
        {"ids": {"companies": [1]}},
        {"ids": None},
    ):
        assert not is_sound(good | damage), damage
    assert not is_sound({name: value for name, value in imported.items() if name != "until"})
    assert not any(is_sound(found) for found in (None, 7, "step", [], {}))


def test_months_are_named_by_year_and_month() -> None:
    assert MONTH.fullmatch("2024-12") and not MONTH.fullmatch("2024-00")

"""How near the reader comes to what the limits allow."""

from __future__ import annotations

import pytest

from crm.pace import CLOUD, MEASURED, Pace, bound, pages_of
from crm.sources import SOURCES
from crm.tables import PAGE_ROWS
from unit.crm.fake_portal import Limits
from unit.crm.reading import read_all
from unit.crm.worlds import World, large

pytestmark = pytest.mark.thorough


def test_one_page_takes_as_long_as_a_page() -> None:
    assert bound({"crm.company.list": 1}) == pytest.approx(0.08)
    assert bound({}) == 0


def test_a_burst_is_worked_on_side_by_side() -> None:
    assert bound({"crm.company.list": 2500}) == pytest.approx(4.0)


def test_then_two_requests_leave_a_second() -> None:
    assert bound({"crm.company.list": 5000}) == pytest.approx(25 + 4.0)


def test_few_connections_share_the_work() -> None:
    pages = {"crm.company.list": 2400, "crm.deal.list": 3600}
    assert bound(pages, Pace(connections=6)) == pytest.approx(80)


def test_operating_time_makes_resets_necessary() -> None:
    pages = {"crm.company.list": 100, "crm.deal.list": 12_500}
    assert bound(pages) == 2 * 540
    assert bound({"crm.deal.list": 3000}, MEASURED) == 540
    assert CLOUD.page_s < MEASURED.page_s


def test_pages_are_counted_per_method() -> None:
    methods = {source.name: source.method for source in SOURCES}
    pages = pages_of({"companies": 51, "links": 50, "smart_invoices": 1}, methods, PAGE_ROWS)
    assert pages == {"crm.company.list": 2, "crm.item.list": 2}


def of(world: World, **pace: float) -> float:
    """The bound for reading a world."""
    pages: dict[str, int] = {}
    for name, ids in world.lists.items():
        method = name.split("/")[0]
        pages[method] = pages.get(method, 0) - (-len(ids.ids) // PAGE_ROWS)
    return bound(pages, Pace(**pace))  # type: ignore[arg-type]


def told(world: World) -> tuple[float, float]:
    """Seconds that reading a world takes in virtual time, and the bound."""
    fake = world.portal()
    reading = read_all(fake)
    assert not fake.refused
    bound_s = of(world)
    print(
        f"\n{reading.seconds:.1f} s, bound {bound_s:.1f} s, "
        f"ratio {reading.seconds / bound_s:.2f}, "
        f"{fake.requests} requests, {fake.commands} commands, "
        f"{reading.reports[-1].in_vain} of them in vain"
    )
    return reading.seconds, bound_s


def test_the_benchmarks_portal_is_read_near_the_bound() -> None:
    """85,000 clients of ten years with all that belongs to them."""
    seconds, bound_s = told(large(85_000, 120, seed=1, sparse=0.3))
    assert seconds <= 1.2 * bound_s


def test_an_imported_portal_whose_ids_tell_nothing_is_read_nearly_as_fast() -> None:
    """Half the size: what comes before the first and after the last full batch weighs double."""
    seconds, bound_s = told(large(42_500, 60, seed=1, shuffled=True))
    assert seconds <= 1.4 * bound_s


def test_where_operating_time_decides_the_resets_are_all_that_is_waited_for() -> None:
    world = large(17_000, 24, seed=1)
    limits = Limits(slow={"crm.deal.list": 1.2})
    fake = world.portal(limits)
    reading = read_all(fake)
    assert not fake.refused
    assert reading.seconds <= 1.3 * 600


def test_a_small_portal_is_read_in_seconds() -> None:
    fake = large(1000, 24, seed=1).portal()
    assert read_all(fake).seconds < 5

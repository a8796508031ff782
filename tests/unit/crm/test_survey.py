"""The first look at a portal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.errors import AccessDenied
from crm.survey import Survey, survey
from unit.crm.fake_portal import FakePortal, Refusal
from unit.crm.reading import portal_of
from unit.crm.virtual_time import run
from unit.crm.worlds import DAY_S, ID_AND_DATE, NOW_S, World, iso, large, steady


def look(fake: FakePortal) -> Survey:
    return run(survey(portal_of(fake)))


def refuse(fake: FakePortal, refusal: Refusal, method: str, part: str = "") -> FakePortal:
    """The portal refuses a method, or those of its commands that hold ``part``."""
    fake.inner_fault = lambda name, query: refusal if name == method and part in query else None
    return fake


def test_a_survey_takes_two_requests() -> None:
    fake = large(1000, 24, seed=1).portal()
    found = look(fake)
    assert fake.requests == 2
    assert found.now.isoformat() == fake.now
    assert found.now.utcoffset() == timedelta(hours=3)
    assert found.months[0] == found.first_month == "2023-10"
    assert found.months[-1] == "2025-10"
    assert found.facts.paid_stages == {"DT31_1:P"}
    assert not found.notes


def test_totals_are_about_right() -> None:
    world = large(2000, 24, seed=1, sparse=0.3)
    totals = look(world.portal()).rough_totals
    for name, (source, count) in zip(totals, totals.items(), strict=True):
        method = {"links": "crm.item.list/3", "smart_invoices": "crm.item.list/31"}.get(source)
        method = (
            method
            or {
                "companies": "crm.company.list",
                "contacts": "crm.contact.list",
                "deals": "crm.deal.list",
                "activities": "crm.activity.list",
                "requisites": "crm.requisite.list",
            }[name]
        )
        assert count == pytest.approx(len(world.lists[method].ids), rel=0.4)


def test_an_empty_portal_has_the_present_month_and_nothing_to_read() -> None:
    found = look(World({}).portal())
    assert found.months == ["2025-10"]
    assert found.sources == ()


def test_months_begin_with_the_first_client_not_with_the_first_deal() -> None:
    world = World(
        {"crm.company.list": steady(5, 10, seed=1), "crm.deal.list": steady(200, 900, seed=2)}
    )
    assert look(world.portal()).months[0] in ("2025-09", "2025-10")


def test_old_invoices_that_a_portal_does_not_have_are_left_out_without_a_word() -> None:
    fake = refuse(
        large(300, 6, 1).portal(), Refusal(404, "ERROR_METHOD_NOT_FOUND"), "crm.invoice.list"
    )
    assert not look(fake).notes


def test_requisites_that_may_not_be_read_are_left_out_with_a_note() -> None:
    fake = refuse(
        large(300, 6, 1).portal(), Refusal(400, "", "Access denied."), "crm.requisite.list"
    )
    found = look(fake)
    assert {"code": "left_out", "source": "requisites", "reason": "access_denied"} in found.notes
    assert "requisites" not in found.rough_totals


def test_clients_that_may_not_be_read_are_an_error_that_names_them() -> None:
    fake = refuse(large(300, 6, 1).portal(), Refusal(400, "", "Access denied."), "crm.company.list")
    with pytest.raises(AccessDenied) as caught:
        look(fake)
    assert caught.value.params["table"] == "companies"


def test_a_portal_that_cannot_list_companies_of_contacts_falls_back_to_primary_ones() -> None:
    fake = large(300, 6, 1).portal()
    for row in fake.tables["crm.item.list/3"].rows:
        del row["companyIds"]
    found = look(fake)
    assert found.notes == [{"code": "links_primary_only"}]
    assert "links" not in found.rough_totals


def test_so_does_one_that_refuses_the_filter() -> None:
    refusal = Refusal(400, "INVALID_ARG_VALUE", "unknown field companyId")
    fake = refuse(large(300, 6, 1).portal(), refusal, "crm.item.list", "companyId%5D=0")
    fake = refuse(fake, refusal, "crm.item.list", "companyId]=0")
    assert look(fake).notes == [{"code": "links_primary_only"}]


def test_a_source_whose_dates_cannot_be_filtered_is_read_whole() -> None:
    refusal = Refusal(400, "INVALID_ARG_VALUE", "bad date")
    fake = refuse(large(300, 6, 1).portal(), refusal, "crm.requisite.list", "2100-01-01")
    found = look(fake)
    assert found.notes == [{"code": "undated_rows", "source": "requisites"}]
    assert [facts.dated for facts in found.sources if facts.source.name == "requisites"] == [False]


def test_the_oldest_row_is_not_trusted_where_the_portal_does_not_sort_by_date() -> None:
    fake = large(300, 6, 1).portal()
    table = fake.tables["crm.deal.list"]
    table.created_s = table.created_s[::-1].copy()
    found = look(fake)
    assert [facts.sorted for facts in found.sources if facts.source.name == "deals"] == [False]


def test_a_client_from_before_all_time_does_not_make_thousands_of_months() -> None:
    fake = large(300, 6, 1).portal()
    table = fake.tables["crm.company.list"]
    table.created_s[0] = -60_000_000_000
    table.rows[0]["DATE_CREATE"] = "0068-09-09T00:00:00+03:00"
    assert look(fake).months[0] == "1990-01"


def test_wishes_are_few_named_fields_and_never_a_count() -> None:
    fake = large(300, 6, 1).portal()
    look(fake)
    bodies = "".join(fake.bodies)
    assert "select%5B0%5D%3D%2A" not in bodies
    assert bodies.count("start%3D-1") == 2 * len(ID_AND_DATE)


def test_stages_are_told_by_their_meaning_also_in_its_other_form() -> None:
    fake = large(300, 6, 1).portal()
    stages: list[Any] = [
        {"STATUS_ID": "A", "EXTRA": {"SEMANTICS": "success"}},
        {"STATUS_ID": "B", "SEMANTICS": None, "EXTRA": {"SEMANTICS": "failure"}},
        {"STATUS_ID": "C", "SEMANTICS": "S"},
        "odd",
    ]
    fake.stages = stages
    assert look(fake).facts.paid_stages == {"A", "C"}


def test_a_row_from_the_future_does_not_move_the_first_month_there() -> None:
    world = World({"crm.company.list": steady(1, 1, seed=1)})
    world.lists["crm.company.list"].moments[0] = NOW_S + 90 * DAY_S
    assert iso(NOW_S).startswith("2025-10")
    assert look(world.portal()).months == ["2025-10"]

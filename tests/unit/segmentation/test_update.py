"""The next look: equal to a look at everything, at the price of what changed."""

from __future__ import annotations

import random
from datetime import timedelta, timezone
from typing import Any

import pandas as pd
import pytest

from property.portals import any_case
from property.update_comparison import check_same, check_update
from segmentation import Analysis, Base, Limits, analyse
from segmentation import update as update_module
from segmentation.types import KEYS, SCHEMA
from segmentation.update import reanalyse
from unit.segmentation.rows import (
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    OLD,
    SMART,
    Entry,
    activity,
    at,
    base_of,
    company,
    contact,
    deal,
    invoice,
    link,
    portal,
    requisite,
)

pytestmark = pytest.mark.thorough

PORTALS = 80
NOW = "2024-08-31 12:00"
ZONE = timezone(timedelta(hours=3))

PORTAL: tuple[Entry, ...] = (
    *(company(id) for id in range(1, 21)),
    *(contact(id, company=id % 7) for id in range(1, 21)),
    *(deal(id, company=id, won="2024-08-01") for id in range(1, 11)),
    *(deal(100 + id, contact=id) for id in range(7, 21, 7)),
    *(invoice(id, company=id, deal=id, paid="2024-08-10") for id in range(5, 15)),
    *(activity(id, COMPANY, id) for id in range(1, 21)),
    *(activity(100 + id, DEAL, id) for id in range(1, 11)),
    *(activity(200 + id, CONTACT, id) for id in range(1, 21)),
    *(requisite(id, COMPANY, id) for id in range(1, 21)),
)


def moment(text: str) -> Any:
    return at(text)


def base(*entries: Entry) -> Base:
    return base_of(portal(*entries))


class Seen:
    """The part of the base that was classified again."""

    def __init__(self) -> None:
        self.tables: dict[str, list[int]] = {}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    found, classify = Seen(), update_module.classify

    def spy(part: Base, *rest: Any) -> pd.DataFrame:
        found.tables = {
            table: getattr(part, table)["id"].tolist() for table in SCHEMA if table != "links"
        }
        return classify(part, *rest)

    monkeypatch.setattr(update_module, "classify", spy)
    return found


def keys(base: Base, **ids: list[int]) -> dict[str, pd.DataFrame]:
    """Keys of rows by id; all invoices are smart."""
    frames = {table: pd.DataFrame({"id": found}, dtype="int64") for table, found in ids.items()}
    if "invoices" in frames:
        frames["invoices"]["kind"] = SMART
    return {table: frame[KEYS[table]] for table, frame in frames.items()}


def look_again(
    before: tuple[Entry, ...],
    after: tuple[Entry, ...],
    now: str = NOW,
    limits: Limits | None = None,
    **changed: list[int],
) -> Analysis:
    """The next look, checked against a look at everything."""
    earlier, later = base(*before), base(*after)
    known = analyse(earlier, moment(NOW), ZONE, Limits())
    again = reanalyse(
        known, earlier, later, keys(later, **changed), moment(now), ZONE, limits or Limits()
    )
    check_same(again, analyse(later, moment(now), ZONE, limits or Limits()))
    return again


def test_the_next_look_at_random_portals_is_as_a_look_at_everything() -> None:
    for seed in range(PORTALS):
        pick = random.Random(seed).choice
        case = any_case(pick)
        try:
            check_update(case, pick)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {case}") from error


def test_where_nothing_changed_nobody_is_classified_again(seen: Seen) -> None:
    look_again(PORTAL, PORTAL)
    assert set(map(len, seen.tables.values())) == {0}


def test_time_alone_moves_clients_on_without_classifying_them_again(seen: Seen) -> None:
    again = look_again(PORTAL, PORTAL, now="2025-03-01 12:00")
    assert (again.counters[3]["active"], again.counters[3]["dormant"]) == (0, 14)
    assert seen.tables["companies"] == []


def test_only_what_belongs_to_a_touched_client_is_looked_at_again(seen: Seen) -> None:
    after = tuple(
        deal(3, company=3) if (table, row["id"]) == ("deals", 3) else (table, row)
        for table, row in PORTAL
    )
    look_again(PORTAL, after, deals=[3])
    assert seen.tables == {
        "companies": [3],
        "contacts": [3, 10, 17],
        "deals": [3],
        "invoices": [],
        "activities": [3, 103, 203, 210, 217],
        "requisites": [3],
    }


def test_an_un_won_deal_gives_its_invoice_back_to_the_invoices_client(seen: Seen) -> None:
    before = (
        *(company(1), company(2), company(3)),
        deal(5, company=1, won="2024-08-01"),
        invoice(6, company=2, deal=5, paid="2024-08-02"),
    )
    after = (*before, deal(5, company=1, won=False))
    look_again(before, after, deals=[5])
    assert seen.tables["companies"] == [1, 2]


def test_an_invoice_paid_later_moves_the_payment_of_its_deals_client(seen: Seen) -> None:
    before = (
        *(company(1), company(2), company(3)),
        deal(5, company=1, won="2024-08-01"),
        invoice(6, company=2, deal=5),
    )
    after = (*before, invoice(6, company=2, deal=5, paid="2024-08-02"))
    look_again(before, after, invoices=[6])
    assert seen.tables["companies"] == [1, 2]


def test_documents_of_a_company_that_is_gone_go_to_their_contact(seen: Seen) -> None:
    before = (
        *(company(1), company(2), contact(3), contact(4)),
        deal(5, company=1, contact=3, won="2024-08-01"),
        invoice(6, company=1, contact=4, paid="2024-08-02"),
    )
    after = tuple(entry for entry in before if (entry[0], entry[1]["id"]) != ("companies", 1))
    again = look_again(before, after, companies=[1])
    assert again.counters[3]["active"] == 2
    assert (seen.tables["companies"], seen.tables["contacts"]) == ([], [3, 4])


def test_a_binding_changes_the_contact_and_its_company_alone(seen: Seen) -> None:
    before = (company(1), company(2), contact(3), contact(4), deal(5, contact=3))
    after = (*before, link(3, 2))
    again = look_again(before, after)
    assert again.counters[2] == {
        "b2b_with_contacts": 1,
        "b2b_without_contacts": 1,
        "b2c": 1,
        "all": 3,
    }
    assert (seen.tables["companies"], seen.tables["contacts"]) == ([2], [3])


def test_a_second_company_of_a_contact_is_with_contacts_from_the_next_look_on(seen: Seen) -> None:
    before = (company(1), company(2), contact(3, company=2))
    look_again(before, (*before, link(3, 1)))
    assert seen.tables["companies"] == [1]


@pytest.mark.parametrize(
    ("owner_type", "owner", "touched"),
    [(COMPANY, 1, 1), (CONTACT, 3, 2), (DEAL, 5, 1), (SMART, 6, 2), (OLD, 6, 1), (LEAD, 7, 2)],
)
def test_an_activity_touches_the_client_of_what_it_is_bound_to(
    owner_type: int, owner: int, touched: int, seen: Seen
) -> None:
    before = (
        *(company(1), company(2, lead=7), company(8), contact(3, company=2), contact(9)),
        *(deal(5, company=1), invoice(6, company=2), invoice(6, company=1, kind=OLD)),
        activity(1, LEAD, 0),
    )
    look_again(before, (*before, activity(4, owner_type, owner)), activities=[4])
    assert (seen.tables["companies"], seen.tables["contacts"][1:]) == ([touched], [])


def test_a_day_that_was_ahead_comes_true_by_itself() -> None:
    before = (
        company(1),
        company(2, created="2024-10-05"),
        deal(3, company=1, created="2024-10-01", won="2024-10-01"),
    )
    again = look_again(before, before, now="2024-12-01 12:00")
    first, second = again.clients.to_dict("records")
    assert f"{first['last_payment_day']:%Y-%m-%d}" == "2024-10-01"
    assert f"{second['created_day']:%Y-%m-%d}" == "2024-10-05"


@pytest.mark.parametrize(
    "change",
    [
        {"now": "2024-08-30 12:00"},
        {"after": (company(99, created="2010-01-15"), *PORTAL), "companies": [99]},
    ],
)
def test_where_little_holds_everybody_is_classified_anew(
    change: dict[str, Any], seen: Seen
) -> None:
    look_again(PORTAL, change.pop("after", PORTAL), **change)
    assert seen.tables == {}


def test_with_other_limits_nobody_is_classified_anew_from_the_tables(seen: Seen) -> None:
    look_again(PORTAL, PORTAL, limits=Limits(1, 2))
    assert set(map(tuple, seen.tables.values())) == {()}


def test_in_another_time_zone_everybody_is_classified_anew(seen: Seen) -> None:
    zone = timezone(timedelta(hours=-8))
    known = analyse(base(*PORTAL), moment(NOW), ZONE)
    again = reanalyse(known, base(*PORTAL), base(*PORTAL), {}, moment(NOW), zone)
    check_same(again, analyse(base(*PORTAL), moment(NOW), zone))
    assert seen.tables == {}


def test_clients_keep_the_order_of_their_ids_whoever_comes_between() -> None:
    before = (company(10), company(30), contact(20), contact(40))
    after = (*before[1:], company(20), contact(10), contact(30))
    again = look_again(before, after, companies=[10, 20], contacts=[10, 30])
    assert again.clients["id"].tolist() == [20, 30, 10, 20, 30, 40]

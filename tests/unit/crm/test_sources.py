"""Rows of the portal as rows of the tables."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.convert import currency_code
from crm.sources import SOURCES, Facts, Source
from crm.tables import KEYS, TABLES, table
from segmentation.types import KEYS as RULES_KEYS
from segmentation.types import SCHEMA
from storage.packing import pack, unpack

FACTS = Facts(offset_s=3 * 3600, paid_stages=frozenset({"DT31_1:P"}))
BY_NAME = {source.name: source for source in SOURCES}
AT = "2024-09-02T18:37:18+03:00"
JUNK = (
    st.none()
    | st.text(max_size=12)
    | st.integers()
    | st.booleans()
    | st.lists(st.none() | st.text(max_size=5), max_size=2)
    | st.dictionaries(st.sampled_from(["VALUE", "VALUE_TYPE", "0"]), st.text(max_size=5))
)


def one(name: str, **row: Any) -> dict[str, Any]:
    """What becomes of one row."""
    return dict(BY_NAME[name].tabulate([row], FACTS).iloc[0])


def test_the_tables_hold_what_the_rules_take() -> None:
    for name, columns in SCHEMA.items():
        assert columns.items() <= TABLES[name].items()
    assert TABLES.keys() == KEYS.keys() == SCHEMA.keys() | {"company_cards", "contact_cards"}


def test_a_row_of_a_table_is_told_apart_as_the_rules_do() -> None:
    assert RULES_KEYS.items() <= KEYS.items()


def test_a_client_tells_who_made_it_and_when_it_was_changed() -> None:
    contact = one("contacts", ID="7", CREATED_BY_ID="12", DATE_MODIFY=AT)
    assert (contact["created_by"], contact["modified"]) == (12, pd.Timestamp("2024-09-02T15:37:18"))
    assert pd.isna(one("contacts", ID="7", DATE_MODIFY="")["modified"])


def test_a_card_tells_by_what_a_client_is_known() -> None:
    phones = [{"ID": "1", "VALUE": "+7 900 000-00-00"}, {"ID": "2", "VALUE": "112"}]
    row = {"ID": "7", "PHONE": phones, "EMAIL": [{"VALUE": "a@b.c"}], "ASSIGNED_BY_ID": "12"}
    site = {"WEB": {"0": {"VALUE": "example.com"}}}
    contact = {**row, "LAST_NAME": "Ким", "NAME": "Анна", "SECOND_NAME": "Юрьевна"}
    company = {**row, **site, "TITLE": "Ромашка"}
    ways = ("+7 900 000-00-00\n112", "a@b.c")
    assert card("contacts", contact) == (7, "Ким Анна Юрьевна", *ways, "", 12)
    assert card("companies", company) == (7, "Ромашка", *ways, "example.com", 12)
    assert card("companies", {"ID": "7"}) == (7, "", "", "", "", 0)


def card(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """The card of one row."""
    source = BY_NAME[name]
    (found,) = source.frames([row], FACTS)[source.cards].itertuples(index=False, name=None)
    return tuple(found)


@pytest.mark.parametrize(
    ("name", "amount", "currency"),
    [
        ("deals", "OPPORTUNITY", "CURRENCY_ID"),
        ("smart_invoices", "opportunity", "currencyId"),
        ("old_invoices", "PRICE", "CURRENCY"),
    ],
)
def test_what_is_sold_has_an_amount_in_a_currency(name: str, amount: str, currency: str) -> None:
    sold = one(name, **{amount: "1250.50", currency: "RUB"})
    assert (sold["amount"], sold["currency"]) == (1250.5, currency_code("RUB"))
    gift = one(name, **{amount: None, currency: ""})
    assert (gift["amount"], gift["currency"]) == (0, 0)


def test_requisites_tell_the_number_of_the_tax_office() -> None:
    assert one("requisites", ID="1", RQ_INN=" 7707083893")["inn"] == "7707083893"
    assert one("requisites", ID="1")["inn"] == ""


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_source_makes_its_tables_with_exact_types(source: Source, count: int) -> None:
    rows = [{source.id: str(number), source.created: AT} for number in range(1, count + 1)]
    frames = source.frames(rows, FACTS)
    assert tuple(frames) == source.tables
    for name, frame in frames.items():
        assert {column: str(kind) for column, kind in frame.dtypes.items()} == TABLES[name]
        assert isinstance(frame.index, pd.RangeIndex)
        assert list(frame.columns) == list(table(name).columns)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@given(data=st.data())
def test_no_row_whatever_breaks_a_source(source: Source, data: st.DataObject) -> None:
    names = [*source.select, "junk"]
    rows = data.draw(st.lists(st.dictionaries(st.sampled_from(names), JUNK), max_size=5))
    for name, frame in source.frames(rows, FACTS).items():
        assert {column: str(kind) for column, kind in frame.dtypes.items()} == TABLES[name]
        pd.testing.assert_frame_equal(unpack(pack(frame)), frame)


@pytest.mark.parametrize(
    ("fields", "contact_data", "chat"),
    [
        ({}, False, False),
        ({"HAS_PHONE": "Y"}, True, False),
        ({"HAS_EMAIL": "Y"}, True, False),
        ({"HAS_IMOL": "Y"}, False, True),
        ({"WEB": [{"VALUE": "example.com"}]}, True, False),
        ({"WEB": [{"VALUE": ""}]}, False, False),
        ({"WEB": {"0": {"VALUE": "example.com"}}}, True, False),
        ({"IM": [{"VALUE": "ann", "VALUE_TYPE": "TELEGRAM"}]}, True, False),
        ({"IM": [{"VALUE": "imol|telegram|1", "VALUE_TYPE": "OPENLINE"}]}, False, True),
        ({"IM": [{"VALUE": "5", "VALUE_TYPE": "IMOL"}, {"VALUE": "ann"}]}, True, True),
        ({"IM": []}, False, False),
    ],
)
def test_an_open_line_is_a_chat_and_no_contact_data(
    fields: dict[str, Any], contact_data: bool, chat: bool
) -> None:
    company = one("companies", ID="7", DATE_CREATE=AT, LEAD_ID="4", **fields)
    assert (company["has_contact_data"], company["has_chat"]) == (contact_data, chat)
    assert (company["id"], company["lead"]) == (7, 4)
    assert company["created"] == pd.Timestamp("2024-09-02T15:37:18")


def test_links_are_one_row_for_each_company_of_a_contact() -> None:
    rows = [
        {"id": 1, "companyIds": [5, 6]},
        {"id": 2, "companyIds": {"0": "7"}},
        {"id": 3, "companyIds": None},
        {"id": 4},
        {"id": 5, "companyIds": [0, "x"]},
    ]
    frame = BY_NAME["links"].tabulate(rows, FACTS)
    assert list(frame.itertuples(index=False, name=None)) == [(1, 5), (1, 6), (2, 7)]


def test_templates_of_recurring_deals_are_no_deals() -> None:
    rows = [{"ID": "1", "IS_RECURRING": "Y"}, {"ID": "2", "IS_RECURRING": "N"}, {"ID": "3"}]
    assert BY_NAME["deals"].tabulate(rows, FACTS)["id"].tolist() == [2, 3]


def test_a_deal_without_closing_day_was_closed_when_it_was_moved() -> None:
    deal = one("deals", ID="1", STAGE_SEMANTIC_ID="S", CLOSEDATE="", MOVED_TIME=AT)
    assert deal["won"]
    assert deal["closed"] == pd.Timestamp("2024-09-02T15:37:18")
    assert pd.isna(one("deals", ID="1", CLOSEDATE="")["closed"])


def test_a_smart_invoice_is_paid_by_the_meaning_of_its_stage() -> None:
    paid = one("smart_invoices", id=1, stageId="DT31_1:P", movedTime=AT, parentId2=9)
    assert (paid["kind"], paid["paid"], paid["deal"]) == (31, True, 9)
    assert paid["paid_at"] == pd.Timestamp("2024-09-02T15:37:18")
    unpaid = one("smart_invoices", id=1, stageId="DT31_1:N", movedTime=AT)
    assert not unpaid["paid"]
    assert pd.isna(unpaid["paid_at"])


def test_an_old_invoice_is_paid_when_it_says_so() -> None:
    row = {"ID": "3", "PAYED": "Y", "DATE_PAYED": AT, "UF_COMPANY_ID": "5", "UF_DEAL_ID": "8"}
    invoice = one("old_invoices", **row)
    assert (invoice["kind"], invoice["paid"]) == (5, True)
    assert (invoice["company"], invoice["deal"]) == (5, 8)
    assert pd.isna(one("old_invoices", ID="3", PAYED="N", DATE_PAYED=AT)["paid_at"])


@pytest.mark.parametrize(
    ("name", "value", "rows"),
    [
        ("companies", [{"ID": "1"}], [{"ID": "1"}]),
        ("companies", {"0": {"ID": "1"}}, [{"ID": "1"}]),
        ("companies", [], []),
        ("companies", None, None),
        ("companies", "x", None),
        ("links", {"items": [{"id": 1}]}, [{"id": 1}]),
        ("links", {"items": []}, []),
        ("links", [], []),
        ("links", None, None),
    ],
)
def test_rows_are_found_in_whatever_form_they_come(name: str, value: Any, rows: Any) -> None:
    assert BY_NAME[name].rows(value) == rows


def test_a_hundred_thousand_rows_take_well_under_a_second() -> None:
    rows = [
        {"ID": str(number), "DATE_CREATE": AT, "COMPANY_ID": "5", "CLOSEDATE": AT}
        for number in range(1, 100_001)
    ]
    started_s = time.process_time()
    BY_NAME["deals"].tabulate(rows, FACTS)
    nanoseconds = (time.process_time() - started_s) / len(rows) * 1e9
    print(f"\n{nanoseconds:.0f} ns a row")
    assert nanoseconds < 10_000, "a wide margin: only a loop gone quadratic may fail here"

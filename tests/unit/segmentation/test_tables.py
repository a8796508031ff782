"""The tables that the rules take."""

import dataclasses
from functools import partial

import pandas as pd

from segmentation import Base, Limits
from segmentation.types import KEYS, MODES, SCHEMA
from unit.segmentation.rows import (
    SMART,
    base_of,
    company,
    contact,
    deal,
    invoice,
    link,
    look,
    portal,
    refusal,
    segments,
)


def test_an_empty_base_has_every_table_and_dtype_of_the_schema() -> None:
    base = Base.empty()
    for table, columns in SCHEMA.items():
        frame = getattr(base, table)
        assert len(frame) == 0
        assert dtypes_of(frame) == columns


def dtypes_of(frame: pd.DataFrame) -> dict[object, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def test_every_table_has_a_key_among_its_columns() -> None:
    assert set(KEYS) == set(SCHEMA)
    assert all(set(keys) <= set(SCHEMA[table]) for table, keys in KEYS.items())


def test_a_missing_column_is_refused_by_name() -> None:
    def without_closed() -> Base:
        empty = Base.empty()
        return dataclasses.replace(empty, deals=empty.deals.drop(columns="closed"))

    assert refusal(without_closed) == "deals: column closed is missing"


def test_a_wrong_dtype_is_refused_by_name() -> None:
    def with_nanoseconds() -> Base:
        empty = Base.empty()
        created = pd.Series(dtype="datetime64[ns]")
        return dataclasses.replace(empty, contacts=empty.contacts.assign(created=created))

    expected = "contacts.created is datetime64[ns], must be datetime64[s]"
    assert refusal(with_nanoseconds) == expected


def test_clients_payments_and_counts_have_the_promised_columns_and_dtypes() -> None:
    for analysis in (look(), look(company(1), contact(2), deal(3, company=1, won="2024-08-01"))):
        assert dtypes_of(analysis.clients) == {
            "kind": "category",
            "id": "int64",
            "created_day": "datetime64[s]",
            "with_contacts": "bool",
            "payments": "int32",
            "first_payment_day": "datetime64[s]",
            "last_payment_day": "datetime64[s]",
            "first_request_day": "datetime64[s]",
            "has_dialogs": "bool",
            "has_contact_data": "bool",
            "lifecycle": "category",
            "frequency": "category",
        }
        assert dtypes_of(analysis.payments) == {
            "client": "int32",
            "day": "datetime64[s]",
            "document_type": "int8",
            "document": "int64",
        }
        for segments_of_mode in analysis.growth.modes.values():
            assert {str(counts.dtype) for counts in segments_of_mode.values()} == {"int64"}


def test_of_a_row_read_twice_the_last_one_counts() -> None:
    analysis = look(
        company(1, has_contact_data=True),
        company(1, has_contact_data=False),
        deal(5, company=1, won="2024-08-01"),
        deal(5, company=1, won=False),
    )
    assert analysis.counters[1]["companies"] == 1
    assert segments(analysis, "b2b", 1)["lifecycle"] == "requests"
    assert not segments(analysis, "b2b", 1)["has_contact_data"]


def test_a_smart_and_an_old_invoice_of_one_number_are_two_invoices() -> None:
    analysis = look(
        company(1),
        invoice(7, company=1, paid="2024-08-01"),
        invoice(7, company=1, paid="2024-08-02", kind=5),
        invoice(7, company=1, paid="2024-08-03", kind=SMART),
    )
    client = segments(analysis, "b2b", 1)
    assert (client["payments"], client["first_payment_day"]) == (2, "2024-08-02")


def test_companies_and_contacts_come_in_order_of_id_however_they_were_read() -> None:
    base = base_of(portal(company(9), company(3), contact(8), contact(2))).deduplicated()
    assert base.companies["id"].tolist() == [3, 9]
    assert base.contacts["id"].tolist() == [2, 8]


def test_ids_may_be_as_large_as_the_portal_can_count() -> None:
    huge = 2**53
    analysis = look(
        company(huge),
        contact(huge - 1, company=huge),
        deal(huge - 2, contact=huge - 1, won="2024-08-01"),
    )
    assert segments(analysis, "b2b", huge)["lifecycle"] == "active"


def test_a_binding_known_twice_is_one_binding() -> None:
    analysis = look(company(1), contact(2), link(2, 1), link(2, 1))
    assert analysis.counters[2]["b2b_with_contacts"] == 1


def test_limits_that_are_no_limits_are_refused() -> None:
    for active, dormant in ((0, 18), (6, 6), (18, 6), (-1, 5)):
        message = refusal(partial(Limits, active, dormant))
        assert str(active) in message and str(dormant) in message


def test_each_mode_counts_exactly_its_segments() -> None:
    for analysis in (look(), look(company(1), contact(2))):
        assert {mode: tuple(codes) for mode, codes in analysis.counters.items()} == MODES
        assert {mode: tuple(codes) for mode, codes in analysis.growth.modes.items()} == MODES

"""Who is a client, and what counts for whom (spec §3.1)."""

from unit.segmentation.rows import (
    COMPANY,
    CONTACT,
    LEAD,
    activity,
    company,
    contact,
    deal,
    invoice,
    link,
    look,
    requisite,
    segments,
)


def test_a_company_is_a_b2b_client_with_or_without_contacts() -> None:
    analysis = look(company(1), company(2), contact(5, company=1))
    assert segments(analysis, "b2b", 1)["with_contacts"]
    assert not segments(analysis, "b2b", 2)["with_contacts"]
    assert analysis.counters[2] == {
        "b2b_with_contacts": 1,
        "b2b_without_contacts": 1,
        "b2c": 0,
        "all": 2,
    }


def test_a_contact_with_no_company_is_a_b2c_client() -> None:
    analysis = look(contact(5))
    assert segments(analysis, "b2c", 5)["kind"] == "b2c"
    assert analysis.counters[2]["b2c"] == 1


def test_a_contact_bound_from_the_side_of_the_company_is_no_client() -> None:
    analysis = look(company(1), contact(5), link(5, 1))
    assert analysis.counters[2]["b2c"] == 0
    assert analysis.counters[2]["b2b_with_contacts"] == 1


def test_a_contact_of_the_portals_own_or_of_a_deleted_company_is_a_b2c_client() -> None:
    analysis = look(company(1), contact(5, company=99), contact(6), link(6, 98))
    assert analysis.counters[2]["b2c"] == 2
    assert analysis.counters[2]["b2b_with_contacts"] == 0


def test_a_link_to_a_deleted_contact_does_not_give_a_company_contacts() -> None:
    analysis = look(company(1), link(99, 1))
    assert analysis.counters[2]["b2b_without_contacts"] == 1


def test_the_parent_company_is_the_primary_one() -> None:
    analysis = look(
        company(1),
        company(2),
        contact(5, company=2),
        link(5, 1),
        link(5, 2),
        deal(7, contact=5, won="2024-08-01"),
    )
    assert segments(analysis, "b2b", 2)["payments"] == 1
    assert segments(analysis, "b2b", 1)["payments"] == 0


def test_without_a_primary_company_the_parent_is_the_linked_one_of_smallest_id() -> None:
    analysis = look(
        company(3),
        company(2),
        contact(5, company=99),
        link(5, 3),
        link(5, 2),
        link(5, 1),
        deal(7, contact=5, won="2024-08-01"),
    )
    assert segments(analysis, "b2b", 2)["payments"] == 1


def test_all_companies_of_a_contact_have_a_contact() -> None:
    analysis = look(company(1), company(2), contact(5, company=2), link(5, 1))
    assert analysis.counters[2]["b2b_with_contacts"] == 2


def test_everything_of_a_company_contact_counts_for_its_company() -> None:
    analysis = look(
        company(1),
        contact(5, company=1),
        deal(1, contact=5, won="2024-08-01"),
        invoice(2, contact=5, paid="2024-08-02"),
        activity(1, CONTACT, 5),
    )
    client = segments(analysis, "b2b", 1)
    assert client["payments"] == 2
    assert client["has_dialogs"]
    assert client["has_contact_data"]
    assert len(analysis.clients) == 1


def test_a_document_with_company_and_contact_belongs_to_the_company() -> None:
    analysis = look(company(1), contact(5), deal(7, company=1, contact=5, won="2024-08-01"))
    assert segments(analysis, "b2b", 1)["payments"] == 1
    assert segments(analysis, "b2c", 5)["lifecycle"] == "empty"


def test_a_document_of_an_unknown_company_falls_to_its_contact() -> None:
    analysis = look(contact(5), deal(7, company=99, contact=5, won="2024-08-01"))
    assert segments(analysis, "b2c", 5)["payments"] == 1


def test_documents_that_outlived_their_client_count_for_nobody() -> None:
    analysis = look(
        company(1),
        deal(7, company=99, contact=98, won="2024-08-01"),
        deal(8, won="2024-08-01"),
        invoice(9, company=99, paid="2024-08-01"),
    )
    assert len(analysis.payments) == 0
    assert analysis.counters[5] == {"requests": 0, "dialogs": 0, "contacts": 0, "empty": 1}


def test_zero_is_no_reference_even_where_many_rows_hold_it() -> None:
    analysis = look(
        company(1),
        contact(2),
        link(0, 0),
        activity(1, COMPANY, 0),
        activity(2, LEAD, 0),
        requisite(1, CONTACT, 0),
    )
    assert analysis.counters[5]["empty"] == 2

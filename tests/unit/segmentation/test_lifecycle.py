"""The seven stages of a client's life and the frequency of its payments (spec §3.3–§3.5)."""

from segmentation import Limits
from unit.segmentation.rows import (
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    OLD,
    SMART,
    Entry,
    activity,
    company,
    contact,
    deal,
    invoice,
    look,
    requisite,
    segments,
)

STAGES_BY_LAST_PAYMENT = [
    ("2024-08-31", "2024-08-31", "active"),
    ("2024-08-31", "2024-02-29", "active"),
    ("2024-08-31", "2024-02-28", "dormant"),
    ("2024-08-31", "2023-02-28", "dormant"),
    ("2024-08-31", "2023-02-27", "lost"),
    ("2023-08-31", "2023-02-28", "active"),
    ("2023-08-31", "2023-02-27", "dormant"),
    ("2024-02-29", "2023-08-29", "active"),
    ("2024-02-29", "2023-08-28", "dormant"),
    ("2024-02-29", "2022-08-29", "dormant"),
    ("2024-02-29", "2022-08-28", "lost"),
]


def stage(*entries: Entry, kind: str = "b2b", id: int = 1) -> object:
    return segments(look(*entries), kind, id)["lifecycle"]


def test_a_payer_is_active_dormant_or_lost_by_its_last_payment() -> None:
    for now, paid, expected in STAGES_BY_LAST_PAYMENT:
        analysis = look(company(1), deal(1, company=1, won=paid), now=f"{now} 12:00")
        assert segments(analysis, "b2b", 1)["lifecycle"] == expected, (now, paid)


def test_only_the_last_payment_decides() -> None:
    paid = [deal(1, company=1, won="2024-08-01"), deal(2, company=1, won="2020-01-01")]
    assert stage(company(1), *paid) == "active"


def test_the_two_limits_are_settings() -> None:
    limits = Limits(active_months=1, dormant_months=2)
    for paid, expected in (
        ("2024-07-31", "active"),
        ("2024-07-30", "dormant"),
        ("2024-06-30", "dormant"),
        ("2024-06-29", "lost"),
    ):
        analysis = look(company(1), deal(1, company=1, won=paid), limits=limits)
        assert segments(analysis, "b2b", 1)["lifecycle"] == expected, paid


def test_frequency_is_none_first_or_regular() -> None:
    payments = [deal(id, company=1, won="2024-08-01") for id in (1, 2, 3)]
    for count, expected in enumerate(("none", "first", "regular", "regular")):
        client = segments(look(company(1), *payments[:count]), "b2b", 1)
        assert (client["payments"], client["frequency"]) == (count, expected)


def test_two_invoices_of_one_won_deal_make_no_regular_client() -> None:
    analysis = look(
        company(1),
        deal(1, company=1, won="2024-08-01"),
        invoice(1, company=1, paid="2024-08-01", deal=1),
        invoice(2, company=1, paid="2024-08-02", deal=1),
    )
    assert segments(analysis, "b2b", 1)["frequency"] == "first"


def test_a_client_with_any_unpaid_document_is_at_requests() -> None:
    assert stage(company(1), deal(1, company=1)) == "requests"
    assert stage(company(1), invoice(1, company=1)) == "requests"
    assert stage(company(1), invoice(1, company=1, kind=OLD)) == "requests"


def test_requests_go_before_dialogs_and_dialogs_before_contact_data() -> None:
    client = company(1, has_chat=True, has_contact_data=True)
    assert stage(client, deal(1, company=1)) == "requests"
    assert stage(client) == "dialogs"
    assert stage(company(1, has_contact_data=True)) == "contacts"
    assert stage(company(1)) == "empty"


def test_any_activity_bound_to_the_client_is_a_dialog() -> None:
    assert stage(company(1), activity(1, COMPANY, 1)) == "dialogs"
    assert stage(contact(1), activity(1, CONTACT, 1), kind="b2c") == "dialogs"


def test_an_activity_or_a_chat_of_a_company_contact_is_a_dialog_of_its_company() -> None:
    assert stage(company(1), contact(5, company=1), activity(1, CONTACT, 5)) == "dialogs"
    assert stage(company(1), contact(5, company=1, has_chat=True)) == "dialogs"


def test_an_open_line_chat_is_a_dialog() -> None:
    assert stage(company(1, has_chat=True)) == "dialogs"
    assert stage(contact(1, has_chat=True), kind="b2c") == "dialogs"


def test_an_activity_of_a_deal_or_invoice_is_a_dialog_of_its_client() -> None:
    for entry, owner_type in (
        (deal(7, company=1), DEAL),
        (invoice(7, company=1), SMART),
        (invoice(7, company=1, kind=OLD), OLD),
    ):
        analysis = look(company(1), entry, activity(1, owner_type, 7))
        assert segments(analysis, "b2b", 1)["has_dialogs"], owner_type


def test_an_activity_of_a_smart_invoice_is_none_of_the_old_invoice_of_that_number() -> None:
    analysis = look(
        company(1),
        company(2),
        invoice(7, company=1, kind=SMART),
        invoice(7, company=2, kind=OLD),
        activity(1, SMART, 7),
    )
    assert segments(analysis, "b2b", 1)["has_dialogs"]
    assert not segments(analysis, "b2b", 2)["has_dialogs"]


def test_an_activity_of_a_lead_is_a_dialog_of_all_that_was_made_from_it() -> None:
    made = [company(1, lead=9), contact(2, lead=9), contact(3, lead=8)]
    analysis = look(*made, activity(1, LEAD, 9))
    assert segments(analysis, "b2b", 1)["lifecycle"] == "dialogs"
    assert segments(analysis, "b2c", 2)["lifecycle"] == "dialogs"
    assert segments(analysis, "b2c", 3)["lifecycle"] == "empty"


def test_an_activity_of_something_else_is_nobodys_dialog() -> None:
    assert stage(company(1), activity(1, 7, 1), activity(2, 128, 1)) == "empty"


def test_own_flags_and_requisites_are_contact_data() -> None:
    assert stage(company(1, has_contact_data=True)) == "contacts"
    assert stage(contact(1, has_contact_data=True), kind="b2c") == "contacts"
    assert stage(company(1), requisite(1, COMPANY, 1)) == "contacts"
    assert stage(contact(1), requisite(1, CONTACT, 1), kind="b2c") == "contacts"


def test_a_company_with_a_bound_contact_has_contact_data_whatever_the_contact_holds() -> None:
    assert stage(company(1), contact(5, company=1)) == "contacts"


def test_a_requisite_of_a_company_says_nothing_of_the_contact_of_that_number() -> None:
    assert stage(contact(1), requisite(1, COMPANY, 1), kind="b2c") == "empty"

"""What a payment is, and on what day (spec §3.2)."""

from unit.segmentation.rows import (
    DEAL,
    OLD,
    SMART,
    Entry,
    company,
    contact,
    deal,
    invoice,
    look,
    segments,
)


def paid_days(*entries: Entry) -> list[tuple[str, int, int]]:
    """Day, document type and id of all payments."""
    payments = look(*entries).payments
    return [
        (f"{day:%Y-%m-%d}", document_type, document)
        for day, document_type, document in zip(
            payments["day"], payments["document_type"], payments["document"], strict=True
        )
    ]


def test_a_won_deal_is_a_payment_on_its_closing_day() -> None:
    assert paid_days(company(1), deal(7, company=1, won="2024-03-05")) == [("2024-03-05", DEAL, 7)]


def test_a_deal_in_work_or_lost_is_no_payment() -> None:
    assert paid_days(company(1), deal(7, company=1, won=False)) == []


def test_a_won_deal_without_a_closing_day_was_paid_on_the_day_of_its_creation() -> None:
    entry = deal(7, company=1, created="2023-04-05", won=True)
    assert paid_days(company(1), entry) == [("2023-04-05", DEAL, 7)]


def test_a_paid_invoice_of_either_kind_is_a_payment() -> None:
    assert paid_days(
        company(1),
        invoice(7, company=1, paid="2024-03-05", kind=SMART),
        invoice(8, company=1, paid="2024-03-06", kind=OLD),
        invoice(9, company=1, paid=False),
    ) == [("2024-03-05", SMART, 7), ("2024-03-06", OLD, 8)]


def test_a_paid_invoice_without_a_day_was_paid_on_the_day_of_its_creation() -> None:
    entry = invoice(7, company=1, created="2023-04-05", paid=True)
    assert paid_days(company(1), entry) == [("2023-04-05", SMART, 7)]


def test_an_invoice_bound_to_a_won_deal_is_the_same_payment() -> None:
    assert paid_days(
        company(1),
        deal(7, company=1, won="2024-03-05"),
        invoice(8, company=1, paid="2024-03-01", deal=7),
        invoice(9, company=1, paid="2024-03-02", deal=7, kind=OLD),
    ) == [("2024-03-05", DEAL, 7)]


def test_a_won_deal_is_paid_on_the_latest_of_its_own_and_its_invoices_days() -> None:
    assert paid_days(
        company(1),
        deal(7, company=1, won="2024-03-05"),
        invoice(8, company=1, paid="2024-04-01", deal=7),
        invoice(9, company=1, paid="2024-03-20", deal=7),
        invoice(10, company=1, created="2024-06-01", paid=False, deal=7),
    ) == [("2024-04-01", DEAL, 7)]


def test_an_invoice_of_a_won_deal_counts_for_the_client_of_the_deal() -> None:
    analysis = look(
        company(1),
        contact(2),
        deal(7, company=1, won="2024-03-05"),
        invoice(8, contact=2, paid="2024-04-01", deal=7),
    )
    assert segments(analysis, "b2b", 1)["last_payment_day"] == "2024-04-01"
    assert segments(analysis, "b2c", 2)["lifecycle"] == "requests"


def test_an_invoice_of_a_won_deal_of_nobody_is_nobodys_payment() -> None:
    analysis = look(
        contact(2), deal(7, won="2024-03-05"), invoice(8, contact=2, paid="2024-04-01", deal=7)
    )
    assert len(analysis.payments) == 0
    assert segments(analysis, "b2c", 2)["lifecycle"] == "requests"


def test_paid_invoices_of_a_deal_that_is_not_won_are_payments_of_their_own() -> None:
    assert paid_days(
        company(1),
        deal(7, company=1, won=False),
        invoice(8, company=1, paid="2024-03-01", deal=7),
        invoice(9, company=1, paid="2024-03-01", deal=7),
    ) == [("2024-03-01", SMART, 8), ("2024-03-01", SMART, 9)]


def test_a_paid_invoice_of_a_template_or_a_deleted_deal_is_a_payment_of_its_own() -> None:
    entry = invoice(8, company=1, paid="2024-03-01", deal=99)
    assert paid_days(company(1), entry) == [("2024-03-01", SMART, 8)]


def test_a_payment_in_the_future_counts_as_today() -> None:
    assert paid_days(
        company(1),
        deal(7, company=1, won="2031-01-01"),
        invoice(8, company=1, paid="2024-09-01"),
    ) == [("2024-08-31", DEAL, 7), ("2024-08-31", SMART, 8)]


def test_a_document_that_is_paid_no_longer_stops_being_a_payment() -> None:
    before = [deal(7, company=1, won="2024-03-05"), invoice(8, company=1, paid="2024-03-01")]
    after = [deal(7, company=1, won=False), invoice(8, company=1, paid=False)]
    assert segments(look(company(1), *before), "b2b", 1)["lifecycle"] == "active"
    assert segments(look(company(1), *after), "b2b", 1)["lifecycle"] == "requests"


def test_payments_come_in_order_of_client_and_day() -> None:
    assert paid_days(
        company(1),
        contact(2),
        deal(3, contact=2, won="2020-01-01"),
        deal(4, company=1, won="2024-01-01"),
        deal(5, company=1, won="2023-01-01"),
    ) == [("2023-01-01", DEAL, 5), ("2024-01-01", DEAL, 4), ("2020-01-01", DEAL, 3)]

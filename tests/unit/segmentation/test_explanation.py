"""Why a client is where it is, and what comes next (spec §3.2–§3.5, §5)."""

import random

from property.explanation_comparison import check_explanations
from property.portals import any_case
from segmentation import Limits, analyse
from segmentation.explanation import (
    ACTS,
    CONTACT_DATA,
    DIALOGS,
    Explanation,
    explain,
    replay,
)
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

PORTALS = 40


def why(
    *entries: Entry, client: int = 0, now: str = "2024-08-31 12:00", told: int = 200
) -> Explanation:
    """The explanation of one client by its number."""
    base, moment = base_of(portal(*entries)), at(now)
    assert moment is not None
    analysis = analyse(base, moment, moment.tzinfo, Limits(6, 18))
    return explain(base, analysis, client, told)


def documents(explanation: Explanation) -> list[tuple[int, int, str, str]]:
    return [
        (document["entity"], document["id"], document["day"], document["role"])
        for document in explanation["documents"]
    ]


def test_the_explanations_of_random_portals_are_as_the_oracle_says() -> None:
    for seed in range(PORTALS):
        pick = random.Random(seed).choice
        case = any_case(pick)
        try:
            check_explanations(case, pick)
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"seed {seed}, {case}") from error


def test_a_payer_is_told_its_last_payment_and_the_days_that_limit_its_stage() -> None:
    found = why(
        company(1),
        deal(1, company=1, won="2024-01-10"),
        deal(2, company=1, won="2023-01-10"),
    )
    assert found["reasons"]["lifecycle"] == {
        "rule": "dormant",
        "last_payment": "2024-01-10",
        "active_since": "2024-02-29",
        "dormant_since": "2023-02-28",
    }
    assert found["reasons"]["frequency"] == {
        "rule": "regular",
        "payments": 2,
        "first_payment": "2023-01-10",
        "last_payment": "2024-01-10",
    }


def test_a_type_is_told_with_the_contacts_of_a_company() -> None:
    people = (company(1), company(2), contact(3, company=2), link(3, 1), contact(4))
    assert why(*people)["reasons"]["type"] == {"rule": "company_with_contacts", "contacts": 1}
    assert why(company(1))["reasons"]["type"] == {"rule": "company_without_contacts", "contacts": 0}
    assert why(*people, client=2)["reasons"]["type"] == {"rule": "contact_without_company"}


def test_paid_invoices_of_a_won_deal_are_told_as_parts_of_its_payment() -> None:
    found = why(
        company(1),
        deal(7, company=1, won="2024-08-01"),
        invoice(1, company=1, paid="2024-08-20", deal=7),
        invoice(1, company=1, paid="2024-08-02", deal=7, kind=OLD),
        invoice(2, company=1, deal=7, created="2024-07-01"),
        invoice(3, company=1, paid="2024-06-01"),
    )
    assert documents(found) == [
        (DEAL, 7, "2024-08-20", "payment"),
        (SMART, 1, "2024-08-20", "part_of_payment"),
        (OLD, 1, "2024-08-02", "part_of_payment"),
        (SMART, 2, "2024-07-01", "request"),
        (SMART, 3, "2024-06-01", "payment"),
    ]
    assert [document["deal"] for document in found["documents"]] == [0, 7, 7, 0, 0]
    assert [document["paid"] for document in found["documents"]] == [True, True, True, False, True]
    assert found["reasons"]["frequency"]["payments"] == 2


def test_an_invoice_paid_for_the_deal_of_another_is_a_request_of_its_client() -> None:
    entries = (
        company(1),
        company(2),
        deal(7, company=1, won="2024-08-01"),
        invoice(9, company=2, created="2024-05-01", paid="2024-08-20", deal=7),
    )
    assert documents(why(*entries)) == [
        (DEAL, 7, "2024-08-20", "payment"),
        (SMART, 9, "2024-08-20", "part_of_payment"),
    ]
    other = why(*entries, client=1)
    assert documents(other) == [(SMART, 9, "2024-05-01", "request")]
    assert other["documents"][0]["paid"]
    assert other["reasons"]["lifecycle"] == {
        "rule": "requests",
        "requests": 1,
        "first_request": "2024-05-01",
    }


def test_documents_of_company_contacts_are_told_and_those_of_others_are_not() -> None:
    found = why(
        company(1), contact(5, company=1), contact(6), deal(1, contact=5), deal(2, contact=6)
    )
    assert documents(found) == [(DEAL, 1, "2023-01-15", "request")]


def test_of_many_documents_payments_are_told_first() -> None:
    paid = [deal(id, company=1, won="2020-01-01") for id in (1, 2)]
    asked = [deal(id, company=1, created="2024-08-01") for id in range(10, 20)]
    found = why(company(1), *paid, *asked, told=3)
    assert documents(found) == [
        (DEAL, 10, "2024-08-01", "request"),
        (DEAL, 1, "2020-01-01", "payment"),
        (DEAL, 2, "2020-01-01", "payment"),
    ]
    assert found["documents_total"] == 12
    assert replay(found)["frequency"] == "regular"


def test_a_payment_of_a_mistyped_year_is_told_and_decides_as_any_other() -> None:
    found = why(company(1, created="0024-01-15"), deal(1, company=1, won="0024-08-01"))
    assert documents(found) == [(DEAL, 1, "0024-08-01", "payment")]
    assert replay(found)["lifecycle"] == found["lifecycle"] == "lost"


def test_dialogs_are_told_by_what_they_are_bound_to() -> None:
    found = why(
        company(1, has_chat=True, lead=9),
        contact(5, company=1, has_chat=True, lead=9),
        deal(7, company=1),
        invoice(7, company=1, kind=OLD),
        activity(1, COMPANY, 1),
        activity(2, CONTACT, 5),
        activity(3, CONTACT, 5),
        activity(4, DEAL, 7),
        activity(5, OLD, 7),
        activity(6, SMART, 7),
        activity(7, LEAD, 9),
        activity(8, 64 + COMPANY, 0),
    )
    assert found["dialogs"] == dict(zip(DIALOGS, (1, 2, 1, 1, 1, 2), strict=True))


def test_contact_data_is_told_by_who_has_it() -> None:
    found = why(
        company(1, has_contact_data=True),
        contact(5, company=1, has_contact_data=True),
        contact(6, company=1),
        requisite(1, COMPANY, 1),
        requisite(2, CONTACT, 6),
        requisite(3, CONTACT, 1),
    )
    assert found["contact_data"] == dict(zip(CONTACT_DATA, (1, 1, 2, 2), strict=True))
    assert found["lifecycle"] == "contacts"


def test_an_active_client_gets_dormant_and_lost_on_days_that_are_known() -> None:
    found = why(company(1), deal(1, company=1, won="2024-02-29"))
    assert found["changes"] == [
        {"day": "2024-09-01", "to": "dormant"},
        {"day": "2025-09-01", "to": "lost"},
    ]
    later = why(company(1), deal(1, company=1, won="2024-02-29"), now="2024-09-01 12:00")
    assert later["changes"] == [{"day": "2025-09-01", "to": "lost"}]
    lost = why(company(1), deal(1, company=1, won="2024-02-29"), now="2025-09-01 12:00")
    assert (lost["lifecycle"], lost["changes"]) == ("lost", [])


def test_what_would_change_a_client_depends_on_its_stage() -> None:
    paid = [deal(id, company=1, won="2024-08-01") for id in (1, 2)]
    for entries, expected in (
        ([], list(ACTS)),
        ([requisite(1, COMPANY, 1)], ["payment", "request", "dialog"]),
        ([activity(1, COMPANY, 1)], ["payment", "request"]),
        ([deal(1, company=1)], ["payment"]),
        (paid[:1], ["payment"]),
        (paid, []),
    ):
        assert why(company(1), *entries)["would_change"] == expected

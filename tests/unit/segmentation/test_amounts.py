"""What clients have paid, and when they were last in touch (spec §3.2, §3.5, §5)."""

import random
from dataclasses import replace

import pandas as pd

from property.list_comparison import check_list
from property.portals import any_case
from segmentation import Analysis, Base
from segmentation.amounts import amounts, with_amounts
from segmentation.last_contact import last_contact_days
from segmentation.ownership import Ownership
from unit.segmentation.rows import (
    COMPANY,
    CONTACT,
    LEAD,
    OLD,
    Entry,
    activity,
    at,
    base_of,
    company,
    contact,
    deal,
    invoice,
    look,
    portal,
)

PORTALS = 40
ROUBLES, EUROS = 1, 2


def test_amounts_last_contacts_and_trials_of_random_portals_are_as_the_oracle_says() -> None:
    for seed in range(PORTALS):
        pick = random.Random(seed).choice
        case = any_case(pick)
        try:
            check_list(case, pick)
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"seed {seed}, {case}") from error


def priced(
    entries: tuple[Entry, ...], deals: list[float], invoices: list[float], currency: int = ROUBLES
) -> tuple[Base, Analysis]:
    """A portal whose documents have these amounts, in order."""
    base = base_of(portal(*entries))
    base = replace(
        base,
        deals=base.deals.assign(amount=deals, currency=ROUBLES),
        invoices=base.invoices.assign(amount=invoices, currency=currency),
    )
    return base, look(*entries)


def paid(base: Base, analysis: Analysis) -> pd.DataFrame:
    """All payments with their amounts."""
    return with_amounts(base, analysis.payments)


def totals(frame: pd.DataFrame) -> list[tuple[int, int, float]]:
    return list(frame.itertuples(index=False, name=None))


def test_what_a_client_paid_is_added_up_by_currency() -> None:
    entries = (
        company(1),
        company(2),
        deal(1, company=1, won="2024-08-01"),
        deal(2, company=1, won="2024-07-01"),
        deal(3, company=1),
        deal(4, company=2, won="2024-07-01"),
        invoice(1, company=1, paid="2024-08-01"),
        invoice(1, company=1, paid="2024-08-01", kind=OLD),
        invoice(2, company=1),
    )
    found = amounts(paid(*priced(entries, [100, 20, 3, 0.5], [7, 8, 9], currency=EUROS)))
    assert totals(found) == [(0, ROUBLES, 120), (0, EUROS, 15), (1, ROUBLES, 0.5)]
    assert list(found.columns) == ["client", "currency", "amount"]


def test_a_won_deal_is_worth_its_own_amount_whatever_its_invoices_say() -> None:
    entries = (
        company(1),
        deal(1, company=1, won="2024-08-01"),
        invoice(1, company=1, paid="2024-08-02", deal=1),
    )
    assert totals(amounts(paid(*priced(entries, [100], [60])))) == [(0, ROUBLES, 100)]


def test_payments_of_one_client_get_their_amounts() -> None:
    entries = (
        company(1),
        company(2),
        deal(5, company=1, won="2024-08-01"),
        deal(6, company=2, won="2024-08-02"),
        deal(7, company=2, won="2024-08-03"),
    )
    base, analysis = priced(entries, [1, 2, 3], [])
    of_second = with_amounts(base, analysis.payments[analysis.payments["client"] == 1])
    assert of_second["amount"].tolist() == [2, 3]


def test_without_payments_there_are_no_amounts() -> None:
    assert totals(amounts(paid(*priced((company(1), deal(1, company=1)), [100], [])))) == []
    assert totals(amounts(paid(*priced((), [], [])))) == []


def last_contacts(*entries: Entry, hours: float = 0, now: str = "2024-08-31 12:00") -> list[str]:
    base = base_of(portal(*entries))
    calendar = look(*entries, hours=hours, now=now).calendar
    return [str(day) for day in last_contact_days(base, Ownership.of(base), calendar)]


def on(created: str | None, entry: Entry) -> Entry:
    """An activity of another moment."""
    table, row = entry
    return table, {**row, "created": at(created)}


def test_the_last_contact_is_the_latest_activity_of_the_client_and_its_contacts() -> None:
    found = last_contacts(
        company(1),
        company(2),
        company(3, has_chat=True),
        contact(5, company=2),
        on("2024-03-01", activity(1, COMPANY, 1)),
        on("2024-05-01", activity(2, COMPANY, 1)),
        on("2024-04-01", activity(3, COMPANY, 1)),
        on("2024-06-01", activity(4, CONTACT, 5)),
    )
    assert found == ["2024-05-01", "2024-06-01", "NaT"]


def test_an_activity_of_a_lead_is_a_contact_of_all_that_was_made_from_it() -> None:
    found = last_contacts(
        company(1, lead=9),
        contact(5, lead=9),
        contact(6),
        on("2024-05-01", activity(1, LEAD, 9)),
        on("2024-03-01", activity(2, LEAD, 9)),
        on("2024-07-01", activity(3, LEAD, 0)),
    )
    assert found == ["2024-05-01", "2024-05-01", "NaT"]


def test_a_contact_is_dated_in_the_portals_time_zone_and_never_after_today() -> None:
    client = company(1)
    late = on("2024-05-01 22:00", activity(1, COMPANY, 1))
    assert last_contacts(client, late, hours=3) == ["2024-05-02"]
    planned = on("2031-01-01", activity(2, COMPANY, 1))
    assert last_contacts(client, late, planned) == ["2024-08-31"]
    assert last_contacts(client, on(None, activity(3, COMPANY, 1))) == ["NaT"]

"""The state at the end of every month, replayed (spec §3.6, §3.7)."""

from segmentation import Analysis
from segmentation.counters import check_conservation
from unit.segmentation.rows import (
    Entry,
    company,
    contact,
    deal,
    invoice,
    look,
    refusal,
    segments,
)


def series(analysis: Analysis, mode: int, segment: str) -> list[int]:
    counts: list[int] = analysis.growth.modes[mode][segment].tolist()
    return counts


def stages(*entries: Entry, now: str = "2024-06-15 12:00") -> list[str]:
    """The lifecycle of the only client at every point; '' where there is none yet."""
    growth = look(*entries, now=now).growth
    by_segment = growth.modes[3] | growth.modes[5]
    names = [
        [segment for segment, counts in by_segment.items() if counts[i]]
        for i in range(len(growth.months))
    ]
    assert all(len(found) <= 1 for found in names)
    return ["".join(found) for found in names]


def test_there_is_a_point_for_every_month_from_the_first_client_to_today() -> None:
    growth = look(company(1, created="2023-11-30"), contact(2), now="2024-02-10 12:00").growth
    assert growth.months[:2] == ["2020-01", "2020-02"]
    assert growth.months[-2:] == ["2024-01", "2024-02"]
    assert [str(day) for day in growth.days[-3:]] == ["2023-12-31", "2024-01-31", "2024-02-10"]


def test_the_first_month_may_be_that_of_a_company_contact() -> None:
    growth = look(company(1), contact(2, company=1, created="2019-12-31")).growth
    assert growth.months[0] == "2019-12"


def test_a_portal_without_clients_has_one_point_of_zeros() -> None:
    analysis = look(deal(1, company=5, won="2020-01-01"))
    assert analysis.growth.months == ["2024-08"]
    assert all(not any(segments.values()) for segments in analysis.counters.values())


def test_modes_1_and_2_add_up_by_creation_date() -> None:
    analysis = look(
        company(1, created="2024-01-31"),
        company(2, created="2024-02-01"),
        contact(3, created="2024-03-01"),
        contact(4, company=2, created="2024-04-01"),
        now="2024-05-15 12:00",
    )
    assert series(analysis, 1, "companies") == [1, 2, 2, 2, 2]
    assert series(analysis, 1, "contacts") == [0, 0, 1, 2, 2]
    assert series(analysis, 1, "all") == [1, 2, 3, 4, 4]
    assert series(analysis, 2, "b2b_without_contacts") == [1, 1, 1, 1, 1]
    assert series(analysis, 2, "b2b_with_contacts") == [0, 1, 1, 1, 1]
    assert series(analysis, 2, "b2c") == [0, 0, 1, 1, 1]
    assert series(analysis, 2, "all") == [1, 2, 3, 3, 3]


def test_creation_is_dated_in_the_time_zone_of_the_portal() -> None:
    entry = company(1, created="2024-01-31 21:00")
    assert look(entry, now="2024-02-15", hours=0).growth.months == ["2024-01", "2024-02"]
    assert look(entry, now="2024-02-15", hours=3).growth.months == ["2024-02"]


def test_a_client_goes_active_dormant_lost_and_active_again() -> None:
    found = stages(
        company(1, created="2021-12-01"),
        deal(1, company=1, created="2021-12-05", won="2022-01-20"),
        deal(2, company=1, created="2024-05-01", won="2024-05-31"),
    )
    expected = ["requests"] + ["active"] * 6 + ["dormant"] * 12 + ["lost"] * 10 + ["active"] * 2
    assert found == expected


def test_a_payment_on_the_last_of_a_month_stays_active_by_calendar_months() -> None:
    bought = deal(1, company=1, created="2023-08-31", won="2023-08-31")
    found = stages(company(1, created="2023-08-31"), bought, now="2024-03-01 12:00")
    assert found == ["active"] * 7 + ["dormant"]


def test_a_payment_closes_the_gap_before_the_client_gets_dormant() -> None:
    found = stages(
        company(1, created="2023-01-10"),
        deal(1, company=1, created="2023-01-10", won="2023-01-10"),
        deal(2, company=1, created="2023-01-10", won="2023-07-10"),
        now="2023-12-31 12:00",
    )
    assert found == ["active"] * 12


def test_frequency_grows_with_the_second_payment() -> None:
    analysis = look(
        company(1, created="2024-01-10"),
        deal(1, company=1, won="2024-02-10"),
        deal(2, company=1, won="2024-04-10"),
        deal(3, company=1, won="2024-04-11"),
        now="2024-05-15 12:00",
    )
    assert series(analysis, 4, "none") == [1, 0, 0, 0, 0]
    assert series(analysis, 4, "first") == [0, 1, 1, 0, 0]
    assert series(analysis, 4, "regular") == [0, 0, 0, 1, 1]


def test_a_client_without_payments_is_at_requests_from_its_first_document_on() -> None:
    found = stages(
        company(1, created="2024-01-10", has_chat=True),
        invoice(1, company=1, created="2024-04-02"),
        deal(1, company=1, created="2024-03-31"),
    )
    assert found == ["dialogs", "dialogs", "requests", "requests", "requests", "requests"]


def test_before_the_first_document_dialogs_and_contact_data_are_those_of_today() -> None:
    asked = deal(1, company=1, created="2024-06-01")
    for client, before in (
        (company(1, created="2024-04-10", has_chat=True), "dialogs"),
        (company(1, created="2024-04-10", has_contact_data=True), "contacts"),
        (company(1, created="2024-04-10"), "empty"),
    ):
        assert stages(client, asked) == [before, before, "requests"]


def test_a_payer_was_without_payments_until_the_month_of_its_first_payment() -> None:
    bought = deal(1, company=1, created="2024-05-31", won="2024-06-01")
    found = stages(company(1, created="2024-04-10"), bought)
    assert found == ["empty", "requests", "active"]


def test_a_client_enters_the_history_on_its_creation_day_though_documents_be_older() -> None:
    found = stages(
        company(1, created="2024-05-10"),
        contact(2, company=1, created="2024-03-01"),
        deal(1, company=1, created="2020-01-01", won="2020-01-01"),
    )
    assert found == ["", "", "lost", "lost"]


def test_an_old_request_or_payment_counts_from_the_creation_of_the_client() -> None:
    earlier = contact(2, company=1, created="2024-03-01")
    client = company(1, created="2024-05-10")
    assert stages(client, earlier, deal(1, company=1)) == ["", "", "requests", "requests"]
    analysis = look(client, earlier, deal(1, company=1, won="2024-01-10"), now="2024-06-15 12:00")
    assert series(analysis, 4, "first") == [0, 0, 1, 1]


def test_a_document_created_after_its_payment_leaves_no_gap_and_no_overlap() -> None:
    bought = deal(1, company=1, created="2024-06-01", won="2024-05-01")
    assert stages(company(1, created="2024-04-10"), bought) == ["empty", "active", "active"]


def test_the_last_point_is_today_and_not_the_end_of_the_month() -> None:
    bought = deal(1, company=1, created="2023-12-20", won="2023-12-20")
    for now, expected in (("2024-06-20 12:00", "active"), ("2024-06-21 12:00", "dormant")):
        assert stages(company(1, created="2023-12-20"), bought, now=now)[-1] == expected


def test_a_client_created_in_the_future_counts_as_created_today() -> None:
    analysis = look(company(1, created="2031-01-01"))
    assert analysis.growth.months == ["2024-08"]
    assert segments(analysis, "b2b", 1)["created_day"] == "2024-08-31"


def test_a_client_without_a_creation_date_counts_from_the_first_day_of_the_history() -> None:
    analysis = look(company(1, created=None), company(2, created="2024-06-15"))
    assert series(analysis, 1, "companies") == [2, 2, 2]
    assert segments(analysis, "b2b", 1)["created_day"] == "2024-06-15"


def test_a_document_without_any_date_counts_from_the_first_day_of_the_history() -> None:
    found = stages(company(1, created="2024-04-15"), deal(1, company=1, created=None, won=True))
    assert found == ["active"] * 3


def test_where_nothing_has_a_date_the_history_is_today() -> None:
    analysis = look(company(1, created=None), contact(2, created=None))
    assert analysis.growth.months == ["2024-08"]
    assert analysis.counters[2]["all"] == 2


def test_the_counters_are_the_last_point_of_the_growth() -> None:
    analysis = look(company(1), contact(2), contact(3, company=1), deal(1, contact=2))
    assert analysis.counters == {
        mode: {segment: counts[-1] for segment, counts in found.items()}
        for mode, found in analysis.growth.modes.items()
    }


def test_a_lost_client_is_told_by_law_and_month() -> None:
    growth = look(company(1, created="2024-07-01"), now="2024-08-15").growth
    assert refusal(lambda: check_conservation(growth)) == ""
    growth.modes[5]["empty"][1] -= 1
    expected = "requests + dialogs + contacts + empty: 0 is not 1 in 2024-08"
    assert refusal(lambda: check_conservation(growth)) == expected

"""Refreshes after the first one: only what changed is read, closed months keep what they showed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from .sitting import Sitting, seated

MOST_REQUESTS = 25
BULK = 60


@pytest.fixture(scope="module")
def sitting(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    folder = tmp_path_factory.mktemp("next_run")
    with seated(browser, folder, "--clients", "600", "--seed", "9", "--pace", "off") as sitting:
        yield sitting


def test_the_next_refresh_takes_in_what_people_have_changed(sitting: Sitting) -> None:
    before = sitting.application.counters()
    assert before == sitting.oracle()
    _change(sitting)
    assert sitting.refresh() <= MOST_REQUESTS
    after = sitting.application.counters()
    assert after == sitting.oracle()
    assert {mode for mode in after if after[mode] != before[mode]} == set(after)


def test_a_bulk_deletion_is_a_step_down_that_closed_months_do_not_show(sitting: Sitting) -> None:
    before, counters = sitting.application.series(), sitting.application.counters()
    with sitting.database() as connection:
        contacts = _column(connection, "SELECT ID FROM contacts ORDER BY ID LIMIT ?", BULK)
    for contact in contacts:
        sitting.portal.call("crm.contact.delete", {"id": contact})
    assert sitting.refresh() <= MOST_REQUESTS
    after = sitting.application.series()
    *closed, today = after["1"]["contacts"]
    assert closed == before["1"]["contacts"][:-1]
    assert today == counters["1"]["contacts"] - BULK
    assert sitting.application.counters() == sitting.oracle()
    step = sitting.application.frame.locator("[data-step=deleted]").first
    assert str(BULK) in step.inner_text()
    assert step.get_attribute("data-step-month") == after["months"][-1]


def test_clearing_asks_first_and_reads_the_same_anew(sitting: Sitting) -> None:
    application = sitting.application
    shown, series = application.counters(), application.series()
    before = sitting.portal.last_request()
    application.press("clear-refresh").answer("cancel")
    application.page.wait_for_timeout(1000)
    assert sitting.portal.last_request() == before, "the answer was no"
    application.clear_refresh().reach("running").reach("idle")
    assert sitting.portal.last_request() - before > MOST_REQUESTS, "all was read anew"
    assert application.counters() == shown == sitting.oracle()
    assert application.series() == series, "the history outlives the clearing"


def _change(sitting: Sitting) -> None:
    """Do some of what people do in a day."""
    call = sitting.portal.call
    with sitting.database() as connection:
        idle = "ID NOT IN (SELECT COMPANY_ID FROM deals) AND IS_MY_COMPANY = 'N'"
        poor, gone, kept, merged = _column(
            connection, f"SELECT ID FROM companies WHERE {idle} ORDER BY ID LIMIT ?", 4
        )
        single, kept_contact, merged_contact = _column(
            connection, "SELECT ID FROM contacts WHERE COMPANY_ID = 0 ORDER BY ID LIMIT ?", 3
        )
    won = {"TITLE": "Won", "COMPANY_ID": poor, "STAGE_ID": "WON", "CLOSEDATE": sitting.as_of}
    call("crm.deal.add", {"fields": won})
    call("crm.contact.update", {"id": single, "fields": {"COMPANY_ID": poor}})
    call("crm.company.delete", {"id": gone})
    sitting.portal.merge(4, [kept, merged])
    sitting.portal.merge(3, [kept_contact, merged_contact])


def _column(connection: Any, statement: str, count: int) -> list[int]:
    return [row["ID"] for row in connection.execute(statement, (count,))]

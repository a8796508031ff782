"""Marks in the portal: what is shown before, what is written, what is left alone, what is taken
back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from property.marks import Entity

from .application import Application
from .list_page import NAMES, listed
from .marks_of_database import MARKS, NOTHING, counts_by_mark, field_name
from .servers import RunningPortal, portal_server
from .sitting import Sitting, seated
from .test_first_run import DOZEN
from .updates import updates

Open = Callable[..., Application]
Card = tuple[str, int]
"""``company`` or ``contact``, and its id."""

OWNERS = """
select ASSIGNED_BY_ID, count(*) as own from companies
where IS_MY_COMPANY != 'Y' and ASSIGNED_BY_ID in (select ID from users where IS_ADMIN != 'Y')
and ASSIGNED_BY_ID not in (select UF_HEAD from departments) group by 1 order by own desc
"""
"""Who sees no clients but their own, and how many companies these are."""


@dataclass
class Written:
    """A portal whose marks were written for the first time: what the preview had told, and how
    often each card was written.
    """

    sitting: Sitting
    previewed: dict[str, int]
    total: int
    updates: Counter[Entity]


@pytest.fixture(scope="module")
def written(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("marks")
    with seated(browser, folder, "--clients", "300", "--seed", "6", "--pace", "off") as sitting:
        previewed = sitting.application.preview()
        total = int(sitting.application.marks_state()["total"])
        sitting.application.write()
        yield Written(sitting, previewed, total, updates(sitting.portal.requests()))


@pytest.fixture
def sitting(written: Written) -> Sitting:
    """At the portal whose marks are written."""
    return written.sitting


def test_the_preview_counts_what_the_oracle_would_write(written: Written) -> None:
    wanted, _ = written.sitting.marks()
    nothing = dict.fromkeys(wanted, NOTHING)
    assert written.previewed == counts_by_mark(wanted, nothing)
    assert written.total == len(wanted)


def test_after_writing_every_card_holds_the_marks_of_the_oracle(sitting: Sitting) -> None:
    wanted, held = sitting.marks()
    assert held == wanted
    for mark in MARKS:
        assert len({marks[mark] for marks in wanted.values()}) > 1, f"{mark} tells nothing"


def test_a_manager_finds_their_own_clients_by_the_marks_and_is_told_what_these_say(
    written: Written, open_application: Open
) -> None:
    portal = written.sitting.portal
    with written.sitting.database() as connection:
        [manager, own] = connection.execute(OWNERS).fetchone()
    application = open_application(portal).open(f"?user={manager}").engine_ready().reach("idle")
    assert listed(application, "1", "companies") == own
    said = application.frame.locator(".list-count").inner_text()
    assert "Ваши права" in said
    application.frame.locator(NAMES).first.click()
    application.frame.locator(".client-segment").nth(2).wait_for()
    panel = application.frame.locator("[data-part=client]").inner_text()
    assert "видит администратор" in panel
    assert application.frame.locator(".client-card a").count() == 1


def test_every_card_was_written_once(written: Written) -> None:
    wanted, _ = written.sitting.marks()
    assert written.updates == Counter(dict.fromkeys(wanted, 1))


def test_the_next_refresh_finds_nothing_to_write(sitting: Sitting) -> None:
    before = sitting.portal.last_request()
    sitting.refresh()
    sitting.application.reach_marks("none")
    assert updates(sitting.portal.requests(before)) == Counter()


def test_a_mark_that_a_person_has_changed_is_put_right_by_the_next_writing(
    sitting: Sitting,
) -> None:
    wanted, _ = sitting.marks()
    company = next(number for entity, number in wanted if entity == 4)
    fields = {field_name("payments"): 77, field_name("last_pay"): ""}
    sitting.portal.call("crm.company.update", {"id": company, "fields": fields})
    before = sitting.portal.last_request()
    sitting.refresh()
    changed = 2 if wanted[4, company]["last_pay"] else 1
    assert sum(sitting.application.preview().values()) == changed
    sitting.application.write()
    wanted, held = sitting.marks()
    assert held == wanted
    assert updates(sitting.portal.requests(before)) == {(4, company): 1}


def test_a_dozen_rows_hold_what_the_rules_say_and_give_it_back(open_application: Open) -> None:
    """The folder ``dozen/`` at noon of 31 August 2026; see test_first_run."""
    with portal_server("--data", str(DOZEN), "--pace", "off") as portal:
        application = open_application(portal).fill()
        assert application.preview() == {
            "parent": 1,
            "type": 8,
            "lifecycle": 8,
            "frequency": 8,
            "last_pay": 3,
            "payments": 8,
            "dialogs": 8,
            "contacts": 8,
        }
        application.press("marks-write").answer("cancel")
        assert updates(portal.requests()) == Counter()
        application.write()
        assert application.marks_state() == {"state": "done", "total": 8, "done": 8, "refused": 0}
        assert _told_of_all(portal) == _marks_of_the_dozen()

        changed = {"id": 4, "fields": {field_name("payments"): 5}}
        portal.call("crm.company.update", changed)
        application.undo()
        conflicts = application.marks.locator("table tbody tr")
        assert conflicts.count() == 1
        assert conflicts.first.locator("a").get_attribute("href") == (
            f"{portal.origin}/crm/company/details/4/"
        )
        left = {card: _but_no(marks) for card, marks in _told_of_all(portal).items()}
        assert {card: marks for card, marks in left.items() if marks} == {
            ("company", 4): {"payments": "5"}
        }


def _marks_of_the_dozen() -> dict[Card, dict[str, str]]:
    """What each card ought to hold; company 9 is the portal's own and holds nothing."""
    paid = _paid("b2b", "active", "regular", "2026-02-28", 2)
    return {
        ("company", 1): paid,
        ("company", 2): {**_paid("b2b", "dormant", "first", "2026-02-27", 1), "contacts": "0"},
        ("company", 3): _unpaid("b2b", "empty"),
        ("company", 4): _unpaid("b2b", "requests"),
        ("company", 9): {},
        ("contact", 1): {**paid, "parent": "1"},
        ("contact", 2): {**_unpaid("b2c", "contacts"), "contacts": "1"},
        ("contact", 3): {**_unpaid("b2c", "dialogs"), "dialogs": "1"},
        ("contact", 4): _unpaid("b2c", "requests"),
    }


def _told_of_all(portal: RunningPortal) -> dict[Card, dict[str, str]]:
    return {card: _told(portal, *card) for card in _marks_of_the_dozen()}


def _told(portal: RunningPortal, kind: str, number: int) -> dict[str, str]:
    """The marks of a card that are not empty as REST tells them, options by their codes."""
    fields = portal.call(f"crm.{kind}.userfield.list", {"filter": {"LANG": "ru"}})
    codes = {
        option["ID"]: option["XML_ID"] for field in fields for option in field.get("LIST") or []
    }
    card = portal.call(f"crm.{kind}.get", {"id": number})
    told: dict[str, str] = {}
    for mark in MARKS:
        value = card.get(field_name(mark))
        if value in (None, "", False):
            continue
        if mark in ("type", "lifecycle", "frequency"):
            value = codes[str(value)]
        told[mark] = str(value)[:10] if mark == "last_pay" else str(value)
    return told


def _but_no(marks: dict[str, str]) -> dict[str, str]:
    """Without what says no: a field of yes and no that was once written never gets empty again."""
    return {
        mark: value
        for mark, value in marks.items()
        if (mark, value) not in (("dialogs", "0"), ("contacts", "0"))
    }


def _paid(kind: str, lifecycle: str, frequency: str, day: str, payments: int) -> dict[str, str]:
    return {
        "type": kind,
        "lifecycle": lifecycle,
        "frequency": frequency,
        "last_pay": day,
        "payments": str(payments),
        "dialogs": "0",
        "contacts": "1",
    }


def _unpaid(kind: str, lifecycle: str) -> dict[str, str]:
    return {
        "type": kind,
        "lifecycle": lifecycle,
        "frequency": "none",
        "payments": "0",
        "dialogs": "0",
        "contacts": "0",
    }

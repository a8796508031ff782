"""The tab in a card of a company or a contact: its marks at once, the client's panel later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Route

from property.marks import Entity, Marks

from .application import FRAME, Application
from .sitting import Sitting, seated

Open = Callable[..., Application]

CLIENTS = ("--clients", "300", "--seed", "3", "--pace", "off")
KINDS = {4: "company", 3: "contact"}
HOSTILE = "<img src=x onerror=alert(1)>\u202e=HYPERLINK(1)" + "А" * 10_000
TOLD = """(tab) => Object.fromEntries([...tab.querySelectorAll('[data-mark]')].map(
  (each) => [each.dataset.mark, each.dataset.value]))"""
WITHOUT_ID = "{ ID: '1 OR 1=1', URI: placementUri() }"


@pytest.fixture(scope="module")
def marked(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    """A portal that its administrator has counted and marked."""
    with seated(browser, tmp_path_factory.mktemp("card"), *CLIENTS) as sitting:
        sitting.application.write()
        yield sitting


def card(application: Application, kind: str, number: int, query: str = "") -> FrameLocator:
    """Open the portal's card and wait for what its tab says."""
    page = application.page
    page.goto(f"{application.portal.origin}/crm/{kind}/details/{number}/{query}")
    frame = page.frame_locator(FRAME)
    frame.locator("[data-card-state]:not([data-card-state=waiting])").wait_for(timeout=30_000)
    return frame


def told(frame: FrameLocator) -> dict[str, str]:
    values: dict[str, str] = frame.locator("[data-part=card]").evaluate(TOLD)
    return values


def as_told(marks: Marks) -> dict[str, str]:
    """Held marks as the tab's attributes name them; a company has no parent to tell."""

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return str(int(value))
        return value.isoformat() if isinstance(value, date) else str(value)

    given = {mark: "" if value is None else text(value) for mark, value in marks.items()}
    return given if given["parent"] else {k: v for k, v in given.items() if k != "parent"}


def various(held: dict[Entity, Marks]) -> list[Entity]:
    """One company or contact of every lifecycle, a company contact and a private client."""
    found: dict[Any, Entity] = {}
    for entity, marks in held.items():
        found.setdefault(marks["lifecycle"], entity)
        if entity[0] == 3:
            found.setdefault((marks["type"], marks["parent"] is None), entity)
    return list(found.values())


def someone(sitting: Sitting, role: str) -> int:
    users = sitting.portal.ask("/portal/facts")["users"]
    return int(next(user["id"] for user in users if user["role"] == role))


def test_the_tab_tells_the_marks_that_the_card_holds(
    marked: Sitting, open_application: Open
) -> None:
    _, held = marked.marks()
    application = open_application(marked.portal)
    chosen = various(held)
    assert {entity[0] for entity in chosen} == {3, 4}
    for entity in chosen:
        frame = card(application, KINDS[entity[0]], entity[1])
        assert told(frame) == as_told(held[entity]), entity
        words = frame.locator("[data-mark=lifecycle] dd").inner_text()
        assert words and held[entity]["lifecycle"] not in words


def test_without_a_base_here_the_tab_asks_once_and_starts_no_engine(
    marked: Sitting, open_application: Open
) -> None:
    application = open_application(marked.portal)
    card(application, "company", _some_company(marked))
    before = marked.portal.last_request()
    application.addresses.clear()
    frame = card(application, "company", _some_company(marked))
    assert frame.locator("[data-card-state=marked]").count() == 1
    application.page.wait_for_timeout(1500)
    asked = marked.portal.requests(before)
    assert [[command["method"] for command in each["commands"]] for each in asked] == [
        ["crm.company.get"]
    ]
    assert not [address for address in application.addresses if "pyodide" in address]
    assert not frame.locator("[data-part=client]").is_visible()
    assert not frame.locator("[data-action=refresh]").is_visible()


def test_an_administrator_with_the_base_gets_the_clients_panel(marked: Sitting) -> None:
    application = marked.application
    company, contact = _contact_of_a_company(marked)
    frame = card(application, "contact", contact)
    whose = frame.locator("[data-mark=parent]")
    assert whose.get_attribute("data-value") == str(company)
    assert (whose.get_attribute("href") or "").endswith(f"/crm/company/details/{company}/")
    (named,) = marked.portal.call("crm.company.list", {"filter": {"ID": company}})
    assert whose.inner_text() == " ".join(named["TITLE"].split())
    before = marked.portal.last_request()
    frame.locator(".client-runs").wait_for(timeout=60_000)
    assert frame.locator(".client-title").count() >= 3
    assert frame.locator("[data-marks-differ]").count() == 0
    assert not frame.locator(".client-close").is_visible()
    frame.locator("html[data-app-state=idle][data-engine=ready]").wait_for(state="attached")
    assert _asked(marked, before) <= {"user.get"}, "all but names comes from this browser's base"


def test_a_manager_sees_the_marks_and_no_name_beyond_their_rights(
    marked: Sitting, open_application: Open
) -> None:
    manager = someone(marked, "manager")
    fields = {"TITLE": "Тайное общество", "ASSIGNED_BY_ID": 1}
    company = marked.portal.call("crm.company.add", {"fields": fields})
    person = {"NAME": "Пётр", "ASSIGNED_BY_ID": manager, "COMPANY_ID": company}
    contact = marked.portal.call("crm.contact.add", {"fields": person})
    application = open_application(marked.portal)
    frame = card(application, "contact", contact, f"?user={manager}")
    assert frame.locator("[data-part=card]").get_attribute("data-card-state") == "unmarked"
    text = frame.locator("[data-part=card]").inner_text()
    assert "Тайное" not in text
    assert "администратор" in text
    assert told(frame)["parent"] == str(company)

    _, held = marked.marks()
    own = marked.portal.call("crm.company.list", {"filter": {"ASSIGNED_BY_ID": manager}})
    number = int(own[0]["ID"])
    frame = card(application, "company", number, f"?user={manager}")
    assert told(frame) == as_told(held[4, number])
    assert frame.locator("[data-action=open-app]").count() == 0


def test_a_card_that_may_not_be_read_is_not_told_of(
    marked: Sitting, open_application: Open
) -> None:
    """The portal's own page shows no such card either, so here it is made to."""
    fields = {"TITLE": "Тайное общество", "ASSIGNED_BY_ID": 1}
    company = marked.portal.call("crm.company.add", {"fields": fields})
    application = open_application(marked.portal)
    application.page.route("**/portal/card?*", lambda route: route.fulfill(json={"row": {}}))
    frame = card(application, "company", company, f"?user={someone(marked, 'manager')}")
    tab = frame.locator("[data-part=card]")
    assert tab.get_attribute("data-card-trouble") == "denied"
    assert "недоступна" in tab.inner_text()
    assert "Тайное" not in tab.inner_text()


def test_hostile_names_stay_text(marked: Sitting, open_application: Open) -> None:
    company = marked.portal.call("crm.company.add", {"fields": {"TITLE": HOSTILE}})
    person = {"NAME": HOSTILE, "COMPANY_ID": company}
    contact = marked.portal.call("crm.contact.add", {"fields": person})
    application = open_application(marked.portal, viewport={"width": 360, "height": 800})
    frame = card(application, "contact", contact)
    tab = frame.locator("[data-part=card]")
    assert tab.locator("img, script, b").count() == 0
    assert "<img src=x" in tab.locator("[data-mark=parent]").inner_text()
    assert tab.evaluate("(tab) => tab.ownerDocument.documentElement.scrollWidth <= innerWidth")


def test_a_refusing_portal_is_asked_again_by_itself(
    marked: Sitting, open_application: Open
) -> None:
    application = open_application(marked.portal)
    marked.portal.set_faults("at=1:503")
    try:
        frame = card(application, "company", _some_company(marked))
        assert frame.locator("[data-card-state=marked]").count() == 1
    finally:
        marked.portal.set_faults("")
    application.troubles.clear()  # BX24.js itself throws at a 503


def test_a_card_that_the_portal_does_not_name_is_told_of(
    marked: Sitting, open_application: Open
) -> None:
    application = open_application(marked.portal)

    def misname(route: Route) -> None:
        script = route.fetch().text()
        changed = script.replace("{ ID: String(id), URI: placementUri() }", WITHOUT_ID)
        assert changed != script
        route.fulfill(body=changed, content_type="text/javascript")

    application.page.route("**/portal/pages/cards.js", misname)
    frame = card(application, "company", _some_company(marked))
    tab = frame.locator("[data-part=card]")
    assert tab.get_attribute("data-card-trouble") == "no_id"
    assert "не сообщил" in tab.inner_text()


def test_a_card_that_is_newer_than_the_base_has_no_panel(marked: Sitting) -> None:
    company = marked.portal.call("crm.company.add", {"fields": {"TITLE": "Новая"}})
    frame = card(marked.application, "company", company)
    trouble = frame.locator("[data-part=client][hidden] .list-trouble")
    trouble.wait_for(state="attached", timeout=60_000)
    text = frame.locator("[data-part=card]").inner_text()
    assert "ещё нет отметок" in text
    assert "больше нет" not in text


def test_a_tab_does_not_go_on_with_work_that_was_left(marked: Sitting) -> None:
    """The last of these tests: it takes the marks back."""
    application, company = marked.application, _some_company(marked)
    application.open().engine_ready().reach("idle")
    marked.portal.set_faults("slow=1:1")
    application.press("marks-undo").answer().reach_marks("undoing")
    application.page.goto("about:blank")
    marked.portal.set_faults("")
    before = marked.portal.last_request()
    frame = card(application, "company", company)
    frame.locator(".client-runs").wait_for(timeout=60_000)
    assert _asked(marked, before) <= {"crm.company.get", "user.get"}
    application.open().reach_marks("undone")


def _asked(sitting: Sitting, after: int) -> set[str]:
    """Methods of the commands since a request."""
    requests = sitting.portal.requests(after)
    return {command["method"] for request in requests for command in request["commands"]}


def _some_company(sitting: Sitting) -> int:
    _, held = sitting.marks()
    return next(id for kind, id in held if kind == 4)


def _contact_of_a_company(sitting: Sitting) -> tuple[int, int]:
    _, held = sitting.marks()
    return next((marks["parent"], id) for (_, id), marks in held.items() if marks["parent"])

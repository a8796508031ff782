"""Preparing a portal for the app, and leaving it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.client import Portal
from crm.installation import DELETIONS, PLACEMENTS, Step, set_up
from crm.mark_fields import look
from portal.database import Database
from portal.events import EVENTS
from portal.state import FEATURES, Options, PortalState
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal, virtual_clock
from unit.portal.small_portal import stored

ADMIN, OTHER_ADMIN, MANAGER = 1, 6, 3
PAGE = "https://apps.example.org/clients/index.html"
STEPS = ["scopes", "marks", "storage", "deletions", "placements"]
WRITING = (".add", ".update", ".delete", ".bind", ".unbind", ".set", ".remove")


@pytest.fixture
def database() -> Iterator[Database]:
    people = [
        {"ID": ADMIN, "IS_ADMIN": "Y"},
        {"ID": OTHER_ADMIN, "IS_ADMIN": "Y"},
        {"ID": MANAGER},
    ]
    database = stored({"users": people, "companies": [{"ID": 10}]}, now=None)
    yield database
    database.close()


class Site:
    """A portal and the people who come to it."""

    def __init__(self, database: Database, without: str = "") -> None:
        options = Options(without=frozenset(filter(None, without.split(","))))
        self.state = PortalState(database, options, virtual_clock(database))

    def person(self, user: int = ADMIN) -> Portal:
        return EmulatedPortal(state=self.state, user=user).client()

    async def set_up(self, user: int = ADMIN, page: str = PAGE) -> dict[str, Step]:
        steps = await set_up(self.person(user), handler=page, language="ru")
        assert [step.code for step in steps] == STEPS
        return {step.code: step for step in steps}

    def written(self) -> list[str]:
        """Commands that change something, whatever came of them."""
        return [
            command["method"]
            for entry in self.state.log.after(0)
            for command in entry["commands"]
            if command["method"].endswith(WRITING)
        ]

    def bound(self) -> tuple[list[tuple[str, str]], list[str]]:
        """Places with their handlers, and events that are queued."""
        places = [(each["placement"], each["handler"]) for each in self.state.placements.all()]
        return places, [each["EVENT_NAME"] for each in self.state.events.handlers()]


def places(page: str = PAGE) -> list[tuple[str, str]]:
    """All places of the app with their handlers."""
    return [(place, page + spot.query) for place, spot in PLACEMENTS.items()]


def states(steps: dict[str, Step]) -> list[str]:
    return [step.state for step in steps.values()]


def test_everything_is_prepared_once(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        steps = await site.set_up()
        assert states(steps) == ["already", "done", "done", "done", "done"]
        assert steps["marks"].params == {"written": 16}
        assert (await look(site.person())).complete
        assert site.bound() == (places(), list(DELETIONS))
        assert site.state.storages.find("clients") is not None

    run(main())


@pytest.mark.parametrize("user", [ADMIN, OTHER_ADMIN])
def test_a_second_time_nothing_is_written(database: Database, user: int) -> None:
    async def main() -> None:
        site = Site(database)
        await site.set_up()
        site.state.log.clear()
        assert states(await site.set_up(user)) == ["already"] * 5
        assert site.written() == []
        assert len(site.state.log.after(0)) <= 6

    run(main())


@pytest.mark.parametrize("k", range(1, 13))
@pytest.mark.parametrize("kind", ["lost", "503", "500"])
def test_a_failing_request_changes_nothing_of_the_outcome(
    database: Database, kind: str, k: int
) -> None:
    async def main() -> None:
        site = Site(database)
        site.state.faults.set(f"at={k}:{kind}")
        steps = await site.set_up()
        assert set(states(steps)) <= {"already", "done"}
        assert site.bound() == (places(), list(DELETIONS))
        site.state.log.clear()
        assert states(await site.set_up()) == ["already"] * 5
        assert site.written() == []

    run(main())


@pytest.mark.parametrize(("scope", "code"), [("entity", "storage"), ("placement", "placements")])
def test_a_missing_permission_stops_only_its_step(
    database: Database, scope: str, code: str
) -> None:
    async def main() -> None:
        steps = await Site(database, without=scope).set_up()
        missing = Step(code, "missing_scope", "scope", {"scopes": [scope]})
        assert steps.pop(code) == missing
        assert steps.pop("scopes") == Step("scopes", "missing_scope", "scope", missing.params)
        assert states(steps) == ["done"] * 3

    run(main())


def test_all_missing_permissions_are_named(database: Database) -> None:
    async def main() -> None:
        steps = await Site(database, without="entity,placement,user").set_up()
        assert steps["scopes"].params == {"scopes": ["user", "placement", "entity"]}

    run(main())


@pytest.mark.parametrize("feature", FEATURES)
def test_a_portal_that_lacks_a_feature_says_why(database: Database, feature: str) -> None:
    expected = {
        "offline-events": ("deletions", "offline_events_missing"),
        "userfields": ("marks", "method_missing"),
    }

    async def main() -> None:
        steps = await Site(database, without=feature).set_up()
        code, reason = expected[feature]
        step = steps.pop(code)
        assert (step.state, step.reason) == ("refused", reason)
        assert set(states(steps)) == {"already", "done"}

    run(main())


def test_nobody_but_an_administrator_prepares_a_portal(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        steps = await site.set_up(MANAGER)
        for code in ("marks", "deletions", "placements"):
            assert (steps[code].state, steps[code].reason) == ("refused", "no_right")
        assert site.bound() == ([], [])

    run(main())


@pytest.mark.parametrize("page", ["http://localhost:8081/", "ftp://example.org/"])
def test_an_address_that_the_portal_cannot_take_is_refused(database: Database, page: str) -> None:
    async def main() -> None:
        steps = await Site(database).set_up(page=page)
        assert (steps["placements"].state, steps["placements"].reason) == (
            "refused",
            "wrong_handler",
        )
        assert steps["placements"].params["words"]

    run(main())


def test_a_moved_page_takes_its_places_along(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        await site.set_up(page="https://old.example.org/")
        steps = await site.set_up()
        assert steps["placements"].state == "done"
        assert site.bound()[0] == places()

    run(main())


def test_an_app_of_before_the_cards_gets_the_new_places(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        for place in ("CRM_ANALYTICS_MENU", "CRM_ANALYTICS_TOOLBAR"):
            site.state.placements.bind(place, PAGE)
        site.state.placements.bind("CRM_COMPANY_DETAIL_TAB", "https://old.example.org/")
        steps = await site.set_up()
        assert steps["placements"] == Step("placements", "done", params={"written": 5})
        assert sorted(site.bound()[0]) == sorted(places())
        site.state.log.clear()
        assert (await site.set_up())["placements"].state == "already"
        assert site.written() == []

    run(main())


def test_a_tab_of_a_card_has_a_title_of_its_own_in_both_languages(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        await site.set_up()
        titles = {each["placement"]: each["langAll"] for each in site.state.placements.all()}
        tab, menu = titles["CRM_CONTACT_DETAIL_TAB"], titles["CRM_ANALYTICS_MENU"]
        assert [tab[lang]["TITLE"] for lang in ("ru", "en")] == [
            "Сегмент клиента",
            "Client segment",
        ]
        assert menu["ru"]["TITLE"] == "Сегментация клиентов"

    run(main())


def test_a_place_that_the_portal_does_not_have_is_done_without(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = ("CRM_ANALYTICS_MENU", "CRM_COMPANY_DETAIL_TAB")
    monkeypatch.setattr("portal.methods.placements.CODES", {"crm": there, "": ("LEFT_MENU",)})

    async def main() -> None:
        site = Site(database)
        assert (await site.set_up())["placements"].state == "done"
        assert site.bound()[0] == [spot for spot in places() if spot[0] in there]
        assert (await site.set_up())["placements"].state == "already"

    run(main())


def test_a_portal_without_any_of_the_places_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.methods.placements.CODES", {"": ("LEFT_MENU",)})

    async def main() -> None:
        step = (await Site(database).set_up())["placements"]
        assert (step.state, step.reason) == ("refused", "placement_missing")

    run(main())


def test_what_is_missing_is_put_back(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        await site.set_up()
        site.state.events.unbind("ONCRMDEALDELETE", "")
        site.state.placements.unbind("CRM_ANALYTICS_TOOLBAR")
        site.state.log.clear()
        steps = await site.set_up()
        assert states(steps) == ["already", "already", "already", "done", "done"]
        assert site.written() == ["event.bind", "placement.bind"]

    run(main())


def test_deletions_are_queued_from_then_on(database: Database) -> None:
    async def main() -> None:
        site = Site(database)
        await site.set_up()
        portal = site.person(OTHER_ADMIN)
        await portal.call("crm.company.delete", {"id": 10})
        (queued,) = await portal.call("event.offline.list")
        assert queued["EVENT_NAME"] == "ONCRMCOMPANYDELETE"
        assert queued["EVENT_DATA"] == {"FIELDS": {"ID": 10}}
        assert queued["EVENT_ADDITIONAL"] == {"user_id": str(OTHER_ADMIN)}

    run(main())


def test_an_event_that_the_portal_does_not_know_is_done_without(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = EVENTS - {"ONCRMINVOICEDELETE"}
    monkeypatch.setattr("portal.methods.events.EVENTS", known)

    async def main() -> None:
        site = Site(database)
        assert (await site.set_up())["deletions"].state == "done"
        assert site.bound()[1] == [event for event in DELETIONS if event in known]
        site.state.log.clear()
        assert (await site.set_up())["deletions"].state == "already"
        assert site.written() == []

    run(main())

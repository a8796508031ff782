"""Names of the portal's employees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.people import names_of
from portal.database import Database
from portal.state import Options, PortalState
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal, virtual_clock
from unit.portal.small_portal import stored


@pytest.fixture
def database() -> Iterator[Database]:
    people = [
        {"ID": 1, "NAME": "Anna", "LAST_NAME": "Orlova", "IS_ADMIN": "Y"},
        {"ID": 5, "NAME": "Egor", "ACTIVE": "N"},
        {"ID": 7, "EMAIL": "seven@example.org"},
        {"ID": 8},
        *({"ID": 100 + n, "NAME": f"Person {n}"} for n in range(120)),
    ]
    database = stored({"users": people}, now=None)
    yield database
    database.close()


def test_people_are_named_dismissed_ones_too(database: Database) -> None:
    async def main() -> None:
        portal = EmulatedPortal(database)
        names = await names_of(portal.client(), [5, 1, 7, 8, 0, 999])
        assert names == {1: "Anna Orlova", 5: "Egor", 7: "seven@example.org"}
        assert len(portal.requests) == 1

    run(main())


def test_more_people_than_a_page_are_all_named(database: Database) -> None:
    async def main() -> None:
        names = await names_of(EmulatedPortal(database).client(), range(100, 220))
        assert names == {100 + n: f"Person {n}" for n in range(120)}

    run(main())


def test_nobody_is_asked_for_nobody(database: Database) -> None:
    async def main() -> None:
        portal = EmulatedPortal(database)
        assert await names_of(portal.client(), []) == {}
        assert portal.requests == []

    run(main())


def test_without_the_permission_there_are_no_names(database: Database) -> None:
    async def main() -> None:
        options = Options(without=frozenset({"user"}))
        state = PortalState(database, options, virtual_clock(database))
        assert await names_of(EmulatedPortal(state=state).client(), [1, 5]) == {}

    run(main())

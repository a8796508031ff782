"""What the app is doing when something goes wrong: a portal, a disk, a moment and an order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from engine.session import Session
from portal.database import Database
from portal.state import Options, PortalState
from unit.crm.virtual_time import EPOCH_S, VirtualLoop, run
from unit.emulated import virtual_clock
from unit.engine.office_life import OfficeLife
from unit.engine.opened import generated
from unit.engine.sittings import CREATED
from unit.faults.disk import Disk
from unit.faults.life import FaultyTab, Life

CLIENTS = 500
DAYS = 210
DOINGS = 40
MONTHS_READ = 3
AWAY_S = 40 * 86_400.0

Order = Callable[[Session], Awaitable[object]]


class Place:
    """A running portal and the disk of a browser."""

    def __init__(self, database: Database, disk: Disk) -> None:
        self.state = PortalState(database, Options(pace="cloud"), virtual_clock(database))
        self.disk = disk

    async def undisturbed(self, order: Order) -> None:
        """Somebody opens the app, orders something, waits for its end and leaves."""
        tab = FaultyTab(self.state, self.disk, Life())
        await tab.session.open()
        await tab.at_rest()
        await order(tab.session)
        await tab.at_rest()
        assert not tab.errors, tab.errors
        await tab.kill()

    async def away(self, seed: int) -> None:
        """Weeks go by, in which people work in the portal."""
        OfficeLife(self.state, seed).live(DOINGS)
        await asyncio.sleep(AWAY_S / 2)
        OfficeLife(self.state, seed + 1).live(DOINGS)
        await asyncio.sleep(AWAY_S / 2)


@dataclass(frozen=True)
class Prepared:
    """A place as it stands at the moment ``at_s`` of virtual time, to be copied at will."""

    database: Database
    disk: Disk
    at_s: float

    def place(self) -> Place:
        """A copy; to be made in a virtual loop that has just begun."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.jump(self.at_s - loop.time())
        database = Database.create(None)
        self.database.connection.backup(database.connection)
        database.settings = dict(self.database.settings)
        return Place(database, self.disk.copied())


@dataclass(frozen=True)
class Scene:
    """``after`` is the scene whose end this one begins with, ``meanwhile`` what happens between."""

    name: str
    order: Order
    after: str = ""
    meanwhile: Callable[[Place, int], Awaitable[None]] | None = None
    writes: bool = False


async def refresh(session: Session) -> None:
    await session.refresh()


async def read_anew(session: Session) -> None:
    await session.refresh(full=True)


async def write(session: Session) -> None:
    await session.marks({"do": "write"})


async def take_back(session: Session) -> None:
    await session.marks({"do": "undo"})


async def set_limits(session: Session) -> None:
    await session.set_limits({"active_months": 3, "dormant_months": 7})


async def _away(place: Place, seed: int) -> None:
    await place.away(seed)


async def _allowed_and_away(place: Place, seed: int) -> None:
    """Later refreshes may write, and there is something to write."""
    await place.undisturbed(lambda session: session.marks({"do": "write", "automatic": True}))
    await place.away(seed)


async def _half_read(place: Place, seed: int) -> None:
    """A tab has died in the middle of the first reading."""
    tab = FaultyTab(place.state, place.disk, Life())
    await tab.session.open()
    await tab.session.refresh()
    while len(place.disk.months) < MONTHS_READ:
        await asyncio.sleep(0.01)
    await tab.kill()
    await asyncio.sleep(600)


async def _in_another_browser(place: Place, seed: int) -> None:
    """The portal keeps the history that another browser has seen."""
    await place.away(seed)
    place.disk = Disk()


SCENES = {
    scene.name: scene
    for scene in (
        Scene("first", refresh),
        Scene("resumed", refresh, meanwhile=_half_read),
        Scene("next", refresh, "first", _away),
        Scene("joins", refresh, "first", _in_another_browser),
        Scene("anew", read_anew, "first", _away),
        Scene("limits", set_limits, "first"),
        Scene("fill", write, "first", writes=True),
        Scene("undo", take_back, "fill", writes=True),
        Scene("automatic", refresh, "first", _allowed_and_away, writes=True),
    )
}


@cache
def begun(name: str, portal: int) -> Prepared:
    """The place where a scene begins."""
    scene = SCENES[name]
    if scene.after:
        before = ended(scene.after, portal)
    else:
        before = Prepared(_new_database(portal), Disk(), 0.0)
    return _played(before, lambda place: _meanwhile(scene, place, portal))


@cache
def ended(name: str, portal: int) -> Prepared:
    """The place where an undisturbed scene has ended."""
    order = SCENES[name].order
    return _played(begun(name, portal), lambda place: place.undisturbed(order))


async def _meanwhile(scene: Scene, place: Place, portal: int) -> None:
    if scene.meanwhile is not None:
        await scene.meanwhile(place, portal)


def _played(before: Prepared, story: Callable[[Place], Awaitable[None]]) -> Prepared:
    async def work() -> Prepared:
        place = before.place()
        await story(place)
        await asyncio.sleep(60)
        at_s = asyncio.get_running_loop().time()
        return Prepared(place.state.database, place.disk.copied(), at_s)

    return run(work())


def _new_database(portal: int) -> Database:
    """The last months of a small believable portal."""
    database = generated(CLIENTS, seed=portal)
    for table, created in CREATED.items():
        database.connection.execute(
            f'DELETE FROM "{table}" WHERE "{created}" < ?', (EPOCH_S - DAYS * 86_400,)
        )
    return database

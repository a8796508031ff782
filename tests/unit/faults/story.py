"""One fault from its beginning to its end: what went wrong, what was told, what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from engine.session import Session
from storage.errors import StorageError
from unit.crm.virtual_time import run
from unit.faults.fault import Fault, Step
from unit.faults.garbled import FALSE, GARBLES
from unit.faults.life import PAUSE_S, FaultyTab, Life
from unit.faults.scenes import SCENES, Order, Place, begun, read_anew, refresh
from unit.faults.verdict import (
    KEPT,
    KEPT_BY_UNDO,
    LATE,
    Outcome,
    differing,
    half_written,
    is_told,
    outcome_of,
    updated,
)

SITTINGS = 6
"""So often a person goes on before it is said that there is no end to it."""


@dataclass
class Undisturbed:
    """A scene in which nothing goes wrong: how many steps it has, what comes of it."""

    requests: int
    operations: int
    outcome: Outcome
    updates: Counter[tuple[str, str]]


@dataclass
class Told:
    """What became of one fault; ``troubles`` are what must not be, none when all is well.

    ``is_met`` is false where the story has no such step, or its answer nothing to be garbled.
    ``codes`` are the errors that the person was told. ``refreshed`` is how often somebody had to
    refresh once more, ``anew`` says that all had to be read anew.
    """

    fault: Fault
    is_met: bool = False
    codes: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    sittings: int = 0
    refreshed: int = 0
    anew: bool = False


@cache
def undisturbed(scene: str, portal: int) -> Undisturbed:
    """The scene as it goes when nothing goes wrong."""
    start = begun(scene, portal)

    async def work() -> Undisturbed:
        place = start.place()
        life = Life()
        found = Told(Fault(scene, (), portal))
        await _sitting(place, life, SCENES[scene].order, found)
        assert not found.codes, found.codes
        updates = updated(place)
        outcome = await outcome_of(place)
        return Undisturbed(life.counts["requests"], life.counts["operations"], outcome, updates)

    return run(work())


def told(fault: Fault) -> Told:
    """Tell the story of a fault."""
    start, expected = begun(fault.scene, fault.portal), undisturbed(fault.scene, fault.portal)
    found = Told(fault)

    async def work() -> None:
        with _unheard(found):
            place = start.place()
            await _play(place, fault, found, expected)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0)
            place.state.database.close()

    try:
        run(work())
    except Exception as error:
        found.troubles.append(f"{type(error).__name__}: {error}")
    found.troubles += [f"error {code} has no text" for code in found.codes if not is_told(code)]
    if "engine_failed" in found.codes:
        found.troubles.append("an error that nobody foresaw")
    return found


async def _play(place: Place, fault: Fault, found: Told, expected: Undisturbed) -> None:
    order = SCENES[fault.scene].order
    steps: list[Step | None] = [*fault.steps]
    while True:
        life = Life(steps.pop(0) if steps else None, Random(str(fault)))
        is_over = await _sitting(place, life, order, found)
        found.troubles += half_written(place.disk)
        found.is_met = found.is_met or life.is_met
        found.sittings += 1
        if is_over and not steps:
            break
        if found.sittings > SITTINGS:
            found.troubles.append("it never comes to an end")
            return
    if not found.is_met:
        return
    differences = set(differing(expected.outcome, await outcome_of(place)))
    kinds = {step.kind for step in fault.steps}
    if differences and (differences <= LATE or kinds & GARBLES.keys()):
        differences = await _mended(place, found, expected, refresh, differences)
    if differences and kinds & FALSE.keys():
        found.anew = True
        differences = await _mended(place, found, expected, read_anew, differences)
        differences -= KEPT | (KEPT_BY_UNDO if fault.scene == "undo" else set())
    found.troubles += [f"another {name}" for name in sorted(differences)]
    found.troubles += _updated_too_often(place, found, expected)


async def _mended(
    place: Place, found: Told, expected: Undisturbed, order: Order, differences: set[str]
) -> set[str]:
    """What is not the same still when the person has refreshed, has had written what is to be, and
    has had the portal prepared where that was refused.
    """
    found.refreshed += 1
    await _sitting(place, Life(), order, found)
    if "preparation" in differences:
        await _sitting(place, Life(), lambda session: session.set_up(), found)
    if SCENES[found.fault.scene].writes:
        await _sitting(place, Life(), SCENES[found.fault.scene].order, found)
    return set(differing(expected.outcome, await outcome_of(place)))


def _updated_too_often(place: Place, found: Told, expected: Undisturbed) -> list[str]:
    """Every client is written once, whatever becomes of the answers: who may have been written is
    looked at first. An undo that goes on does not wait for what a closed tab left under way, which
    writes the same. Where values were wrong they are put right once more.
    """
    counts = updated(place)
    late = len(found.fault.steps) if found.fault.scene == "undo" else 0
    most = 1 + late + 2 * found.anew
    often = {client for client, count in counts.items() if count > most}
    troubles = [f"{len(often)} clients updated more than {most} times"] if often else []
    strangers = counts.keys() - expected.updates.keys()
    if strangers and not found.anew:
        troubles.append(f"{len(strangers)} clients updated for nothing")
    return troubles


async def _sitting(place: Place, life: Life, order: Order, found: Told) -> bool:
    """Open the app, go on or order, until all is at rest or the tab is dead; whether it was the
    end of it.
    """
    tab = FaultyTab(place.state, place.disk, life)
    work = asyncio.ensure_future(_worked(tab, order))
    helper = asyncio.ensure_future(_pausing(tab, order))
    over = asyncio.ensure_future(life.over.wait())
    await asyncio.wait({work, over}, return_when=asyncio.FIRST_COMPLETED)
    is_over = False
    if not life.is_dead:
        try:
            await work
            is_over = tab.has_ended_well
        except StorageError as error:
            found.codes.append(error.code)
    await tab.kill()
    for task in (work, helper, over):
        task.cancel()
    await asyncio.wait({work, helper, over})
    found.codes += tab.errors
    return is_over


async def _worked(tab: FaultyTab, order: Order) -> None:
    """A person who opens the app and has it work; after an error at an odd step they press the
    button again, after one at an even step they leave.
    """
    await tab.session.open()
    state = tab.session.state.state
    if state == "paused":
        await _go_on(tab.session, order)
    elif state != "running":
        await order(tab.session)
    await tab.at_rest()
    step = tab.life.step
    if not tab.has_ended_well and step is not None and step.number % 2:
        await order(tab.session)
        await tab.at_rest()


async def _pausing(tab: FaultyTab, order: Order) -> None:
    """A person who presses the button."""
    await tab.life.pauses.wait()
    await tab.session.pause()
    await asyncio.sleep(PAUSE_S)
    if tab.life.step is not None and tab.life.step.kind == "paused-dies":
        tab.life.end()
    elif tab.session.state.state == "paused":
        await _go_on(tab.session, order)


async def _go_on(session: Session, order: Order) -> None:
    """Have the paused job go on."""
    match session.state.job:
        case "refresh":
            await session.refresh()
        case "marks":
            await session.marks({"do": "write"})
        case "undo":
            await session.marks({"do": "undo"})
        case _:
            await order(session)


@contextlib.contextmanager
def _unheard(found: Told) -> Iterator[None]:
    """Note errors that no task was waited for."""

    def hear(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:
            found.troubles.append(f"unheard {type(error).__name__}: {error}")

    asyncio.get_running_loop().set_exception_handler(hear)
    yield
    gc.collect(0)

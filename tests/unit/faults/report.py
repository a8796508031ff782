"""What is told of many faults: how often each kind was met in each scene, and what ended wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from unit.faults.fault import REQUEST_KINDS, STORE_KINDS, Fault
from unit.faults.garbled import GARBLES
from unit.faults.scenes import SCENES
from unit.faults.story import Told

KINDS = (*REQUEST_KINDS, *STORE_KINDS, *GARBLES, "two in a row")
HEADER = ("fault", *SCENES, "all", "refreshed once more", "read anew", "another end")


def repeated(fault: Fault) -> str:
    """The command that tells exactly this story again."""
    return f"npm run bench -- faults --fault {fault}"


def ended_wrong(stories: Iterable[Told]) -> list[str]:
    """One line for each story that must not end like that."""
    return [
        f"{repeated(told.fault)}   # {'; '.join(told.troubles)}"
        for told in stories
        if told.troubles
    ]


def rows(stories: Iterable[Told]) -> list[tuple[object, ...]]:
    """A row a kind of fault, with the columns of ``HEADER``, and the sums."""
    met = [told for told in stories if told.is_met or told.troubles]
    of_kind = {kind: [told for told in met if told.fault.kind == kind] for kind in KINDS}
    return [*(_row(kind, those) for kind, those in of_kind.items() if those), _row("all", met)]


def _row(name: str, met: list[Told]) -> tuple[object, ...]:
    scenes = Counter(told.fault.scene for told in met)
    return (
        name,
        *(scenes[scene] for scene in SCENES),
        len(met),
        sum(told.refreshed > told.anew for told in met),
        sum(told.anew for told in met),
        sum(bool(told.troubles) for told in met),
    )

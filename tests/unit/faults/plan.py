"""Which faults there are, and which of them a short run takes."""

from __future__ import annotations

from collections import Counter
from random import Random

from unit.faults.fault import REQUEST_KINDS, STORE_KINDS, Fault, Step
from unit.faults.garbled import GARBLES
from unit.faults.story import undisturbed

FIRST_OF_TWO = ("lost", "dies-before", "dies-during", "dies-after", "offline", "silent")
FIRST_OF_STORE = ("store-dies-before", "store-dies-after", "power", "full")


def single(scene: str, portal: int = 1) -> list[Fault]:
    """Every fault at every step of a scene."""
    steps = undisturbed(scene, portal)
    kinds = [
        *((kind, steps.requests) for kind in (*REQUEST_KINDS, *GARBLES)),
        *((kind, steps.operations) for kind in STORE_KINDS),
    ]
    return [
        Fault(scene, (Step(kind, number),), portal)
        for kind, last in kinds
        for number in range(1, last + 1)
    ]


def in_a_row(scene: str, count: int, chance: Random, portal: int = 1) -> list[Fault]:
    """Two faults, one in an opening and one in the next, by chance; none twice."""
    steps = undisturbed(scene, portal)

    def step(kinds: tuple[str, ...], share: float) -> Step:
        kind = chance.choice(kinds)
        last = steps.operations if kind in STORE_KINDS else steps.requests
        return Step(kind, chance.randint(1, max(1, round(last * share))))

    first, second = (*FIRST_OF_TWO, *FIRST_OF_STORE), (*REQUEST_KINDS, *STORE_KINDS)
    pairs = [(step(first, 1.0), step(second, chance.random())) for _ in range(count)]
    return [Fault(scene, pair, portal) for pair in dict.fromkeys(pairs)]


def everything(scene: str, pairs: int, portal: int = 1) -> list[Fault]:
    """All single faults of a scene, and so many pairs."""
    return [*single(scene, portal), *in_a_row(scene, pairs, Random(portal), portal)]


def some(scene: str, count: int, seed: int = 1) -> list[Fault]:
    """So many of all faults of a scene: every kind about as often, the steps by chance."""
    chance = Random(f"{scene} {seed}")
    faults = [*single(scene), *in_a_row(scene, count, chance)]
    chance.shuffle(faults)
    turns: Counter[str] = Counter()
    chosen = []
    for place, fault in enumerate(faults):
        turns[fault.kind] += 1
        chosen.append((turns[fault.kind], place, fault))
    return [fault for *_, fault in sorted(chosen)[:count]]

"""The counters of the five modes, and the laws that all counts obey (spec §3.6)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segmentation.growth import Counts, Growth


def counters_of(growth: Growth) -> dict[int, dict[str, int]]:
    """Counts per mode and segment code today: exactly the last point of the growth."""
    return {
        mode: {code: int(counts[-1]) for code, counts in segments.items()}
        for mode, segments in growth.modes.items()
    }


def check_conservation(growth: Growth) -> None:
    """Raises ValueError, naming the law and the month, if clients got lost or doubled."""
    for law, (left, right) in laws(growth.modes).items():
        broken = left != right
        if broken.any():
            point = int(np.argmax(broken))
            raise ValueError(
                f"{law}: {left[point]} is not {right[point]} in {growth.months[point]}"
            )


def laws(modes: Mapping[int, Mapping[str, Counts]]) -> dict[str, tuple[Counts, Counts]]:
    """The laws of conservation by name, each with its two sides at every point.

    Clients = b2b + b2c = regular + first + none = with payments + without; with payments = active
    + dormant + lost; without = the four segments of mode 5.
    """
    every, kinds, paying, frequencies, unpaid = (modes[mode] for mode in range(1, 6))
    clients = kinds["all"]
    with_payments = frequencies["regular"] + frequencies["first"]
    return {
        "companies + contacts": (every["companies"] + every["contacts"], every["all"]),
        "b2b = companies": (
            kinds["b2b_with_contacts"] + kinds["b2b_without_contacts"],
            every["companies"],
        ),
        "b2b + b2c": (_total(kinds) - clients, clients),
        "regular + first + none": (_total(frequencies), clients),
        "active + dormant + lost": (_total(paying), with_payments),
        "requests + dialogs + contacts + empty": (_total(unpaid), frequencies["none"]),
    }


def _total(segments: Mapping[str, Counts]) -> Counts:
    total: Counts = np.sum(list(segments.values()), axis=0)
    return total

"""A fault at any step: the app, opened again, comes to the end of an undisturbed run.

Here by samples; `npm run bench -- faults` tries every kind at every step.
"""

from __future__ import annotations

import os

import pytest

from unit.faults.fault import Fault
from unit.faults.plan import some
from unit.faults.report import ended_wrong
from unit.faults.scenes import SCENES
from unit.faults.story import told

pytestmark = pytest.mark.thorough

FAULTS = int(os.environ.get("FAULTS", "144"))
"""How many are tried; a longer run takes thousands."""
PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("scene", SCENES)
def test_whatever_goes_wrong_the_end_is_that_of_an_undisturbed_run(scene: str, part: int) -> None:
    faults = some(scene, FAULTS // len(SCENES))[part::PARTS]
    stories = [told(fault) for fault in faults]
    assert not ended_wrong(stories), "\n".join(ended_wrong(stories))
    assert sum(story.is_met for story in stories) > 0.8 * len(stories)


@pytest.mark.parametrize("name", ["fill:lost:7", "first#2:dies-before:3+power-3:12"])
def test_a_fault_has_one_name(name: str) -> None:
    assert str(Fault.named(name)) == name


@pytest.mark.parametrize("name", ["", "fill", "fill:lost", "fill:lost:x"])
def test_what_is_no_name_of_a_fault_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        Fault.named(name)

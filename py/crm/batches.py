"""Filling one batch with pages, the earliest months first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm.cells import LONGEST_CHAIN, Cell, Span, Step
from crm.client import Portal
from crm.query import Command

SMALL_BATCH = 8
SHARE_OF_BURST = 0.5
"""Part of the requests that may leave at once which the next round is spread over."""


@dataclass
class Job:
    """Pages of one span in one batch."""

    cell: Cell
    span: Span
    step: Step
    commands: list[Command] = field(default_factory=list)


@dataclass
class _Room:
    """What may still go into the batch: commands, seconds of work, seconds of each method."""

    portal: Portal
    now_s: float
    commands: int
    seconds: float
    empty: bool = True
    of_method: dict[str, float] = field(default_factory=dict)

    def pages(self, method: str) -> int:
        """Pages of ``method`` that fit, at least one of them in an empty batch."""
        room_s = self.of_method.get(method)
        if room_s is None:
            room_s = self.of_method[method] = self.portal.budget.room_s(method, self.now_s)
        cost_s = max(1e-4, self.portal.costs.of(method))
        in_time = int(min(1e6, self.seconds / cost_s))
        if self.empty:
            in_time = max(1, in_time)
        return max(0, min(self.commands, in_time, math.ceil(min(1e6, room_s / cost_s))))

    def take(self, method: str, pages: int) -> None:
        """Use up the room of so many pages."""
        seconds = pages * self.portal.costs.of(method)
        self.empty = False
        self.commands -= pages
        self.seconds -= seconds
        self.of_method[method] -= seconds


def size_of(portal: Portal, pages_to_come: float, now_s: float) -> int:
    """Commands for the next batch: as many as it holds, unless requests are plenty for what is to
    come. Smaller ones, which the portal works on side by side, are then sooner there.
    """
    plenty = portal.bucket.available(now_s) * SHARE_OF_BURST
    spread = math.ceil(pages_to_come / plenty) if plenty >= 1 else portal.size.most
    return min(portal.size.commands, max(SMALL_BATCH, spread))


def compose(cells: Sequence[Cell], portal: Portal, commands: int, now_s: float) -> list[Job]:
    """The jobs of the next batch of up to ``commands``; none when nothing may be asked at present.

    Methods without room for more operating time are passed over, so that the others go on. A batch
    that is not full when every cell has been served gets its chains lengthened: links that are free
    to carry save rounds.
    """
    room = _Room(portal, now_s, commands, portal.size.aim_s)
    jobs: list[Job] = []
    for cell in cells:
        if room.commands <= 0:
            break
        for span in list(cell.spans):
            if span.done or span.in_flight or span.not_before_s > now_s:
                continue
            fitting = room.pages(cell.source.method)
            if fitting < 1:
                break
            step = cell.step(span)
            pages = min(step.pages, fitting)
            room.take(cell.source.method, pages)
            jobs.append(Job(cell, span, Step(pages, step.backwards)))
    _lengthen(jobs, room)
    index = 0
    for job in jobs:
        job.commands = job.cell.commands(job.span, job.step, index)
        index += job.step.pages
    return jobs


def _lengthen(jobs: Sequence[Job], room: _Room) -> None:
    """Give chains of an unfilled batch a quarter more links, against estimates that were short."""
    for job in jobs:
        chain = job.step.pages
        if chain < 2 or room.commands <= 0:
            continue
        method = job.cell.source.method
        more = min(math.ceil(chain / 4), room.pages(method), LONGEST_CHAIN - chain)
        if more > 0:
            room.take(method, more)
            job.step = Step(chain + more)

"""Every fault at every step of a refresh, of writing marks and of the rest: does it end like a run
that nothing disturbs?
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from bench.table import Table
from unit.faults import plan, report
from unit.faults.fault import Fault
from unit.faults.scenes import SCENES
from unit.faults.story import Told, told

PAIRS = 100
"""Two faults in a row, in each scene."""
AT_A_TIME = 40


def measure(options: argparse.Namespace) -> Table:
    """One row per kind of fault: how often it was met in each scene, how often the person had to
    do more, how often it ended otherwise.
    """
    started_s = time.perf_counter()
    faults = [Fault.named(name) for name in options.fault] or _all(options.seed)
    stories: list[Told] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        ends = [
            pool.submit(_told, faults[start : start + AT_A_TIME])
            for start in range(0, len(faults), AT_A_TIME)
        ]
        for end in as_completed(ends):
            stories += end.result()
            for line in report.ended_wrong(end.result()):
                print(line, flush=True)
            print(f"{len(stories)} of {len(faults)}", file=sys.stderr, flush=True)
    spent_s = time.perf_counter() - started_s
    print(f"{len(stories):,} faults, {spent_s:,.0f} s, {len(stories) / spent_s:.1f} a second\n")
    table = Table(report.HEADER)
    for row in report.rows(stories):
        table.add(*row)
    return table


def _all(portal: int) -> list[Fault]:
    return [fault for scene in SCENES for fault in plan.everything(scene, PAIRS, portal)]


def _told(faults: list[Fault]) -> list[Told]:
    return [told(fault) for fault in faults]

"""Runs benchmarks by name and prints one table each, with the machine they ran on."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import card, faults, fill, first_run, kills, lists, marks, next_run, rules, start_up
from bench.table import Table

BENCHES: dict[str, tuple[str, Callable[[argparse.Namespace], Table]]] = {
    "rules": ("classification and growth, natively", rules.measure),
    "lists": (
        "questions to a list, scrolling and files, natively and in Chromium",
        lists.measure,
    ),
    "start-up": ("navigation to shell to engine, cold and warm, in Chromium", start_up.measure),
    "card": ("navigation to the marks and the panel in a card's tab, in Chromium", card.measure),
    "first-run": (
        "85,000 clients read in Chromium at the pace of the cloud, beside the bound",
        first_run.measure,
    ),
    "next-run": (
        "1,000 changes of 85,000 clients taken in at the pace of the cloud, in virtual time",
        next_run.measure,
    ),
    "marks": (
        "the first fill of marks, undisturbed and with 20 killed tabs, in virtual time",
        marks.measure,
    ),
    "fill": (
        "the first fill of marks in Chromium, 85,000 clients, a portal 60 times as fast",
        fill.measure,
    ),
    "faults": (
        "every fault at every step of every job, natively, in virtual time",
        faults.measure,
    ),
    "kills": ("20 first runs, each killed at a random moment and continued", kills.measure),
}


def main() -> int:
    """Entry of ``npm run bench``."""
    names = "\n".join(f"  {name:10} {text}" for name, (text, _) in BENCHES.items())
    parser = argparse.ArgumentParser(
        prog="npm run bench --",
        description="Measures the product on this machine.",
        epilog=f"benchmarks:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="which to run; all when none is named"
    )
    parser.add_argument(
        "--clients",
        type=int,
        default=85_000,
        help="clients of the emulated portal",
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of data and random moments")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SCENE:KIND:STEP",
        help="of faults, only this one; may be repeated",
    )
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}"
        )
    print(machine(), flush=True)
    for name in options.names or BENCHES:
        text, measure = BENCHES[name]
        print(f"\n## {name}: {text}\n", flush=True)
        print(measure(options).text(), flush=True)
    return 0


def machine() -> str:
    """The line that says where and when: system, processor count, Python, commit, moment."""
    root = Path(__file__).resolve().parents[2]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, commit {commit or 'unknown'}"
    )


if __name__ == "__main__":
    sys.exit(main())

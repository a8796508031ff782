"""What the engine asks of a store; the browser's database and the tests' memory both offer it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from storage.records import Run

Packed = dict[str, bytes]
"""Tables in the form of ``storage.packing``, by name."""

Facts = Mapping[str, str | None]
"""JSON texts by name; None takes a fact away."""


class Store(Protocol):
    """Checkpoints, months, changes, the journal of marks, facts and the last view of one user of
    one portal.

    Every method is one transaction: it happens wholly or, raising a ``StorageError``, not at all.
    """

    async def load_run(self) -> Run | None:
        """The refresh under way or the last finished one; None when none can be used."""

    async def begin(self, run: Run) -> None:
        """Start over with ``run``: months and changes of every run are dropped; the view, the facts
        and the journal stay.
        """

    async def save_run(self, run: Run) -> None:
        """Write the record of the refresh, its months untouched."""

    async def save_month(self, run: Run, month: str, tables: Packed) -> None:
        """Write one month together with ``run``, the checkpoint that already counts it as done."""

    async def load_months(self, run: Run) -> dict[str, Packed]:
        """Packed tables of every month in ``run.done``; months of it that are not stored are left
        out.
        """

    async def load_changes(self, run: Run) -> dict[int, Packed]:
        """Change records of the numbers in ``run.changes``, in order; those that are not stored are
        left out.
        """

    async def finish(
        self, run: Run, view: str, *, change: Packed | None = None, facts: Facts | None = None
    ) -> None:
        """Seal a complete run with its view, the change record of its last sync if it left one, and
        facts; months and changes of all other runs are dropped.
        """

    async def compact(self, run: Run, change: Packed) -> None:
        """Put one change record in place of all earlier ones; ``run`` names it as the only one."""

    async def save_view(self, view: str) -> None:
        """Replace the view (JSON text)."""

    async def load_view(self) -> str | None:
        """The last view (JSON text) or None."""

    async def load_fact(self, name: str) -> str | None:
        """One fact (JSON text) or None."""

    async def save_facts(self, facts: Facts) -> None:
        """Write facts; others stay."""

    async def put_batch(self, fill: int, number: int, batch: bytes, fill_json: str) -> None:
        """Write one batch of a fill of marks, new or brought up to date, together with the fact
        ``layout.FILL``; it is on the disk, not only handed to it, when this returns.
        """

    async def load_batches(self, fill: int) -> dict[int, bytes]:
        """The batches of a fill by number, in order."""

    async def drop_fills(self, keep: Collection[int], facts: Facts | None = None) -> None:
        """Drop the batches of all fills but these, and write facts."""

"""What the engine asks of a store; the browser's database and the tests' memory both offer it."""

from __future__ import annotations

from typing import Protocol

from storage.records import Run


class Store(Protocol):
    """Checkpoints, months and the last view of one user of one portal.

    Every method is one transaction: it happens wholly or, raising a ``StorageError``, not at all.
    """

    async def load_run(self) -> Run | None:
        """The refresh under way or the last finished one; None when none can be used."""

    async def save_run(self, run: Run) -> None:
        """Write the record of the refresh, its months untouched."""

    async def save_month(self, run: Run, month: str, tables: dict[str, bytes]) -> None:
        """Write one month together with ``run``, the checkpoint that already counts it as done."""

    async def load_months(self, run: Run) -> dict[str, dict[str, bytes]]:
        """Packed tables of every month in ``run.done``; months of it that are not stored are left
        out.
        """

    async def finish(self, run: Run, view: str) -> None:
        """Seal a complete run with its view and drop the months of all other runs."""

    async def save_view(self, view: str) -> None:
        """Replace the view (JSON text)."""

    async def load_view(self) -> str | None:
        """The last view (JSON text) or None."""

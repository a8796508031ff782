"""A store that lasts as long as the page: where the browser refuses its database, and in tests."""

from __future__ import annotations

from collections.abc import Collection

from storage.layout import FILL
from storage.protocol import Facts, Packed
from storage.records import Run


class MemoryStore:
    """See ``storage.protocol.Store`` for what each method promises."""

    def __init__(self) -> None:
        self.run: str | None = None
        self.view: str | None = None
        self.months: dict[tuple[int, str], Packed] = {}
        self.changes: dict[tuple[int, int], Packed] = {}
        self.journal: dict[tuple[int, int], bytes] = {}
        self.facts: dict[str, str] = {}

    async def load_run(self) -> Run | None:
        return None if self.run is None else Run.from_json(self.run)

    async def begin(self, run: Run) -> None:
        self.months, self.changes = {}, {}
        self.run = run.to_json()

    async def save_run(self, run: Run) -> None:
        self.run = run.to_json()

    async def save_month(self, run: Run, month: str, tables: Packed) -> None:
        self.months[run.id, month] = dict(tables)
        self.run = run.to_json()

    async def load_months(self, run: Run) -> dict[str, Packed]:
        return {
            month: self.months[run.id, month]
            for month in run.done
            if (run.id, month) in self.months
        }

    async def load_changes(self, run: Run) -> dict[int, Packed]:
        return {
            number: self.changes[run.id, number]
            for number in run.changes
            if (run.id, number) in self.changes
        }

    async def finish(
        self, run: Run, view: str, *, change: Packed | None = None, facts: Facts | None = None
    ) -> None:
        self.run, self.view = run.to_json(), view
        self.months = {key: tables for key, tables in self.months.items() if key[0] == run.id}
        self.changes = {key: tables for key, tables in self.changes.items() if key[0] == run.id}
        if change is not None:
            self.changes[run.id, run.sync] = dict(change)
        self._put_facts(facts)

    async def compact(self, run: Run, change: Packed) -> None:
        self.run = run.to_json()
        self.changes = {(run.id, run.changes[-1]): dict(change)}

    async def save_view(self, view: str) -> None:
        self.view = view

    async def load_view(self) -> str | None:
        return self.view

    async def load_fact(self, name: str) -> str | None:
        return self.facts.get(name)

    async def save_facts(self, facts: Facts) -> None:
        self._put_facts(facts)

    async def put_batch(self, fill: int, number: int, batch: bytes, fill_json: str) -> None:
        self.journal[fill, number] = batch
        self.facts[FILL] = fill_json

    async def load_batches(self, fill: int) -> dict[int, bytes]:
        return {key[1]: self.journal[key] for key in sorted(self.journal) if key[0] == fill}

    async def drop_fills(self, keep: Collection[int], facts: Facts | None = None) -> None:
        self.journal = {key: batch for key, batch in self.journal.items() if key[0] in keep}
        self._put_facts(facts)

    def _put_facts(self, facts: Facts | None) -> None:
        for name, text in (facts or {}).items():
            if text is None:
                self.facts.pop(name, None)
            else:
                self.facts[name] = text

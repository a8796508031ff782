"""A store that lasts as long as the page: where the browser refuses its database, and in tests."""

from __future__ import annotations

from storage.records import Run


class MemoryStore:
    """See ``storage.protocol.Store`` for what each method promises."""

    def __init__(self) -> None:
        self.run: str | None = None
        self.view: str | None = None
        self.months: dict[tuple[int, str], dict[str, bytes]] = {}

    async def load_run(self) -> Run | None:
        return None if self.run is None else Run.from_json(self.run)

    async def save_run(self, run: Run) -> None:
        self.run = run.to_json()

    async def save_month(self, run: Run, month: str, tables: dict[str, bytes]) -> None:
        self.months[run.id, month] = dict(tables)
        self.run = run.to_json()

    async def load_months(self, run: Run) -> dict[str, dict[str, bytes]]:
        return {
            month: self.months[run.id, month]
            for month in run.done
            if (run.id, month) in self.months
        }

    async def finish(self, run: Run, view: str) -> None:
        self.run, self.view = run.to_json(), view
        self.months = {key: tables for key, tables in self.months.items() if key[0] == run.id}

    async def save_view(self, view: str) -> None:
        self.view = view

    async def load_view(self) -> str | None:
        return self.view

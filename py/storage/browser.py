"""The store in the browser's IndexedDB, through the ``idb`` library; for the engine's worker."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy, to_js

from storage import layout
from storage.errors import StorageError, StorageFull, StorageNewer, StorageUnavailable
from storage.protocol import Facts, Packed
from storage.records import Run

Name = TypeVar("Name", int, str)


class BrowserStore:
    """Store of one user of one portal; see ``storage.protocol.Store`` for what each method
    promises.
    """

    def __init__(self, database: Any) -> None:
        self._database = database

    @classmethod
    async def open(cls, idb: Any, portal: str, user_id: str) -> BrowserStore:
        """Open or create the database; a StorageError when the browser refuses."""

        def upgrade(database: Any, old_version: int, *_: Any) -> None:
            layout.upgrade(database, old_version)

        def make_way(_current: int, _wanted: int, event: Any) -> None:
            event.target.close()

        options = to_js(
            {
                "upgrade": create_once_callable(upgrade),
                # A newer version of the application in another tab wants to upgrade the database.
                "blocking": create_proxy(make_way),
            },
            dict_converter=js.Object.fromEntries,
        )
        name = layout.database_name(portal, user_id)
        with _storage_errors():
            return cls(await idb.openDB(name, layout.DATABASE_VERSION, options))

    async def load_run(self) -> Run | None:
        text = await self._get(layout.RUNS, layout.CURRENT)
        return None if text is None else Run.from_json(text)

    async def begin(self, run: Run) -> None:
        await self._write(
            [_run(run)],
            [(name, keys) for name in (layout.MONTHS, layout.CHANGES) for keys in _outside([])],
        )

    async def save_run(self, run: Run) -> None:
        await self._write([_run(run)])

    async def save_month(self, run: Run, month: str, tables: Packed) -> None:
        await self._write([(layout.MONTHS, _record(tables), to_js([run.id, month])), _run(run)])

    async def load_months(self, run: Run) -> dict[str, Packed]:
        return await self._records(layout.MONTHS, run.id, run.done)

    async def load_changes(self, run: Run) -> dict[int, Packed]:
        return await self._records(layout.CHANGES, run.id, run.changes)

    async def finish(
        self, run: Run, view: str, *, change: Packed | None = None, facts: Facts | None = None
    ) -> None:
        puts = [_run(run), (layout.VIEWS, view, layout.CURRENT)]
        if change is not None:
            puts.append((layout.CHANGES, _record(change), to_js([run.id, run.sync])))
        others = _outside([run.id])
        deletions = [(name, keys) for name in (layout.MONTHS, layout.CHANGES) for keys in others]
        await self._write(puts, deletions, facts)

    async def compact(self, run: Run, change: Packed) -> None:
        number = run.changes[-1]
        await self._write(
            [_run(run), (layout.CHANGES, _record(change), to_js([run.id, number]))],
            [(layout.CHANGES, js.IDBKeyRange.upperBound(to_js([run.id, number]), True))],
        )

    async def save_view(self, view: str) -> None:
        await self._write([(layout.VIEWS, view, layout.CURRENT)])

    async def load_view(self) -> str | None:
        return await self._get(layout.VIEWS, layout.CURRENT)

    async def load_fact(self, name: str) -> str | None:
        return await self._get(layout.FACTS, name)

    async def save_facts(self, facts: Facts) -> None:
        await self._write([], facts=facts)

    async def put_batch(self, fill: int, number: int, batch: bytes, fill_json: str) -> None:
        await self._write(
            [(layout.JOURNAL, to_js(batch), to_js([fill, number]))],
            facts={layout.FILL: fill_json},
            durability="strict",
        )

    async def load_batches(self, fill: int) -> dict[int, bytes]:
        keys = js.IDBKeyRange.bound(to_js([fill]), to_js([fill + 1]), False, True)
        with _storage_errors():
            journal = self._database.transaction(layout.JOURNAL, "readonly").store
            found = [journal.getAllKeys(keys), journal.getAll(keys)]
            numbers, batches = await js.Promise.all(to_js(found))
        return {int(key[1]): batch.to_bytes() for key, batch in zip(numbers, batches, strict=True)}

    async def drop_fills(self, keep: Collection[int], facts: Facts | None = None) -> None:
        await self._write([], [(layout.JOURNAL, keys) for keys in _outside(keep)], facts)

    async def _get(self, store: str, key: str) -> str | None:
        with _storage_errors():
            value = await self._database.get(store, key)
        return value if isinstance(value, str) else None

    async def _records(self, store: str, run_id: int, names: Sequence[Name]) -> dict[Name, Packed]:
        """The packed tables of one run under these names, of those that are there."""
        with _storage_errors():
            records = self._database.transaction(store, "readonly").store
            requests = [records.get(to_js([run_id, name])) for name in names]
            found = await js.Promise.all(to_js(requests))
        return {
            name: {table: view.to_bytes() for table, view in record.object_entries()}
            for name, record in zip(names, found, strict=True)
            if record is not None
        }

    async def _write(
        self,
        puts: Sequence[tuple[str, Any, Any]],
        deletions: Sequence[tuple[str, Any]] = (),
        facts: Facts | None = None,
        durability: str = "default",
    ) -> None:
        """One read-write transaction, deletions first; it is awaited as a whole, so that a failed
        part is never half of it.
        """
        facts = facts or {}
        names = {name for name, *_ in [*puts, *deletions]} | ({layout.FACTS} if facts else set())
        if not names:
            return
        options = to_js({"durability": durability}, dict_converter=js.Object.fromEntries)
        with _storage_errors():
            transaction = self._database.transaction(to_js(sorted(names)), "readwrite", options)
            store = transaction.objectStore
            requests = [store(name).delete(keys) for name, keys in deletions]
            requests += [store(name).put(value, key) for name, value, key in puts]
            for name, text in facts.items():
                known = store(layout.FACTS)
                requests.append(known.delete(name) if text is None else known.put(text, name))
            await js.Promise.all(to_js([*requests, transaction.done]))


def _run(run: Run) -> tuple[str, str, str]:
    return layout.RUNS, run.to_json(), layout.CURRENT


def _record(tables: Packed) -> Any:
    return to_js(tables, dict_converter=js.Object.fromEntries)


def _outside(ids: Collection[int]) -> list[Any]:
    """Key ranges of all records ``[id, ...]`` of other ids."""
    # An array sorts behind every number and text, and before every longer one with the same start.
    ranges = []
    start: list[int] = []
    for number in sorted(ids):
        if start != [number]:
            ranges.append(js.IDBKeyRange.bound(to_js(start), to_js([number]), False, True))
        start = [number + 1]
    return [*ranges, js.IDBKeyRange.lowerBound(to_js(start))]


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    """Turn the browser's exceptions into the store's own."""
    try:
        yield
    except JsException as error:
        raise _translated(error) from error


def _translated(error: JsException) -> StorageError:
    kind = str(getattr(error, "name", ""))
    words = str(getattr(error, "message", "") or error)
    if "QuotaExceeded" in kind or "QuotaExceeded" in words:
        return StorageFull(words)
    if kind == "VersionError":
        return StorageNewer(words)
    return StorageUnavailable(words)

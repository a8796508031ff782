"""The store in the browser's IndexedDB, through the ``idb`` library; for the engine's worker."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy, to_js

from storage import layout
from storage.errors import StorageError, StorageFull, StorageNewer, StorageUnavailable
from storage.records import Run


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
        text = await self._get(layout.RUNS)
        return None if text is None else Run.from_json(text)

    async def save_run(self, run: Run) -> None:
        await self._write([(layout.RUNS, run.to_json(), layout.CURRENT)])

    async def save_month(self, run: Run, month: str, tables: dict[str, bytes]) -> None:
        record = to_js(tables, dict_converter=js.Object.fromEntries)
        await self._write(
            [
                (layout.MONTHS, record, to_js([run.id, month])),
                (layout.RUNS, run.to_json(), layout.CURRENT),
            ]
        )

    async def load_months(self, run: Run) -> dict[str, dict[str, bytes]]:
        with _storage_errors():
            transaction = self._database.transaction(layout.MONTHS, "readonly")
            months = transaction.objectStore(layout.MONTHS)
            records = await js.Promise.all(
                to_js([months.get(to_js([run.id, month])) for month in run.done])
            )
        return {
            month: {name: view.to_bytes() for name, view in record.object_entries()}
            for month, record in zip(run.done, records, strict=True)
            if record is not None
        }

    async def finish(self, run: Run, view: str) -> None:
        before = js.IDBKeyRange.upperBound(to_js([run.id]), True)
        after = js.IDBKeyRange.lowerBound(to_js([run.id + 1]))
        await self._write(
            [(layout.RUNS, run.to_json(), layout.CURRENT), (layout.VIEWS, view, layout.CURRENT)],
            deletions=[(layout.MONTHS, before), (layout.MONTHS, after)],
        )

    async def save_view(self, view: str) -> None:
        await self._write([(layout.VIEWS, view, layout.CURRENT)])

    async def load_view(self) -> str | None:
        return await self._get(layout.VIEWS)

    async def _get(self, store: str) -> str | None:
        with _storage_errors():
            value = await self._database.get(store, layout.CURRENT)
        return value if isinstance(value, str) else None

    async def _write(
        self, puts: list[tuple[str, Any, Any]], deletions: list[tuple[str, Any]] | None = None
    ) -> None:
        """One read-write transaction; it is awaited as a whole, so that a failed part is never half
        of it.
        """
        names = sorted({name for name, *_ in [*puts, *(deletions or [])]})
        with _storage_errors():
            transaction = self._database.transaction(to_js(names), "readwrite")
            requests = [transaction.objectStore(name).put(value, key) for name, value, key in puts]
            requests += [
                transaction.objectStore(name).delete(keys) for name, keys in deletions or []
            ]
            await js.Promise.all(to_js([*requests, transaction.done]))


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

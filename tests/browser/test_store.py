"""The store in the browser's database keeps what every store promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from .servers import ROOT, RunningPortal

SOURCES = {path.name: path.read_text() for path in (ROOT / "py" / "storage").glob("*.py")}
START = """async (sources) => {
  const {loadPyodide} = await import("/static/vendor/pyodide/pyodide.mjs");
  const pyodide = await loadPyodide();
  pyodide.FS.mkdirTree("/work/storage");
  for (const [path, text] of Object.entries(sources)) {
    pyodide.FS.writeFile(`/work/storage/${path}`, text);
  }
  pyodide.runPython("import sys; sys.path.insert(0, '/work')");
  pyodide.globals.set("idb", await import("/static/vendor/idb.js"));
  globalThis.story = async (code) => pyodide.runPythonAsync(code);
}"""
VERSION_1 = """async () => {
  const {openDB} = await import("/static/vendor/idb.js");
  const database = await openDB("client-segmentation|example|1", 1, {
    upgrade: (made) => ["runs", "months", "views"].forEach((name) => made.createObjectStore(name)),
  });
  await database.put("views", "last view", "current");
  await database.put("runs", JSON.stringify({
    id: 4, started_at: "x", as_of: "x", months: ["2026-01"], done: ["2026-01"], notes: [],
    state: "complete", tables_version: 1,
  }), "current");
  await database.put("months", {deals: new Uint8Array(3)}, [4, "2026-01"]);
  database.close();
}"""
SETTING = """
import json
from storage.browser import BrowserStore
from storage.records import Run

store = await BrowserStore.open(idb, "example", "1")
run = Run(id=5, started_at="x", as_of="x", months=("2026-01", "2026-02"))

async def seal(change):
    global run
    run = run.synced("y", 7, {}, changed=change is not None)
    await store.finish(run, "view", change=change, facts={"history": "h"})
"""


@pytest.fixture
def page(browser: Browser, small_portal: RunningPortal) -> Iterator[Page]:
    """A page of the app's origin in which stories are told in the engine's Python."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{small_portal.app_origin}/static/icons/app.svg")
    yield page
    context.close()


def told(page: Page, story: str) -> Any:
    """What a story in Python, whose last line is JSON text, comes to."""
    if not page.evaluate("'story' in globalThis"):
        page.evaluate(START, SOURCES)
        page.evaluate("(code) => story(code)", SETTING)
    return json.loads(page.evaluate("(code) => story(code)", story))


def test_the_database_of_the_first_version_keeps_its_view_and_is_read_anew(page: Page) -> None:
    page.evaluate(VERSION_1)
    found = told(
        page,
        "json.dumps([await store.load_view(), await store.load_run() is None,"
        " await store.load_fact('history')])",
    )
    assert found == ["last view", True, None]
    story = """
await store.begin(run)
await store.save_month(run.with_month("2026-01"), "2026-01", {"deals": b"12"})
json.dumps([(await store.load_run()).done, await store.load_view()])
"""
    assert told(page, story) == [["2026-01"], "last view"]
    assert keys(page, "months") == [[5, "2026-01"]]


def test_months_and_changes_come_back_as_they_were_sealed(page: Page) -> None:
    story = """
for month in run.months:
    run = run.with_month(month)
    await store.save_month(run, month, {"deals": month.encode(), "links": b""})
await seal({"deals": b"1"})
await seal(None)
await seal({"deals": b"3", "deleted_deals": b"33"})
stored = await store.load_run()
assert stored == run, stored
months = await store.load_months(run)
assert months == {m: {"deals": m.encode(), "links": b""} for m in run.months}, months
changes = await store.load_changes(run)
assert changes == {1: {"deals": b"1"}, 3: {"deals": b"3", "deleted_deals": b"33"}}, changes
json.dumps([await store.load_view(), await store.load_fact("history")])
"""
    assert told(page, story) == ["view", "h"]


def test_compacting_and_other_runs_leave_no_old_records(page: Page) -> None:
    told(
        page,
        """
for number in range(3):
    await seal({"deals": bytes([number])})
run = run.compacted()
await store.compact(run, {"deals": b"all"})
assert await store.load_run() == run
assert await store.load_changes(run) == {3: {"deals": b"all"}}
json.dumps(None)
""",
    )
    assert keys(page, "changes") == [[5, 3]]
    told(
        page,
        """
from dataclasses import replace
run = replace(run, id=6, sync=0, changes=())
await store.save_month(run, "2026-01", {})
await seal({})
json.dumps(None)
""",
    )
    assert keys(page, "changes") == [[6, 1]]
    told(page, "await store.begin(replace(run, id=7))\njson.dumps(None)")
    assert keys(page, "changes") == keys(page, "months") == []


def test_the_journal_is_kept_by_fill_and_dropped_by_fill(page: Page) -> None:
    story = """
for fill in (1, 2, 3, 5):
    for number in (2, 1):
        await store.put_batch(fill, number, bytes([fill, number]), json.dumps(fill))
await store.put_batch(2, 2, b"settled", '"settled"')
batches = await store.load_batches(2)
assert list(batches.items()) == [(1, bytes([2, 1])), (2, b"settled")], batches
assert await store.load_fact("fill") == '"settled"'
await store.drop_fills([2, 3], {"fill": None, "other": "1"})
json.dumps([await store.load_fact("fill"), await store.load_fact("other")])
"""
    assert told(page, story) == [None, "1"]
    assert keys(page, "journal") == [[2, 1], [2, 2], [3, 1], [3, 2]]
    told(page, "await store.drop_fills([])\njson.dumps(None)")
    assert keys(page, "journal") == []


def keys(page: Page, store: str) -> list[Any]:
    """All keys of an object store."""
    found: list[Any] = page.evaluate(
        """async (store) => {
          const {openDB} = await import("/static/vendor/idb.js");
          const database = await openDB("client-segmentation|example|1");
          try { return await database.getAllKeys(store); } finally { database.close(); }
        }""",
        store,
    )
    return found

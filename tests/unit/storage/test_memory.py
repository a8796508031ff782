"""What every store promises, tried on the one in memory; the browser's is tried in the browser."""

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from storage.layout import FILL
from storage.memory import MemoryStore
from storage.records import Run


def done(work: Coroutine[Any, Any, Any]) -> Any:
    """What work that waits for nothing comes to; no event loop is needed, and Pyodide lets none
    run here.
    """
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("a store in memory waits for nothing")


RUN = Run(id=2, started_at="x", as_of="x", months=("2026-01",), done=("2026-01",))


def sealed(run: Run, store: MemoryStore, change: dict[str, bytes] | None) -> Run:
    run = run.synced("y", 7, {}, changed=change is not None)
    done(store.finish(run, "view", change=change, facts={"history": "h"}))
    return run


def test_a_sync_is_sealed_with_its_changes_its_view_and_its_facts() -> None:
    store = MemoryStore()
    run = sealed(RUN, store, {"deals": b"1"})
    run = sealed(run, store, None)
    run = sealed(run, store, {"deals": b"3"})
    assert run.changes == (1, 3)
    assert done(store.load_run()) == run
    assert done(store.load_changes(run)) == {1: {"deals": b"1"}, 3: {"deals": b"3"}}
    assert done(store.load_view()) == "view"
    assert done(store.load_fact("history")) == "h"


def test_compacting_leaves_one_record_of_the_last_number() -> None:
    store = MemoryStore()
    run = RUN
    for number in b"123":
        run = sealed(run, store, {"deals": bytes([number])})
    run = run.compacted()
    done(store.compact(run, {"deals": b"all"}))
    assert done(store.load_run()) == run
    assert done(store.load_changes(run)) == {3: {"deals": b"all"}}
    assert len(store.changes) == 1


def test_starting_over_keeps_the_view_the_facts_and_the_journal() -> None:
    store = MemoryStore()
    done(store.save_month(RUN, "2026-01", {"deals": b""}))
    sealed(RUN, store, {"deals": b"1"})
    done(store.put_batch(1, 1, b"batch", "{}"))
    new = Run(id=3, started_at="", as_of="", months=())
    done(store.begin(new))
    assert done(store.load_run()) == new
    assert store.months == store.changes == {}
    assert done(store.load_view()) == "view"
    assert done(store.load_fact("history")) == "h"
    assert done(store.load_batches(1)) == {1: b"batch"}


def test_a_finished_run_leaves_nothing_of_the_others() -> None:
    store = MemoryStore()
    for run in (replace(RUN, id=1), RUN):
        done(store.save_month(run, "2026-01", {}))
        sealed(run, store, {})
    assert {number for number, _ in store.months} == {2}
    assert {number for number, _ in store.changes} == {2}


def test_a_batch_of_marks_is_written_with_the_state_of_its_fill() -> None:
    store = MemoryStore()
    done(store.put_batch(1, 2, b"two", "{}"))
    done(store.put_batch(1, 1, b"one", "{}"))
    done(store.put_batch(2, 1, b"other", '{"id": 2}'))
    done(store.put_batch(1, 2, b"two settled", '{"id": 1}'))
    assert list(done(store.load_batches(1)).items()) == [(1, b"one"), (2, b"two settled")]
    assert done(store.load_fact(FILL)) == '{"id": 1}'


def test_fills_that_are_not_kept_are_dropped_with_a_fact_that_says_so() -> None:
    store = MemoryStore()
    for fill in (1, 2, 3):
        done(store.put_batch(fill, 1, b"", "{}"))
    done(store.drop_fills([2], {FILL: None, "other": "1"}))
    assert {fill for fill, _ in store.journal} == {2}
    assert store.facts == {"other": "1"}

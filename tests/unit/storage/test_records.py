"""The record of a refresh and what of it a later version accepts."""

import json
from dataclasses import replace

from storage.records import TABLES_VERSION, Run

RUN = Run(
    id=3,
    started_at="2026-05-01T10:00:00+03:00",
    as_of="2026-05-01T10:00:00+03:00",
    months=("2026-01", "2026-02", "2026-03"),
)


def test_a_run_comes_back_from_its_text() -> None:
    run = replace(RUN.with_month("2026-02"), state="paused", limits=(3, 9))
    assert Run.from_json(run.to_json()) == run


def test_a_run_that_tells_no_limits_has_none() -> None:
    facts = json.loads(RUN.to_json())
    del facts["limits"]
    assert Run.from_json(json.dumps(facts)) == RUN


def test_missing_months_are_told_in_order() -> None:
    assert RUN.with_month("2026-02").missing == ["2026-01", "2026-03"]


def test_a_gap_ends_what_is_stored_through() -> None:
    assert RUN.through is None
    assert RUN.with_month("2026-02").through is None
    assert RUN.with_month("2026-01").with_month("2026-03").through == "2026-01"
    assert (
        RUN.with_month("2026-03").with_month("2026-01").with_month("2026-02").through == "2026-03"
    )


def test_a_run_with_tables_of_another_version_is_not_continued() -> None:
    facts = json.loads(RUN.to_json()) | {"tables_version": TABLES_VERSION + 1}
    assert Run.from_json(json.dumps(facts)) is None


def test_a_damaged_record_counts_as_none() -> None:
    for text in ("", "{", "[]", "null", '{"id": "x"}'):
        assert Run.from_json(text) is None


def test_a_sync_moves_the_moment_and_counts_its_change_record() -> None:
    run = RUN.synced("2026-05-02T10:00:00+03:00", 5, {"offset_s": 0}, changed=True)
    run = run.synced("2026-05-03T10:00:00+03:00", 6, {"offset_s": 0}, changed=False)
    run = run.synced("2026-05-04T10:00:00+03:00", 7, {"offset_s": 3600}, changed=True)
    assert (run.state, run.sync, run.changes, run.cursor) == ("complete", 3, (1, 3), 7)
    assert run.synced_at == run.as_of == "2026-05-04T10:00:00+03:00"
    assert run.compacted().changes == (3,)
    assert Run.from_json(run.to_json()) == run


def test_the_run_of_an_earlier_version_is_not_continued() -> None:
    facts = json.loads(RUN.to_json())
    for later in ("synced_at", "sync", "changes", "cursor", "facts"):
        del facts[later]
    assert Run.from_json(json.dumps(facts)) is not None
    assert Run.from_json(json.dumps(facts | {"tables_version": 1})) is None

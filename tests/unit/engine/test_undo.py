"""Taking back a fill: what goes back, what is left alone and told."""

from __future__ import annotations

import pandas as pd
import pytest

from crm.mark_journal import DONE, DOUBTFUL, GONE, NOT_WRITTEN, REFUSED
from engine.undo import plan, reverse

from .mark_rows import held, marks, operation, operations

OLD = marks(lifecycle=1, payments=3, last_pay=pd.Timestamp("2025-01-02"))
NEW = marks(lifecycle=0, payments=4, last_pay=pd.Timestamp("2025-09-01"))


def journal(*rows: dict[str, object], state: int = DONE) -> pd.DataFrame:
    return operations(*rows).assign(state=state)


def test_what_is_as_the_fill_left_it_goes_back() -> None:
    back = reverse(journal(operation(4, 7, OLD, NEW)))
    found = plan(back, held({7: NEW}))
    (row,) = found.operations.to_dict("records")
    assert (row["before_payments"], row["after_payments"]) == (4, 3)
    assert row["after_last_pay"] == OLD["last_pay"]
    assert row["changed"] == back["changed"].iloc[0] == 0b110100
    assert found.conflicts == []


def test_fields_that_were_empty_become_empty_again() -> None:
    back = reverse(journal(operation(3, 7, marks(), NEW)))
    (row,) = plan(back, held({7: NEW})).operations.to_dict("records")
    assert row["after_lifecycle"] == -1
    assert pd.isna(row["after_last_pay"])


def test_what_a_person_has_changed_since_is_a_conflict_and_stays() -> None:
    back = reverse(journal(operation(4, 7, OLD, NEW)))
    by_hand = {**NEW, "payments": 99}
    found = plan(back, held({7: by_hand}))
    assert found.conflicts == [
        {"entity": 4, "id": 7, "mark": "payments", "expected": 4, "found": 99}
    ]
    (row,) = found.operations.to_dict("records")
    assert row["changed"] == 0b010100, "the other two marks go back"


def test_a_conflict_in_the_only_mark_leaves_nothing_to_write() -> None:
    back = reverse(journal(operation(4, 7, marks(type=0), marks(type=1))))
    found = plan(back, held({7: marks()}))
    assert found.operations.empty
    assert found.conflicts_total == 1
    assert found.conflicts[0]["found"] is None
    assert found.conflicts[0]["expected"] == "b2c"
    assert found.restored == 0


def test_what_holds_the_old_values_already_is_restored_without_a_write() -> None:
    back = reverse(journal(operation(4, 7, OLD, NEW), operation(4, 8, OLD, NEW)))
    found = plan(back, held({7: OLD, 8: NEW}))
    assert found.operations["id"].tolist() == [8]
    assert found.restored == 1


def test_who_is_gone_is_counted() -> None:
    back = reverse(journal(operation(4, 7, OLD, NEW), operation(4, 8, OLD, NEW)))
    found = plan(back, held({8: NEW}))
    assert found.gone == 1
    assert found.operations["id"].tolist() == [8]


def test_an_entity_written_twice_goes_back_to_where_it_was_first() -> None:
    middle = marks(lifecycle=5)
    back = reverse(journal(operation(4, 7, OLD, middle), operation(4, 7, middle, NEW)))
    assert len(back) == 1
    (row,) = plan(back, held({7: NEW})).operations.to_dict("records")
    assert row["after_lifecycle"] == OLD["lifecycle"]
    assert row["after_payments"] == OLD["payments"]


def test_writes_that_cancel_each_other_out_need_no_write() -> None:
    back = reverse(journal(operation(4, 7, OLD, NEW), operation(4, 7, NEW, OLD)))
    found = plan(back, held({7: OLD}))
    assert found.operations.empty
    assert found.conflicts == []


@pytest.mark.parametrize("state", [REFUSED, GONE, NOT_WRITTEN])
def test_what_was_never_written_is_not_taken_back(state: int) -> None:
    assert reverse(journal(operation(4, 7, OLD, NEW), state=state)).empty


def test_a_doubtful_write_is_taken_back_if_it_happened() -> None:
    back = reverse(journal(operation(4, 7, OLD, NEW), state=DOUBTFUL))
    assert plan(back, held({7: NEW})).operations["id"].tolist() == [7]
    assert plan(back, held({7: OLD})).operations.empty


def test_a_value_that_was_none_of_ours_becomes_empty() -> None:
    strange, empty = marks(lifecycle=-2, parent=-2), marks()
    ours = marks(lifecycle=0, parent=5)
    back = reverse(journal(operation(3, 7, strange, ours)))
    assert plan(back, held({7: ours})).operations["changed"].tolist() == [0b101]
    assert plan(back, held({7: empty})).restored == 1


def test_useful_clients_come_first() -> None:
    rows = journal(
        operation(4, 1, marks(), marks(lifecycle=6)), operation(3, 2, marks(), marks(lifecycle=0))
    )
    assert reverse(rows)["id"].tolist() == [2, 1]


def test_no_more_conflicts_are_listed_than_can_be_read() -> None:
    back = reverse(journal(*[operation(4, n, OLD, NEW) for n in range(1, 200)]))
    found = plan(back, held({n: marks(payments=9) for n in range(1, 200)}))
    assert len(found.conflicts) == 100
    assert found.conflicts_total == 3 * 199

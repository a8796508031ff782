"""Two months beside each other: what is read off the engine's answer, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from ui.comparison import (
    BETWEEN,
    COUNT,
    EARLIER,
    Comparison,
    added_up,
    day_of,
    direction,
    directions,
    flow_title,
    quick_choices,
    sentences,
    sorted_flows,
    stock_title,
    value_lines,
)
from unit.ui.words import LANGUAGES, months_up_to, texts_of

TEXTS = texts_of()
LIFECYCLE = ["active", "dormant", "lost", "requests", "dialogs", "contacts", "empty"]
FREQUENCY = ["regular", "first", "none"]
FLOWS = [
    ("active", "active", 10, [["RUB", 500.0]], [["RUB", 100.0]]),
    ("active", "dormant", 4, [], [["RUB", 40.0], ["USD", 7.0]]),
    ("dormant", "lost", 3, [], [["RUB", 30.0]]),
    ("requests", "lost", 1, [["RUB", 9.0]], []),
    ("lost", "active", 2, [["RUB", 60.0], ["USD", 900.0]], [["RUB", 20.0]]),
    ("dialogs", "active", 1, [["RUB", 70.0]], []),
    ("new", "active", 5, [["RUB", 300.0]], []),
    ("new", "dialogs", 6, [], []),
    ("empty", "empty", 8, [], []),
]


def facts_of(
    flows: Any = FLOWS, state: str = "lifecycle", before: str = "2023-03", after: str = "2024-03"
) -> dict[str, Any]:
    """What the engine answers."""
    codes = LIFECYCLE if state == "lifecycle" else FREQUENCY
    told = [
        dict(zip(("from", "to", "count", "between", "earlier"), flow, strict=True))
        for flow in flows
    ]
    return {
        "state": state,
        "before": before,
        "after": after,
        "months": months_up_to("2024-03", 40),
        "as_of": "2024-03-17T05:07:00+03:00",
        "codes": codes,
        "flows": told,
        "stocks": {
            "before": {c: sum(f["count"] for f in told if f["from"] == c) for c in codes},
            "after": {c: sum(f["count"] for f in told if f["to"] == c) for c in codes},
        },
        "new": sum(f["count"] for f in told if f["from"] == "new"),
        "gone": 0,
    }


def comparison(*arguments: Any, **named: Any) -> Comparison:
    return Comparison(facts_of(*arguments, **named))


def test_stocks_and_moves_are_counted() -> None:
    told = comparison()
    assert (told.stock("before", "active"), told.stock("after", "active")) == (14, 18)
    assert (told.total("before"), told.total("after")) == (29, 40)
    assert told.moved(None, ["active"]) == 8
    assert told.moved(["active"], None) == 4
    assert told.moved(["new"], None) == 11
    for code in LIFECYCLE:
        came, left = told.moved(None, [code]), told.moved([code], None)
        assert told.stock("before", code) + came - left == told.stock("after", code)


def test_what_can_be_pressed_asks_for_those_who_are_counted_there() -> None:
    told = comparison()
    assert told.segment("active", "lost") == {
        "state": "lifecycle",
        "before": "2023-03",
        "after": "2024-03",
        "from": "active",
        "to": "lost",
    }
    assert told.segment(None, "lost")["from"] is None
    assert told.stock_segment("before", "dialogs") == {
        "mode": "5",
        "code": "dialogs",
        "month": "2023-03",
    }
    assert told.stock_segment("after", None) == {"mode": "2", "code": "all", "month": None}
    by_frequency = comparison([], state="frequency")
    assert by_frequency.stock_segment("before", "first")["mode"] == "4"


@pytest.mark.parametrize(
    ("one", "other", "way"),
    [
        ("active", "active", "stayed"),
        ("active", "dormant", "worse"),
        ("dormant", "lost", "worse"),
        ("requests", "lost", "worse"),
        ("lost", "dormant", "better"),
        ("dialogs", "active", "better"),
        ("contacts", "requests", "better"),
        ("new", "empty", "came"),
        ("new", "lost", "came"),
    ],
)
def test_a_move_is_for_the_better_or_the_worse(one: str, other: str, way: str) -> None:
    assert direction(comparison(), {"from": one, "to": other}) == way


def test_the_legend_has_the_ways_that_there_are() -> None:
    assert directions(comparison()) == ["better", "worse", "came", "stayed"]
    assert directions(comparison(FLOWS[:1])) == ["stayed"]


def test_flows_are_sorted_by_size_and_those_who_stayed_are_last() -> None:
    pairs = [(flow["from"], flow["count"]) for flow in sorted_flows(comparison(), COUNT)]
    assert pairs[:3] == [("new", 6), ("new", 5), ("active", 4)]
    assert pairs[-2:] == [("active", 10), ("empty", 8)]
    paid = [flow["from"] for flow in sorted_flows(comparison(), BETWEEN)]
    assert paid == ["lost", "new", "dialogs", "requests", "active"]


def test_sums_are_added_up_by_currency() -> None:
    told = comparison()
    assert added_up(told.flows, BETWEEN) == [["RUB", 939.0], ["USD", 900.0]]
    assert added_up([], BETWEEN) == []
    flow = told.flow("active", "dormant")
    assert flow is not None
    assert value_lines(flow, EARLIER, TEXTS) == ["40\u00a0₽", "7\u00a0$"]
    assert value_lines(flow, BETWEEN, TEXTS) == []
    assert value_lines(flow, COUNT, TEXTS) == ["4"]
    assert told.flow("active", "lost") is None


def test_months_people_ask_for_are_offered_where_there_are_so_many() -> None:
    assert quick_choices(months_up_to("2024-03", 40)) == [
        ("month", "2024-02", "2024-03"),
        ("quarter", "2023-12", "2024-03"),
        ("year", "2023-03", "2024-03"),
        ("2023", "2022-12", "2023-12"),
        ("2022", "2021-12", "2022-12"),
    ]
    assert quick_choices(["2024-03"]) == []
    assert quick_choices(months_up_to("2024-03", 4)) == [
        ("month", "2024-02", "2024-03"),
        ("quarter", "2023-12", "2024-03"),
    ]
    codes = [code for code, _, _ in quick_choices(months_up_to("2023-12", 30))]
    assert codes == ["month", "quarter", "year", "2022"]


def test_the_last_month_is_told_by_the_day_of_the_refresh() -> None:
    told = comparison()
    assert day_of(told, "2024-03", TEXTS) == "17 март 2024"
    assert day_of(told, "2024-02", TEXTS) == "29 февраль 2024"


def test_every_list_has_a_name() -> None:
    told = comparison()
    days = "31 март 2023 — 17 март 2024"
    assert flow_title(told, "active", "lost", TEXTS) == f"Активные → Потерянные, {days}"
    assert flow_title(told, "new", "lost", TEXTS) == f"Новые в базе → Потерянные, {days}"
    assert flow_title(told, "lost", "lost", TEXTS) == f"Остались в сегменте «Потерянные», {days}"
    assert flow_title(told, None, "lost", TEXTS) == f"Пришли в сегмент «Потерянные», {days}"
    assert flow_title(told, "lost", None, TEXTS) == f"Ушли из сегмента «Потерянные», {days}"
    assert flow_title(told, "new", None, TEXTS) == f"Новые в базе, {days}"
    assert stock_title(told, "before", "empty", TEXTS) == "Без контактов, 31 март 2023"
    assert stock_title(told, "after", None, TEXTS) == "Всего клиентов, 17 март 2024"


def test_sentences_say_who_was_lost_came_back_and_paid() -> None:
    assert sentences(comparison(), TEXTS) == [
        "Клиентов было 29, стало 40 (+11): в базе появилось 11 новых.",
        "В потерянные ушли 4 клиента. До этого они заплатили 30\u00a0₽. "
        "Вернулись из потерянных 2 клиента. Они принесли 900\u00a0$ + 60\u00a0₽.",
        "Из активных уснули 4 клиента. Из спящих никто снова не заплатил.",
        "Впервые заплатили 7 клиентов. Всего за это время — 379\u00a0₽.",
    ]


def test_sentences_of_the_frequency_say_who_became_regular() -> None:
    flows = [
        ("regular", "regular", 3, [], []),
        ("first", "regular", 1, [["RUB", 5.0]], []),
        ("none", "first", 2, [["RUB", 4.0]], []),
        ("none", "none", 4, [], []),
    ]
    assert sentences(comparison(flows, state="frequency"), TEXTS) == [
        "Клиентов было 10, стало 10: новых в базе не появилось.",
        "Постоянным стал 1 клиент: у него больше одной оплаты. За это время они заплатили "
        "5\u00a0₽. Теперь постоянные — 40.0 % базы.",
        "Впервые заплатили 2 клиента. Всего за это время — 4\u00a0₽.",
    ]


def test_one_month_is_told_as_a_state() -> None:
    told = comparison(before="2024-02", after="2024-02")
    assert told.is_of_one_month
    assert sentences(told, TEXTS) == ["29 февраль 2024 в базе было 40 клиентов."]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["lifecycle", "frequency"])
def test_a_base_without_clients_or_money_is_told_in_whole_sentences(
    language: str, state: str
) -> None:
    for line in sentences(comparison([], state=state), texts_of(language)):
        assert "{" not in line
        assert "NaN" not in line

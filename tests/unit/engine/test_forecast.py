"""How long writing takes: three budgets of 480 s in 600 s less a margin, companies and contacts."""

from __future__ import annotations

import pytest

from crm.limits import OperatingBudget
from engine.forecast import forecast_s

THIRDS = {"crm.company.update": 0.3, "crm.contact.update": 0.3, "crm.item.update": 0.3}
ALLOWED_S = OperatingBudget().allowed_s


def test_nothing_to_write_takes_no_time() -> None:
    assert forecast_s(0, 0, THIRDS) == 0


def test_companies_alone_are_shared_by_two_methods() -> None:
    assert forecast_s(100, 0, THIRDS) == pytest.approx(15, abs=1)


def test_companies_and_contacts_are_shared_by_three_methods() -> None:
    assert forecast_s(100, 100, THIRDS) == pytest.approx(20, abs=1)


def test_the_third_method_is_of_no_use_where_it_is_dear() -> None:
    dear = {**THIRDS, "crm.item.update": 300.0}
    assert forecast_s(100, 100, dear) == pytest.approx(30, abs=1)


def test_a_used_up_budget_waits_for_the_next_window() -> None:
    in_a_window = 3 * ALLOWED_S / 0.3
    assert forecast_s(int(in_a_window), 0, THIRDS) > 600
    half = int(in_a_window / 2)
    assert forecast_s(half, half, THIRDS) == pytest.approx(ALLOWED_S, abs=1)
    assert forecast_s(half + 60, half + 60, THIRDS) == pytest.approx(612, abs=1)


def test_85_000_clients_take_hours_and_not_days() -> None:
    hours = forecast_s(50_000, 35_000, THIRDS) / 3600
    assert hours == pytest.approx(85_000 * 0.3 / 3 / ALLOWED_S * 600 / 3600, rel=0.03)


def test_what_was_measured_counts_and_the_rest_is_assumed() -> None:
    assert forecast_s(100, 0, {"crm.company.update": 0.01}) == pytest.approx(1, abs=0.6)
    assert forecast_s(100, 100, {}) == pytest.approx(28.6, abs=1)

"""How long writing marks takes at least: updates shared among the portal's three time budgets."""

from __future__ import annotations

from collections.abc import Mapping

from crm.limits import OperatingBudget
from crm.mark_definitions import COMPANY, CONTACT
from crm.mark_outlook import outlook, seconds_for
from crm.mark_queue import ITEM_METHOD, OWN_METHODS

ASSUMED_S = {OWN_METHODS[COMPANY]: 0.4, OWN_METHODS[CONTACT]: 0.4, ITEM_METHOD: 0.5}
"""Seconds per update before the portal has been seen to make one."""


def forecast_s(companies: int, contacts: int, seconds_per_update: Mapping[str, float]) -> float:
    """Seconds that so many updates take when three methods work side by side, their budgets unused.

    ``seconds_per_update`` holds what has been measured per method; ``ASSUMED_S`` fills the gaps.
    """
    cost_s = {**ASSUMED_S, **seconds_per_update}
    budget = OperatingBudget()
    lanes = {method: outlook(budget, method, cost_s[method], 0.0) for method in ASSUMED_S}
    return seconds_for({COMPANY: companies, CONTACT: contacts}, lanes)

"""The limits of the lifecycle that are in force (spec §3.3): a setting of the portal, so that all
browsers count alike; every run keeps those that it was made with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm import app_options
from crm.client import Portal
from crm.errors import AccessDenied, MethodMissing, PlanRefused, RequestRefused, ScopeMissing
from segmentation.types import Limits
from storage.records import Run

OPTION = "lifecycle_limits"
"""Name of the app's option: JSON text of :func:`told`."""
UNREADABLE = {"code": "limits_unreadable"}
"""Note: what the portal keeps is no limits, those without settings hold."""
_REFUSALS = (AccessDenied, MethodMissing, PlanRefused, RequestRefused, ScopeMissing)


@dataclass(frozen=True)
class InForce:
    """Limits, and what is to be noted beside the charts."""

    limits: Limits
    notes: tuple[dict[str, Any], ...] = ()


async def in_force(portal: Portal, run: Run) -> InForce:
    """The limits that the portal keeps; where it does not tell, those of the run.

    Raises a PortalError when the portal cannot be asked.
    """
    try:
        value = await app_options.load(portal, OPTION)
    except _REFUSALS:
        return InForce(limits_of(run))
    if value is None:
        return InForce(Limits())
    try:
        return InForce(read(json.loads(value)))
    except (ValueError, TypeError, RecursionError):
        return InForce(Limits(), (UNREADABLE,))


async def set_in_force(portal: Portal, limits: Limits) -> None:
    """Make these the portal's setting. Raises a PortalError."""
    await app_options.save(portal, OPTION, json.dumps(told(limits)))


def limits_of(run: Run) -> Limits:
    """The limits that a run was made with."""
    try:
        return Limits(*run.limits)
    except (ValueError, TypeError):
        return Limits()


def with_limits(limits: Limits) -> tuple[int, int]:
    """The form in which a run keeps limits."""
    return limits.active_months, limits.dormant_months


def told(limits: Limits) -> dict[str, int]:
    """Limits as messages and the view have them."""
    return {"active_months": limits.active_months, "dormant_months": limits.dormant_months}


def read(facts: Mapping[str, Any]) -> Limits:
    """What :func:`told` gave. Raises ValueError or TypeError when it is something else."""
    if not isinstance(facts, Mapping) or not facts.keys() >= told(Limits()).keys():
        raise ValueError("these are no limits")
    return Limits(facts["active_months"], facts["dormant_months"])

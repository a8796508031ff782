"""What a portal lacks: scopes that the app was not permitted, features that its version has not."""

from __future__ import annotations

import re
from typing import Final

from portal.state import SCOPES

# Methods whose first part is the name of a scope and that need none all the same.
_FREE: Final = {"user.admin", "user.option.get", "user.option.set"}
_METHODS_OF_FEATURES: Final = {
    "offline-events": re.compile(r"event\.offline\..*"),
    "userfields": re.compile(r"crm\.(\w+\.)?userfield\..*"),
}


def scope_of(method: str) -> str:
    """The scope that a method needs; ``""`` for none."""
    first = method.partition(".")[0]
    return first if first in SCOPES and method not in _FREE else ""


def is_missing(method: str, without: frozenset[str]) -> bool:
    """Whether the method belongs to a feature that the portal lacks."""
    return any(
        pattern.fullmatch(method)
        for feature, pattern in _METHODS_OF_FEATURES.items()
        if feature in without
    )

"""The dispatch table: every method by its name in lower case. A new theme is one module and one
line here.
"""

from __future__ import annotations

from typing import Final

from portal.methods import (
    application,
    changing,
    events,
    items,
    layouts,
    links,
    listing,
    merging,
    people,
    placements,
    storages,
    userfields,
)
from portal.methods.availability import is_missing, scope_of
from portal.methods.call import Answer, Call, Method
from portal.parameters import php_text


def method_of(name: str, without: frozenset[str]) -> Method | None:
    """The method of this name, unless it belongs to a feature that the portal lacks."""
    return None if is_missing(name, without) else METHODS.get(name)


def _all_names(call: Call) -> Answer:
    known = (name for name in METHODS if method_of(name, call.state.options.without))
    return Answer(["batch", *(name for name in known if _is_permitted(call, name))])


def _exists(call: Call) -> Answer:
    name = php_text(call.parameters.get("name")).lower()
    is_known = name == "batch" or method_of(name, call.state.options.without) is not None
    return Answer({"isExisting": is_known, "isAvailable": is_known and _is_permitted(call, name)})


def _is_permitted(call: Call, name: str) -> bool:
    return scope_of(name) in ("", *call.state.scopes)


METHODS: Final[dict[str, Method]] = {
    **listing.METHODS,
    **changing.METHODS,
    **items.METHODS,
    **userfields.METHODS,
    **layouts.METHODS,
    **merging.METHODS,
    **links.METHODS,
    **people.METHODS,
    **application.METHODS,
    **storages.METHODS,
    **placements.METHODS,
    **events.METHODS,
    "methods": Method(_all_names),
    "method.get": Method(_exists),
}

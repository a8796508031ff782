"""The dispatch table: every method by its name in lower case. A new theme is one module and one
line here.
"""

from __future__ import annotations

from typing import Final

from portal.methods import application, changing, items, listing, people
from portal.methods.call import Answer, Call, Method
from portal.parameters import php_text


def _all_names(call: Call) -> Answer:
    return Answer(["batch", *METHODS])


def _exists(call: Call) -> Answer:
    name = php_text(call.parameters.get("name")).lower()
    is_known = name == "batch" or name in METHODS
    return Answer({"isExisting": is_known, "isAvailable": is_known})


METHODS: Final[dict[str, Method]] = {
    **listing.METHODS,
    **changing.METHODS,
    **items.METHODS,
    **people.METHODS,
    **application.METHODS,
    "methods": Method(_all_names),
    "method.get": Method(_exists),
}

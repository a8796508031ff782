"""Which companies and contacts were written, told by the portal's list of requests."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import parse_qs

OWN_METHODS = {"crm.company.update": 4, "crm.contact.update": 3}
ITEM_METHOD = "crm.item.update"


def updates(requests: list[dict[str, Any]]) -> Counter[tuple[int, int]]:
    """How often each company (4) and contact (3) was updated, by entity type and id."""
    found: Counter[tuple[int, int]] = Counter()
    for request in requests:
        for command in request["commands"]:
            method, values = command["method"], parse_qs(command["query"])
            if method in OWN_METHODS or method == ITEM_METHOD:
                entity = OWN_METHODS.get(method) or int(values["entityTypeId"][0])
                found[entity, int(values["id"][0])] += 1
    return found

"""The marks in the cards of companies and contacts: a section of their own in the common layout.

Only on request: a layout belongs to the people of the portal. One that was never changed is none
(null), and is left alone: writing it would freeze what the portal shows by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.answer import objects
from crm.client import Portal
from crm.mark_definitions import DEFINITIONS, ENTITIES

SECTION = "clb_marks"
_TITLES = {"ru": "Клиенты", "en": "Clients"}
_GET, _SET = "crm.item.details.configuration.get", "crm.item.details.configuration.set"

Section = dict[str, Any]


async def show_in_card(portal: Portal, language: str) -> dict[str, str]:
    """Append the section with those marks that no section shows yet, per table: ``shown``,
    ``already`` when there was nothing to append, ``no_layout``.

    Everything else of a layout stays as it is. Raises a PortalError, AccessDenied for one.
    """
    return {table: await _show(portal, entity, language) for table, entity in ENTITIES.items()}


async def hide_in_card(portal: Portal) -> None:
    """Take the section away again, and marks out of other sections."""
    names = {definition.name for definition in DEFINITIONS.values()}
    for entity in ENTITIES.values():
        layout = await _layout(portal, entity)
        if layout is None:
            continue
        kept = [
            {**section, "elements": [e for e in _elements(section) if e.get("name") not in names]}
            for section in layout
            if section.get("name") != SECTION
        ]
        if sum(map(len, map(_elements, kept))) < sum(map(len, map(_elements, layout))):
            await _write(portal, entity, kept)


async def _show(portal: Portal, entity: int, language: str) -> str:
    layout = await _layout(portal, entity)
    if layout is None:
        return "no_layout"
    hidden = _hidden(layout)
    if not hidden:
        return "already"
    added = [{"name": name, "optionFlags": 0} for name in hidden]
    own = next((section for section in layout if section.get("name") == SECTION), None)
    if own is None:
        title = _TITLES.get(language, _TITLES["en"])
        own = {"name": SECTION, "title": title, "type": "section", "elements": []}
        layout.append(own)
    own["elements"] = [*_elements(own), *added]
    await _write(portal, entity, layout)
    return "shown"


async def _layout(portal: Portal, entity: int) -> list[Section] | None:
    found = await portal.call(_GET, {"entityTypeId": entity, "scope": "C"})
    sections = objects(found)
    return sections or None


async def _write(portal: Portal, entity: int, layout: list[Section]) -> None:
    data = [
        {**section, "elements": [_written(element) for element in _elements(section)]}
        for section in layout
    ]
    await portal.call(_SET, {"entityTypeId": entity, "scope": "C", "data": data})


def _written(element: Mapping[str, Any]) -> dict[str, Any]:
    """An element as the portal takes it: no options are none, not an empty text."""
    return {name: value for name, value in element.items() if value not in ([], {}, None)}


def _hidden(layout: list[Section]) -> list[str]:
    """Names of the marks' fields that no section shows."""
    shown = {element.get("name") for section in layout for element in _elements(section)}
    return [definition.name for definition in DEFINITIONS.values() if definition.name not in shown]


def _elements(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    return objects(section.get("elements"))

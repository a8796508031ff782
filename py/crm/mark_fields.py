"""The fields of marks in a portal: what it has of them, making and mending them, taking them away.

Fields are known by their names, options by their XML_ID: ids and labels differ from portal to
portal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from crm import mark_card
from crm.answer import Result, objects
from crm.client import Portal
from crm.convert import whole_number
from crm.errors import (
    TRANSIENT,
    AccessDenied,
    MethodMissing,
    OperationLimit,
    PlanRefused,
    PortalError,
    ScopeMissing,
)
from crm.mark_definitions import COMPANY, DEFINITIONS, ENTITIES, MARKS, METHODS
from crm.mark_repair import field_to_add, field_to_mend, options_of
from crm.query import Command

TRIES = 2
"""A field that is not as it should be after so many changes is left as it is."""
CHANGES_AT_ONCE = 8
"""Fields changed by one request: each changes a table of the portal's database."""


@dataclass(frozen=True)
class EntityMarks:
    """What companies or contacts have: ids of the user fields by mark, and of the options by mark
    and XML_ID. A mark that is missing here is missing there; a field that was made again has
    another id.
    """

    ids: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every mark can be written."""
        return all(self.has(mark) for mark in MARKS)

    def has(self, mark: str) -> bool:
        """Whether the mark's field is there with all its options."""
        wanted = DEFINITIONS[mark].options.keys()
        return mark in self.ids and wanted <= self.options.get(mark, {}).keys()

    def to_json(self) -> dict[str, Any]:
        """As plain dictionaries."""
        return {
            "ids": dict(self.ids),
            "options": {mark: dict(ids) for mark, ids in self.options.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> EntityMarks:
        """What ``to_json`` gave."""
        return cls(dict(value["ids"]), {mark: dict(ids) for mark, ids in value["options"].items()})


@dataclass(frozen=True)
class MarkFields:
    """What the portal has, of both tables."""

    companies: EntityMarks = EntityMarks()
    contacts: EntityMarks = EntityMarks()

    @property
    def complete(self) -> bool:
        """Whether every mark of both can be written."""
        return self.companies.complete and self.contacts.complete

    def has(self, table: str, mark: str) -> bool:
        """Whether a mark of a table can be written."""
        return (self.companies if table == "companies" else self.contacts).has(mark)

    def of(self, entity: int) -> EntityMarks:
        """Those of the entity type 4 (company) or 3 (contact)."""
        return self.companies if entity == COMPANY else self.contacts

    def to_json(self) -> dict[str, Any]:
        """As plain dictionaries."""
        return {"companies": self.companies.to_json(), "contacts": self.contacts.to_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> MarkFields:
        """What ``to_json`` gave."""
        return cls(*(EntityMarks.from_json(value[table]) for table in ENTITIES))


FieldRows = dict[tuple[str, str], dict[str, Any]]
"""Fields that bear a mark's name, as the portal lists them, by table and mark."""


def commands_to_look() -> list[Command]:
    """Commands that ask for the sixteen fields, for ``read_look`` to read their results.

    Each by its name: a portal may have hundreds of fields, with options of their own.
    """
    return [
        Command.of(f"{METHODS[table]}.userfield.list", {"filter": {"FIELD_NAME": definition.name}})
        for table in ENTITIES
        for definition in DEFINITIONS.values()
    ]


def read_look(results: Sequence[Result]) -> MarkFields:
    """What the portal has, from the results of ``commands_to_look`` in their order.

    A field of the right name and of another type counts as missing. Raises a PortalError when the
    portal does not tell.
    """
    return fields_of(field_rows(results))


async def look(portal: Portal) -> MarkFields:
    """What the portal has; one request. Raises a PortalError."""
    return read_look(await portal.batch(commands_to_look()))


def field_rows(results: Sequence[Result]) -> FieldRows:
    """The rows of the fields that there are, whatever type they are of."""
    places = [(table, mark) for table in ENTITIES for mark in MARKS]
    rows: FieldRows = {}
    for (table, mark), result in zip(places, results, strict=True):
        name = DEFINITIONS[mark].name
        for row in objects(result.get()):
            if row.get("FIELD_NAME") == name:
                rows[table, mark] = row
    return rows


def fields_of(rows: FieldRows) -> MarkFields:
    """The fields among ``rows`` that can hold their marks."""
    ids: dict[str, dict[str, int]] = {table: {} for table in ENTITIES}
    options: dict[str, dict[str, dict[str, int]]] = {table: {} for table in ENTITIES}
    for (table, mark), row in rows.items():
        definition = DEFINITIONS[mark]
        if not definition.fits(row):
            continue
        ids[table][mark] = whole_number(row.get("ID"))
        if definition.options:
            options[table][mark] = {
                str(option["XML_ID"]): whole_number(option.get("ID"))
                for option in options_of(row)
                if option.get("XML_ID") in definition.options
            }
    return MarkFields(*(EntityMarks(ids[table], options[table]) for table in ENTITIES))


class MarksRefused(PortalError):
    """The portal does not let the fields be made, changed or deleted.

    ``params``: ``reason`` (``no_right``, ``plan``, ``scope``, ``field_of_other_type`` or
    ``portal_refused``), ``words`` (the portal's own), ``table``, ``mark``, and ``field``, its name.
    """

    code = "marks_refused"

    @property
    def reason(self) -> str:
        """Why, in short."""
        return str(self.params["reason"])

    @property
    def words(self) -> str:
        """What the portal says; empty when it said nothing."""
        return str(self.params["words"])


_REASONS: dict[type[PortalError], str] = {
    AccessDenied: "no_right",
    PlanRefused: "plan",
    ScopeMissing: "scope",
}


@dataclass(frozen=True)
class Ensured:
    """All fields there; ``steps`` tell of each what was done: ``{"table": "companies", "mark":
    "type", "action": "created" | "repaired" | "kept"}``.
    """

    fields: MarkFields
    steps: list[dict[str, str]]


Place = tuple[str, str]
Change = tuple[Place, str, Command]
"""Where, what it is called in the steps, and the command that does it."""


async def ensure(portal: Portal, language: str) -> Ensured:
    """Make the fields that are missing and mend those that somebody has changed: an option that is
    gone or has another XML_ID, EDIT_IN_LIST, SHOW_FILTER, the sign. Labels are left to the portal.

    ``language`` (``ru`` or another) is the one of new options. May be cut short and started again
    at any moment. Raises MarksRefused, or another PortalError when the portal cannot be reached.
    """

    def plan(rows: FieldRows) -> list[Change]:
        _refuse_foreign(rows)
        changes = []
        for table, mark in _places():
            definition, row = DEFINITIONS[mark], rows.get((table, mark))
            if row is None:
                params: dict[str, Any] = {"fields": field_to_add(definition, language)}
                command = Command.of(f"{METHODS[table]}.userfield.add", params)
                changes.append(((table, mark), "created", command))
            elif wrong := field_to_mend(definition, row, language):
                params = {"id": row["ID"], "fields": wrong}
                command = Command.of(f"{METHODS[table]}.userfield.update", params)
                changes.append(((table, mark), "repaired", command))
        return changes

    rows, actions = await _carry_out(portal, plan)
    fields = fields_of(rows)
    for table, mark in _places():
        if not fields.has(table, mark):
            raise _refused((table, mark), "portal_refused", "")
    return Ensured(fields, _steps({place: actions.get(place, "kept") for place in _places()}))


async def remove(portal: Portal) -> list[dict[str, str]]:
    """Delete the fields with all their values, and the section of the cards that shows them.

    A field of another type that bears a name of ours is nobody's but its maker's. Steps as in
    ``Ensured`` with the action ``removed``. Raises MarksRefused.
    """

    def plan(rows: FieldRows) -> list[Change]:
        return [
            (
                (table, mark),
                "removed",
                Command.of(f"{METHODS[table]}.userfield.delete", {"id": row["ID"]}),
            )
            for (table, mark), row in rows.items()
            if DEFINITIONS[mark].fits(row)
        ]

    _, actions = await _carry_out(portal, plan)
    with suppress(MethodMissing):
        await mark_card.hide_in_card(portal)
    return _steps(actions)


async def _carry_out(
    portal: Portal, plan: Callable[[FieldRows], list[Change]]
) -> tuple[FieldRows, dict[Place, str]]:
    """Look, change what the plan says of what is there, look again, until nothing is left to do.

    So an answer that got lost does not make anything twice. Raises MarksRefused for a change that
    the portal refused, if the next look still finds it necessary.
    """
    actions: dict[Place, str] = {}
    refusals: dict[Place, PortalError] = {}
    tries: Counter[Place] = Counter()
    in_vain = 0
    while True:
        rows = await _look(portal)
        changes = plan(rows)
        for place, _, _ in changes:
            if place in refusals:
                error = refusals[place]
                reason = _REASONS.get(type(error), "portal_refused")
                raise _refused(place, reason, str(error.params.get("words", ""))) from error
        changes = [change for change in changes if tries[change[0]] < TRIES][:CHANGES_AT_ONCE]
        if not changes:
            return rows, actions
        try:
            results = await portal.send_once([command for _, _, command in changes])
        except (OperationLimit, *TRANSIENT) as error:
            results = [Result(error=error)] * len(changes)
        doubt = None
        for (place, action, _), result in zip(changes, results, strict=True):
            actions.setdefault(place, action)
            if result.error is None:
                tries[place] += 1
            elif isinstance(result.error, (OperationLimit, *TRANSIENT)):
                doubt = result.error
            else:
                refusals[place] = result.error
                actions.pop(place)
        in_vain = in_vain + 1 if doubt else 0
        if doubt:
            await _wait(portal, doubt, in_vain)


async def _wait(portal: Portal, error: PortalError, attempt: int) -> None:
    wait_s = portal.repeat_in_s(error, attempt)
    if wait_s is None:
        raise error
    await portal.clock.sleep(wait_s)


async def _look(portal: Portal) -> FieldRows:
    try:
        return field_rows(await portal.batch(commands_to_look()))
    except AccessDenied as error:
        place = next(iter(_places()))
        raise _refused(place, "no_right", str(error.params.get("words", ""))) from error


def _refuse_foreign(rows: FieldRows) -> None:
    for place, row in rows.items():
        if not DEFINITIONS[place[1]].fits(row):
            raise _refused(place, "field_of_other_type", "")


def _refused(place: Place, reason: str, words: str) -> MarksRefused:
    table, mark = place
    name = DEFINITIONS[mark].name
    return MarksRefused(reason=reason, words=words, table=table, mark=mark, field=name)


def _places() -> list[Place]:
    return [(table, mark) for table in ENTITIES for mark in MARKS]


def _steps(actions: Mapping[Place, str]) -> list[dict[str, str]]:
    return [
        {"table": table, "mark": mark, "action": action}
        for (table, mark), action in actions.items()
    ]

"""Adding, changing and deleting through the older methods."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from portal.entities import OLD_LISTS, Entity
from portal.errors import old_method_error
from portal.methods.call import Answer, Call, Method
from portal.pace import Work
from portal.parameters import is_array, upper_keys

CHANGEABLE: Final = ("company", "contact", "deal", "lead", "invoice", "activity", "requisite")


def _fields_of(call: Call) -> Any:
    fields = upper_keys(call.parameters).get("FIELDS")
    if not is_array(fields):
        raise old_method_error("Parameter 'fields' must be array.")
    return fields


def _known_row(entity: Entity, call: Call) -> dict[str, Any]:
    row = call.state.database.row(entity.table, call.old_id())
    if row is None:
        raise old_method_error("Not found")
    if not call.may_touch(entity.table, row["ID"]):
        raise old_method_error("Access denied.")
    return row


def _add(entity: Entity, call: Call) -> Answer:
    row_id = call.state.records.add(entity, _fields_of(call), call.caller.user_id)
    return Answer(row_id)


def _update(entity: Entity, call: Call) -> Answer:
    row = _known_row(entity, call)
    call.state.records.update(
        entity, row, _fields_of(call), call.caller.user_id, only_if_changed=False
    )
    return Answer(True)


def _delete(entity: Entity, call: Call) -> Answer:
    row = _known_row(entity, call)
    call.state.records.delete(entity, row["ID"], call.caller.user_id)
    return Answer(True)


METHODS: Final[dict[str, Method]] = {
    f"crm.{name}.{verb}": Method(partial(handler, OLD_LISTS[name]), Work.WRITE)
    for name in CHANGEABLE
    for verb, handler in (("add", _add), ("update", _update), ("delete", _delete))
}

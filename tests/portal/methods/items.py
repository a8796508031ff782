"""crm.item.*: leads, deals, contacts, companies and smart invoices in camel case (reference §3.3,
§4.1).
"""

from __future__ import annotations

from typing import Any, Final

from portal.entities import ITEM_LISTS, Entity
from portal.errors import RestError
from portal.methods.call import Answer, Call, Method, page_answer
from portal.pace import Work
from portal.parameters import is_array, php_int, php_text


def _entity(call: Call) -> Entity:
    entity_type = php_int(call.required("entityTypeId"))
    if entity_type not in ITEM_LISTS:
        raise RestError(
            400, "ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {entity_type} is not supported"
        )
    return ITEM_LISTS[entity_type]


def _keeps_user_names(call: Call) -> bool:
    return php_text(call.parameters.get("useOriginalUfNames")) == "Y"


def _list(call: Call) -> Answer:
    entity = _entity(call)
    page = call.lists.page(
        entity,
        call.caller.rights,
        filter=call.parameters.get("filter"),
        select=call.parameters.get("select"),
        order=call.parameters.get("order"),
        start=call.start,
        original_user_names=_keeps_user_names(call),
    )
    return page_answer(page, {"items": page.rows})


def _get(call: Call) -> Answer:
    entity = _entity(call)
    _known_row(call, entity)
    return _item(call, entity, call.required_id())


def _add(call: Call) -> Answer:
    entity = _entity(call)
    row_id = call.state.records.add(
        entity, _fields_of(call), call.caller.user_id, original_names=_keeps_user_names(call)
    )
    return _item(call, entity, row_id)


def _update(call: Call) -> Answer:
    entity = _entity(call)
    row = _known_row(call, entity)
    call.state.records.update(
        entity,
        row,
        _fields_of(call),
        call.caller.user_id,
        only_if_changed=True,
        original_names=_keeps_user_names(call),
    )
    return _item(call, entity, call.required_id())


def _delete(call: Call) -> Answer:
    entity = _entity(call)
    _known_row(call, entity)
    call.state.records.delete(entity, call.required_id(), call.caller.user_id)
    return Answer([])


def _fields_of(call: Call) -> Any:
    fields = call.required("fields")
    if not is_array(fields):
        raise RestError(
            400,
            "100",
            "Invalid value {fields} to match with parameter {fields}. Should be array.",
            "fields",
        )
    return fields


def _known_row(call: Call, entity: Entity) -> dict[str, Any]:
    row = call.state.database.row(entity.table, call.required_id())
    if row is None:
        raise RestError(400, "NOT_FOUND", "Element not found")
    if not call.caller.rights.may_touch(entity.table, row):
        raise RestError(400, "ACCESS_DENIED", "Access denied")
    return row


def _item(call: Call, entity: Entity, row_id: int) -> Answer:
    item = call.lists.one(entity, row_id, original_user_names=_keeps_user_names(call))
    return Answer({"item": item}, rows=1)


def _described(call: Call) -> Answer:
    user_fields = call.state.user_fields
    entity = user_fields.entity(_entity(call), original_names=_keeps_user_names(call))
    defined = user_fields.of(entity.table)
    types = {
        "id": "integer",
        "optional_id": "integer",
        "moment": "datetime",
        "flag": "boolean",
        "money": "double",
    }
    fields = {
        field.name: {
            "type": defined[field.original].type
            if field.original
            else types.get(field.kind, "string"),
            "isRequired": False,
            "isReadOnly": field.name in ("id", "createdTime", "updatedTime", "movedTime"),
            "isImmutable": False,
            "isMultiple": field.is_multiple or field.kind in ("ids", "fm"),
            "isDynamic": bool(field.original),
            "title": field.name,
            "upperName": field.original or field.column or field.name,
        }
        for field in entity.fields.values()
    }
    return Answer({"fields": fields})


METHODS: Final[dict[str, Method]] = {
    "crm.item.list": Method(_list, Work.PAGE),
    "crm.item.get": Method(_get),
    "crm.item.add": Method(_add, Work.WRITE),
    "crm.item.update": Method(_update, Work.WRITE),
    "crm.item.delete": Method(_delete, Work.WRITE),
    "crm.item.fields": Method(_described),
}

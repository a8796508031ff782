"""``crm.entity.mergeBatch`` (reference §4)."""

from __future__ import annotations

from typing import Any, Final

from portal.entities import ITEM_LISTS, id_column
from portal.errors import RestError
from portal.merging import conflicts, merge
from portal.methods.call import Answer, Call, Method
from portal.pace import Work
from portal.parameters import members, php_int, upper_keys


def _merge_batch(call: Call) -> Answer:
    """``STATUS`` SUCCESS with the deleted ids, or CONFLICT with nothing done."""
    given = upper_keys(call.parameters.get("params"))
    entity_type = php_int(given.get("ENTITYTYPEID"))
    if not entity_type:
        raise _wrong("The parameter entityTypeId is required.")
    if entity_type not in ITEM_LISTS:
        raise _wrong(f"Entity type {entity_type} is not supported")
    entity = ITEM_LISTS[entity_type]
    ids = list(dict.fromkeys(php_int(each) for each in members(given.get("ENTITYIDS"))))
    ids = [each for each in ids if each > 0]
    if not ids:
        raise _wrong("The parameter entityIds does not contains valid elements.")
    if len(ids) < 2:
        raise _wrong("The parameter entityIds must contains at least two elements.")
    rows = [_row(call, entity.table, each) for each in ids]
    if conflicts(rows):
        return Answer({"STATUS": "CONFLICT", "ENTITY_IDS": []})
    merge(call.state.database, call.state.records, entity, rows, call.caller.user_id)
    return Answer({"STATUS": "SUCCESS", "ENTITY_IDS": [row[id_column(entity)] for row in rows[1:]]})


def _row(call: Call, table: str, row_id: int) -> dict[str, Any]:
    row = call.state.database.row(table, row_id)
    if row is None:
        raise _wrong("Owner was not found")
    if not call.caller.rights.may_touch(table, row):
        raise RestError(403, "0", "Access denied")
    return row


def _wrong(description: str) -> RestError:
    return RestError(400, "0", description)


METHODS: Final[dict[str, Method]] = {"crm.entity.mergebatch": Method(_merge_batch, Work.WRITE)}

"""The older lists, their ``get`` twins, directories and links."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from portal.entities import ENTITY_TABLES, OLD_LISTS, Entity
from portal.errors import RestError, old_method_error
from portal.methods.call import Answer, Call, Method, page_answer
from portal.pace import Work
from portal.parameters import php_int, upper_keys
from portal.rights import Rights


def _list(entity: Entity, call: Call) -> Answer:
    wanted = upper_keys(call.parameters)
    page = call.lists.page(
        entity,
        call.caller.rights,
        filter=wanted.get("FILTER"),
        select=wanted.get("SELECT"),
        order=wanted.get("ORDER"),
        start=call.start,
    )
    return page_answer(page, page.rows)


def _get(entity: Entity, call: Call) -> Answer:
    row_id = call.old_id()
    row = call.state.database.row(entity.table, row_id)
    if row is None:
        raise old_method_error("Not found")
    if not call.may_touch(entity.table, row_id):
        raise old_method_error("Access denied.")
    return Answer(call.lists.one(entity, row_id), rows=1)


def _statuses(call: Call) -> Answer:
    """All rows at once, as the platform gives directories."""
    entity = OLD_LISTS["status"]
    wanted = upper_keys(call.parameters)
    rows: list[dict[str, Any]] = []
    start: int | None = 0
    total = 0
    while start is not None:
        page = call.lists.page(
            entity,
            Rights(None),
            filter=wanted.get("FILTER"),
            select=None,
            order=wanted.get("ORDER"),
            start=start,
        )
        rows += page.rows
        total, start = page.total or 0, page.next
    for row in rows:
        row["NAME_INIT"] = row["NAME"]
        row["SYSTEM"] = "N"
        row["EXTRA"] = {"SEMANTICS": _semantics_word(row["SEMANTICS"]), "COLOR": row["COLOR"]}
    return Answer(rows, total=total, rows=len(rows))


def _semantics_word(semantics: str | None) -> str:
    return {"S": "success", "F": "failure"}.get(semantics or "", "process")


def _categories(call: Call) -> Answer:
    entity_type = php_int(call.required("entityTypeId"))
    if entity_type not in ENTITY_TABLES:
        raise RestError(
            400, "ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {entity_type} is not supported"
        )
    rows = call.state.database.rows("categories", "entityTypeId = ?", (entity_type,))
    for row in rows:
        if row["id"]:
            row.update(originId="", originatorId="")
    return Answer({"categories": rows}, total=len(rows), rows=len(rows))


def _companies_of_contact(call: Call) -> Answer:
    return _links(call, "contacts", "contact", "company", "COMPANY_ID")


def _contacts_of_company(call: Call) -> Answer:
    return _links(call, "companies", "company", "contact", "CONTACT_ID")


def _links(call: Call, table: str, given: str, wanted: str, name: str) -> Answer:
    row_id = call.old_id()
    if call.state.database.row(table, row_id) is None:
        raise old_method_error("Not found")
    if not call.may_touch(table, row_id):
        raise old_method_error("Access denied.")
    links = call.state.database.query(
        f"SELECT {wanted}, sort, is_primary FROM links WHERE {given} = ? ORDER BY sort, {wanted}",
        (row_id,),
    )
    rows = [
        {name: link[wanted], "SORT": link["sort"], "ROLE_ID": 0, "IS_PRIMARY": link["is_primary"]}
        for link in links
    ]
    return Answer(rows, rows=len(rows))


_TYPES: Final = {
    "id": "integer",
    "optional_id": "integer",
    "moment": "datetime",
    "flag": "char",
    "money": "double",
    "fm": "crm_multifield",
}


def _fields(entity: Entity, call: Call) -> Answer:
    entity = call.state.user_fields.entity(entity)
    defined = call.state.user_fields.of(entity.table)
    described = {
        field.name: {
            "type": defined[field.original].type
            if field.original
            else _TYPES.get(field.kind, "string"),
            "isRequired": False,
            "isReadOnly": field.name in ("ID", "DATE_CREATE", "DATE_MODIFY"),
            "isImmutable": False,
            "isMultiple": field.is_multiple or field.kind == "fm",
            "isDynamic": bool(field.original),
            "title": field.name,
        }
        for field in entity.fields.values()
    }
    return Answer(described)


def _methods() -> dict[str, Method]:
    table = {}
    for name, entity in OLD_LISTS.items():
        if name != "status":
            table[f"crm.{name}.list"] = Method(partial(_list, entity), Work.PAGE)
            table[f"crm.{name}.get"] = Method(partial(_get, entity))
            table[f"crm.{name}.fields"] = Method(partial(_fields, entity))
    return table


METHODS: Final[dict[str, Method]] = {
    **_methods(),
    "crm.status.list": Method(_statuses),
    "crm.category.list": Method(_categories),
    "crm.contact.company.items.get": Method(_companies_of_contact),
    "crm.company.contact.items.get": Method(_contacts_of_company),
}

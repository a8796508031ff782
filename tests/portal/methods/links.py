"""Binding contacts to companies and back: ``crm.contact.company.*``, ``crm.company.contact.*``.

The portal writes bindings past contact and company: their dates of change stay and nobody is told
(reference §4).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from portal.errors import RestError, old_method_error
from portal.links import companies_of, set_companies
from portal.methods.call import Answer, Call, Method
from portal.pace import Work
from portal.parameters import is_array, members, php_int, php_text, upper_keys

# Ids of a contact's companies, the primary one first.
Companies = list[int]
Edit = Callable[[Companies, int, bool], Companies | None]


def _added(companies: Companies, company: int, is_primary: bool) -> Companies | None:
    """None when it is bound already."""
    if company in companies:
        return None
    return [company, *companies] if is_primary else [*companies, company]


def _removed(companies: Companies, company: int, _: bool) -> Companies | None:
    """None when it is not bound."""
    return [each for each in companies if each != company] if company in companies else None


def _edit_contact(edit: Edit, call: Call) -> Answer:
    contact = _owner(call, "contacts")
    company, is_primary = _other(call, "COMPANY_ID")
    return Answer(_edited(call, contact, edit, company, is_primary))


def _edit_company(edit: Edit, call: Call) -> Answer:
    company = _owner(call, "companies")
    number, is_primary = _other(call, "CONTACT_ID")
    contact = call.state.database.row("contacts", number)
    if contact is None:
        return Answer(False)
    return Answer(_edited(call, contact, edit, company["ID"], is_primary))


def _edited(
    call: Call, contact: dict[str, Any], edit: Edit, company: int, is_primary: bool
) -> bool:
    edited = edit(companies_of(contact), company, is_primary)
    if edited is None or call.state.database.row("companies", company) is None:
        return False
    set_companies(call.state.database, contact["ID"], edited)
    return True


def _set(call: Call) -> Answer:
    contact = _owner(call, "contacts")
    items = upper_keys(call.parameters).get("ITEMS")
    if not is_array(items):
        raise old_method_error("The parameter items must be array.")
    given = [upper_keys(each) for each in members(items) if is_array(each)]
    given.sort(key=lambda each: php_text(each.get("IS_PRIMARY")) != "Y")
    companies = dict.fromkeys(php_int(each.get("COMPANY_ID")) for each in given)
    set_companies(call.state.database, contact["ID"], [each for each in companies if each > 0])
    return Answer(True)


def _clear(call: Call) -> Answer:
    set_companies(call.state.database, _owner(call, "contacts")["ID"], [])
    return Answer(True)


def _owner(call: Call, table: str) -> dict[str, Any]:
    row_id = php_int(upper_keys(call.parameters).get("ID"))
    if row_id <= 0:
        raise old_method_error("The parameter 'ownerEntityID' is invalid or not defined.")
    row = call.state.database.row(table, row_id)
    if row is None:
        raise old_method_error("Not found")
    if not call.caller.rights.may_touch(table, row):
        raise RestError(400, "ACCESS_DENIED", "Access denied!")
    return row


def _other(call: Call, name: str) -> tuple[int, bool]:
    fields = upper_keys(call.parameters).get("FIELDS")
    if not is_array(fields):
        raise old_method_error("The parameter 'fields' must be array.")
    given = upper_keys(fields)
    if php_int(given.get(name)) <= 0:
        raise old_method_error("The parameter 'fields' is not valid.")
    return php_int(given[name]), php_text(given.get("IS_PRIMARY")) == "Y"


METHODS: Final[dict[str, Method]] = {
    "crm.contact.company.add": Method(partial(_edit_contact, _added), Work.WRITE),
    "crm.contact.company.delete": Method(partial(_edit_contact, _removed), Work.WRITE),
    "crm.contact.company.items.set": Method(_set, Work.WRITE),
    "crm.contact.company.items.delete": Method(_clear, Work.WRITE),
    "crm.company.contact.add": Method(partial(_edit_company, _added), Work.WRITE),
    "crm.company.contact.delete": Method(partial(_edit_company, _removed), Work.WRITE),
}

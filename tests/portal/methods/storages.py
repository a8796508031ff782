"""entity.*: the app's own storages (reference §4.4). All of them need an application's context."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from portal.errors import RestError, access_denied, bad_argument, empty_argument
from portal.lists import PAGE
from portal.methods.call import Answer, Call, Method
from portal.pace import Work
from portal.parameters import entries, is_array, php_int, php_text, upper_keys
from portal.state import CLIENT_ID
from portal.storages import LEVELS, Storage, TextTooLong

_LONGEST_CODE: Final = 50 - len(f"APP_{CLIENT_ID}_")
_TYPES: Final = ("S", "N", "F")


def _upper(call: Call) -> Call:
    if not call.caller.is_app:
        raise access_denied("Application context required")
    return replace(call, parameters=upper_keys(call.parameters))


def _code(call: Call, name: str = "ENTITY") -> str:
    code = re.sub(r"[^a-zA-Z0-9_]", "", php_text(call.parameters.get(name)).strip())
    if not code:
        raise empty_argument(name)
    if len(code) > _LONGEST_CODE:
        text = f"Entity code is too long. Max length is {_LONGEST_CODE} characters."
        raise bad_argument("", text)
    return code


def _level(call: Call, storage: Storage) -> str:
    return storage.level(call.caller.user_id, is_admin=call.caller.is_admin)


def _seen(call: Call) -> Storage | None:
    """The storage, which to a person without any right does not exist."""
    storage = call.state.storages.find(_code(call))
    return storage if storage and _level(call, storage) else None


def _storage(call: Call, level: str) -> Storage:
    """The storage if the person has this level of right."""
    storage = _seen(call)
    if storage is None:
        raise RestError(400, "ERROR_ENTITY_NOT_FOUND", "Entity not found")
    if LEVELS.find(_level(call, storage)) < LEVELS.find(level):
        raise access_denied()
    return storage


def _access(call: Call) -> dict[str, str]:
    """The rights that were given, with that of the person who gives them."""
    given = {code: php_text(level) for code, level in entries(call.parameters.get("ACCESS"))}
    known = {code: level for code, level in given.items() if level in tuple(LEVELS)}
    return {**known, f"U{call.caller.user_id}": "X"}


def _add(call: Call) -> Answer:
    call = _upper(call)
    code = _code(call)
    if call.state.storages.find(code):
        raise RestError(400, "ERROR_ENTITY_ALREADY_EXISTS", "Entity already exists")
    name = php_text(call.parameters.get("NAME")).strip()
    if not name:
        raise RestError(400, "ERROR_CORE", "Information block name is not specified.")
    call.state.storages.add(code, name, _access(call))
    return Answer(True)


def _described(storage: Storage) -> dict[str, str]:
    return {
        "ID": str(storage.row_id),
        "IBLOCK_TYPE_ID": "rest_entity",
        "ENTITY": storage.code,
        "NAME": storage.name,
    }


def _get(call: Call) -> Answer:
    call = _upper(call)
    if "ENTITY" in call.parameters:
        return Answer(_described(_storage(call, "R")))
    storages = call.state.storages.all()
    return Answer([_described(each) for each in storages if _level(call, each)])


def _update(call: Call) -> Answer:
    call = _upper(call)
    storage = _storage(call, "X")
    changes: dict[str, Any] = {}
    if "NAME" in call.parameters:
        changes["NAME"] = php_text(call.parameters["NAME"]).strip()
    if "ENTITY_NEW" in call.parameters and (code := _code(call, "ENTITY_NEW")) != storage.code:
        if call.state.storages.find(code):
            raise RestError(400, "ERROR_ENTITY_ALREADY_EXISTS", "Entity already exists")
        changes["ENTITY"] = code
    if call.parameters.get("ACCESS") and is_array(call.parameters["ACCESS"]):
        changes["ACCESS"] = _access(call)
    call.state.storages.update(storage, **changes)
    return Answer(True)


def _delete(call: Call) -> Answer:
    call = _upper(call)
    call.state.storages.delete(_storage(call, "X"))
    return Answer(True)


def _rights(call: Call) -> Answer:
    call = _upper(call)
    storage = _seen(call)
    if storage is None:
        return Answer(None)
    if call.parameters.get("ACCESS") and is_array(call.parameters["ACCESS"]):
        access = _access(call)
        call.state.storages.update(_storage(call, "X"), ACCESS=access)
        return Answer(access)
    return Answer(storage.access)


def _items(call: Call) -> Answer:
    call = _upper(call)
    storage = call.state.storages.find(_code(call))
    if storage is None:
        raise RestError(400, "ERROR_ENTITY_NOT_FOUND", "Entity not found")
    if not _level(call, storage):
        return Answer([], 0)
    offset = max(0, php_int(call.parameters.get("START", 0)) // PAGE * PAGE)
    rows, total = call.state.storages.items(
        storage, call.parameters.get("FILTER"), call.parameters.get("SORT"), PAGE, offset
    )
    following = offset + PAGE if offset + PAGE < total else None
    return Answer(rows, total, following, rows=len(rows))


def _item_id(call: Call) -> int:
    item_id = php_int(call.parameters.get("ID"))
    if item_id <= 0:
        raise empty_argument("ID")
    return item_id


def _add_item(call: Call) -> Answer:
    call = _upper(call)
    storage = _storage(call, "W")
    if not php_text(call.parameters.get("NAME")).strip():
        raise RestError(400, "ERROR_CORE", "The element name is not specified.<br>")
    try:
        item_id = call.state.storages.add_item(storage, call.parameters, call.caller.user_id)
    except TextTooLong:
        raise _internal("adding") from None
    return Answer(item_id)


def _update_item(call: Call) -> Answer:
    call = _upper(call)
    item_id, storage = _item_id(call), _storage(call, "W")
    try:
        found = call.state.storages.update_item(
            storage, item_id, call.parameters, call.caller.user_id
        )
    except TextTooLong:
        raise _internal("updating") from None
    return _done(found)


def _delete_item(call: Call) -> Answer:
    call = _upper(call)
    item_id, storage = _item_id(call), _storage(call, "W")
    return _done(call.state.storages.delete_item(storage, item_id))


def _internal(doing: str) -> RestError:
    return RestError(400, "ERROR_CORE", f"Internal error {doing} entity item. Try {doing} again.")


def _done(found: bool) -> Answer:
    if not found:
        raise RestError(400, "ERROR_ITEM_NOT_FOUND", "Item not found")
    return Answer(True)


def _property_code(call: Call, name: str = "PROPERTY") -> str:
    code = re.sub(r"[^a-zA-Z0-9_]", "", php_text(call.parameters.get(name)).strip())
    if not code:
        raise empty_argument(name)
    if code[0].isdigit():
        raise RestError(400, "ERROR_CORE", "Property code cannot start with a digit")
    return code


def _type(call: Call) -> str:
    kind = php_text(call.parameters.get("TYPE", "S")).upper()
    if kind not in _TYPES:
        raise bad_argument("TYPE", "Wrong entity item property type")
    return kind


def _place(storage: Storage, code: str) -> int:
    codes = [each["PROPERTY"] for each in storage.properties]
    if code not in codes:
        raise RestError(400, "ERROR_PROPERTY_NOT_FOUND", "Property not found")
    return codes.index(code)


def _properties(call: Call) -> Answer:
    call = _upper(call)
    storage = _storage(call, "R")
    if call.parameters.get("PROPERTY"):
        return Answer(storage.properties[_place(storage, _property_code(call))])
    return Answer(storage.properties)


def _add_property(call: Call) -> Answer:
    call = _upper(call)
    kind, storage, code = _type(call), _storage(call, "X"), _property_code(call)
    if code in [each["PROPERTY"] for each in storage.properties]:
        raise RestError(400, "ERROR_PROPERTY_ALREADY_EXISTS", "Property already exists")
    new = {
        "PROPERTY": code,
        "NAME": php_text(call.parameters.get("NAME")),
        "TYPE": kind,
        "SORT": str(php_int(call.parameters.get("SORT", 500))),
    }
    call.state.storages.update(storage, PROPERTIES=[*storage.properties, new])
    return Answer(True)


def _update_property(call: Call) -> Answer:
    call = _upper(call)
    storage = _storage(call, "X")
    place = _place(storage, _property_code(call))
    changed = dict(storage.properties[place])
    if "NAME" in call.parameters:
        changed["NAME"] = php_text(call.parameters["NAME"]).strip()
    if "SORT" in call.parameters:
        changed["SORT"] = str(php_int(call.parameters["SORT"]))
    if "TYPE" in call.parameters and _type(call) != changed["TYPE"]:
        if _type(call) == "F":
            raise bad_argument("TYPE", "Cannot change property type to File")
        changed["TYPE"] = _type(call)
    if "PROPERTY_NEW" in call.parameters:
        changed["PROPERTY"] = _renamed(call, storage, changed["PROPERTY"])
    properties = [*storage.properties]
    properties[place] = changed
    call.state.storages.update(storage, PROPERTIES=properties)
    return Answer(True)


def _renamed(call: Call, storage: Storage, old: str) -> str:
    new = _property_code(call, "PROPERTY_NEW")
    if new != old:
        if new in [each["PROPERTY"] for each in storage.properties]:
            raise RestError(400, "ERROR_PROPERTY_ALREADY_EXISTS", f"Property {new} already exists")
        call.state.storages.move_values(storage, old, new)
    return new


def _delete_property(call: Call) -> Answer:
    call = _upper(call)
    storage = _storage(call, "X")
    place = _place(storage, _property_code(call))
    call.state.storages.move_values(storage, storage.properties[place]["PROPERTY"])
    left = [each for index, each in enumerate(storage.properties) if index != place]
    call.state.storages.update(storage, PROPERTIES=left)
    return Answer(True)


METHODS: Final[dict[str, Method]] = {
    "entity.add": Method(_add, Work.WRITE),
    "entity.get": Method(_get),
    "entity.update": Method(_update, Work.WRITE),
    "entity.delete": Method(_delete, Work.WRITE),
    "entity.rights": Method(_rights),
    "entity.item.add": Method(_add_item, Work.WRITE),
    "entity.item.get": Method(_items, Work.PAGE),
    "entity.item.update": Method(_update_item, Work.WRITE),
    "entity.item.delete": Method(_delete_item, Work.WRITE),
    "entity.item.property.add": Method(_add_property, Work.WRITE),
    "entity.item.property.get": Method(_properties),
    "entity.item.property.update": Method(_update_property, Work.WRITE),
    "entity.item.property.delete": Method(_delete_property, Work.WRITE),
}

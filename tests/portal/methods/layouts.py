"""``crm.item.details.configuration.*`` and its older twins: layouts of cards (reference §4.1)."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from portal.entities import ITEM_LISTS
from portal.errors import old_method_error
from portal.methods.call import Answer, Call, Method
from portal.pace import Work
from portal.parameters import is_array, members, php_int, php_text, upper_keys

_OLD_NAMES: Final = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
_VARIANTS: Final = ("CATEGORYID", "DEALCATEGORYID", "LEADCUSTOMERTYPE")
_KEY: Final = "ENTITY_TYPE_ID = ? AND SCOPE = ? AND USER_ID = ? AND VARIANT = ?"

Key = tuple[int, str, int, str]


def _get(entity_type: int | None, call: Call) -> Answer:
    """The sections, or null when nobody has ever changed this layout."""
    key = _key(entity_type, call, is_writing=False)
    found = call.state.database.rows("card_layouts", _KEY, key)
    return Answer(json.loads(found[0]["DATA"]) if found else None)


def _set(entity_type: int | None, call: Call) -> Answer:
    """The given sections replace all of the layout."""
    key = _key(entity_type, call, is_writing=True)
    sections = _sections(upper_keys(call.parameters).get("DATA"))
    _forget(call, key)
    call.state.database.insert(
        "card_layouts",
        ["ENTITY_TYPE_ID", "SCOPE", "USER_ID", "VARIANT", "DATA"],
        [(*key, json.dumps(sections, ensure_ascii=False))],
    )
    return Answer(True)


def _reset(entity_type: int | None, call: Call) -> Answer:
    _forget(call, _key(entity_type, call, is_writing=True))
    return Answer(True)


def _all_common(entity_type: int | None, call: Call) -> Answer:
    """Everybody sees the common layout again: personal ones are dropped."""
    number, variant = _entity_type(entity_type, call), _variant(call)
    if not call.caller.is_admin:
        raise old_method_error("Access denied.")
    call.state.database.connection.execute(
        "DELETE FROM card_layouts WHERE ENTITY_TYPE_ID = ? AND SCOPE = 'P' AND VARIANT = ?",
        (number, variant),
    )
    return Answer(True)


def _key(entity_type: int | None, call: Call, *, is_writing: bool) -> Key:
    given = upper_keys(call.parameters)
    number = _entity_type(entity_type, call)
    is_common = php_text(given.get("SCOPE")).upper() == "C"
    own = call.caller.user_id
    user = 0 if is_common else php_int(given.get("USERID")) or own
    needs_admin = is_writing if is_common else user != own
    if needs_admin and not call.caller.is_admin:
        raise old_method_error("Access denied.")
    return number, "C" if is_common else "P", user, _variant(call)


def _entity_type(entity_type: int | None, call: Call) -> int:
    number = entity_type or php_int(upper_keys(call.parameters).get("ENTITYTYPEID"))
    if not number:
        raise old_method_error("Parameter 'entityTypeId' is not defined")
    if number not in ITEM_LISTS:
        raise old_method_error(f"The entity type '{number}' is not supported in current context.")
    return number


def _variant(call: Call) -> str:
    extras = upper_keys(upper_keys(call.parameters).get("EXTRAS"))
    return "".join(f"{name}={php_int(extras[name])}" for name in _VARIANTS if name in extras)


def _forget(call: Call, key: Key) -> None:
    call.state.database.connection.execute(f"DELETE FROM card_layouts WHERE {_KEY}", key)


def _sections(data: Any) -> list[dict[str, Any]]:
    if not is_array(data):
        raise old_method_error("Parameter 'data' must be array.")
    if not members(data):
        raise old_method_error("There are no data to write.")
    if isinstance(data, dict) and list(data) != [str(index) for index in range(len(data))]:
        raise old_method_error("The data must be indexed array.")
    return [_section(index, upper_keys(section)) for index, section in enumerate(members(data))]


def _section(index: int, given: dict[str, Any]) -> dict[str, Any]:
    name, title, kind = (php_text(given.get(key)) for key in ("NAME", "TITLE", "TYPE"))
    where = f"Section at index {index}"
    if kind != "section":
        raise old_method_error(f"{where} have type {kind}. The expected type is 'section'.")
    if not name:
        raise old_method_error(f"{where} does not have name.")
    if not title:
        raise old_method_error(f"{where} does not have title.")
    elements = [
        _element(index, place, upper_keys(element))
        for place, element in enumerate(members(given.get("ELEMENTS")))
    ]
    return {"name": name, "title": title, "type": kind, "elements": elements}


def _element(index: int, place: int, given: dict[str, Any]) -> dict[str, Any]:
    name = php_text(given.get("NAME"))
    if not name:
        raise old_method_error(
            f"Element at index {place} in section at index {index} does not have name."
        )
    element: dict[str, Any] = {
        "name": name,
        "optionFlags": str(php_int(given.get("OPTIONFLAGS"))),
    }
    if is_array(given.get("OPTIONS")) and given["OPTIONS"]:
        element["options"] = given["OPTIONS"]
    return element


METHODS: Final[dict[str, Method]] = {
    f"crm.{name}.details.configuration.{verb}": Method(partial(handler, entity_type), work)
    for name, entity_type in {"item": None, **_OLD_NAMES}.items()
    for verb, handler, work in (
        ("get", _get, Work.OTHER),
        ("set", _set, Work.WRITE),
        ("reset", _reset, Work.WRITE),
        ("forcecommonscopeforall", _all_common, Work.WRITE),
    )
}

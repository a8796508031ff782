"""``crm.{company,contact,deal,lead}.userfield.*``: the portal's user fields (reference §4.1)."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from operator import itemgetter
from typing import Any, Final

from portal.errors import RestError, old_method_error
from portal.methods.call import Answer, Call, Method
from portal.pace import Work
from portal.parameters import entries, is_array, members, php_int, php_text, upper_keys

LANGUAGES: Final = (
    *("ru", "en", "de", "ua", "kz", "la", "br", "fr", "it", "pl", "tr", "sc", "tc", "ja", "vn"),
    *("id", "ms", "th", "hi", "ar"),
)
LONGEST_NAME: Final = 50

_ENTITY_IDS: Final = {
    "company": "CRM_COMPANY",
    "contact": "CRM_CONTACT",
    "deal": "CRM_DEAL",
    "lead": "CRM_LEAD",
}
_TYPES: Final = (
    *("string", "integer", "double", "boolean", "datetime", "date", "money", "url", "address"),
    *("enumeration", "file", "employee", "crm_status", "iblock_section", "iblock_element", "crm"),
)
_DEFAULT_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "string": {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0},
    "integer": {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None},
    "boolean": {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": ["", ""]},
    "date": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "datetime": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "enumeration": {
        "DISPLAY": "LIST",
        "LIST_HEIGHT": 1,
        "CAPTION_NO_VALUE": "",
        "SHOW_NO_VALUE": "Y",
    },
}
_LABELS: Final = (
    *("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"),
    *("ERROR_MESSAGE", "HELP_MESSAGE"),
)
_FLAGS: Final = {"MANDATORY": "N", "SHOW_IN_LIST": "N", "EDIT_IN_LIST": "Y", "IS_SEARCHABLE": "N"}
_SHOWN: Final = (
    *("ID", "ENTITY_ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY"),
    *("SHOW_FILTER", "SHOW_IN_LIST", "EDIT_IN_LIST", "IS_SEARCHABLE"),
)
_ORDERED_BY: Final = ("ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT")

Row = dict[str, Any]


def _add(entity_id: str, call: Call) -> Answer:
    fields = _given(call)
    name, user_type = _name(fields), php_text(fields.get("USER_TYPE_ID"))
    if not user_type:
        raise old_method_error("The 'USER_TYPE_ID' field is not found.")
    if user_type not in _TYPES:
        raise _refused("Invalid custom type specified.")
    user_fields = call.state.user_fields
    if user_fields.rows("ENTITY_ID = ? AND FIELD_NAME = ?", (entity_id, name)):
        raise _refused(f"The field {name} for the {entity_id} object already exists.")
    row: Row = {
        "ID": call.state.database.next_user_field_number(),
        "ENTITY_ID": entity_id,
        "FIELD_NAME": name,
        "USER_TYPE_ID": user_type,
        "XML_ID": "",
        "SORT": 100,
        "MULTIPLE": _flag(fields, "MULTIPLE", "N") if user_type != "boolean" else "N",
        "SHOW_FILTER": "N",
        "SETTINGS": _first_settings(user_type),
        "LIST": [],
        **_FLAGS,
        **{label: _texts("", php_text(fields.get("LABEL"))) for label in _LABELS},
    }
    _change(call, row, fields, fallback=php_text(fields.get("LABEL")))
    user_fields.save(row)
    return Answer(row["ID"])


def _update(entity_id: str, call: Call) -> Answer:
    row = _known(entity_id, call, only_admin=True)
    _change(call, row, _given(call), fallback="")
    call.state.user_fields.save(row)
    return Answer(True)


def _delete(entity_id: str, call: Call) -> Answer:
    call.state.user_fields.delete(_known(entity_id, call, only_admin=True))
    return Answer(True)


def _get(entity_id: str, call: Call) -> Answer:
    row = _known(entity_id, call, only_admin=False)
    return Answer({**_shown(row), **{label: row[label] for label in _LABELS}})


def _list(entity_id: str, call: Call) -> Answer:
    """All fields at once. Labels come only when the filter names a LANG."""
    given = upper_keys(call.parameters)
    wanted = upper_keys(given.get("FILTER"))
    language = php_text(wanted.pop("LANG", ""))
    rows = [
        row
        for row in call.state.user_fields.rows("ENTITY_ID = ?", (entity_id,))
        if all(
            php_text(row[name]) == php_text(value)
            for name, value in wanted.items()
            if name in _SHOWN and not is_array(value) and php_text(value) != ""
        )
    ]
    order = [
        (name, php_text(direction).upper() == "DESC")
        for name, direction in upper_keys(given.get("ORDER")).items()
        if name in _ORDERED_BY
    ]
    for name, is_descending in reversed(order or [("SORT", False), ("ID", False)]):
        rows.sort(key=itemgetter(name), reverse=is_descending)
    shown = [{**_shown(row), **_labels(row, language)} for row in rows]
    return Answer(shown, total=len(shown), rows=len(shown))


def _known(entity_id: str, call: Call, *, only_admin: bool) -> Row:
    row_id = call.old_id()
    if only_admin and not call.caller.is_admin:
        raise old_method_error("Access denied.")
    rows = call.state.user_fields.rows("ID = ?", (row_id,))
    if not rows:
        raise RestError(400, "ERROR_NOT_FOUND", f"The entity with ID '{row_id}' is not found.")
    if rows[0]["ENTITY_ID"] != entity_id:
        raise old_method_error("Access denied.")
    return rows[0]


def _given(call: Call) -> Row:
    fields = upper_keys(call.parameters).get("FIELDS")
    if not is_array(fields):
        raise old_method_error("Parameter 'fields' must be array.")
    if not call.caller.is_admin:
        raise old_method_error("Access denied.")
    return upper_keys(fields)


def _name(fields: Row) -> str:
    given = php_text(fields.get("FIELD_NAME")).upper()
    if not given:
        raise old_method_error("The 'FIELD_NAME' field is not found.")
    name = given if given.startswith("UF_CRM_") else "UF_CRM_" + given.removeprefix("UF_")
    if len(name) > LONGEST_NAME:
        raise _refused("Field name is too long (more than 50 characters).")
    if re.fullmatch("[A-Z0-9_]+", name) is None:
        raise _refused(
            "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."
        )
    return name


def _change(call: Call, row: Row, fields: Row, fallback: str) -> None:
    """Put the given values into a definition; what is not given stays."""
    if "XML_ID" in fields:
        row["XML_ID"] = php_text(fields["XML_ID"])
    if php_int(fields.get("SORT")) > 0:
        row["SORT"] = php_int(fields["SORT"])
    for name, default in _FLAGS.items():
        if name in fields:
            row[name] = _flag(fields, name, default)
    if "SHOW_FILTER" in fields:
        row["SHOW_FILTER"] = _filter_mode(php_text(fields["SHOW_FILTER"]), row["USER_TYPE_ID"])
    if is_array(fields.get("SETTINGS")):
        row["SETTINGS"] = _settings(row, dict(entries(fields["SETTINGS"])))
    for label in _LABELS:
        if label in fields:
            row[label] = _texts(fields[label], fallback)
    if row["USER_TYPE_ID"] == "enumeration" and is_array(fields.get("LIST")):
        row["LIST"] = _options(call, row["LIST"], members(fields["LIST"]))


def _options(call: Call, before: list[Row], given: list[Any]) -> list[Row]:
    """Options with a known ID are changed or, with DEL, removed; those without are added; the rest
    stay. Two of one XML_ID are refused.
    """
    options = {option["ID"]: dict(option) for option in before}
    for each in (upper_keys(one) for one in given if is_array(one)):
        number = php_int(each.get("ID"))
        if number in options:
            if php_text(each.get("DEL")) == "Y":
                del options[number]
            else:
                options[number].update(_option(each))
        elif php_text(each.get("VALUE")) != "" and php_text(each.get("DEL")) != "Y":
            number = call.state.database.next_user_field_number()
            digest = hashlib.md5(str(number).encode()).hexdigest()
            options[number] = {
                "ID": number,
                "SORT": 500,
                "VALUE": "",
                "DEF": "N",
                "XML_ID": digest,
                **_option(each),
            }
    codes = [option["XML_ID"] for option in options.values()]
    for code in codes:
        if codes.count(code) > 1:
            raise _refused(f"List item with XML_ID={code} already exists.")
    return sorted(options.values(), key=lambda option: (option["SORT"], option["ID"]))


def _option(given: Row) -> Row:
    changes: Row = {}
    for name in ("VALUE", "XML_ID"):
        if php_text(given.get(name)) != "":
            changes[name] = php_text(given[name])
    if "SORT" in given:
        changes["SORT"] = php_int(given["SORT"])
    if "DEF" in given:
        changes["DEF"] = _flag(given, "DEF", "N")
    return changes


def _first_settings(user_type: str) -> Row:
    return dict(_DEFAULT_SETTINGS.get(user_type, {"LEAD": "Y"} if user_type == "crm" else {}))


def _settings(row: Row, given: Row) -> Row:
    if row["USER_TYPE_ID"] != "crm":
        return {**row["SETTINGS"], **given}
    kinds = {name: "Y" for name, value in given.items() if php_text(value) == "Y"}
    return kinds or _first_settings("crm")


def _texts(given: Any, fallback: str) -> dict[str, str]:
    """A text for every language, from one text or a map by language; ``fallback`` where it is
    missing.
    """
    if not is_array(given):
        return dict.fromkeys(LANGUAGES, php_text(given) or fallback)
    texts = dict(entries(given))
    return {language: php_text(texts.get(language)) or fallback for language in LANGUAGES}


def _labels(row: Row, language: str) -> Row:
    return {label: (row[label] or {}).get(language) or None for label in _LABELS if language}


def _flag(fields: Row, name: str, default: str) -> str:
    given = php_text(fields.get(name))
    return given if given in ("Y", "N") else default


def _filter_mode(given: str, user_type: str) -> str:
    if given in ("I", "E", "S"):
        return given
    return "N" if given != "Y" else "I" if user_type == "crm_status" else "E"


def _shown(row: Row) -> Row:
    shown: Row = {name: php_text(row[name]) for name in _SHOWN}
    shown["XML_ID"] = row["XML_ID"] or None
    shown["SETTINGS"] = row["SETTINGS"] or []
    if row["USER_TYPE_ID"] == "enumeration":
        shown["LIST"] = [
            {name: php_text(option.get(name)) for name in ("ID", "SORT", "VALUE", "DEF", "XML_ID")}
            for option in row["LIST"] or ()
        ]
    return shown


def _refused(description: str) -> RestError:
    return RestError(400, "ERROR_CORE", description)


METHODS: Final[dict[str, Method]] = {
    f"crm.{name}.userfield.{verb}": Method(partial(handler, entity_id), work)
    for name, entity_id in _ENTITY_IDS.items()
    for verb, handler, work in (
        ("add", _add, Work.WRITE),
        ("update", _update, Work.WRITE),
        ("delete", _delete, Work.WRITE),
        ("get", _get, Work.OTHER),
        ("list", _list, Work.OTHER),
    )
}

"""What the portal is told to make a field of a mark, or to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm.answer import objects
from crm.mark_definitions import MARKS, Definition


def field_to_add(definition: Definition, language: str) -> dict[str, Any]:
    """``fields`` of the command that makes a field; ``language`` is that of its options."""
    fields: dict[str, Any] = {
        "USER_TYPE_ID": definition.user_type,
        "FIELD_NAME": definition.sign,
        "XML_ID": definition.sign,
        "LABEL": _text(definition.labels, language),
        "EDIT_FORM_LABEL": definition.labels,
        "LIST_COLUMN_LABEL": definition.labels,
        "LIST_FILTER_LABEL": definition.labels,
        "MULTIPLE": "N",
        "MANDATORY": "N",
        "SHOW_FILTER": "Y",
        "EDIT_IN_LIST": "N",
        "SORT": 9000 + 10 * MARKS.index(definition.mark),
        "SETTINGS": definition.settings,
    }
    if definition.options:
        fields["LIST"] = [_option(definition, code, language) for code in definition.options]
    return fields


def _option(definition: Definition, code: str, language: str) -> dict[str, Any]:
    place = list(definition.options).index(code)
    text = _text(definition.options[code], language)
    return {"VALUE": text, "SORT": 10 * (place + 1), "DEF": "N", "XML_ID": code}


def _text(labels: Mapping[str, str], language: str) -> str:
    return labels.get(language, labels["en"])


def field_to_mend(definition: Definition, row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The fields of an update that mends a row; empty when it is as it should be."""
    wrong: dict[str, Any] = {}
    if row.get("XML_ID") != definition.sign:
        wrong["XML_ID"] = definition.sign
    if row.get("EDIT_IN_LIST") != "N":
        wrong["EDIT_IN_LIST"] = "N"
    if row.get("SHOW_FILTER") in ("N", "", None):
        wrong["SHOW_FILTER"] = "Y"
    options = options_of(row)
    missing = definition.options.keys() - {option.get("XML_ID") for option in options}
    if missing:
        wrong["LIST"] = _mended(definition, options, missing, language)
    return wrong


def _mended(
    definition: Definition, options: Sequence[Mapping[str, Any]], missing: set[str], language: str
) -> list[dict[str, Any]]:
    """All options as they are to be. One that bears the label of a missing code gets its XML_ID
    back, so that values which refer to it are good again.
    """
    codes = {label: code for code in missing for label in definition.options[code].values()}
    listed = []
    left = set(missing)
    for option in options:
        kept = {name: option.get(name) for name in ("ID", "VALUE", "SORT", "DEF", "XML_ID")}
        code = codes.get(str(option.get("VALUE")))
        if option.get("XML_ID") not in definition.options and code in left:
            kept["XML_ID"] = code
            left.discard(code)
        listed.append(kept)
    return listed + [
        _option(definition, code, language) for code in definition.options if code in left
    ]


def options_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The options of an enumeration's row."""
    return objects(row.get("LIST"))

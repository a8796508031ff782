"""Which fields the REST lists have, under which names, and where their values lie in the tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.schema import TABLES, primary_key

LEAD, DEAL, CONTACT, COMPANY, OLD_INVOICE, SMART_INVOICE = 1, 2, 3, 4, 5, 31

ENTITY_TABLES: Final = {
    LEAD: "leads",
    DEAL: "deals",
    CONTACT: "contacts",
    COMPANY: "companies",
    SMART_INVOICE: "invoices",
}
MULTIFIELDS: Final = ("PHONE", "EMAIL", "WEB", "IM")

# Column that names the person whose row it is: the rights go by it.
RESPONSIBLE: Final = {
    "companies": "ASSIGNED_BY_ID",
    "contacts": "ASSIGNED_BY_ID",
    "deals": "ASSIGNED_BY_ID",
    "leads": "ASSIGNED_BY_ID",
    "invoices": "assignedById",
    "old_invoices": "RESPONSIBLE_ID",
    "activities": "RESPONSIBLE_ID",
}

# References that the lists give as null, not as 0, when there is none.
_OPTIONAL: Final = {"LEAD_ID", "QUOTE_ID", "parentId2", "parentId7"}
_NULLABLE: Final = {"ORIGIN_ID", "ORIGINATOR_ID", "SEMANTICS", "xmlId"}
_HIDDEN: Final = {"EXTRA", "extra", "COMPANY_IDS", "contactIds", *MULTIFIELDS}

_CAMEL_SPECIAL: Final = {
    "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "MOVED_BY_ID": "movedBy",
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
    "COMPANY_TYPE": "typeId",
    "STATUS_ID": "stageId",
    "STATUS_SEMANTIC_ID": "stageSemanticId",
}
_USER_FIELD: Final = re.compile(r"UF_[A-Z0-9_]{1,60}")
_CAMEL_USER_FIELD: Final = re.compile(r"ufCrm((?:_?\d+[a-z0-9]*|[A-Z][a-z0-9]*)+)")
_CAMEL_PART: Final = re.compile(r"_?(\d+[a-z0-9]*|[A-Z][a-z0-9]*)")


@dataclass(frozen=True)
class Field:
    """A field of a list: its name there, an SQL expression for its stored value, and its kind.

    ``is_default``: given when nothing is selected, or ``*``. ``column`` is ``""`` for computed
    fields. ``original``: upper-case name of a user field that the portal has defined;
    ``is_multiple``: its stored value is a JSON array.
    """

    name: str
    sql: str
    kind: str
    column: str = ""
    is_default: bool = True
    original: str = ""
    is_multiple: bool = False


@dataclass(frozen=True, eq=False)
class Entity:
    """One list: its table, its fields by name, and in which of the two styles it answers.

    ``is_item``: crm.item.* (camel case, typed) against the older lists (upper case, strings).
    ``entity_type``: number of the CRM type, 0 when it has none. ``user_fields``: upper-case names
    of those among ``fields`` that the portal has defined.
    """

    table: str
    fields: Mapping[str, Field]
    is_item: bool
    entity_type: int = 0
    user_fields: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Name of the id field."""
        return "id" if self.is_item else "ID"

    @property
    def extra(self) -> str:
        """Column that holds the user fields; ``""`` when the table has none."""
        columns = TABLES[self.table]
        return next((name for name in ("EXTRA", "extra") if name in columns), "")

    def field(self, name: str) -> Field | None:
        """A field by its name in this list; None when there is none.

        A user field that is not defined is taken as untyped: rows of a folder may have such. One
        that is defined goes by one name alone.
        """
        found = self.fields.get(name)
        if found is None and self.extra:
            original = original_user_field(name) if self.is_item else name
            if _USER_FIELD.fullmatch(original) and original not in self.user_fields:
                return Field(name, self.extra_value(original), "uf", "", is_default=False)
        return found

    def extra_value(self, name: str) -> str:
        """SQL of a user field's stored value."""
        return f'json_extract("{self.extra}", \'$."{name}"\')'


def camel_user_field(name: str) -> str:
    """``UF_CRM_1747309879`` → ``ufCrm_1747309879``, ``UF_CRM_3_DIGIT`` → ``ufCrm3Digit``."""
    parts = name.split("_")[2:]
    camel = "ufCrm"
    for index, part in enumerate(parts):
        if not part[:1].isdigit():
            camel += part.capitalize()
        elif index == 0 and len(parts) > 1:
            camel += part
        else:
            camel += f"_{part.lower()}"
    return camel


def original_user_field(name: str) -> str:
    """Upper-case name of a user field given in either form; ``""`` for other names."""
    if name.startswith("UF_"):
        return name
    if _CAMEL_USER_FIELD.fullmatch(name) is None:
        return ""
    return "_".join(
        ["UF_CRM", *(part.upper() for part in _CAMEL_PART.findall(name[len("ufCrm") :]))]
    )


def _kind(column: str, kind: str) -> str:
    if column in _OPTIONAL:
        return "optional_id"
    return "nullable_text" if column in _NULLABLE else kind


def _old_fields(table: str) -> dict[str, Field]:
    fields = {
        column: Field(column, f'"{column}"', _kind(column, kind), column)
        for column, kind in TABLES[table].items()
        if column not in _HIDDEN
    }
    for column in MULTIFIELDS:
        if column in TABLES[table]:
            fields[column] = Field(column, f'"{column}"', "fm", column, is_default=False)
    return fields


def _item_fields(table: str) -> dict[str, Field]:
    fields = {}
    for column, kind in TABLES[table].items():
        if column not in _HIDDEN:
            name = _camel(column) if column.isupper() else column
            fields[name] = Field(name, f'"{column}"', _kind(column, kind), column)
    for field in _computed_fields(table):
        fields[field.name] = field
    return fields


def _computed_fields(table: str) -> list[Field]:
    computed = []
    if "PHONE" in TABLES[table]:
        arrays = ", ".join(f'json("{column}")' for column in MULTIFIELDS)
        computed.append(Field("fm", f"json_array({arrays})", "fm"))
    if table == "contacts":
        computed.append(
            Field("companyIds", _linked("company", "contact", "contacts"), "ids", "COMPANY_IDS")
        )
    if table == "companies":
        computed.append(Field("contactIds", _linked("contact", "company", "companies"), "ids"))
    if table in ("deals", "leads"):
        own = 'CASE WHEN "CONTACT_ID" > 0 THEN json_array("CONTACT_ID") ELSE \'[]\' END'
        computed.append(
            Field("contactIds", f"COALESCE(json_extract(\"EXTRA\", '$.CONTACT_IDS'), {own})", "ids")
        )
    if table == "invoices":
        own = 'CASE WHEN "contactId" > 0 THEN json_array("contactId") ELSE \'[]\' END'
        computed.append(
            Field(
                "contactIds",
                f'CASE "contactIds" WHEN \'[]\' THEN {own} ELSE "contactIds" END',
                "ids",
                "contactIds",
            )
        )
    return computed


def _linked(wanted: str, given: str, table: str) -> str:
    return (
        f"(SELECT json_group_array({wanted}) FROM (SELECT {wanted} FROM links "
        f'WHERE {given} = "{table}"."ID" ORDER BY sort, {wanted}))'
    )


def _camel(column: str) -> str:
    if column in _CAMEL_SPECIAL:
        return _CAMEL_SPECIAL[column]
    first, *rest = column.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


OLD_LISTS: Final[dict[str, Entity]] = {
    name: Entity(table, _old_fields(table), is_item=False, entity_type=entity_type)
    for name, table, entity_type in (
        ("company", "companies", COMPANY),
        ("contact", "contacts", CONTACT),
        ("deal", "deals", DEAL),
        ("lead", "leads", LEAD),
        ("invoice", "old_invoices", OLD_INVOICE),
        ("activity", "activities", 6),
        ("requisite", "requisites", 8),
        ("status", "statuses", 0),
    )
}

ITEM_LISTS: Final[dict[int, Entity]] = {
    entity_type: Entity(table, _item_fields(table), is_item=True, entity_type=entity_type)
    for entity_type, table in ENTITY_TABLES.items()
}


def id_column(entity: Entity) -> str:
    """Column of the ids in the entity's table."""
    return primary_key(entity.table)

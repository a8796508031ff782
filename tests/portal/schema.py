"""Tables of the emulated portal: one per CRM entity, columns named as the old REST lists name them.

Stored forms, whatever form the REST answers use:

* ``id``: INTEGER; references to other rows too, 0 for none.
* ``moment``: INTEGER unix seconds (a pure date is midnight in the portal's time zone), NULL for
  none.
* ``flag``: TEXT ``Y`` or ``N``.
* ``money``: REAL.
* ``text``: TEXT, ``''`` for none.
* ``fm``: TEXT, a JSON array of multi-field rows ``{"ID", "VALUE_TYPE", "VALUE", "TYPE_ID"}``,
  ``'[]'`` for none.
* ``ids``: TEXT, a JSON array of integers.
* ``json``: TEXT, a JSON object; holds user fields (``UF_*``) and whatever else a row of a folder
  brought.
* ``value``: TEXT, any JSON value, ``'null'`` for none.

What the columns mean is told by the REST documentation of the platform.
"""

from __future__ import annotations

from typing import Final

_OWNERSHIP: Final = {
    "ASSIGNED_BY_ID": "id",
    "CREATED_BY_ID": "id",
    "MODIFY_BY_ID": "id",
    "DATE_CREATE": "moment",
    "DATE_MODIFY": "moment",
    "LAST_ACTIVITY_TIME": "moment",
    "LAST_ACTIVITY_BY": "id",
}
_MULTIFIELDS: Final = {"PHONE": "fm", "EMAIL": "fm", "WEB": "fm", "IM": "fm"}
_FLAGS: Final = {"HAS_PHONE": "flag", "HAS_EMAIL": "flag", "HAS_IMOL": "flag", "OPENED": "flag"}
_ORIGIN: Final = {"ORIGINATOR_ID": "text", "ORIGIN_ID": "text", "LEAD_ID": "id", "COMMENTS": "text"}

TABLES: Final[dict[str, dict[str, str]]] = {
    "users": {
        "ID": "id",
        "ACTIVE": "flag",
        "NAME": "text",
        "LAST_NAME": "text",
        "EMAIL": "text",
        "WORK_POSITION": "text",
        "UF_DEPARTMENT": "ids",
        "IS_ADMIN": "flag",
        "USER_TYPE": "text",
    },
    "departments": {"ID": "id", "NAME": "text", "PARENT": "id", "UF_HEAD": "id", "SORT": "id"},
    "companies": {
        "ID": "id",
        "TITLE": "text",
        "COMPANY_TYPE": "text",
        "INDUSTRY": "text",
        "IS_MY_COMPANY": "flag",
        **_FLAGS,
        **_OWNERSHIP,
        **_ORIGIN,
        **_MULTIFIELDS,
        "EXTRA": "json",
    },
    "contacts": {
        "ID": "id",
        "NAME": "text",
        "SECOND_NAME": "text",
        "LAST_NAME": "text",
        "POST": "text",
        "TYPE_ID": "text",
        "SOURCE_ID": "text",
        "COMPANY_ID": "id",
        "COMPANY_IDS": "ids",
        **_FLAGS,
        **_OWNERSHIP,
        **_ORIGIN,
        **_MULTIFIELDS,
        "EXTRA": "json",
    },
    "deals": {
        "ID": "id",
        "TITLE": "text",
        "TYPE_ID": "text",
        "CATEGORY_ID": "id",
        "STAGE_ID": "text",
        "STAGE_SEMANTIC_ID": "text",
        "IS_RECURRING": "flag",
        "CURRENCY_ID": "text",
        "OPPORTUNITY": "money",
        "COMPANY_ID": "id",
        "CONTACT_ID": "id",
        "LEAD_ID": "id",
        "QUOTE_ID": "id",
        "BEGINDATE": "moment",
        "CLOSEDATE": "moment",
        "CLOSED": "flag",
        "ASSIGNED_BY_ID": "id",
        "CREATED_BY_ID": "id",
        "MODIFY_BY_ID": "id",
        "MOVED_BY_ID": "id",
        "DATE_CREATE": "moment",
        "DATE_MODIFY": "moment",
        "MOVED_TIME": "moment",
        "LAST_ACTIVITY_TIME": "moment",
        "SOURCE_ID": "text",
        "COMMENTS": "text",
        "EXTRA": "json",
    },
    # Smart invoices come in the camel case of crm.item.list.
    "invoices": {
        "id": "id",
        "xmlId": "text",
        "title": "text",
        "accountNumber": "text",
        "stageId": "text",
        "previousStageId": "text",
        "categoryId": "id",
        "begindate": "moment",
        "closedate": "moment",
        "movedTime": "moment",
        "movedBy": "id",
        "companyId": "id",
        "contactId": "id",
        "contactIds": "ids",
        "mycompanyId": "id",
        "opportunity": "money",
        "currencyId": "text",
        "assignedById": "id",
        "createdBy": "id",
        "updatedBy": "id",
        "createdTime": "moment",
        "updatedTime": "moment",
        "parentId2": "id",
        "parentId7": "id",
        "sourceId": "text",
        "comments": "text",
        "extra": "json",
    },
    "old_invoices": {
        "ID": "id",
        "ACCOUNT_NUMBER": "text",
        "ORDER_TOPIC": "text",
        "STATUS_ID": "text",
        "PAYED": "flag",
        "DATE_PAYED": "moment",
        "DATE_BILL": "moment",
        "DATE_PAY_BEFORE": "moment",
        "DATE_INSERT": "moment",
        "DATE_UPDATE": "moment",
        "PRICE": "money",
        "CURRENCY": "text",
        "RESPONSIBLE_ID": "id",
        "UF_COMPANY_ID": "id",
        "UF_CONTACT_ID": "id",
        "UF_DEAL_ID": "id",
        "EXTRA": "json",
    },
    "activities": {
        "ID": "id",
        "OWNER_ID": "id",
        "OWNER_TYPE_ID": "id",
        "TYPE_ID": "id",
        "PROVIDER_ID": "text",
        "PROVIDER_TYPE_ID": "text",
        "DIRECTION": "id",
        "COMPLETED": "flag",
        "STATUS": "id",
        "SUBJECT": "text",
        "DESCRIPTION": "text",
        "START_TIME": "moment",
        "END_TIME": "moment",
        "DEADLINE": "moment",
        "CREATED": "moment",
        "LAST_UPDATED": "moment",
        "RESPONSIBLE_ID": "id",
        "AUTHOR_ID": "id",
        "EDITOR_ID": "id",
        "RESULT_STREAM": "id",
        "ORIGIN_ID": "text",
        "EXTRA": "json",
    },
    "requisites": {
        "ID": "id",
        "ENTITY_TYPE_ID": "id",
        "ENTITY_ID": "id",
        "PRESET_ID": "id",
        "NAME": "text",
        "ACTIVE": "flag",
        "SORT": "id",
        "RQ_INN": "text",
        "RQ_KPP": "text",
        "RQ_OGRN": "text",
        "RQ_COMPANY_NAME": "text",
        "DATE_CREATE": "moment",
        "DATE_MODIFY": "moment",
        "EXTRA": "json",
    },
    "leads": {
        "ID": "id",
        "TITLE": "text",
        "NAME": "text",
        "LAST_NAME": "text",
        "STATUS_ID": "text",
        "STATUS_SEMANTIC_ID": "text",
        "COMPANY_ID": "id",
        "CONTACT_ID": "id",
        "OPPORTUNITY": "money",
        "CURRENCY_ID": "text",
        "SOURCE_ID": "text",
        "DATE_CLOSED": "moment",
        **_OWNERSHIP,
        **_MULTIFIELDS,
        "EXTRA": "json",
    },
    "statuses": {
        "ID": "id",
        "ENTITY_ID": "text",
        "STATUS_ID": "text",
        "NAME": "text",
        "SORT": "id",
        "CATEGORY_ID": "id",
        "SEMANTICS": "text",
        "COLOR": "text",
    },
    "categories": {
        "id": "id",
        "name": "text",
        "sort": "id",
        "entityTypeId": "id",
        "isDefault": "flag",
    },
    # Labels are objects of texts by language, LIST an array of {"ID", "VALUE", "SORT", "DEF",
    # "XML_ID"} with a number as ID.
    "user_fields": {
        "ID": "id",
        "ENTITY_ID": "text",
        "FIELD_NAME": "text",
        "USER_TYPE_ID": "text",
        "XML_ID": "text",
        "SORT": "id",
        "MULTIPLE": "flag",
        "MANDATORY": "flag",
        "SHOW_FILTER": "text",
        "SHOW_IN_LIST": "flag",
        "EDIT_IN_LIST": "flag",
        "IS_SEARCHABLE": "flag",
        "SETTINGS": "value",
        "EDIT_FORM_LABEL": "value",
        "LIST_COLUMN_LABEL": "value",
        "LIST_FILTER_LABEL": "value",
        "ERROR_MESSAGE": "value",
        "HELP_MESSAGE": "value",
        "LIST": "value",
    },
    # Layouts of cards: USER_ID is 0 in the common scope, VARIANT the funnel or kind of leads.
    "card_layouts": {
        "ID": "id",
        "ENTITY_TYPE_ID": "id",
        "SCOPE": "text",
        "USER_ID": "id",
        "VARIANT": "text",
        "DATA": "value",
    },
}

SQL_TYPES: Final = {
    "id": "INTEGER NOT NULL DEFAULT 0",
    "moment": "INTEGER",
    "flag": "TEXT NOT NULL DEFAULT 'N'",
    "money": "REAL NOT NULL DEFAULT 0",
    "text": "TEXT NOT NULL DEFAULT ''",
    "fm": "TEXT NOT NULL DEFAULT '[]'",
    "ids": "TEXT NOT NULL DEFAULT '[]'",
    "json": "TEXT NOT NULL DEFAULT '{}'",
    "value": "TEXT NOT NULL DEFAULT 'null'",
}

# What the app keeps on the portal: SQL of the columns of each table. Objects and lists are JSON.
APP_TABLES: Final[dict[str, str]] = {
    # user_id 0: an option of the app.
    "app_options": """
        user_id INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (user_id, name)""",
    "storages": """
        ID INTEGER PRIMARY KEY AUTOINCREMENT, ENTITY TEXT NOT NULL UNIQUE, NAME TEXT NOT NULL,
        ACCESS TEXT NOT NULL, PROPERTIES TEXT NOT NULL DEFAULT '[]'""",
    "storage_items": """
        ID INTEGER PRIMARY KEY AUTOINCREMENT, STORAGE_ID INTEGER NOT NULL, NAME TEXT NOT NULL,
        CODE TEXT, ACTIVE TEXT NOT NULL DEFAULT 'Y', SORT INTEGER NOT NULL DEFAULT 500,
        SECTION INTEGER, PREVIEW_TEXT TEXT, DETAIL_TEXT TEXT, DATE_ACTIVE_FROM INTEGER,
        DATE_ACTIVE_TO INTEGER, DATE_CREATE INTEGER, CREATED_BY INTEGER, TIMESTAMP_X INTEGER,
        MODIFIED_BY INTEGER, PROPERTY_VALUES TEXT NOT NULL DEFAULT '{}'""",
    "placements": """
        ID INTEGER PRIMARY KEY AUTOINCREMENT, PLACEMENT TEXT NOT NULL, HANDLER TEXT NOT NULL,
        USER_ID INTEGER NOT NULL DEFAULT 0, OPTIONS TEXT NOT NULL, LANG_ALL TEXT NOT NULL""",
    # HANDLER '': an offline handler.
    "event_handlers": """
        ID INTEGER PRIMARY KEY AUTOINCREMENT, EVENT_NAME TEXT NOT NULL, HANDLER TEXT NOT NULL,
        USER_ID INTEGER NOT NULL DEFAULT 0, UNIQUE (EVENT_NAME, HANDLER, USER_ID)""",
    "offline_events": """
        ID INTEGER PRIMARY KEY AUTOINCREMENT, TIMESTAMP_X INTEGER NOT NULL,
        EVENT_NAME TEXT NOT NULL, EVENT_DATA TEXT NOT NULL, EVENT_ADDITIONAL TEXT NOT NULL,
        MESSAGE_ID TEXT NOT NULL, PROCESS_ID TEXT NOT NULL DEFAULT '',
        ERROR INTEGER NOT NULL DEFAULT 0, UNIQUE (MESSAGE_ID, PROCESS_ID)""",
}


def primary_key(table: str) -> str:
    """Name of the id column: ``id`` for tables in camel case, ``ID`` for the rest."""
    return "id" if "id" in TABLES[table] else "ID"

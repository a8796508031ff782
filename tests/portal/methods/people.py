"""Users and departments (reference §4.3)."""

from __future__ import annotations

import json
from typing import Any, Final

from portal.lists import PAGE
from portal.methods.call import Answer, Call, Method
from portal.parameters import entries, members, php_int, php_text, upper_keys


def _rest_user(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "ID": str(row["ID"]),
        "ACTIVE": row["ACTIVE"] == "Y",
        "NAME": row["NAME"],
        "LAST_NAME": row["LAST_NAME"],
        "EMAIL": row["EMAIL"],
        "WORK_POSITION": row["WORK_POSITION"],
        "UF_DEPARTMENT": json.loads(row["UF_DEPARTMENT"]),
        "USER_TYPE": row["USER_TYPE"] or "employee",
        "PERSONAL_PHOTO": None,
        "IS_ONLINE": "N",
    }


def _current(call: Call) -> Answer:
    row = call.state.user(call.caller.user_id)
    return Answer(_rest_user(row) if row else None)


def _profile(call: Call) -> Answer:
    row = call.state.user(call.caller.user_id) or {}
    offset = call.state.clock.zone.utcoffset(None)
    return Answer(
        {
            "ID": str(call.caller.user_id),
            "ADMIN": call.caller.is_admin,
            "NAME": row.get("NAME", ""),
            "LAST_NAME": row.get("LAST_NAME", ""),
            "PERSONAL_GENDER": "",
            "TIME_ZONE": "",
            "TIME_ZONE_OFFSET": int(offset.total_seconds()),
        }
    )


def _is_admin(call: Call) -> Answer:
    return Answer(call.caller.is_admin)


def _users(call: Call) -> Answer:
    given = upper_keys(call.parameters)
    # Conditions may stand in FILTER or right among the parameters.
    wanted = {**given, **upper_keys(given.get("FILTER"))}
    rows = [row for row in call.state.database.rows("users") if _fits(row, wanted)]
    if php_text(given.get("ORDER")).upper() == "DESC":
        rows.reverse()
    return _paged([_rest_user(row) for row in rows], call.start)


def _fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    ids = [php_int(value) for key in ("ID", "@ID", "=ID") for value in members(wanted.get(key))]
    if ids and row["ID"] not in ids:
        return False
    active = wanted.get("ACTIVE")
    if active not in (None, "") and (php_text(active) in ("1", "Y", "true")) != (
        row["ACTIVE"] == "Y"
    ):
        return False
    departments = {php_int(value) for value in members(wanted.get("UF_DEPARTMENT"))}
    if departments and not departments.intersection(json.loads(row["UF_DEPARTMENT"])):
        return False
    user_type = wanted.get("USER_TYPE")
    return not user_type or php_text(user_type) == (row["USER_TYPE"] or "employee")


def _departments(call: Call) -> Answer:
    wanted = {
        key: value
        for key, value in upper_keys(call.parameters).items()
        if key in ("ID", "NAME", "PARENT", "UF_HEAD")
    }
    rows = [
        row
        for row in call.state.database.rows("departments")
        if all(
            php_text(row[key]) in map(php_text, members(value)) for key, value in entries(wanted)
        )
    ]
    return _paged([_rest_department(row) for row in rows], call.start)


def _rest_department(row: dict[str, Any]) -> dict[str, Any]:
    department = {"ID": str(row["ID"]), "NAME": row["NAME"], "SORT": row["SORT"]}
    if row["PARENT"]:
        department["PARENT"] = str(row["PARENT"])
    return {**department, "UF_HEAD": str(row["UF_HEAD"])}


def _paged(rows: list[dict[str, Any]], start: int) -> Answer:
    offset = max(0, start // PAGE * PAGE)
    page = rows[offset : offset + PAGE]
    following = offset + PAGE if offset + PAGE < len(rows) else None
    return Answer(page, len(rows), following, rows=len(page))


METHODS: Final[dict[str, Method]] = {
    "user.current": Method(_current),
    "profile": Method(_profile),
    "user.admin": Method(_is_admin),
    "user.get": Method(_users),
    "department.get": Method(_departments),
}

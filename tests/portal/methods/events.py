"""event.*: handlers, and the queue of offline events (reference §4.6).

Handlers of online events are taken down and never called: they would be called from outside of the
portal. Source keys (``auth_connector``) are not part of the portal's plan.
"""

from __future__ import annotations

import re
from typing import Any, Final

from portal.errors import RestError, access_denied, bad_argument, empty_argument, known
from portal.events import EVENTS, NO_OFFLINE, AlreadyBound
from portal.filters import Condition
from portal.lists import PAGE
from portal.methods.call import Answer, Call, Method
from portal.methods.placements import checked_handler
from portal.parameters import entries, is_array, members, php_int, php_text, upper_keys

_GET_FIELDS: Final = ("ID", "TIMESTAMP_X", "EVENT_NAME", "MESSAGE_ID")
_LIST_FIELDS: Final = (*_GET_FIELDS, "PROCESS_ID", "ERROR")
_SIGNS: Final = ("", "=", ">", "<", ">=", "<=", "@", "%")
_MESSAGE_ID: Final = 32


def _given(call: Call) -> dict[str, Any]:
    """The parameters in upper case; only in an application's context and without source keys."""
    if not call.caller.is_app:
        raise known("WRONG_AUTH_TYPE")
    given = upper_keys(call.parameters)
    if php_text(given.get("AUTH_CONNECTOR")):
        raise _not_in_plan("auth_connector")
    return given


def _queue(call: Call) -> dict[str, Any]:
    """The parameters of a method of the queue, which is for administrators."""
    given = _given(call)
    if not call.caller.is_admin:
        raise access_denied()
    return given


def _not_in_plan(feature: str) -> RestError:
    text = f"This feature is not enabled for the current license: {feature}"
    return RestError(403, "WRONG_LICENSE", text)


def _event(call: Call, given: dict[str, Any]) -> tuple[str, bool]:
    """Name of the event, and whether offline events are meant."""
    name = php_text(given.get("EVENT")).upper()
    if not name:
        raise empty_argument("EVENT")
    kind = php_text(given.get("EVENT_TYPE")).lower()
    if kind not in ("", "online", "offline"):
        raise bad_argument("EVENT_TYPE", "Value must be one of {online|offline}")
    return name, kind == "offline" and "offline-events" not in call.state.options.without


def _user(call: Call, given: dict[str, Any], doing: str) -> int | None:
    """The user under whom an online handler works; None for any."""
    user_id = php_int(given["AUTH_TYPE"]) if php_text(given.get("AUTH_TYPE")) else None
    if call.caller.is_admin:
        return user_id
    if user_id not in (None, 0, call.caller.user_id):
        text = f"Event {doing} with AUTH_TYPE requires administrator access rights"
        raise access_denied(text)
    return call.caller.user_id


def _bind(call: Call) -> Answer:
    given = _given(call)
    name, is_offline = _event(call, given)
    user_id = _user(call, given, "binding") or 0
    handler = php_text(given.get("HANDLER"))
    if is_offline:
        if not call.caller.is_admin:
            raise access_denied("Offline events binding requires administrator access rights")
        handler, user_id = "", 0
    elif not handler:
        raise empty_argument("HANDLER")
    else:
        checked_handler(handler)
    if is_offline and name == NO_OFFLINE:
        text = "Offline event cannot be registered for this event."
        raise RestError(400, "ERROR_ARGUMENT", text)
    if name != NO_OFFLINE and name not in EVENTS:
        raise RestError(400, "ERROR_EVENT_NOT_FOUND", "Event not found")
    try:
        call.state.events.bind(name, handler, user_id)
    except AlreadyBound:
        text = "Unable to set event handler: Handler already binded"
        raise RestError(400, "ERROR_CORE", text) from None
    return Answer(True)


def _unbind(call: Call) -> Answer:
    given = _given(call)
    name, is_offline = _event(call, given)
    if is_offline:
        if not call.caller.is_admin:
            raise access_denied("Offline events unbinding requires administrator access rights")
        return Answer({"count": call.state.events.unbind(name, "")})
    handler = php_text(given.get("HANDLER"))
    if not handler:
        raise empty_argument("HANDLER")
    user_id = _user(call, given, "unbinding")
    return Answer({"count": call.state.events.unbind(name, handler, user_id)})


def _get(call: Call) -> Answer:
    _given(call)
    user_id = None if call.caller.is_admin else call.caller.user_id
    return Answer([_handler(row) for row in call.state.events.handlers(user_id)])


def _handler(row: dict[str, Any]) -> dict[str, Any]:
    if not row["HANDLER"]:
        return {"event": row["EVENT_NAME"], "connector_id": "", "offline": 1}
    return {
        "event": row["EVENT_NAME"],
        "handler": row["HANDLER"],
        "auth_type": str(row["USER_ID"]),
        "offline": 0,
    }


def _all(call: Call) -> Answer:
    _given(call)
    return Answer([NO_OFFLINE, *sorted(EVENTS)])


def _taken(call: Call) -> Answer:
    given = _queue(call)
    clears = php_int(given.get("CLEAR", 1)) != 0
    limit = php_int(given.get("LIMIT", PAGE))
    if limit <= 0:
        raise bad_argument("LIMIT", "Value must be positive integer")
    wanted = _condition(call, given.get("FILTER"), _GET_FIELDS)
    wanted.sql += f" AND ERROR = {int(php_int(given.get('ERROR')) == 1)}"
    order = _order(given.get("ORDER"), _GET_FIELDS) or "TIMESTAMP_X, ID"
    events = call.state.events
    process = php_text(given.get("PROCESS_ID")).strip()
    shown = process or None
    if not process:
        free = Condition(f"{wanted.sql} AND PROCESS_ID = ''", wanted.values)
        process = events.take(free, order, limit)
        shown = None if clears else process
    own = Condition(f"{wanted.sql} AND PROCESS_ID = ?", [*wanted.values, process])
    rows = events.queued(own, order, limit, 0)
    if clears and rows:
        events.clear(process)
    for row in rows:
        del row["PROCESS_ID"], row["ERROR"]
    return Answer({"process_id": shown, "events": rows}, rows=len(rows))


def _listed(call: Call) -> Answer:
    given = _queue(call)
    wanted = _condition(call, given.get("FILTER"), _LIST_FIELDS)
    order = _order(given.get("ORDER"), _LIST_FIELDS) or "ID"
    offset = max(0, php_int(given.get("START", 0)) // PAGE * PAGE)
    rows = call.state.events.queued(wanted, order, PAGE, offset)
    total = call.state.events.count(wanted)
    return Answer(rows, total, offset + PAGE if offset + PAGE < total else None, rows=len(rows))


def _process(given: dict[str, Any]) -> str:
    if "PROCESS_ID" not in given:
        raise empty_argument("PROCESS_ID")
    return php_text(given["PROCESS_ID"]).strip()


def _messages(given: dict[str, Any]) -> list[str]:
    values = given.get("MESSAGE_ID")
    found = [php_text(value).strip() for value in members(values)]
    if not is_array(values) or any(len(value) != _MESSAGE_ID for value in found):
        raise bad_argument("message_id", "Value must be array of MESSAGE_ID values")
    return found


def _clear(call: Call) -> Answer:
    given = _queue(call)
    process = _process(given)
    if "MESSAGE_ID" in given:
        call.state.events.clear(process, "MESSAGE_ID", _messages(given))
    elif "ID" in given:
        ids = [php_int(value) for value in members(given["ID"])]
        if not is_array(given["ID"]) or any(value <= 0 for value in ids):
            raise bad_argument("id", "Value must be array of integers")
        call.state.events.clear(process, "ID", ids)
    else:
        call.state.events.clear(process)
    return Answer(True)


def _failed(call: Call) -> Answer:
    given = _queue(call)
    call.state.events.mark_error(_process(given), _messages(given))
    return Answer(True)


def _condition(call: Call, given: Any, fields: tuple[str, ...]) -> Condition:
    parts: list[str] = []
    values: list[Any] = []
    for key, value in entries(given):
        found = re.fullmatch(r"([^a-zA-Z]*)(.*)", key.upper(), re.DOTALL)
        sign, name = (found[1], found[2]) if found else ("", key)
        if sign not in _SIGNS:
            raise RestError(400, "ERROR_ARGUMENT", f"Filter operation not allowed: {sign}")
        if name not in fields:
            raise RestError(400, "ERROR_ARGUMENT", f"Filter field not allowed: {name}")
        choices = [_value(call, name, each) for each in members(value)]
        if sign == "%":
            parts.append(f"{name} LIKE ?")
            values.append(f"%{php_text(value)}%")
        elif is_array(value) or sign == "@":
            parts.append(f"{name} IN ({', '.join('?' * len(choices))})")
            values += choices
        else:
            parts.append(f"{name} {sign or '='} ?")
            values.append(_value(call, name, value))
    return Condition(" AND ".join(parts) or "1", values)


def _value(call: Call, name: str, value: Any) -> Any:
    if name == "TIMESTAMP_X":
        return call.state.moments.parse(value) or 0
    return php_int(value) if name in ("ID", "ERROR") else php_text(value)


def _order(given: Any, fields: tuple[str, ...]) -> str:
    parts = []
    for name, way in entries(given):
        direction = php_text(way).upper()
        if name.upper() not in fields:
            raise RestError(400, "ERROR_ARGUMENT", f"Order field not allowed: {name}")
        if direction not in ("ASC", "DESC"):
            text = f"Order direction should be one of {{ASC|DESC}}: {way}"
            raise RestError(400, "ERROR_ARGUMENT", text)
        parts.append(f"{name.upper()} {direction}")
    return ", ".join(parts)


METHODS: Final[dict[str, Method]] = {
    "events": Method(_all),
    "event.bind": Method(_bind),
    "event.unbind": Method(_unbind),
    "event.get": Method(_get),
    "event.offline.get": Method(_taken),
    "event.offline.list": Method(_listed),
    "event.offline.clear": Method(_clear),
    "event.offline.error": Method(_failed),
}

"""placement.*: the app's places in the portal's pages (reference §4.5)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from portal.errors import RestError, access_denied, bad_argument, empty_argument, known
from portal.methods.call import Answer, Call, Method
from portal.parameters import entries, php_int, php_text, php_true, upper_keys
from portal.placements import BACKGROUND, CODES, SINGLE, AlreadyBound

_WORDS: Final = ("TITLE", "DESCRIPTION", "GROUP_NAME")


def _available(call: Call) -> list[str]:
    scopes = (*call.state.scopes, "")
    return [code for scope, codes in CODES.items() if scope in scopes for code in codes]


def _list(call: Call) -> Answer:
    if not call.caller.is_app:
        raise known("WRONG_AUTH_TYPE")
    given = upper_keys(call.parameters)
    if php_text(given.get("SCOPE")):
        return Answer(list(CODES.get(php_text(given["SCOPE"]), ())))
    if php_true(given.get("FULL", False)):
        return Answer([code for codes in CODES.values() for code in codes])
    return Answer(_available(call))


def _permitted(call: Call) -> dict[str, Any]:
    """The parameters; only of an administrator in an application's context."""
    if not call.caller.is_app:
        raise known("WRONG_AUTH_TYPE")
    if not call.caller.is_admin:
        raise access_denied()
    return upper_keys(call.parameters)


def _placement(given: dict[str, Any]) -> str:
    code = given.get("PLACEMENT")
    if not isinstance(code, str):
        text = "The value of an argument 'PLACEMENT' must be of type string"
        raise bad_argument("PLACEMENT", text)
    if not code or code.upper() == "DEFAULT":
        raise empty_argument("PLACEMENT")
    return code.upper()


def checked_handler(handler: str) -> str:
    """A handler's address; RestError unless it is http(s) and its host has a dot in its name."""
    parts = urlsplit(handler)
    if "." not in (parts.hostname or "")[1:]:
        raise RestError(400, "ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    if parts.scheme not in ("http", "https"):
        raise RestError(400, "ERROR_UNSUPPORTED_PROTOCOL", "Unsupported handler protocol")
    return handler


def _bind(call: Call) -> Answer:
    given = _permitted(call)
    placement = _placement(given)
    handler = php_text(given.get("HANDLER"))
    if not handler:
        raise empty_argument("HANDLER")
    checked_handler(handler)
    if placement not in _available(call):
        raise RestError(400, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    user_id = max(0, php_int(given.get("USER_ID")))
    if user_id and placement != BACKGROUND:
        raise RestError(200, "ERROR_PLACEMENT_USER_MODE", "User mode is not available.")
    options = _options(placement, given)
    placements = call.state.placements
    if placement in SINGLE and placements.count(placement):
        raise RestError(200, "ERROR_PLACEMENT_MAX_COUNT", "Placement max count: 1")
    try:
        placements.bind(placement, handler, user_id, options, _words(call, given))
    except AlreadyBound:
        text = "Unable to set placement handler: Handler already binded"
        raise RestError(400, "ERROR_CORE", text) from None
    return Answer(True)


def _options(placement: str, given: dict[str, Any]) -> dict[str, Any]:
    """Places keep the options that they know; only one of ours knows any."""
    if placement != BACKGROUND:
        return {}
    address = php_text(dict(entries(given.get("OPTIONS"))).get("errorHandlerUrl"))
    if not address:
        raise RestError(200, "EMPTY_ERROR_HANDLER_URL", "The URL of the error handler is empty")
    return {"errorHandlerUrl": address}


def _words(call: Call, given: dict[str, Any]) -> dict[str, dict[str, str]]:
    by_language = {
        language: {name: php_text(dict(entries(words)).get(name)).strip() for name in _WORDS}
        for language, words in entries(given.get("LANG_ALL"))
    }
    named = {name: php_text(given.get(name)).strip() for name in _WORDS}
    return by_language or ({call.state.options.lang: named} if any(named.values()) else {})


def _get(call: Call) -> Answer:
    _permitted(call)
    return Answer(call.state.placements.all())


def _unbind(call: Call) -> Answer:
    given = _permitted(call)
    user_id = php_int(given["USER_ID"]) if "USER_ID" in given else None
    handler = php_text(given.get("HANDLER"))
    removed = call.state.placements.unbind(_placement(given), handler, user_id)
    # The platform counts what it finds and once more what it deletes.
    return Answer({"count": 2 * removed})


METHODS: Final[dict[str, Method]] = {
    "placement.list": Method(_list),
    "placement.bind": Method(_bind),
    "placement.get": Method(_get),
    "placement.unbind": Method(_unbind),
}

"""The app's own matters: options, licence, scopes, what methods exist, the portal's clock
(reference §4.4).
"""

from __future__ import annotations

from typing import Any, Final

from portal.errors import RestError
from portal.methods.call import Answer, Call, Method
from portal.parameters import entries, is_array, php_text, upper_keys

_OFFLINE_EVENTS: Final = "rest_offline_extended"
_NOT_IN_PLAN: Final = {"rest_auth_connector"}


def _server_time(call: Call) -> Answer:
    return Answer(call.state.clock.iso(call.state.clock.portal_s()))


def _info(call: Call) -> Answer:
    licence = f"{call.state.options.lang}_basic"
    if not call.caller.is_app:
        return Answer({"SCOPE": list(call.state.scopes), "LICENSE": licence})
    return Answer(
        {
            "ID": 1,
            "CODE": call.caller.client,
            "VERSION": 1,
            "STATUS": "L",
            "INSTALLED": call.state.app.installed,
            "PAYMENT_EXPIRED": "N",
            "DAYS": None,
            "LANGUAGE_ID": call.state.options.lang,
            "LICENSE": licence,
            "LICENSE_TYPE": "basic",
            "LICENSE_FAMILY": "basic",
        }
    )


def _scope(call: Call) -> Answer:
    return Answer(list(call.state.scopes))


def _feature(call: Call) -> Answer:
    code = php_text(upper_keys(call.parameters).get("CODE"))
    if not code:
        raise RestError(400, "CODE_EMPTY", "CODE can't be empty")
    is_lacking = code == _OFFLINE_EVENTS and "offline-events" in call.state.options.without
    has_it = code.startswith("rest_") and code not in _NOT_IN_PLAN and not is_lacking
    return Answer({"value": "Y" if has_it else "N"})


def _app_options(call: Call) -> Answer:
    return _read(call.state.app.options(), call)


def _set_app_options(call: Call) -> Answer:
    call.state.app.set_options(_given_options(call))
    return Answer(True)


def _user_options(call: Call) -> Answer:
    return _read(call.state.app.options(call.caller.user_id), call)


def _set_user_options(call: Call) -> Answer:
    call.state.app.set_options(_given_options(call), call.caller.user_id)
    return Answer(True)


def _read(options: dict[str, Any], call: Call) -> Answer:
    name = call.parameters.get("option")
    if name is not None:
        return Answer(options.get(php_text(name)))
    return Answer(dict(options) or [])


def _given_options(call: Call) -> dict[str, Any]:
    options = dict(entries(call.parameters.get("options", call.parameters)))
    if not options:
        raise RestError(400, "ERROR_ARGUMENT", "Argument 'options' is null or empty", "options")
    return {
        name: php_text(value) if not is_array(value) else value for name, value in options.items()
    }


METHODS: Final[dict[str, Method]] = {
    "server.time": Method(_server_time),
    "app.info": Method(_info),
    "scope": Method(_scope),
    "feature.get": Method(_feature),
    "app.option.get": Method(_app_options, app_only=True),
    "app.option.set": Method(_set_app_options, app_only=True, admin_only=True),
    "user.option.get": Method(_user_options, app_only=True),
    "user.option.set": Method(_set_user_options, app_only=True),
}

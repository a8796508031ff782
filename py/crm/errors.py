"""Every way in which talking to a portal can end badly, in one tree.

Each class has a stable ``code``, the key of its text in the translations, which says what happened,
what is saved and what to do. ``params`` holds facts for that text: ``method`` (REST method),
``words`` (the portal's own description), ``status`` (HTTP), and what a class names below. They
never hold tokens or rows. Source of the portal's codes: the platform's list of system errors.
"""

from __future__ import annotations

from typing import Any, ClassVar


class PortalError(Exception):
    """Anything that ended a request to the portal; the others derive from it."""

    code: ClassVar[str] = "portal_failed"

    def __init__(self, **params: Any) -> None:
        super().__init__(
            ", ".join([self.code, *(f"{key}={value}" for key, value in params.items())])
        )
        self.params = params


class ConnectionLost(PortalError):
    """The portal could not be reached, several attempts in a row."""

    code = "connection_lost"


class AnswerTimeout(PortalError):
    """The portal took the request and did not answer in time, several attempts in a row."""

    code = "answer_timeout"


class PortalFailed(PortalError):
    """The portal answers 5xx, several attempts in a row."""

    code = "portal_failed"


class PortalOverloaded(PortalError):
    """503 QUERY_LIMIT_EXCEEDED for minutes: others behind the same address use up the portal's
    request rate.
    """

    code = "portal_overloaded"


class PortalBlocked(PortalError):
    """503 OVERLOAD_LIMIT: Bitrix24 has blocked the portal's REST by hand, only its support lifts
    that.
    """

    code = "portal_blocked"


class PortalDeleted(PortalError):
    """PORTAL_DELETED: there is no such portal any more."""

    code = "portal_deleted"


class SessionExpired(PortalError):
    """The token is no longer accepted and no new one came: what was read is saved, the page is to
    be reloaded.
    """

    code = "session_expired"


class PlanRefused(PortalError):
    """The portal's plan has no REST (it works on commercial plans), or the app's paid period is
    over.
    """

    code = "plan_refused"


class AppRefused(PortalError):
    """This person may not use the app: no access to it, or not an employee."""

    code = "app_refused"


class AccessDenied(PortalError):
    """The person's CRM rights do not reach these rows; ``table`` names them where known."""

    code = "access_denied"


class ScopeMissing(PortalError):
    """The app was installed without a permission that the method needs."""

    code = "scope_missing"


class MethodMissing(PortalError):
    """The portal does not know the method or the kind of object: an old or reduced portal."""

    code = "method_missing"


class RequestRefused(PortalError):
    """Any other refusal (4xx); ``error`` is the portal's code."""

    code = "request_refused"


class OperationLimit(PortalError):
    """429 OPERATION_TIME_LIMIT: the method's 480 s per 10 minutes are used up, again and again."""

    code = "operation_limit"


class AnswerUnreadable(PortalError):
    """Not JSON, or not of the promised shape, several attempts in a row; ``reason`` says which."""

    code = "answer_unreadable"


class RequestTooHeavy(PortalError):
    """The portal cuts even the smallest request at its 60 s limit."""

    code = "request_too_heavy"


class RequestCut(PortalError):
    """A batch met the 60 s cut, or its answer got lost: all of it is to be asked again, in smaller
    parts.
    """

    code = "request_cut"


_BY_CODE: dict[str, type[PortalError]] = {
    "QUERY_LIMIT_EXCEEDED": PortalOverloaded,
    "OVERLOAD_LIMIT": PortalBlocked,
    "PORTAL_DELETED": PortalDeleted,
    "OPERATION_TIME_LIMIT": OperationLimit,
    "EXPIRED_TOKEN": SessionExpired,
    "INVALID_TOKEN": SessionExpired,
    "NO_AUTH_FOUND": SessionExpired,
    "AUTHORIZATION_ERROR": SessionExpired,
    "INVALID_GRANT": SessionExpired,
    "PAYMENT_REQUIRED": PlanRefused,
    "APPLICATION_NOT_FOUND": AppRefused,
    "USER_ACCESS_ERROR": AppRefused,
    "ALLOWED_ONLY_INTRANET_USER": AppRefused,
    "INSUFFICIENT_SCOPE": ScopeMissing,
    "ERROR_METHOD_NOT_FOUND": MethodMissing,
    "ENTITY_TYPE_NOT_SUPPORTED": MethodMissing,
    "INTERNAL_SERVER_ERROR": PortalFailed,
    "ERROR_UNEXPECTED_ANSWER": PortalFailed,
    "ACCESS_DENIED": AccessDenied,
    "INVALID_CREDENTIALS": AccessDenied,
}

TRANSIENT = (ConnectionLost, AnswerTimeout, PortalFailed, PortalOverloaded, AnswerUnreadable)
"""Errors that pass by themselves; reads are repeated after them."""


def from_portal(status: int, code: object, words: object, method: str) -> PortalError:
    """The error for the portal's ``error`` and ``error_description``; ``status`` 200 stands for an
    inner error.

    Old CRM methods give an empty code and only the text "Access denied."; the plan's refusal has
    the code of a denied access and is told apart by its text.
    """
    name = str(code).upper() if isinstance(code, str | int) else ""
    text = words if isinstance(words, str) else ""
    params: dict[str, Any] = {"method": method, "words": text, "status": status}
    kind = _BY_CODE.get(name)
    if "commercial plan" in text.lower():
        kind = PlanRefused
    elif kind is None and "access denied" in text.lower():
        kind = AccessDenied
    elif kind is None and status >= 500:
        kind = PortalFailed
    if kind is None:
        return RequestRefused(error=name, **params)
    return kind(**params)

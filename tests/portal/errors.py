"""Errors of the REST service: code, text and HTTP status as the platform gives them."""

from __future__ import annotations

from typing import Any, Final


class RestError(Exception):
    """An answer that is an error; ``argument`` names the parameter that caused it."""

    def __init__(self, status: int, code: str, description: str, argument: str | None = None):
        super().__init__(f"{code}: {description}")
        self.status = status
        self.code = code
        self.description = description
        self.argument = argument

    def body(self) -> dict[str, Any]:
        """The answer's JSON; inside a batch it stands in ``result_error``."""
        body = {"error": self.code, "error_description": self.description}
        if self.argument is not None:
            body["argument"] = self.argument
        return body


# code: (HTTP status, text); everything that a wrong request or a fault can provoke.
KNOWN: Final[dict[str, tuple[int, str]]] = {
    "QUERY_LIMIT_EXCEEDED": (503, "Too many requests"),
    "OPERATION_TIME_LIMIT": (429, "Method is blocked due to operation time limit."),
    "OVERLOAD_LIMIT": (503, "REST API is blocked due to overload."),
    "expired_token": (401, "The access token provided has expired."),
    "invalid_token": (401, "Unable to get application by token"),
    "authorization_error": (401, "Unable to authorize user"),
    "APPLICATION_NOT_FOUND": (401, "Application not found"),
    "NO_AUTH_FOUND": (401, "Wrong authorization data"),
    "ACCESS_DENIED": (403, "REST API is available only on commercial plans."),
    "INVALID_CREDENTIALS": (403, "Invalid request credentials"),
    "insufficient_scope": (
        403,
        "The request requires higher privileges than provided by the access token",
    ),
    "WRONG_AUTH_TYPE": (
        403,
        "Current authorization type is denied for this method: Application context required",
    ),
    "user_access_error": (403, "The user does not have access to the application."),
    "allowed_only_intranet_user": (403, "Access allowed only for intranet users"),
    "ERROR_METHOD_NOT_FOUND": (404, "Method not found!"),
    "INVALID_REQUEST": (400, "Https required."),
    "ERROR_BATCH_LENGTH_EXCEEDED": (400, "Max batch length exceeded"),
    "ERROR_BATCH_METHOD_NOT_ALLOWED": (405, "Method is not allowed for batch usage"),
    "INTERNAL_SERVER_ERROR": (500, "Internal server error"),
    "ERROR_UNEXPECTED_ANSWER": (500, "Server returned an unexpected response"),
    "PORTAL_DELETED": (500, "Portal was deleted"),
}


def known(code: str) -> RestError:
    """The error of a code of ``KNOWN``."""
    status, description = KNOWN[code]
    return RestError(status, code, description)


def missing_argument(name: str) -> RestError:
    """A required parameter is absent."""
    return RestError(400, "100", f"Could not find value for parameter {{{name}}}", name)


def bad_argument(name: str, description: str) -> RestError:
    """A parameter has a value that the method does not take."""
    return RestError(400, "ERROR_ARGUMENT", description, name)


def empty_argument(name: str) -> RestError:
    """A parameter is absent or empty."""
    return bad_argument(name, f"Argument '{name}' is null or empty")


def access_denied(reason: str = "") -> RestError:
    """The person may not do this."""
    return RestError(403, "ACCESS_DENIED", f"Access denied! {reason}".strip())


def old_method_error(description: str) -> RestError:
    """The older crm.* methods answer with an empty code."""
    return RestError(400, "", description)


def administrator_required() -> RestError:
    """A method for administrators was called by somebody else."""
    return access_denied("Administrator authorization required")

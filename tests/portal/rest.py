"""The REST endpoints: ``/rest/METHOD`` with a token and ``/rest/USER_ID/CODE/METHOD`` (reference
§2.5, §3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.batch import run_batch
from portal.connections import Dropped
from portal.errors import KNOWN, RestError, known
from portal.execution import Execution, RequestCut
from portal.faults import Fault
from portal.methods.call import Caller
from portal.methods.table import method_of
from portal.parameters import entries, merge, parse_body, parse_query, php_text
from portal.requestlog import Command, Entry
from portal.rights import rights_of
from portal.state import CLIENT_ID, PortalState

CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "origin, content-type, accept",
}

_HTML: Final = (
    "<html>\r\n<head><title>{title}</title></head>\r\n"
    "<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
)
_WEBHOOK: Final = re.compile(r"(\d+)/([^/]+)/([^/]+)")
_AUTH_NAMES: Final = ("auth", "access_token")


@dataclass(frozen=True)
class _Target:
    method: str
    webhook_user: int = 0
    webhook_code: str = ""


def rest_routes(state: PortalState) -> list[Route]:
    """Routes of REST on the portal's origin."""
    service = _Service(state)
    return [Route("/rest/{path:path}", service.handle, methods=["GET", "POST", "OPTIONS"])]


class _Service:
    def __init__(self, state: PortalState):
        self._state = state

    async def handle(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(headers=CORS)
        state = self._state
        body = await request.body()
        target = _target(request.path_params["path"])
        entry = state.log.add(target.method, state.clock.wall_s())
        entry.body_bytes = len(body)
        began_s = state.clock.emulated_s()
        fault = state.faults.next_fault()
        entry.fault = fault.kind if fault else ""
        response = await self._respond(request, target, body, fault, entry)
        entry.duration_s = state.clock.emulated_s() - began_s
        entry.http_status = 0 if isinstance(response, Dropped) else response.status_code
        entry.answer_bytes = len(response.body)
        return response

    async def _respond(
        self, request: Request, target: _Target, body: bytes, fault: Fault | None, entry: Entry
    ) -> Response:
        kind = fault.kind if fault else ""
        if kind == "reset":
            return Dropped()
        if kind == "502":
            return _page(502, "502 Bad Gateway")
        if kind == "html":
            return _page(200, "The portal is being updated", CORS)
        try:
            if fault and fault.slow_s:
                await self._state.clock.pause(fault.slow_s)
            answer = await self._answer(request, target, body, kind, entry)
        except RestError as error:
            entry.error = error.code
            return _json(error.status, error.body())
        except RequestCut:
            entry.error = "cut"
            return _page(504, "504 Gateway Time-out")
        return Dropped() if kind == "lost" else _json(200, answer)

    async def _answer(
        self, request: Request, target: _Target, body: bytes, kind: str, entry: Entry
    ) -> dict[str, Any]:
        state = self._state
        address = request.client.host if request.client else ""
        if state.limits.are_on and not state.limits.buckets.admit(address):
            raise known("QUERY_LIMIT_EXCEEDED")
        _provoke(kind)
        parameters = merge(
            parse_query(request.url.query),
            parse_body(body, request.headers.get("content-type", "")),
        )
        if target.method != "batch" and method_of(target.method, state.options.without) is None:
            raise known("ERROR_METHOD_NOT_FOUND")
        caller = self._caller(request, target, parameters, expire=kind == "expire")
        entry.user = caller.user_id
        for name in _AUTH_NAMES:
            parameters.pop(name, None)
        blocked = _first_method(target, parameters) if kind == "429" else ""
        execution = Execution(state, caller, blocked)
        try:
            if target.method == "batch":
                return await run_batch(execution, parameters, entry)
            command = Command("", target.method, "")
            entry.commands.append(command)
            return await execution.call(target.method, parameters, command)
        finally:
            execution.close()

    def _caller(
        self, request: Request, target: _Target, parameters: dict[str, Any], *, expire: bool
    ) -> Caller:
        if target.webhook_user:
            return self._known_caller(
                target.webhook_user, f"webhook {target.webhook_code}", is_app=False
            )
        sessions = self._state.sessions
        token = _token(request, parameters)
        if not token:
            raise known("NO_AUTH_FOUND")
        session = sessions.find(token)
        if session is None:
            raise known("invalid_token")
        if expire:
            sessions.expire(token)
        if sessions.is_expired(token):
            raise known("expired_token")
        return self._known_caller(session.user_id, CLIENT_ID, is_app=True)

    def _known_caller(self, user_id: int, client: str, *, is_app: bool) -> Caller:
        state = self._state
        user = state.user(user_id)
        if user is None:
            raise known("NO_AUTH_FOUND")
        if user["ACTIVE"] != "Y":
            raise known("authorization_error")
        return Caller(
            user_id, client, is_app, rights_of(state.database, user, state.is_admin(user_id))
        )


def _target(path: str) -> _Target:
    path = path.strip("/").removesuffix(".json")
    webhook = _WEBHOOK.fullmatch(path)
    if webhook:
        return _Target(webhook[3].lower(), int(webhook[1]), webhook[2])
    return _Target(path.lower())


def _provoke(kind: str) -> None:
    """Answer at once with the error that a fault asks for, if it asks for one."""
    if kind == "503":
        raise known("QUERY_LIMIT_EXCEEDED")
    if kind == "500":
        raise known("INTERNAL_SERVER_ERROR")
    if kind in KNOWN:
        raise known(kind)


def _token(request: Request, parameters: dict[str, Any]) -> str:
    for name in _AUTH_NAMES:
        if parameters.get(name):
            return php_text(parameters[name])
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _first_method(target: _Target, parameters: dict[str, Any]) -> str:
    if target.method != "batch":
        return target.method
    commands: Any = next((value for name, value in parameters.items() if name.lower() == "cmd"), {})
    first = next((command for _, command in entries(commands)), "")
    return php_text(first).partition("?")[0].lower()


def _json(status: int, body: dict[str, Any]) -> Response:
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, CORS, "application/json; charset=utf-8")


def _page(status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    """An HTML page; those of the web server before the portal have no CORS headers."""
    return Response(_HTML.format(title=title), status, headers, "text/html; charset=utf-8")

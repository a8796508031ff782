"""What a browser sees of the emulated portal: its pages, the platform's script, the app's own host.

The pages speak the frame's protocol (reference notes, §1 and §2) in the browser; this side gives
them sessions, options and the texts of cards.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from portal.apphost import AppFiles
from portal.rights import rights_of
from portal.sessions import Session
from portal.state import PortalState

_HERE: Final = Path(__file__).parent
_PAGES: Final = _HERE / "pages"
_SECTIONS: Final = ("crm", "marketplace", "mobile", "company", "workgroups")
# One page serves them all: its script looks at the path.
_PAGE_PATHS: Final = (
    "/",
    "/requests/",
    *(f"/{section}/{{rest:path}}" for section in _SECTIONS),
)
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_KINDS: Final = {
    "company": "companies",
    "contact": "contacts",
    "deal": "deals",
    "lead": "leads",
    "invoice": "invoices",
    "user": "users",
}
_LISTED: Final = 50
_UNCACHED: Final = {"Cache-Control": "no-store"}


def portal_routes(state: PortalState) -> list[Route]:
    """Pages of the portal, ``/bx24.js``, and what the pages ask for under ``/portal``."""
    front = _Front(state)
    return [
        *(Route(path, front.page) for path in _PAGE_PATHS),
        Route("/bx24.js", front.script),
        Route("/portal/pages/{file}", front.page_file),
        Route("/portal/facts", front.facts),
        Route("/portal/card", front.card),
        Route("/portal/list", front.listed),
        Route("/portal/frame-session", front.frame_session, methods=["POST"]),
        Route("/portal/refresh-auth", front.refresh_auth, methods=["POST"]),
        Route("/portal/options", front.options, methods=["POST"]),
        Route("/portal/install", front.install, methods=["POST"]),
    ]


def app_host(state: PortalState) -> Starlette:
    """The app's own web server: its files, for GET and for POST alike."""
    files = AppFiles(Path(state.options.app_folder), state.options)
    return Starlette(routes=[Route("/{path:path}", files.answer, methods=["GET", "POST"])])


class _Front:
    def __init__(self, state: PortalState) -> None:
        self._state = state

    async def page(self, request: Request) -> Response:
        app = f"{request.url.scheme}://{request.url.hostname}:{self._state.options.port + 1}"
        handlers = (urlsplit(each["handler"]) for each in self._state.placements.all())
        framed = " ".join(sorted({app, *(f"{each.scheme}://{each.netloc}" for each in handlers)}))
        policy = (
            "default-src 'self'; object-src 'none'; base-uri 'none'; "
            f"frame-src 'self' {framed}; form-action 'self' {framed}"
        )
        headers = {**_UNCACHED, "Content-Security-Policy": policy}
        return FileResponse(_PAGES / "portal.html", headers=headers)

    async def script(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
        return FileResponse(_HERE / "bx24.js", media_type="text/javascript", headers=headers)

    async def page_file(self, request: Request) -> Response:
        file = _PAGES / request.path_params["file"]
        if file.suffix not in _TYPES or not file.is_file():
            return Response("Not found", 404)
        return FileResponse(file, media_type=_TYPES[file.suffix], headers=_UNCACHED)

    async def facts(self, request: Request) -> Response:
        state = self._state
        return _json(
            {
                "name": state.database.settings["name"],
                "lang": state.options.lang,
                "user": state.start_user_id,
                "appPort": state.options.port + 1,
                "installed": state.app.installed,
                "placements": state.placements.all() if state.app.installed else [],
                "hasOwnPlaces": state.options.install,
                "users": self._users(),
            }
        )

    def _users(self) -> list[dict[str, Any]]:
        database = self._state.database
        heads = {row["UF_HEAD"] for row in database.rows("departments")}
        users = database.rows("users", "ACTIVE = 'Y' OR ID = ?", (self._state.start_user_id,))
        return [
            {
                "id": user["ID"],
                "name": f"{user['NAME']} {user['LAST_NAME']}".strip() or f"#{user['ID']}",
                "post": user["WORK_POSITION"],
                "role": self._role(user["ID"], heads),
            }
            for user in users
        ]

    def _role(self, user_id: int, heads: set[int]) -> str:
        if self._state.is_admin(user_id):
            return "admin"
        return "head" if user_id in heads else "manager"

    async def card(self, request: Request) -> Response:
        """One row as the REST would show it, for the person who looks."""
        kind, row_id = request.query_params.get("kind", ""), _number(request, "id")
        table = _KINDS.get(kind)
        row = self._state.database.row(table, row_id) if table else None
        if not table or row is None:
            return _json({"error": "NOT_FOUND"}, 404)
        if table != "users" and not self._rights(request).may_touch(table, row):
            return _json({"error": "ACCESS_DENIED"}, 403)
        return _json({"kind": kind, "id": row_id, "row": self._shown(row)})

    def _rights(self, request: Request) -> Any:
        state = self._state
        user_id = _number(request, "user") or state.start_user_id
        user = state.user(user_id) or {"ID": user_id}
        return rights_of(state.database, user, state.is_admin(user_id))

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with moments as ISO texts, multi-fields as lists of values, and users by name."""
        shown: dict[str, Any] = {}
        for name, value in row.items():
            if name in _MOMENTS and value is not None:
                value = self._state.clock.iso(value)
            elif name in _MULTIFIELDS:
                value = [each["VALUE"] for each in json.loads(value)]
            elif name in _DIRECTORIES and (named := self._named(value)):
                value = named
            elif name in _PEOPLE and (user := self._state.user(value)):
                value = f"{user['NAME']} {user['LAST_NAME']}"
            shown[name] = value
        return shown

    def _named(self, code: str) -> str:
        rows = self._state.database.rows("statuses", "STATUS_ID = ?", (code,))
        return str(rows[0]["NAME"]) if rows else ""

    async def listed(self, request: Request) -> Response:
        """The newest cards of a kind that the person may read, by part of a name or by id."""
        kind = request.query_params.get("kind", "")
        names = {"company": "TITLE", "contact": "NAME || ' ' || LAST_NAME"}.get(kind)
        if names is None:
            return _json({"error": "NOT_FOUND"}, 404)
        sought = request.query_params.get("sought", "").strip()
        readable = self._rights(request).condition(_KINDS[kind]) or "1"
        statement = (
            f"SELECT ID AS id, {names} AS name, DATE_CREATE AS created FROM {_KINDS[kind]} "
            f"WHERE {readable} AND (? = '' OR CAST(ID AS TEXT) = ? OR instr({names}, ?) > 0) "
            f"ORDER BY ID DESC LIMIT {_LISTED}"
        )
        rows = self._state.database.query(statement, (sought, sought, sought))
        return _json([{**row, "created": self._state.clock.iso(row["created"])} for row in rows])

    async def frame_session(self, request: Request) -> Response:
        """Tokens and facts of a new frame, from which the page answers ``getInitData``."""
        state, given = self._state, await request.json()
        user_id = int(given.get("user") or state.start_user_id)
        if state.user(user_id) is None:
            return _json({"error": f"there is no user {user_id}"}, 404)
        app = state.app
        session = state.sessions.open(user_id)
        first_run, app.first_run = app.first_run, False
        return _json(
            {
                **_tokens(session),
                "APP_SID": session.sid,
                "MEMBER_ID": session.member_id,
                "APPLICATION_TOKEN": secrets.token_hex(16),
                "APPLICATION_SCOPE": ",".join(state.scopes),
                "IS_ADMIN": state.is_admin(user_id),
                "FIRST_RUN": first_run,
                "INSTALL": not app.installed,
                # PHP writes an empty map as a list.
                "USER_OPTIONS": app.options(user_id) or [],
                "APP_OPTIONS": app.options() or [],
            }
        )

    async def refresh_auth(self, request: Request) -> Response:
        """New tokens; HTTP 503 when the faults say that this refresh fails."""
        given = await request.json()
        if self._state.faults.refresh_is_silent():
            return _json({"error": "refresh failed"}, 503)
        try:
            session = self._state.sessions.refresh(str(given.get("refresh_token")))
        except KeyError:
            return _json({"error": "this refresh token is not known"}, 401)
        return _json(_tokens(session))

    async def options(self, request: Request) -> Response:
        """Keep an option of the app, for all (administrators only) or for one user."""
        given = await request.json()
        session = self._state.sessions.find(str(given.get("auth")))
        if session is None:
            return _json({"error": "this token is not known"}, 401)
        app = self._state.app
        user_id = session.user_id
        if given.get("scope") == "app":
            if not self._state.is_admin(user_id):
                return _json({"error": "only an administrator may do this"}, 403)
            user_id = 0
        app.set_options({str(given["name"]): given.get("value")}, user_id)
        return _json({"saved": True})

    async def install(self, request: Request) -> Response:
        """Mark the app as installed or not; with a token it takes an administrator's."""
        given, state = await request.json(), self._state
        session = state.sessions.find(str(given.get("auth")))
        if session is None or state.is_admin(session.user_id):
            state.app.installed = bool(given.get("installed"))
        return _json({"installed": state.app.installed})


_MOMENTS: Final = {
    "DATE_CREATE",
    "DATE_MODIFY",
    "BEGINDATE",
    "CLOSEDATE",
    "MOVED_TIME",
    "LAST_ACTIVITY_TIME",
    "createdTime",
    "updatedTime",
    "movedTime",
    "begindate",
    "closedate",
    "DATE_CLOSED",
}
_DIRECTORIES: Final = {"COMPANY_TYPE", "STAGE_ID", "stageId", "STATUS_ID"}
_MULTIFIELDS: Final = {"PHONE", "EMAIL", "WEB", "IM"}
_PEOPLE: Final = {"ASSIGNED_BY_ID", "CREATED_BY_ID", "assignedById", "createdBy"}


def _tokens(session: Session) -> dict[str, str]:
    return {
        "AUTH_ID": session.access_token,
        "AUTH_EXPIRES": str(session.expires_in_s),
        "REFRESH_ID": session.refresh_token,
    }


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() else 0


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, headers=_UNCACHED)

"""Control surface of the emulator on the portal's origin: for tests and for the portal page.

All answers are JSON; a wrong request gets HTTP 400 and ``{"error": TEXT}``.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.cells import RowError
from portal.entities import ITEM_LISTS
from portal.faults import FaultSpecError
from portal.merging import merge
from portal.rows import RowReader
from portal.schema import TABLES, primary_key
from portal.state import PortalState
from portal.userfields import FIELD_TABLES


def control_routes(state: PortalState) -> list[Route]:
    """Routes under ``/emulator``."""
    control = _Control(state)
    return [
        Route("/emulator/requests", control.requests, methods=["GET", "DELETE"]),
        Route("/emulator/faults", control.faults, methods=["POST"]),
        Route("/emulator/expire-tokens", control.expire_tokens, methods=["POST"]),
        Route("/emulator/rows", control.rows, methods=["POST", "DELETE"]),
        Route("/emulator/merge", control.merge, methods=["POST"]),
        Route("/emulator/status", control.status, methods=["GET"]),
    ]


class _BadRequest(Exception):
    pass


class _Control:
    def __init__(self, state: PortalState):
        self._state = state

    async def requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._state.log.clear()
            return _json({"cleared": True})
        after = request.query_params.get("after", "0")
        return _json(self._state.log.after(int(after) if after.isdecimal() else 0))

    async def faults(self, request: Request) -> Response:
        try:
            self._state.faults.set((await request.body()).decode("utf-8", "replace").strip())
        except FaultSpecError as error:
            return _json({"error": str(error)}, 400)
        return _json({"faults": self._state.faults.spec})

    async def expire_tokens(self, request: Request) -> Response:
        return _json({"expired": self._state.sessions.expire_all()})

    async def rows(self, request: Request) -> Response:
        try:
            given = _parsed(await request.body())
            table = _table(given)
            if request.method == "DELETE":
                return _json({"deleted": self._delete(table, _ids(given))})
            return _json({"stored": self._store(table, given.get("rows"))})
        except (_BadRequest, RowError) as error:
            return _json({"error": str(error)}, 400)

    async def merge(self, request: Request) -> Response:
        """What a person does on the merge page with ``{"entityTypeId", "ids", "user"}``: the first
        one is kept with its values, whatever differs.
        """
        try:
            given = _parsed(await request.body())
            entity = ITEM_LISTS.get(given.get("entityTypeId", 0))
            if entity is None:
                raise _BadRequest(f"entityTypeId must be one of {', '.join(map(str, ITEM_LISTS))}")
            found = [self._state.database.row(entity.table, each) for each in _ids(given)]
            rows = [row for row in found if row is not None]
            if len(rows) < max(2, len(found)):
                raise _BadRequest("ids must be those of two rows at least, all of them there")
            user = given.get("user") or self._state.admin_id
            merge(self._state.database, self._state.records, entity, rows, user)
            return _json({"deleted": len(rows) - 1})
        except _BadRequest as error:
            return _json({"error": str(error)}, 400)

    async def status(self, request: Request) -> Response:
        state = self._state
        return _json(
            {
                "now": state.clock.iso(state.clock.portal_s()),
                "rows": {table: state.database.count(table) for table in TABLES},
                "pace": {**vars(state.pace), "speed": state.clock.speed},
                "limits": {
                    "are_on": state.limits.are_on,
                    "buckets": state.limits.buckets.levels(),
                    "operating_s": state.limits.operating.used(),
                },
                "faults": {"spec": state.faults.spec, "met": dict(state.faults.counts)},
                "user": state.start_user_id,
            }
        )

    def _store(self, table: str, rows: Any) -> int:
        if not isinstance(rows, list):
            raise _BadRequest(
                "rows must be a list of objects in the form that the REST lists return"
            )
        reader = self._reader()
        columns = list(TABLES[table])
        read = [reader.read(table, row)[0] for row in rows]
        self._state.database.insert(
            table, columns, (tuple(row[name] for name in columns) for row in read)
        )
        self._state.user_fields.forget()
        return len(read)

    def _delete(self, table: str, ids: list[int]) -> int:
        statement = f'DELETE FROM "{table}" WHERE "{primary_key(table)}" = ?'
        self._state.user_fields.forget()
        return self._state.database.connection.executemany(
            statement, [(each,) for each in ids]
        ).rowcount

    def _reader(self) -> RowReader:
        state = self._state
        reader = RowReader(state.clock.portal_s(), state.clock.zone, state.admin_id)
        reader.user_fields = {
            table: dict(state.user_fields.of(table)) for table in FIELD_TABLES.values()
        }
        for row in state.database.rows("statuses"):
            reader.semantics[row["ENTITY_ID"], row["STATUS_ID"]] = row["SEMANTICS"]
        for row in state.database.rows("categories", "entityTypeId = 31 AND isDefault = 'Y'"):
            reader.invoice_category = row["id"]
        return reader


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise _BadRequest("the body must be an object")
    return given


def _table(given: dict[str, Any]) -> str:
    table = given.get("table")
    if not isinstance(table, str) or table not in TABLES:
        raise _BadRequest(f"table must be one of {', '.join(TABLES)}")
    return table


def _ids(given: dict[str, Any]) -> list[int]:
    ids = given.get("ids")
    if not isinstance(ids, list) or not all(isinstance(each, int) for each in ids):
        raise _BadRequest("ids must be a list of whole numbers")
    return ids


def _json(content: Any, status: int = 200) -> Response:
    return Response(
        orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS), status, media_type="application/json"
    )

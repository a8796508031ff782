"""A small portal in memory, in virtual time: lists, batches with macros, limits, faults.

Independent of the emulated portal over HTTP: it knows no more than what the reader's tests need,
and it is nastier where the platform is undefined (a filter that a broken macro left as an array is
ignored).
"""

from __future__ import annotations

import asyncio
import json
import operator
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from crm.errors import AnswerTimeout, ConnectionLost
from crm.protocols import Answer
from unit.crm.virtual_time import EPOCH_S

PAGE = 50
COMPARE = {">=": operator.ge, "<": operator.lt, "<=": operator.le, ">": operator.gt}


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str, words: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.words = status, code, words

    def body(self) -> dict[str, str]:
        return {"error": self.code, "error_description": self.words}


@dataclass
class Table:
    """Rows of one list method, in the REST's own form, ordered by id."""

    id: str
    created: str
    rows: list[dict[str, Any]]
    moments: list[int]

    def __post_init__(self) -> None:
        self.ids = np.array([int(row[self.id]) for row in self.rows], np.int64)
        self.created_s = np.array(self.moments, np.int64)


@dataclass
class Limits:
    """Of the cloud, unless a test says otherwise; ``rate`` None switches the bucket off."""

    rate: float | None = 2.0
    burst: float = 50.0
    page_s: float = 0.08
    latency_s: float = 0.05
    operating_s: float = 480.0
    cut_s: float = 60.0
    slow: dict[str, float] = field(default_factory=dict)


class FakePortal:
    """The reader's Transport and TokenSource in one."""

    def __init__(self, tables: dict[str, Table], limits: Limits | None = None) -> None:
        self.tables = tables
        self.limits = limits or Limits()
        self.now = "2025-10-09T11:33:20+03:00"
        self.stages = [{"STATUS_ID": "DT31_1:P", "SEMANTICS": "S"}, {"STATUS_ID": "DT31_1:N"}]
        self.fault: Callable[[int, str], Any] = lambda number, body: None
        self.inner_fault: Callable[[str, str], Refusal | None] = lambda method, query: None
        self.refused: Counter[str] = Counter()
        self.served: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.requests = 0
        self.commands = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.bodies: list[str] = []
        self.tokens_given = 1
        self.valid_token = "t1"
        self.renews = True
        self._level, self._level_at_s = 0.0, 0.0
        self._spent: defaultdict[str, dict[int, float]] = defaultdict(dict)

    # The person's side

    async def token(self) -> str:
        return f"t{self.tokens_given}"

    async def renew(self) -> str:
        if not self.renews:
            await asyncio.Event().wait()
        await asyncio.sleep(0.3)
        self.tokens_given += 1
        self.valid_token = f"t{self.tokens_given}"
        return self.valid_token

    # The portal's side

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        self.requests += 1
        self.bodies.append(body)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._post(self.requests, method, body, timeout_s)
        finally:
            self.in_flight -= 1

    async def _post(self, number: int, method: str, body: str, timeout_s: float) -> Answer:
        await asyncio.sleep(self.limits.latency_s)
        try:
            self._enter()
        except Refusal as refusal:
            return self._refuse(refusal)
        fault = self.fault(number, body)
        if isinstance(fault, Answer):
            return fault
        if isinstance(fault, Refusal):
            return self._refuse(fault)
        if fault == "connection":
            raise ConnectionLost(method=method)
        params = parse(body)
        if params.get("auth") != self.valid_token:
            return self._refuse(Refusal(401, "expired_token"))
        if fault == "lost":
            await asyncio.sleep(timeout_s)
            raise AnswerTimeout(method=method)
        started_s = self._time()
        try:
            # wait_for would schedule the work differently from one Python to another.
            async with asyncio.timeout(self.limits.cut_s):
                work = self._batch(params) if method == "batch" else self._call(method, params)
                result = await work
        except Refusal as refusal:
            return self._refuse(refusal)
        except TimeoutError:
            return Answer(504, "<html>Gateway Time-out</html>")
        time = self._timing("" if method == "batch" else method, started_s)
        return Answer(200, json.dumps({"result": result, "time": time}))

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _refuse(self, refusal: Refusal) -> Answer:
        self.refused[refusal.code] += 1
        return Answer(refusal.status, json.dumps(refusal.body()))

    def _enter(self) -> None:
        if self.limits.rate is None:
            return
        now_s = self._time()
        leaked = (now_s - self._level_at_s) * self.limits.rate
        self._level, self._level_at_s = max(0.0, self._level - leaked), now_s
        if self._level + 1 > self.limits.burst:
            raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
        self._level += 1

    async def _batch(self, params: dict[str, Any]) -> dict[str, Any]:
        results: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        times: dict[str, Any] = {}
        bad: set[str] = set()
        assert len(params["cmd"]) <= 50
        for key, command in params["cmd"].items():
            method, _, query = command.partition("?")
            inner, garbage = resolve(parse(query), results, bad)
            if garbage:
                bad.add(key)
            started_s = self._time()
            try:
                fault = self.inner_fault(method, query)
                if fault is not None:
                    raise fault
                results[key] = await self._call(method, inner, garbage)
            except Refusal as refusal:
                self.refused[refusal.code] += 1
                errors[key] = refusal.body()
            times[key] = self._timing(method, started_s)
        return {
            "result": results or [],
            "result_error": errors or [],
            "result_total": [],
            "result_next": [],
            "result_time": times or [],
        }

    def _timing(self, method: str, started_s: float) -> dict[str, Any]:
        baskets, now_s = self._baskets(method), self._time()
        timing = {"duration": now_s - started_s, "finish": EPOCH_S + now_s}
        timing["operating"] = sum(baskets.values())
        if baskets:
            timing["operating_reset_at"] = min(baskets) * 60 + 600
        return timing

    def _baskets(self, method: str) -> dict[int, float]:
        """Seconds spent in each of the last ten minutes."""
        baskets, minute = self._spent[method], int((EPOCH_S + self._time()) // 60)
        for old in [at for at in baskets if at <= minute - 10]:
            del baskets[old]
        return baskets

    async def _call(self, method: str, params: dict[str, Any], garbage: bool = False) -> Any:
        self.commands += 1
        if sum(self._baskets(method).values()) > self.limits.operating_s:
            raise Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked")
        if method == "event.offline.list" or method.endswith(".userfield.list"):
            return []
        seconds = self.limits.slow.get(method, self.limits.page_s)
        await asyncio.sleep(seconds)
        minute = int((EPOCH_S + self._time()) // 60)
        baskets = self._baskets(method)
        baskets[minute] = baskets.get(minute, 0.0) + seconds
        if method == "server.time":
            return self.now
        if method == "crm.category.list":
            return {"categories": [{"id": 1, "entityTypeId": 31}]}
        if method == "crm.status.list":
            return self.stages
        name = f"{method}/{params['entityTypeId']}" if method == "crm.item.list" else method
        if name not in self.tables:
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        rows = self._page(name, params, garbage)
        return {"items": rows} if method == "crm.item.list" else rows

    def _page(self, name: str, params: dict[str, Any], garbage: bool) -> list[dict[str, Any]]:
        table = self.tables[name]
        assert params["start"] == "-1", "nothing is ever counted"
        begin, end = 0, len(table.rows)
        chosen = []
        for key, value in params.get("filter", {}).items():
            sign, field_name = re.match(r"([<>=]*)(.*)", key).groups()  # type: ignore[union-attr]
            if field_name == table.id and not isinstance(value, list | dict):
                if sign == ">":
                    begin = int(np.searchsorted(table.ids, int(value), "right"))
                else:
                    end = int(np.searchsorted(table.ids, int(value), "right"))
            elif field_name == table.created:
                chosen.append((COMPARE[sign], _unix_s(value)))
        ((field_name, direction),) = params["order"].items()
        found = np.arange(begin, end)
        created_s = table.created_s[begin:end]
        for compare, limit in chosen:
            among = compare(created_s, limit)
            found, created_s = found[among], created_s[among]
        if field_name == table.created:
            found = found[np.argsort(created_s, kind="stable")]
        page = found[::-1][:PAGE] if direction == "DESC" else found[:PAGE]
        if not garbage and f">{table.id}" in params.get("filter", {}):
            self.served[name].update(table.ids[page].tolist())
        fields = params["select"].values()
        return [{key: table.rows[i][key] for key in fields if key in table.rows[i]} for i in page]


def parse(query: str) -> dict[str, Any]:
    """A query string with PHP brackets as nested dicts."""
    params: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        first, *rest = re.split(r"\]\[|\[|\]", name.removesuffix("]"))
        place, key = params, first
        for part in rest:
            place, key = place.setdefault(key, {}), part
        place[key] = value
    return params


def resolve(params: Any, results: dict[str, Any], bad: set[str]) -> tuple[Any, bool]:
    """Put results of earlier commands in, the deepest part that is there; and whether that is
    garbage, being no more than a part, or a part of garbage."""
    if isinstance(params, dict):
        pairs = {key: resolve(value, results, bad) for key, value in params.items()}
        return {key: value for key, (value, _) in pairs.items()}, any(
            bad for _, bad in pairs.values()
        )
    if not str(params).startswith("$result["):
        return params, False
    place: Any = results
    path = re.findall(r"\[([^\]]*)\]", params)
    for part in path:
        try:
            place = place[int(part)] if isinstance(place, list) else place[part]
        except (KeyError, IndexError):
            return place, True
    return place, path[0] in bad


def _unix_s(text: str) -> int:
    return int(np.datetime64(text[:19], "s").astype(int)) - 60 * (
        (1 if text[19] == "+" else -1) * (int(text[20:22]) * 60 + int(text[23:25]))
    )

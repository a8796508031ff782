"""An emulated portal that answers some commands with something else than it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from crm.protocols import Answer
from unit.emulated import EmulatedPortal

Garble = Callable[[str, Any], Any]
"""Given a method and its result, what is answered in its place; an Exception is an error's code."""


class GarblingPortal(EmulatedPortal):
    """Results of commands, in batches or alone, go through ``garble``."""

    garble: Garble = staticmethod(lambda method, value: value)

    async def post(self, method: str, body: str, timeout_s: float) -> Answer:
        answer = await super().post(method, body, timeout_s)
        content = json.loads(answer.text)
        if "result" not in content:
            return answer
        if method != "batch":
            value = self.garble(method, content["result"])
            if isinstance(value, Exception):
                return Answer(400, json.dumps({"error": str(value), "error_description": "Odd"}))
            return Answer(answer.status, json.dumps(content | {"result": value}))
        batch = content["result"]
        values, errors = (dict(batch[name] or {}) for name in ("result", "result_error"))
        for name, command in parse_qsl(body):
            key = name[4:-1]
            if name.startswith("cmd[") and key in values:
                value = self.garble(command.partition("?")[0], values[key])
                if isinstance(value, Exception):
                    del values[key]
                    errors[key] = {"error": str(value), "error_description": "Odd"}
                else:
                    values[key] = value
        batch |= {"result": values, "result_error": errors}
        return Answer(answer.status, json.dumps(content))

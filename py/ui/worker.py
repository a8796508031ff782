"""The engine in its worker, as the page talks to it: JSON texts both ways (protocol 2)."""

import asyncio
import json
from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document, workers

from ui.dom import part
from ui.tasks import promised

PROTOCOL_VERSION = 2
LOADING_PATIENCE_S = 180
"""Python and pandas come to 16 MB the first time: minutes on a poor line."""


class EngineTrouble(Exception):
    """The engine did not come up, or did not do what it was asked.

    ``code`` is the key of its text, ``words`` what the browser says about it, if anything.
    """

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class Engine:
    """The worker's exports; every answer is the engine's state. All raise EngineTrouble."""

    def __init__(self, exports: Any) -> None:
        self._exports = exports

    async def open(
        self,
        portal: str,
        user_id: str,
        is_admin: bool,
        language: str,
        handler: str,
        looks_only: bool,
    ) -> dict[str, Any]:
        """Open the cache of one user of one portal (its origin); ``handler`` is this page's
        address, by which the portal's other places open it. An engine that ``looks_only`` answers
        questions and begins no job, not even an unfinished one.
        """
        config = {
            "protocol": PROTOCOL_VERSION,
            "portal": portal,
            "user_id": user_id,
            "is_admin": is_admin,
            "language": language,
            "handler": handler,
            "looks_only": looks_only,
        }
        return await _state(self._exports.open(json.dumps(config)))

    async def refresh(self, full: bool = False) -> dict[str, Any]:
        """Start a refresh or go on with one; a full one drops what is kept here and reads all."""
        return await _state(self._exports.refresh(json.dumps({"full": full})))

    async def pause(self) -> dict[str, Any]:
        """Pause the refresh."""
        return await _state(self._exports.pause(json.dumps({})))

    async def marks(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do something with the marks in the portal: ``{"do": "preview" | "write" | "pause" |
        "undo" | "remove" | "show_in_card" | "automatic", ...}``.
        """
        return await _state(self._exports.marks(json.dumps(order)))

    async def set_up(self) -> dict[str, Any]:
        """Prepare the portal for the app; a repeated call changes only what is missing."""
        return await _state(self._exports.set_up(json.dumps({})))

    async def answer(self, what: str, order: dict[str, Any]) -> dict[str, Any]:
        """The engine's answer to a question (``query``, ``client``, ``compare``)."""
        return _told(await _state(getattr(self._exports, what)(json.dumps(order))))

    async def file(self, order: dict[str, Any]) -> "File":
        """A list as a file."""
        try:
            answer = await self._exports.export(json.dumps(order))
        except Exception as error:
            raise EngineTrouble("engine_failed", _words(error)) from None
        told = _told(json.loads(answer.text))
        return File(told["name"], told["type"], answer.bytes)


class File:
    """A file that the engine has made; ``content`` is a JavaScript array of bytes."""

    def __init__(self, name: str, media_type: str, content: Any) -> None:
        self.name = name
        self.media_type = media_type
        self.content = content


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, unless it says why there is none."""
    if "error" in answer:
        raise EngineTrouble(str(answer["error"]["code"]))
    return answer


def _words(error: Exception) -> str:
    """Name and message of what JavaScript threw, which comes as an object and these two texts."""
    return ": ".join([each for each in error.args if isinstance(each, str)])


async def start(
    get_auth: Callable[[bool], Any], on_event: Callable[[dict[str, Any]], None]
) -> Engine:
    """The engine, once Python and pandas are up in the worker; EngineTrouble when they fail or
    take minutes. What it may call is given to it before it is called first: ``get_auth(renew)`` is
    a coroutine function.
    """
    if _script() is None:  # in a card's tab, see static/place.js
        document.body.append(part("engine").content.cloneNode(True))
    try:
        return Engine(await asyncio.wait_for(_come(get_auth, on_event), LOADING_PATIENCE_S))
    except asyncio.TimeoutError:  # noqa: UP041 - MicroPython's own
        raise EngineTrouble("engine_missing") from None
    except Exception as error:
        raise EngineTrouble("engine_missing", _words(error)) from None


async def _come(get_auth: Callable[[bool], Any], on_event: Callable[[dict[str, Any]], None]) -> Any:
    script = _script()
    while not getattr(script, "xworker", None):  # PyScript makes it when it comes to the script
        await asyncio.sleep(0.01)
    script.xworker.sync.get_auth = lambda renew: promised(get_auth(renew))
    script.xworker.sync.on_event = lambda text: on_event(json.loads(text))
    return await workers["engine"]


def _script() -> Any:
    return document.querySelector("script[type='py'][worker]")


async def _state(answer: Any) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(await answer)
    except Exception as error:
        raise EngineTrouble("engine_failed", _words(error)) from None
    return state

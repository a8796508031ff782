"""The portal around the page, through the platform's BX24.js.

BX24.js never calls back when the portal refuses or fails, so every question here has a time limit.
"""

import asyncio
import json
from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document, window

from ui.dom import on_page, plain, to_script
from ui.place import Place

SCRIPT_PATIENCE_S = 20
INIT_PATIENCE_S = 20
PROFILE_PATIENCE_S = (3, 6, 12)
"""Attempts, each more patient: BX24.js keeps silent about a portal's 503, like about a slow one."""
BATCH_PATIENCE_S = (3, 6, 12)
TOKEN_PATIENCE_S = 20
INSTALL_PATIENCE_S = 3
"""An old portal may not say whether it is installing; the app then opens as usual."""
INSTALL_KEY = "client-segmentation-install"
CACHE_OPTION = "cache"


class PortalSilent(Exception):
    """The portal did not answer in time; ``code`` is the key of its text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PortalRefused(Exception):
    """The portal does not do what it was asked; ``words`` are its own."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Person:
    """Who looks at the page."""

    def __init__(self, user_id: str, name: str) -> None:
        self.user_id = user_id
        self.name = name


def framed_by_portal() -> bool:
    """Whether a portal has opened this page: static/policy.js then loads the platform's script."""
    return _script() is not None


def portal_origin() -> str:
    """``https://example.bitrix24.ru``, with the port where it is not the usual one.

    The portal names the frame ``DOMAIN|PROTOCOL|SID``.
    """
    domain, protocol, _sid = str(window.name).split("|")
    scheme = "https" if protocol == "1" else "http"
    return str(window.URL.new(scheme + "://" + domain).origin)


def own_address() -> str:
    """Where this page is, without what the portal put behind it: other places open the same."""
    return str(window.location.origin) + str(window.location.pathname)


class Bridge:
    """BX24.js once it has been initialised."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._renewing: asyncio.Event | None = None
        self.is_admin = bool(library.isAdmin())
        self.language = str(plain(library.getLang()) or "")
        self.installing = False

    @classmethod
    async def connect(cls) -> "Bridge":
        """Wait for the platform's script and for the portal's first answer; PortalSilent when they
        do not come.
        """
        library = await _loaded_library()
        installing = asyncio.create_task(_is_installing())
        await _answer(
            lambda done: library.init(lambda *nothing: done(True)), INIT_PATIENCE_S, "portal_silent"
        )
        bridge = cls(library)
        bridge.installing = await installing
        return bridge

    def place(self) -> Place:
        """Where in the portal's pages this one was opened."""
        return Place.of(plain(self._library.placement.info()))

    def remembered(self) -> str | None:
        """The user id that the last visit with charts left in the person's own options in the
        portal, which come with its first answer; None before the first charts.
        """
        value = plain(self._library.userOption.get(CACHE_OPTION))
        return value.split("|")[0] if isinstance(value, str) and value else None

    def remember(self, user_id: str, as_of: str) -> None:
        """Leave for the next visit that there are charts, whose and of when."""
        value = user_id + "|" + as_of
        if plain(self._library.userOption.get(CACHE_OPTION)) != value:
            self._library.userOption.set(CACHE_OPTION, value)

    def recall(self, name: str) -> str | None:
        """What this person last chose, kept in their own options in the portal."""
        value = plain(self._library.userOption.get(name))
        return value if isinstance(value, str) else None

    def keep(self, name: str, value: str) -> None:
        """Keep what this person chose."""
        self._library.userOption.set(name, value)

    async def person(self) -> Person:
        """Who the portal says is here; PortalSilent when it does not, several times in a row."""
        *earlier, last = PROFILE_PATIENCE_S
        for patience_s in earlier:
            try:
                return await self._ask_person(patience_s)
            except PortalSilent:
                pass
        return await self._ask_person(last)

    async def _ask_person(self, patience_s: int) -> Person:
        result = await _answer(
            lambda done: self._library.callMethod("profile", window.Object.new(), done),
            patience_s,
            "profile_silent",
        )
        facts = plain(result.data())
        if (
            result.error() is not window.undefined
            or not isinstance(facts, dict)
            or "ID" not in facts
        ):
            raise PortalSilent("profile_silent")
        names = [facts.get("NAME"), facts.get("LAST_NAME")]
        return Person(str(facts["ID"]), " ".join([name for name in names if name]))

    async def batch(self, commands: list[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the portal answers to named commands such as ``crm.company.get?id=1``, one after
        another, and the errors of those that it refuses, both by the commands' names; one request.

        PortalSilent when it does not answer, several times in a row; PortalRefused.
        """
        *earlier, last = BATCH_PATIENCE_S
        for patience_s in earlier:
            try:
                return await self._ask_batch(commands, patience_s)
            except PortalSilent:
                pass
        return await self._ask_batch(commands, last)

    async def _ask_batch(
        self, commands: list[tuple[str, str]], patience_s: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        params = to_script({"halt": 0, "cmd": {}})
        for name, command in commands:  # MicroPython's dictionaries keep no order
            setattr(params.cmd, name, command)
        result = await _answer(
            lambda done: self._library.callMethod("batch", params, done),
            patience_s,
            "portal_silent",
        )
        error, told = result.error(), plain(result.data())
        if error is not window.undefined:
            raise PortalRefused(str(error.toString()))
        if not isinstance(told, dict):
            raise PortalRefused("")
        return _as_map(told.get("result")), _as_map(told.get("result_error"))

    async def token(self, renew: bool) -> str | None:
        """JSON text ``{"access_token", "expires_at_ms"}``; None when the portal gives no token."""
        if renew:
            await self._renew()
        auth = plain(self._library.getAuth())
        if auth:
            return json.dumps(
                {"access_token": auth["access_token"], "expires_at_ms": auth["expires_in"]}
            )
        return None if renew else await self.token(True)

    async def _renew(self) -> None:
        """Have the portal renew the token; one question at a time, however many ask."""
        if self._renewing is not None:
            await self._renewing.wait()
            return
        self._renewing = renewed = asyncio.Event()
        try:
            await _answer(
                lambda done: self._library.refreshAuth(lambda *auth: done(True)),
                TOKEN_PATIENCE_S,
                "token_silent",
            )
        except PortalSilent:
            pass  # the old token, if it still lives, is then all there is
        finally:
            self._renewing = None
            renewed.set()

    def set_title(self, title: str) -> None:
        """Head the portal's page; only the app's own page may, other placements ignore it."""
        self._library.setTitle(title)

    def reload(self) -> None:
        """Open the portal's page anew, and with it this one."""
        self._library.reloadWindow()

    def finish_installation(self) -> None:
        """Tell the portal that the app is installed; it then opens its page anew."""
        self._library.installFinish()

    def open_card(self, path: str) -> None:
        """Open a card of the portal over this page, or in a new tab where the portal cannot."""

        def answered(answer: Any) -> None:
            if (plain(answer) or {}).get("result") == "error":
                document.defaultView.open(portal_origin() + path, "_blank", "noopener")

        self._library.openPath(path, answered)

    def open_app(self) -> None:
        """Open the app's own page over this one."""
        self._library.openApplication(window.Object.new())

    def fit(self, height_px: int) -> None:
        """Ask for a frame as wide as there is room and ``height_px`` high.

        BX24.resizeWindow takes a width in pixels only, which then stays when the portal's page is
        resized, and BX24.fitWindow never makes a frame lower: so the message that both send is sent
        here.
        """
        size = json.dumps({"width": "100%", "height": height_px})
        window.parent.postMessage("resizeWindow:" + size + "::" + _sid(), portal_origin())


def _as_map(value: Any) -> dict[str, Any]:
    """PHP writes an empty map as a list."""
    return value if isinstance(value, dict) else {}


async def _loaded_library() -> Any:
    script = _script()
    waited_s = 0.0
    while waited_s < SCRIPT_PATIENCE_S and script.getAttribute("data-state") != "failed":
        library = getattr(window, "BX24", None)
        if library:
            return library
        await asyncio.sleep(0.02)
        waited_s += 0.02
    raise PortalSilent("platform_script_missing")


def _script() -> Any:
    return document.querySelector("script[data-bridge]")


def _sid() -> str:
    """The frame's key, without which the portal ignores a message."""
    return str(window.name).split("|")[2]


async def _is_installing() -> bool:
    """Whether the portal waits for ``installFinish``.

    BX24.js is told so in the portal's first answer and keeps it to itself, so the same question is
    asked once more here; of the answer nothing else is looked at.
    """

    def ask(done: Callable[..., None]) -> None:
        def hear(event: Any) -> None:
            if event.origin == portal_origin() and str(event.data).startswith(INSTALL_KEY + ":"):
                done(str(event.data)[len(INSTALL_KEY) + 1 :])

        on_page("message", hear)
        window.parent.postMessage("getInitData::" + INSTALL_KEY + ":" + _sid(), portal_origin())

    try:
        return bool(json.loads(await _answer(ask, INSTALL_PATIENCE_S, "portal_silent"))["INSTALL"])
    except (PortalSilent, ValueError, KeyError):
        return False


async def _answer(ask: Callable[[Callable[..., None]], None], patience_s: float, code: str) -> Any:
    """What ``ask`` gets called back with; PortalSilent(code) when that takes longer than
    ``patience_s``.
    """
    answered = asyncio.Event()
    answers: list[Any] = []

    def done(answer: Any) -> None:
        answers.append(answer)
        answered.set()

    ask(done)
    try:
        await asyncio.wait_for(answered.wait(), patience_s)
    except asyncio.TimeoutError:  # noqa: UP041 - MicroPython's own
        raise PortalSilent(code) from None
    return answers[0]

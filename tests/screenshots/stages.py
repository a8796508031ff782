"""Where scenes play: an opened application on a portal of some kind, in one language."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright, Route

from browser.application import FRAME, Application
from browser.chromium import FLAGS, browser_path
from browser.servers import ROOT, RunningPortal, portal_server
from screenshots import rows
from screenshots.rows import Rows

NOW = "2026-11-20T17:30:00+03:00"
SILENT_ENGINE = ROOT / "tests/screenshots/silent_engine.py"
BARE_PYTHON = 'interpreter = "./static/vendor/pyodide/pyodide.mjs"\nsync_main_only = true\n'
NO_STORAGE = {"profile": {"default_content_setting_values": {"cookies": 2}}}


class House:
    """A browser, the portals that were started and the browser profiles that were filled; each
    is made when it is first needed and serves until the house is closed.
    """

    def __init__(self, playwright: Playwright, browser: Browser) -> None:
        self.playwright = playwright
        self.browser = browser
        self._open = contextlib.ExitStack()
        self._portals: dict[str, RunningPortal] = {}
        self._counted: dict[str, BrowserContext] = {}

    def close(self) -> None:
        """Stop everything that was started, but for the browser."""
        for context in self._counted.values():
            context.close()
        self._open.close()

    def portal(self, name: str, *arguments: str) -> RunningPortal:
        """The portal of that name, started with these arguments if it is not there yet."""
        if name not in self._portals:
            server = portal_server("--pace", "off", *arguments)
            self._portals[name] = self._open.enter_context(server)
        return self._portals[name]

    def folder(self, rows: Rows) -> str:
        """A portal's folder with these rows."""
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        (folder / "portal.json").write_text(json.dumps({"now": NOW, "name": "Ромашка"}))
        for table, each in rows.items():
            lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in each)
            (folder / f"{table}.jsonl").write_text(lines, encoding="utf-8")
        return str(folder)

    def context(self) -> BrowserContext:
        """A fresh profile."""
        return self.browser.new_context(locale="ru-RU")

    def counted(
        self, name: str, *arguments: str, rows: Rows | None = None, marked: bool = False
    ) -> tuple[RunningPortal, BrowserContext]:
        """A portal that its administrator has counted (and ``marked``), and the profile in which
        that was done; ``rows`` come on top of its own.
        """
        portal = self.portal(name, *arguments)
        if name not in self._counted:
            for table, each in (rows or {}).items():
                portal.ask("/emulator/rows", json.dumps({"table": table, "rows": each}))
            context = self.context()
            with _page(portal, context) as application:
                application.open().engine_ready().refresh()
                application.reach("running").reach("idle", 120)
                if marked:
                    application.write()
            self._counted[name] = context
        return portal, self._counted[name]


Stage = Callable[[House, str], contextlib.AbstractContextManager[Application]]
MANY = ("--clients", "800", "--seed", "3", "--now", NOW)
FEW = ("--clients", "30", "--now", NOW)
MARKED = ("--clients", "60", "--seed", "3", "--now", NOW)


def _many(house: House) -> tuple[RunningPortal, BrowserContext]:
    return house.counted("many", *MANY, rows=rows.HARMFUL)


@contextlib.contextmanager
def counted(house: House, language: str) -> Iterator[Application]:
    """An administrator whose browser keeps a complete refresh of 800 clients."""
    with _page(*_many(house)) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def first_month(house: House, language: str) -> Iterator[Application]:
    """The same of a CRM in its first month."""
    with _page(*house.counted("first month", "--data", house.folder(rows.FEW))) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def no_clients(house: House, language: str) -> Iterator[Application]:
    """The same of a CRM with nobody in it."""
    with _page(*house.counted("nobody", "--data", house.folder({}))) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def told(house: House, language: str) -> Iterator[Application]:
    """An administrator's page that believes what a scene tells it."""
    with _fresh_page(house, house.portal("told", *FEW)) as application:
        _replace_engine(application.page.context)
        yield application.open(f"?lang={language}").engine_ready()


@contextlib.contextmanager
def new(house: House, language: str) -> Iterator[Application]:
    """An administrator's very first visit."""
    with _fresh_page(house, house.portal("new", *FEW)) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def starting(house: House, language: str) -> Iterator[Application]:
    """A first visit on a line so slow that the engine does not come."""
    with (
        _fresh_page(house, house.portal("new", *FEW)) as application,
        _engine_held_back(application.page.context),
    ):
        application.open(f"?lang={language}")
        application.frame.locator("[data-part=message]").wait_for()
        yield application


@contextlib.contextmanager
def starting_again(house: House, language: str) -> Iterator[Application]:
    """The same for somebody whose charts are kept."""
    portal, context = _many(house)
    with _page(portal, context) as application, _engine_held_back(context):
        application.open(f"?lang={language}")
        application.frame.locator("[data-part=chart] .main-svg").first.wait_for()
        yield application


@contextlib.contextmanager
def broken(house: House, language: str) -> Iterator[Application]:
    """An engine that cannot be loaded."""
    with _fresh_page(house, house.portal("new", *FEW)) as application:
        application.page.context.route("**/pyodide.asm.*", lambda route: route.abort())
        yield application.open(f"?lang={language}")


@contextlib.contextmanager
def manager(house: House, language: str) -> Iterator[Application]:
    """A manager of a portal that its administrator has counted."""
    portal, _ = _many(house)
    with _fresh_page(house, portal) as application:
        user = _somebody(portal, "manager")
        yield application.open(f"?lang={language}&user={user}").engine_ready().reach("idle")


@contextlib.contextmanager
def early_manager(house: House, language: str) -> Iterator[Application]:
    """A manager who comes before anything was counted."""
    portal = house.portal("new", *FEW)
    with _fresh_page(house, portal) as application:
        user = _somebody(portal, "manager")
        yield application.open(f"?lang={language}&user={user}").engine_ready().reach("idle")


def _marked(house: House) -> tuple[RunningPortal, BrowserContext]:
    return house.counted("marked", *MARKED, marked=True)


def _payer(portal: RunningPortal, kind: str) -> str:
    """Path of the card of a company or a contact that has paid."""
    field = f"{kind.upper()}_ID"
    deals = portal.call("crm.deal.list", {"filter": {"STAGE_SEMANTIC_ID": "S", f">{field}": 0}})
    return f"crm/{kind}/details/{deals[0][field]}/"


@contextlib.contextmanager
def company_card(house: House, language: str) -> Iterator[Application]:
    """The tab in a company's card that nobody has marked yet, opened by an administrator whose
    browser has the base.
    """
    portal, context = _many(house)
    with _page(portal, context) as application:
        application.open(f"{_payer(portal, 'company')}?lang={language}")
        application.frame.locator(".client-segments").wait_for(state="attached")
        yield application


@contextlib.contextmanager
def managers_card(house: House, language: str) -> Iterator[Application]:
    """The tab in a contact's card, opened by a manager who sees the marks only."""
    portal, _ = _marked(house)
    with _fresh_page(house, portal) as application:
        user = _somebody(portal, "head")
        application.open(f"{_payer(portal, 'contact')}?lang={language}&user={user}")
        application.frame.locator("[data-card-state]:not([data-card-state=waiting])").wait_for()
        yield application


@contextlib.contextmanager
def phone(house: House, language: str) -> Iterator[Application]:
    """The page that the portal's mobile application opens."""
    portal, context = _marked(house)
    with _page(portal, context) as application:
        path = f"mobile/marketplace/?id=1&lang={language}"
        yield application.open(path).engine_ready().reach("idle")


@contextlib.contextmanager
def installing(house: House, language: str) -> Iterator[Application]:
    """An administrator who has just installed the app."""
    portal = house.portal("installing", *FEW, "--install")
    with _fresh_page(house, portal) as application:
        yield application.open(f"?lang={language}").engine_ready()


@contextlib.contextmanager
def outside(house: House, language: str) -> Iterator[Application]:
    """The app's page in a frame of somebody who is no portal."""
    portal = house.portal("new", *FEW)
    with _fresh_page(house, portal) as application:
        page = application.page
        page.set_content(_PLAIN_FRAME % f"{portal.app_origin}/?LANG={language}")
        application.frame.locator("html[data-app-state]").wait_for(state="attached")
        yield application


@contextlib.contextmanager
def without_platform(house: House, language: str) -> Iterator[Application]:
    """A network that does not let the platform's script through."""
    with _fresh_page(house, house.portal("new", *FEW)) as application:
        application.page.context.route("**/bx24.js", lambda route: route.abort())
        yield application.open(f"?lang={language}")


@contextlib.contextmanager
def without_storage(house: House, language: str) -> Iterator[Application]:
    """A browser that gives the page no storage."""
    portal = house.portal("new", *FEW)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Default").mkdir()
        (Path(folder) / "Default" / "Preferences").write_text(json.dumps(NO_STORAGE))
        context = house.playwright.chromium.launch_persistent_context(
            folder, executable_path=browser_path(), args=FLAGS, locale="ru-RU"
        )
        with _page(portal, context) as application:
            yield application.open(f"?lang={language}")
        context.close()


STAGES: dict[str, Stage] = {
    stage.__name__: stage
    for stage in (
        starting,
        starting_again,
        new,
        told,
        counted,
        first_month,
        no_clients,
        manager,
        early_manager,
        company_card,
        managers_card,
        phone,
        installing,
        outside,
        without_platform,
        without_storage,
        broken,
    )
}


def tell(application: Application, *events: dict[str, Any]) -> None:
    """Let the silent engine tell the page these events."""
    page_script = application.frame.locator("script[type='py'][worker]")
    for event in events:
        page_script.evaluate("(script, text) => script.xworker.sync.tell(text)", json.dumps(event))


@contextlib.contextmanager
def _page(portal: RunningPortal, context: BrowserContext) -> Iterator[Application]:
    page = context.new_page()
    # The portal's bar would stand before what is photographed, its phone be of one width.
    page.add_init_script(_ONLY_THE_FRAME)
    try:
        yield Application(page, portal)
    finally:
        page.close()


@contextlib.contextmanager
def _fresh_page(house: House, portal: RunningPortal) -> Iterator[Application]:
    context = house.context()
    with _page(portal, context) as application:
        yield application
    context.close()


def _replace_engine(context: BrowserContext) -> None:
    engine = SILENT_ENGINE.read_text(encoding="utf-8")
    context.route("**/pyscript.toml", lambda route: route.fulfill(body=BARE_PYTHON))
    context.route("**/py/engine/main.py", lambda route: route.fulfill(body=engine))


@contextlib.contextmanager
def _engine_held_back(context: BrowserContext) -> Iterator[None]:
    held: list[Route] = []
    context.route("**/pyodide.asm.*", lambda route: held.append(route))
    try:
        yield
    finally:
        for route in held:
            route.abort()
        context.unroute_all()


def _somebody(portal: RunningPortal, role: str) -> int:
    users = portal.ask("/portal/facts")["users"]
    return next(int(user["id"]) for user in users if user["role"] == role)


_ONLY_THE_FRAME = """if (top === window) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`.bar { position: static; }
    .phone { width: 100%; height: auto; max-height: none; border: 0; border-radius: 0; }`);
  addEventListener("DOMContentLoaded", () => { document.adoptedStyleSheets = [sheet]; });
}"""
_PLAIN_FRAME = f"""<body style="margin: 12px">
<iframe id="{FRAME.removeprefix("iframe[id^=").removesuffix("]")}" src="%s"
  style="width: 100%%; max-width: 1280px; height: 640px; border: 0"></iframe>"""

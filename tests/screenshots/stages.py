"""Where scenes play: an opened application on a portal of some kind, in one language."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Route

from browser.application import FRAME, Application
from browser.chromium import FLAGS, browser_path
from browser.servers import ROOT, RunningPortal
from screenshots import rows
from screenshots.house import NOW, House, opened_page

SILENT_ENGINE = ROOT / "tests/screenshots/silent_engine.py"
BARE_PYTHON = 'interpreter = "./static/vendor/pyodide/pyodide.mjs"\nsync_main_only = true\n'
NO_STORAGE = {"profile": {"default_content_setting_values": {"cookies": 2}}}

Stage = Callable[[House, str], contextlib.AbstractContextManager[Application]]
MANY = ("--clients", "800", "--seed", "3", "--now", NOW)
FEW = ("--clients", "30", "--now", NOW)
MARKED = ("--clients", "60", "--seed", "3", "--now", NOW)


def _many(house: House) -> tuple[RunningPortal, BrowserContext]:
    return house.counted("many", *MANY, rows=rows.HARMFUL)


@contextlib.contextmanager
def counted(house: House, language: str) -> Iterator[Application]:
    """An administrator whose browser keeps a complete refresh of 800 clients."""
    with opened_page(*_many(house)) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def first_month(house: House, language: str) -> Iterator[Application]:
    """The same of a CRM in its first month."""
    folder = house.folder(rows.FEW)
    with opened_page(*house.counted("first month", "--data", folder)) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def no_clients(house: House, language: str) -> Iterator[Application]:
    """The same of a CRM with nobody in it."""
    with opened_page(*house.counted("nobody", "--data", house.folder({}))) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def told(house: House, language: str) -> Iterator[Application]:
    """An administrator's page that believes what a scene tells it."""
    with _freshopened_page(house, house.portal("told", *FEW)) as application:
        _replace_engine(application.page.context)
        yield application.open(f"?lang={language}").engine_ready()


@contextlib.contextmanager
def new(house: House, language: str) -> Iterator[Application]:
    """An administrator's very first visit."""
    with _freshopened_page(house, house.portal("new", *FEW)) as application:
        yield application.open(f"?lang={language}").engine_ready().reach("idle")


@contextlib.contextmanager
def starting(house: House, language: str) -> Iterator[Application]:
    """A first visit on a line so slow that the engine does not come."""
    with (
        _freshopened_page(house, house.portal("new", *FEW)) as application,
        _engine_held_back(application.page.context),
    ):
        application.open(f"?lang={language}")
        application.frame.locator("[data-part=message]").wait_for()
        yield application


@contextlib.contextmanager
def starting_again(house: House, language: str) -> Iterator[Application]:
    """The same for somebody whose charts are kept."""
    portal, context = _many(house)
    with opened_page(portal, context) as application, _engine_held_back(context):
        application.open(f"?lang={language}")
        application.frame.locator("[data-part=chart] .main-svg").first.wait_for()
        yield application


@contextlib.contextmanager
def broken(house: House, language: str) -> Iterator[Application]:
    """An engine that cannot be loaded."""
    with _freshopened_page(house, house.portal("new", *FEW)) as application:
        application.page.context.route("**/pyodide.asm.*", lambda route: route.abort())
        yield application.open(f"?lang={language}")


@contextlib.contextmanager
def manager(house: House, language: str) -> Iterator[Application]:
    """A manager of a portal that its administrator has counted."""
    portal, _ = _many(house)
    with _freshopened_page(house, portal) as application:
        user = _somebody(portal, "manager")
        yield application.open(f"?lang={language}&user={user}").engine_ready().reach("idle")


@contextlib.contextmanager
def early_manager(house: House, language: str) -> Iterator[Application]:
    """A manager who comes before anything was counted."""
    portal = house.portal("new", *FEW)
    with _freshopened_page(house, portal) as application:
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
    with opened_page(portal, context) as application:
        application.open(f"{_payer(portal, 'company')}?lang={language}")
        application.frame.locator(".client-segments").wait_for(state="attached")
        yield application


@contextlib.contextmanager
def managers_card(house: House, language: str) -> Iterator[Application]:
    """The tab in a contact's card, opened by a manager who sees the marks only."""
    portal, _ = _marked(house)
    with _freshopened_page(house, portal) as application:
        user = _somebody(portal, "head")
        application.open(f"{_payer(portal, 'contact')}?lang={language}&user={user}")
        application.frame.locator("[data-card-state]:not([data-card-state=waiting])").wait_for()
        yield application


@contextlib.contextmanager
def phone(house: House, language: str) -> Iterator[Application]:
    """The page that the portal's mobile application opens."""
    portal, context = _marked(house)
    with opened_page(portal, context) as application:
        path = f"mobile/marketplace/?id=1&lang={language}"
        yield application.open(path).engine_ready().reach("idle")


@contextlib.contextmanager
def installing(house: House, language: str) -> Iterator[Application]:
    """An administrator who has just installed the app."""
    portal = house.portal("installing", *FEW, "--install")
    with _freshopened_page(house, portal) as application:
        yield application.open(f"?lang={language}").engine_ready()


@contextlib.contextmanager
def outside(house: House, language: str) -> Iterator[Application]:
    """The app's page in a frame of somebody who is no portal."""
    portal = house.portal("new", *FEW)
    with _freshopened_page(house, portal) as application:
        page = application.page
        page.set_content(_PLAIN_FRAME % f"{portal.app_origin}/?LANG={language}")
        application.frame.locator("html[data-app-state]").wait_for(state="attached")
        yield application


@contextlib.contextmanager
def without_platform(house: House, language: str) -> Iterator[Application]:
    """A network that does not let the platform's script through."""
    with _freshopened_page(house, house.portal("new", *FEW)) as application:
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
        with opened_page(portal, context) as application:
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
def _freshopened_page(house: House, portal: RunningPortal) -> Iterator[Application]:
    context = house.context()
    with opened_page(portal, context) as application:
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


_PLAIN_FRAME = f"""<body style="margin: 12px">
<iframe id="{FRAME.removeprefix("iframe[id^=").removesuffix("]")}" src="%s"
  style="width: 100%%; max-width: 1280px; height: 640px; border: 0"></iframe>"""

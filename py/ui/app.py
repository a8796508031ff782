"""The page at work: what happens when the portal, the engine or the person says something."""

import asyncio
import json
from typing import Any

from pyscript import document, window

from ui import worker
from ui.bridge import Bridge, PortalSilent, framed_by_portal, own_address, portal_origin
from ui.cache import load_view, storage_is_refused
from ui.chart import Chart
from ui.desks import Desks
from ui.dom import mark, on, part
from ui.intl import Intl
from ui.marks import Marks
from ui.modes import Mode
from ui.moment import MomentBar
from ui.panels import Panels
from ui.place import APP, CARD, LIST, Place
from ui.progress import ProgressPanel
from ui.screen import NO_CACHE_HERE, NOT_SET_UP, Screen
from ui.set_up import SetUp
from ui.shell import Shell
from ui.tasks import spawn
from ui.texts import Texts, language_of
from ui.view import View
from ui.views import Desk, Views
from ui.wording import host_of


class App:
    """One opened page."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._bridge: Bridge | None = None
        self._place = Place(APP)
        self._engine: worker.Engine | None = None
        self._user_id: str | None = None
        self._person_name = ""
        self._texts = _texts_of(_language_in_address())
        self._shell = Shell()
        self._desk = Desk(self._ask_engine, self._screen, self._texts, self._draw)
        self._views = Views(self._desk)
        self._panels = Panels(
            self._choose_mode, self._desk.lists.open_counted, self._desk.open_guide
        )
        self._chart = Chart(self._choose_month, self._desk.lists.open_counted)
        self._moment = MomentBar(self._choose_month, lambda month: self._desk.go("compare", month))
        self._progress = ProgressPanel()
        self._desks = Desks(self._order_marks, self._set_up, self._finish_set_up, self._open_card)
        self._engine_came = asyncio.Event()
        self._drawing_due = False
        self._list_opened = False

    def begin(self) -> None:
        """Show the empty shell, and go on when the portal answers."""
        self._listen()
        self._translate()
        self._draw()
        spawn(self._start())
        spawn(self._count_down())

    async def _start(self) -> None:
        if not framed_by_portal():
            self._leave("outside")
            return
        try:
            self._bridge = await Bridge.connect()
            self._greet(self._bridge)
            if self._place.kind == CARD:
                await self._show_card(self._bridge)
                return
            await self._show_last_charts(self._bridge)
            if self._screen.main != NOT_SET_UP:
                await self._start_engine(self._bridge)
        except PortalSilent as silence:
            self._leave(silence.code)
        except worker.EngineTrouble as trouble:
            # PyScript's worker does not start without storage; the cause is what helps a person.
            refused = await storage_is_refused()
            self._fail(worker.EngineTrouble("storage_unavailable") if refused else trouble)

    def _greet(self, bridge: Bridge) -> None:
        """What the portal says at once: who looks, in which language, from which of its places."""
        self._place = bridge.place()
        mark(document.documentElement, "data-place", self._place.kind)
        self._screen.is_admin = bridge.is_admin
        self._screen.installing = bridge.installing
        language = language_of(bridge.language)
        if language != self._texts.language:
            self._texts = self._desk.texts = _texts_of(language)
            self._translate()
        self._desk.bridge = bridge
        bridge.set_title(self._texts.say("app.name"))
        self._keep_frame_fitting(bridge)
        self._user_id = bridge.remembered()

    async def _show_card(self, bridge: Bridge) -> None:
        """The marks of the card that this is a tab of, before anything slow. The engine comes only
        to those who have the base it works on in this browser.
        """
        from ui.card_tab import CardTab

        tab = CardTab(self._place, self._ask_engine, bridge, self._texts)
        if not await tab.open() or not bridge.is_admin or self._user_id is None:
            return
        view = View.from_json(await load_view(host_of(portal_origin()), self._user_id))
        if view is None or view.partial or view.shared:
            return
        tab.expect_panel()
        try:
            await self._open_engine(bridge)
        except worker.EngineTrouble as trouble:
            tab.fail(trouble)
            return
        tab.show_panel()

    async def _show_last_charts(self, bridge: Bridge) -> None:
        """Before anything slow: whoever has been here before sees their last charts."""
        if self._user_id is not None:
            await self._load_cache()
            if self._screen.view is None and bridge.is_admin:
                self._screen.warn(NO_CACHE_HERE)
        self._draw()
        self._open_wanted_list()

    def _open_wanted_list(self) -> None:
        """Above the portal's lists the page begins with one, once it is known what there is."""
        if self._place.kind == LIST and not self._list_opened and self._screen.lists_visible:
            self._list_opened = True
            self._desk.lists.open_counted(self._place.segment)

    async def _start_engine(self, bridge: Bridge) -> None:
        naming = asyncio.create_task(self._learn_name(bridge))
        if self._user_id is None:
            await naming
            await self._load_cache()
        engine = await self._open_engine(bridge)
        if self._screen.refresh_wanted:
            await self._refresh_now(engine)

    async def _open_engine(self, bridge: Bridge) -> worker.Engine:
        """Have the worker open the base of whoever looks; in a card's tab it does nothing else."""
        engine = await worker.start(self._get_auth, self._when_told)
        state = await engine.open(
            portal_origin(),
            str(self._user_id),
            bridge.is_admin,
            self._texts.language,
            own_address(),
            self._place.kind == CARD,
        )
        self._engine = engine
        self._engine_came.set()
        self._screen.engine_ready = True
        self._screen.take_state(state)
        self._draw()
        return engine

    async def _learn_name(self, bridge: Bridge) -> None:
        """Who is here; needed at once only by those whose id is not remembered."""
        try:
            person = await bridge.person()
        except PortalSilent:
            if self._user_id is None:
                raise
            return
        if self._user_id is None:
            self._user_id = person.user_id
        self._person_name = person.name
        self._draw()

    async def _load_cache(self) -> None:
        text = await load_view(host_of(portal_origin()), str(self._user_id))
        self._screen.take_view(View.from_json(text))
        self._screen.cache_searched = True
        self._draw()

    async def _get_auth(self, renew: bool) -> str | None:
        return await self._bridge.token(renew) if self._bridge is not None else None

    def _when_told(self, event: dict[str, Any]) -> None:
        """Take in an event of the engine."""
        kind = event["type"]
        if kind == "state":
            self._screen.take_state(event)
        elif kind == "progress":
            self._screen.progress = event
        elif kind == "view":
            self._take_view(View.of(event["view"]))
        elif kind == "error":
            self._screen.take_error(event)
        elif kind == "marks":
            self._screen.marks = Marks(event)
        elif kind == "set_up":
            self._screen.set_up = SetUp(event)
        elif kind == "cache":
            self._screen.warn(event.get("unavailable") or "storage_lost")
        self._draw_soon()

    def _take_view(self, view: View | None) -> None:
        self._screen.take_view(view)
        if view is not None and self._bridge is not None and self._user_id is not None:
            self._bridge.remember(self._user_id, view.as_of)
        self._open_wanted_list()

    def _choose_mode(self, mode: Mode) -> None:
        self._screen.mode = mode
        self._draw()

    def _choose_month(self, month: str | None) -> None:
        self._screen.choose(self._screen.mode.number, month)
        self._draw()

    async def _ask_engine(self, what: str, order: dict[str, Any]) -> Any:
        """What the engine answers to a question, once it is up."""
        await self._engine_came.wait()
        assert self._engine is not None
        if what == "export":
            return await self._engine.file(order)
        return await self._engine.answer(what, order)

    async def _refresh(self) -> None:
        if self._screen.busy:
            return
        self._screen.refresh_wanted = True
        self._draw()
        if self._engine is not None:
            await self._refresh_now(self._engine)

    async def _refresh_now(self, engine: worker.Engine) -> None:
        await self._ask(engine.refresh(self._screen.full_wanted))
        self._screen.refresh_wanted = False
        self._draw()

    async def _clear_and_refresh(self) -> None:
        """Drop what is kept here and read all anew, once the person has agreed."""
        if not await self._desks.ask_to_clear(self._screen, self._texts) or self._screen.busy:
            return
        self._screen.full_wanted = True
        await self._refresh()

    async def _pause(self) -> None:
        if self._engine is not None:
            await self._ask(self._engine.pause())
            self._draw()

    async def _order_marks(self, order: dict[str, Any]) -> None:
        if self._engine is not None:
            await self._ask(self._engine.marks(order))
            self._draw()

    async def _set_up(self) -> None:
        if self._engine is not None and not self._screen.busy:
            await self._ask(self._engine.set_up())
            self._draw()

    async def _finish_set_up(self) -> None:
        if self._bridge is not None:
            self._bridge.finish_installation()

    def _open_card(self, path: str) -> None:
        if self._bridge is not None:
            self._bridge.open_card(path)

    async def _ask(self, question: Any) -> None:
        try:
            self._screen.take_state(await question)
        except worker.EngineTrouble as trouble:
            self._fail(trouble)

    def _fail(self, trouble: worker.EngineTrouble) -> None:
        params = {"words": trouble.words}
        self._screen.take_error({"code": trouble.code, "params": params, "saved_through": None})
        self._draw()

    def _listen(self) -> None:
        on(self._shell.refresh, "click", lambda event: spawn(self._refresh()))
        on(self._shell.clear, "click", lambda event: spawn(self._clear_and_refresh()))
        on(self._shell.pause, "click", lambda event: spawn(self._pause()))
        on(self._shell.reload, "click", lambda event: self._reload())

    def _reload(self) -> None:
        if self._bridge is not None:
            self._bridge.reload()
        else:
            window.location.reload()

    def _leave(self, code: str) -> None:
        """There is no portal, or none that answers: say so, and nothing else."""
        self._screen.away = code
        self._draw()

    def _translate(self) -> None:
        for one in (self._shell, self._panels, self._chart, self._moment):
            one.translate(self._texts)
        self._views.translate()

    def _draw(self) -> None:
        screen, texts = self._screen, self._texts
        portal = portal_origin() if framed_by_portal() else ""
        self._shell.draw_head(portal, self._person_name, screen, texts)
        self._shell.draw(screen, texts)
        if self._place.kind == CARD:
            return
        self._moment.draw(screen, texts)
        self._panels.draw(screen, texts, self._chart.element)
        self._chart.draw(screen, texts)
        self._progress.draw(screen, texts)
        self._desks.draw(screen, texts, portal)
        self._views.draw()

    def _draw_soon(self) -> None:
        """Draw once for all the events that come in together."""
        if not self._drawing_due:
            self._drawing_due = True
            spawn(self._draw_late())

    async def _draw_late(self) -> None:
        await asyncio.sleep(0.05)
        self._drawing_due = False
        self._draw()

    async def _count_down(self) -> None:
        """Keep the time left of a wait moving between the engine's events."""
        while True:
            await asyncio.sleep(1)
            progress = self._screen.progress
            if progress is not None and progress.get("waiting") is not None:
                self._progress.draw(self._screen, self._texts)
            if self._screen.marks.waiting is not None:
                self._desks.draw(self._screen, self._texts, portal_origin())

    def _keep_frame_fitting(self, bridge: Bridge) -> None:
        """Keep the frame as high as the page, so that the portal's page alone scrolls."""
        page = part("app")
        window.ResizeObserver.new(lambda *sizes: bridge.fit(int(page.offsetHeight))).observe(page)


def _language_in_address() -> str:
    """The portal opens the page with ``LANG`` in its address; enough until it has answered."""
    return language_of(window.URLSearchParams.new(window.location.search).get("LANG"))


def _texts_of(language: str) -> Texts:
    with open("translations/" + language + ".json") as file:
        words: dict[str, str] = json.loads(file.read())
    return Texts(language, words, Intl(language))

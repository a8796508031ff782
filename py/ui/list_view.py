"""The list of a segment's clients: search, filters, columns, rows, and a client's panel."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.bridge import Bridge
from ui.dom import make, make_button, mark, on, part, show, write
from ui.grid import Grid, Listener
from ui.list_count import chart_words, count_words
from ui.list_export import Export
from ui.list_filters import Chips, Filters
from ui.list_rows import cells
from ui.listing import COLUMNS, Layout, Listing
from ui.tasks import after_typing, spawn
from ui.texts import Texts
from ui.troubles import in_a_line
from ui.worker import EngineTrouble

BLOCK_ROWS = 60
"""Rows asked for at a time: two screens of them."""
TYPING_S = 0.12
"""A search starts when nobody has typed for so long."""
COLUMNS_OPTION = "list"
BACK, FILTERS, COLUMN_CHOICE = "list-close", "list-filters", "list-columns"


class ListView:
    """Everything in ``<section data-part="list">``.

    ``ask(what, order)`` is a coroutine function that has the engine answer (``query``, ``client``,
    ``export``), ``close()`` leads back to where the list was opened.
    """

    def __init__(
        self,
        ask: Callable[[str, dict[str, Any]], Any],
        bridge: Bridge,
        close: Callable[[], None],
        texts: Texts,
    ) -> None:
        self._ask = ask
        self._bridge = bridge
        self._close = close
        self._texts = texts
        self._box = part("list")
        self._listing = Listing({"mode": "2", "code": "all", "month": None})
        self._layout = Layout.from_text(bridge.recall(COLUMNS_OPTION))
        self._people: dict[str, str] = {}
        self._built = False
        self._total = 0
        self._filled: list[int] = []
        self._started_over = True
        self._asking = False
        self._seen = (0, BLOCK_ROWS)
        self._panel: Any = None
        self._grid = Grid(Listener(self._look, self._sort, self._open_client, self._arrange))
        self._filters = Filters(self._filter)
        self._chips = Chips(self._filter)
        self._build()

    def open(self, listing: Listing, title: str) -> None:
        """List the clients of another segment, with nothing searched or filtered."""
        self._listing = listing
        self._close_client()
        self._search.value = ""
        self._filters.show({})
        write(self._title, title)
        mark(self._box, "data-total", None)
        self._title.focus()
        self._start_over()

    def _build(self) -> None:
        say = self._texts.say
        self._title = make("h2", "list-title", attributes={"id": "list-title", "tabindex": "-1"})
        back = make_button(BACK, "button button-plain", say("action.list_close"))
        on(back, "click", lambda event: self._close())
        head = make("div", "list-head")
        head.append(back, self._title)
        self._search = make("input", "field list-search", attributes={"type": "search"})
        mark(self._search, "data-part", "list-search")
        mark(self._search, "placeholder", say("list.search"))
        mark(self._search, "aria-label", say("list.search"))
        after_typing(self._search, TYPING_S, self._search_typed)
        self._columns = make("div", "list-columns", attributes={"id": "list-columns"})
        self._columns.append(*[self._column_tick(column.name) for column in COLUMNS])
        tools = make("div", "list-tools")
        tools.append(
            self._search,
            self._opener(FILTERS, "action.list_filters", self._filters.element),
            self._opener(COLUMN_CHOICE, "action.list_columns", self._columns),
        )
        tools.append(*Export(self._ask, self._whole, self._tell_trouble, self._texts).buttons)
        self._count = make("p", "list-count", attributes={"role": "status"})
        self._note = make("p", "list-note")
        show(self._note, False)
        self._trouble = make("p", "list-trouble", attributes={"role": "alert"})
        self._empty = make("p", "list-empty", say("list.empty"))
        show(self._trouble, False)
        show(self._empty, False)
        self._filters.translate(self._texts)
        self._client_box = make("aside", "client", attributes={"data-part": "client"})
        show(self._client_box, False)
        self._body = make("div", "list-body")
        rows = make("div", "list-rows")
        rows.append(self._grid.element, self._empty)
        self._body.append(rows, self._client_box)
        self._box.replaceChildren(
            head,
            tools,
            self._filters.element,
            self._columns,
            self._chips.element,
            self._trouble,
            self._count,
            self._note,
            self._body,
        )

    def _opener(self, action: str, key: str, panel: Any) -> Any:
        button = make_button(action, text=self._texts.say(key))
        mark(button, "aria-expanded", "false")
        mark(button, "aria-controls", str(panel.id))
        show(panel, False)

        def turn(event: Any) -> None:
            opened = bool(panel.hidden)
            show(panel, opened)
            mark(button, "aria-expanded", "true" if opened else "false")

        on(button, "click", turn)
        return button

    def _column_tick(self, name: str) -> Any:
        label = make("label", "filter-tick")
        box = make("input", attributes={"type": "checkbox", "data-column": name})
        box.checked = name in self._layout.shown
        box.disabled = name == "name"
        on(box, "change", lambda event: self._show_column(name, bool(box.checked)))
        label.append(box, make("span", "", self._texts.say("list.column." + name)))
        return label

    def _search_typed(self) -> None:
        self._listing.search = str(self._search.value).strip()
        self._start_over()

    def _filter(self, name: str, value: Any) -> None:
        self._listing.filter(name, value)
        if value is None:
            self._filters.show(self._listing.filters)
            self._search.focus()  # the cross that was pressed is no more
        self._start_over()

    def _sort(self, name: str, and_before: bool) -> None:
        self._listing.sort_by(name, and_before)
        self._start_over()

    def _show_column(self, name: str, shown: bool) -> None:
        self._layout.show(name, shown)
        if self._built:
            self._grid.arrange(self._layout)
        self._arrange(self._layout)

    def _arrange(self, layout: Layout) -> None:
        self._bridge.keep(COLUMNS_OPTION, layout.to_text())

    def _look(self, first: int, last: int) -> None:
        self._seen = (first, last)
        self._ask_soon()

    def _start_over(self) -> None:
        self._started_over = True
        self._seen = (0, BLOCK_ROWS)
        self._chips.draw(self._listing.filters, self._people, self._texts)
        self._ask_soon()

    def _ask_soon(self) -> None:
        if not self._asking:
            self._asking = True
            spawn(self._ask_all())

    async def _ask_all(self) -> None:
        """Ask for what is on screen until it is there; one question at a time, so that the engine
        never works on what nobody looks at any more.
        """
        try:
            while await self._ask_next():
                pass
            self._tell_trouble(None)
        except EngineTrouble as trouble:
            self._tell_trouble(trouble)
        finally:
            self._asking = False
            mark(self._box, "aria-busy", None)

    async def _ask_next(self) -> bool:
        first = self._missing()
        if first is None:
            return False
        over = self._started_over
        self._started_over = False
        if over:
            mark(self._box, "aria-busy", "true")
            if not self._built:
                self._built = await self._grid.build(self._layout, self._texts)
                if not self._built:
                    raise EngineTrouble("grid_missing")
        answer = await self._ask("query", self._listing.question(first, BLOCK_ROWS))
        if self._started_over:
            return True  # something else is asked for by now
        if over:
            await self._show_count(answer)
        elif int(answer["total"]) != self._total:
            self._start_over()  # a refresh has changed the list under the person's eyes
            return True
        self._people.update(answer.get("people") or {})
        self._filters.know(self._people)
        self._filled.append(first)
        self._grid.fill(first, cells(answer, self._texts))
        return True

    def _missing(self) -> int | None:
        """Where the next rows to ask for begin."""
        if self._started_over:
            return 0
        first, last = self._seen
        block = first // BLOCK_ROWS * BLOCK_ROWS
        while block < min(last, self._total):
            if block not in self._filled:
                return block
            block += BLOCK_ROWS
        return None

    async def _show_count(self, answer: dict[str, Any]) -> None:
        self._total = int(answer["total"])
        self._filled = []
        show(self._empty, self._total == 0)
        show(self._grid.element, self._total > 0)  # before its rows: it draws none while hidden
        await self._grid.show(self._listing, self._total)
        mark(self._box, "data-total", str(self._total))
        mark(self._box, "data-searched", self._listing.search)
        segment = self._listing.segment
        write(self._count, count_words(answer, segment, self._texts))
        note = chart_words(answer, segment, self._texts)
        write(self._note, note)
        show(self._note, bool(note))

    def _tell_trouble(self, trouble: EngineTrouble | None) -> None:
        words = in_a_line(trouble.code, trouble.words, self._texts) if trouble is not None else ""
        write(self._trouble, words)
        show(self._trouble, bool(words))

    def _whole(self) -> dict[str, Any]:
        """All rows as they are shown, for a file."""
        order, shown = self._listing.all_rows(), self._layout.shown
        order["name"] = str(self._title.textContent)
        order["columns"] = shown
        order["titles"] = {name: self._texts.say("list.column." + name) for name in shown}
        return order

    def _open_client(self, client: str, name: str) -> None:
        if self._panel is None:
            from ui.client_panel import ClientPanel

            self._panel = ClientPanel(
                self._client_box, self._ask, self._bridge, self._close_client, self._texts
            )
        show(self._client_box, True)
        mark(self._body, "data-client-open", client)
        self._panel.open(client, name)
        self._grid.fit()

    def _close_client(self) -> None:
        client = self._body.getAttribute("data-client-open")
        if client:
            show(self._client_box, False)
            mark(self._body, "data-client-open", None)
            self._grid.fit()
            spawn(self._grid.return_focus(str(client)))

"""The table of the list: Tabulator with as many rows as were found and the texts of those seen.

To Tabulator every row is empty. What a row says is written into its cells here: when it is drawn,
or, where the engine has not told it yet, as soon as it does. So a name can become nothing but text,
and no row that has gone off the screen is kept here.
"""

import asyncio
import json
from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document, window

from ui.dom import handed, make, mark, on, part, to_script, write
from ui.listing import Layout, Listing, column_of
from ui.texts import Texts

ROW_PX = 44
HEAD_PX = 44
BAR_PX = 20
"""Room for a bar to scroll sideways."""
MINIMUM_PX, MAXIMUM_PX = 300, 720
AROUND_PX = 330
"""What of a screen goes to everything but the table."""
SETTLE_S = 0.06
"""So long a scroll has to rest before rows are asked for."""
REST_S = 0.15
PATIENCE_S = 30
NARROW_PX = 640
NARROW_NAME_PX = 170
ARROWS = {"ascending": "\u2191", "descending": "\u2193", "none": ""}
EMPTY_ROW = ".tabulator-row:not([data-client])"
STEPS = {"ArrowDown": "nextElementSibling", "ArrowUp": "previousElementSibling"}


class Listener:
    """What the table calls: ``look(first, last)`` when these rows are on screen, ``sort(column,
    and_before)``, ``open(client, name)`` for a name, ``arrange(layout)`` when columns were moved or
    resized.
    """

    def __init__(
        self,
        look: Callable[[int, int], None],
        sort: Callable[[str, bool], None],
        open: Callable[[str, str], None],
        arrange: Callable[[Layout], None],
    ) -> None:
        self.look = look
        self.sort = sort
        self.open = open
        self.arrange = arrange


class Grid:
    """The table in ``element``."""

    def __init__(self, listener: Listener) -> None:
        self.element = make("div", "grid")
        self._listener = listener
        self._table: Any = None
        self._told: Any = None
        self._layout = Layout()
        self._texts: Texts | None = None
        self._listing: Listing | None = None
        self._looking_due = False
        on(self.element, "keydown", self._when_key_pressed)
        on(self.element, "click", self._when_clicked)

    async def build(self, layout: Layout, texts: Texts) -> bool:
        """Make the table, once; whether the library came."""
        library = await tabulator()
        if library is None:
            return False
        self._layout, self._texts = layout, texts
        options = to_script(
            {
                "height": str(_height_px()) + "px",
                "rowHeight": ROW_PX,
                "layout": "fitDataFill",
                "headerSortClickElement": "icon",
                "movableColumns": True,
                "columnDefaults": {"headerSort": False, "resizable": "header"},
                "renderVerticalBuffer": 400,
                "placeholder": "",
            }
        )
        options.columns = self._columns()
        options.data = window.JSON.parse("[]")
        options.rowFormatter = self._draw_row
        built = asyncio.Event()
        self._table = library.new(self.element, options)
        self._table.on("tableBuilt", lambda *nothing: built.set())
        await built.wait()
        self._table.on("scrollVertical", lambda *place: self._look_soon())
        self._table.on("columnMoved", lambda *facts: self._arranged())
        self._table.on("columnResized", lambda column: self._resized(column))
        mark(self.element, "aria-label", texts.say("list.grid"))
        self._mend_roles()
        return True

    def arrange(self, layout: Layout) -> None:
        """Show other columns."""
        self._layout = layout
        self._table.setColumns(self._columns())
        self._mark_sort()
        self._look_soon()

    async def show(self, listing: Listing, count: int) -> None:
        """Start over with so many rows, all still empty."""
        self._listing = listing
        self._told = window.JSON.parse("[]")
        mark(self.element, "aria-rowcount", str(count + 1))
        self._table.setHeight(min(_height_px(), HEAD_PX + count * ROW_PX + BAR_PX))
        await self._table.setData(window.JSON.parse("[" + ("{}," * count)[:-1] + "]"))
        self._mark_sort()

    def fill(self, first: int, rows: list[dict[str, str]]) -> None:
        """Put the texts of rows in, from position ``first`` on."""
        told = window.JSON.parse(json.dumps(rows))
        for offset in range(len(rows)):
            self._told[first + offset] = told[offset]
        self._write_empty_rows()

    def seen(self) -> tuple[int, int]:
        """The first row that is drawn and the one after the last: those on screen and some around
        them. After a far jump Tabulator draws other rows than the height above them would tell.
        """
        rows = self.element.querySelector(".tabulator-table")
        if not rows or not rows.firstElementChild:
            return 0, 0
        return _place(rows.firstElementChild), _place(rows.lastElementChild) + 1

    def fit(self) -> None:
        """Take up the room there is now."""
        if self._table is not None:
            self._table.redraw()

    async def return_focus(self, client: str) -> None:
        """Stand on a client's name again, once the table has come to rest, if it is there."""
        await asyncio.sleep(REST_S)
        row = self.element.querySelector('[data-client="' + client + '"] .grid-name')
        if row is not None:
            row.focus()

    def _mend_roles(self) -> None:
        """What scrolls holds the rows: to Tabulator it has no role, and no such thing may stand
        between a grid and its rows.
        """
        mark(self.element, "aria-owns", None)
        mark(self.element.querySelector(".tabulator-tableholder"), "role", "rowgroup")
        mark(self.element.querySelector(".tabulator-table"), "role", "none")

    def _columns(self) -> Any:
        columns = window.JSON.parse("[]")
        narrow = int(window.innerWidth) < NARROW_PX
        for name in self._layout.shown:
            column = column_of(name)
            width_px = self._layout.width_px(name)
            facts = {
                "field": name,
                "title": name,
                "width": min(width_px, NARROW_NAME_PX) if narrow and name == "name" else width_px,
                "hozAlign": "right" if column.is_right_aligned else "left",
                "headerHozAlign": "right" if column.is_right_aligned else "left",
            }
            if name == "name":
                facts["frozen"] = True
            definition = to_script(facts)
            definition.titleFormatter = self._head_maker(name)
            columns.push(definition)
        return columns

    def _head_maker(self, name: str) -> Callable[..., Any]:
        assert self._texts is not None
        words = self._texts.say("list.column." + name)

        def made(*nothing: Any) -> Any:
            button = make("button", "grid-head", attributes={"type": "button"})
            button.setAttribute("data-sort", name)
            button.append(
                make("span", "grid-title", words),
                make("span", "grid-arrow", attributes={"aria-hidden": "true"}),
            )
            return handed(button)

        return made

    def _mark_sort(self) -> None:
        if self._listing is None:
            return
        for head in self.element.querySelectorAll(".grid-head"):
            direction = self._listing.direction(str(head.getAttribute("data-sort")))
            write(head.lastChild, ARROWS[direction])
            mark(head.closest(".tabulator-col"), "aria-sort", direction)

    def _draw_row(self, row: Any) -> None:
        """Say in a row that is drawn which it is, and what is known of it."""
        place = int(row.getPosition()) - 1
        element = row.getElement()
        mark(element, "aria-rowindex", str(place + 2))
        self._write_row(element, place)

    def _write_empty_rows(self) -> None:
        """Write what has come to be known into rows that were drawn before."""
        for element in self.element.querySelectorAll(EMPTY_ROW):
            self._write_row(element, _place(element))

    def _write_row(self, element: Any, place: int) -> None:
        told = window.Reflect.get(self._told, place)
        client = getattr(told, "client", None)
        if client is None:
            return
        mark(element, "data-client", str(client))
        for cell in element.querySelectorAll(".tabulator-cell"):
            field = str(cell.getAttribute("tabulator-field"))
            text = str(getattr(told, field))
            if field == "name":
                cell.replaceChildren(_name_button(text))
            else:
                cell.textContent = text

    def _look_soon(self) -> None:
        if not self._looking_due:
            self._looking_due = True
            window.setTimeout(self._look, int(SETTLE_S * 1000))

    def _look(self, *nothing: Any) -> None:
        self._looking_due = False
        self._write_empty_rows()
        self._listener.look(*self.seen())

    def _arranged(self) -> None:
        shown = [str(column.getField()) for column in self._table.getColumns()]
        self._layout.shown = shown
        self._listener.arrange(self._layout)

    def _resized(self, column: Any) -> None:
        self._layout.widths_px[str(column.getField())] = int(column.getWidth())
        self._listener.arrange(self._layout)

    def _when_clicked(self, event: Any) -> None:
        head = event.target.closest("[data-sort]")
        if head:
            self._listener.sort(str(head.getAttribute("data-sort")), bool(event.shiftKey))
            return
        name = event.target.closest(".grid-name")
        row = event.target.closest("[data-client]")
        if name and row:
            client = str(row.getAttribute("data-client"))
            self._listener.open(client, str(name.textContent))

    def _when_key_pressed(self, event: Any) -> None:
        """Arrow keys go from name to name."""
        step = STEPS.get(str(event.key))
        row = event.target.closest(".tabulator-row")
        if step is None or not row:
            return
        event.preventDefault()
        other = getattr(row, step)
        name = other.querySelector(".grid-name") if other else None
        if name:
            name.focus()


def _place(row: Any) -> int:
    """Which row of the list is drawn there; the head is row 1 of the table."""
    return int(row.getAttribute("aria-rowindex")) - 2


def _name_button(name: str) -> Any:
    attributes = {"type": "button", "title": name, "dir": "auto"}
    return make("button", "grid-name", name, attributes)


def _height_px() -> int:
    """The frame is as high as the page, so the screen is what there is to go by."""
    return min(max(int(window.screen.availHeight) - AROUND_PX, MINIMUM_PX), MAXIMUM_PX)


async def tabulator() -> Any:
    """The library, once its styles and the list's are there too: it measures what it draws. None
    when they do not come. index.html names the files, which nobody loads before a list is opened.
    """
    files = document.head.querySelectorAll("[data-grid-file]")
    if not files.length:
        document.head.append(part("grid-files").content.cloneNode(True))
        files = document.head.querySelectorAll("[data-grid-file]")
    waited_s = 0.0
    while waited_s < PATIENCE_S:
        library = getattr(window, "Tabulator", None)
        if library and all([bool(file.sheet) for file in files]):
            return library
        await asyncio.sleep(0.03)
        waited_s += 0.03
    return None

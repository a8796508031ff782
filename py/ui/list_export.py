"""The list as a file: the buttons that ask for one, and how the browser saves it."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document, window

from ui.dom import make, make_button, mark, on, to_script, write
from ui.list_rows import choice
from ui.listing import COLUMNS
from ui.tasks import spawn
from ui.texts import Texts
from ui.worker import EngineTrouble, File

FORMATS = ("xlsx", "csv")
KEPT_MS = 60_000
"""A file stays at hand for so long while the browser saves it."""


class Export:
    """A button a format. ``order()`` tells what is to be written (``export`` of the engine without
    its ``format`` and ``words``), ``ask`` is a coroutine function that has the engine answer,
    ``tell(trouble)`` is called when it could not, or with None when it could.
    """

    def __init__(
        self,
        ask: Callable[[str, dict[str, Any]], Any],
        order: Callable[[], dict[str, Any]],
        tell: Callable[[EngineTrouble | None], None],
        texts: Texts,
    ) -> None:
        self._ask = ask
        self._order = order
        self._tell = tell
        self._texts = texts
        self._at_work = False
        self.buttons = [self._button(form) for form in FORMATS]

    def _button(self, form: str) -> Any:
        words = self._texts.say("action.export." + form)
        button = make_button("export-" + form, text=words)
        on(button, "click", lambda event: spawn(self._export(form, button)))
        return button

    async def _export(self, form: str, button: Any) -> None:
        if self._at_work:
            return
        self._at_work = True
        order = self._order()
        order["format"] = form
        order["words"] = words_of_codes(self._texts)
        mark(button, "aria-busy", "true")
        write(button, self._texts.say("action.exporting"))
        try:
            save(await self._ask("export", order))
            self._tell(None)
        except EngineTrouble as trouble:
            self._tell(trouble)
        finally:
            self._at_work = False
            mark(button, "aria-busy", None)
            write(button, self._texts.say("action.export." + form))


def words_of_codes(texts: Texts) -> dict[str, dict[str, str]]:
    """What the codes of choices are called in a file."""
    return {
        column.name: {code: choice(column, code, texts) for code in column.codes}
        for column in COLUMNS
        if column.codes
    }


def save(file: File) -> None:
    """Let the browser save a file."""
    parts = window.JSON.parse("[]")
    parts.push(file.content)
    blob = window.Blob.new(parts, to_script({"type": file.media_type}))
    address = str(window.URL.createObjectURL(blob))
    link = make("a", attributes={"href": address, "download": file.name})
    document.body.append(link)
    link.click()
    link.remove()
    window.setTimeout(lambda *nothing: window.URL.revokeObjectURL(address), KEPT_MS)

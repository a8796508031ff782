"""A question that is asked before something happens, in the browser's own dialog."""

import asyncio
from typing import Any

from pyscript import document, window

from ui.dom import make, make_button, on, on_page, to_script, write

MARGIN_PX = 16


class Wording:
    """What a question says; all of it ready to be shown.

    ``tick`` is the text of a box to tick, None for none; a ``grave`` question has its focus on the
    way out.
    """

    def __init__(
        self,
        title: str,
        lines: list[str],
        confirm: str,
        cancel: str,
        tick: str | None = None,
        ticked: bool = False,
        grave: bool = False,
    ) -> None:
        self.title = title
        self.lines = lines
        self.confirm = confirm
        self.cancel = cancel
        self.tick = tick
        self.ticked = ticked
        self.grave = grave


class Question:
    """One dialog, used for every question; one question at a time."""

    def __init__(self) -> None:
        self._element = make(
            "dialog",
            "question box",
            attributes={"aria-labelledby": "question-title", "aria-describedby": "question-lines"},
        )
        self._title = make("h2", "question-title", attributes={"id": "question-title"})
        self._lines = make("div", "question-lines", attributes={"id": "question-lines"})
        self._tick = make("input", attributes={"type": "checkbox", "id": "question-tick"})
        self._tick_words = make("span")
        self._tick_label = make("label", "tick", attributes={"for": "question-tick"})
        self._tick_label.append(self._tick, self._tick_words)
        self._confirm = make_button("confirm", "button button-main")
        self._cancel = make_button("cancel", "button")
        buttons = make("div", "question-buttons")
        buttons.append(self._confirm, self._cancel)
        self._element.append(self._title, self._lines, self._tick_label, buttons)
        document.body.append(self._element)
        self._confirmed = False
        self._closed: asyncio.Event | None = None
        self._asked_from: Any = None
        on(self._confirm, "click", lambda event: self._close(True))
        on(self._cancel, "click", lambda event: self._close(False))
        on(self._element, "close", lambda event: self._when_closed())
        on_page("resize", lambda event: self._place())

    @property
    def ticked(self) -> bool:
        """Whether the box was ticked when the question was closed."""
        return bool(self._tick.checked)

    async def ask(self, wording: Wording) -> bool:
        """Whether the person confirms; Escape is a no, and so is asking while another is open."""
        if self._closed is not None:
            return False
        self._asked_from = document.activeElement
        self._write(wording)
        self._confirmed = False
        self._closed = asyncio.Event()
        self._element.showModal()
        self._place()
        (self._cancel if wording.grave else self._confirm).focus()
        await self._closed.wait()
        self._closed = None
        return self._confirmed

    def _write(self, wording: Wording) -> None:
        write(self._title, wording.title)
        self._lines.replaceChildren(*[make("p", "", line) for line in wording.lines])
        self._tick.checked = wording.ticked
        self._tick_label.hidden = wording.tick is None
        write(self._tick_words, wording.tick or "")
        write(self._confirm, wording.confirm)
        write(self._cancel, wording.cancel)
        self._confirm.className = "button button-grave" if wording.grave else "button button-main"

    def _place(self) -> None:
        """Beside what was pressed: the frame is as high as the page, so its middle may be far away
        from what a person sees of it.
        """
        if self._closed is None:
            return
        height = float(self._element.offsetHeight)
        room = float(window.innerHeight) - height - MARGIN_PX
        place = self._asked_from.getBoundingClientRect()
        middle = float(place.top) + float(place.height) / 2
        top = float(window.scrollY) + max(MARGIN_PX, min(room, middle - height / 2))
        self._element.style.top = str(int(top)) + "px"
        self._element.scrollIntoView(to_script({"block": "nearest"}))

    def _close(self, confirmed: bool) -> None:
        self._confirmed = confirmed
        self._element.close()

    def _when_closed(self) -> None:
        if self._closed is not None:
            self._closed.set()


_only: list[Question] = []


def the_question() -> Question:
    """The page's dialog, made when something is first asked."""
    if not _only:
        _only.append(Question())
    return _only[0]

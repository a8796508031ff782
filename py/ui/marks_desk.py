"""What a person does with the marks: questions first, then an order to the engine."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import on
from ui.marks import PAUSED, PREVIEW, UNDOING
from ui.marks_panel import MarksPanel, listen
from ui.marks_wording import card_answer, forecast
from ui.question import Question, Wording
from ui.screen import Screen
from ui.tasks import spawn
from ui.texts import Texts
from ui.wording import cards


class MarksDesk:
    """``order(what)`` is a coroutine function that has the engine do it."""

    def __init__(
        self,
        question: Question,
        order: Callable[[dict[str, Any]], Any],
        open_card: Callable[[str], None],
    ) -> None:
        self._question = question
        self._order = order
        self._panel = MarksPanel(open_card)
        self._facts: tuple[Screen, Texts] | None = None
        self._asked_card = False
        for name, act in (
            ("preview", self._compare),
            ("write", self._write),
            ("pause", self._pause),
            ("undo", self._undo),
            ("card", self._show_in_card),
            ("remove", self._remove),
        ):
            listen(self._panel, name, _spawning(act))
        on(self._panel.automatic, "change", lambda event: spawn(self._set_automatic()))

    def draw(self, screen: Screen, texts: Texts, portal: str) -> None:
        """Show the panel, where there is one to show."""
        self._facts = (screen, texts)
        self._panel.draw(screen, texts, portal)
        answer = card_answer(screen.marks.reason, texts) if self._asked_card else ""
        self._panel.tell(answer)

    async def _compare(self) -> None:
        await self._tell({"do": "preview"})

    async def _write(self) -> None:
        screen, texts = self._known()
        marks = screen.marks
        if marks.state == PAUSED:
            await self._tell({"do": "undo" if screen.job == "undo" else "write"})
            return
        told = [cards(marks.companies, marks.contacts, texts) + "."]
        for line in (forecast(marks, texts), texts.say("marks.ask_write.lead")):
            if line:
                told.append(line)
        wording = Wording(
            texts.count("marks.ask_write.title", marks.total),
            told,
            texts.say("action.marks_confirm_write"),
            texts.say("action.cancel"),
            texts.say("marks.automatic"),
            marks.automatic,
        )
        if marks.state != PREVIEW or not await self._question.ask(wording):
            return
        if self._question.ticked != marks.automatic:
            await self._tell({"do": "automatic", "automatic": self._question.ticked})
        await self._tell({"do": "write"})

    async def _pause(self) -> None:
        await self._tell({"do": "pause"})

    async def _undo(self) -> None:
        screen, texts = self._known()
        undoable = screen.marks.undoable
        if undoable is None or screen.marks.state == UNDOING:
            return
        told = [
            texts.count("marks.ask_undo.lead", undoable["count"]),
            texts.say("marks.ask_undo.conflicts"),
        ]
        if screen.marks.automatic:
            told.append(texts.say("marks.ask_undo.automatic"))
        wording = Wording(
            texts.say("marks.ask_undo.title", moment=texts.moment(undoable["at"])),
            told,
            texts.say("action.marks_confirm_undo"),
            texts.say("action.cancel"),
            grave=True,
        )
        if await self._question.ask(wording):
            await self._tell({"do": "undo", "id": undoable["id"]})

    async def _show_in_card(self) -> None:
        if await self._question.ask(self._plain_question("card", "action.marks_confirm_card")):
            self._asked_card = True
            await self._tell({"do": "show_in_card"})

    async def _remove(self) -> None:
        wording = self._plain_question("remove", "action.marks_confirm_remove", grave=True)
        if await self._question.ask(wording):
            await self._tell({"do": "remove"})

    async def _set_automatic(self) -> None:
        await self._tell({"do": "automatic", "automatic": bool(self._panel.automatic.checked)})

    def _plain_question(self, name: str, confirm: str, grave: bool = False) -> Wording:
        _screen, texts = self._known()
        return Wording(
            texts.say("marks.ask_" + name + ".title"),
            [texts.say("marks.ask_" + name + ".lead"), texts.say("marks.ask_" + name + ".more")],
            texts.say(confirm),
            texts.say("action.cancel"),
            grave=grave,
        )

    async def _tell(self, what: dict[str, Any]) -> None:
        if what["do"] != "show_in_card":
            self._asked_card = False
        await self._order(what)

    def _known(self) -> tuple[Screen, Texts]:
        assert self._facts is not None
        return self._facts


def _spawning(act: Callable[[], Any]) -> Callable[[], None]:
    return lambda: spawn(act())

"""Panels that only some people meet: marks, preparation of the portal, questions.

Their modules are run when they are first needed, so that the charts are not kept waiting.
"""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.screen import Screen
from ui.tasks import spawn
from ui.texts import Texts
from ui.wording import full_run_time


class Desks:
    """``order``, ``set_up`` and ``finish`` are coroutine functions that have it done."""

    def __init__(
        self,
        order: Callable[[dict[str, Any]], Any],
        set_up: Callable[[], Any],
        finish: Callable[[], Any],
        open_card: Callable[[str], None],
    ) -> None:
        self._order = order
        self._begin_set_up = set_up
        self._finish_set_up = finish
        self._open_card = open_card
        self._marks: Any = None
        self._set_up: Any = None

    def draw(self, screen: Screen, texts: Texts, portal: str) -> None:
        """Show what there is to show, and hide what there no longer is."""
        if screen.marks_visible and self._marks is None:
            from ui.marks_desk import MarksDesk

            self._marks = MarksDesk(self._asking(), self._order, self._open_card)
        if self._marks is not None:
            self._marks.draw(screen, texts, portal)
        if screen.set_up_visible and self._set_up is None:
            from ui.set_up_panel import SetUpPanel

            self._set_up = SetUpPanel(
                lambda: spawn(self._begin_set_up()), lambda: spawn(self._finish_set_up())
            )
        if self._set_up is not None:
            self._set_up.draw(screen, texts)

    async def ask_to_clear(self, screen: Screen, texts: Texts) -> bool:
        """Whether the person agrees to drop what is kept in this browser."""
        from ui.question import Wording

        cards = 0 if screen.view is None else screen.view.cards
        lines = [
            texts.say("clear.dropped"),
            texts.say("clear.kept"),
            texts.say("clear.time", time=full_run_time(texts, cards)),
        ]
        wording = Wording(
            texts.say("clear.title"),
            lines,
            texts.say("action.confirm_clear"),
            texts.say("action.cancel"),
        )
        agreed: bool = await self._asking().ask(wording)
        return agreed

    def _asking(self) -> Any:
        from ui.question import the_question

        return the_question()

"""Short jobs on the fields of the marks: show them in the cards, remove them."""

from __future__ import annotations

from crm import mark_card, mark_fields
from engine.jobs import Request, Workplace
from engine.mark_events import REFUSALS, MarksBoard, refusal_told
from engine.marks import AUTOMATIC, standing
from engine.snapshot import Sync
from storage.layout import FILL


class ShowInCard:
    """Puts the fields into the layout that the cards have for everybody.

    What came of it is the ``reason`` of the event: ``shown``, ``already`` or ``no_layout``.
    """

    name = "marks"
    saved_through: str | None = None

    def __init__(self, place: Workplace, board: MarksBoard) -> None:
        """``board`` holds the marks as the page shows them, which stay as they are."""
        self._place = place
        self._board = board

    async def work(self) -> Request | None:
        """Show them; companies and contacts have a layout each."""
        try:
            found = await mark_card.show_in_card(self._place.portal, self._place.language)
        except REFUSALS as refusal:
            self._board.tell(**refusal_told(refusal))
            return None
        states = set(found.values())
        best = next(state for state in ("shown", "already", "no_layout") if state in states)
        self._board.tell(reason=best, words="")
        return None

    async def remember_pause(self) -> None:
        """It is over before anybody could pause it."""


class RemoveMarks:
    """Deletes the sixteen fields with their values and forgets the fills, which cannot be taken
    back any more.
    """

    name = "marks"
    saved_through: str | None = None

    def __init__(self, place: Workplace, sync: Sync, board: MarksBoard) -> None:
        self._place = place
        self._sync = sync
        self._board = board

    async def work(self) -> Request | None:
        """Remove them; the base then knows of none."""
        store = self._place.store
        try:
            await mark_fields.remove(self._place.portal)
        except REFUSALS as refusal:
            self._board.note(**await standing(store))
            self._board.tell(state="refused", **refusal_told(refusal))
            return None
        await store.drop_fills([], {FILL: None, AUTOMATIC: None})
        await self._sync()
        self._board.tell(state="removed", total=0, done=0, **await standing(store))
        return None

    async def remember_pause(self) -> None:
        """It is over before anybody could pause it."""

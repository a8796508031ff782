"""The counters of one mode: cards with a segment's number, share of the whole and growth."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui import palette
from ui.dom import make, mark, on, show, write
from ui.modes import Mode, mode_of
from ui.texts import Texts
from ui.view import View, change_over_year
from ui.wording import share, signed

CLIENTS = mode_of("2")
"""The mode whose sum is all clients."""
UNKNOWN = "\u2014"


class Counters:
    """The cards of one mode; ``element`` is their list. ``open_list("3.active")`` is called when a
    person asks who is counted there, ``open_guide("3.active")`` when they ask how.
    """

    def __init__(
        self, mode: Mode, open_list: Callable[[str], None], open_guide: Callable[[str], None]
    ) -> None:
        self._mode = mode
        self.element = make("ul", "cards")
        self._cards = {}
        for segment in mode.segments:
            card = Card(mode, segment, open_list, open_guide)
            self._cards[segment] = card
            self.element.append(card.element)
        self._sum = Card(mode, mode.total, open_list, open_guide)
        self.element.append(self._sum.element)

    def translate(self, texts: Texts) -> None:
        """Name the cards."""
        for segment, card in self._cards.items():
            card.name(texts.say("segment." + self._mode.number + "." + segment), texts)
        self._sum.name(texts.say("total." + self._mode.number), texts)

    def draw(self, view: View | None, month: str | None, lists: bool, texts: Texts) -> None:
        """Show the counts of a month (``YYYY-MM``), or today's; ``data-count`` always tells
        today's. ``lists`` says whether those who are counted can be listed.
        """
        for card in self._all_cards():
            card.offer_list(lists)
        if view is None or view.empty:
            for card in self._all_cards():
                card.draw(UNKNOWN, "", "", "", 0 if view is not None else None)
            return
        index = view.index(month)
        whole = view.totals(self._mode)[index]
        for segment, card in self._cards.items():
            today = view.count(self._mode, segment)
            shown = view.series(self._mode, segment)[index]
            card.draw(
                texts.number(shown),
                share(texts, shown, whole),
                _growth(view.series(self._mode, segment), index, texts),
                _today(today, month, texts),
                today,
            )
        self._draw_sum(view, index, month, texts)

    def _draw_sum(self, view: View, index: int, month: str | None, texts: Texts) -> None:
        totals = view.totals(self._mode)
        clients = view.totals(CLIENTS)[index]
        of_clients = ""
        if self._mode.number in ("3", "5"):
            of_clients = texts.say("share.of_clients", share=share(texts, totals[index], clients))
        self._sum.draw(
            texts.number(totals[index]),
            of_clients,
            _growth(totals, index, texts),
            _today(totals[-1], month, texts),
            totals[-1],
        )

    def _all_cards(self) -> "list[Card]":
        cards = list(self._cards.values())
        cards.append(self._sum)
        return cards


class Card:
    """One counter; ``segment`` is None for a sum that has no code of its own."""

    def __init__(
        self,
        mode: Mode,
        segment: str | None,
        open_list: Callable[[str], None],
        open_guide: Callable[[str], None],
    ) -> None:
        self._segment = segment
        is_sum = segment == mode.total
        self.element = make("li", "card card-sum" if is_sum else "card")
        if segment is not None:
            self.element.setAttribute("data-mode", mode.number)
            self.element.setAttribute("data-segment", segment)
        head = make("p", "card-head")
        if not is_sum and segment is not None:
            head.append(_swatch(mode, segment))
        self._name = make("span", "card-name")
        head.append(self._name)
        self._number = make("p", "card-number")
        self._share = make("span", "card-share")
        self._growth = make("span", "card-growth")
        self._today = make("p", "card-today")
        facts = make("p", "card-facts")
        facts.append(self._share, self._growth)
        code = f"{mode.number}.{segment or 'all'}"
        self._list = make("button", "card-list", attributes={"type": "button"})
        self._list.setAttribute("data-list-open", code)
        on(self._list, "click", lambda event: open_list(code))
        self._why = make("button", "card-why", "?", {"type": "button", "data-guide-open": code})
        on(self._why, "click", lambda event: open_guide(code))
        actions = make("div", "card-actions")
        actions.append(self._list, self._why)
        self.element.append(head, self._number, facts, self._today, actions)

    def name(self, name: str, texts: Texts) -> None:
        """Set the segment's name."""
        write(self._name, name)
        write(self._list, texts.say("action.list"))
        mark(self._list, "aria-label", texts.say("action.list_of", segment=name))
        why = texts.say("action.guide_of", segment=name)
        mark(self._why, "aria-label", why)
        mark(self._why, "title", why)

    def offer_list(self, offered: bool) -> None:
        """Let the clients who are counted here be listed, or not."""
        show(self._list, offered)

    def draw(self, number: str, part: str, growth: str, today: str, count: int | None) -> None:
        """Show a number with what goes with it; ``count`` is today's, None while not known."""
        write(self._number, number)
        write(self._share, part)
        write(self._growth, growth)
        write(self._today, today)
        show(self._today, bool(today))
        if self._segment is not None:
            mark(self.element, "data-count", None if count is None else str(count))


def _swatch(mode: Mode, segment: str) -> Any:
    swatch = make("span", "swatch", attributes={"aria-hidden": "true"})
    for look in ("light", "dark"):
        swatch.style.setProperty("--" + look, palette.colour(mode.number, segment, look))
    return swatch


def _growth(series: list[int], index: int, texts: Texts) -> str:
    change = change_over_year(series, index)
    return "" if change is None else texts.say("card.year", change=signed(texts, change))


def _today(today: int, month: str | None, texts: Texts) -> str:
    """What the counter says now, while it shows another month."""
    return "" if month is None else texts.say("card.today", number=texts.number(today))

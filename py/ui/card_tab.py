"""The tab in a card of a company or a contact: what marks it holds, in words, and the client's
panel for those who have the base in this browser.
"""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui import palette
from ui.bridge import Bridge, PortalRefused, PortalSilent, portal_origin
from ui.card_marks import DENIED, GONE, MARKED, OWN, CardMarks, Options, commands, refusal
from ui.dom import make, make_button, mark, on, part, show, write
from ui.list_rows import card_path
from ui.place import COMPANY, CONTACT, Place
from ui.tasks import spawn
from ui.texts import Texts
from ui.troubles import in_a_line
from ui.why import segment_mode
from ui.wording import TITLE_LENGTH, cut
from ui.worker import EngineTrouble

OPTIONS_KEPT = "mark_options_"
"""User option of the portal, with the entity: which ids the options of the marks have there."""
WAITING, TROUBLE = "waiting", "trouble"
NOT_IN_BASE = "client_gone"
"""Error of the engine: it does not know the client."""


class CardTab:
    """``ask(what, order)`` is a coroutine function that has the engine answer."""

    def __init__(
        self, place: Place, ask: Callable[[str, dict[str, Any]], Any], bridge: Bridge, texts: Texts
    ) -> None:
        self._place = place
        self._ask = ask
        self._bridge = bridge
        self._texts = texts
        self._marks: CardMarks | None = None
        self._box = part("card")
        self._body = make("div", "own-card-body", attributes={"aria-live": "polite"})
        self._differs = make("p", "own-card-note", attributes={"data-part": "card-differs"})
        self._wait = make("p", "own-card-hint", texts.say("card.panel_wait"))
        self._client_box = make("aside", "client", attributes={"data-part": "client"})
        for one in (self._differs, self._wait, self._client_box):
            show(one, False)
        self._box.replaceChildren(self._body, self._differs, self._wait, self._client_box)
        show(self._box, True)

    async def open(self) -> bool:
        """Show the marks; whether there is a client about whom more can be told."""
        if not self._place.id:
            self._tell("no_id", "")
            return False
        self._body.replaceChildren(make("p", "own-card-hint", self._texts.say("card.wait")))
        self._state(WAITING)
        try:
            self._marks = await self._look()
        except PortalSilent:
            self._tell("silent", "")
        except PortalRefused as refused:
            self._tell("refused", refused.words)
        except _CardRefused as refused:
            self._tell(refused.reason, refused.words)
            return False
        if self._marks is not None:
            self._draw(self._marks)
        return self._marks is None or self._marks.state != OWN

    async def _look(self) -> CardMarks:
        """What the card holds; one request, and at the first visit or after the fields were made
        anew the options with it.
        """
        entity = self._place.entity
        options = Options.from_text(self._bridge.recall(OPTIONS_KEPT + entity))
        answers = await self._answers(not options.known)
        if options.known and not options.explain(answers["card"]):
            answers = await self._answers(True)
        if "type" in answers:
            options = Options.of(answers)
            if options.known:
                self._bridge.keep(OPTIONS_KEPT + entity, options.to_text())
        return CardMarks(entity, answers["card"], answers.get("company"), options)

    async def _answers(self, with_options: bool) -> dict[str, Any]:
        asked = commands(self._place.entity, self._place.id, with_options)
        answers, errors = await self._bridge.batch(asked)
        if not isinstance(answers.get("card"), dict):
            error = errors.get("card") or {}
            raise _CardRefused(refusal(error), str(error.get("error_description") or ""))
        return answers

    def _state(self, state: str) -> None:
        mark(self._box, "data-card-state", state)
        mark(self._box, "data-card-shown", self._place.client)

    def _tell(self, code: str, words: str) -> None:
        """What is in the way, and what to do about it."""
        self._state(TROUBLE)
        mark(self._box, "data-card-trouble", code)
        say = self._texts.say
        trouble = make("div", "own-card-trouble", attributes={"role": "alert"})
        trouble.append(
            make("h2", "own-card-title", say("card." + code)),
            make("p", "", say("card." + code + ".advice")),
        )
        if words and code not in (DENIED, GONE):
            trouble.append(make("p", "own-card-hint", cut(words, TITLE_LENGTH)))
        if code not in (DENIED, GONE, "no_id"):
            button = make_button("card-retry", text=say("card.retry"))
            on(button, "click", lambda event: spawn(self.open()))
            trouble.append(button)
        self._body.replaceChildren(trouble)

    def _draw(self, marks: CardMarks) -> None:
        self._state(marks.state)
        mark(self._box, "data-card-trouble", None)
        parts = []
        if marks.company and self._place.entity == CONTACT:
            parts.append(self._whose(marks))
        if marks.state == MARKED:
            parts += [self._segments(marks), self._facts(marks)]
        elif marks.state == OWN:
            parts.append(make("p", "own-card-title", self._texts.say("card.own")))
        else:
            parts.append(self._nothing(marks))
        self._body.replaceChildren(*parts)

    def _whose(self, marks: CardMarks) -> Any:
        note = make("p", "own-card-note", self._texts.say("card.of_company") + " ")
        path = card_path(COMPANY + ":" + str(marks.company))
        words = marks.company_name or self._texts.say("list.nameless", id=marks.company)
        link = make("a", "link", attributes={"href": portal_origin() + path, "target": "_blank"})
        mark(link, "rel", "noopener noreferrer")
        mark(link, "data-mark", "parent")
        mark(link, "data-value", str(marks.company))
        link.append(make("bdi", "", cut(words), {"title": cut(words, TITLE_LENGTH)}))

        def follow(event: Any) -> None:
            if not (event.ctrlKey or event.metaKey or event.shiftKey):
                event.preventDefault()
                self._bridge.open_card(path)

        on(link, "click", follow)
        note.append(link)
        return note

    def _segments(self, marks: CardMarks) -> Any:
        """Type, lifecycle and frequency, in the colours of the charts."""
        listed = make("dl", "own-card-segments")
        for name in ("type", "lifecycle", "frequency"):
            code = marks.codes[name]
            pair = make("div", "own-card-segment", attributes={"data-mark": name})
            mark(pair, "data-value", code)
            value = make("dd", "own-card-value")
            if code:
                value.append(_swatch(name, code))
            words = self._texts.say(_key(name, code)) if code else self._texts.say("card.nothing")
            value.append(make("span", "", words))
            pair.append(make("dt", "own-card-name", self._texts.say("marks.field." + name)), value)
            listed.append(pair)
        return listed

    def _facts(self, marks: CardMarks) -> Any:
        texts = self._texts
        last = texts.day(*marks.last_pay) if marks.last_pay else texts.say("card.never")
        number = "" if marks.payments is None else texts.number(marks.payments)
        listed = make("dl", "own-card-facts")
        for name, words, value in (
            ("last_pay", last, _iso(marks.last_pay)),
            ("payments", number, "" if marks.payments is None else str(marks.payments)),
            ("dialogs", _yes(marks.dialogs, texts), _bit(marks.dialogs)),
            ("contacts", _yes(marks.contacts, texts), _bit(marks.contacts)),
        ):
            pair = make("div", "", attributes={"data-mark": name, "data-value": value})
            pair.append(
                make("dt", "own-card-name", texts.say("marks.field." + name)),
                make("dd", "", words or texts.say("card.nothing")),
            )
            listed.append(pair)
        return listed

    def _nothing(self, marks: CardMarks) -> Any:
        """No marks: what to do depends on who looks."""
        say = self._texts.say
        told = make("div", "own-card-nothing")
        who = "admin" if self._bridge.is_admin else "reader"
        told.append(
            make("h2", "own-card-title", say("card." + marks.state)),
            make("p", "", say("card." + marks.state + "." + who)),
        )
        button = make_button("open-app", text=say("card.open_app"))
        on(button, "click", lambda event: self._bridge.open_app())
        told.append(button)
        return told

    def expect_panel(self) -> None:
        """Say that more is coming."""
        show(self._wait, True)

    def show_panel(self) -> None:
        """The client's panel, now that the engine answers."""
        from ui.client_panel import ClientPanel

        show(self._wait, False)
        show(self._client_box, True)
        panel = ClientPanel(
            self._client_box, self._ask_and_compare, self._bridge, lambda: None, self._texts
        )
        panel.open(self._place.client, "")

    def fail(self, trouble: EngineTrouble) -> None:
        """The engine did not come: the marks stay, and why there is no more."""
        write(self._wait, in_a_line(trouble.code, trouble.words, self._texts))
        show(self._wait, True)

    async def _ask_and_compare(self, what: str, order: dict[str, Any]) -> Any:
        """The engine's answer; where the marks say otherwise, that they will follow."""
        try:
            facts = await self._ask(what, order)
        except EngineTrouble as trouble:
            if trouble.code == NOT_IN_BASE:
                self._tell_of_old_base()
            raise
        if self._marks is not None and self._marks.state == MARKED:
            why = facts["explanation"]
            differ = any([why[name] != code for name, code in self._marks.codes.items()])
            mark(self._box, "data-marks-differ", "true" if differ else None)
            write(self._differs, self._texts.say("card.differs"))
            show(self._differs, differ)
        else:
            mark(self._box, "data-marks-differ", "true")
        return facts

    def _tell_of_old_base(self) -> None:
        """The card is newer than the base of this browser; without marks that has been told."""
        show(self._client_box, False)
        write(self._wait, self._texts.say("card.not_in_base"))
        show(self._wait, self._marks is not None and self._marks.state == MARKED)


class _CardRefused(Exception):
    """The portal does not tell of this card; ``reason`` as ``ui.card_marks.refusal`` gives it."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = words


def _key(name: str, code: str) -> str:
    return "list." + ("kind" if name == "type" else name) + "." + code


def _swatch(name: str, code: str) -> Any:
    mode, segment = "4", code
    if name == "lifecycle":
        mode = segment_mode(code)
    elif name == "type":
        mode, segment = "2", "b2b_with_contacts" if code == "b2b" else code
    swatch = make("span", "swatch", attributes={"aria-hidden": "true"})
    for look in ("light", "dark"):
        swatch.style.setProperty("--" + look, palette.colour(mode, segment, look))
    return swatch


def _iso(day: tuple[int, int, int] | None) -> str:
    return f"{day[0]:04d}-{day[1]:02d}-{day[2]:02d}" if day else ""


def _yes(value: bool | None, texts: Texts) -> str:
    return "" if value is None else texts.say("card.yes" if value else "card.no")


def _bit(value: bool | None) -> str:
    return "" if value is None else str(int(value))

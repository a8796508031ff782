"""A client's panel beside the list: segments, why, what comes next, history, documents."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui import palette
from ui.bridge import Bridge, portal_origin
from ui.dom import make, mark, on, write
from ui.list_rows import card_path, cells, money
from ui.tasks import spawn
from ui.texts import Texts
from ui.troubles import in_a_line
from ui.why import (
    document_facts,
    document_name,
    document_path,
    payment_words,
    prospects,
    reasons,
    run_words,
    runs,
    segment_mode,
)
from ui.wording import TITLE_LENGTH, cut
from ui.worker import EngineTrouble

DOCUMENTS_SHOWN = 20
CONTACTS_SHOWN = 20
REACH = ("phone", "email", "inn", "last_contact")
"""Columns of the list: how to reach a client, and when anybody last did."""
MARKED = ("last_payment", "payments", "responsible", "created", "phone", "email")
"""Columns that the list has for those who see nothing but marks."""
KIND_COLOURS = {"b2b": "b2b_with_contacts", "b2c": "b2c"}
BAR_PX = 48
BARS_SHOWN = 24
"""Payments in the small chart: the newest ones."""


class ClientPanel:
    """``ask("client", order)`` is a coroutine function that has the engine answer."""

    def __init__(
        self,
        element: Any,
        ask: Callable[[str, dict[str, Any]], Any],
        bridge: Bridge,
        close: Callable[[], None],
        texts: Texts,
    ) -> None:
        self._element = element
        self._ask = ask
        self._bridge = bridge
        self._texts = texts
        self._client = ""
        mark(element, "aria-labelledby", "client-name")
        self._name = make("h3", "client-name", attributes={"id": "client-name", "tabindex": "-1"})
        cross = make("button", "button button-icon client-close", "\u00d7", {"type": "button"})
        mark(cross, "data-action", "client-close")
        mark(cross, "aria-label", texts.say("action.client_close"))
        on(cross, "click", lambda event: close())
        on(element, "keydown", lambda event: close() if str(event.key) == "Escape" else None)
        head = make("div", "client-head")
        head.append(self._name, cross)
        self._card = make("p", "client-card")
        self._body = make("div", "client-body")
        element.replaceChildren(head, self._card, self._body)

    def open(self, client: str, name: str) -> None:
        """Show ``company:12`` or ``contact:3``."""
        self._client = client
        write(self._name, name)
        self._name.dir = "auto"
        mark(self._element, "data-client-shown", client)
        self._card.replaceChildren(self._link(card_path(client), self._texts.say("client.card")))
        self._body.replaceChildren(make("p", "client-wait", self._texts.say("client.wait")))
        self._name.focus()
        spawn(self._load(client))

    async def _load(self, client: str) -> None:
        entity, number = client.split(":")
        try:
            facts = await self._ask("client", {"entity": entity, "id": int(number)})
        except EngineTrouble as trouble:
            if client == self._client:
                self._tell(trouble)
            return
        if client == self._client:
            self._draw(facts)

    def _tell(self, trouble: EngineTrouble) -> None:
        words = in_a_line(trouble.code, trouble.words, self._texts)
        self._body.replaceChildren(make("p", "list-trouble", words))

    def _draw(self, facts: dict[str, Any]) -> None:
        if "explanation" in facts:
            self._draw_whole(facts)
        else:
            self._draw_marked(facts)

    def _draw_marked(self, facts: dict[str, Any]) -> None:
        """What marks tell whoever has no base to look into."""
        texts = self._texts
        codes = {name: facts["row"][i] for i, name in enumerate(facts["columns"])}
        facts["rows"] = [facts["row"]]
        told = cells(facts, texts)[0]
        coloured = []
        if codes["kind"]:
            coloured.append(("2", KIND_COLOURS[codes["kind"]], told["kind"]))
        if codes["lifecycle"]:
            mode = segment_mode(codes["lifecycle"])
            coloured.append((mode, codes["lifecycle"], told["lifecycle"]))
        if codes["frequency"]:
            coloured.append(("4", codes["frequency"], told["frequency"]))
        parts = [_segments(coloured), self._known(told, MARKED)]
        if not codes["kind"]:
            parts.insert(0, make("p", "client-note", texts.say("client.marks_of_company")))
        parts.append(make("p", "client-note", texts.say("client.marks_only")))
        self._body.replaceChildren(*parts)

    def _draw_whole(self, facts: dict[str, Any]) -> None:
        texts, why = self._texts, facts["explanation"]
        row, asked = [
            cells({"columns": facts["columns"], "rows": [facts[name]]}, texts)[0]
            for name in ("row", "asked")
        ]
        parts = []
        if asked["client"] != row["client"]:
            note = make("p", "client-note", texts.say("client.of_company") + " ")
            note.append(self._link(card_path(row["client"]), row["name"]))
            parts.append(note)
        parts += [self._segments_of(why), self._known(row, REACH)]
        parts += [_titled(texts.say("client.why")), _lines(reasons(why, texts))]
        parts += [_titled(texts.say("client.next")), _lines(prospects(why, texts))]
        parts.append(_titled(texts.say("client.history")))
        parts += self._history(facts["history"])
        if facts["payments"]:
            parts.append(_titled(texts.say("client.payments")))
            parts += self._payments(facts)
        if why["documents"]:
            parts.append(_titled(texts.count("client.documents", why["documents_total"])))
            parts.append(self._documents(why["documents"], facts["payments"]))
        if facts["contacts"]:
            parts.append(_titled(texts.count("client.contacts", facts["contacts_total"])))
            parts.append(self._contacts(facts))
        self._body.replaceChildren(*parts)

    def _known(self, row: dict[str, str], names: tuple[str, ...]) -> Any:
        """What these columns of the list say, but for those that say nothing."""
        listed = make("dl", "client-reach")
        for name in names:
            if row[name]:
                pair, value = make("div"), make("dd")
                value.append(make("bdi", "", row[name]))
                pair.append(make("dt", "", self._texts.say("list.column." + name)), value)
                listed.append(pair)
        return listed

    def _segments_of(self, why: dict[str, Any]) -> Any:
        kind = "b2c"
        if why["type"] == "b2b":
            kind = "b2b_with_contacts" if why["with_contacts"] else "b2b_without_contacts"
        lifecycle, frequency = why["lifecycle"], why["frequency"]
        say = self._texts.say
        return _segments(
            [
                ("2", kind, say("segment.2." + kind)),
                (segment_mode(lifecycle), lifecycle, say("list.lifecycle." + lifecycle)),
                ("4", frequency, say("list.frequency." + frequency)),
            ]
        )

    def _history(self, history: dict[str, Any]) -> list[Any]:
        """A strip of colours, and the same in words."""
        told = runs(history)
        strip = make("div", "client-strip", attributes={"aria-hidden": "true"})
        lines = []
        for run in told:
            words = run_words(run, run is told[-1], self._texts)
            piece = _coloured("span", "swatch", segment_mode(run.code), run.code)
            piece.style.flexGrow = str(run.months)
            piece.title = words
            strip.append(piece)
            lines.append(words)
        lines.reverse()
        listed = _lines(lines)
        listed.className = "client-lines client-runs"
        return [strip, listed]

    def _payments(self, facts: dict[str, Any]) -> list[Any]:
        """The sums, and the newest payments as bars from left to right."""
        told = [money(amount, str(code or ""), self._texts) for code, amount in facts["amounts"]]
        amount = " + ".join(told)
        words = self._texts.count("client.paid", facts["payments_total"], amount=amount)
        shown = facts["payments"][:BARS_SHOWN]
        shown.reverse()
        highest = max([payment["amount"] for payment in shown])
        bars = make("div", "client-bars", attributes={"aria-hidden": "true"})
        for payment in shown if highest > 0 and len(shown) > 1 else []:
            bar = make("span", "client-bar")
            height_px = max(2, int(BAR_PX * payment["amount"] / highest))
            bar.style.height = str(height_px) + "px"
            bar.title = payment_words(payment, self._texts)
            bars.append(bar)
        return [make("p", "", words), bars]

    def _documents(self, documents: list[dict[str, Any]], payments: list[dict[str, Any]]) -> Any:
        paid = {(payment["entity"], payment["id"]): payment for payment in payments}

        def row(document: dict[str, Any]) -> Any:
            item = make("li", "client-document")
            payment = paid.get((document["entity"], document["id"]))
            item.append(
                self._link(document_path(document), document_name(document, self._texts)),
                make("span", "client-facts", document_facts(document, payment, self._texts)),
            )
            return item

        return self._shortened([row(document) for document in documents], DOCUMENTS_SHOWN)

    def _contacts(self, facts: dict[str, Any]) -> Any:
        texts, contacts = self._texts, facts["contacts"]

        def row(contact: dict[str, Any]) -> Any:
            number = str(int(contact["id"]))
            name = " ".join(str(contact["name"] or "").split())
            item = make("li", "client-document")
            words = cut(name, TITLE_LENGTH) or texts.say("list.nameless", id=number)
            item.append(self._link(card_path("contact:" + number), words))
            reach = contact["phone"] or contact["email"]
            if reach:
                facts = make("span", "client-facts")
                facts.append(make("bdi", "", cut(" ".join(str(reach).split()))))
                item.append(facts)
            return item

        return self._shortened([row(contact) for contact in contacts], CONTACTS_SHOWN)

    def _shortened(self, rows: list[Any], shown: int) -> Any:
        """A list that shows its beginning, and the rest when asked."""
        listed = make("ul", "client-lines")
        listed.append(*rows[:shown])
        rest = rows[shown:]
        if rest:
            words = self._texts.say("client.more", n=self._texts.number(len(rest)))
            button = make("button", "button button-plain", words, {"type": "button"})
            last = make("li")
            last.append(button)
            listed.append(last)

            def unfold(event: Any) -> None:
                last.remove()
                listed.append(*rest)
                rest[0].querySelector("a").focus()

            on(button, "click", unfold)
        return listed

    def _link(self, path: str, words: str) -> Any:
        """A link to a card: over this page where the portal can, else as links are."""
        link = make("a", "link", "", {"href": portal_origin() + path, "target": "_blank"})
        mark(link, "rel", "noopener noreferrer")
        link.append(make("bdi", "", cut(words), {"title": words}))

        def follow(event: Any) -> None:
            if not (event.ctrlKey or event.metaKey or event.shiftKey):
                event.preventDefault()
                self._bridge.open_card(path)

        on(link, "click", follow)
        return link


def _segments(coloured: list[tuple[str, str, str]]) -> Any:
    """Segments in words, each with the colour of a mode and a segment."""
    row = make("ul", "client-segments")
    for mode, code, words in coloured:
        item = make("li", "client-segment")
        item.append(_coloured("span", "swatch", mode, code), make("span", "", words))
        row.append(item)
    return row


def _titled(words: str) -> Any:
    return make("h4", "client-title", words)


def _lines(words: list[str]) -> Any:
    listed = make("ul", "client-lines")
    listed.append(*[make("li", "", line) for line in words])
    return listed


def _coloured(tag: str, class_name: str, mode: str, code: str) -> Any:
    element = make(tag, class_name, attributes={"aria-hidden": "true"})
    for look in ("light", "dark"):
        element.style.setProperty("--" + look, palette.colour(mode, code, look))
    return element

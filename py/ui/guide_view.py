"""The guide: its contents or one article, and the way back to where it was opened."""

from typing import Any

from pyscript import document, window

from ui.dom import make, make_button, mark, on, show, write
from ui.guide import Article, Guide, values_of
from ui.guide_article import LINK, article_body, article_head, related, tell_now
from ui.guide_contents import Contents
from ui.lists import title
from ui.own_file import own_json
from ui.screen import OVERVIEW, VIEWS
from ui.tasks import spawn
from ui.troubles import in_a_line

GUIDE = "guide"
"""The name of this view."""


class Stop:
    """A place that "back" leads to: an article of the guide (None: its contents), or, with
    ``view``, the view whose ``element`` opened the guide. ``link`` is the article that was followed
    from there.
    """

    def __init__(self, code: str | None, link: str, view: str = "", element: Any = None) -> None:
        self.code = code
        self.link = link
        self.view = view
        self.element = element


class GuideView:
    """Everything in ``<section data-part="guide">``; ``desk`` is the ``ui.views.Desk``."""

    def __init__(self, box: Any, desk: Any) -> None:
        self._box = box
        self._desk = desk
        self._facts: dict[str, Any] | None = None
        self._guide: Guide | None = None
        self._values: dict[str, object] = {}
        self._code: str | None = None
        self._trail: list[Stop] = []
        self._coming = False
        say = desk.texts.say
        self._contents = Contents(desk.texts)
        self._back = make_button("guide-back", "button button-plain", say("action.guide_back"))
        self._list = make_button("guide-list", "button", say("action.guide_list"))
        self._chart = make_button("guide-chart", "button", say("action.guide_chart"))
        self._print = make_button("guide-print", "button", say("action.guide_print"))
        self._told = make("p", "guide-wait", attributes={"role": "status"})
        self._text = make("div", "guide-article-text")
        self._article = make(
            "article", "guide-article", attributes={"aria-labelledby": "guide-title"}
        )
        self._build()

    def open(self, wanted: Any) -> None:
        """Show the article of a code, or the contents; whatever opened it gets the focus back."""
        self._trail = []
        self._contents.forget_search()
        if wanted is not None:
            self._trail.append(self._outside(str(wanted)))
        self._show(None if wanted is None else str(wanted))
        self._focus_title()

    def draw(self) -> None:
        """The view of counts may have changed, and with it the limits, the numbers, the lists."""
        if self._facts is not None and self._values != self._values_now():
            self._lay_out(self._facts)
        self._draw_numbers()

    def _build(self) -> None:
        mark(self._box, "aria-label", self._desk.texts.say("guide.title"))
        on(self._back, "click", lambda event: self._go_back())
        on(self._list, "click", lambda event: self._open_list())
        on(self._chart, "click", lambda event: self._open_chart())
        on(self._print, "click", lambda event: window.print())
        on(self._box, "click", self._when_clicked)
        actions = make("div", "guide-actions")
        actions.append(self._back, self._list, self._chart, self._print)
        self._article.append(actions, self._text)
        self._box.replaceChildren(self._told, self._contents.element, self._article)
        show(self._article, False)

    def _show(self, code: str | None) -> None:
        """Show an article, or the contents for None and for what the guide does not have."""
        self._code = code
        if self._facts is None:
            if not self._coming:
                self._coming = True
                spawn(self._fetch())
            return
        self._draw_shown()

    async def _fetch(self) -> None:
        write(self._told, self._desk.texts.say("guide.wait"))
        self._facts = await own_json("guide-" + self._desk.texts.language)
        self._coming = False
        if self._facts is None:
            write(self._told, in_a_line("guide_missing", "", self._desk.texts))
            return
        write(self._told, "")
        self._lay_out(self._facts)
        if self._desk.screen.place == GUIDE:
            self._focus_title()

    def _lay_out(self, facts: dict[str, Any]) -> None:
        """Fill the texts with what holds now."""
        self._values = self._values_now()
        self._guide = Guide(facts, self._values)
        self._contents.show(self._guide)
        self._draw_shown()

    def _values_now(self) -> dict[str, object]:
        return values_of(self._desk.screen.view, self._desk.texts)

    def _draw_shown(self) -> None:
        article = self._current()
        mark(self._box, "data-guide-shown", "contents" if article is None else article.code)
        show(self._article, article is not None)
        self._contents.point_at(self._code)
        if article is not None:
            assert self._guide is not None
            texts = self._desk.texts
            parts = article_head(article)
            parts += article_body(article, texts)
            parts += related(article, self._guide, texts)
            self._text.replaceChildren(*parts)
        self._draw_numbers()

    def _draw_numbers(self) -> None:
        """How many there are now, and what can be done with them."""
        article, screen = self._current(), self._desk.screen
        if article is None:
            return
        tell_now(self._text, article, screen.view, self._desk.texts)
        show(self._list, article.mode is not None and screen.lists_visible)
        show(self._chart, article.mode is not None and screen.view is not None)

    def _current(self) -> Article | None:
        return self._guide.find(self._code) if self._guide is not None else None

    def _focus_title(self) -> None:
        heading = self._text.querySelector("#guide-title") if self._current() else None
        (heading or self._contents.title).focus()

    def _when_clicked(self, event: Any) -> None:
        link = event.target.closest("[" + LINK + "]")
        if not link:
            return
        event.preventDefault()
        code = str(link.getAttribute(LINK))
        if code != self._code:
            self._trail.append(Stop(self._code, code))
            self._show(code)
        self._focus_title()

    def _go_back(self) -> None:
        stop = self._trail.pop() if self._trail else Stop(None, str(self._code))
        if stop.view:
            self._desk.go(stop.view)
            stop.element.focus()
            return
        self._show(stop.code)
        place = self._contents.element if stop.code is None else self._text
        link = place.querySelector("[" + LINK + '="' + stop.link + '"]')
        if link:
            link.focus()
        else:
            self._focus_title()

    def _outside(self, wanted: str) -> Stop:
        """Where the page's focus is, as a place to return to; the contents if that is nowhere."""
        element = document.activeElement
        for view in VIEWS:
            within = "[data-part=charts]" if view == OVERVIEW else "[data-part=" + view + "]"
            if view != GUIDE and element and element.closest(within):
                return Stop(None, wanted, view, element)
        return Stop(None, wanted)

    def _open_list(self) -> None:
        article, view = self._current(), self._desk.screen.view
        if article is None or article.mode is None or view is None:
            return
        mode, segment = article.mode, article.segment
        name = title(mode, segment, None, view, self._desk.texts)
        self._desk.open_list({"mode": mode, "code": segment, "month": None}, name)

    def _open_chart(self) -> None:
        article = self._current()
        if article is not None:
            self._desk.open_overview(article.mode)
            document.querySelector('[data-mode-tab="' + str(article.mode) + '"]').focus()

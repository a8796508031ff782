"""The guide's contents, and what a search finds in their place."""

from typing import Any

from ui.dom import make, mark, show, write
from ui.guide import Guide
from ui.guide_article import LINK, link_to, swatch
from ui.guide_search import Search
from ui.tasks import after_typing
from ui.texts import Texts

TYPING_S = 0.15
"""A search starts when nobody has typed for so long."""


class Contents:
    """``element`` has the search box, and the groups of articles or what was found."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._guide: Guide | None = None
        self._search: Search | None = None
        self.element = make("nav", "guide-contents")
        mark(self.element, "aria-label", texts.say("guide.title"))
        self.title = make("h2", "guide-title", texts.say("guide.title"), {"tabindex": "-1"})
        lead = make("p", "guide-lead", texts.say("guide.lead"))
        self._box = make("input", "field guide-search", attributes={"type": "search"})
        mark(self._box, "data-part", "guide-search")
        mark(self._box, "placeholder", texts.say("guide.search"))
        mark(self._box, "aria-label", texts.say("guide.search"))
        after_typing(self._box, TYPING_S, self._look)
        self._told = make("p", "guide-told", attributes={"role": "status"})
        self._found = make("ul", "guide-found")
        self._groups = make("div", "guide-groups")
        self.element.append(self.title, lead, self._box, self._told, self._found, self._groups)
        show(self._found, False)

    def show(self, guide: Guide) -> None:
        """Show the groups of a guide that has come, or whose texts have changed."""
        self._guide = guide
        self._search = None
        self._groups.replaceChildren(*[self._group(group) for group in guide.groups])
        self._look()

    def point_at(self, code: str | None) -> None:
        """Mark the article that is open."""
        for link in self.element.querySelectorAll("[" + LINK + "]"):
            here = code is not None and str(link.getAttribute(LINK)) == code
            mark(link, "aria-current", "page" if here else None)

    def forget_search(self) -> None:
        """Show the groups again."""
        self._box.value = ""
        self._look()

    def _group(self, group: dict[str, Any]) -> Any:
        box = make("section", "guide-group")
        listed = make("ul", "guide-entries")
        assert self._guide is not None
        for code in group["articles"]:
            article = self._guide.find(code)
            if article is None:
                continue
            link = link_to(code, "")
            coloured = swatch(article)
            if coloured is not None:
                link.append(coloured)
            link.append(article.title)
            item = make("li")
            item.append(link)
            listed.append(item)
        box.append(make("h3", "guide-group-title", group["title"]), listed)
        return box

    def _look(self) -> None:
        words = str(self._box.value).strip()
        searching = bool(words) and self._guide is not None
        show(self._found, searching)
        show(self._groups, not searching)
        self._found.replaceChildren()
        if not searching:
            write(self._told, "")
            return
        if self._search is None:
            assert self._guide is not None
            self._search = Search(self._guide)
        hits = self._search.find(words)
        told = (
            self._texts.count("guide.found", len(hits)) if hits else self._texts.say("guide.none")
        )
        write(self._told, told)
        for hit in hits:
            item = make("li", "guide-hit")
            item.append(link_to(hit.article.code, hit.article.title))
            item.append(make("p", "guide-excerpt", hit.excerpt))
            self._found.append(item)

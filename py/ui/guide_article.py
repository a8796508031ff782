"""One article of the guide on the page."""

from typing import Any

from ui import palette
from ui.dom import make, show, write
from ui.guide import HEAD, MARKS, NOTE, POINTS, STEPS, Article, Guide, pieces
from ui.modes import mode_of
from ui.texts import Texts
from ui.view import View

LINK = "data-guide-link"
"""Attribute of all that leads to an article; its value is the article's code."""


def article_head(article: Article) -> list[Any]:
    """Title, room for how many there are now, and what it is in short; the title can be focused."""
    title = make("h2", "guide-title", attributes={"id": "guide-title", "tabindex": "-1"})
    coloured = swatch(article)
    if coloured is not None:
        title.append(coloured)
    title.append(article.title)
    lead = _filled_with(make("p", "guide-lead"), article.lead)
    return [title, make("p", "guide-now"), lead]


def tell_now(text: Any, article: Article, view: View | None, texts: Texts) -> None:
    """Say in an article on the page how many there are now."""
    number = count_now(article, view)
    told = texts.say("guide.now", number=texts.number(number)) if number is not None else ""
    line = text.querySelector(".guide-now")
    write(line, told)
    show(line, bool(told))


def article_body(article: Article, texts: Texts) -> list[Any]:
    """The blocks one after the other."""
    found = []
    for kind, content in article.blocks:
        if kind == HEAD:
            found.append(make("h3", "guide-head", content))
        elif kind == POINTS:
            found.append(_listed("ul", content))
        elif kind == STEPS:
            found.append(_listed("ol", content))
        elif kind == MARKS:
            found += _marks(content, texts)
        else:
            paragraph = make("p", "guide-note" if kind == NOTE else "guide-text")
            found.append(_filled_with(paragraph, content))
    return found


def related(article: Article, guide: Guide, texts: Texts) -> list[Any]:
    """Where to read on."""
    listed = make("ul", "guide-related")
    for code in article.related:
        other = guide.find(code)
        if other is not None:
            item = make("li")
            item.append(link_to(code, other.title))
            listed.append(item)
    return [make("h3", "guide-head", texts.say("guide.related")), listed]


def link_to(code: str, words: str) -> Any:
    """A link to an article; who follows it is the view's business."""
    return make("a", "link", words, {"href": "#" + code, LINK: code})


def swatch(article: Article) -> Any:
    """The colour of the segment on the charts; None for what has none."""
    mode, segment = article.mode, article.segment
    if mode is None or segment not in mode_of(mode).segments:
        return None
    square = make("span", "swatch", attributes={"aria-hidden": "true"})
    for look in ("light", "dark"):
        square.style.setProperty("--" + look, palette.colour(mode, segment, look))
    return square


def count_now(article: Article, view: View | None) -> int | None:
    """What the article's counter says; None while nothing is counted."""
    if article.mode is None or view is None or view.empty:
        return None
    mode = mode_of(article.mode)
    if article.segment in mode.segments:
        return view.count(mode, article.segment)
    return view.totals(mode)[-1]


def _marks(pairs: list[list[str]], texts: Texts) -> list[Any]:
    """Marks by whose values the portal finds the same clients."""
    how = make("p", "guide-text", texts.say("guide.marks.how"))
    listed = make("dl", "guide-marks")
    for name, value in pairs:
        pair = make("div")
        pair.append(make("dt", "", name), make("dd", "", value))
        listed.append(pair)
    more = make("p", "guide-text")
    more.append(link_to("marks", texts.say("guide.marks.more")))
    return [make("h3", "guide-head", texts.say("guide.marks")), how, listed, more]


def _listed(tag: str, lines: list[str]) -> Any:
    listed = make(tag, "guide-list")
    listed.append(*[_filled_with(make("li"), line) for line in lines])
    return listed


def _filled_with(element: Any, text: str) -> Any:
    for piece in pieces(text):
        element.append(piece.words if piece.code is None else link_to(piece.code, piece.words))
    return element

"""The guide's articles as data, and the links between them; pure.

A language's file in ``static/guide`` is ``{"groups": [{"code", "title", "articles": [codes]}],
"articles": {code: {"title", "lead", "words", "blocks", "related": [codes]}}}``. The code of a
counter's article is its mode and segment, ``3.active``, or ``3.all`` for the sum; other codes are
words. ``words`` are what else people may search for. A block is a dictionary of one of ``BLOCKS``.
Texts may hold links, ``[[3.dormant|words]]``, and the limits in force, ``{active}``, ``{dormant}``.
"""

from typing import Any

from ui.modes import MODES
from ui.texts import Texts, filled
from ui.view import USUAL_LIMITS_MONTHS, View

HEAD, TEXT, NOTE, POINTS, STEPS, MARKS = "head", "text", "note", "points", "steps", "marks"
BLOCKS = (HEAD, TEXT, NOTE, POINTS, STEPS, MARKS)
"""A heading, a paragraph, a remark; lists of texts, unordered and numbered; pairs of a mark's name
in the portal and its value.
"""


class Piece:
    """A part of a text; ``code`` is the article that its words lead to, None for mere words."""

    def __init__(self, words: str, code: str | None = None) -> None:
        self.words = words
        self.code = code


class Article:
    """One article, the limits filled in; ``blocks`` are pairs of one of ``BLOCKS`` and what it
    holds.
    """

    def __init__(self, code: str, facts: dict[str, Any], values: dict[str, object]) -> None:
        self.code = code
        self.title = filled(facts["title"], values)
        self.lead = filled(facts["lead"], values)
        self.words: str = facts["words"]
        self.related: list[str] = facts["related"]
        self.blocks = [_block(block, values) for block in facts["blocks"]]

    @property
    def mode(self) -> str | None:
        """The mode whose counter is explained."""
        number, _, segment = self.code.partition(".")
        return number if segment else None

    @property
    def segment(self) -> str:
        """The segment whose counter is explained, ``all`` for a sum."""
        return self.code.partition(".")[2]

    def body(self) -> list[str]:
        """All texts of the blocks."""
        found: list[str] = []
        for kind, content in self.blocks:
            if kind == MARKS:
                found += [" ".join(pair) for pair in content]
            elif kind in (POINTS, STEPS):
                found += content
            else:
                found.append(content)
        return found


class Guide:
    """All articles of a language; ``groups`` are as in the file."""

    def __init__(self, facts: dict[str, Any], values: dict[str, object]) -> None:
        self.groups: list[dict[str, Any]] = facts["groups"]
        self._articles = {
            code: Article(code, article, values) for code, article in facts["articles"].items()
        }

    def find(self, code: str | None) -> Article | None:
        """The article of a code."""
        return None if code is None else self._articles.get(code)

    def articles(self) -> list[Article]:
        """All articles in the order of the groups."""
        codes: list[str] = []
        for group in self.groups:
            codes += group["articles"]
        return [self._articles[code] for code in codes]


def values_of(view: View | None, texts: Texts) -> dict[str, object]:
    """What texts are filled with: the limits that the counts on screen were made with."""
    active, dormant = USUAL_LIMITS_MONTHS if view is None else view.limits_months
    return {
        "active": texts.count("why.months", active),
        "dormant": texts.count("why.months", dormant),
    }


def counter_codes() -> list[str]:
    """Codes of all counters, the sums included."""
    codes: list[str] = []
    for mode in MODES:
        codes += [mode.number + "." + segment for segment in mode.segments]
        codes.append(mode.number + ".all")
    return codes


def pieces(text: str) -> list[Piece]:
    """A text as words and links."""
    before, *parts = text.split("[[")
    found = [Piece(before)] if before else []
    for part in parts:
        link, _, after = part.partition("]]")
        code, _, words = link.partition("|")
        found.append(Piece(words, code))
        if after:
            found.append(Piece(after))
    return found


def plain(text: str) -> str:
    """A text without its links."""
    return "".join([piece.words for piece in pieces(text)])


def _block(block: dict[str, Any], values: dict[str, object]) -> tuple[str, Any]:
    kind, content = next(iter(block.items()))
    if kind == MARKS:
        return kind, content
    if kind in (POINTS, STEPS):
        return kind, [filled(text, values) for text in content]
    return kind, filled(content, values)

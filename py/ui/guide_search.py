"""Search over the articles of the guide, whatever the endings of words; pure."""

from ui.guide import Article, Guide, plain

TITLE_WEIGHT, WORDS_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 8, 4, 2, 1
EXCERPT_LENGTH = 150
BEFORE_HIT = 50
"""Characters of an excerpt before what was found."""
STEM_LENGTH = 4
"""Letters of a word that are never taken for its ending."""
ENDING_LENGTH = 3
CAPITALS = [(chr(code), chr(code + 32)) for code in range(0x410, 0x430)]
"""Russian letters: MicroPython's ``lower`` knows the Latin ones only."""
PARTINGS = ".,;:!?()[]|\"'/+-\u00ab\u00bb\u201c\u201d\u2014\u2192\n\u00a0"


class Hit:
    """An article that was found, and the text in it that tells why."""

    def __init__(self, article: Article, excerpt: str) -> None:
        self.article = article
        self.excerpt = excerpt


class Search:
    """The words of all articles, made ready once."""

    def __init__(self, guide: Guide) -> None:
        self._entries = [Entry(article) for article in guide.articles()]

    def find(self, words: str) -> list[Hit]:
        """Articles in which all words occur, the best first."""
        stems = [stem(word) for word in words_of(words).split()]
        ranked = []
        for place, entry in enumerate(self._entries if stems else []):
            weights = [entry.weight(each) for each in stems]
            if min(weights):
                ranked.append((-sum(weights), place))
        found = [self._entries[place] for _, place in sorted(ranked)]
        return [Hit(entry.article, entry.excerpt(stems)) for entry in found]


class Entry:
    """One article's words as they are searched."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self._title = words_of(article.title)
        self._words = words_of(article.words)
        self._lead = words_of(plain(article.lead))
        self._body = [words_of(plain(text)) for text in article.body()]

    def weight(self, stem: str) -> int:
        """How much the article is about a word; 0 when it does not occur."""
        start = " " + stem
        for words, weight in (
            (self._title, TITLE_WEIGHT),
            (self._words, WORDS_WEIGHT),
            (self._lead, LEAD_WEIGHT),
        ):
            if start in words:
                return weight
        return BODY_WEIGHT if any([start in words for words in self._body]) else 0

    def excerpt(self, stems: list[str]) -> str:
        """What the article is about, or the place where a word of its body is."""
        lead = plain(self.article.lead)
        hidden = [stem for stem in stems if self.weight(stem) == BODY_WEIGHT]
        for place, words in enumerate(self._body if hidden else []):
            at = words.find(" " + hidden[0])
            if at >= 0:
                return around(plain(self.article.body()[place]), at)
        return lead


def words_of(text: str) -> str:
    """Folded words, a space before each; as long as the text and a space before it."""
    for sign in PARTINGS:
        text = text.replace(sign, " ")
    return " " + fold(text)


def fold(text: str) -> str:
    """A text in which case, and the dots of a letter, make no difference."""
    text = text.lower()
    for capital, small in CAPITALS:
        text = text.replace(capital, small)
    return text.replace("\u0401", "\u0435").replace("\u0451", "\u0435")


def stem(word: str) -> str:
    """The beginning of a word that its other forms share."""
    return word[: max(STEM_LENGTH, len(word) - ENDING_LENGTH)]


def around(text: str, at: int) -> str:
    """What of a text is about a position, in whole words."""
    first = 0 if at <= BEFORE_HIT else text.find(" ", at - BEFORE_HIT) + 1
    last = len(text)
    if last - first > EXCERPT_LENGTH:
        last = text.rfind(" ", first, first + EXCERPT_LENGTH)
    cut = text[first:last]
    return ("\u2026" if first else "") + cut + ("\u2026" if last < len(text) else "")

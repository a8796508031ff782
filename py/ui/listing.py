"""The list of clients as a question to the engine: columns, search, filters, sort; pure."""

import json
from typing import Any

TEXT, CHOICE, PEOPLE, DATE, NUMBER, MONEY = "text", "choice", "people", "date", "number", "money"

LIFECYCLE = ("active", "dormant", "lost", "requests", "dialogs", "contacts", "empty")
FREQUENCY = ("regular", "first", "none")
YES_NO = ("yes", "no")


class Column:
    """One column: the engine's name of it, what its values are, its width, whether it is shown to
    whoever has not chosen.
    """

    def __init__(
        self, name: str, kind: str, width_px: int, shown: bool, codes: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.kind = kind
        self.width_px = width_px
        self.shown = shown
        self.codes = codes

    @property
    def is_right_aligned(self) -> bool:
        """Whether the values are read from their last digit."""
        return self.kind in (NUMBER, MONEY)


COLUMNS = (
    Column("name", TEXT, 280, True),
    Column("kind", CHOICE, 80, True, ("b2b", "b2c")),
    Column("lifecycle", CHOICE, 160, True, LIFECYCLE),
    Column("frequency", CHOICE, 170, False, FREQUENCY),
    Column("last_payment", DATE, 175, True),
    Column("payments", NUMBER, 100, True),
    Column("amount", MONEY, 150, True),
    Column("responsible", PEOPLE, 190, True),
    Column("last_contact", DATE, 170, True),
    Column("created", DATE, 150, True),
    Column("phone", TEXT, 170, True),
    Column("email", TEXT, 210, True),
    Column("inn", TEXT, 130, False),
    Column("with_contacts", CHOICE, 130, False, YES_NO),
    Column("id", NUMBER, 100, False),
)
NAMES = tuple([column.name for column in COLUMNS])
MINIMUM_WIDTH_PX, MAXIMUM_WIDTH_PX = 60, 900


def column_of(name: str) -> Column:
    """The column of that name."""
    return COLUMNS[NAMES.index(name)]


class Layout:
    """Which columns are shown, in which order and how wide; every person's own."""

    def __init__(self) -> None:
        self.shown = [column.name for column in COLUMNS if column.shown]
        self.widths_px: dict[str, int] = {}

    @classmethod
    def from_text(cls, text: str | None) -> "Layout":
        """The layout that ``to_text`` gave; the usual one for whatever else."""
        layout = cls()
        try:
            facts = json.loads(text or "")
            shown = [name for name in facts["shown"] if name in NAMES]
            widths = facts["widths_px"]
            layout.widths_px = {
                name: min(max(int(widths[name]), MINIMUM_WIDTH_PX), MAXIMUM_WIDTH_PX)
                for name in widths
                if name in NAMES
            }
        except (AttributeError, KeyError, TypeError, ValueError):
            return cls()
        if "name" in shown:
            layout.shown = [name for i, name in enumerate(shown) if name not in shown[:i]]
        return layout

    def to_text(self) -> str:
        """For the next visit."""
        return json.dumps({"shown": self.shown, "widths_px": self.widths_px})

    def width_px(self, name: str) -> int:
        """How wide a column is."""
        return self.widths_px.get(name, column_of(name).width_px)

    def show(self, name: str, shown: bool) -> None:
        """Show or hide a column; one that comes back stands where it usually does."""
        if name in self.shown:
            self.shown.remove(name)
        if shown:
            later = NAMES[NAMES.index(name) + 1 :]
            places = [i for i, other in enumerate(self.shown) if other in later]
            self.shown.insert(places[0] if places else len(self.shown), name)


class Listing:
    """What is asked for. ``segment`` is ``{"mode", "code", "month"}``, months are ``YYYY-MM``,
    None is today, or another segment that ``query`` takes; a filter is a list of codes (choices,
    people), ``{"from", "to"}`` with either end or both (numbers, days as ``YYYY-MM-DD``) or a
    text.
    """

    def __init__(self, segment: dict[str, Any]) -> None:
        self.segment = segment
        self.search = ""
        self.filters: dict[str, Any] = {}
        self.sort: list[tuple[str, bool]] = []

    def question(self, first: int, count: int) -> dict[str, Any]:
        """The query for so many rows from ``first`` on."""
        facts = self.all_rows()
        facts["from"] = first
        facts["count"] = count
        return facts

    def all_rows(self) -> dict[str, Any]:
        """The query without a window, as an export takes it."""
        return {
            "segment": self.segment,
            "search": self.search,
            "filters": self.filters,
            "sort": [[name, descending] for name, descending in self.sort],
        }

    def filter(self, name: str, value: Any) -> None:
        """Set a column's filter; an empty one takes it away."""
        if isinstance(value, dict):
            value = {end: value[end] for end in value if value[end] not in (None, "")}
        if value:
            self.filters[name] = value
        elif name in self.filters:
            del self.filters[name]

    def sort_by(self, name: str, and_before: bool) -> None:
        """Sort by a column, the other way round when it is sorted by already, not at all after
        that; ``and_before`` keeps what is sorted by so far.

        Words go from A on, numbers and days from the greatest on: that is what people look for.
        """
        first_way = column_of(name).kind in (DATE, NUMBER, MONEY)
        known = [descending for other, descending in self.sort if other == name]
        rest = [pair for pair in self.sort if pair[0] != name] if and_before else []
        if not known:
            rest.append((name, first_way))
        elif known[0] == first_way:
            rest.append((name, not first_way))
        self.sort = rest

    def direction(self, name: str) -> str:
        """``ascending``, ``descending`` or ``none``."""
        for other, descending in self.sort:
            if other == name:
                return "descending" if descending else "ascending"
        return "none"

"""The filters of the list: a group of fields per column, and what is filtered by in words."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import make, mark, on, write
from ui.list_rows import choice, day
from ui.listing import CHOICE, COLUMNS, DATE, MONEY, NUMBER, PEOPLE, TEXT, Column, column_of
from ui.texts import Texts
from ui.wording import cut

FILTERED = tuple([column for column in COLUMNS if column.name not in ("name", "id")])
ENDS = ("from", "to")


class Filters:
    """The panel; ``change(column, value)`` is called when a person sets or empties a filter."""

    def __init__(self, change: Callable[[str, Any], None]) -> None:
        self.element = make("div", "filters", attributes={"id": "list-filters"})
        self._change = change
        self._inputs: dict[str, Any] = {}
        self._people: dict[str, str] = {}
        self._people_box: Any = None
        self._texts: Texts | None = None

    def translate(self, texts: Texts) -> None:
        """Build the fields in a language."""
        self._texts = texts
        self._inputs = {}
        self._people = {}
        self.element.replaceChildren(*[self._group(column, texts) for column in FILTERED])

    def know(self, people: dict[str, str]) -> None:
        """Offer these people too, by name."""
        new = [number for number in people if number not in self._people and people[number]]
        if not new or self._texts is None:
            return
        for number in new:
            self._people[number] = people[number]
        kept = self._ticked("responsible")
        self._inputs["responsible"] = {}
        named = sorted([(self._people[number], number) for number in self._people])
        rows = [self._tick("responsible", number, cut(name)) for name, number in named]
        self._people_box.replaceChildren(*rows)
        for number in kept:
            self._inputs["responsible"][number].checked = True

    def show(self, filters: dict[str, Any]) -> None:
        """Let the fields say what is filtered by."""
        for name, inputs in self._inputs.items():
            value = filters.get(name)
            for part_of, field in inputs.items():
                if column_of(name).kind in (CHOICE, PEOPLE):
                    field.checked = part_of in [str(code) for code in value or []]
                else:
                    told = value if column_of(name).kind == TEXT else (value or {}).get(part_of)
                    field.value = "" if told is None else str(told)

    def _group(self, column: Column, texts: Texts) -> Any:
        group = make("fieldset", "filter")
        group.setAttribute("data-filter", column.name)
        name = texts.say("list.column." + column.name)
        group.append(make("legend", "filter-name", name))
        self._inputs[column.name] = {}
        box = make("div", "filter-fields filter-" + column.kind)
        if column.kind == CHOICE:
            for code in column.codes:
                words = choice(column, code, texts)
                box.append(self._tick(column.name, code, words))
        elif column.kind == PEOPLE:
            self._people_box = box
        elif column.kind == TEXT:
            box.append(self._field(column, "", "search", name))
        else:
            for end in ENDS:
                words = texts.say("list.filter." + end)
                label = make("label", "filter-end")
                kind = "date" if column.kind == DATE else "number"
                label.append(make("span", "", words), self._field(column, end, kind, ""))
                box.append(label)
        group.append(box)
        return group

    def _tick(self, name: str, code: str, words: str) -> Any:
        label = make("label", "filter-tick")
        box = make("input", attributes={"type": "checkbox"})
        self._inputs[name][code] = box
        on(box, "change", lambda event: self._change(name, self._codes(name)))
        label.append(box, make("bdi", "", words))
        return label

    def _field(self, column: Column, part_of: str, kind: str, label: str) -> Any:
        field = make("input", "field", attributes={"type": kind})
        if label:
            mark(field, "aria-label", label)
        if kind == "number":
            mark(field, "inputmode", "numeric")
        self._inputs[column.name][part_of] = field
        on(field, "change", lambda event: self._change(column.name, self._told(column)))
        return field

    def _told(self, column: Column) -> Any:
        inputs = self._inputs[column.name]
        if column.kind == TEXT:
            return str(inputs[""].value).strip()
        ends = {end: str(inputs[end].value) for end in ENDS}
        if column.kind in (NUMBER, MONEY):
            return {end: _number(ends[end]) for end in ENDS}
        return ends

    def _codes(self, name: str) -> list[Any]:
        codes = self._ticked(name)
        if column_of(name).kind == PEOPLE:
            return [int(code) for code in codes]
        known = column_of(name).codes
        return [code for code in known if code in codes]

    def _ticked(self, name: str) -> list[str]:
        boxes = self._inputs.get(name, {})
        return [code for code, box in boxes.items() if box.checked]


class Chips:
    """What the list is filtered by, each with a cross that takes it away."""

    def __init__(self, change: Callable[[str, Any], None]) -> None:
        self.element = make("ul", "chips")
        self._change = change

    def draw(self, filters: dict[str, Any], people: dict[str, str], texts: Texts) -> None:
        """Show a chip a filter."""
        names = [column.name for column in COLUMNS if column.name in filters]
        self.element.replaceChildren(*[self._chip(n, filters[n], people, texts) for n in names])
        self.element.hidden = not names

    def _chip(self, name: str, value: Any, people: dict[str, str], texts: Texts) -> Any:
        words = texts.say(
            "list.chip",
            column=texts.say("list.column." + name),
            value=filter_words(column_of(name), value, people, texts),
        )
        chip, cross = make("li", "chip"), make("button", "chip-cross", "\u00d7", {"type": "button"})
        mark(cross, "aria-label", texts.say("list.chip.drop", what=words))
        mark(cross, "data-drop-filter", name)
        on(cross, "click", lambda event: self._change(name, None))
        shown = make("bdi", "")
        write(shown, words)
        chip.append(shown, cross)
        return chip


def filter_words(column: Column, value: Any, people: dict[str, str], texts: Texts) -> str:
    """``от 2 до 5``, ``активный, спящий``."""
    if column.kind == CHOICE:
        return ", ".join([choice(column, code, texts) for code in value])
    if column.kind == PEOPLE:
        return ", ".join([cut(people.get(str(code)) or str(code)) for code in value])
    if column.kind == TEXT:
        return "\u00ab" + cut(str(value)) + "\u00bb"
    parts = []
    for end in ENDS:
        if end in value:
            told = day(value[end], texts) if column.kind == DATE else texts.number(value[end])
            parts.append(texts.say("list.filter." + end) + " " + told)
    return " ".join(parts)


def _number(text: str) -> int | None:
    try:
        return int(float(text))
    except ValueError:
        return None

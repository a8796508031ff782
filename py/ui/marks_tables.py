"""What of the marks comes in rows: changes by field, cards as examples, conflicts of an undo."""

from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from ui.dom import make, on
from ui.marks import MARKS, Marks
from ui.marks_wording import card_name, card_path, field_changes, value
from ui.texts import Texts
from ui.wording import TITLE_LENGTH, cut

OpenCard = Callable[[str], None]


def field_rows(marks: Marks, texts: Texts) -> list[Any]:
    """An element per field that changes: its name, how many, and which changes how often."""
    rows = []
    for mark in MARKS:
        facts = marks.fields.get(mark)
        if not facts or not facts["count"]:
            continue
        row = make("li", "mark-field")
        row.setAttribute("data-mark-field", mark)
        row.setAttribute("data-count", str(facts["count"]))
        head = make("p", "mark-field-head")
        head.append(
            make("span", "mark-field-name", texts.say("marks.field." + mark)),
            make("span", "mark-field-count", texts.number(facts["count"])),
        )
        changes = make("ul", "mark-changes")
        for words, number in field_changes(mark, facts, texts):
            line = make("li", "mark-change")
            line.append(make("span", "", words), make("span", "mark-change-count", number))
            changes.append(line)
        row.append(head, changes)
        rows.append(row)
    return rows


def sample_rows(marks: Marks, texts: Texts, portal: str, open_card: OpenCard) -> list[Any]:
    """An element per example: the card's name and what changes in it."""
    rows = []
    for sample in marks.samples:
        row = make("li", "mark-sample")
        name = sample.get("name") or ""
        row.append(card_link(sample["entity"], sample["id"], name, texts, portal, open_card))
        changes = make("ul", "mark-sample-changes")
        for change in sample["changes"]:
            mark = change["mark"]
            line = make("li")
            line.append(
                make("span", "mark-name", texts.say("marks.field." + mark) + ": "),
                make("span", "", value(mark, change["from"], texts)),
                make("span", "unseen", " " + texts.say("marks.becomes") + " "),
                make("span", "mark-arrow", " \u2192 ", {"aria-hidden": "true"}),
                make("strong", "", value(mark, change["to"], texts)),
            )
            changes.append(line)
        row.append(changes)
        rows.append(row)
    return rows


def refusal_table(marks: Marks, texts: Texts, portal: str, open_card: OpenCard) -> Any:
    """A table: the card that the portal did not let be written, and its own words why."""
    table, body = _table(("card", "words"), "marks.refusals.", texts)
    for refusal in marks.refusals:
        row = make("tr")
        words = cut(str(refusal.get("words") or ""), TITLE_LENGTH)
        row.append(
            _card_cell(refusal, texts, portal, open_card),
            _cell("marks.refusals.words", words, texts),
        )
        body.append(row)
    return table


def conflict_table(marks: Marks, texts: Texts, portal: str, open_card: OpenCard) -> Any:
    """A table: the card, the field, what the writing had left there and what is there now."""
    columns = ("card", "field", "expected", "found")
    table, body = _table(columns, "marks.conflicts.", texts)
    for conflict in marks.conflicts:
        mark, row = conflict["mark"], make("tr")
        row.append(
            _card_cell(conflict, texts, portal, open_card),
            _cell("marks.conflicts.field", texts.say("marks.field." + mark), texts),
            _cell("marks.conflicts.expected", value(mark, conflict["expected"], texts), texts),
            _cell("marks.conflicts.found", value(mark, conflict["found"], texts), texts),
        )
        body.append(row)
    return table


def _table(columns: tuple[str, ...], prefix: str, texts: Texts) -> tuple[Any, Any]:
    """A table with a caption and a head, and its still empty body."""
    table, head, row, body = make("table", "table"), make("thead"), make("tr"), make("tbody")
    for column in columns:
        row.append(make("th", "", texts.say(prefix + column), {"scope": "col"}))
    head.append(row)
    table.append(make("caption", "unseen", texts.say(prefix + "title")), head, body)
    return table, body


def _cell(column: str, words: str, texts: Texts) -> Any:
    """A cell that knows the name of its column, which stands beside it where rows are cards."""
    return make("td", "", words, {"data-column": texts.say(column)})


def _card_cell(facts: dict[str, Any], texts: Texts, portal: str, open_card: OpenCard) -> Any:
    cell = make("th", "", "", {"scope": "row"})
    name = facts.get("name") or ""
    cell.append(card_link(facts["entity"], facts["id"], name, texts, portal, open_card))
    return cell


def card_link(
    entity: int, number: int, name: str, texts: Texts, portal: str, open_card: OpenCard
) -> Any:
    """A link to a card of the portal; the name is a stranger's text: shown letter by letter, cut,
    and kept from turning the direction of what stands around it.
    """
    told = card_name(entity, number, texts, name)
    path = card_path(entity, number)
    link = make(
        "a",
        "link",
        attributes={"href": portal + path, "target": "_blank", "rel": "noopener noreferrer"},
    )
    link.append(make("bdi", "", cut(told), {"title": cut(told, TITLE_LENGTH)}))

    def clicked(event: Any) -> None:
        if not (event.ctrlKey or event.metaKey or event.shiftKey):
            event.preventDefault()
            open_card(path)

    on(link, "click", clicked)
    return link

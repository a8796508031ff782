"""What goes into the texts of errors and of the notes beside the charts."""

from typing import Any

from ui.modes import Mode
from ui.texts import Texts
from ui.view import View
from ui.wording import TITLE_LENGTH, cut

UNKNOWN_ERROR = "engine_failed"
RELOAD_HELPS = (
    "session_expired",
    "engine_failed",
    "engine_missing",
    "storage_newer",
    "storage_unavailable",
)
"""Errors after which opening the page anew is worth a try."""
DETAILS = ("method", "error", "words", "reason")
"""Facts of an error, in this order, for whoever is asked for help."""
SOURCE_TABLES = {"smart_invoices": "invoices", "old_invoices": "invoices"}


def known_code(code: str, texts: Texts) -> str:
    """The code itself when there is a text for it, else that of an unknown failure."""
    return code if texts.has("error." + code) else UNKNOWN_ERROR


def in_a_line(code: str, words: str, texts: Texts) -> str:
    """What went wrong, what to do, and the technical words, where there is room for a line only."""
    key = "error." + known_code(code, texts)
    line = texts.say(key) + ". " + texts.say(key + ".advice")
    last = words.strip().split("\n")[-1]
    return line + " (" + cut(last, TITLE_LENGTH) + ")" if last else line


def details(params: dict[str, Any]) -> str:
    """The technical line under an error: method, HTTP status, the portal's own words; empty when
    there is none.
    """
    facts = [str(params[name]) for name in DETAILS if params.get(name)]
    if params.get("status"):
        facts.append("HTTP " + str(params["status"]))
    return " · ".join(facts)


def note_lines(view: View, mode: Mode, texts: Texts) -> list[str]:
    """What limits the numbers of a mode: how far they are read, what has no history, what could not
    be read.
    """
    lines = []
    if view.partial and view.through is not None:
        lines.append(texts.say("note.partial", month=texts.month(view.through)))
    if texts.has("note.mode." + mode.number):
        lines.append(texts.say("note.mode." + mode.number))
    for note in view.notes:
        line = _note(note, texts)
        if line not in lines:
            lines.append(line)
    return lines


def _note(note: dict[str, Any], texts: Texts) -> str:
    key = "note." + str(note["code"])
    if not texts.has(key):
        return texts.say("note.other", code=note["code"])
    source = str(note.get("source", ""))
    table = "table." + SOURCE_TABLES.get(source, source)
    params = note.get("params", {})
    since = params.get("since")
    return texts.say(
        key,
        table=texts.say(table) if texts.has(table) else texts.say("table.any"),
        since=texts.moment(since) if since else "",
        why=texts.say("error." + known_code(str(note.get("reason", "")), texts)),
    )

"""The first questions about a source: rows that changed, rows above the last known id, and how many
of those up to it are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm.answer import Result
from crm.cells import Doubt, Step
from crm.census import command_to_count
from crm.errors import (
    AccessDenied,
    AnswerUnreadable,
    MethodMissing,
    PortalError,
    RequestRefused,
    ScopeMissing,
)
from crm.known import Known
from crm.query import Command
from crm.rows import Facts
from crm.sources import BINDINGS, COMPANIES, CONTACTS, LINKS, Source
from crm.survey import Note
from crm.sweep import Sweep
from crm.tables import Row

CLOSED = (AccessDenied, MethodMissing, RequestRefused, ScopeMissing)
"""Errors by which a portal refuses something now and later."""

_LISTED = {LINKS: "companyIds", BINDINGS: "contactIds"}
"""What a row of links must have; a portal that does not give it cannot tell links."""
_OWNERS = {LINKS: CONTACTS, BINDINGS: COMPANIES}
"""Whose ids the rows of links have: those that are new tell of themselves by their date."""


class Look:
    """A look at one source. ``since_s``: unix; None reads all its rows.

    After ``begin``: ``closed`` tells whether the source cannot be read, ``refusal`` why, as far as
    the portal said so; ``to_go_on`` are the sweeps that have more to read, ``total`` is how many
    rows the portal counts up to the last known id, None where it does not say.
    """

    def __init__(self, source: Source, known: Known, facts: Facts, since_s: int | None) -> None:
        self.source = source
        self.closed = False
        self.refusal: PortalError | None = None
        self.to_go_on: list[Sweep] = []
        self.total: int | None = None
        self._odd: list[str] = []
        last_id = known.last_id(_OWNERS.get(source, source))
        changing = source.changing()
        self._last_id = last_id
        self._changed = Sweep(changing, facts, since_s=since_s, last_id=last_id)
        self._newest = Sweep(changing, facts, after=last_id)
        self._sweeps = [self._changed] if source in _OWNERS else [self._changed, self._newest]

    def commands(self) -> list[Command]:
        """What is to be asked first; ``begin`` takes the results in this order."""
        commands = [sweep.commands(sweep.spans[0], Step(1), 0)[0] for sweep in self._sweeps]
        if self.source is not BINDINGS:
            commands.append(command_to_count(self.source, 0, self._last_id))
        return commands

    def begin(self, results: Sequence[Result]) -> None:
        """Take the first answers in. Raises errors that pass: what they keep back is not lost."""
        refusals = [
            _first_page(sweep, result) for sweep, result in zip(self._sweeps, results, strict=False)
        ]
        if refusals[-1] is not None or not self._tells_links():
            self.closed, self.refusal, self._sweeps = True, refusals[-1], []
            return
        if self.source is not BINDINGS:
            self._count(results[-1])
        if refusals[0] is not None:
            self._odd.append("changes_unseen")
            self._sweeps = [self._newest]
        elif all(row.get(self.source.modified) for row in self._newest.all_rows()):
            self.to_go_on = [] if self._changed.done else [self._changed]
            return
        self.to_go_on = [sweep for sweep in self._sweeps if not sweep.done]

    def rows(self) -> Iterator[Row]:
        """All rows that were read."""
        for sweep in self._sweeps:
            yield from sweep.all_rows()

    @property
    def notes(self) -> list[Note]:
        """What was odd."""
        nameless = sum(sweep.without_id for sweep in self._sweeps)
        odd: list[Note] = [{"code": "rows_without_id", "count": nameless}] if nameless else []
        odd += [{"code": code} for code in self._odd]
        return [{**note, "source": self.source.name} for note in odd]

    def _tells_links(self) -> bool:
        name, rows = _LISTED.get(self.source), self._changed.all_rows()
        return name is None or not rows or any(name in row for row in rows)

    def _count(self, result: Result) -> None:
        if result.error is None:
            self.total = result.total
        if self.total is None:
            self._odd.append("not_counted")


def raise_unless_closed(error: PortalError) -> None:
    """Errors that pass end the search: what they keep back is not to be taken for absent."""
    if not isinstance(error, CLOSED):
        raise error


def _first_page(sweep: Sweep, result: Result) -> PortalError | None:
    """Take a first page in, or say why that cannot be."""
    if result.error is not None:
        raise_unless_closed(result.error)
        return result.error
    page = sweep.source.rows(result.value)
    try:
        if page is None:
            raise Doubt("no_rows")
        sweep.take(sweep.spans[0], page)
        if sweep.since_s is not None and not all(row.get(sweep.by) for row in sweep.all_rows()):
            raise Doubt("undated")
    except Doubt as doubt:
        return AnswerUnreadable(method=sweep.source.method, reason=str(doubt))
    return None

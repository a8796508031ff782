"""Lists of clients for the page: from the last complete base, whether or not a job is at work, here
or in another tab; for those who have no base, what their own rights let them read.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.errors import PortalError
from crm.mark_fields import MarkFields
from crm.marked import NotMarked, fields_in_use, read_marked
from engine import separated, workbook
from engine.client_facts import client_facts
from engine.client_rows import COLUMNS, listing_of
from engine.columns import People
from engine.comparison import comparison
from engine.jobs import Workplace
from engine.listing import Found, Listing
from engine.marked_rows import conditions_of, marked_client, marked_listing
from engine.memory import Memory
from engine.names import Names
from engine.publishing import parsed
from engine.question import BadQuestion, Clients, NoAnswer, Question, Segment, refused
from engine.search import Rows
from engine.sheet import fields_of, rows_of
from engine.snapshot import Snapshot
from engine.view import count_in, is_drawable
from storage.errors import StorageError

Facts = Mapping[str, Any]

FORMATS = {
    "xlsx": (workbook.workbook, workbook.TYPE),
    "csv": (separated.separated, separated.TYPE),
}
LONGEST_NAME = 100
FRESH_S = 300.0
"""What a person may read is asked anew after this long."""
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


_REFUSALS = (BadQuestion, NoAnswer, NotMarked, PortalError, StorageError)


@dataclass(frozen=True)
class Exported:
    """A file for the person: its name, its media type, its content."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class _Held:
    """A list as of a moment. One out of marks is of one segment, has no ``snapshot``, and knows how
    many of its ``of`` clients are ``visible`` to the person.
    """

    listing: Listing
    as_of: str
    snapshot: Snapshot | None = None
    visible: int | None = None
    of: int = 0
    read_s: float = 0.0


class Lists:
    """What one page can ask of the clients."""

    def __init__(self, place: Workplace, memory: Memory, *, is_admin: bool) -> None:
        """``memory`` is the one that the jobs share; only administrators may have a base."""
        self._place = place
        self._memory = memory
        self._is_admin = is_admin
        self._names = Names(place.portal, place.store)
        self._names_told = 0
        self._held: _Held | None = None
        self._marked: dict[Clients, _Held] = {}
        self._snapshot: Snapshot | None = None
        self._fields: MarkFields | None = None
        self._holding = asyncio.Lock()

    async def query(self, facts: Facts) -> dict[str, Any]:
        """The rows of a window, or why there are none; see docs/architecture.md, messages."""
        begun_s = self._place.clock.monotonic_s()
        try:
            question = Question.read(facts)
            held = await self._hold(question.segment)
            answer = self._window(held, question, held.listing.find(question))
            if not question.first:
                answer["charted"] = await self._charted(held, question.segment)
        except _REFUSALS as error:
            answer = refused(error)
        return answer | {"seconds": round(self._place.clock.monotonic_s() - begun_s, 4)}

    async def client(self, facts: Facts) -> dict[str, Any]:
        """All that is known of a client (``client_facts``), what the marks in the list on screen
        tell (``marked_client``), or why nothing can be told.
        """
        try:
            held = await self._hold_base() or next(iter(self._marked.values()), None)
            if held is None:
                raise NoAnswer("no_base" if self._is_admin else "reasons_need_base")
            if held.snapshot is None:
                answer = marked_client(held.listing, facts)
            else:
                answer = client_facts(held.snapshot, held.listing, facts)
        except _REFUSALS as error:
            return refused(error)
        return answer | {"people": self._people(held.listing, None), "as_of": held.as_of}

    async def compare(self, facts: Facts) -> dict[str, Any]:
        """Who moved where between two months (``comparison``), or why that cannot be told."""
        begun_s = self._place.clock.monotonic_s()
        try:
            async with self._holding:
                snapshot = await self._hold_snapshot()
            if snapshot is None:
                raise NoAnswer("no_base" if self._is_admin else "past_not_marked")
            answer = comparison(snapshot, facts)
        except _REFUSALS as error:
            answer = refused(error)
        return answer | {"seconds": round(self._place.clock.monotonic_s() - begun_s, 4)}

    async def export(self, facts: Facts) -> Exported | dict[str, Any]:
        """All rows of a question as a file: ``format`` is xlsx or csv, ``name`` that of the file
        without its ending; for ``columns``, ``titles`` and ``words`` see ``sheet.fields_of``. Or
        why that cannot be.
        """
        try:
            question = Question.read(facts)
            form = str(facts.get("format"))
            if form not in FORMATS:
                raise BadQuestion(format=form[:40])
            held = await self._hold(question.segment)
            fields = fields_of(held.listing, facts, self._names.known)
            rows = rows_of(fields, held.listing.find(question).rows)
        except _REFUSALS as error:
            return refused(error)
        make, media_type = FORMATS[form]
        return Exported(f"{_file_name(facts)}.{form}", media_type, await make(fields, rows))

    def _window(self, held: _Held, question: Question, found: Found) -> dict[str, Any]:
        rows = found.rows[question.first : question.first + question.count]
        answer = {
            "total": len(found.rows),
            "of": found.of,
            "columns": list(COLUMNS),
            "rows": held.listing.cells(rows),
            "people": self._people(held.listing, rows if question.first else None),
            "as_of": held.as_of,
        }
        if held.visible is not None:
            answer |= {"of": held.of, "visible": held.visible, "read": found.of}
        return answer

    async def _charted(self, held: _Held, segment: Clients) -> int | None:
        """What the chart of the same moment shows at the month of a segment. A month that is over
        keeps the count it had (spec §3.7), the list is made of who is still there.
        """
        if held.snapshot is None or not isinstance(segment, Segment) or segment.month is None:
            return None
        view = parsed(await self._place.store.load_view())
        if not is_drawable(view) or view["as_of"] != held.as_of:
            return None
        return count_in(view, segment.mode, segment.codes, segment.month)

    def _people(self, listing: Listing, rows: Rows | None) -> dict[str, str]:
        """Names of those who are responsible in these rows, or anywhere."""
        known = self._names.known
        return {
            str(user): known[user] for user in _responsible(listing).among(rows) if user in known
        }

    async def _hold(self, segment: Clients) -> _Held:
        held = await self._hold_base() or await self._hold_marked(segment)
        if self._names_told != len(self._names.known):
            self._names_told = len(self._names.known)
            held.listing.forget()
        return held

    async def _hold_base(self) -> _Held | None:
        """The list of the last complete base. While another one is being read, that of the base
        before.
        """
        async with self._holding:
            snapshot = await self._hold_snapshot()
            if self._held is None and snapshot is not None:
                listing = await self._named(listing_of(snapshot, self._names.known))
                self._held = _Held(listing, snapshot.run.as_of, snapshot)
            return self._held

    async def _hold_snapshot(self) -> Snapshot | None:
        """The last complete base. While another one is being read, the base before."""
        if not self._is_admin:
            return None
        run = await self._place.store.load_run()
        if run is not None and run.state == "complete":
            known = self._snapshot
            if known is None or not known.is_of(run):
                # Two at a time would be one too many for small machines.
                self._snapshot = self._held = None
                self._snapshot = await self._memory.snapshot()
        return self._snapshot

    async def _hold_marked(self, segment: Clients) -> _Held:
        """The list of what the person may read of a segment."""
        companies, contacts = conditions_of(segment)
        view = parsed(await self._place.store.load_view())
        if not is_drawable(view):
            raise NoAnswer("no_base")
        async with self._holding:
            now_s = self._place.clock.monotonic_s()
            held = self._marked.get(segment)
            if held is not None and held.as_of == view["as_of"] and now_s - held.read_s < FRESH_S:
                return held
            self._fields = self._fields or await fields_in_use(self._place.portal)
            timezone = datetime.fromisoformat(view["as_of"]).tzinfo
            assert timezone is not None
            marked = await read_marked(self._place.portal, self._fields, companies, contacts)
            listing = await self._named(marked_listing(marked, self._names.known, timezone))
            held = _Held(
                listing,
                view["as_of"],
                visible=marked.visible,
                of=_counted(view, segment),
                read_s=now_s,
            )
            self._marked = {segment: held}
            return held

    async def _named(self, listing: Listing) -> Listing:
        await self._names.learn(_responsible(listing).among(None))
        return listing


def _responsible(listing: Listing) -> People:
    column = listing.columns["responsible"]
    assert isinstance(column, People)
    return column


def _counted(view: dict[str, Any], segment: Clients) -> int:
    """How many clients a segment has, or how many there are, as a shared view counts them."""
    mode, codes = (segment.mode, segment.codes) if isinstance(segment, Segment) else (2, ("all",))
    return count_in(view, mode, codes) or 0


def _file_name(facts: Facts) -> str:
    """The name that was asked for, as every system of files takes it."""
    words = _NOT_IN_NAMES.sub(" ", str(facts.get("name") or "")).split()
    return " ".join(words)[:LONGEST_NAME].strip(" .") or "clients"

"""The portal's own storage of the app: what one administrator has computed, for everybody to read.

Texts under a name, in the storage ``clients`` that every user of the portal may read and its
administrators write (entity.*). A text is the data compressed and in base64. One of up to
``PART_CHARS`` lies in the *head*, the item that bears the name; a longer one lies in parts, items
of their own, and the head tells their ids.

A reader never sees half a save: the parts are written first, then the head is changed in one
command. Until the save after the next one the parts that the head named before stay, so neither a
reader on his way nor a command that the portal carries out late meets deleted ones. Two saves at a
time do no harm: the later one wins. Parts that nobody names, of saves that were cut short, are
deleted when they are ``ORPHAN_AFTER_S`` old.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm.answer import Result, objects
from crm.client import Portal
from crm.convert import whole_number
from crm.errors import AnswerUnreadable, PortalError, RequestRefused
from crm.query import Command

ENTITY = "clients"
READERS, READ = "AU", "R"
PART_CHARS = 60_000
"""Name and texts of an item together may have 65,535 bytes; the head's list of ids takes some."""

MOST_CHARS = 20_000_000
ORPHAN_AFTER_S = 3600

_PARTS_A_REQUEST = 10
_READ_ATTEMPTS = 3
_WRITE_ATTEMPTS = 5


class AppStorageFull(PortalError):
    """There is more to keep than the storage is meant for; ``chars`` and ``most`` tell how much."""

    code = "app_storage_full"


@dataclass(frozen=True)
class _Head:
    """The item that bears the name. ``parts``: ids; ``before``: those that it named before."""

    item: int
    text: str
    parts: tuple[int, ...]
    before: tuple[int, ...]

    @classmethod
    def read(cls, row: dict[str, Any]) -> _Head:
        """From a row of entity.item.get; a header that cannot be read names no parts."""
        try:
            header = json.loads(str(row.get("PREVIEW_TEXT")))
        except (ValueError, RecursionError):
            header = {}
        text = str(row.get("DETAIL_TEXT") or "")
        return cls(whole_number(row["ID"]), text, _ids(header, "parts"), _ids(header, "before"))


async def ensure(portal: Portal) -> bool:
    """Make the storage, or mend its rights; False when everything was as it should be.

    For administrators. May be repeated at any moment. Raises a PortalError.
    """
    storage, rights = await portal.batch([_command("entity.get"), _command("entity.rights")])
    if _is_refused(storage, "ERROR_ENTITY_NOT_FOUND"):
        params = {"NAME": ENTITY, "ACCESS": {READERS: READ}}
        (added,) = await portal.batch([_command("entity.add", params)])
        # Another administrator was quicker, or the answer to the first attempt got lost.
        if not _is_refused(added, "ERROR_ENTITY_ALREADY_EXISTS"):
            added.get()
        return True
    storage.get()
    access = rights.get()
    if isinstance(access, dict) and access.get(READERS) == READ:
        return False
    access = {**access, READERS: READ} if isinstance(access, dict) else {READERS: READ}
    await portal.call("entity.rights", {"ENTITY": ENTITY, "ACCESS": access})
    return True


async def save(portal: Portal, name: str, data: bytes) -> None:
    """Keep ``data`` under ``name`` (``[a-z_]+``) in place of what is there.

    For administrators; makes the storage when it is missing. Raises AppStorageFull before anything
    is sent, or another PortalError; what was there before is then there still.
    """
    text = base64.urlsafe_b64encode(zlib.compress(data, 9)).decode()
    if len(text) > MOST_CHARS:
        raise AppStorageFull(chars=len(text), most=MOST_CHARS)
    cut = [text[start : start + PART_CHARS] for start in range(0, len(text), PART_CHARS)]
    try:
        heads = await _heads(portal, name)
    except RequestRefused as error:
        if error.params["error"] != "ERROR_ENTITY_NOT_FOUND":
            raise
        await ensure(portal)
        heads = []
    parts = await _write_parts(portal, name, cut) if len(cut) > 1 else []
    inline = "" if parts else text
    leftover = await _put_head(portal, name, heads, inline, parts)
    if parts or leftover:
        await _clean(portal, name, leftover, parts)


async def load(portal: Portal, name: str) -> bytes | None:
    """What was kept under ``name`` last; None when there is nothing, or nothing usable.

    For everybody. Raises a PortalError.
    """
    for attempt in range(1, _READ_ATTEMPTS + 1):
        try:
            heads = await _heads(portal, name)
        except RequestRefused as error:
            if error.params["error"] == "ERROR_ENTITY_NOT_FOUND":
                return None
            raise
        if not heads:
            return None
        data = _opened(heads[0], await _read_parts(portal, heads[0].parts))
        if data is not None:
            return data
        # Two saves have passed since the head was read: the next look finds the newest.
        await portal.clock.sleep(attempt)
    return None


async def _heads(portal: Portal, name: str) -> list[_Head]:
    """The items of this name, the one that counts first: two first saves at a time make two."""
    rows = await portal.call(
        "entity.item.get",
        {"ENTITY": ENTITY, "SORT": {"ID": "ASC"}, "FILTER": {"=NAME": name}},
    )
    return [_Head.read(row) for row in _rows(rows)]


async def _write_parts(portal: Portal, name: str, cut: Sequence[str]) -> list[int]:
    """Ids of the new parts, in their order."""
    commands = [
        _command("entity.item.add", {"NAME": _part_name(name), "SORT": place, "DETAIL_TEXT": text})
        for place, text in enumerate(cut, 1)
    ]
    ids: list[int] = []
    for start in range(0, len(commands), _PARTS_A_REQUEST):
        for added in await portal.batch(commands[start : start + _PARTS_A_REQUEST]):
            ids.append(_new_id(added.get()))
    return ids


async def _put_head(
    portal: Portal, name: str, heads: list[_Head], inline: str, parts: list[int]
) -> set[int]:
    """Let the head tell of this save; ids of items that nobody needs any more.

    The item with the lowest id is the head. Others are left over from first saves at the same
    time, or from an answer that got lost.
    """
    for _ in range(_WRITE_ATTEMPTS):
        if not heads:
            params = {"NAME": name, **_content(inline, parts, ())}
            answered = await portal.call("entity.item.add", {"ENTITY": ENTITY, **params})
            added = _new_id(answered)
            heads = await _heads(portal, name)
            if heads and heads[0].item == added:
                return {head.item for head in heads[1:]}
            continue
        first, *others = heads
        content = _content(inline, parts, first.parts)
        (updated,) = await portal.batch(
            [_command("entity.item.update", {"ID": first.item, **content})]
        )
        if not _is_refused(updated, "ERROR_ITEM_NOT_FOUND"):
            updated.get()
            return {*first.before, *(head.item for head in others)}
        heads = await _heads(portal, name)
    raise AnswerUnreadable(method="entity.item.update", reason="head_vanishes")


def _content(inline: str, parts: Sequence[int], before: Sequence[int]) -> dict[str, str]:
    header = {"parts": list(parts), "before": list(before)}
    return {"PREVIEW_TEXT": json.dumps(header, separators=(",", ":")), "DETAIL_TEXT": inline}


async def _clean(portal: Portal, name: str, leftover: set[int], parts: Sequence[int]) -> None:
    """Delete ``leftover``, and a page of parts that nobody names."""
    now, heads = await portal.batch(
        [
            Command.of("server.time"),
            _command("entity.item.get", {"SORT": {"ID": "ASC"}, "FILTER": {"=NAME": name}}),
        ]
    )
    named = set(parts)
    for head in (_Head.read(row) for row in _rows(heads.get())):
        named |= {*head.parts, *head.before}
    old = datetime.fromisoformat(str(now.get())) - timedelta(seconds=ORPHAN_AFTER_S)
    params = {
        "SORT": {"ID": "ASC"},
        "FILTER": {
            "=NAME": _part_name(name),
            "<DATE_CREATE": old.isoformat(),
            "!ID": sorted(named | leftover),
        },
    }
    (orphans,) = await portal.batch([_command("entity.item.get", params)])
    gone = (leftover | {whole_number(row["ID"]) for row in _rows(orphans.get())}) - named
    deletions = [_command("entity.item.delete", {"ID": item}) for item in sorted(gone)]
    for deleted in await portal.batch(deletions):
        if not _is_refused(deleted, "ERROR_ITEM_NOT_FOUND"):
            deleted.get()


async def _read_parts(portal: Portal, ids: Sequence[int]) -> list[str]:
    """The texts of these items in the order of ``ids``; those that are gone are left out."""
    commands = [
        _command("entity.item.get", {"FILTER": {"ID": list(ids[start : start + _PARTS_A_REQUEST])}})
        for start in range(0, len(ids), _PARTS_A_REQUEST)
    ]
    texts: dict[int, str] = {}
    # One at a time: an answer holds up to 600,000 characters.
    for command in commands:
        (answered,) = await portal.batch([command])
        for row in _rows(answered.get()):
            texts[whole_number(row["ID"])] = str(row.get("DETAIL_TEXT") or "")
    return [texts[item] for item in ids if item in texts]


def _opened(head: _Head, parts: Sequence[str]) -> bytes | None:
    """The data; None when a part is missing or something is damaged."""
    if len(parts) != len(head.parts):
        return None
    text = "".join(parts) if head.parts else head.text
    try:
        return zlib.decompress(base64.urlsafe_b64decode(text))
    except (zlib.error, binascii.Error, ValueError):
        return None


def _command(method: str, params: dict[str, Any] | None = None) -> Command:
    return Command.of(method, {"ENTITY": ENTITY, **(params or {})})


def _part_name(name: str) -> str:
    return f"{name}.part"


def _is_refused(result: Result, error: str) -> bool:
    return isinstance(result.error, RequestRefused) and result.error.params["error"] == error


def _rows(value: Any) -> list[dict[str, Any]]:
    """Items of a list that have an id."""
    return [row for row in objects(value) if whole_number(row.get("ID"))]


def _new_id(answered: Any) -> int:
    """Id of an item that was added; AnswerUnreadable where the portal tells none."""
    number = 0 if isinstance(answered, bool) else whole_number(answered)
    if not number:
        raise AnswerUnreadable(method="entity.item.add", reason="no_id")
    return number


def _ids(header: Any, name: str) -> tuple[int, ...]:
    value = header.get(name) if isinstance(header, dict) else None
    listed = value if isinstance(value, list) else []
    return tuple(each for each in listed if isinstance(each, int))

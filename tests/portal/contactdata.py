"""Phones, mails, sites and messengers of made-up cards, as the stored multi-fields hold them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from portal.bulk import Column, flags
from portal.population import Cards, Flags

_PHONE_KINDS: Final = ("WORK",) * 4 + ("MOBILE",) * 6


@dataclass(frozen=True)
class _Having:
    """Which cards have which ways to be reached."""

    phone: Flags
    email: Flags
    web: Flags
    chat: Flags


class ContactData:
    """Multi-fields of cards.

    ``base``, below 1000, keeps the multi-field ids of different tables apart; ``sites``: the share
    of cards with a site; ``mails`` makes one piece's mail addresses.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        cards: Cards,
        base: int,
        sites: float,
        mails: Callable[[slice], Sequence[str]],
    ) -> None:
        count = len(cards)
        self._ids = cards.ids * 1000 + base
        self._mails = mails
        reachable = rng.random(count) > np.where(cards.imported > 0, 0.12, 0.05)
        self._has = _Having(
            (rng.random(count) < 0.74) & reachable,
            (rng.random(count) < 0.52) & reachable,
            (rng.random(count) < sites) & reachable,
            (rng.random(count) < 0.07) & reachable & (cards.imported == 0),
        )
        self._telegram = (rng.random(count) < 0.04) & reachable
        digits = rng.integers(9_000_000_000, 9_999_999_999, count)
        self._digits = cards.twinned(digits)
        self._style = rng.integers(0, 10, count)

    def columns(self) -> dict[str, Column]:
        """The multi-fields and their flags, as columns of a card table."""
        return {
            "HAS_PHONE": flags(self._has.phone),
            "HAS_EMAIL": flags(self._has.email),
            "HAS_IMOL": flags(self._has.chat),
            "PHONE": self._phones,
            "EMAIL": self._emails,
            "WEB": self._sites,
            "IM": self._messengers,
        }

    def _phones(self, piece: slice) -> list[str]:
        rows = zip(
            self._ids[piece].tolist(),
            self._has.phone[piece].tolist(),
            self._digits[piece].tolist(),
            self._style[piece].tolist(),
            strict=True,
        )
        return [
            f"[{json_datum(number, _PHONE_KINDS[style], _phone(digits, style), 'PHONE')}]"
            if has
            else "[]"
            for number, has, digits, style in rows
        ]

    def _emails(self, piece: slice) -> list[str]:
        return self._texts(piece, self._has.email, self._mails(piece), "EMAIL", 1)

    def _sites(self, piece: slice) -> list[str]:
        sites = ["https://" + mail.partition("@")[2] for mail in self._mails(piece)]
        return self._texts(piece, self._has.web, sites, "WEB", 2)

    def _texts(
        self, piece: slice, has: Flags, texts: Sequence[str], kind: str, offset: int
    ) -> list[str]:
        rows = zip(self._ids[piece].tolist(), has[piece].tolist(), texts, strict=True)
        return [
            f"[{json_datum(number + offset, 'WORK', text, kind)}]" if yes else "[]"
            for number, yes, text in rows
        ]

    def _messengers(self, piece: slice) -> list[str]:
        rows = zip(
            self._ids[piece].tolist(),
            self._has.chat[piece].tolist(),
            self._telegram[piece].tolist(),
            strict=True,
        )
        return [
            "[]" if not chat and not telegram else _messenger(number, chat)
            for number, chat, telegram in rows
        ]


def _messenger(number: int, is_chat: bool) -> str:
    if is_chat:
        return f"[{json_datum(number + 3, 'IMOL', f'imol|livechat|3|{number}|7', 'IM')}]"
    return f"[{json_datum(number + 4, 'TELEGRAM', f'@user{number}', 'IM')}]"


def _phone(digits: int, style: int) -> str:
    text = str(digits)
    if style == 0:
        return f"8 ({text[:3]}) {text[3:6]}-{text[6:8]}-{text[8:]}"
    return f"7{text}" if style == 1 else f"+7{text}"


def json_datum(number: int, kind: str, value: str, column: str) -> str:
    """One row of a multi-field as JSON."""
    # All parts are plain ASCII, so that a quick format does what json.dumps would.
    return (
        f'{{"ID": "{number}", "VALUE_TYPE": "{kind}", "VALUE": "{value}", "TYPE_ID": "{column}"}}'
    )

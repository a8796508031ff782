"""Cards of companies and contacts: names, phones, mails, as people and imports left them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np

from portal.bulk import Column, labels, picks, write
from portal.contactdata import ContactData, json_datum
from portal.database import Database
from portal.population import OWN_COMPANIES, Cards, People
from portal.staff import ADMIN
from portal.timeline import Ints, Timeline
from portal.words import (
    COMPANY_FORMS,
    COMPANY_HEADS,
    COMPANY_TAILS,
    FEMALE_NAMES,
    JUNK,
    MALE_NAMES,
    PATRONYMIC_STEMS,
    POSTS,
    PUBLIC_MAIL,
    SURNAMES,
    TOWNS,
    feminine,
    latin,
)

_FEMININE: Final = [feminine(surname) for surname in SURNAMES]
_LATIN_SURNAMES: Final = [latin(surname) for surname in SURNAMES]
_LATIN_HEADS: Final = [latin(word) for word in COMPANY_HEADS]
_LATIN_TAILS: Final = [latin(word) for word in COMPANY_TAILS]
_SOURCES: Final = (
    "CALL",
    "EMAIL",
    "WEB",
    "ADVERTISING",
    "RECOMMENDATION",
    "TRADE_SHOW",
    "OTHER",
    "",
)
_INDUSTRIES: Final = (
    "IT",
    "TELECOM",
    "MANUFACTURING",
    "CONSULTING",
    "FINANCE",
    "DELIVERY",
    "OTHER",
    "",
)


def write_cards(
    rng: np.random.Generator, people: People, timeline: Timeline, database: Database
) -> None:
    """Write all companies, the portal owner's own ones too, and all contacts."""
    companies, contacts = people.companies, people.contacts
    firm_names = _FirmNames(rng, companies)
    _write_own_companies(timeline, database)
    write(
        database,
        "companies",
        len(companies),
        {
            "ID": companies.ids,
            "TITLE": firm_names.titles,
            "COMPANY_TYPE": picks(
                rng, ("CUSTOMER", "CUSTOMER", "CUSTOMER", "PARTNER", "OTHER", "")
            ),
            "INDUSTRY": picks(rng, _INDUSTRIES),
            **_common_columns(rng, companies, timeline),
            **ContactData(rng, companies, 0, 0.2, firm_names.mails).columns(),
        },
    )
    persons = _Persons(rng, contacts, people, firm_names)
    write(
        database,
        "contacts",
        len(contacts),
        {
            "ID": contacts.ids,
            "NAME": persons.names,
            "SECOND_NAME": persons.second_names,
            "LAST_NAME": persons.surnames,
            "POST": picks(rng, POSTS),
            "TYPE_ID": "CLIENT",
            "SOURCE_ID": picks(rng, _SOURCES),
            "COMPANY_ID": persons.primary,
            "COMPANY_IDS": persons.company_ids,
            **_common_columns(rng, contacts, timeline),
            **ContactData(rng, contacts, 500, 0.01, persons.mails).columns(),
        },
    )


def _write_own_companies(timeline: Timeline, database: Database) -> None:
    moment = timeline.start_s
    phone = f"[{json_datum(1, 'WORK', '+74950000000', 'PHONE')}]"
    write(
        database,
        "companies",
        OWN_COMPANIES,
        {
            "ID": np.arange(1, OWN_COMPANIES + 1),
            "TITLE": np.asarray(["ООО «Вектор»", "ИП Соколов А. В."]),
            "IS_MY_COMPANY": "Y",
            "HAS_PHONE": "Y",
            "PHONE": phone,
            "OPENED": "Y",
            **dict.fromkeys(("ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID"), ADMIN),
            **dict.fromkeys(("DATE_CREATE", "DATE_MODIFY", "LAST_ACTIVITY_TIME"), moment),
        },
    )


def _common_columns(
    rng: np.random.Generator, cards: Cards, timeline: Timeline
) -> dict[str, Column]:
    count = len(cards)
    idle = ((timeline.now_s - cards.entered) * rng.beta(0.35, 2.0, count)).astype(np.int64)
    modified = cards.entered + np.where(rng.random(count) < 0.4, 0, idle)
    return {
        "ASSIGNED_BY_ID": cards.manager,
        "CREATED_BY_ID": cards.creator,
        "MODIFY_BY_ID": cards.manager,
        "DATE_CREATE": cards.created,
        "DATE_MODIFY": modified,
        "LAST_ACTIVITY_TIME": modified,
        "LAST_ACTIVITY_BY": cards.manager,
        "OPENED": "Y",
        "ORIGINATOR_ID": np.where(cards.imported > 0, "IMPORT", ""),
        "ORIGIN_ID": labels("", np.where(cards.imported > 0, cards.ids, 0)),
    }


class _FirmNames:
    """Titles of companies and their mail domains, by place."""

    def __init__(self, rng: np.random.Generator, cards: Cards) -> None:
        count = len(cards)
        self._rng = rng
        self._junk = cards.junk
        self._head = cards.twinned(rng.integers(0, len(COMPANY_HEADS), count))
        self._tail = cards.twinned(rng.integers(0, len(COMPANY_TAILS), count))
        self._form = cards.twinned(rng.integers(0, 20, count))
        self._town = cards.twinned(rng.integers(0, len(TOWNS) * 3, count))
        self._surname = rng.integers(0, len(SURNAMES), count)

    def titles(self, piece: slice) -> Sequence[str]:
        columns = (self._head, self._tail, self._form, self._town, self._surname, self._junk)
        rows = zip(*(column[piece].tolist() for column in columns), strict=True)
        return [self._title(*row) for row in rows]

    def _title(self, head: int, tail: int, form: int, town: int, surname: int, junk: bool) -> str:
        if junk:
            return JUNK[(head * 31 + tail) % len(JUNK)]
        if form >= 17:
            initials = f"{MALE_NAMES[head % len(MALE_NAMES)][0]}. {MALE_NAMES[tail % 28][0]}."
            return f"ИП {SURNAMES[surname]} {initials}"
        name = COMPANY_HEADS[head] + COMPANY_TAILS[tail].lower()
        if town < len(TOWNS):
            name = f"{name}-{TOWNS[town]}"
        legal = COMPANY_FORMS[form] if form < len(COMPANY_FORMS) else "ООО"
        return f"{name} ({legal})" if form == 16 else f"{legal} «{name}»"

    def domain(self, place: int) -> str:
        """Mail domain of the company at this place."""
        return f"{_LATIN_HEADS[self._head[place]]}{_LATIN_TAILS[self._tail[place]]}.example"

    def mails(self, piece: slice) -> list[str]:
        return [f"info@{self.domain(place)}" for place in range(piece.start, piece.stop)]


class _Persons:
    """Names, mails and companies of contacts, by place."""

    def __init__(
        self, rng: np.random.Generator, cards: Cards, people: People, firm_names: _FirmNames
    ) -> None:
        count = len(cards)
        self._firm_names = firm_names
        self._junk = cards.junk
        self._is_female = cards.twinned((rng.random(count) < 0.5).astype(np.int64))
        self._name = cards.twinned(rng.integers(0, len(MALE_NAMES), count))
        self._surname = cards.twinned(rng.integers(0, len(SURNAMES), count))
        self._second = rng.integers(0, len(PATRONYMIC_STEMS) * 2, count)
        self._number = rng.integers(1, 9999, count)
        self._company = people.company_of
        ids = np.append(people.companies.ids, 0)
        self.primary = ids[people.company_of]
        self._more: dict[int, list[int]] = {}
        for contact, company in people.extra_links.tolist():
            self._more.setdefault(contact, []).append(int(ids[company]))
        # Some people are bound to the portal owner's own company first.
        for contact in np.flatnonzero((people.company_of >= 0) & (rng.random(count) < 0.001)):
            self._more.setdefault(int(contact), []).append(int(self.primary[contact]))
            self.primary[contact] = OWN_COMPANIES

    def names(self, piece: slice) -> Sequence[str]:
        rows = self._rows(piece, self._name)
        return [
            JUNK[name % len(JUNK)] if junk else (FEMALE_NAMES if female else MALE_NAMES)[name]
            for name, female, junk in rows
        ]

    def surnames(self, piece: slice) -> Sequence[str]:
        rows = self._rows(piece, self._surname)
        return [
            JUNK[surname % len(JUNK)] if junk else (_FEMININE if female else SURNAMES)[surname]
            for surname, female, junk in rows
        ]

    def second_names(self, piece: slice) -> Sequence[str]:
        known = len(PATRONYMIC_STEMS)
        return [
            PATRONYMIC_STEMS[second] + ("овна" if female else "ович")
            if second < known and not junk
            else ""
            for second, female, junk in self._rows(piece, self._second)
        ]

    def _rows(self, piece: slice, values: Ints) -> zip[tuple[int, int, bool]]:
        columns = (values, self._is_female, self._junk)
        return zip(*(column[piece].tolist() for column in columns), strict=True)

    def company_ids(self, piece: slice) -> list[str]:
        texts = [
            "[]" if not company else f"[{company}]" for company in self.primary[piece].tolist()
        ]
        for place in range(piece.start, piece.stop):
            if place in self._more:
                every = [int(self.primary[place]), *self._more[place]]
                texts[place - piece.start] = json.dumps(list(dict.fromkeys(every)))
        return texts

    def mails(self, piece: slice) -> list[str]:
        columns = (self._surname, self._number, self._company)
        rows = zip(*(column[piece].tolist() for column in columns), strict=True)
        return [
            f"{_LATIN_SURNAMES[surname]}@{self._firm_names.domain(company)}"
            if company >= 0 and number % 3
            else f"{_LATIN_SURNAMES[surname]}{number}@{PUBLIC_MAIL[number % len(PUBLIC_MAIL)]}"
            for surname, number, company in rows
        ]

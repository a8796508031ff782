"""The marks of one company or contact as the portal's card holds them (spec §3.8); pure.

All that is asked goes in one batch. Options are known by their XML_ID; which ids they have in this
portal is asked once and kept.
"""

import json
from typing import Any

from ui.place import CONTACT
from ui.wording import days_in_month

PREFIX = "UF_CRM_CLB_"
CODES = {
    "type": ("b2b", "b2c"),
    "lifecycle": ("active", "dormant", "lost", "requests", "dialogs", "contacts", "empty"),
    "frequency": ("regular", "first", "none"),
}
"""Marks with options, and the XML_IDs of these."""
MARKS = ("parent", "type", "lifecycle", "frequency", "last_pay", "payments", "dialogs", "contacts")
_EMPTY: tuple[Any, ...] = (None, "", [])
_TRUE = ("1", "y", "true")
_LONGEST_NUMBER = 15

MARKED = "marked"
UNMARKED = "unmarked"
"""The portal has the fields, this card has nothing in them."""
NO_FIELDS = "no_fields"
"""Nobody has prepared the portal for marks."""
OWN = "own"
"""One of the portal owner's own companies, which are no clients (spec §3.1)."""

GONE, DENIED, REFUSED = "gone", "denied", "refused"


def field(mark: str) -> str:
    """The portal's name of a mark's field."""
    return PREFIX + mark.upper()


def commands(entity: str, id: int, with_options: bool) -> list[tuple[str, str]]:
    """Names and commands of a batch: the card, a contact's company, and what the options are."""
    method = "crm." + entity
    asked = [("card", method + ".get?id=" + str(id))]
    if entity == CONTACT:
        asked.append(("company", "crm.company.get?id=$result[card][COMPANY_ID]"))
    if with_options:
        for mark in CODES:
            listed = method + ".userfield.list?filter[FIELD_NAME]=" + field(mark)
            asked.append((mark, listed))
    return asked


class Options:
    """Codes by option ids, of the marks with options: ``{"lifecycle": {"41": "active"}}``."""

    def __init__(self, codes: dict[str, dict[str, str]]) -> None:
        self.codes = codes

    @classmethod
    def of(cls, answers: dict[str, Any]) -> "Options":
        """From the answers to ``commands``; of another app's field of the same name nothing."""
        known: dict[str, dict[str, str]] = {}
        for mark in CODES:
            known[mark] = {}
            for row in _rows(answers.get(mark)):
                for option in _rows(row.get("LIST")):
                    if option.get("XML_ID") in CODES[mark]:
                        known[mark][str(option.get("ID"))] = str(option["XML_ID"])
        return cls(known)

    @classmethod
    def from_text(cls, text: str | None) -> "Options":
        """What ``to_text`` gave; nothing where it is not that."""
        try:
            told = json.loads(text or "{}")
        except ValueError:
            told = {}
        known: dict[str, dict[str, str]] = {}
        for mark in CODES:
            codes = told.get(mark) if isinstance(told, dict) else None
            codes = codes if isinstance(codes, dict) else {}
            known[mark] = {id: code for id, code in codes.items() if code in CODES[mark]}
        return cls(known)

    def to_text(self) -> str:
        """As JSON."""
        return json.dumps(self.codes)

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return all([bool(codes) for codes in self.codes.values()])

    def explain(self, row: dict[str, Any]) -> bool:
        """Whether every option of a card is among them: a field that somebody has made again has
        others.
        """
        for mark in CODES:
            value = row.get(field(mark))
            if value not in _EMPTY and value is not False and str(value) not in self.codes[mark]:
                return False
        return True


class CardMarks:
    """``state`` is one of the words above. ``codes`` are those of type, lifecycle and frequency,
    empty where there is none; ``last_pay`` year, month and day or None; ``payments``, ``dialogs``
    and ``contacts`` are None where nothing is written; ``company`` is the parent's id or 0, of a
    contact without marks its company's, ``company_name`` its name where it could be read.
    """

    def __init__(self, entity: str, row: dict[str, Any], company: Any, options: Options) -> None:
        self.codes: dict[str, str] = {}
        for mark in CODES:
            self.codes[mark] = options.codes[mark].get(str(row.get(field(mark))), "")
        self.last_pay = _day(row.get(field("last_pay")))
        self.payments = _number(row.get(field("payments")))
        self.dialogs = _truth(row.get(field("dialogs")))
        self.contacts = _truth(row.get(field("contacts")))
        self.state = _state(row)
        bound = (_number(row.get("COMPANY_ID")) or 0) if entity == CONTACT else 0
        parent = _number(_bare(row.get(field("parent"))))
        self.company = parent or (bound if self.state != MARKED else 0)
        company = company if isinstance(company, dict) else {}
        same = self.company and _number(company.get("ID")) == self.company
        self.company_name = " ".join(str(company.get("TITLE") or "").split()) if same else ""


def refusal(error: Any) -> str:
    """Why the portal does not tell of a card: ``gone``, ``denied`` or ``refused``."""
    told = error if isinstance(error, dict) else {}
    words = (str(told.get("error")) + " " + str(told.get("error_description"))).lower()
    if "denied" in words:
        return DENIED
    return GONE if "not found" in words or "not_found" in words else REFUSED


def _state(row: dict[str, Any]) -> str:
    if row.get("IS_MY_COMPANY") == "Y":
        return OWN
    there = [mark for mark in MARKS if field(mark) in row]
    if not there:
        return NO_FIELDS
    # An empty yes-or-no field may come as "no".
    told = [mark for mark in CODES if row.get(field(mark)) not in (None, "", [], False)]
    return MARKED if told else UNMARKED


def _rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; PHP may write it as an object with numbers for names."""
    if isinstance(value, dict):
        value = list(value.values())
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _bare(value: Any) -> Any:
    """A company's id without the prefix that some fields give it."""
    return value[3:] if isinstance(value, str) and value[:3] == "CO_" else value


def _number(value: Any) -> int | None:
    text = str(value)
    plain = 0 < len(text) <= _LONGEST_NUMBER and all(digit in "0123456789" for digit in text)
    return int(text) if plain else None


def _truth(value: Any) -> bool | None:
    return None if value in _EMPTY else str(value).lower() in _TRUE


def _day(value: Any) -> tuple[int, int, int] | None:
    """The calendar day of a moment: a portal shows a day as a midnight in some offset, its own or
    another's; an evening is the midnight after it, seen from the west.
    """
    text = str(value)
    year, month, day = _number(text[0:4]), _number(text[5:7]), _number(text[8:10])
    if not year or not month or not day or month > 12 or text[4:5] != "-":
        return None
    if text[10:13] >= "T12":
        day += 1
        if day > days_in_month(year, month):
            day, month = 1, month + 1
        if month > 12:
            month, year = 1, year + 1
    return year, month, day

"""Search as you type: words in any order, whatever their case, their ё and the signs in phones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import repeat
from operator import contains

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
"""Row numbers."""
Texts = NDArray[np.object_]
"""Python strings."""

_INVISIBLE = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_PHONE_LIKE = re.compile("[-+().\u2010-\u2015/]*[0-9][-+().\u2010-\u2015/0-9]*")
_NO_DIGITS = re.compile("[^0-9\n\x00]+")
_RUSSIAN_NUMBER = re.compile("(?<![0-9])[78]([0-9]{10})(?![0-9])")
_ROW, _PART = "\x00", "\n"
WHOLE_PHONES = range(10, 13)
"""Digits of a phone with its country, or without."""


def fold(text: str) -> str:
    """A text as it is compared: small letters, no ё, no invisible signs."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return _INVISIBLE.sub("", text)


def folded(texts: Sequence[str]) -> list[str]:
    """Every text as ``fold`` gives it, all at once."""
    parts = fold(_ROW.join(texts)).split(_ROW)
    if len(parts) == len(texts):
        return parts
    return [fold(text.replace(_ROW, " ")) for text in texts]


def digits_of(phones: Sequence[str]) -> list[str]:
    """The digits of the phones in every text, one phone a line; a Russian number as it begins with
    7 and as it begins with 8.
    """
    digits = _NO_DIGITS.sub("", _ROW.join(phones))
    parts = _RUSSIAN_NUMBER.sub(r"7\1" + _PART + r"8\1", digits).split(_ROW)
    if len(parts) == len(phones):
        return parts
    return digits_of([text.replace(_ROW, " ") for text in phones])


class Index:
    """What rows are found by: a folded text each."""

    def __init__(self, texts: Sequence[Sequence[str]], phones: Sequence[str]) -> None:
        """``texts`` are columns of what is found as it is written, as long as ``phones``."""
        whole = map(_PART.join, zip(*texts, strict=True))
        parts = zip(folded(list(whole)), digits_of(phones), strict=True)
        self._texts = as_objects([_PART.join(part) for part in parts])

    def matching(self, search: str, rows: Rows) -> Rows:
        """Those of the ``rows`` in which every word of ``search`` occurs."""
        for word in sorted(_words(search), key=len, reverse=True):
            rows = self._with(word, rows)
        return rows

    def _with(self, word: str, rows: Rows) -> Rows:
        texts = self._texts[rows]
        found = np.zeros(len(rows), np.bool_)
        for form in _forms(word):
            found |= containing(form, texts)
        return rows[found]


def narrows(search: str, earlier: str) -> bool:
    """Whether whatever ``search`` finds is sure to be among what ``earlier`` finds: so it is while
    a word is being typed.
    """
    words = _words(search)
    return all(any(_implies(word, known) for word in words) for known in _words(earlier))


def _words(search: str) -> set[str]:
    """What is looked for; a whole phone is one word, however it is divided."""
    words = fold(search).split()
    digits = _NO_DIGITS.sub("", "".join(words))
    if all(map(_PHONE_LIKE.fullmatch, words)) and len(digits) in WHOLE_PHONES:
        return {" ".join(words)}
    return set(words)


def _implies(word: str, known: str) -> bool:
    return all(any(one in form for one in _forms(known)) for form in _forms(word))


def _forms(word: str) -> set[str]:
    """What a word may look like in a row: a phone is there without its signs too."""
    digits = _NO_DIGITS.sub("", word)
    return {word, digits} if _PHONE_LIKE.fullmatch(word.replace(" ", "")) else {word}


def as_objects(texts: Sequence[str]) -> Texts:
    """Texts as an array, from which some are taken quickly."""
    array: Texts = np.empty(len(texts), object)
    array[:] = texts
    return array


def containing(word: str, texts: Texts) -> NDArray[np.bool_]:
    """Which texts a word occurs in, without a step that would be interpreted."""
    return np.fromiter(map(contains, texts.tolist(), repeat(word)), np.bool_, len(texts))

"""THIRD_PARTY.md: what a release ships that was made by others, and under which licence.

``python .ci/licences.py`` writes docs/THIRD_PARTY.md; every build makes the same text anew.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from pathlib import Path

from parts import Part, all_parts

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs/THIRD_PARTY.md"
# Where files lie that are not of this repository's own making, unless a part says otherwise.
FOREIGN = "static/vendor/"

_TEXTS = Path(__file__).with_name("licence_texts")
_NO_TEXT = {"public domain"}
_FENCE = "````"
# What differs from one copy of the same licence to the next: its title, the years and the names.
_VARYING = re.compile(
    r"^\W*((the )?(mit|isc|bsd)\b.*licen[sc]e.*"
    r"|copyright (?=.*(\d{4}|\(c\))).*|all rights reserved\W*)$",
    re.I | re.M,
)
_INTRODUCTION = """# Third-party software in this release

Made by `npm run licences` from the locked packages; do not edit.

Files are named as in the repository; in a release their names, or those of their folders, carry a
hash besides. Licences have their SPDX names; their texts follow the table, those that a part words
in its own way under the name of the part.

Python packages and the standard library are byte-compiled: tests, types and documentation are taken
out, the code is unchanged. The Russian locale of plotly.js is wrapped into a script, the design
tokens are a selection. All else is shipped as published. The source of everything, so also of what
is under MPL-2.0, is at the address given.
"""


def third_party(root: Path) -> str:
    """Returns the text of THIRD_PARTY.md."""
    parts = all_parts(root)
    common = _common_texts(parts)
    own = {part.name: _own_texts(part, common.values()) for part in parts}
    chapters = [
        *(_chapter(licence, [text]) for licence, text in sorted(common.items())),
        *(_chapter(name, texts) for name, texts in own.items() if texts),
    ]
    rows = [_row(part) for part in parts]
    table = [
        "| part | version | licence | copyright | where | source |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([_INTRODUCTION, *table, *rows, "", "\n\n".join(chapters), ""])


def unclaimed(paths: Iterable[str], parts: Iterable[Part]) -> list[str]:
    """Returns those of the paths that are foreign and belong to no part."""
    patterns = [pattern for part in parts for pattern in part.files]
    return [
        path
        for path in paths
        if path.startswith(FOREIGN)
        and not any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)
    ]


def _row(part: Part) -> str:
    files = " ".join(f"`{pattern}`" for pattern in part.files)
    where = ", ".join(filter(None, [files, part.within and f"in {part.within}"]))
    whose = "; ".join(part.copyright) or "nobody's"
    cells = [part.name, part.version, part.licence, whose, where, part.source]
    return f"| {' | '.join(cells)} |"


def _chapter(title: str, texts: Iterable[str]) -> str:
    fenced = "\n\n".join(f"{_FENCE}\n{text.strip()}\n{_FENCE}" for text in texts)
    return f"## {title}\n\n{fenced}"


def _common_texts(parts: Iterable[Part]) -> dict[str, str]:
    """The texts of the licences of parts that bring none or the very same."""
    names = {
        name
        for part in parts
        for name in re.split(r" (?:AND|OR|WITH) ", part.licence)
        if name not in _NO_TEXT and not part.texts
    }
    return {name: (_TEXTS / f"{name}.txt").read_text() for name in names}


def _own_texts(part: Part, common: Iterable[str]) -> list[str]:
    """The texts of a part that say something which the common ones do not."""
    known = {_wording(text) for text in common}
    return [text for text in part.texts if _wording(text) not in known]


def _wording(text: str) -> str:
    """The words of a licence without its title, years and names."""
    terms = text.partition("END OF TERMS AND CONDITIONS")[0]
    return " ".join(re.findall(r"[a-z]+", _VARYING.sub("", terms).lower()))


if __name__ == "__main__":
    DOCUMENT.write_text(third_party(ROOT))
    print(f"{DOCUMENT.relative_to(ROOT)} is written")

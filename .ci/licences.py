"""THIRD_PARTY.md: what a release ships that was made by others, and under which licence."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

# Packages of package-lock.json whose code is shipped, with where their source is. PyScript's bundle
# holds the packages that it depends on.
_SHIPPED = {
    "@pyscript/core": "https://github.com/pyscript/pyscript",
    "pyodide": "https://github.com/pyodide/pyodide",
    "@micropython/micropython-webassembly-pyscript": "https://github.com/micropython/micropython",
    "plotly.js-basic-dist-min": "https://github.com/plotly/plotly.js",
    "plotly.js-locales": "https://github.com/plotly/plotly.js",
    "idb": "https://github.com/jakearchibald/idb",
    "tabulator-tables": "https://github.com/tabulator-tables/tabulator",
}
_PYTHON = ("CPython's standard library", "PSF-2.0", "https://github.com/python/cpython")
_INTRODUCTION = """# Third-party software in this release

Python packages and the standard library are byte-compiled: tests, types and documentation are taken
out, the code is unchanged. The JavaScript and WebAssembly of Pyodide (MPL-2.0) are shipped as
published; the source of all its parts is at the address below.
The texts of licences that are not printed here: [MPL-2.0](https://www.mozilla.org/MPL/2.0/),
[PSF-2.0](https://docs.python.org/3/license.html), [MIT](https://opensource.org/license/mit).
"""


@dataclass(frozen=True)
class Part:
    """One piece of software in the release; ``texts`` are the licence files that it brings."""

    name: str
    version: str
    licence: str
    source: str
    texts: tuple[str, ...]


def third_party(root: Path) -> str:
    """Returns the text of THIRD_PARTY.md."""
    parts = [*_node_packages(root), *_wheels(root), _python(root)]
    rows = [f"| {part.name} | {part.version} | {part.licence} | {part.source} |" for part in parts]
    table = ["| part | version | licence | source |", "|---|---|---|---|", *rows]
    chapters = [
        f"## {part.name} {part.version}\n\n"
        + "\n\n".join(f"```\n{text}\n```" for text in part.texts)
        for part in parts
        if part.texts
    ]
    return "\n".join([_INTRODUCTION, *table, "", "\n\n".join(chapters), ""])


def _node_packages(root: Path) -> list[Part]:
    locked = json.loads((root / "package-lock.json").read_text())["packages"]
    names = set(_SHIPPED)
    waiting = ["@pyscript/core"]
    while waiting:
        package = f"node_modules/{waiting.pop()}"
        for name in locked[package].get("dependencies", {}):
            if name not in names and not name.startswith("@types/"):
                names.add(name)
                waiting.append(name)
    return [_node_package(root, name, locked[f"node_modules/{name}"]) for name in sorted(names)]


def _node_package(root: Path, name: str, locked: dict[str, str]) -> Part:
    folder = root / "node_modules" / name
    files = sorted(path for path in folder.glob("LICEN[CS]E*") if path.is_file())
    source = _SHIPPED.get(name) or f"npm: {name}"
    texts = tuple(path.read_text().strip() for path in files)
    return Part(name, locked["version"], locked.get("license", "see its source"), source, texts)


def _wheels(root: Path) -> list[Part]:
    folder = root / "static/vendor/pyodide"
    return [_wheel(path) for path in sorted(folder.glob("*.whl"))]


def _wheel(path: Path) -> Part:
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode()
        texts = tuple(
            wheel.read(name).decode().strip()
            for name in names
            if re.search(r"\.dist-info/(licenses/)?(LICEN[CS]E|COPYING)[^/]*$", name)
        )
    fields = dict(re.findall(r"^(Name|Version|License|License-Expression): (.+)$", metadata, re.M))
    licence = fields.get("License-Expression") or fields.get("License", "see below")
    return Part(fields["Name"], fields["Version"], licence, f"PyPI: {fields['Name']}", texts)


def _python(root: Path) -> Part:
    lock = json.loads((root / "static/vendor/pyodide/pyodide-lock.json").read_text())
    name, licence, source = _PYTHON
    return Part(name, lock["info"]["python"], licence, source, ())

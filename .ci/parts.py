"""What a release ships that was made by others: every part with its licence and its files.

Packages tell most of it themselves: package-lock.json, their licence files, the source maps of
PyScript's bundle, the metadata of wheels. The rest is in third_party.toml.
"""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PYSCRIPT = "@pyscript/core"

_RECORDS = Path(__file__).with_name("third_party.toml")
_WHEELS = "static/vendor/pyodide"
_LICENCE_FILE = re.compile(
    r"\.dist-info/(licenses/.+|(LICEN[CS]E|COPYING)[^/]*)$|/_vendored/.+/LICENSE[^/]*$"
)
_COPYRIGHT = re.compile(r"^\W*copyright\s+(?:\(c\)|©)?\s*((?=.*\d{4})[^\[\]\n]+)$", re.I | re.M)
_ADDRESS = re.compile(r"\s*<[^>]*>")
# How packages name a licence that has an SPDX name.
_SPDX = {
    "APACHE-2.0": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "Mozilla Public License Version 2.0": "MPL-2.0",
}


class Unlisted(Exception):
    """Something is shipped and nothing says what it is."""


@dataclass(frozen=True)
class Part:
    """One piece of software. ``files`` are patterns of paths in the repository, ``within`` names
    the parts whose files hold it, ``texts`` are the licence files that it brings.
    """

    name: str
    version: str
    licence: str
    source: str
    copyright: tuple[str, ...] = ()
    within: str = ""
    files: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def all_parts(root: Path) -> list[Part]:
    """Returns every part of a release, those with files of their own first. Raises Unlisted."""
    records = tomllib.loads(_RECORDS.read_text())
    known = [_recorded(record) for record in records["parts"]]
    maps = {record["source_map"] for record in records["parts"] if "source_map" in record}
    packages = records["packages"]
    locked = json.loads((root / "package-lock.json").read_text())["packages"]
    parts = [
        _package(root, name, packages[name], locked[f"node_modules/{name}"]["version"])
        for name in packages
        if "files" in packages[name]
    ]
    parts += [_wheel(path) for path in sorted((root / _WHEELS).glob("*.whl"))]
    bundle = locked[f"node_modules/{PYSCRIPT}"]["version"]
    parts += [
        _package(root, name, packages.get(name, {}), f"as of {PYSCRIPT} {bundle}", PYSCRIPT)
        for name in sorted(bundled(root) - maps)
    ]
    return sorted(parts + known, key=lambda part: not part.files)


def bundled(root: Path) -> set[str]:
    """Returns what the shipped files of PyScript hold of others, as their source maps name it: npm
    packages, and paths of modules that were copied into a package.
    """
    maps = root / "node_modules" / PYSCRIPT / "dist"
    shipped = [path.name for path in (root / "static/vendor/pyscript").glob("*.js")]
    sources = [
        source.lstrip("./").removeprefix("node_modules/")
        for name in shipped
        for source in json.loads((maps / f"{name}.map").read_text())["sources"]
    ]
    return {
        source if "/3rd-party/" in source else _package_of(source)
        for source in sources
        if "/3rd-party/" in source or not source.startswith("src/")
    }


def _package_of(source: str) -> str:
    inner = source.split("node_modules/")[-1]
    return "/".join(inner.split("/")[: 2 if inner.startswith("@") else 1])


def _recorded(record: dict[str, Any]) -> Part:
    fields = {key: value for key, value in record.items() if key != "source_map"}
    for key in ("copyright", "files"):
        fields[key] = tuple(fields.get(key, ()))
    return Part(**fields)


def _package(root: Path, name: str, record: dict[str, Any], version: str, within: str = "") -> Part:
    folder = root / "node_modules" / name
    if not (folder / "package.json").exists():
        raise Unlisted(f"{within} holds {name}: give it a record in .ci/third_party.toml")
    facts = json.loads((folder / "package.json").read_text())
    texts = [path.read_text() for path in sorted(folder.glob("LICEN[CS]E*"))]
    return Part(
        record.get("called", name),
        version,
        _SPDX.get(facts["license"], facts["license"]),
        _repository(facts.get("repository")) or f"https://www.npmjs.com/package/{name}",
        tuple(record.get("copyright", _copyrights(texts))),
        within,
        tuple(record.get("files", ())),
        tuple(texts),
    )


def _repository(given: Any) -> str:
    """The address of a package's repository as browsers want it; empty if it names none."""
    url = given["url"] if isinstance(given, dict) else given or ""
    return re.sub(r"^(git\+|git:)?(https:)?//", "https://", url).removesuffix(".git")


def _wheel(path: Path) -> Part:
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode()
        texts = [wheel.read(name).decode() for name in names if _LICENCE_FILE.search(name)]
    fields: dict[str, str] = dict(
        re.findall(r"^(Name|Version|Author|License|License-Expression): (.+)$", metadata, re.M)
    )
    licence = fields.get("License-Expression") or fields["License"]
    addresses = re.findall(
        r"^(?:Project-URL|Home-page): .*?(https://github\.com/\S+)$", metadata, re.M
    )
    return Part(
        fields["Name"],
        fields["Version"],
        _SPDX.get(licence, licence),
        min(addresses, key=len),
        _copyrights(texts) or (fields["Author"],),
        files=(f"{_WHEELS}/{path.name}",),
        texts=tuple(texts),
    )


def _copyrights(texts: Iterable[str]) -> tuple[str, ...]:
    """The holders that the first licence file names."""
    lines = _COPYRIGHT.findall(next(iter(texts), ""))
    return tuple(_ADDRESS.sub("", line).strip(" .,") for line in lines)

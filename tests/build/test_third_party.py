"""Whoever wrote what is shipped is named, with the licence, in docs/THIRD_PARTY.md."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from unit.setup.tools import tool

ROOT = Path(__file__).resolve().parents[2]
HASH = re.compile(r"\.[0-9a-f]{10}(?=[./])")
AGREED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "LLVM-exception",
    "MIT",
    "MPL-2.0",
    "Python-2.0",
    "Zlib",
    "bzip2-1.0.6",
    "public domain",
}
"""Licences under which the work of others may be shipped beside ours."""
RUNTIME = """
import { loadPyodide } from "./static/vendor/pyodide/pyodide.mjs";
const pyodide = await loadPyodide();
console.log(pyodide.runPython(`
import json, sqlite3, sys, zlib
import _decimal
from compression import zstd
from xml.parsers import expat
json.dumps({
    "CPython": sys.version.split()[0],
    "Emscripten": ".".join(map(str, sys._emscripten_info.emscripten_version)),
    "Expat": expat.EXPAT_VERSION.removeprefix("expat_"),
    "SQLite": sqlite3.sqlite_version,
    "Zstandard": zstd.zstd_version,
    "libmpdec": _decimal.__libmpdec_version__,
    "zlib": zlib.ZLIB_RUNTIME_VERSION,
})
`));
"""


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """The tool that writes the document."""
    return tool("licences")


@pytest.fixture(scope="module")
def parts(licences: ModuleType) -> Any:
    """Everything shipped that was made by others."""
    return licences.all_parts(ROOT)


@pytest.fixture(scope="module")
def shipped() -> list[str]:
    """The files of a release by their paths in the repository."""
    release = tool("release").Release(ROOT)
    release.publish_page()
    return [HASH.sub("", path) for path in release.files]


def test_the_document_is_up_to_date(licences: ModuleType) -> None:
    assert licences.DOCUMENT.read_text() == licences.third_party(ROOT), "run `npm run licences`"


def test_every_shipped_file_of_others_belongs_to_a_part(
    licences: ModuleType, parts: Any, shipped: list[str]
) -> None:
    assert licences.unclaimed(shipped, parts) == [], "give them to a part in .ci/third_party.toml"


def test_a_file_of_no_part_is_noticed(licences: ModuleType, parts: Any) -> None:
    strange = "static/vendor/strange.js"
    assert licences.unclaimed([strange, "static/vendor/idb.js"], parts) == [strange]


def test_no_part_is_listed_whose_files_are_not_shipped(parts: Any, shipped: list[str]) -> None:
    patterns = [pattern for part in parts for pattern in part.files]
    assert [each for each in patterns if not any(Path(path).match(each) for path in shipped)] == []


def test_own_files_with_the_copyright_of_others_belong_to_a_part(
    parts: Any, shipped: list[str]
) -> None:
    claimed = {pattern for part in parts for pattern in part.files}
    own = [ROOT / path for path in shipped if re.match(r"(static/(?!vendor)|py/).*\.\w+$", path)]
    named = {
        path.relative_to(ROOT).as_posix()
        for path in own
        if path.is_file() and re.search(rb"Copyright|License", path.read_bytes())
    }
    assert named <= claimed


def test_what_holds_a_part_is_a_part_itself(parts: Any) -> None:
    names = {part.name for part in parts}
    assert {each for part in parts if part.within for each in part.within.split(", ")} <= names


def test_parts_inside_others_are_listed_for_the_version_that_holds_them(parts: Any) -> None:
    versions = {(part.name, part.version) for part in parts}
    held = {
        tuple(each.rsplit(" ", 1))
        for part in parts
        if part.version.startswith("as of ")
        for each in part.version.removeprefix("as of ").split(" and ")
    }
    assert held <= versions


def licence_names(part: Any) -> list[str]:
    return re.split(" (?:AND|OR|WITH) ", part.licence)


def test_every_licence_is_one_that_was_agreed_to(parts: Any) -> None:
    assert {part.name for part in parts if not set(licence_names(part)) <= AGREED} == set()


def test_every_part_has_its_licence_with_a_text(licences: ModuleType, parts: Any) -> None:
    document = licences.DOCUMENT.read_text()
    for part in parts:
        for name in licence_names(part):
            own, common = f"\n## {part.name}\n", f"\n## {name}\n"
            assert name == "public domain" or own in document or common in document, part.name


def test_versions_of_what_is_linked_into_pyodide_are_those_that_it_tells(parts: Any) -> None:
    command = ["node", "--input-type=module", "--eval", RUNTIME]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    listed = {part.name: part.version for part in parts}
    assert {name: listed[name] for name in json.loads(told)} == json.loads(told)


def test_packages_inside_pyscript_are_found_by_its_source_maps(
    licences: ModuleType, tmp_path: Path
) -> None:
    maps = tmp_path / "node_modules/@pyscript/core/dist"
    shipped = tmp_path / "static/vendor/pyscript"
    for folder in (maps, shipped):
        folder.mkdir(parents=True)
    sources = [
        "../src/core.js",
        "../src/3rd-party/toml.js",
        "../node_modules/holder/node_modules/@scope/held/index.js",
        "../node_modules/holder/esm/3rd-party/zip.js",
    ]
    (maps / "core.js.map").write_text(json.dumps({"sources": sources}))
    (maps / "unshipped.js.map").write_text(json.dumps({"sources": ["../node_modules/more/a.js"]}))
    (shipped / "core.js").touch()
    assert tool("parts").bundled(tmp_path) == {
        "src/3rd-party/toml.js",
        "@scope/held",
        "holder/esm/3rd-party/zip.js",
    }

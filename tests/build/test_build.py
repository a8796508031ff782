"""The release that `npm run build` makes."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HASHED = re.compile(r"\.[0-9a-f]{10}[./]")
NAMED_BY_OTHERS = {"index.html", "manifest.json", "THIRD_PARTY.md"}


def built(folder: Path) -> Path:
    """The zip of a release built into the folder."""
    command = [sys.executable, str(ROOT / ".ci/build.py"), str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.zip"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release."""
    return built(tmp_path_factory.mktemp("release"))


def files_in(archive: Path) -> dict[str, bytes]:
    """Path and content of every file of the zip."""
    with zipfile.ZipFile(archive) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def test_the_same_source_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert built(tmp_path / "again").read_bytes() == archive.read_bytes()


def test_the_page_lies_in_the_root_of_the_zip(archive: Path) -> None:
    assert "index.html" in files_in(archive)


def test_the_folder_holds_what_the_zip_holds(archive: Path) -> None:
    for path, content in files_in(archive).items():
        assert (archive.parent / path).read_bytes() == content, path


def test_the_manifest_names_every_other_file_with_its_hash_and_size(archive: Path) -> None:
    files = files_in(archive)
    listed = json.loads(files.pop("manifest.json"))["files"]
    assert listed == {
        path: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for path, content in files.items()
    }


def test_every_name_but_the_well_known_ones_carries_the_hash_of_its_content(archive: Path) -> None:
    assert {path for path in files_in(archive) if not HASHED.search(path)} == NAMED_BY_OTHERS


def test_whatever_the_page_and_the_configurations_refer_to_is_there(archive: Path) -> None:
    files = files_in(archive)
    page = files["index.html"].decode()
    references = re.findall(r'\s(?:src|href|config)="(?!https?:|#|data:)([^"]+)"', page)
    assert references
    for reference in references:
        path = posixpath.normpath(reference)
        assert path in files, reference
        if path.endswith(".json"):
            configuration = json.loads(files[path])
            places = configuration["js_modules"].values()
            inner = [*configuration["files"], *(module for place in places for module in place)]
            for deeper in inner:
                assert posixpath.normpath(posixpath.join(posixpath.dirname(path), deeper)) in files


def test_licences_of_all_that_is_shipped_are_told(archive: Path) -> None:
    text = files_in(archive)["THIRD_PARTY.md"].decode()
    for part in (
        "pyodide",
        "@pyscript/core",
        "numpy",
        "pandas",
        "idb",
        "plotly",
        "micropython",
        "CPython",
    ):
        assert part in text
    assert "BSD 3-Clause License" in text

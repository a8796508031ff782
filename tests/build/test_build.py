"""The release that `npm run build` makes."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HASHED = re.compile(r"\.[0-9a-f]{10}[./]")
NAMED_BY_OTHERS = {"index.html", "SHA256SUMS", "THIRD_PARTY.md"}


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


def test_the_sums_name_every_other_file_with_its_hash(archive: Path) -> None:
    files = files_in(archive)
    lines = files.pop("SHA256SUMS").decode().splitlines()
    assert {path: content for content, path in (line.split("  ", 1) for line in lines)} == {
        path: hashlib.sha256(content).hexdigest() for path, content in files.items()
    }


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not there")
def test_the_usual_command_checks_the_release_by_its_sums(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as whole:
        whole.extractall(tmp_path)
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    page = tmp_path / "index.html"
    page.write_text(page.read_text() + " ")
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "index.html" in done.stdout


def test_the_browser_is_told_the_hash_of_what_the_page_loads(archive: Path) -> None:
    files = files_in(archive)
    page = files["index.html"].decode()
    tags = [
        tag
        for tag in re.findall(r"<(?:script|link)[^>]+>", page)
        if re.search(r' (src|href)="\./', tag)
        and not re.search(r'type="(py|mpy)"| rel="icon"| data-own-file', tag)
    ]
    assert tags
    for tag in tags:
        told = re.search(r' (?:src|href)="\./([^"]+)" integrity="sha384-([^"]+)"', tag)
        assert told, tag
        digest = hashlib.sha384(files[told[1]]).digest()
        assert base64.b64decode(told[2]) == digest, tag


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
        configuration = json.loads(files[path]) if path.endswith(".json") else {}
        if "interpreter" in configuration:
            places = configuration["js_modules"].values()
            inner = [*configuration["files"], *(module for place in places for module in place)]
            for deeper in inner:
                assert posixpath.normpath(posixpath.join(posixpath.dirname(path), deeper)) in files

"""Wheels for the browser count only with the SHA-256 of the lock file, whatever their source."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .tools import tool

CONTENT = {"a.whl": b"first wheel", "b.whl": b"second wheel"}
WANTED = {file: hashlib.sha256(content).hexdigest() for file, content in CONTENT.items()}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def cdn(tmp_path: Path) -> Iterator[Path]:
    """The folder that the CDN of these tests gives out."""
    folder = tmp_path / "cdn"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        (folder / "port").write_text(str(server.server_port))
        yield folder
        server.shutdown()


@pytest.fixture
def wheels(cdn: Path, tmp_path: Path) -> ModuleType:
    """The tool with a CDN and a cache of its own."""
    module = tool("wheels")
    module.CACHE = tmp_path / "cache"
    module.CACHE.mkdir()
    module.CDN = f"http://127.0.0.1:{(cdn / 'port').read_text()}/{{file}}"
    return module


def lock(folder: Path) -> Path:
    """A lock file that names the two wheels."""
    packages = {file[0]: {"file_name": file, "sha256": digest} for file, digest in WANTED.items()}
    path = folder / "pyodide-lock.json"
    path.write_text(json.dumps({"packages": packages}))
    return path


def test_whole_files_are_kept(wheels: ModuleType, cdn: Path) -> None:
    for file, content in CONTENT.items():
        (cdn / file).write_bytes(content)
    assert wheels.from_cdn("1", WANTED) is None
    assert {file: (wheels.CACHE / file).read_bytes() for file in CONTENT} == CONTENT
    assert wheels.missing(WANTED) == {}


def test_a_file_with_other_content_is_refused(wheels: ModuleType, cdn: Path) -> None:
    (cdn / "a.whl").write_bytes(b"something else")
    assert "SHA-256" in wheels.from_cdn("1", WANTED)
    assert list(wheels.CACHE.iterdir()) == []


def test_the_first_refusal_of_the_cdn_is_final(wheels: ModuleType, cdn: Path) -> None:
    (cdn / "b.whl").write_bytes(CONTENT["b.whl"])
    assert "a.whl" in wheels.from_cdn("1", WANTED)
    assert not (wheels.CACHE / "b.whl").exists()


def test_a_damaged_file_in_the_cache_is_fetched_again(wheels: ModuleType) -> None:
    (wheels.CACHE / "a.whl").write_bytes(CONTENT["a.whl"])
    (wheels.CACHE / "b.whl").write_bytes(CONTENT["b.whl"][:5])
    assert wheels.missing(WANTED) == {"b.whl": WANTED["b.whl"]}


def test_the_wheel_on_pypi_stands_in_for_the_cdn(
    wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(command: list[str], **_: Any) -> Any:
        target = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(target / "bundle.whl", "w") as bundle:
            for file, content in CONTENT.items():
                bundle.writestr(wheels.BUNDLE_FOLDER + file, content)
        return type("Done", (), {"returncode": 0, "stderr": ""})

    monkeypatch.setattr(wheels.subprocess, "run", download)
    wheels.fetch(lock(tmp_path), "1", ["a", "b"])
    assert wheels.missing(WANTED) == {}


def test_when_no_source_answers_every_attempt_is_told(
    wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = type("Done", (), {"returncode": 1, "stderr": "no network"})
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: refused)
    with pytest.raises(wheels.Missing) as told:
        wheels.fetch(lock(tmp_path), "1", ["a", "b"])
    assert "a.whl" in str(told.value)
    assert "no network" in str(told.value)


def own(folder: Path, wheels: ModuleType) -> None:
    """A lock of our own with a package that Pyodide does not know."""
    entry = {"version": "2.0", "file_name": "c.whl", "sha256": hashlib.sha256(b"own").hexdigest()}
    wheels.OWN = folder / "wheels.json"
    wheels.OWN.write_text(json.dumps({"c": entry}))


@pytest.mark.parametrize("content", [b"own", b"something else"])
def test_a_package_that_pyodide_does_not_know_comes_from_pypi(
    content: bytes, wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(command: list[str], **_: Any) -> Any:
        assert command[-1] == "c==2.0"
        (Path(command[command.index("--dest") + 1]) / "c.whl").write_bytes(content)
        return type("Done", (), {"returncode": 0, "stderr": ""})

    own(tmp_path, wheels)
    monkeypatch.setattr(wheels.subprocess, "run", download)
    if content == b"own":
        wheels.fetch(lock(tmp_path), "1", ["c"])
        assert (wheels.CACHE / "c.whl").read_bytes() == b"own"
        return
    with pytest.raises(wheels.Missing) as told:
        wheels.fetch(lock(tmp_path), "1", ["c"])
    assert "SHA-256" in str(told.value)
    assert not (wheels.CACHE / "c.whl").exists()


def test_our_own_lock_names_the_version_that_the_tests_use() -> None:
    root = Path(__file__).resolve().parents[3]
    for name, package in json.loads((root / ".ci/wheels.json").read_text()).items():
        requirement = f"{name}=={package['version']} \\\n    --hash=sha256:{package['sha256']}"
        assert requirement in (root / "tests/requirements.txt").read_text()

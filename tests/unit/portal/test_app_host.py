"""The app's host: what it gives out, to whom, in which form."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portal.database import Database
from portal.front import app_host
from portal.state import Options, PortalState

INDEX = '<script src="https://api.bitrix24.com/api/v1/"></script>'
FILES = {
    "index.html": INDEX,
    "pyscript.toml": "packages = []",
    "py/ui/main.py": "pass",
    "py/ui/__pycache__/main.pyc": "secret",
    "static/policy.js": "let a = 1;\n" * 300,
    "static/vendor/core.mjs": "export {}",
    "static/vendor/pyodide.asm.wasm": "\0asm" * 1000,
    "static/vendor/pandas-3.0.2-cp314.whl": "PK" * 1000,
    "static/vendor/core-1f2e3d4c5b6a.js": "let b;",
    "static/.hidden": "secret",
    "package.json": "{}",
    "tests/secret.py": "secret",
    ".git/config": "secret",
}


class Host:
    """Asks the app's host without a network."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app=app)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, options))

    async def _ask(self, method: str, path: str, options: Any) -> httpx.Response:
        base = "http://portal.test:9001"
        async with httpx.AsyncClient(transport=self._transport, base_url=base) as client:
            return await client.request(method, path, **options)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    folder = tmp_path / "app"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (tmp_path / "outside.js").write_text("secret", "utf-8")
    (folder / "static/link.js").symlink_to(tmp_path / "outside.js")
    database = Database.create(None)
    state = PortalState(database, Options(port=9000, app_folder=str(folder)))
    yield Host(app_host(state))
    database.close()


@pytest.mark.parametrize("path", ["/", "/index.html", "/?DOMAIN=portal.test&PROTOCOL=0&APP_SID=1"])
def test_the_page_answers_post_like_get_and_names_the_portals_script(host: Host, path: str) -> None:
    for answer in (host.get(path), host.post(path, data={"AUTH_ID": "1"})):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == '<script src="http://portal.test:9000/bx24.js"></script>'
        assert "x-frame-options" not in answer.headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("pyscript.toml", "application/toml"),
        ("py/ui/main.py", "text/x-python; charset=utf-8"),
        ("static/vendor/core.mjs", "text/javascript; charset=utf-8"),
        ("static/vendor/pyodide.asm.wasm", "application/wasm"),
        ("static/vendor/pandas-3.0.2-cp314.whl", "application/octet-stream"),
    ],
)
def test_files_have_their_types(host: Host, path: str, kind: str) -> None:
    answer = host.get(f"/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.text == FILES[path]


@pytest.mark.parametrize(
    "path",
    [
        "/package.json",
        "/tests/secret.py",
        "/.git/config",
        "/static/.hidden",
        "/static/link.js",
        "/static/../package.json",
        "/static/%2e%2e/package.json",
        "/static/..%2fpackage.json",
        "/static//policy.js",
        "/py/ui/__pycache__/main.pyc",
        "/static",
        "/static/",
        "/no.js",
        "/%2fetc/passwd",
    ],
)
def test_nothing_else_is_given_out(host: Host, path: str) -> None:
    assert host.get(path).status_code == 404


def test_text_and_wasm_go_out_compressed_and_wheels_as_they_are(host: Host) -> None:
    for path in ("static/policy.js", "static/vendor/pyodide.asm.wasm"):
        packed = host.get(f"/{path}", headers={"accept-encoding": "gzip, br"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(FILES[path]) / 10
        assert packed.text == FILES[path]
        plain = host.get(f"/{path}", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in host.get("/static/vendor/pandas-3.0.2-cp314.whl").headers


def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_is(
    host: Host, tmp_path: Path
) -> None:
    first = host.get("/static/policy.js")
    assert first.headers["cache-control"] == "no-cache"
    known = {"if-none-match": first.headers["etag"]}
    again = host.get("/static/policy.js", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    (tmp_path / "app/static/policy.js").write_text("let changed;", "utf-8")
    changed = host.get("/static/policy.js", headers=known)
    assert (changed.status_code, changed.text) == (200, "let changed;")


def test_only_files_named_by_their_hash_are_kept_for_long(host: Host) -> None:
    assert "immutable" in host.get("/static/vendor/core-1f2e3d4c5b6a.js").headers["cache-control"]
    for path in ("/", "/static/vendor/core.mjs", "/static/vendor/pandas-3.0.2-cp314.whl"):
        assert host.get(path).headers["cache-control"] == "no-cache"

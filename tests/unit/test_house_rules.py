"""Rules of the source that no general checker knows."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted((ROOT / "py").rglob("*.py"))
PAGE = [ROOT / "index.html", *(ROOT / "static").glob("*.js"), *PYTHON]
# Bulk requests to the portal leave from the first and from nowhere else; the other one reads files
# of the application itself.
FETCHING_MODULES = {"py/engine/browser.py", "py/ui/own_file.py"}
ENGINE_ROOMS = ("crm", "engine", "segmentation", "storage")
ENGINE_START = "py/engine/main.py"
PAGE_START = "py/ui/main.py"
# What a room of the engine may import of the other rooms.
ALLOWED_IMPORTS = {
    "segmentation": set(),
    "crm": set(),
    "storage": set(),
    "engine": {"segmentation", "crm", "storage"},
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_with(pattern: str, paths: list[Path]) -> list[str]:
    """Each line of these files in which the pattern occurs, with its place."""
    return [
        f"{named(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def translation(language: str) -> dict[str, object]:
    texts = json.loads((ROOT / f"static/translations/{language}.json").read_text())
    assert isinstance(texts, dict)
    return texts


def test_both_languages_have_the_same_texts() -> None:
    assert translation("ru").keys() == translation("en").keys()


def test_no_text_is_empty() -> None:
    for language in ("ru", "en"):
        assert not [key for key, text in translation(language).items() if not text], language


def test_markup_is_never_made_from_text() -> None:
    pattern = (
        r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment)\b"
    )
    assert lines_with(pattern, PAGE) == []


def test_requests_leave_from_one_module_only() -> None:
    pattern = (
        r"\b(js\.fetch|window\.fetch|pyfetch|XMLHttpRequest|sendBeacon|WebSocket|EventSource)\b"
    )
    others = [path for path in PAGE if named(path) not in FETCHING_MODULES]
    assert lines_with(pattern, others) == []


@pytest.mark.parametrize("room", ENGINE_ROOMS)
def test_rooms_import_only_what_the_architecture_allows(room: str) -> None:
    forbidden = {*ENGINE_ROOMS, "ui"} - ALLOWED_IMPORTS[room] - {room}
    paths = [path for path in PYTHON if path.parts[-2] == room]
    assert lines_with(rf"^\s*(from|import) ({'|'.join(sorted(forbidden))})\b", paths) == []


def test_the_rules_know_no_browser_and_no_clock() -> None:
    paths = sorted((ROOT / "py/segmentation").glob("*.py"))
    pattern = r"^\s*(from|import) (js|pyodide|pyscript|time|random)\b|\.(now|today|utcnow)\("
    assert lines_with(pattern, paths) == []


def test_the_engine_is_given_every_module_of_its_rooms() -> None:
    configured = tomllib.loads((ROOT / "pyscript.toml").read_text())["files"]
    modules = {named(path) for path in PYTHON if path.parts[-2] in ENGINE_ROOMS} - {ENGINE_START}
    assert configured == {f"./{module}": module.removeprefix("py/") for module in modules}


def test_the_page_is_given_every_module_of_the_screen() -> None:
    configured = json.loads((ROOT / "static/page.json").read_text())["files"]
    missing = {
        f"../{named(path)}"
        for path in (ROOT / "py/ui").glob("*.py")
        if path.name != "__init__.py" and named(path) != PAGE_START
    } - configured.keys()
    assert missing == set()
    assert all((ROOT / "static" / source).exists() for source in configured)

"""Byte-compiled archives behave as their source, and are the same every time."""

from __future__ import annotations

import importlib
import io
import sys
import zipfile
from pathlib import Path

import pytest

from .tools import tool

SOURCE = '''
"""What the module is for."""
import functools
from dataclasses import dataclass

@dataclass
class Point:
    """A place."""
    x: int = 0

class Plain:
    """Nothing."""

@functools.singledispatch
def kind(value: object) -> str:
    """The kind of a value."""
    return "other"

@kind.register
def _(value: int) -> str:
    return "integer"
'''
FILES = {
    "compiled_sample/__init__.py": SOURCE,
    "compiled_sample/tests/test_it.py": "assert False",
    "compiled_sample/__init__.pyi": "x: int",
    "compiled_sample/data.json": "{}",
}


def archive(order: list[str]) -> bytes:
    """A wheel-like archive with its files in that order."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as target:
        for name in order:
            target.writestr(name, FILES[name])
    return whole.getvalue()


@pytest.fixture
def compiled() -> bytes:
    content: bytes = tool("compile_archive").compile_archive(
        archive(list(FILES)), "compiled_sample"
    )
    return content


def test_modules_are_compiled_and_what_nobody_reads_is_left_out(compiled: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(compiled)) as whole:
        assert whole.namelist() == ["compiled_sample/__init__.pyc", "compiled_sample/data.json"]


def test_the_same_content_gives_the_same_bytes(compiled: bytes) -> None:
    turned = archive(sorted(FILES, reverse=True))
    assert tool("compile_archive").compile_archive(turned, "compiled_sample") == compiled


def test_compiled_modules_work_without_their_source(
    compiled: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample.zip").write_bytes(compiled)
    monkeypatch.syspath_prepend(str(tmp_path / "sample.zip"))
    sample = importlib.import_module("compiled_sample")
    monkeypatch.delitem(sys.modules, "compiled_sample")
    assert sample.kind(1) == "integer"
    assert sample.kind("1") == "other"
    assert sample.Point(3) == sample.Point(3)
    assert (sample.__doc__, sample.Plain.__doc__, sample.Point.__doc__) == ("", "", "A place.")

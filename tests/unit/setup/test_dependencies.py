"""Dependencies are locked with hashes, used, and explained in docs/architecture.md."""

from __future__ import annotations

import functools
import json
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("index.html", ".mypy.ini", ".ci/*.mjs", ".ci/*.py", "py/**/*.py", "tests/**/*.py")
SOURCES += ("tests/**/*.mjs", "tests/**/*.js")
# How a package is named where it is used, if not by its own name in an import.
USED_AS = {
    "mypy": r'\["mypy"\]',
    "pandas-stubs": r"^strict = True",
    "playwright": r"^from playwright\.",
    "pytest-xdist": r'"-n", "2"',
    "ruff": r'\["ruff", ',
}
LOADED_BY_PYSCRIPT = "micropip"
# How the documentation speaks of a package, if not by the name it has in the registry.
SPOKEN = {
    "@micropython/micropython-webassembly-pyscript": "MicroPython",
    "@pyscript/core": "PyScript",
    "playwright": "Playwright",
    "plotly": "plotly.py",
    "plotly.js-basic-dist-min": "plotly.js basic",
    "pyodide": "Pyodide",
    "starlette": "Starlette",
    "hypercorn": "Hypercorn",
    "tabulator-tables": "Tabulator",
    "xlsxwriter": "XlsxWriter",
}


def read(path: str) -> str:
    return (ROOT / path).read_text()


def node_packages() -> list[str]:
    """The dependencies of package.json."""
    package = json.loads(read("package.json"))
    return sorted(package["dependencies"] | package["devDependencies"])


def python_packages() -> list[str]:
    """The dependencies of tests/requirements.in."""
    return re.findall(r"^([a-z][\w-]*)", read("tests/requirements.in"), re.M)


def browser_packages() -> list[str]:
    """The Python packages that .ci/assets.mjs puts before the engine."""
    listed = re.search(r"^const WHEELS = (\[.*\]);$", read(".ci/assets.mjs"), re.M)
    assert listed
    names: list[str] = json.loads(listed[1])
    return names


@functools.cache
def own_sources() -> str:
    """All texts in which a dependency may be used; this one tells nothing about that."""
    paths = (path for pattern in SOURCES for path in ROOT.glob(pattern))
    return "\n".join(path.read_text() for path in paths if path != Path(__file__))


def used(pattern: str) -> bool:
    return re.search(pattern, own_sources(), re.M) is not None


def used_from_npm(name: str) -> bool:
    """Whether a path or an import somewhere begins with the package."""
    folder = name.replace("/", '(?:/|" / ")')
    return used(rf"[\"'/]{folder}[\"'/]")


def used_in_python(name: str) -> bool:
    """Whether the package is imported, or run where it is a tool."""
    module = name.replace("-", "_")
    return used(USED_AS.get(name, rf"^\s*(?:import {module}\b|from {module}[. ])"))


def explained(name: str) -> bool:
    libraries = read("docs/architecture.md").partition("## Libraries")[2]
    spoken = re.escape(SPOKEN.get(name, name))
    return re.search(rf"(?<![\w-]){spoken}(?![\w-])", libraries) is not None


def test_every_package_of_package_json_is_used() -> None:
    unused = [name for name in node_packages() if not used_from_npm(name)]
    assert unused == [], "nothing mentions them: `npm uninstall` them"


def test_every_package_of_requirements_in_is_used() -> None:
    unused = [name for name in python_packages() if not used_in_python(name)]
    assert unused == [], "nothing imports them: take them out of tests/requirements.in"


def test_a_package_that_nothing_uses_is_noticed() -> None:
    assert not used_from_npm("left-pad")
    assert not used_in_python("requests")


def test_every_package_that_the_browser_gets_is_needed() -> None:
    known: dict[str, Any] = json.loads(read(".ci/wheels.json"))
    known |= json.loads(read("node_modules/pyodide/pyodide-lock.json"))["packages"]
    wanted = browser_packages()
    needed = {other for name in wanted for other in known[name]["depends"]} | {LOADED_BY_PYSCRIPT}
    engine = "\n".join(path.read_text() for path in (ROOT / "py").rglob("*.py"))
    unneeded = [
        name
        for name in wanted
        if name not in needed
        and not re.search(rf"^\s*(?:import {name}\b|from {name}[. ])", engine, re.M)
    ]
    assert unneeded == [], "neither the engine nor a package needs them: take them out of WHEELS"


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    names = {*node_packages(), *python_packages(), *json.loads(read(".ci/wheels.json"))}
    unexplained = sorted(name for name in names if not explained(name))
    assert unexplained == [], "give them their line under Libraries in docs/architecture.md"


def test_nothing_is_locked_for_the_browser_that_it_does_not_get() -> None:
    assert json.loads(read(".ci/wheels.json")).keys() <= set(browser_packages())
    assert set(tomllib.loads(read("pyscript.toml"))["packages"]) <= set(browser_packages())


def test_npm_packages_are_named_by_exact_version_and_locked_by_hash() -> None:
    package = json.loads(read("package.json"))
    wanted = package["dependencies"] | package["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"[\d.]+", version)] == []
    locked = json.loads(read("package-lock.json"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [path for path, entry in locked.items() if path and "integrity" not in entry] == []


def test_python_packages_are_locked_by_version_and_hash() -> None:
    entries = re.split(r"^(?=\S)", read("tests/requirements.txt"), flags=re.M)
    locked = {
        entry.partition("==")[0].partition("[")[0]
        for entry in entries
        if re.match(r"[\w\[\],.-]+==\S+.*\\\n(\s+--hash=sha256:[0-9a-f]{64}\b.*\n)+", entry)
    }
    named = {entry.partition("==")[0].partition("[")[0] for entry in entries if "==" in entry[:80]}
    assert locked == named
    assert set(python_packages()) <= locked

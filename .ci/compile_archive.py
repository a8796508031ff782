"""Byte-compiles Python archives (wheels, the standard library) for the browser, inside Pyodide.

An archive comes back with ``.pyc`` files in place of ``.py``, without what the application never
imports, and with fixed order, dates and attributes: the same bytes from the same input.
"""

from __future__ import annotations

import ast
import gzip
import io
import marshal
import re
import zipfile
from importlib.util import MAGIC_NUMBER, source_hash

# Neither code nor data that anything reads at run time: tests, types, headers and libraries for
# compilers, sources of extension modules.
_NEVER_READ = re.compile(
    r"(^|/)(tests?|__pycache__)/"
    r"|\.(pyi|pyx|pxd|a|h|c|src|f90|typed|build|ini|bat|in)$"
    r"|\.dist-info/(RECORD|sboms/.*)$"
)

# By archive, paths that the application has no use for. Whoever needs one of them takes it out
# here: a missing module shows itself as ModuleNotFoundError.
_NOT_USED = {
    "numpy": re.compile(
        r"^numpy/(f2py|fft|polynomial|testing|ctypeslib|_pyinstaller|doc)/"
        r"|^numpy/(conftest|_configtool)\.py$|^numpy/_core/include/"
    ),
    "pandas": re.compile(
        r"^pandas/(io/formats/templates|_libs/include|_libs/sas|plotting/_matplotlib)/"
        r"|^pandas/(conftest\.py|pyproject\.toml)$"
    ),
    "python_stdlib": re.compile(
        r"^(multiprocessing|_pyrepl|xmlrpc|wsgiref|dbm|curses)/"
        r"|^(doctest|ftplib|imaplib|mailbox|pdb|pickletools|poplib|pydoc|smtplib|turtle)\.py$"
        r"|^unittest/mock\.py$"
    ),
}

# Modules that only attach docstrings to compiled functions.
_ONLY_DOCUMENTATION = {"numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py"}

# dateutil reads all time zones of the world from this file while pandas is being imported, to find
# UTC in it, which it knows anyway. The portal names its time zone by its offset.
_TIME_ZONES = "dateutil/zoneinfo/dateutil-zoneinfo.tar.gz"
_NO_TIME_ZONES = gzip.compress(bytes(10_240), mtime=0)

_HASH_BASED_UNCHECKED = 0b01
_EPOCH = (1980, 1, 1, 0, 0, 0)


class _ForReadersOnly(ast.NodeTransformer):
    """Takes out what only readers of the source need: docstrings, and the types of arguments.

    Docstrings become empty strings, since numpy and pandas edit them while being imported. Those of
    decorated classes stay whole: a dataclass without one would build it at a cost.
    """

    def _empty_docstring(self, node: ast.AST) -> ast.AST:
        match getattr(node, "body", None):
            case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
                docstring.value = ""
        return self.generic_visit(node)

    visit_Module = _empty_docstring

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self.generic_visit(node) if node.decorator_list else self._empty_docstring(node)

    def _plain_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        # singledispatch takes the class to register a function for from its first argument's type.
        if not any(
            ast.unparse(decorator).endswith("register") for decorator in node.decorator_list
        ):
            node.returns = None
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
        return self._empty_docstring(node)

    visit_FunctionDef = visit_AsyncFunctionDef = _plain_function


def compile_source(source: bytes, path: str) -> bytes:
    """Returns the content of one module's ``.pyc``, to be trusted without a look at its source."""
    tree = ast.parse(b"" if path in _ONLY_DOCUMENTATION else source, path)
    code = compile(_ForReadersOnly().visit(tree), path, "exec", dont_inherit=True, optimize=1)
    flags = _HASH_BASED_UNCHECKED.to_bytes(4, "little")
    return MAGIC_NUMBER + flags + source_hash(source) + marshal.dumps(code)


def compile_archive(archive: bytes, name: str) -> bytes:
    """Returns the archive with every module compiled; ``name`` is the part before its version."""
    not_used = _NOT_USED.get(name)
    compiled = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(compiled, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for path in sorted(old.namelist()):
            if (
                path.endswith("/")
                or _NEVER_READ.search(path)
                or (not_used and not_used.search(path))
            ):
                continue
            content = old.read(path)
            if path.endswith(".py"):
                content, path = compile_source(content, path), f"{path}c"
            elif path == _TIME_ZONES:
                content = _NO_TIME_ZONES
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content)
    return compiled.getvalue()

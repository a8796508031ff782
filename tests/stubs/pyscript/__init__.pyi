"""What the page (MicroPython) and the engine (Pyodide) take from PyScript."""

from typing import Any

def __getattr__(name: str) -> Any: ...

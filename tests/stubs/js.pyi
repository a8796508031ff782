"""The browser's globals as Pyodide gives them: JavaScript, so without types."""

from typing import Any

def __getattr__(name: str) -> Any: ...

"""JavaScript modules named in the configuration of PyScript."""

from typing import Any

def __getattr__(name: str) -> Any: ...

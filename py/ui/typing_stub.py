"""Stands in for ``typing`` on the page: MicroPython has no such module, and never evaluates
annotations.
"""


class _Form:
    def __getitem__(self, parameters: object) -> "_Form":
        return self


Any = _Form()
Callable = _Form()

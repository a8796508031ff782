"""Stands in for ``typing`` on the page: MicroPython has no such module and never evaluates annotations."""

Any = object

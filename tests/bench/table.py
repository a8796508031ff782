"""A table of measurements as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of what was measured and the figure, ready for docs/benchmarks.md."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """One more row; floats are rounded to what a noisy machine can tell."""
        self.rows.append(
            tuple(
                f"{cell:,.2f}"
                if isinstance(cell, float)
                else f"{cell:,}"
                if isinstance(cell, int)
                else str(cell)
                for cell in cells
            )
        )

    def text(self) -> str:
        """The table in Markdown."""
        lines = [self.header, tuple("---" for _ in self.header), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

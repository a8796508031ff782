"""One page with all pictures side by side."""

from __future__ import annotations

import html
from pathlib import Path

from screenshots.camera import THEMES, WIDTHS_PX

_HEAD = """<!doctype html>
<meta charset="utf-8">
<title>Screenshots</title>
<style>
body { margin: 24px; background: #777; color: #fff; font: 15px/1.4 system-ui, sans-serif; }
h2 { margin: 32px 0 8px; }
div { display: flex; gap: 12px; align-items: flex-start; overflow-x: auto; }
img { display: block; }
</style>
"""


def write_contact_sheet(folder: Path) -> Path:
    """``index.html`` over all pictures of the folder, those of earlier runs included."""
    suffixes = [f"-{width_px}-{theme}.png" for width_px in WIDTHS_PX for theme in THEMES]
    names = sorted(file.name.removesuffix(suffixes[0]) for file in folder.glob(f"*{suffixes[0]}"))
    lines = [_HEAD]
    for name in names:
        title = html.escape(name)
        lines.append(f'<h2 id="{title}">{title}</h2>\n<div>')
        for suffix in suffixes:
            if (folder / (name + suffix)).exists():
                file = html.escape(name + suffix)
                width_px = int(suffix.split("-")[1])
                lines.append(
                    f'<a href="{file}"><img src="{file}" width="{width_px}" loading="lazy" '
                    f'alt="{file}"></a>'
                )
        lines.append("</div>")
    sheet = folder / "index.html"
    sheet.write_text("\n".join(lines), encoding="utf-8")
    return sheet

"""The drawing library, and drawing with it."""

import asyncio
from typing import Any

from pyscript import window

from ui.dom import guarded, to_script

PATIENCE_S = 60


async def plotly() -> Any:
    """The drawing library, whose script loads beside everything else; None when it never comes."""
    waited_s = 0.0
    while waited_s < PATIENCE_S:
        library = getattr(window, "Plotly", None)
        if library:
            return library
        await asyncio.sleep(0.03)
        waited_s += 0.03
    return None


async def react(library: Any, plot: Any, drawing: dict[str, Any]) -> None:
    """Draw ``{"data", "layout", "config"}`` into an element, or change what is drawn there."""
    await guarded(
        library.react,
        plot,
        to_script(drawing["data"]),
        to_script(drawing["layout"]),
        to_script(drawing["config"]),
    )

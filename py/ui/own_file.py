"""Files of the application itself that are read when they are first needed.

index.html names them in a template, where nothing loads them: a build follows the names there.
"""

import json
from typing import Any

from pyscript import window

from ui.dom import guarded, part


async def own_json(name: str) -> Any:
    """What the JSON file holds that is marked ``data-own-file`` with that name; None when it does
    not come.
    """
    link = part("own-files").content.querySelector('[data-own-file="' + name + '"]')
    try:
        answer = await guarded(window.fetch, link.getAttribute("href"))
        return json.loads(str(await answer.text())) if answer.ok else None
    except Exception:
        return None

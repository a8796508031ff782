"""Small things done to the page's elements. Texts get in as text only, never as markup."""

import json
from typing import Any, Callable  # noqa: UP035 - MicroPython has no collections.abc

from pyscript import document, window

Handler = Callable[[Any], None]


def part(name: str) -> Any:
    """The element of index.html that is marked ``data-part="name"``."""
    return document.querySelector('[data-part="' + name + '"]')


def make(
    tag: str, class_name: str = "", text: str = "", attributes: dict[str, str] | None = None
) -> Any:
    """A new element."""
    element = document.createElement(tag)
    if class_name:
        element.className = class_name
    if text:
        element.textContent = text
    for name, value in (attributes or {}).items():
        element.setAttribute(name, value)
    return element


def make_button(action: str, class_name: str = "button", text: str = "") -> Any:
    """A new button that is known by what it does."""
    attributes = {"type": "button", "data-action": action}
    return make("button", class_name, text, attributes)


def write(element: Any, text: str) -> None:
    """Set an element's text, unless it is there already: nothing is then read out again."""
    if element.textContent != text:
        element.textContent = text


def show(element: Any, visible: bool) -> None:
    """Show or hide an element."""
    if element.hidden == visible:
        element.hidden = not visible


def mark(element: Any, name: str, value: str | None) -> None:
    """Set an attribute, or take it away with None."""
    if value is None:
        element.removeAttribute(name)
    elif element.getAttribute(name) != value:
        element.setAttribute(name, value)


def on(element: Any, event: str, handler: Handler) -> None:
    """Call ``handler(event)`` whenever the event happens."""
    element.addEventListener(event, handler)


def on_page(event: str, handler: Handler) -> None:
    """Call ``handler(event)`` whenever the event happens to the whole page.

    ``window`` is MicroPython's module of globals, whose functions are called on nothing, or on what
    was called last; a browser's ``addEventListener`` then refuses.
    """
    on(document.defaultView, event, handler)


def to_script(value: Any) -> Any:
    """The JavaScript value of a plain Python one."""
    return window.JSON.parse(json.dumps(value))


def plain(value: Any) -> Any:
    """The plain Python value of a JavaScript one, None for undefined.

    A whole number over 31 bits, such as a moment in milliseconds, gets across only in this way:
    MicroPython cuts off the upper bits of those that it is handed directly.
    """
    text = window.JSON.stringify(value)
    return json.loads(text) if isinstance(text, str) else None


_handed: list[Any] = []


def handed(value: Any) -> Any:
    """A JavaScript value as what a callback returns to JavaScript.

    MicroPython may tidy up between the end of a callback and the moment when JavaScript takes its
    value; one that nothing in Python holds any more is then gone.
    """
    _handed[:] = [value]
    return value


async def guarded(function: Any, *arguments: Any) -> Any:
    """Call a JavaScript function and wait for what it promises.

    MicroPython cannot catch what JavaScript throws at once, only what a promise rejects, so the
    call is made by a promise: whatever goes wrong is raised here as an ordinary exception.
    """
    return await window.Promise.resolve().then(function.bind(None, *arguments))

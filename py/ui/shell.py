"""The frame around the charts: head, buttons, what is waited for, errors, and the page's few
messages.
"""

from pyscript import document

from ui.dom import make, mark, part, show, write
from ui.screen import (
    AWAY,
    BLANK,
    CHARTS,
    FIRST,
    MARKS_JOBS,
    MESSAGE_POINTS,
    NOT_SET_UP,
    READER,
    READING,
    SET_UP,
    Screen,
)
from ui.texts import Texts
from ui.troubles import RELOAD_HELPS, details, known_code
from ui.view import View
from ui.wording import full_run_time, host_of, saved


class Shell:
    """Everything that is neither counter nor chart nor progress."""

    def __init__(self) -> None:
        self.refresh = document.querySelector('[data-action="refresh"]')
        self.clear = document.querySelector('[data-action="clear-refresh"]')
        self.pause = document.querySelector('[data-action="pause"]')
        self.reload = document.querySelector('[data-action="reload"]')
        self._root = document.documentElement
        self._shown_message = ""

    def translate(self, texts: Texts) -> None:
        """Put the words into the elements of index.html that are marked with a key."""
        mark(self._root, "lang", texts.language)
        document.title = texts.say("app.name")
        for element in document.querySelectorAll("[data-text]"):
            write(element, texts.say(str(element.getAttribute("data-text"))))
        self._shown_message = ""

    def draw_head(self, portal: str, person: str, screen: Screen, texts: Texts) -> None:
        """Portal, person, and the moment whose state the counters show."""
        write(part("portal"), host_of(portal))
        write(part("person"), person)
        as_of = texts.say("as_of", moment=texts.moment(screen.as_of)) if screen.as_of else ""
        write(part("as-of"), as_of)

    def draw(self, screen: Screen, texts: Texts) -> None:
        """Everything else."""
        mark(self._root, "data-app-state", screen.app_state)
        mark(self._root, "data-engine", "ready" if screen.engine_ready else "loading")
        self._draw_message(screen, texts)
        self._draw_buttons(screen, texts)
        show(part("charts"), screen.main in (CHARTS, READING, BLANK))
        mark(part("charts"), "aria-busy", "true" if screen.main in (READING, BLANK) else None)
        status = texts.say(screen.status_key) if screen.status_key else ""
        write(part("status-text"), status)
        show(part("status"), bool(status))
        self._draw_error(screen, texts)
        self._draw_warnings(screen, texts)

    def _draw_buttons(self, screen: Screen, texts: Texts) -> None:
        first = screen.main == FIRST
        place = part("message-action" if first else "head-actions")
        if self.refresh.parentElement is not place:
            place.append(self.refresh)
        mark(
            self.refresh,
            "class",
            "button button-main button-large" if first else "button button-main",
        )
        write(self.refresh, texts.say(screen.refresh_key))
        mark(self.refresh, "aria-busy", "true" if screen.busy else None)
        show(self.refresh, screen.refresh_visible)
        show(self.clear, screen.clear_visible)
        show(self.pause, screen.pause_visible)

    def _draw_message(self, screen: Screen, texts: Texts) -> None:
        name = screen.away if screen.main == AWAY else screen.main
        visible = name in MESSAGE_POINTS or screen.main == AWAY
        if screen.engine_missing or (screen.main == READER and screen.error is not None):
            visible = False  # the error says more exactly why there are no charts
        show(part("message"), visible)
        if not visible or name is None or name == self._shown_message:
            return
        self._shown_message = name
        write(part("message-title"), texts.say("message." + name + ".title"))
        write(part("message-lead"), texts.say("message." + name + ".lead"))
        points = part("message-points")
        points.replaceChildren()
        for number in range(1, MESSAGE_POINTS.get(name, 0) + 1):
            key = "message." + name + "." + str(number)
            point = make("li", "message-point")
            point.append(
                make("strong", "", texts.say(key + ".head")), make("span", "", texts.say(key))
            )
            points.append(point)

    def _draw_error(self, screen: Screen, texts: Texts) -> None:
        error = screen.error
        show(part("error"), error is not None)
        if error is None:
            return
        code = known_code(error["code"], texts)
        write(part("error-title"), texts.say("error." + code))
        write(part("error-saved"), _saved(screen, error["saved_through"], texts))
        write(part("error-advice"), texts.say(_advice_key(code, screen, texts)))
        detail = details(error["params"])
        write(part("error-detail"), detail)
        show(part("error-detail"), bool(detail))
        show(self.reload, code in RELOAD_HELPS)

    def _draw_warnings(self, screen: Screen, texts: Texts) -> None:
        lines = []
        if screen.main not in (AWAY, SET_UP, NOT_SET_UP):
            lines = [texts.say("warning." + code) for code in screen.warnings]
        calm_from = len(lines)
        if screen.main == CHARTS and screen.view is not None:
            lines += _whose(screen.view, bool(screen.is_admin), texts)
        warnings = part("warnings")
        if [str(line.textContent) for line in warnings.children] != lines:
            warnings.replaceChildren(
                *[make("li", _importance(i < calm_from), line) for i, line in enumerate(lines)]
            )
        show(warnings, bool(lines))


def _importance(urgent: bool) -> str:
    return "warning" if urgent else "warning warning-calm"


def _whose(view: View, is_admin: bool, texts: Texts) -> list[str]:
    """Whose refresh is on screen, where it was not made here."""
    if is_admin and not view.shared:
        return []
    key = "warning.admin_shared" if is_admin else "warning.reader"
    if view.shared and not is_admin:
        key = "warning.reader_shared"
    moment, time = texts.moment(view.as_of), full_run_time(texts, view.cards)
    return [texts.say(key, moment=moment, time=time)]


def _saved(screen: Screen, through: str | None, texts: Texts) -> str:
    """What is safe after an error; empty where there was nothing to lose."""
    if screen.job in MARKS_JOBS:
        return texts.say("saved.marks")
    return saved(texts, through) if screen.resumable or through is not None else ""


def _advice_key(code: str, screen: Screen, texts: Texts) -> str:
    """Key of what to do; people who cannot do that themselves are told whom to ask."""
    key = "error." + code + ".advice"
    if screen.is_admin is False and texts.has(key + ".reader"):
        return key + ".reader"
    return key

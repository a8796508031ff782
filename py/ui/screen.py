"""What is known at this moment, and what of the screen follows from it; pure."""

from typing import Any

from ui.modes import FIRST_MODE, Mode
from ui.view import View

STARTING, IDLE, RUNNING, PAUSED, ERROR = "starting", "idle", "running", "paused", "error"

CHARTS = "charts"
"""Counters and charts, of the last refresh or of what has been read so far."""
FIRST = "first"
"""Nothing has ever been read and this person may begin."""
READER = "reader"
"""Nothing is kept here and this person may not read the whole CRM."""
READING = "reading"
"""A first refresh runs and has not come to its first charts."""
BLANK = "blank"
"""It is not yet known which of these it will be."""
NO_CLIENTS = "no_clients"
"""The refresh is done: the CRM has neither a company nor a contact."""
AWAY = "away"
"""No portal around the page, or none that answers: nothing but a message."""

MESSAGE_POINTS = {FIRST: 3, READER: 0, NO_CLIENTS: 0}
"""Areas that are a message, and into how many points it is divided."""
NO_CACHE_HERE = "storage_elsewhere"
"""Warning: the portal remembers charts of this person, this browser has none."""


class Screen:
    """The facts behind the screen."""

    def __init__(self) -> None:
        self.engine_ready = False
        self.is_admin: bool | None = None
        self.state = STARTING
        self.in_other_tab = False
        self.resumable = False
        self.view: View | None = None
        self.cache_searched = False
        self.progress: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.warnings: list[str] = []
        self.away: str | None = None
        self.refresh_wanted = False
        self.mode: Mode = FIRST_MODE
        self.month: str | None = None

    def take_state(self, event: dict[str, Any]) -> None:
        """Take in the engine's state (protocol 1)."""
        self.state = event["state"]
        self.in_other_tab = event["where"] == "other_tab"
        self.resumable = event["resumable"]
        self.is_admin = event["can_refresh"]
        if self.state != ERROR:
            self.error = None
        if self.state not in (RUNNING, PAUSED):
            self.progress = None

    def take_view(self, view: View | None) -> None:
        """Take in a view; one that cannot be read changes nothing."""
        if view is None:
            return
        self.view = view
        self.warnings = [code for code in self.warnings if code != NO_CACHE_HERE]
        if self.month not in view.months:
            self.month = None

    def take_error(self, event: dict[str, Any]) -> None:
        """Take in an error of the engine: the code of its text, its facts, what is saved."""
        self.error = event

    def warn(self, code: str) -> None:
        """Keep a warning, once."""
        if code not in self.warnings:
            self.warnings.append(code)

    @property
    def as_of(self) -> str | None:
        """ISO moment of the last whole refresh that is on screen."""
        return None if self.view is None or self.view.partial else self.view.as_of

    @property
    def app_state(self) -> str:
        """``starting``, ``idle``, ``running``, ``paused`` or ``error``, for whoever looks from
        outside.
        """
        if self.away is not None:
            return ERROR
        if not self.engine_ready:
            return ERROR if self.error is not None else STARTING
        return RUNNING if self.refresh_wanted else self.state

    @property
    def main(self) -> str:
        """Which of the main areas is on: one of the words above."""
        if self.away is not None:
            return AWAY
        if self.view is not None:
            if not self.view.empty:
                return CHARTS
            if not self.view.partial:
                return NO_CLIENTS
        if self.state in (RUNNING, PAUSED):
            return READING
        if not self.cache_searched or self.is_admin is None:
            return BLANK
        if self.resumable:
            return READING
        return FIRST if self.is_admin else READER

    @property
    def busy(self) -> bool:
        """Whether pressing the refresh button changes nothing now."""
        return self.state == RUNNING or self.refresh_wanted

    @property
    def refresh_key(self) -> str:
        """Key of the refresh button's text."""
        if self.busy:
            return "action.refreshing" if self.state == RUNNING else "action.queued"
        if self.state == PAUSED or self.resumable:
            return "action.continue"
        return "action.refresh"

    @property
    def refresh_visible(self) -> bool:
        """Whether this person may refresh and there is something to refresh."""
        return bool(self.is_admin) and self.main not in (AWAY, BLANK)

    @property
    def pause_visible(self) -> bool:
        """Whether there is something to pause."""
        return bool(self.is_admin) and self.state == RUNNING and self.away is None

    @property
    def progress_visible(self) -> bool:
        """Whether the progress of a refresh is shown."""
        return self.state in (RUNNING, PAUSED) and self.away is None

    @property
    def status_key(self) -> str:
        """Key of the line that says what the page waits for; empty when it waits for nothing."""
        if self.away is not None or self.engine_ready or self.error is not None:
            return ""
        if self.refresh_wanted:
            return "status.queued"
        return "status.loading_charts" if self.view is not None else "status.loading"

"""What is known at this moment, and what of the screen follows from it; pure."""

from typing import Any

from ui.marks import Marks
from ui.modes import FIRST_MODE, Mode, mode_of
from ui.set_up import SetUp
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
SET_UP = "set_up"
"""The portal installs the app, and this person may do so."""
NOT_SET_UP = "not_set_up"
"""The portal installs the app, which takes an administrator."""

OVERVIEW = "overview"
VIEWS = (OVERVIEW, "compare", "trial", "guide")
"""What can be shown of what is known; beside the overview each is a module of its own."""
BASE_VIEWS = ("compare", "trial")
"""Views that ask the engine for more than a view of counts holds."""

READING_JOBS = (None, "refresh")
"""Jobs of a running or paused engine that read the portal; None is an engine that names none."""
MARKS_JOBS = ("marks", "undo")
MESSAGE_POINTS = {FIRST: 3, READER: 0, NO_CLIENTS: 0, NOT_SET_UP: 0}
"""Areas that are a message, and into how many points it is divided."""
NOT_COUNTED = "not_set_up"
"""Error: the portal keeps no charts for people who only look."""
NO_CACHE_HERE = "storage_elsewhere"
"""Warning: the portal remembers charts of this person, this browser has none."""


class Screen:
    """The facts behind the screen."""

    def __init__(self) -> None:
        self.engine_ready = False
        self.is_admin: bool | None = None
        self.state = STARTING
        self.job: str | None = None
        self.installing = False
        self.in_other_tab = False
        self.resumable = False
        self.view: View | None = None
        self.cache_searched = False
        self.progress: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.warnings: list[str] = []
        self.away: str | None = None
        self.refresh_wanted = False
        self.full_wanted = False
        self.marks = Marks()
        self.set_up: SetUp | None = None
        self.mode: Mode = FIRST_MODE
        self.month: str | None = None
        self.place = OVERVIEW

    def choose(self, mode: str, month: str | None) -> None:
        """Show a mode's counters and chart, at a month (``YYYY-MM``) or, with None, as of now."""
        self.mode = mode_of(mode)
        last = self.view is not None and not self.view.empty and month == self.view.months[-1]
        self.month = None if last else month

    def take_state(self, event: dict[str, Any]) -> None:
        """Take in the engine's state (protocol 2)."""
        self.state = event["state"]
        self.job = event.get("job")
        self.in_other_tab = event["where"] == "other_tab"
        self.resumable = event["resumable"]
        self.is_admin = event["can_refresh"]
        if self.state != ERROR:
            self.error = None
        if not self.reading:
            self.progress = None
            self.full_wanted = False

    def take_view(self, view: View | None) -> None:
        """Take in a view; one that cannot be read changes nothing."""
        if view is None:
            return
        self.view = view
        self.warnings = [code for code in self.warnings if code != NO_CACHE_HERE]
        if self.month not in view.months:
            self.month = None

    def take_error(self, event: dict[str, Any]) -> None:
        """Take in an error of the engine: the code of its text, its facts, what is saved.

        That nobody has counted yet is told by the whole screen, not as something gone wrong.
        """
        if event["code"] != NOT_COUNTED:
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
        if self.installing and self.is_admin is not None:
            return SET_UP if self.is_admin else NOT_SET_UP
        if self.view is not None:
            if not self.view.empty:
                return CHARTS
            if not self.view.partial:
                return NO_CLIENTS
        if self.reading:
            return READING
        if not self.cache_searched or self.is_admin is None:
            return BLANK
        if self.resumable:
            return READING
        return FIRST if self.is_admin else READER

    @property
    def reading(self) -> bool:
        """Whether a refresh is under way or paused."""
        return self.state in (RUNNING, PAUSED) and self.job in READING_JOBS

    @property
    def other_job_runs(self) -> bool:
        """Whether the engine does something else than a refresh, which has to wait for it."""
        return self.state == RUNNING and self.job not in READING_JOBS

    @property
    def busy(self) -> bool:
        """Whether pressing the refresh button changes nothing now."""
        return self.state == RUNNING or self.refresh_wanted

    @property
    def refresh_key(self) -> str:
        """Key of the refresh button's text."""
        if self.busy:
            return "action.refreshing" if self.state == RUNNING else "action.queued"
        if self.resumable or (self.state == PAUSED and self.reading):
            return "action.continue"
        return "action.refresh"

    @property
    def engine_missing(self) -> bool:
        """Whether the engine did not come up, and will not before the page is opened anew."""
        return self.error is not None and not self.engine_ready

    @property
    def refresh_visible(self) -> bool:
        """Whether this person may refresh and there is something to refresh."""
        return (
            bool(self.is_admin)
            and self.main not in (AWAY, BLANK, SET_UP)
            and not self.other_job_runs
            and not self.engine_missing
        )

    @property
    def clear_visible(self) -> bool:
        """Whether this person may drop what is kept here and read all anew."""
        return (
            self.refresh_visible
            and self.engine_ready
            and not self.busy
            and self.main in (CHARTS, NO_CLIENTS)
            and not (self.view is not None and self.view.shared)
        )

    @property
    def pause_visible(self) -> bool:
        """Whether there is a refresh to pause."""
        return self.refresh_visible and self.state == RUNNING

    @property
    def progress_visible(self) -> bool:
        """Whether the progress of a refresh is shown."""
        return self.reading and self.main not in (AWAY, SET_UP, NOT_SET_UP)

    @property
    def complete_here(self) -> bool:
        """Whether this browser has made a complete refresh: charts that others shared are no base
        for more.
        """
        return self.view is not None and not self.view.partial and not self.view.shared

    @property
    def next_run(self) -> bool:
        """Whether the refresh under way takes in only what changed since the last one, or will as
        far as is known.
        """
        if self.progress is not None and "kind" in self.progress:
            return bool(self.progress["kind"] == "next")
        return self.complete_here and not self.full_wanted

    @property
    def marks_visible(self) -> bool:
        """Whether the marks in the portal are this person's business now."""
        return (
            bool(self.is_admin) and self.engine_ready and self.complete_here and self.main == CHARTS
        )

    @property
    def marks_may_begin(self) -> bool:
        """Whether something may be done with the marks: the engine does nothing else now."""
        return not self.busy and not self.reading

    @property
    def lists_visible(self) -> bool:
        """Whether there is somebody to list: not while a first refresh has only begun to count."""
        return self.main == CHARTS and self.view is not None and not self.view.partial

    @property
    def views(self) -> list[str]:
        """What this person may go to now; the first is the overview."""
        if self.main in (AWAY, SET_UP, NOT_SET_UP):
            return [OVERVIEW]
        has_base = bool(self.is_admin) and self.complete_here and self.main == CHARTS
        return [name for name in VIEWS if has_base or name not in BASE_VIEWS]

    @property
    def set_up_visible(self) -> bool:
        """Whether an administrator prepares the portal, or has to know what is missing in it."""
        if self.main == SET_UP:
            return True
        return bool(self.is_admin) and self.set_up is not None and self.set_up.troubled

    @property
    def status_key(self) -> str:
        """Key of the line that says what the page waits for; empty when it waits for nothing."""
        if self.other_job_runs and self.job in MARKS_JOBS:
            return "status.marks"
        if self.other_job_runs and self.job == "limits":
            return "status.limits"
        if self.away is not None or self.engine_ready or self.error is not None:
            return ""
        if self.refresh_wanted:
            return "status.queued"
        return "status.loading_charts" if self.view is not None else "status.loading"

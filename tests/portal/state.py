"""What the parts of the emulated portal share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from portal.appstore import AppStore
from portal.clock import Clock
from portal.database import Database
from portal.events import Events
from portal.faults import Faults
from portal.limits import LimitRules, Limits
from portal.lists import Lists
from portal.pace import PACES
from portal.placements import Placements
from portal.records import Records
from portal.requestlog import RequestLog
from portal.sessions import Sessions
from portal.storages import Storages
from portal.userfields import UserFields
from portal.values import Moments

CLIENT_ID: Final = "local.clients.0001"
FEATURES: Final = ("offline-events", "userfields")
SCOPES: Final = ("crm", "placement", "user", "department", "entity", "im", "telephony", "calendar")


@dataclass(frozen=True)
class Options:
    """How the emulator was started. ``user`` 0 means the portal's administrator.

    ``port`` is the portal's, the app's is one higher. ``app_folder``: files of the app that is
    served. ``without``: scopes and FEATURES that the portal lacks. ``install``: the app is not
    installed yet, unless the database knows that it is.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    pace: str = "cloud"
    speed: float = 1.0
    user: int = 0
    lang: str = "ru"
    faults: str = ""
    app_folder: str = "."
    tls: bool = False
    without: frozenset[str] = frozenset()
    install: bool = False

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return "https" if self.tls else "http"

    @property
    def portal_origin(self) -> str:
        """Origin of the portal page and of REST."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def app_origin(self) -> str:
        """Origin of the app in the frame."""
        return f"{self.scheme}://{self.host}:{self.port + 1}"


class PortalState:
    """One running portal: its data, clock, sessions, limits, faults, request log and options."""

    def __init__(self, database: Database, options: Options, clock: Clock | None = None):
        self.database = database
        self.options = options
        self.clock = clock or Clock(
            offset=str(database.settings["timezone"]),
            frozen_at=database.settings["now"],
            speed=options.speed,
        )
        self.moments = Moments(self.clock.zone)
        self.user_fields = UserFields(database)
        self.lists = Lists(database, self.moments, self.user_fields)
        self.records = Records(database, self.moments, self.clock, self.user_fields)
        self.pace = PACES[options.pace]
        self.limits = Limits(LimitRules() if self.pace.limits_on else None, self.clock.emulated_s)
        self.faults = Faults(options.faults)
        self.log = RequestLog()
        self.app = AppStore(database, begins_installed=not options.install)
        self.storages = Storages(database, self.moments, self.clock)
        self.placements = Placements(database, options.lang)
        self.events = Events(database, self.clock, is_heard=lambda: self.app.installed)
        self.records.on_change = self.events.record
        self.member_id = hashlib.md5(options.portal_origin.encode()).hexdigest()
        self.sessions = Sessions(self.clock.wall_s, self.member_id)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the app has been permitted."""
        return tuple(scope for scope in SCOPES if scope not in self.options.without)

    @property
    def admin_id(self) -> int:
        """Id of the portal's administrator."""
        return int(self.database.settings["admin"])

    @property
    def start_user_id(self) -> int:
        """The user whom the portal page shows first."""
        return self.options.user or self.admin_id

    def user(self, user_id: int) -> dict[str, Any] | None:
        """Row of a user in internal forms, None when there is no such user."""
        return self.database.row("users", user_id)

    def is_admin(self, user_id: int) -> bool:
        """Whether the user is the portal's administrator or marked as one."""
        user = self.user(user_id)
        return user_id == self.admin_id or bool(user and user["IS_ADMIN"] == "Y")

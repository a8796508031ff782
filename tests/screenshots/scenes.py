"""Every state of the screen that a person can meet: on which stage, and how to get there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from browser.application import Application
from screenshots import told
from screenshots.rows import HARM
from screenshots.stages import tell

BOTH = ("ru", "en")
LIST = "[data-part=list]"
NAMES = ".tabulator-row[data-client] .grid-name"


@dataclass(frozen=True)
class Scene:
    """``show`` leads a stage's application to the state, whatever scene was there before it."""

    name: str
    stage: str
    show: Callable[[Application], None]
    languages: tuple[str, ...] = ("ru",)


def _nothing(application: Application) -> None:
    """The stage itself is the state."""


def show_overview(application: Application) -> None:
    """Back to today's counters of the first mode."""
    frame = application.frame
    _close_question(application)
    if frame.locator(LIST).is_visible():
        frame.locator("[data-action=list-close]").click()
    overview = frame.locator("[data-view-tab=overview]")
    if overview.is_visible():
        overview.click()
    if frame.locator("[data-action=month-now]").is_visible():
        frame.locator("[data-action=month-now]").click()
    frame.locator("[data-mode-tab='1']").click()


def _close_question(application: Application) -> None:
    if application.frame.locator("dialog[open]").count():
        application.answer("cancel")


def _mode(number: str) -> Callable[[Application], None]:
    def show(application: Application) -> None:
        show_overview(application)
        application.frame.locator(f"[data-mode-tab='{number}']").click()

    return show


def _past_month(application: Application) -> None:
    _mode("3")(application)
    for _ in range(14):
        application.press("month-before")


def _shares(application: Application) -> None:
    _mode("5")(application)
    application.frame.locator("[data-part=styles] button").nth(2).click()


def _table(application: Application) -> None:
    _mode("3")(application)
    application.frame.locator("[data-part=styles] button").first.click()
    application.press("table")


def _clearing(application: Application) -> None:
    show_overview(application)
    application.press("clear-refresh")


def _view(name: str) -> Callable[[Application], None]:
    def show(application: Application) -> None:
        show_overview(application)
        application.frame.locator(f"[data-view-tab={name}]").click()
        application.frame.locator(f"[data-part={name}]:not([aria-busy=true])").wait_for()

    return show


def _list(mode: str, segment: str) -> Callable[[Application], None]:
    def show(application: Application) -> None:
        _mode(mode)(application)
        frame = application.frame
        frame.locator(f"[data-list-open='{mode}.{segment}']").click()
        frame.locator(f"{LIST}[data-total]:not([aria-busy])").wait_for()
        for opener in frame.locator(".list-tools [aria-expanded=true]").all():
            opener.click()

    return show


def _filters(application: Application) -> None:
    _list("2", "all")(application)
    frame = application.frame
    frame.locator("[data-action=list-filters][aria-expanded=false]").click()
    frame.locator("[data-filter=kind] input").first.check()
    frame.locator("[data-drop-filter=kind]").wait_for()


def _columns(application: Application) -> None:
    _list("2", "all")(application)
    frame = application.frame
    frame.locator("[data-action=list-columns]").click()
    frame.locator("[data-column=inn]").check()


def _searched(words: str) -> Callable[[Application], None]:
    def show(application: Application) -> None:
        _list("1", "all")(application)
        frame = application.frame
        whole = frame.locator(LIST).get_attribute("data-total")
        frame.locator("[data-part=list-search]").fill(words)
        frame.locator(f"{LIST}:not([data-total='{whole}']):not([aria-busy])").wait_for()

    return show


def _client(words: str, mode: str, segment: str) -> Callable[[Application], None]:
    def show(application: Application) -> None:
        if words:
            _searched(words)(application)
        else:
            _list(mode, segment)(application)
        application.frame.locator(NAMES).first.click()
        application.frame.locator(".client-segments").wait_for()

    return show


def _list_without_marks(application: Application) -> None:
    _mode("3")(application)
    application.frame.locator("[data-list-open='3.active']").click()
    application.frame.locator(".list-trouble").wait_for()


def _preview(application: Application) -> None:
    show_overview(application)
    if application.marks_state()["state"] != "preview":
        application.press("marks-preview").reach_marks("preview")


def _prepare(application: Application) -> None:
    application.press("set-up")
    application.frame.locator("[data-action=finish-set-up]").wait_for(timeout=30_000)


def _broken(application: Application) -> None:
    application.frame.locator("[data-part=error]").wait_for(timeout=200_000)


def _message(application: Application) -> None:
    application.frame.locator("[data-part=message]").wait_for(timeout=60_000)


def _said(*events: told.Event, mode: str = "3") -> Callable[[Application], None]:
    """What the page shows after these events, at one of the modes."""

    def show(application: Application) -> None:
        _close_question(application)
        tell(application, told.state(), told.NOTHING_YET, *events)
        tabs = application.frame.locator(f"[data-mode-tab='{mode}']")
        if tabs.is_visible():
            tabs.click()

    return show


def _marks(word: str, job: str | None = None, **changes: object) -> Callable[[Application], None]:
    now = "running" if job else "idle"
    return _said(told.view(85_000), told.state(now, job), told.marks(word, **changes))


def _writing_asked(application: Application) -> None:
    _marks("preview")(application)
    application.press("marks-write")


def _failed(code: str, saved_through: str | None = None, **params: object) -> Callable[..., None]:
    return _said(
        told.state("error", "refresh", resumable=True, as_of=None),
        told.error(code, saved_through, **params),
    )


_READ_SO_FAR = told.view(52_000, 41, "2022-07", partial=True)
_UNDER_WAY = told.state("running", "refresh", resumable=True)
_BEGUN = told.progress(
    month="2019-12",
    months_done=0,
    rows={},
    rows_total=0,
    rows_per_s=0,
    requests=2,
    remaining_s=None,
)
_HALF = {"done": 41_200, "refused": 2, "remaining_s": 8_900, "per_s": 4.8}

SCENES = (
    Scene("starting", "starting", _nothing, BOTH),
    Scene("starting-again", "starting_again", _nothing),
    Scene("first-run", "new", _nothing, BOTH),
    Scene("first-run-for-managers", "early_manager", _nothing, BOTH),
    Scene("installing", "installing", _nothing, BOTH),
    Scene("installed", "installing", _prepare),
    Scene("outside-a-portal", "outside", _message, BOTH),
    Scene("platform-script-missing", "without_platform", _message),
    Scene("storage-refused", "without_storage", _broken),
    Scene("engine-missing", "broken", _broken),
    Scene("no-clients", "no_clients", _nothing, BOTH),
    Scene("first-month", "first_month", show_overview, BOTH),
    Scene("first-month-paid", "first_month", _mode("3")),
    Scene("first-month-list", "first_month", _list("2", "all")),
    *(Scene(f"mode-{number}", "counted", _mode(number), BOTH) for number in "12345"),
    Scene("past-month", "counted", _past_month, BOTH),
    Scene("shares", "counted", _shares),
    Scene("table", "counted", _table),
    Scene("marks-preview", "counted", _preview),
    Scene("clearing-asked", "counted", _clearing, BOTH),
    Scene("list", "counted", _list("3", "active"), BOTH),
    Scene("list-filters", "counted", _filters, BOTH),
    Scene("list-columns", "counted", _columns),
    Scene("list-nobody", "counted", _searched("zzzzz"), BOTH),
    Scene("list-hostile", "counted", _searched(HARM)),
    Scene("client", "counted", _client("", "4", "regular"), BOTH),
    Scene("client-hostile", "counted", _client(HARM, "1", "all")),
    Scene("compare", "counted", _view("compare"), BOTH),
    Scene("trial", "counted", _view("trial"), BOTH),
    Scene("guide", "counted", _view("guide"), BOTH),
    Scene("manager", "manager", show_overview, BOTH),
    Scene("manager-list", "manager", _list_without_marks),
    Scene("card-of-company", "company_card", _nothing, BOTH),
    Scene("card-for-managers", "managers_card", _nothing, BOTH),
    Scene("phone", "phone", show_overview, BOTH),
    Scene("phone-list", "phone", _list("3", "active")),
    Scene("huge", "told", _said(told.view(1_640_000)), BOTH),
    Scene("reading-begun", "told", _said(_UNDER_WAY, _BEGUN), BOTH),
    Scene("reading", "told", _said(_READ_SO_FAR, _UNDER_WAY, told.progress()), BOTH),
    Scene("reading-waits", "told", _said(_READ_SO_FAR, _UNDER_WAY, told.waiting("network"))),
    Scene(
        "reading-elsewhere",
        "told",
        _said(
            _READ_SO_FAR,
            told.state("running", "refresh", resumable=True, where="other_tab"),
            told.progress(),
        ),
    ),
    Scene(
        "paused",
        "told",
        _said(_READ_SO_FAR, told.state("paused", "refresh", resumable=True), told.progress()),
        BOTH,
    ),
    Scene(
        "next-run",
        "told",
        _said(told.view(85_000), told.state("running", "refresh"), told.progress(kind="next")),
    ),
    Scene("no-rights", "told", _failed("access_denied", method="crm.deal.list"), BOTH),
    Scene("offline", "told", _failed("connection_lost", "2022-07"), BOTH),
    Scene("storage-full", "told", _failed("storage_full", "2022-07")),
    Scene("failed", "told", _failed("engine_failed", error="KeyError: 'UF_CRM_CLB_TYPE'")),
    Scene("marks-unknown", "told", _marks("unknown"), BOTH),
    Scene("marks-none", "told", _marks("none", total=0, undoable=told.UNDOABLE)),
    Scene("marks-told-preview", "told", _marks("preview"), BOTH),
    Scene("marks-write-asked", "told", _writing_asked, BOTH),
    Scene("marks-writing", "told", _marks("writing", "marks", **_HALF), BOTH),
    Scene("marks-paused", "told", _marks("paused", **_HALF)),
    Scene(
        "marks-done",
        "told",
        _marks(
            "done",
            done=84_306,
            refused=2,
            gone=2,
            undoable=told.UNDOABLE,
            refusals=told.REFUSALS,
            words="Access denied.",
        ),
        BOTH,
    ),
    Scene("marks-refused", "told", _marks("refused", reason="no_right", words="Access denied.")),
    Scene(
        "marks-undone",
        "told",
        _marks(
            "undone", done=84_303, conflicts=told.CONFLICTS, conflicts_total=len(told.CONFLICTS)
        ),
        BOTH,
    ),
    Scene("portal-lacks", "told", _said(told.view(85_000), told.LACKING), BOTH),
)

"""What is on the screen in every situation."""

from __future__ import annotations

from typing import Any

import pytest

from ui import screen as screens
from ui.screen import Screen
from ui.set_up import SetUp
from unit.ui.words import view_of


def state(state: str = "idle", **changes: Any) -> dict[str, Any]:
    facts = {
        "type": "state",
        "state": state,
        "where": "here",
        "as_of": None,
        "resumable": False,
        "can_refresh": True,
        "job": None,
    }
    return {**facts, **changes}


def ready(event: dict[str, Any] | None = None) -> Screen:
    """A screen whose engine is up and has told its state."""
    screen = Screen()
    screen.is_admin = True
    screen.cache_searched = True
    screen.engine_ready = True
    screen.take_state(event or state())
    return screen


def test_a_page_that_has_just_opened_is_starting_and_blank() -> None:
    screen = Screen()
    assert (screen.app_state, screen.main) == ("starting", screens.BLANK)
    assert screen.status_key == "status.loading"
    assert not screen.refresh_visible


def test_the_last_charts_are_shown_before_the_engine_is_up() -> None:
    screen = Screen()
    screen.is_admin = True
    screen.take_view(view_of(3))
    assert (screen.app_state, screen.main) == ("starting", screens.CHARTS)
    assert screen.status_key == "status.loading_charts"


def test_nothing_can_be_refreshed_when_the_engine_does_not_come_up() -> None:
    screen = Screen()
    screen.is_admin = True
    screen.take_view(view_of(3))
    assert screen.refresh_visible
    screen.take_error({"code": "engine_missing", "params": {}, "saved_through": None})
    assert (screen.app_state, screen.main) == ("error", screens.CHARTS)
    assert (screen.engine_missing, screen.refresh_visible) == (True, False)


def test_an_administrator_is_invited_to_a_first_run_before_the_engine_is_up() -> None:
    screen = Screen()
    screen.is_admin = True
    screen.cache_searched = True
    assert screen.main == screens.FIRST
    assert (screen.refresh_visible, screen.refresh_key) == (True, "action.refresh")


def test_a_press_while_the_engine_loads_is_kept() -> None:
    screen = Screen()
    screen.is_admin = True
    screen.cache_searched = True
    screen.refresh_wanted = True
    assert screen.busy
    assert (screen.refresh_key, screen.status_key) == ("action.queued", "status.queued")


def test_others_are_told_who_refreshes() -> None:
    screen = ready(state(can_refresh=False))
    assert screen.main == screens.READER
    assert not screen.refresh_visible
    screen.take_view(view_of(3))
    assert screen.main == screens.CHARTS
    assert not screen.refresh_visible


def test_a_first_run_shows_its_progress_until_there_are_charts() -> None:
    screen = ready(state("running"))
    assert (screen.main, screen.progress_visible) == (screens.READING, True)
    assert (screen.busy, screen.refresh_key, screen.pause_visible) == (
        True,
        "action.refreshing",
        True,
    )
    screen.take_view(view_of(3, partial=True))
    assert screen.main == screens.CHARTS


def test_a_paused_run_can_be_continued() -> None:
    screen = ready(state("paused", resumable=True))
    assert (screen.app_state, screen.refresh_key) == ("paused", "action.continue")
    assert (screen.busy, screen.pause_visible, screen.progress_visible) == (False, False, True)


def test_an_error_stays_until_the_next_state_without_one() -> None:
    screen = ready(state("running"))
    screen.take_state(state("error", resumable=True))
    screen.take_error({"code": "answer_timeout", "params": {}, "saved_through": "2021-03"})
    assert (screen.app_state, screen.refresh_key) == ("error", "action.continue")
    assert screen.error is not None
    screen.take_state(state("running"))
    assert screen.error is None


def test_an_engine_that_does_not_come_up_is_an_error() -> None:
    screen = Screen()
    screen.take_error({"code": "engine_missing", "params": {}, "saved_through": None})
    assert (screen.app_state, screen.status_key) == ("error", "")


def test_a_base_without_clients_is_told_only_when_all_is_read() -> None:
    screen = ready()
    screen.take_view(view_of(0, partial=True))
    assert screen.main == screens.FIRST
    screen.take_view(view_of(0))
    assert screen.main == screens.NO_CLIENTS
    assert screen.refresh_visible


def test_without_a_portal_there_is_nothing_but_a_message() -> None:
    screen = ready(state("running"))
    screen.away = "outside"
    assert (screen.app_state, screen.main) == ("error", screens.AWAY)
    assert not (screen.refresh_visible or screen.progress_visible or screen.pause_visible)


def test_the_chosen_month_stays_while_it_is_there() -> None:
    screen = ready()
    screen.take_view(view_of(5))
    screen.month = "2024-01"
    screen.take_view(view_of(6))
    assert screen.month == "2024-01"
    screen.take_view(view_of(2))
    assert screen.month is None


def test_a_warning_is_given_once() -> None:
    screen = ready()
    screen.warn("storage_lost")
    screen.warn("storage_lost")
    assert screen.warnings == ["storage_lost"]


def test_charts_take_back_the_warning_that_there_are_none_here() -> None:
    screen = ready()
    screen.warn(screens.NO_CACHE_HERE)
    screen.warn("storage_lost")
    screen.take_view(view_of(3, partial=True))
    assert screen.warnings == ["storage_lost"]


def test_the_head_tells_the_moment_of_a_whole_refresh_only() -> None:
    screen = ready()
    assert screen.as_of is None
    screen.take_view(view_of(3, partial=True))
    assert screen.as_of is None
    screen.take_view(view_of(3))
    assert screen.as_of == "2024-03-17T05:07:00+03:00"


def test_a_damaged_view_changes_nothing() -> None:
    screen = ready()
    screen.take_view(view_of(3))
    screen.take_view(None)
    assert screen.main == screens.CHARTS


def charts(event: dict[str, Any] | None = None, **changes: Any) -> Screen:
    """A ready screen with the charts of a complete refresh."""
    screen = ready(event)
    screen.take_view(view_of(3, **changes))
    return screen


def test_marks_need_an_administrator_and_a_complete_refresh_made_here() -> None:
    assert charts().marks_visible
    assert not charts(state(can_refresh=False)).marks_visible
    assert not charts(partial=True).marks_visible
    assert not charts(shared=True).marks_visible
    assert not ready().marks_visible


def test_readers_get_no_button_that_writes() -> None:
    screen = charts(state(can_refresh=False), shared=True)
    assert screen.main == screens.CHARTS
    assert not (
        screen.refresh_visible
        or screen.clear_visible
        or screen.pause_visible
        or screen.marks_visible
        or screen.set_up_visible
    )


def test_readers_of_an_uncounted_portal_see_no_error() -> None:
    screen = ready(state(can_refresh=False))
    screen.take_error({"code": "not_set_up", "params": {}, "saved_through": None})
    assert screen.error is None
    assert screen.main == screens.READER


@pytest.mark.parametrize("job", ["marks", "undo", "set_up"])
def test_while_something_else_runs_there_is_nothing_to_refresh_or_pause(job: str) -> None:
    screen = charts(state("running", job=job))
    assert screen.app_state == "running"
    assert not (screen.progress_visible or screen.pause_visible or screen.clear_visible)
    assert not screen.refresh_visible
    assert not screen.marks_may_begin
    assert (screen.status_key == "status.marks") == (job != "set_up")


def test_a_paused_writing_leaves_the_refresh_free() -> None:
    screen = charts(state("paused", job="marks"))
    assert (screen.refresh_visible, screen.refresh_key) == (True, "action.refresh")
    assert not screen.progress_visible
    assert screen.marks_may_begin


@pytest.mark.parametrize("name", ["running", "paused"])
def test_marks_wait_for_the_refresh(name: str) -> None:
    screen = charts(state(name, job="refresh"))
    assert screen.progress_visible
    assert not screen.marks_may_begin


def test_clearing_is_offered_beside_charts_that_were_made_here() -> None:
    assert charts().clear_visible
    assert not charts(state("running", job="refresh")).clear_visible
    assert not charts(shared=True).clear_visible
    assert not ready().clear_visible


def test_a_refresh_after_a_complete_one_takes_in_changes_only() -> None:
    screen = charts(state("running", job="refresh"))
    assert screen.next_run
    screen.progress = {"kind": "full"}
    assert not screen.next_run
    screen.progress = {"kind": "next"}
    assert screen.next_run


def test_a_first_or_full_refresh_is_no_next_run() -> None:
    assert not ready(state("running", job="refresh")).next_run
    assert not charts(state("running"), partial=True).next_run
    assert not charts(state("running"), shared=True).next_run
    screen = charts(state("running"))
    screen.full_wanted = True
    assert not screen.next_run


def test_the_wish_for_a_full_refresh_ends_with_it() -> None:
    screen = charts(state("running", job="refresh"))
    screen.full_wanted = True
    screen.take_state(state())
    assert not screen.full_wanted


def test_an_installation_shows_its_steps_to_administrators_and_a_message_to_others() -> None:
    screen = Screen()
    screen.installing = True
    assert screen.main == screens.BLANK
    screen.is_admin = True
    assert (screen.main, screen.set_up_visible) == (screens.SET_UP, True)
    assert not screen.refresh_visible
    screen.is_admin = False
    assert (screen.main, screen.set_up_visible) == (screens.NOT_SET_UP, False)


def test_an_administrator_is_told_what_is_missing_later_too() -> None:
    screen = charts()
    screen.set_up = SetUp({"steps": [{"code": "storage", "state": "done"}], "done": True})
    assert not screen.set_up_visible
    screen.set_up = SetUp({"steps": [{"code": "storage", "state": "refused"}], "done": True})
    assert screen.set_up_visible
    screen.is_admin = False
    assert not screen.set_up_visible


def test_comparing_and_trying_need_a_base_and_the_guide_nothing() -> None:
    assert charts().views == ["overview", "compare", "trial", "guide"]
    assert charts(state(can_refresh=False)).views == ["overview", "guide"]
    assert ready().views == ["overview", "guide"]
    away = Screen()
    away.away = "outside"
    assert away.views == ["overview"]


def test_a_mode_can_be_chosen_together_with_a_month() -> None:
    screen = charts()
    assert screen.view is not None
    screen.choose("4", screen.view.months[0])
    assert (screen.mode.number, screen.month) == ("4", screen.view.months[0])
    screen.choose("3", screen.view.months[-1])
    assert (screen.mode.number, screen.month) == ("3", None), "the last month is now"

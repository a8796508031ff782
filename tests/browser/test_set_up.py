"""The installation: what the portal is given, step by step, and what is told of what it lacks."""

from __future__ import annotations

from collections.abc import Callable

from .application import Application
from .servers import RunningPortal, portal_server

Open = Callable[..., Application]

PORTAL = ("--clients", "100", "--seed", "2", "--pace", "off", "--install")
STEPS = ("scopes", "marks", "storage", "deletions", "placements")
PREPARING = (".add", ".update", ".delete", ".bind", ".unbind", ".set")


def test_the_steps_prepare_the_portal_and_end_the_installation(open_application: Open) -> None:
    with portal_server(*PORTAL) as portal:
        application = open_application(portal).open().engine_ready()
        assert _steps(application) == dict.fromkeys(STEPS, "pending")
        assert _preparations(portal) == []
        application.press("set-up")
        application.frame.locator("[data-action=finish-set-up]").wait_for(timeout=30_000)
        assert _steps(application) == {**dict.fromkeys(STEPS, "done"), "scopes": "already"}
        prepared = _preparations(portal)
        assert prepared.count("crm.company.userfield.add") == 8
        assert prepared.count("crm.contact.userfield.add") == 8
        assert _is_installed(portal) is False

        application.press("finish-set-up")
        application.page.wait_for_url("**install_finished=Y*")
        assert _is_installed(portal) is True
        placements = portal.ask("/portal/facts")["placements"]
        assert {place["placement"] for place in placements} == {
            *("CRM_COMPANY_DETAIL_TAB", "CRM_CONTACT_DETAIL_TAB"),
            *("CRM_COMPANY_LIST_TOOLBAR", "CRM_CONTACT_LIST_TOOLBAR"),
            *("CRM_ANALYTICS_MENU", "CRM_ANALYTICS_TOOLBAR"),
        }

        application.open().engine_ready().reach("idle")
        assert application.frame.locator("[data-set-up-step]:visible").count() == 0
        assert application.frame.locator("[data-action=refresh]").is_visible()
        assert _preparations(portal) == prepared, "opened again it changes nothing"

        other = open_application(portal).fill()
        assert other.frame.locator("[data-set-up-step]:visible").count() == 0
        again = [each for each in _preparations(portal) if not each.startswith("entity.item.")]
        assert again == prepared, "another browser finds everything prepared"


def test_a_portal_without_a_permission_is_told_which_box_to_tick(open_application: Open) -> None:
    with portal_server(*PORTAL, "--without", "placement") as portal:
        application = open_application(portal).open().engine_ready().press("set-up")
        application.frame.locator("[data-action=finish-set-up]").wait_for(timeout=30_000)
        steps = _steps(application)
        assert steps == {
            "scopes": "missing_scope",
            "marks": "done",
            "storage": "done",
            "deletions": "done",
            "placements": "missing_scope",
        }
        box = "«Встраивание приложений (placement)»"
        for step in ("scopes", "placements"):
            told = application.frame.locator(f"[data-set-up-step={step}]").inner_text()
            assert box in told
        application.press("finish-set-up")
        application.page.wait_for_url("**install_finished=Y*")
        assert _is_installed(portal) is True


def _steps(application: Application) -> dict[str, str | None]:
    rows = application.frame.locator("[data-set-up-step]").all()
    return {
        str(row.get_attribute("data-set-up-step")): row.get_attribute("data-step-state")
        for row in rows
    }


def _preparations(portal: RunningPortal) -> list[str]:
    """Every command so far that writes."""
    return [
        command["method"]
        for request in portal.requests()
        for command in request["commands"]
        if command["method"].endswith(PREPARING)
    ]


def _is_installed(portal: RunningPortal) -> bool:
    installed: bool = portal.ask("/portal/facts")["installed"]
    return installed

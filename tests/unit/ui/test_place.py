"""Where in the portal's pages the page was opened."""

from __future__ import annotations

from typing import Any

import pytest

from crm.installation import PLACEMENTS
from ui.place import ANALYTICS, APP, CARD, LIST, Place


@pytest.mark.parametrize(
    ("code", "kind", "entity"),
    [
        ("DEFAULT", APP, ""),
        ("LEFT_MENU", APP, ""),
        ("CRM_DEAL_DETAIL_TAB", APP, ""),
        ("CRM_COMPANY_DETAIL_TAB", CARD, "company"),
        ("CRM_CONTACT_DETAIL_TAB", CARD, "contact"),
        ("crm_contact_detail_tab", CARD, "contact"),
        ("CRM_ANALYTICS_MENU", ANALYTICS, ""),
        ("CRM_ANALYTICS_TOOLBAR", ANALYTICS, ""),
        ("CRM_COMPANY_LIST_TOOLBAR", LIST, "company"),
        ("CRM_CONTACT_LIST_TOOLBAR", LIST, "contact"),
    ],
)
def test_a_code_of_the_portal_is_one_of_the_apps_places(code: str, kind: str, entity: str) -> None:
    place = Place.of({"placement": code, "options": {"ID": "8061", "URI": "/crm/"}})
    assert (place.kind, place.entity) == (kind, entity)
    assert place.id == (8061 if kind == CARD else 0)


def test_every_place_that_the_installation_binds_is_known() -> None:
    assert all(Place.of({"placement": code}).kind != APP for code in PLACEMENTS)


def test_a_card_is_called_as_rows_of_lists_are() -> None:
    place = Place.of({"placement": "CRM_CONTACT_DETAIL_TAB", "options": {"ID": "12"}})
    assert (place.client, place.segment) == ("contact:12", "")


@pytest.mark.parametrize(("entity", "segment"), [("COMPANY", "companies"), ("CONTACT", "contacts")])
def test_a_toolbar_leads_to_the_list_of_its_kind(entity: str, segment: str) -> None:
    assert Place.of({"placement": f"CRM_{entity}_LIST_TOOLBAR"}).segment == f"1.{segment}"


@pytest.mark.parametrize("info", [None, "", [], 5, {}, {"placement": None}, {"placement": ["A"]}])
def test_a_portal_that_tells_nothing_opens_the_apps_own_page(info: Any) -> None:
    assert Place.of(info).kind == APP


@pytest.mark.parametrize(
    "options",
    [
        *(None, "", [], "ID=5", {}, {"id": "5"}, {"URI": "/crm/company/details/5/"}),
        *({"ID": value} for value in (None, "", "0", "-5", "5.0", "1e3", "5 OR 1=1", " 5", "٥")),
        *({"ID": value} for value in (["5"], {"5": 5}, True, "5&select[]=*", "9" * 400)),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_card_without_a_proper_id_has_none(options: Any) -> None:
    place = Place.of({"placement": "CRM_COMPANY_DETAIL_TAB", "options": options})
    assert (place.kind, place.id) == (CARD, 0)

"""Pages, selections, orders and filters of the lists."""

from __future__ import annotations

from typing import Any

import pytest

from portal.database import Database
from portal.entities import ITEM_LISTS, OLD_LISTS, camel_user_field, original_user_field
from portal.errors import RestError
from portal.lists import Lists, Page
from portal.rights import Rights
from portal.userfields import UserFields
from portal.values import Moments
from unit.portal.small_portal import FakeTime, Rows, companies, stored

ALL = Rights(None)


def _lists(rows: Rows) -> Lists:
    database = stored(rows)
    return Lists(database, Moments(FakeTime().clock().zone), UserFields(database))


def _page(lists: Lists, which: str | int, **query: Any) -> Page:
    entity = OLD_LISTS[which] if isinstance(which, str) else ITEM_LISTS[which]
    given = {"filter": None, "select": None, "order": None, "start": 0, **query}
    return lists.page(entity, ALL, **given)


def _ids(page: Page) -> list[int]:
    return [int(row.get("ID") or row["id"]) for row in page.rows]


@pytest.fixture(scope="module")
def hundred_and_twenty() -> Lists:
    return _lists({"companies": companies(120)})


@pytest.mark.parametrize(
    ("start", "first", "rows", "following"),
    [
        (0, 1, 50, 50),
        (49, 1, 50, 50),
        (50, 51, 50, 100),
        (99, 51, 50, 100),
        (100, 101, 20, None),
        (150, 0, 0, None),
    ],
)
def test_start_is_rounded_down_to_a_page(
    hundred_and_twenty: Lists, start: int, first: int, rows: int, following: int | None
) -> None:
    page = _page(hundred_and_twenty, "company", start=start)
    assert len(page.rows) == rows
    assert _ids(page)[:1] == ([3 * first] if first else [])
    assert (page.total, page.next, page.counted) == (120, following, True)


def test_a_negative_start_gives_the_first_rows_without_a_count(hundred_and_twenty: Lists) -> None:
    old, item = (_page(hundred_and_twenty, which, start=-1) for which in ("company", 4))
    assert (len(old.rows), old.total, old.next, old.counted) == (50, 0, None, False)
    assert (len(item.rows), item.total, item.next, item.counted) == (50, None, None, False)


def test_a_loop_by_growing_ids_meets_every_row_once(hundred_and_twenty: Lists) -> None:
    met: list[int] = []
    while True:
        page = _page(
            hundred_and_twenty,
            "company",
            start=-1,
            order={"ID": "ASC"},
            filter={">ID": met[-1] if met else 0},
        )
        met += _ids(page)
        if len(page.rows) < 50:
            break
    assert met == [3 * n for n in range(1, 121)]


def test_the_older_lists_give_strings_and_the_new_one_types() -> None:
    lists = _lists(
        {
            "deals": [
                {
                    "ID": 7,
                    "TITLE": "D",
                    "OPPORTUNITY": 20000,
                    "DATE_CREATE": "2026-01-05T10:00:00+05:00",
                    "COMPANY_ID": 3,
                }
            ],
        }
    )
    names = [
        "ID",
        "OPPORTUNITY",
        "COMPANY_ID",
        "CONTACT_ID",
        "LEAD_ID",
        "DATE_CREATE",
        "CLOSEDATE",
        "CLOSED",
    ]
    assert _page(lists, "deal", select=names).rows == [
        {
            "ID": "7",
            "OPPORTUNITY": "20000.00",
            "COMPANY_ID": "3",
            "CONTACT_ID": "0",
            "LEAD_ID": None,
            "DATE_CREATE": "2026-01-05T08:00:00+03:00",
            "CLOSEDATE": "",
            "CLOSED": "N",
        }
    ]
    names = [
        "id",
        "opportunity",
        "companyId",
        "contactId",
        "leadId",
        "createdTime",
        "closedate",
        "closed",
    ]
    assert _page(lists, 2, select=names).rows == [
        {
            "id": 7,
            "opportunity": 20000,
            "companyId": 3,
            "contactId": 0,
            "leadId": None,
            "createdTime": "2026-01-05T08:00:00+03:00",
            "closedate": None,
            "closed": "N",
        }
    ]


def test_a_star_is_system_fields_in_the_older_lists_and_everything_in_the_new_one() -> None:
    lists = _lists(
        {
            "companies": [
                {"ID": 1, "TITLE": "C", "PHONE": "+7", "UF_CRM_CLB_TYPE": "45", "UF_CRM_174": "x"}
            ]
        }
    )
    old = _page(lists, "company", select=["*"])
    assert "TITLE" in old.rows[0]
    assert not {"PHONE", "UF_CRM_CLB_TYPE"} & old.rows[0].keys()
    assert old.all_fields
    both = _page(lists, "company", select=["*", "UF_*", "PHONE"]).rows[0]
    assert both["UF_CRM_CLB_TYPE"] == "45"
    assert [row["VALUE"] for row in both["PHONE"]] == ["+7"]
    item = _page(lists, 4).rows[0]
    assert item["ufCrmClbType"] == "45"
    assert item["ufCrm_174"] == "x"
    assert item["fm"][0]["typeId"] == "PHONE"
    assert "fm" not in _page(lists, 4, select=["id", "fm"]).rows[0]


def test_named_fields_alone_come_and_unknown_names_are_passed_over() -> None:
    lists = _lists({"companies": companies(1)})
    page = _page(lists, "company", select=["TITLE", "NO_SUCH"])
    assert page.rows == [{"TITLE": "Company 1"}]
    assert not page.all_fields
    assert _page(lists, 4, select=["title"]).rows == [{"id": 3, "title": "Company 1"}]


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ({"ID": 6}, [6]),
        ({"=ID": "6"}, [6]),
        ({"!ID": 6}, [3, 9, 12]),
        ({"!=ID": 6}, [3, 9, 12]),
        ({">ID": 6}, [9, 12]),
        ({">=ID": 6, "<ID": 12}, [6, 9]),
        ({"<=ID": 6}, [3, 6]),
        ({"@ID": [3, "12", 77]}, [3, 12]),
        ({"ID": {"0": "3", "1": "9"}}, [3, 9]),
        ({"!@ID": [3, 12]}, [6, 9]),
        ({"!ID": [3, 12]}, [6, 9]),
        ({"@ID": []}, []),
        ({"%TITLE": "PANY 2"}, [6]),
        ({"=%TITLE": "comp%4"}, [12]),
        ({"%=TITLE": "%2"}, [6]),
        ({"TITLE": "company 3"}, [9]),
        ({"NO_SUCH": 5}, [3, 6, 9, 12]),
        ({"!%TITLE": "x"}, [3, 6, 9, 12]),
        ({">DATE_CREATE": "2026-01-01T02:00:00+03:00"}, [9, 12]),
        ({">=DATE_CREATE": "2026-01-01T02:00:00"}, [6, 9, 12]),
        ({">=DATE_CREATE": "2025-12-31T23:00:00+00:00"}, [6, 9, 12]),
        ({"<DATE_CREATE": "2026-01-01 03:00:00"}, [3, 6]),
        ({"<DATE_CREATE": "2026-01-02"}, [3, 6, 9, 12]),
        ({"<=DATE_CREATE": "01.01.2026 03:00:00"}, [3, 6, 9]),
        ({">DATE_CREATE": "rubbish"}, [3, 6, 9, 12]),
        ({"<DATE_CREATE": "rubbish"}, []),
        ({">ID": "rubbish"}, [3, 6, 9, 12]),
        ({">ID": [{"ID": "12"}]}, [3, 6, 9, 12]),
        ({">ID": []}, [3, 6, 9, 12]),
        ({"IS_MY_COMPANY": "N"}, [3, 6, 9, 12]),
        ({"LAST_ACTIVITY_TIME": ""}, [3, 6, 9, 12]),
        ({"!LAST_ACTIVITY_TIME": ""}, []),
    ],
)
def test_prefixes_of_the_older_lists(filter: dict[str, Any], ids: list[int]) -> None:
    lists = _lists({"companies": companies(4)})
    assert _ids(_page(lists, "company", filter=filter)) == ids


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ({"0": {"logic": "OR", "0": {"id": 3}, "1": {">id": 9}}}, [3, 12]),
        ([{"logic": "OR", "0": {"id": 3}, "1": {"id": 6, "title": "Company 2"}}], [3, 6]),
        ({"!%title": "2"}, [3, 9, 12]),
        ({">createdTime": "2026-01-01T02:00:00+03:00", "<id": 12}, [9]),
    ],
)
def test_the_new_list_knows_or_and_negated_texts(filter: Any, ids: list[int]) -> None:
    assert _ids(_page(_lists({"companies": companies(4)}), 4, filter=filter)) == ids


@pytest.mark.parametrize(
    "query",
    [{"filter": {">ID": 5}}, {"order": {"ID": "ASC"}}, {"filter": {">createdTime": "rubbish"}}],
)
def test_the_new_list_refuses_what_the_older_ones_ignore(query: dict[str, Any]) -> None:
    with pytest.raises(RestError) as error:
        _page(_lists({"companies": companies(1)}), 4, **query)
    assert (error.value.status, error.value.code) == (400, "INVALID_ARG_VALUE")


def test_phones_are_found_by_their_exact_value() -> None:
    lists = _lists({"companies": [{"ID": 1, "PHONE": "+79990000001"}, {"ID": 2, "PHONE": "+7999"}]})
    assert _ids(_page(lists, "company", filter={"PHONE": "+7999"})) == [2]


def test_user_fields_can_be_filtered() -> None:
    lists = _lists(
        {"companies": [{"ID": 1, "UF_CRM_A": "45"}, {"ID": 2, "UF_CRM_A": 46}, {"ID": 3}]}
    )
    assert _ids(_page(lists, "company", filter={"UF_CRM_A": 46})) == [2]
    assert _ids(_page(lists, 4, filter={"=ufCrmA": "45"})) == [1]
    assert _ids(_page(lists, "company", filter={"UF_CRM_A": ""})) == [3]


def test_bound_contacts_and_companies_come_with_items() -> None:
    lists = _lists(
        {
            "companies": companies(3),
            "contacts": [
                {"ID": 5, "COMPANY_ID": 6, "COMPANY_IDS": [3, 6]},
                {"ID": 7, "COMPANY_ID": 6},
                {"ID": 8},
            ],
            "deals": [{"ID": 1, "CONTACT_ID": 5}],
        }
    )
    contacts = _page(lists, 3, select=["companyIds"]).rows
    assert [(row["id"], sorted(row["companyIds"])) for row in contacts] == [
        (5, [3, 6]),
        (7, [6]),
        (8, []),
    ]
    assert [row["contactIds"] for row in _page(lists, 4, select=["contactIds"]).rows] == [
        [5],
        [5, 7],
        [],
    ]
    assert _page(lists, 2, select=["contactIds"]).rows == [{"id": 1, "contactIds": [5]}]


def test_activities_are_found_by_their_bindings() -> None:
    lists = _lists(
        {
            "activities": [
                {"ID": 1, "OWNER_TYPE_ID": 4, "OWNER_ID": 7},
                {"ID": 2, "OWNER_TYPE_ID": 3, "OWNER_ID": 7},
            ]
        }
    )
    bindings = [{"OWNER_TYPE_ID": 4, "OWNER_ID": 7}]
    assert _ids(_page(lists, "activity", filter={"BINDINGS": bindings})) == [1]


def test_order_goes_both_ways() -> None:
    lists = _lists({"companies": companies(3)})
    assert _ids(_page(lists, "company", order={"DATE_CREATE": "DESC"})) == [9, 6, 3]


@pytest.mark.parametrize(
    ("original", "camel"),
    [
        ("UF_CRM_1747309879", "ufCrm_1747309879"),
        ("UF_CRM_3_174", "ufCrm3_174"),
        ("UF_CRM_3_DIGIT", "ufCrm3Digit"),
        ("UF_CRM_CLB_LAST_PAY", "ufCrmClbLastPay"),
    ],
)
def test_names_of_user_fields_go_both_ways(original: str, camel: str) -> None:
    assert camel_user_field(original) == camel
    assert original_user_field(camel) == original


def test_a_kept_file_gives_the_same_rows_again(tmp_path: Any) -> None:
    path = str(tmp_path / "kept.sqlite")
    first = Database.create(path)
    first.insert("companies", ["ID", "TITLE"], [(1, "A")])
    first.build_indexes()
    first.settings["name"] = "Kept"
    first.save_settings()
    first.close()
    again = Database.create(path)
    assert again.settings["name"] == "Kept"
    assert again.row("companies", 1) is not None
    again.close()

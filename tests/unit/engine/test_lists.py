"""Lists of clients over an emulated portal: while jobs run, in other tabs, with limited rights."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.client_rows import COLUMNS
from engine.lists import Exported
from portal.state import PortalState
from segmentation.types import LISTED
from unit.crm.virtual_time import run
from unit.emulated import EmulatedPortal

from .opened import Opened, generated
from .tabs_in_memory import Browser

pytestmark = pytest.mark.thorough

CLIENTS = 150


def portal(seed: int = 1) -> PortalState:
    """A believable portal, to be made in a virtual loop."""
    return EmulatedPortal(generated(CLIENTS, seed)).state


def cells(answer: dict[str, Any], column: str) -> list[Any]:
    """One column of the rows of an answer."""
    place = answer["columns"].index(column)
    return [row[place] for row in answer["rows"]]


async def refreshed(state: PortalState, browser: Browser | None = None) -> Opened:
    """An administrator's page with a complete base."""
    page = Opened(state, browser=browser)
    await page.session.open()
    await page.refreshed()
    assert page.errors == []
    return page


def a_manager(state: PortalState) -> int:
    """A user who is responsible for clients and sees no others."""
    query = (
        "select ASSIGNED_BY_ID as id, count(*) as n from companies where ASSIGNED_BY_ID not in "
        "(select UF_HEAD from departments) and ASSIGNED_BY_ID in (select ID from users) "
        "group by 1 order by n desc"
    )
    return next(
        int(row["id"]) for row in state.database.query(query) if not _is_admin(state, row["id"])
    )


def _is_admin(state: PortalState, user: int) -> bool:
    return user == 1


def test_every_counter_leads_to_as_many_rows() -> None:
    async def story() -> None:
        page = await refreshed(portal())
        for mode, codes in LISTED.items():
            for code in codes:
                counters = page.view["modes"][str(mode)]
                counted = [counters[each] for each in ([code] if code in counters else counters)]
                for place, month in ((-1, None), *enumerate(page.view["months"][-3:], -3)):
                    count = sum(each["series"][place] for each in counted)
                    segment = {"mode": str(mode), "code": code, "month": month}
                    answer = await page.lists.query({"segment": segment, "count": 5})
                    assert answer["of"] == answer["total"] == count, segment
                    assert answer["charted"] == (None if month is None else count), segment
                    assert len(answer["rows"]) == min(5, count)

    run(story())


def test_a_row_says_what_the_portal_knows() -> None:
    async def story() -> None:
        state = portal()
        page = await refreshed(state)
        row = state.database.query("select * from companies order by ID")[3]
        answer = await page.lists.query({"filters": {"id": {"from": row["ID"], "to": row["ID"]}}})
        told = next(
            dict(zip(COLUMNS, each, strict=True))
            for each in answer["rows"]
            if each[COLUMNS.index("entity")] == "company"
        )
        assert told["name"] == row["TITLE"]
        assert told["responsible"] == row["ASSIGNED_BY_ID"]
        user = state.database.row("users", row["ASSIGNED_BY_ID"])
        assert user is not None
        assert user["LAST_NAME"] in answer["people"][str(told["responsible"])]

    run(story())


def test_windows_of_a_sorted_list_are_its_parts() -> None:
    async def story() -> None:
        page = await refreshed(portal())
        question = {"sort": [["name", False]]}
        whole = await page.lists.query(question)
        parts = [
            (await page.lists.query({**question, "from": first, "count": 40}))["rows"]
            for first in range(0, whole["total"] + 40, 40)
        ]
        assert [row for part in parts for row in part] == whole["rows"]
        assert len(whole["rows"]) == whole["total"] > 100

    run(story())


def test_lists_answer_while_a_full_reading_is_at_work() -> None:
    async def story() -> None:
        page = await refreshed(portal())
        before = await page.lists.query({})
        await page.session.refresh(full=True)
        for _ in range(5):
            await asyncio.sleep(1)
            assert (await page.memory.load_run()).state == "running"
            during = await page.lists.query({})
            assert during["rows"] == before["rows"]
            assert during["as_of"] == before["as_of"]
        await page.rests()
        assert (await page.lists.query({}))["as_of"] > before["as_of"]

    run(story())


def test_a_watching_tab_answers_too_and_sees_the_next_base() -> None:
    async def story() -> None:
        state, browser = portal(), Browser()
        page = await refreshed(state, browser)
        other = Opened(state, page.memory, browser)
        await other.session.open()
        before = await other.lists.query({})
        assert before["rows"] == (await page.lists.query({}))["rows"]
        client = page.portal.client()
        await client.call("crm.company.add", {"fields": {"TITLE": "Совсем новая"}})
        await page.refreshed()
        found = await other.lists.query({"search": "новая совсем"})
        assert cells(found, "name") == ["Совсем новая"]
        assert found["of"] == before["of"] + 1

    run(story())


def test_without_a_base_or_marks_the_list_says_why() -> None:
    async def story() -> None:
        state = portal()
        admin = Opened(state)
        await admin.session.open()
        assert (await admin.lists.query({}))["error"]["code"] == "no_base"
        assert (await admin.lists.client({"entity": "company", "id": 1}))["error"][
            "code"
        ] == "no_base"
        await admin.refreshed()
        manager = Opened(state, user=a_manager(state), is_admin=False)
        await manager.session.open()
        await asyncio.sleep(5)
        assert (await manager.lists.query({}))["error"]["code"] == "marks_missing"

    run(story())


def test_a_manager_sees_of_a_segment_what_the_portal_lets_them_read() -> None:
    async def story() -> None:
        state = portal()
        admin = await refreshed(state)
        await admin.ordered("write")
        user = a_manager(state)
        manager = Opened(state, user=user, is_admin=False)
        await manager.session.open()
        await asyncio.sleep(5)
        seen = 0
        for mode, codes in LISTED.items():
            for code in codes:
                segment = {"mode": mode, "code": code, "month": None}
                answer = await manager.lists.query({"segment": segment})
                if code in ("b2b_with_contacts", "b2b_without_contacts"):
                    assert answer["error"]["code"] == "segment_not_marked"
                    continue
                whole = await admin.lists.query(
                    {"segment": segment, "filters": {"responsible": [user]}}
                )
                assert set(zip(cells(answer, "entity"), cells(answer, "id"), strict=True)) == set(
                    zip(cells(whole, "entity"), cells(whole, "id"), strict=True)
                ), segment
                assert answer["visible"] == answer["total"] == whole["total"]
                assert answer["of"] == whole["of"]
                for column in ("name", "kind", "lifecycle", "frequency", "last_payment", "phone"):
                    assert sorted(map(str, cells(answer, column))) == sorted(
                        map(str, cells(whole, column))
                    ), (segment, column)
                seen += answer["total"]
        assert seen > 0
        past = {"mode": 3, "code": "active", "month": admin.view["months"][-2]}
        assert (await manager.lists.query({"segment": past}))["error"]["code"] == "past_not_marked"

    run(story())


def test_a_manager_is_told_of_a_client_what_its_marks_tell() -> None:
    async def story() -> None:
        state = portal()
        admin = await refreshed(state)
        await admin.ordered("write")
        manager = Opened(state, user=a_manager(state), is_admin=False)
        await manager.session.open()
        await asyncio.sleep(5)
        order = {"entity": "company", "id": 1}
        refused = await manager.lists.client(order)
        assert refused["error"]["code"] == "reasons_need_base"
        listed = await manager.lists.query({"segment": {"mode": 3, "code": "all"}})
        row = listed["rows"][0]
        order = {name: row[COLUMNS.index(name)] for name in ("entity", "id")}
        told = await manager.lists.client(order)
        assert (told["columns"], told["row"]) == (list(COLUMNS), row)
        assert set(told) == {"columns", "row", "people", "as_of"}
        stranger = await manager.lists.client({"entity": "company", "id": 10**9})
        assert stranger["error"]["code"] == "reasons_need_base"

    run(story())


def test_a_list_of_a_month_that_is_over_says_what_its_chart_has_kept() -> None:
    async def story() -> None:
        state = portal()
        page = await refreshed(state)
        month = page.view["months"][-4]
        segment = {"mode": 1, "code": "companies", "month": month}
        before = await page.lists.query({"segment": segment})
        for number in cells(before, "id")[:2]:
            await page.portal.client().call("crm.company.delete", {"id": number})
        await page.refreshed()
        after = await page.lists.query({"segment": segment, "count": 5})
        assert after["of"] == before["of"] - 2
        assert after["charted"] == before["of"]
        # Further windows of the same list need not tell it again.
        assert "charted" not in await page.lists.query({"segment": segment, "from": 5, "count": 5})

    run(story())


def test_typing_a_word_finds_what_the_whole_word_finds() -> None:
    async def story() -> None:
        page, fresh = await refreshed(portal()), await refreshed(portal())
        whole = await page.lists.query({})
        name = max(cells(whole, "name")[:20], key=len)
        for order in ({}, {"filters": {"kind": ["b2b"]}, "sort": [["name", True]]}):
            for end in range(1, len(name) + 1):
                question = {**order, "search": name[:end], "count": 1000}
                typed = await page.lists.query(question)
                await fresh.lists.query({"segment": {"mode": 5, "code": "empty"}})
                found = await fresh.lists.query(question)
                assert typed["rows"] == found["rows"], question
                assert (typed["total"], typed["of"]) == (found["total"], found["of"])

    run(story())


def test_a_client_is_told_with_reasons_payments_and_contacts() -> None:
    async def story() -> None:
        state = portal()
        page = await refreshed(state)
        regular = {"mode": 4, "code": "regular", "month": None}
        answer = await page.lists.query({"segment": regular, "filters": {"kind": ["b2b"]}})
        for row in answer["rows"]:
            told = dict(zip(COLUMNS, row, strict=True))
            facts = await page.lists.client({"entity": told["entity"], "id": told["id"]})
            assert facts["explanation"]["lifecycle"] == told["lifecycle"]
            assert facts["history"]["lifecycle"][-1] == told["lifecycle"]
            assert facts["payments_total"] == told["payments"] == len(facts["payments"])
            assert facts["payments"][0]["day"] == told["last_payment"]
            sums = dict(facts["amounts"])
            assert sums.get(told["currency"]) == told["amount"]
            for currency, amount in sums.items():
                paid = [each for each in facts["payments"] if each["currency"] == currency]
                assert abs(sum(each["amount"] for each in paid) - amount) < 0.01
            links = state.database.query(f"select contact from links where company = {told['id']}")
            assert {each["id"] for each in facts["contacts"]} == {link["contact"] for link in links}
        assert answer["rows"]

    run(story())


def test_a_company_contact_is_told_as_its_company() -> None:
    async def story() -> None:
        page = await refreshed(portal())
        contacts = await page.lists.query({"segment": {"mode": 1, "code": "contacts"}})
        of_companies = [
            row[COLUMNS.index("id")]
            for row in contacts["rows"]
            if row[COLUMNS.index("kind")] is None
        ]
        assert of_companies
        facts = await page.lists.client({"entity": "contact", "id": of_companies[0]})
        asked = dict(zip(COLUMNS, facts["asked"], strict=True))
        assert (asked["entity"], asked["id"]) == ("contact", of_companies[0])
        assert facts["explanation"]["kind"] == "b2b"
        assert of_companies[0] in [each["id"] for each in facts["contacts"]]
        gone = await page.lists.client({"entity": "contact", "id": 10**9})
        assert gone["error"]["code"] == "client_gone"

    run(story())


def test_a_list_goes_out_as_a_file_of_all_its_rows() -> None:
    async def story() -> None:
        page = await refreshed(portal())
        question = {"search": "о", "sort": [["name", False]], "from": 5, "count": 1}
        found = await page.lists.query(question)
        file = await page.lists.export(
            {**question, "format": "csv", "name": "Клиенты: «все» 1/2", "columns": ["name"]}
        )
        assert isinstance(file, Exported)
        assert file.name == "Клиенты «все» 1 2.csv"
        lines = file.content.decode("utf-8-sig").split("\r\n")
        assert len(lines) == found["total"] + 2
        refused = await page.lists.export({**question, "format": "exe"})
        assert isinstance(refused, dict)
        assert refused["error"]["code"] == "bad_query"

    run(story())


def test_nonsense_is_answered_and_breaks_nothing() -> None:
    async def story() -> None:
        page = await refreshed(portal())
        for nonsense in (
            {"segment": {"mode": 9, "code": "active"}},
            {"segment": "active"},
            {"segment": {"mode": 3, "code": "active", "month": "2024-13"}},
            {"segment": {"mode": 3, "code": "active", "month": "1812-09"}},
            {"filters": {"no such": ["x"]}},
            {"filters": {"payments": ["x"]}},
            {"filters": {"payments": {"from": "many"}}},
            {"filters": {"created": {"to": "soon"}}},
            {"filters": {"kind": "b2b"}},
            {"sort": "name"},
            {"sort": [["no such", True]]},
            {"from": "first"},
        ):
            assert (await page.lists.query(nonsense))["error"]["code"] == "bad_query", nonsense
        for empty in ({"search": "   "}, {"filters": {"name": "", "kind": [], "id": {"from": ""}}}):
            assert (await page.lists.query(empty))["total"] > 0

    run(story())


def test_hostile_names_go_through_lists_panels_and_files() -> None:
    names = ["<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "\u202eоборот", "я" * 10_000, "'; --"]

    async def story() -> None:
        state = portal()
        page = await refreshed(state)
        client = page.portal.client()
        ids = [
            await client.call("crm.company.add", {"fields": {"TITLE": name, "PHONE": "=1"}})
            for name in names
        ]
        await page.refreshed()
        for number, name in zip(ids, names, strict=True):
            numbered = {"id": {"from": number, "to": number}}
            answer = await page.lists.query({"search": name[:60], "filters": numbered})
            assert [told[:400] for told in cells(answer, "name")] == [name[:400]]
            facts = await page.lists.client({"entity": "company", "id": number})
            assert facts["row"] == answer["rows"][0]
        for form in ("csv", "xlsx"):
            assert isinstance(await page.lists.export({"format": form}), Exported)

    run(story())

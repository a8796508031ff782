"""Making, mending and removing the fields of marks, and showing them in the cards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crm.client import Portal
from crm.errors import AccessDenied, ConnectionLost
from crm.mark_card import hide_in_card, show_in_card
from crm.mark_definitions import DEFINITIONS, MARKS
from crm.mark_fields import Ensured, MarkFields, MarksRefused, ensure, look, remove
from unit.crm.marking import MeddlingPortal, database
from unit.crm.virtual_time import run

EVERYTHING = [(table, mark) for table in ("companies", "contacts") for mark in MARKS]
LAYOUT = [
    {
        "name": "main",
        "title": "О компании",
        "type": "section",
        "elements": [
            {"name": "TITLE", "optionFlags": "0"},
            {"name": "PHONE", "optionFlags": "1", "options": {"defaultCountry": "RU"}},
        ],
    },
    {
        "name": "additional",
        "title": "Дополнительно",
        "type": "section",
        "elements": [{"name": "ASSIGNED_BY_ID", "optionFlags": "0"}],
    },
]


def on_portal(work: Callable[[MeddlingPortal, Portal], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        portal = MeddlingPortal(database(5), **options)
        await work(portal, portal.client())

    run(main())


async def listed(client: Portal, table: str = "company", mark: str = "type") -> dict[str, Any]:
    """A field as the portal lists it."""
    name = DEFINITIONS[mark].name
    params = {"filter": {"FIELD_NAME": name, "LANG": "en"}}
    rows: list[dict[str, Any]] = await client.call(f"crm.{table}.userfield.list", params)
    assert len(rows) == 1
    return rows[0]


async def change(client: Portal, field: dict[str, Any], **fields: Any) -> None:
    await client.call("crm.company.userfield.update", {"id": field["ID"], "fields": fields})


def acted(ensured: Ensured) -> dict[tuple[str, str], str]:
    """What was done, where anything was."""
    assert [(step["table"], step["mark"]) for step in ensured.steps] == EVERYTHING
    return {
        (step["table"], step["mark"]): step["action"]
        for step in ensured.steps
        if step["action"] != "kept"
    }


def test_the_first_run_makes_all_fields() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        assert await look(client) == MarkFields()
        ensured = await ensure(client, "ru")
        assert ensured.fields.complete
        assert ensured.fields == await look(client)
        assert acted(ensured) == dict.fromkeys(EVERYTHING, "created")
        for table in ("company", "contact"):
            for mark, definition in DEFINITIONS.items():
                row = await listed(client, table, mark)
                assert row["USER_TYPE_ID"] == definition.user_type
                assert row["EDIT_IN_LIST"] == "N"
                assert row["SHOW_FILTER"] != "N"
                assert row["MULTIPLE"] == row["MANDATORY"] == "N"
                assert row["XML_ID"] == definition.sign
                assert row["LIST_FILTER_LABEL"] == definition.labels["en"]
        assert (await listed(client, mark="parent"))["SETTINGS"] == {"COMPANY": "Y"}
        options = (await listed(client, mark="frequency"))["LIST"]
        assert [option["VALUE"] for option in options] == [
            labels["ru"] for labels in DEFINITIONS["frequency"].options.values()
        ]

    on_portal(work)


def test_options_are_in_the_portals_language_and_else_english() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        await ensure(client, "de")
        options = (await listed(client, mark="lifecycle"))["LIST"]
        assert options[0]["VALUE"] == "Active"

    on_portal(work)


def test_a_second_run_changes_nothing_and_takes_one_request() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        first = await ensure(client, "ru")
        before = len(portal.requests)
        second = await ensure(client, "ru")
        assert second.fields == first.fields
        assert acted(second) == {}
        assert len(portal.requests) == before + 1

    on_portal(work)


def test_a_deleted_field_is_made_again_with_another_id() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        before = (await ensure(client, "ru")).fields
        row = await listed(client, mark="payments")
        await client.call("crm.company.userfield.delete", {"id": row["ID"]})
        ensured = await ensure(client, "ru")
        assert acted(ensured) == {("companies", "payments"): "created"}
        assert ensured.fields.companies.ids["payments"] != before.companies.ids["payments"]
        assert ensured.fields.contacts == before.contacts

    on_portal(work)


@pytest.mark.parametrize(
    "changed",
    [{"EDIT_IN_LIST": "Y"}, {"SHOW_FILTER": "N"}, {"XML_ID": "mine"}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_field_that_somebody_changed_is_changed_back(changed: dict[str, str]) -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        before = (await ensure(client, "ru")).fields
        as_made = await listed(client)
        await change(client, as_made, **changed)
        ensured = await ensure(client, "ru")
        assert acted(ensured) == {("companies", "type"): "repaired"}
        assert await listed(client) == as_made
        assert ensured.fields == before

    on_portal(work)


def test_labels_that_somebody_changed_are_left_alone() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        await ensure(client, "ru")
        row = await listed(client)
        await change(client, row, LIST_FILTER_LABEL="Kind")
        option = row["LIST"][0]
        await change(client, row, LIST=[{"ID": option["ID"], "VALUE": "Firms"}])
        assert acted(await ensure(client, "ru")) == {}
        assert (await listed(client))["LIST_FILTER_LABEL"] == "Kind"

    on_portal(work)


def test_a_deleted_option_is_made_again_and_the_others_keep_their_ids() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        before = (await ensure(client, "ru")).fields.companies.options["lifecycle"]
        row = await listed(client, mark="lifecycle")
        await change(client, row, LIST=[{"ID": before["lost"], "DEL": "Y"}])
        assert not (await look(client)).complete
        ensured = await ensure(client, "ru")
        assert acted(ensured) == {("companies", "lifecycle"): "repaired"}
        after = ensured.fields.companies.options["lifecycle"]
        assert after.keys() == before.keys()
        assert {code for code in before if before[code] != after[code]} == {"lost"}

    on_portal(work)


def test_an_option_whose_code_was_changed_gets_it_back_by_its_label() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        before = (await ensure(client, "ru")).fields
        row = await listed(client, mark="lifecycle")
        lost = before.companies.options["lifecycle"]["lost"]
        await change(client, row, LIST=[{"ID": lost, "XML_ID": "x1"}])
        ensured = await ensure(client, "ru")
        assert ensured.fields == before

    on_portal(work)


def test_an_option_with_another_code_and_label_stays_and_a_new_one_is_made() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        before = (await ensure(client, "ru")).fields.companies.options["lifecycle"]
        row = await listed(client, mark="lifecycle")
        changed = {"ID": before["lost"], "XML_ID": "x1", "VALUE": "Ушли"}
        await change(client, row, LIST=[changed])
        ensured = await ensure(client, "ru")
        assert ensured.fields.companies.options["lifecycle"]["lost"] != before["lost"]
        options = (await listed(client, mark="lifecycle"))["LIST"]
        assert len(options) == 8
        assert [o["VALUE"] for o in options if o["ID"] == str(before["lost"])] == ["Ушли"]

    on_portal(work)


@pytest.mark.parametrize("other", [{"USER_TYPE_ID": "string"}, {"MULTIPLE": "Y"}])
def test_a_field_of_another_type_is_named_and_left_alone(other: dict[str, str]) -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        fields = {"FIELD_NAME": "CLB_TYPE", "USER_TYPE_ID": "enumeration", "MULTIPLE": "N"} | other
        number = await client.call("crm.contact.userfield.add", {"fields": fields})
        with pytest.raises(MarksRefused) as refused:
            await ensure(client, "ru")
        assert refused.value.reason == "field_of_other_type"
        assert refused.value.params["field"] == "UF_CRM_CLB_TYPE"
        assert refused.value.params["table"] == "contacts"
        assert (await look(client)).companies.ids == {}
        await remove(client)
        assert (await listed(client, "contact"))["ID"] == str(number)

    on_portal(work)


def test_without_the_right_to_the_settings_the_portals_words_are_told() -> None:
    async def main() -> None:
        admin = MeddlingPortal(database(5))
        users = admin.state.database.rows("users", "IS_ADMIN != 'Y' AND ACTIVE = 'Y'", ())
        user = next(u["ID"] for u in users if u["ID"] != admin.state.admin_id)
        portal = MeddlingPortal(state=admin.state, user=user)
        with pytest.raises(MarksRefused) as refused:
            await ensure(portal.client(), "ru")
        assert (refused.value.reason, refused.value.words) == ("no_right", "Access denied.")
        await ensure(admin.client(), "ru")
        with pytest.raises(MarksRefused) as refused:
            await remove(portal.client())
        assert refused.value.reason == "no_right"
        assert (await look(portal.client())).complete

    run(main())


@pytest.mark.parametrize(
    "faults",
    ["at=2:lost,at=4:lost", "at=2:reset", "at=2:500,at=3:503", "at=2:429", "seed=3,lost=0.4"],
)
def test_a_lost_answer_makes_no_field_twice(faults: str) -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        portal.state.faults.set(faults)
        ensured = await ensure(client, "ru")
        assert acted(ensured) == dict.fromkeys(EVERYTHING, "created")
        portal.state.faults.set("")
        for table in ("company", "contact"):
            for mark in MARKS:
                await listed(client, table, mark)
        assert acted(await ensure(client, "ru")) == {}

    on_portal(work)


@pytest.mark.parametrize("seconds", [0.3, 0.7, 1.9, 3.4, 4.2])
def test_a_second_run_completes_what_a_killed_one_began(seconds: float) -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        making = asyncio.ensure_future(ensure(client, "ru"))
        await asyncio.sleep(seconds)
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
        ensured = await ensure(portal.client(), "ru")
        assert ensured.fields.complete
        assert "created" in acted(ensured).values()

    on_portal(work)


def test_a_portal_out_of_reach_is_no_refusal() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        portal.state.faults.set("reset=1")
        with pytest.raises(ConnectionLost):
            await ensure(client, "ru")

    on_portal(work)


def test_removing_takes_all_fields_away() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        await ensure(client, "ru")
        portal.state.faults.set("at=4:lost")
        steps = await remove(client)
        portal.state.faults.set("")
        assert [(step["table"], step["mark"]) for step in steps] == EVERYTHING
        assert {step["action"] for step in steps} == {"removed"}
        assert await look(client) == MarkFields()
        assert await remove(client) == []

    on_portal(work)


async def layout_of(client: Portal, entity: int = 4) -> Any:
    params = {"entityTypeId": entity, "scope": "C"}
    return await client.call("crm.item.details.configuration.get", params)


async def set_layout(client: Portal, entity: int = 4) -> None:
    params = {"entityTypeId": entity, "scope": "C", "data": LAYOUT}
    await client.call("crm.item.details.configuration.set", params)


def test_making_fields_leaves_the_cards_alone() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        await set_layout(client)
        await ensure(client, "ru")
        assert await layout_of(client) == LAYOUT

    on_portal(work)


def test_the_section_is_appended_to_a_layout_and_the_rest_stays() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        await set_layout(client)
        await ensure(client, "ru")
        assert await show_in_card(client, "ru") == {"companies": "shown", "contacts": "no_layout"}
        layout = await layout_of(client)
        assert layout[:2] == LAYOUT
        assert [layout[2]["name"], layout[2]["title"]] == ["clb_marks", "Клиенты"]
        shown = [element["name"] for element in layout[2]["elements"]]
        assert shown == [definition.name for definition in DEFINITIONS.values()]
        assert await layout_of(client, 3) is None
        assert (await show_in_card(client, "ru"))["companies"] == "already"
        assert await layout_of(client) == layout
        await hide_in_card(client)
        assert await layout_of(client) == LAYOUT

    on_portal(work)


def test_marks_that_somebody_placed_elsewhere_stay_there() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        own = {**LAYOUT[0], "elements": [{"name": "UF_CRM_CLB_TYPE", "optionFlags": "1"}]}
        params = {"entityTypeId": 4, "scope": "C", "data": [own]}
        await client.call("crm.item.details.configuration.set", params)
        await ensure(client, "en")
        await show_in_card(client, "en")
        layout = await layout_of(client)
        assert layout[0] == own
        assert layout[1]["title"] == "Clients"
        assert len(layout[1]["elements"]) == 7

    on_portal(work)


def test_removing_takes_the_section_away_too() -> None:
    async def work(portal: MeddlingPortal, client: Portal) -> None:
        await set_layout(client)
        await ensure(client, "ru")
        await show_in_card(client, "ru")
        await remove(client)
        assert await layout_of(client) == LAYOUT

    on_portal(work)


def test_only_an_administrator_changes_the_common_layout() -> None:
    async def main() -> None:
        admin = MeddlingPortal(database(5))
        await set_layout(admin.client())
        await ensure(admin.client(), "ru")
        users = admin.state.database.rows("users", "IS_ADMIN != 'Y' AND ACTIVE = 'Y'", ())
        user = next(u["ID"] for u in users if u["ID"] != admin.state.admin_id)
        with pytest.raises(AccessDenied):
            await show_in_card(MeddlingPortal(state=admin.state, user=user).client(), "ru")

    run(main())

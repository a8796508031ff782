"""The portal's page and its frame protocol: the platform's script, the official SDK, clicks.

The application here is a blank page with both scripts; each test speaks through it as an app would.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page

from .servers import ROOT, RunningPortal, portal_server

APP_FRAME = "iframe[id^=appframe_]"
SDK = ROOT / "node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js"
BLANK_APP = """<!doctype html>
<meta name="color-scheme" content="light dark">
<script src="https://api.bitrix24.com/api/v1/"></script>
<script src="static/sdk.js"></script>
<script>
  window.ready = new Promise((resolve) => BX24.init(resolve));
  // The answer of a call that takes a callback; 'silence' when none comes.
  window.answerOf = (call, patience_ms = 10000) => new Promise((resolve) => {
    setTimeout(resolve, patience_ms, 'silence');
    call((answer) => resolve(answer === undefined ? null : answer));
  });
</script>
<div style="height: 700px"></div>
"""

Open = Callable[..., "Opened"]


class Opened:
    """One page of the portal with the blank app in its frame."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frame = self.app_in(page.main_frame)

    def app_in(self, outer: Frame) -> Frame:
        """The app in a page of the portal, when it has been told who asks."""
        element = outer.wait_for_selector(APP_FRAME, state="attached")
        assert element is not None
        frame = element.content_frame()
        assert frame is not None
        frame.wait_for_function("() => window.ready !== undefined")
        frame.evaluate("() => window.ready")
        return frame

    def run(self, script: str, argument: Any = None) -> Any:
        """What the app gets from an expression, awaited."""
        return self.frame.evaluate(script, argument)

    def slider(self, path: str) -> Frame:
        """The page in the slider."""
        element = self.page.wait_for_selector(f".slider iframe[src^='{path}']")
        assert element is not None
        frame = element.content_frame()
        assert frame is not None
        frame.wait_for_url(lambda url: path in url)
        return frame


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    folder = tmp_path_factory.mktemp("app")
    (folder / "static").mkdir()
    (folder / "index.html").write_text(BLANK_APP, encoding="utf-8")
    shutil.copy(SDK, folder / "static" / "sdk.js")
    arguments = ("--clients", "200", "--seed", "5", "--pace", "off", "--app", str(folder))
    with portal_server(*arguments) as running:
        yield running


@pytest.fixture
def open_page(browser: Browser, portal: RunningPortal) -> Iterator[Open]:
    context = browser.new_context(color_scheme="null", locale="ru-RU")
    troubles: list[str] = []

    def opened(path: str = "/", *, is_framed: bool = True) -> Any:
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(portal.origin + path)
        return Opened(page) if is_framed else page

    yield opened
    context.close()
    assert troubles == []


def someone(portal: RunningPortal, role: str) -> int:
    users = portal.ask("/portal/facts")["users"]
    return next(user["id"] for user in users if user["role"] == role)


def some_card(portal: RunningPortal, kind: str) -> int:
    return int(portal.ask(f"/portal/list?kind={kind}")[0]["id"])


def test_the_frame_is_opened_by_a_posted_form(browser: Browser, portal: RunningPortal) -> None:
    context = browser.new_context()
    page = context.new_page()
    with page.expect_request(lambda request: request.url.startswith(portal.app_origin)) as caught:
        page.goto(portal.origin)
    request = caught.value
    element = page.wait_for_selector(APP_FRAME)
    assert element is not None
    domain, protocol, sid = str(element.get_attribute("name")).split("|")
    assert request.method == "POST"
    assert f"DOMAIN={domain.replace(':', '%3A')}&PROTOCOL=0&LANG=ru&APP_SID={sid}" in request.url
    body = request.post_data_json
    assert body["PLACEMENT"] == "DEFAULT"
    assert body["status"] == "L"
    assert body["AUTH_EXPIRES"] == "3600"
    assert len(body["AUTH_ID"]) > 20
    assert (domain, protocol, len(sid)) == (portal.origin.removeprefix("http://"), "0", 32)
    assert element.get_attribute("id") == f"appframe_{sid}"
    assert element.get_attribute("sandbox") is None
    context.close()


def test_a_static_application_is_opened_by_get(browser: Browser, portal: RunningPortal) -> None:
    page = browser.new_page()
    with page.expect_request(lambda request: request.url.startswith(portal.app_origin)) as caught:
        page.goto(f"{portal.origin}/?static=1")
    assert caught.value.method == "GET"
    opened = Opened(page)
    assert opened.run("() => BX24.isAdmin()") is True
    page.close()


def test_the_script_tells_who_asks_and_where(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page("/?lang=en&tag=a:b")
    facts = opened.run("() => [BX24.getLang(), BX24.getDomain(true), BX24.placement.info()]")
    place = {"placement": "DEFAULT", "options": {"tag": "a:b"}}
    assert facts == ["en", portal.origin, place]
    auth = opened.run("() => BX24.getAuth()")
    assert set(auth) == {"access_token", "refresh_token", "expires_in", "domain", "member_id"}
    assert opened.run("() => BX24.getAuth().expires_in - Date.now()") > 3_500_000
    plain = open_page("/")
    assert plain.run("() => BX24.placement.info().options") == []
    assert plain.run("() => answerOf((cb) => BX24.placement.getInterface(cb))") == {
        "command": [],
        "event": [],
    }


def test_a_page_outside_a_portal_has_no_script(browser: Browser, portal: RunningPortal) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.goto(portal.app_origin)
    assert page.evaluate("() => BX24") is None
    assert "Unable to initialize Bitrix24 JS library!" in errors[0]
    page.close()


def test_calls_bring_pages_and_the_start_is_dropped(open_page: Open) -> None:
    opened = open_page()
    script = """async () => {
      const params = { select: ['ID'], order: { ID: 'ASC' }, filter: { '>ID': 0 }, start: 50 };
      const first = await answerOf((cb) => BX24.callMethod('crm.contact.list', params, cb));
      const second = await answerOf((cb) => first.next(cb));
      return { start: params.start, error: first.error(), hasMore: first.more(),
        total: first.total(), rows: [...first.data(), ...second.data()] };
    }"""
    answer = opened.run(script)
    assert (answer["start"], answer["error"], answer["hasMore"]) == (None, None, True)
    assert answer["total"] > 100
    ids = [int(row["ID"]) for row in answer["rows"]]
    assert len(ids) == 100
    assert ids == sorted(set(ids))


def test_a_batch_answers_under_its_own_names(open_page: Open) -> None:
    script = """async () => {
      const calls = {
        user: ['user.current', {}],
        wrong: { method: 'no.such.method', params: {} },
        list: ['crm.company.list', { filter: { '>ID': 1 }, start: -1 }],
      };
      const answers = await answerOf((cb) => BX24.callBatch(calls, cb));
      const { user, wrong, list } = answers;
      return [user.data().ID, wrong.error().getError().error, list.data().length, list.more()];
    }"""
    assert open_page().run(script) == ["1", "ERROR_METHOD_NOT_FOUND", 50, False]


def test_a_token_is_renewed_on_demand_and_when_it_has_run_out(
    open_page: Open, portal: RunningPortal
) -> None:
    opened = open_page()
    old, new = opened.run(
        """async () => {
          const old = BX24.getAuth().access_token;
          const auth = await answerOf((cb) => BX24.refreshAuth(cb));
          return [old, auth.access_token];
        }"""
    )
    assert old != new
    portal.expire_tokens()
    answer = "() => answerOf((cb) => BX24.callMethod('user.current', {}, (a) => cb(a.data().ID)))"
    assert opened.run(answer) == "1"
    assert opened.run("() => BX24.getAuth().access_token") != new


def test_a_refresh_that_fails_is_never_answered(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page()
    portal.set_faults("refresh_silent=1")
    try:
        assert opened.run("() => answerOf((cb) => BX24.refreshAuth(cb), 700)") == "silence"
        assert opened.page.locator(".toast").inner_text() == "Не удалось продлить сеанс"
    finally:
        portal.set_faults("")


def test_the_frame_takes_the_size_that_the_app_wants(open_page: Open) -> None:
    opened = open_page()
    size = opened.run("() => answerOf((cb) => BX24.resizeWindow(600, 1234, cb))")
    box = opened.page.locator(APP_FRAME).bounding_box()
    assert size == {"width": 600, "height": 1234}
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (600, 1234)
    assert opened.run("() => answerOf((cb) => BX24.fitWindow(cb))")["width"] == "100%"
    inner = "() => document.documentElement.scrollHeight <= innerHeight"
    assert opened.run(inner) is True


def test_only_the_apps_own_page_may_be_renamed(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page()
    title = "Итог: 12:30 <b>"
    assert opened.run("(t) => answerOf((cb) => BX24.setTitle(t, cb))", title) == {"title": title}
    assert opened.page.locator("h1").inner_text() == title
    card = open_page(f"/crm/company/details/{some_card(portal, 'company')}/")
    assert card.run("() => answerOf((cb) => BX24.setTitle('x', cb), 400)") == "silence"
    assert card.run("() => answerOf((cb) => BX24.placement.call('reloadData', {}, cb))") == []


def test_a_path_opens_in_a_slider_and_its_end_is_told(
    open_page: Open, portal: RunningPortal
) -> None:
    opened = open_page()
    path = f"/crm/company/details/{some_card(portal, 'company')}/"
    opened.run("(p) => { window.told = answerOf((cb) => BX24.openPath(p, cb), 20000); }", path)
    card = opened.slider(path)
    card.wait_for_selector(APP_FRAME)
    assert card.locator("h1").inner_text().startswith("Компания")
    opened.page.locator(".slider-close").click()
    assert opened.run("() => window.told") == {"result": "close"}
    assert opened.page.locator(".slider").count() == 0


@pytest.mark.parametrize("path", ["/crm/quote/details/1/", "/", "https://example.com/crm/deal/"])
def test_other_paths_are_refused(open_page: Open, path: str) -> None:
    answer = open_page().run("(p) => answerOf((cb) => BX24.openPath(p, cb))", path)
    assert answer == {"result": "error", "errorCode": "PATH_NOT_AVAILABLE"}


def test_the_phone_opens_no_paths_and_keeps_its_width(open_page: Open) -> None:
    opened = open_page("/mobile/marketplace/?id=1")
    answer = opened.run("() => answerOf((cb) => BX24.openPath('/crm/deal/details/1/', cb))")
    assert answer == {"result": "error", "errorCode": "METHOD_NOT_SUPPORTED_ON_DEVICE"}
    size = opened.run("() => answerOf((cb) => BX24.resizeWindow(900, 500, cb))")
    box = opened.page.locator(APP_FRAME).bounding_box()
    assert size == {"width": "100%", "height": 500}
    assert box is not None
    assert 340 <= box["width"] <= 400


def test_options_are_kept_and_the_apps_only_by_administrators(
    open_page: Open, portal: RunningPortal
) -> None:
    write = """async ([name, value]) => [
      await answerOf((cb) => BX24.userOption.set(name, value, cb)),
      await answerOf((cb) => BX24.appOption.set(name, value, cb), 500),
    ]"""
    read = "(name) => [BX24.userOption.get(name), BX24.appOption.get(name)]"
    admin = open_page()
    said = admin.run(write, ["color", "a:b"])
    assert said == [{"name": "color", "value": "a:b"}] * 2
    assert open_page().run(read, "color") == ["a:b", "a:b"]
    manager_path = f"/?user={someone(portal, 'manager')}"
    manager = open_page(manager_path)
    assert manager.run(read, "color") == [None, "a:b"]
    assert manager.run(write, ["color", "mine"])[1] == "silence"
    assert open_page(manager_path).run(read, "color") == ["mine", "a:b"]


def test_wrong_unknown_and_denied_messages_meet_silence(open_page: Open) -> None:
    script = """async (message) => {
      const [, , sid] = window.name.split('|');
      const heard = new Promise((resolve) => {
        addEventListener('message', (event) => resolve(event.data));
        setTimeout(resolve, 300, 'silence');
      });
      parent.postMessage(typeof message === 'string' ? message.replace('SID', sid)
        : { ...message, appSid: sid }, document.referrer || '*');
      return heard;
    }"""
    opened = open_page()
    for message in (
        "getInitData::key:wrong",
        "noSuchCommand:{}:key:SID",
        "setTitle:{broken:key:SID",
        "toString::key:SID",
        "reloadData:{}:key:SID",
        "",
    ):
        assert opened.run(script, message) == "silence", message
    assert opened.run(script, "getInterface:key:SID") == 'key:{"command":[],"event":[]}'
    as_object = {"method": "setScroll", "params": {"scroll": 0}, "callback": "key"}
    assert opened.run(script, as_object) == 'key:{"scroll":0}'
    own_page = opened.page.evaluate(
        """(sid) => new Promise((resolve) => {
          const hear = ({ data }) => String(data).startsWith('key') && resolve(data);
          addEventListener('message', hear);
          setTimeout(resolve, 300, 'silence');
          postMessage(`getInitData::key:${sid}`);
        })""",
        opened.run("() => window.name.split('|')[2]"),
    )
    assert own_page == "silence"


def test_an_installation_ends_with_a_reload(open_page: Open, portal: RunningPortal) -> None:
    portal.ask("/portal/install", '{"installed": false}')
    opened = open_page()
    installed = (
        "() => answerOf((cb) => BX24.callMethod('app.info', {}, (a) => cb(a.data().INSTALLED)))"
    )
    assert opened.run(installed) is False
    with opened.page.expect_navigation(url="**/?install_finished=Y"):
        opened.run("() => BX24.installFinish()")
    again = Opened(opened.page)
    assert again.run(installed) is True
    assert again.run("() => BX24.placement.info().options") == []


def test_the_app_opens_itself_in_a_slider_and_closes_it(open_page: Open) -> None:
    opened = open_page()
    params = {"client": "company:5", "bx24_title": "Клиент"}
    opened.run(
        "(p) => { window.told = answerOf((cb) => BX24.openApplication(p, cb), 20000); }", params
    )
    slider = opened.slider("/marketplace/app/1/")
    inner = opened.app_in(slider)
    assert slider.locator("h1").inner_text() == "Клиент"
    assert inner.evaluate("() => BX24.placement.info().options") == params
    refused = "() => answerOf((cb) => BX24.resizeWindow(300, 300, cb), 400)"
    assert inner.evaluate(refused) == "silence"
    inner.evaluate("() => BX24.closeApplication()")
    assert opened.run("() => window.told") == []


def test_a_person_chooses_an_employee(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page()
    opened.run("() => { window.chosen = answerOf((cb) => BX24.selectUser(cb), 20000); }")
    manager = someone(portal, "manager")
    opened.page.select_option("[data-part=select-user] select", str(manager))
    opened.page.click("[data-part=select-user] [value=choose]")
    assert opened.run("() => window.chosen")["id"] == str(manager)


def test_the_card_and_the_analytics_page_tell_their_place(
    open_page: Open, portal: RunningPortal
) -> None:
    contact = some_card(portal, "contact")
    card = open_page(f"/crm/contact/details/{contact}/")
    uri = f"/crm/contact/details/{contact}/"
    assert card.run("() => BX24.placement.info()") == {
        "placement": "CRM_CONTACT_DETAIL_TAB",
        "options": {"ID": str(contact), "URI": uri},
    }
    analytics = open_page("/crm/analytics/")
    assert analytics.run("() => BX24.placement.info().placement") == "CRM_ANALYTICS_MENU"


def test_a_hostile_name_stays_text(open_page: Open, portal: RunningPortal) -> None:
    name = '"><img src=x onerror="document.title=1"><script>alert(1)</script>'
    row = {"ID": 900_001, "TITLE": name, "COMPANY_TYPE": name, "PHONE": [name]}
    portal.ask("/emulator/rows", json.dumps({"table": "companies", "rows": [row]}))
    page = open_page("/crm/company/details/900001/", is_framed=False)
    page.wait_for_selector("[data-part=fields] dd")
    assert page.locator("h1").inner_text() == f"Компания: {name}"
    assert page.locator("[data-part=fields] dd").all_inner_texts()[:2] == [name, name]
    listed = open_page("/crm/company/list/", is_framed=False)
    assert listed.locator("tbody a").first.inner_text() == name
    assert listed.locator("img, tbody script").count() == 0


def test_what_a_person_may_not_read_is_not_shown(open_page: Open, portal: RunningPortal) -> None:
    manager = someone(portal, "manager")
    page = open_page(f"/crm/company/details/1/?user={manager}", is_framed=False)
    page.wait_for_function("() => document.title === 'Доступ запрещён'")
    assert page.locator("[data-part=fields]").count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_frame_follows_the_theme_of_the_portal(open_page: Open, theme: str) -> None:
    opened = open_page()
    opened.page.select_option("[data-choice=theme]", theme)
    query = f"() => matchMedia('(prefers-color-scheme: {theme})').matches"
    opened.frame.wait_for_function(query, timeout=10_000)


def test_the_switches_of_the_bar_reopen_the_app(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page()
    head = someone(portal, "head")
    with opened.page.expect_navigation():
        opened.page.select_option("[data-choice=user]", str(head))
    with opened.page.expect_navigation():
        opened.page.select_option("[data-choice=lang]", "en")
    again = Opened(opened.page)
    who = "() => answerOf((cb) => BX24.callMethod('user.current', {}, (a) => cb(a.data().ID)))"
    assert again.run(who) == str(head)
    assert again.run("() => [BX24.getLang(), BX24.isAdmin()]") == ["en", False]
    assert opened.page.locator("nav a").first.inner_text() == "Client segmentation"


def test_requests_are_seen_as_they_come(open_page: Open) -> None:
    requests = open_page("/requests/", is_framed=False)
    opened = open_page()
    script = (
        "() => answerOf((cb) => BX24.callBatch([['crm.deal.list', {}], ['user.current', {}]], cb))"
    )
    opened.run(f"() => ({script})().then(() => 1)")
    row = requests.locator("tr.request", has_text="crm.deal.list × 1, user.current × 1").first
    row.click()
    assert requests.locator(".inner tbody tr").count() == 2


def test_the_official_sdk_works_unchanged(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page()
    script = """async () => {
      const b24 = await B24Js.initializeB24Frame();
      const called = await b24.actions.v2.call.make({ method: 'user.current', params: {} });
      const rows = [];
      const pages = b24.actions.v2.fetchList.make({
        method: 'crm.contact.list', params: { select: ['ID'] }, idKey: 'ID',
      });
      for await (const page of pages) rows.push(...page);
      const before = b24.auth.getAuthData().access_token;
      await b24.auth.refreshAuth();
      await b24.parent.setTitle('SDK: да');
      await b24.options.userSet('sdk', '1:2');
      await b24.parent.resizeWindow(640, 900);
      return {
        user: called.getData().result.ID,
        admin: b24.auth.isAdmin,
        rows: new Set(rows.map((row) => row.ID)).size,
        renewed: before !== b24.auth.getAuthData().access_token,
        option: b24.options.userGet('sdk'),
        placement: b24.placement.title,
        isDefault: b24.placement.isDefault,
        height: innerHeight,
      };
    }"""
    answer = opened.run(script)
    counts = portal.ask("/emulator/status")["rows"]
    assert answer == {
        "user": "1",
        "admin": True,
        "rows": counts["contacts"],
        "renewed": True,
        "option": answer["option"],
        "placement": "DEFAULT",
        "isDefault": True,
        "height": 900,
    }
    assert opened.page.locator("h1").inner_text() == "SDK: да"
    assert open_page().run("() => BX24.userOption.get('sdk')") == "1:2"


def test_the_official_sdk_opens_sliders(open_page: Open, portal: RunningPortal) -> None:
    opened = open_page()
    path = f"/crm/contact/details/{some_card(portal, 'contact')}/"
    opened.run(
        """async (path) => {
          const b24 = await B24Js.initializeB24Frame();
          window.told = b24.slider.openPath(b24.slider.getUrl(path));
        }""",
        path,
    )
    opened.slider(path).wait_for_selector(APP_FRAME)
    opened.page.keyboard.press("Escape")
    assert opened.run("() => window.told") == {"isOpenAtNewWindow": False, "isClose": True}

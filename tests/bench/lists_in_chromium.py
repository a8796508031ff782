"""Lists of 85,000 clients in Chromium: questions to the engine, keys to rows, scrolling, files."""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from playwright.sync_api import Frame, sync_playwright

from bench.table import Table
from browser.application import Application
from browser.chromium import launch
from browser.list_page import LIST, ROWS, listed
from browser.servers import portal_server

WHERE = "Chromium"
FILL_LIMIT_S = 1_800
FILE_LIMIT_S = 300
SCREEN_ROWS = 60
ALL = {"mode": "2", "code": "all", "month": None}
SEARCHES = {
    "search: the first letters": ["а", "е", "о", "и", "c"],
    "search: a word": ["ромашка", "вектор", "строй", "торг", "сервис"],
    "search: two words": ["иван петров", "ооо строй", "торг север", "анна сидор", "ип кузнец"],
    "search: a phone": ["+7 (912) 345-67-89", "8 903 111 22 33", "915123", "+79261234567", "0101"],
    "search: nobody": ["ъыъ", "qqqq", "жжжж", "xyzzy", "яяяя"],
}
TYPED = "иванов"
SORTS = [["name", False], ["amount", True], ["responsible", False], ["last_contact", True]]
FRAMES = 300
STEP_PX = 120
"""What one notch of a mouse wheel scrolls."""
JUMPS = 40


def measure(options: argparse.Namespace, table: Table) -> None:
    """Adds median and worst milliseconds; those of questions are the engine's own."""
    with (
        portal_server(
            "--clients", str(options.clients), "--seed", str(options.seed), "--pace", "off"
        ) as portal,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 900})
        application = Application(context.new_page(), portal).open().engine_ready().refresh()
        application.reach("running").reach("idle", FILL_LIMIT_S)
        questions = Questions(_frame_of(application), table)
        questions.measure()
        rows = listed(application, "2", "all")
        _measure_keys(application, table)
        _measure_scrolling(application, rows, table)
        _measure_files(application, rows, table)
        table.add(WHERE, "errors in the console", len(application.troubles), "", "")
        browser.close()


class Questions:
    """What the engine takes for an answer, by its own clock."""

    def __init__(self, frame: Frame, table: Table) -> None:
        self._frame = frame
        self._table = table

    def measure(self) -> None:
        """All questions of the list, of comparing months and of trying other limits."""
        _, spent_ms = self._query({})
        self._table.add(WHERE, "the first question: the list is made", "", spent_ms, spent_ms)
        for what, words in SEARCHES.items():
            self._add(what, [{"search": each} for each in words])
        typed = [{"search": TYPED[:end]} for end in range(1, len(TYPED) + 1)]
        self._add("search: a word letter by letter", typed)
        self._add("all, sorted by another column", [{"sort": [each]} for each in SORTS])
        months = self._months()
        self._add(
            "a segment of another month",
            [{"segment": {"mode": "3", "code": "lost", "month": month}} for month in months[-6:-1]],
        )
        limits = [{"active_months": n, "dormant_months": n + 12} for n in (3, 4, 5, 7, 9, 11)]
        self._add_others("trial", "what if: other limits", limits)
        pairs = [{"before": before, "after": months[-1]} for before in months[-9:-3]]
        self._add_others("compare", "compare two months", pairs)

    def _add(self, what: str, orders: list[dict[str, Any]]) -> None:
        found = [self._query(order) for order in orders]
        self._note(what, max(rows for rows, _ in found), [spent_ms for _, spent_ms in found])

    def _add_others(self, export: str, what: str, orders: list[dict[str, Any]]) -> None:
        first, *spent_ms = (self._ask(export, order)["seconds"] * 1000 for order in orders)
        self._note(f"{what}, for the first time", "", [first])
        self._note(what, "", spent_ms)

    def _note(self, what: str, rows: int | str, spent_ms: list[float]) -> None:
        self._table.add(WHERE, what, rows, statistics.median(spent_ms), max(spent_ms))

    def _query(self, order: dict[str, Any]) -> tuple[int, float]:
        answer = self._ask("query", {"segment": ALL, "from": 0, "count": SCREEN_ROWS, **order})
        return int(answer["total"]), answer["seconds"] * 1000

    def _months(self) -> list[str]:
        months: list[str] = self._frame.evaluate(_MONTHS)
        return months

    def _ask(self, export: str, order: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._frame.evaluate(_ASK, [export, order])
        return answer


def _measure_keys(application: Application, table: Table) -> None:
    """From a key to the rows; a search waits for the next key, which is part of it."""
    frame = _frame_of(application)
    spent_ms = [float(frame.evaluate(_TYPE, TYPED[:end])) for end in range(1, len(TYPED) + 1)]
    table.add(WHERE, "from a key to rows on screen", "", statistics.median(spent_ms), max(spent_ms))
    frame.evaluate(_TYPE, "")


def _measure_scrolling(application: Application, rows: int, table: Table) -> None:
    frame = _frame_of(application)
    for what, script, argument in (
        ("scrolling by the wheel: p50, p95 of frames", _SCROLL, [FRAMES, STEP_PX]),
        ("dragging the bar: p50, p95 of frames", _DRAG, FRAMES),
    ):
        frames_ms = sorted(frame.evaluate(script, argument))
        p95_ms = frames_ms[int(len(frames_ms) * 0.95)]
        table.add(WHERE, what, rows, statistics.median(frames_ms), p95_ms)
    jumps_ms = frame.evaluate(_JUMP, JUMPS)
    table.add(WHERE, "from a jump to its rows", rows, statistics.median(jumps_ms), max(jumps_ms))


def _measure_files(application: Application, rows: int, table: Table) -> None:
    for form in ("xlsx", "csv"):
        started = time.perf_counter()
        with application.page.expect_download(timeout=FILE_LIMIT_S * 1000):
            application.frame.locator(f"[data-action=export-{form}]").click()
        spent_ms = (time.perf_counter() - started) * 1000
        table.add(WHERE, f"export: {form}", rows, spent_ms, spent_ms)


def _frame_of(application: Application) -> Frame:
    return next(
        frame
        for frame in application.page.frames
        if frame.url.startswith(application.portal.app_origin)
    )


_ASK = """async ([name, order]) => {
  const { xworker } = document.querySelector("script[type='py'][worker]");
  const answer = JSON.parse(await xworker.sync[name](JSON.stringify(order)));
  if (answer.error) throw new Error(JSON.stringify(answer.error));
  return answer;
}"""
_MONTHS = """async () => {
  const known = await indexedDB.databases();
  const { name } = known.find((each) => each.name.startsWith("client-segmentation|"));
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const asking = database.transaction("views").objectStore("views").get("current");
  const text = await new Promise((resolve) => { asking.onsuccess = () => resolve(asking.result); });
  database.close();
  return JSON.parse(text).months;
}"""
_TYPE = f"""async (words) => {{
  const list = document.querySelector("{LIST}"), box = list.querySelector("input[type=search]");
  const frame = () => new Promise(requestAnimationFrame);
  const started = performance.now();
  box.value = words;
  box.dispatchEvent(new Event("input"));
  const there = () => list.dataset.searched === words && !list.hasAttribute("aria-busy")
    && (list.dataset.total === "0" || list.querySelector("{ROWS}"));
  while (!there()) await frame();
  await frame();
  return performance.now() - started;
}}"""
_SCROLL = """async ([frames, step]) => {
  const holder = document.querySelector(".tabulator-tableholder");
  holder.scrollTop = 0;
  const spent = [];
  let last = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n += 1) {
    holder.scrollTop += step;
    const now = await new Promise(requestAnimationFrame);
    spent.push(now - last);
    last = now;
  }
  return spent;
}"""
_DRAG = """async (frames) => {
  const holder = document.querySelector(".tabulator-tableholder");
  const spent = [];
  let last = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n += 1) {
    holder.scrollTop = (holder.scrollHeight * n) / frames;
    const now = await new Promise(requestAnimationFrame);
    spent.push(now - last);
    last = now;
  }
  return spent;
}"""
_JUMP = f"""async (jumps) => {{
  const holder = document.querySelector(".tabulator-tableholder");
  const frame = () => new Promise(requestAnimationFrame);
  const spent = [];
  for (let n = 0; n < jumps; n += 1) {{
    const started = performance.now();
    holder.scrollTop = (holder.scrollHeight * ((n * 7) % jumps)) / jumps;
    await frame();
    const box = holder.getBoundingClientRect();
    const there = () => [...holder.querySelectorAll(".tabulator-row")].filter((row) => {{
      const place = row.getBoundingClientRect();
      return place.bottom > box.top && place.top < box.bottom;
    }}).every((row) => row.matches("{ROWS}"));
    while (!there()) {{
      if (performance.now() - started > 30_000) throw new Error("no rows after a jump");
      await frame();
    }}
    spent.push(performance.now() - started);
  }}
  return spent;
}}"""

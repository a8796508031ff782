"""The application as a person meets it: in the portal's frame, in a real browser."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page

from .servers import RunningPortal

FRAME = "iframe[id^=appframe_]"
REFRESH = "[data-action=refresh]"
PAUSE = "[data-action=pause]"
SEGMENTS = {
    "1": ["companies", "contacts", "all"],
    "2": ["b2b_with_contacts", "b2b_without_contacts", "b2c", "all"],
    "3": ["active", "dormant", "lost"],
    "4": ["regular", "first", "none"],
    "5": ["requests", "dialogs", "contacts", "empty"],
}
Counters = dict[str, dict[str, int]]


class Application:
    """The app in the frame of one portal page; everything that goes wrong in it is collected."""

    def __init__(self, page: Page, portal: RunningPortal) -> None:
        self.page = page
        self.portal = portal
        self.troubles: list[str] = []
        self.addresses: set[str] = set()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        page.context.on("request", lambda request: self.addresses.add(request.url))

    def _note_console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not _is_known_notice(message.text):
            self.troubles.append(f"{message.type}: {message.text}")

    @property
    def frame(self) -> FrameLocator:
        """Where the app lives."""
        return self.page.frame_locator(FRAME)

    def open(self, query: str = "") -> Application:
        """Open the portal's page and wait until the app's shell is there."""
        self.page.goto(f"{self.portal.origin}/{query}")
        self.frame.locator("html[data-app-state]").wait_for(state="attached", timeout=30_000)
        return self

    def reach(self, state: str, timeout_s: float = 90) -> Application:
        """Wait for ``data-app-state``."""
        self.frame.locator(f"html[data-app-state={state}]").wait_for(
            state="attached", timeout=timeout_s * 1000
        )
        return self

    def engine_ready(self, timeout_s: float = 90) -> Application:
        """Wait until the engine can work."""
        self.frame.locator("html[data-engine=ready]").wait_for(
            state="attached", timeout=timeout_s * 1000
        )
        return self

    def refresh(self) -> Application:
        """Press the refresh button."""
        self.frame.locator(REFRESH).first.click()
        return self

    def fill(self, timeout_s: float = 120) -> Application:
        """Open, refresh and wait for the end."""
        self.open().engine_ready().refresh()
        self._counter("1", "all").wait_for(state="attached", timeout=timeout_s * 1000)
        return self.reach("idle", timeout_s)

    def press(self, action: str) -> Application:
        """Press the button of ``data-action``."""
        self.frame.locator(f"[data-action={action}]").first.click()
        return self

    def answer(self, reply: str = "confirm") -> Application:
        """Answer the question that was asked, with ``confirm`` or ``cancel``."""
        self.frame.locator(f"dialog[open] [data-action={reply}]").click()
        return self

    def clear_refresh(self) -> Application:
        """Have everything dropped and read anew."""
        return self.press("clear-refresh").answer()

    @property
    def marks(self) -> Locator:
        """The panel of the marks in the portal."""
        return self.frame.locator("[data-part=marks]")

    def marks_state(self) -> dict[str, str | int]:
        """What the panel says: ``state``, ``total``, ``done``, ``refused``."""
        told = self.marks.evaluate(_MARKS_STATE)
        return {**told, **{name: int(told[name]) for name in ("total", "done", "refused")}}

    def reach_marks(self, *states: str, timeout_s: float = 60) -> Application:
        """Wait for one of these states of the marks."""
        wanted = ", ".join(f"[data-part=marks][data-marks-state={state}]" for state in states)
        self.frame.locator(wanted).wait_for(timeout=timeout_s * 1000)
        return self

    def preview(self) -> dict[str, int]:
        """How many cards would change in each field, as the preview shows it."""
        self.reach_marks("preview")
        rows = self.marks.locator("[data-mark-field]").all()
        return {
            str(row.get_attribute("data-mark-field")): int(row.get_attribute("data-count") or "-1")
            for row in rows
        }

    def write(self, timeout_s: float = 60) -> Application:
        """Write what the preview shows and wait for the end."""
        return self.begin_to_write().reach_marks("done", timeout_s=timeout_s).reach("idle")

    def begin_to_write(self) -> Application:
        """Order the writing and confirm it."""
        return self.reach_marks("preview").press("marks-write").answer()

    def undo(self, timeout_s: float = 60) -> Application:
        """Take the last writing back and wait for the end."""
        self.press("marks-undo").answer()
        return self.reach_marks("undone", timeout_s=timeout_s).reach("idle")

    def counters(self) -> Counters:
        """Today's counters of all five modes as the page shows them."""
        return {
            mode: {
                segment: int(self._counter(mode, segment).get_attribute("data-count") or "-1")
                for segment in segments
            }
            for mode, segments in SEGMENTS.items()
        }

    def _counter(self, mode: str, segment: str) -> Any:
        return self.frame.locator(
            f"[data-mode='{mode}'][data-segment='{segment}'][data-count]"
        ).first

    def stored(self, store: str) -> Any:
        """What the browser keeps under ``current`` in an object store; None when nothing."""
        text = self._evaluate(_READ_STORE, store)
        return None if text is None else json.loads(text)

    def series(self) -> dict[str, dict[str, list[int]]]:
        """The stored growth of all modes, months included."""
        view = self.stored("views")
        modes = {
            mode: {segment: facts["series"] for segment, facts in segments.items()}
            for mode, segments in view["modes"].items()
        }
        return modes | {"months": view["months"]}

    def _evaluate(self, script: str, argument: Any) -> Any:
        frame = next(f for f in self.page.frames if f.url.startswith(self.portal.app_origin))
        return frame.evaluate(script, argument)


_MARKS_STATE = """(panel) => ({
  state: panel.dataset.marksState,
  total: panel.dataset.marksTotal,
  done: panel.dataset.marksDone,
  refused: panel.dataset.marksRefused,
})"""
_READ_STORE = """async (store) => {
  const known = await indexedDB.databases();
  const found = known.find((each) => each.name.startsWith("client-segmentation|"));
  if (!found) return null;
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open(found.name);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    return await new Promise((resolve, reject) => {
      const asking = database.transaction(store).objectStore(store).get("current");
      asking.onsuccess = () => resolve(asking.result ?? null);
      asking.onerror = () => reject(asking.error);
    });
  } finally {
    database.close();
  }
}"""


def _is_known_notice(text: str) -> bool:
    """PyScript warns that the worker has no synchronous DOM, which the engine does without by
    design.
    """
    return "Unable to use `window` or `document`" in text

"""Takes one state of the screen at every width and in both themes, without opening it anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from browser.application import FRAME, Application

WIDTHS_PX = (360, 768, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT_PX = 900
SETTLING_MS = 6000


@dataclass
class Camera:
    """Pictures of the app's frame as PNG files in a folder.

    ``troubles`` says what no picture should show: content that is wider than its frame.
    """

    folder: Path
    troubles: list[str] = field(default_factory=list)
    _beside_px: int = 24

    def take(self, application: Application, name: str) -> list[Path]:
        """The files ``NAME-WIDTH-THEME.png``."""
        files = []
        for width_px in WIDTHS_PX:
            self._make_wide(application, width_px)
            for theme in THEMES:
                application.page.emulate_media(color_scheme=theme)
                settle(application)
                file = self.folder / f"{name}-{width_px}-{theme}.png"
                application.page.locator(FRAME).screenshot(path=file, animations="disabled")
                files.append(file)
            self._look_for_overflow(application, f"{name} at {width_px} px")
        return files

    def _make_wide(self, application: Application, width_px: int) -> None:
        """Make the app's frame so wide, whatever the portal's page puts beside it."""
        for _ in range(3):
            application.page.set_viewport_size(
                {"width": width_px + self._beside_px, "height": HEIGHT_PX}
            )
            box = application.page.locator(FRAME).bounding_box()
            assert box is not None
            too_narrow_px = width_px - round(box["width"])
            if too_narrow_px == 0:
                return
            self._beside_px += too_narrow_px
        self.troubles.append(f"the frame does not get {width_px} px wide")

    def _look_for_overflow(self, application: Application, where: str) -> None:
        over_px = application.frame.locator("html").evaluate(
            "(root) => root.scrollWidth - root.clientWidth"
        )
        if over_px > 0:
            self.troubles.append(f"{where}: {over_px} px wider than its frame")


def settle(application: Application) -> None:
    """Wait until the page has taken in a new size or theme: charts and tables are drawn anew."""
    application.frame.locator("html").evaluate(_SETTLED, SETTLING_MS)


_SETTLED = """async (root, limit_ms) => {
  const look = () => {
    const plot = root.querySelector(".plot .main-svg");
    const app = root.querySelector("[data-part=app]");
    return [
      innerWidth, innerHeight, app.offsetHeight, root.querySelectorAll("*").length,
      plot ? plot.getAttribute("width") + plot.getAttribute("style") : "",
      matchMedia("(prefers-color-scheme: dark)").matches,
    ].join();
  };
  await document.fonts.ready;
  const until = performance.now() + limit_ms;
  let last = "", same = 0;
  while (same < 4 && performance.now() < until) {
    await new Promise((done) => setTimeout(done, 60));
    const now = look();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}"""

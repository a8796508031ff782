"""Takes pictures of the screen's states by name: every width, both themes."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from browser.chromium import launch
from screenshots.camera import Camera
from screenshots.contact_sheet import write_contact_sheet
from screenshots.house import House
from screenshots.scenes import SCENES, Scene
from screenshots.stages import STAGES

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Entry of ``npm run screenshots``."""
    options = _options()
    scenes = [scene for scene in SCENES if not options.names or scene.name in options.names]
    options.out.mkdir(parents=True, exist_ok=True)
    camera = Camera(options.out)
    started = time.monotonic()
    pictures = 0
    with sync_playwright() as playwright:
        house = House(playwright, launch(playwright))
        for language in options.languages:
            wanted = [scene for scene in scenes if language in scene.languages or options.names]
            pictures += take_all(wanted, language, house, camera)
        house.close()
        house.browser.close()
    sheet = write_contact_sheet(options.out)
    print(f"{pictures} pictures in {time.monotonic() - started:.0f} s: {sheet}")
    for trouble in camera.troubles:
        print(f"  {trouble}")
    return 1 if camera.troubles else 0


def take_all(scenes: Sequence[Scene], language: str, house: House, camera: Camera) -> int:
    """Take the scenes stage by stage; returns how many pictures that made."""
    pictures = 0
    for stage, enter in STAGES.items():
        here = [scene for scene in scenes if scene.stage == stage]
        if not here:
            continue
        with enter(house, language) as application:
            for scene in here:
                started = time.monotonic()
                name = f"{scene.name}-{language}"
                try:
                    scene.show(application)
                    pictures += len(camera.take(application, name))
                except PlaywrightError as error:
                    camera.troubles.append(f"{name} was not reached: {error.message}")
                print(f"{name} {time.monotonic() - started:.1f} s", flush=True)
    return pictures


def _options() -> argparse.Namespace:
    names = [scene.name for scene in SCENES]
    parser = argparse.ArgumentParser(
        prog="npm run screenshots --",
        description="Takes pictures of the application's states: every width, both themes.",
        epilog="states: " + " ".join(names),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all when none is named")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "screenshots", help="folder of the files"
    )
    parser.add_argument(
        "--languages",
        type=lambda text: text.split(","),
        default=["ru", "en"],
        help="ru,en; a state that is not named is taken in English only where that differs much",
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"no such state: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return options


if __name__ == "__main__":
    sys.exit(main())

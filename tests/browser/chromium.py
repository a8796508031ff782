"""Which Chromium is driven, and how."""

from __future__ import annotations

import json
import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from .servers import ROOT

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What a locked-down machine needs."""


def launch(playwright: Playwright) -> Browser:
    """Start the browser that was prepared for the tests."""
    return playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)


def browser_path() -> str | None:
    """Path of the prepared browser; None lets Playwright take its own."""
    if "BROWSER_PATH" in os.environ:
        return os.environ["BROWSER_PATH"]
    prepared = ROOT / ".cache" / "browser.json"
    if prepared.exists():
        path = json.loads(prepared.read_text()).get("path")
        return str(path) if path else None
    usual = Path("/usr/bin/chromium")
    return str(usual) if usual.exists() else None

"""The built release in the portal's frame."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .application import Application
from .servers import ROOT, portal_server

HASHED = re.compile(r"\.[0-9a-f]{10}[./]")


def test_the_release_reads_the_portal_from_files_that_may_be_cached_for_ever(
    tmp_path: Path, open_application: Callable[..., Application]
) -> None:
    command = [sys.executable, str(ROOT / ".ci/build.py"), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    arguments = ("--app", str(tmp_path), "--clients", "100", "--seed", "5", "--pace", "off")
    with portal_server(*arguments) as portal:
        application = open_application(portal).fill()
        assert application.counters()["2"]["all"] == 100
        files = {
            address.removeprefix(portal.app_origin).split("?")[0]
            for address in application.addresses
            if address.startswith(portal.app_origin)
        }
    assert {file for file in files if not HASHED.search(file)} == {"/"}

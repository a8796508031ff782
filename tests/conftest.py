"""What all tests share: how hypothesis searches."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Hypothesis has compiled parts, so it does not run in Pyodide, where the rules are tested too.
if sys.platform != "emscripten":
    from hypothesis import settings
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(ROOT / ".cache" / "hypothesis")
    # A slow machine must not fail a property. On CI the same examples come every time, so that a
    # failure there belongs to the change it is seen on.
    settings.register_profile("product", deadline=None, derandomize="CI" in os.environ)
    settings.load_profile("product")

"""Colours of the segments and of the chart's frame in both looks.

Every segment stands out from its background by 3:1 at least, and the segments of one mode stay
apart for people who do not tell red from green or blue from yellow; both are tested.
"""

SURFACE = {"light": "#ffffff", "dark": "#262626"}
TEXT = {"light": "#333333", "dark": "#f8f8f8"}
MUTED = {"light": "#525c69", "dark": "#cacbcc"}
GRID = {"light": "#edeef0", "dark": "#373838"}
AXIS = {"light": "#c9ccd0", "dark": "#555657"}

_BLUE = {"light": "#0069e6", "dark": "#3d9bff"}
_NAVY = {"light": "#0a4fb3", "dark": "#3a8bf0"}
_SKY = {"light": "#4b96ea", "dark": "#9cccff"}
_TEAL = {"light": "#00a38a", "dark": "#35c9ae"}
_AMBER = {"light": "#cf7c00", "dark": "#f5b441"}
_SLATE = {"light": "#525c69", "dark": "#828385"}

_SEGMENTS = {
    "1": {"companies": _BLUE, "contacts": _TEAL},
    "2": {"b2b_with_contacts": _NAVY, "b2b_without_contacts": _SKY, "b2c": _AMBER},
    "3": {"active": _TEAL, "dormant": _AMBER, "lost": _SLATE},
    "4": {"regular": _BLUE, "first": _TEAL, "none": _SLATE},
    "5": {"requests": _BLUE, "dialogs": _AMBER, "contacts": _TEAL, "empty": _SLATE},
}


def colour(mode: str, segment: str, look: str) -> str:
    """``#rrggbb`` of a segment; ``look`` is ``light`` or ``dark``."""
    return _SEGMENTS[mode][segment][look]


def see_through(hex_colour: str, opacity: float) -> str:
    """The same colour as ``rgba(...)`` with an opacity from 0 to 1."""
    red, green, blue = [int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]
    return f"rgba({red},{green},{blue},{opacity})"

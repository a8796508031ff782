"""The five modes and their segments, in the order of cards and stacked areas (spec §3.6)."""


class Mode:
    """One mode: its number as text, its segments from the bottom of the chart up, the code of their
    sum.
    """

    def __init__(self, number: str, segments: tuple[str, ...], total: str | None) -> None:
        """``total`` is the code under which the view carries the sum; None when the sum is to be
        added up.
        """
        self.number = number
        self.segments = segments
        self.total = total


MODES = (
    Mode("1", ("companies", "contacts"), "all"),
    Mode("2", ("b2b_with_contacts", "b2b_without_contacts", "b2c"), "all"),
    Mode("3", ("active", "dormant", "lost"), None),
    Mode("4", ("regular", "first", "none"), None),
    Mode("5", ("requests", "dialogs", "contacts", "empty"), None),
)
FIRST_MODE = MODES[0]


def mode_of(number: str) -> Mode:
    """The mode with that number, the first one for an unknown number."""
    for mode in MODES:
        if mode.number == number:
            return mode
    return FIRST_MODE

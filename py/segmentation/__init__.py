"""The rules of client segmentation: pure functions from CRM tables to segments.

`analyse` is the way in: it takes the tables (`Base`), the moment and the portal's time zone, and
returns every client with its segments, the payments behind them, the growth by month and the
counters. Nothing here reads a clock, a file or a network, so the same code runs everywhere.
"""

from segmentation.analysis import Analysis, analyse
from segmentation.types import Base, Limits

__all__ = ["Analysis", "Base", "Limits", "analyse"]

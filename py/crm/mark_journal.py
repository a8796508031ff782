"""What the writer of marks asks of a journal: every batch is in it before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

DOUBTFUL, DONE, REFUSED, GONE, CONFLICT, NOT_WRITTEN = range(6)
"""What became of a row of a batch. DOUBTFUL: sent, and not heard of. REFUSED: the portal does not
take it. GONE: there is no such company or contact any more. CONFLICT: left alone, since somebody
has changed it. NOT_WRITTEN: this batch has not written it, a later one will, or nobody has yet.
"""

States = npt.NDArray[np.int8]


class Journal(Protocol):
    """Batches of operations, kept where a closed tab does not lose them."""

    async def sent(self, batch: pd.DataFrame) -> int:
        """Keep rows that are about to leave; returns when they are safe, with the batch's number.

        ``before_*`` hold what the portal held by then, as far as anybody knows.
        """

    async def settled(self, number: int, states: States, words: Sequence[str]) -> None:
        """Keep what became of a batch: a state for every row, and the portal's words about those
        that it refused, else ``""``. Rows that stay DOUBTFUL are told of again.
        """

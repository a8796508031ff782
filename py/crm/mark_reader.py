"""Marks of single companies and contacts, as the portal holds them now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm.client import Portal
from crm.convert import moments, whole_numbers
from crm.errors import AnswerUnreadable
from crm.mark_definitions import COMPANY
from crm.mark_fields import MarkFields
from crm.mark_values import columns, select_names
from crm.query import Command
from crm.tables import PAGE_ROWS


async def read_marks(
    portal: Portal, fields: MarkFields, entity: int, ids: Sequence[int] | npt.NDArray[np.int64]
) -> pd.DataFrame:
    """``id``, the ``mark_*`` columns and ``modified`` (UTC) of companies (``entity`` 4) or contacts
    (3), each once in no certain order; those that are gone are absent.

    Raises a PortalError.
    """
    method = "crm.company.list" if entity == COMPANY else "crm.contact.list"
    marks = fields.of(entity)
    select = ("ID", "DATE_MODIFY", *select_names(marks))
    commands = [
        Command.of(
            method,
            {
                "select": select,
                "filter": {"@ID": [int(number) for number in ids[start : start + PAGE_ROWS]]},
                "order": {"ID": "ASC"},
                "start": -1,
            },
        )
        for start in range(0, len(ids), PAGE_ROWS)
    ]
    rows: list[dict[str, Any]] = []
    for command, result in zip(commands, await portal.batch(commands), strict=True):
        page = result.get()
        if not isinstance(page, list):
            raise AnswerUnreadable(method=command.method, reason="no_rows")
        rows.extend(row for row in page if isinstance(row, dict))
    found = pd.DataFrame(
        {
            "id": whole_numbers([row.get("ID") for row in rows]),
            **columns(rows, marks),
            "modified": moments([row.get("DATE_MODIFY") for row in rows], offset_s=0),
        }
    )
    return found[found["id"] > 0].drop_duplicates("id", keep="last", ignore_index=True)

"""A portal from a folder of JSON-lines files (``--data DIR``).

``portal.json`` (``{"now": ISO or null, "timezone": "+03:00", "admin": 1, "name": ...}``, every key
optional) and one ``TABLE.jsonl`` for each table of :mod:`portal.schema`, each optional, rows as the
REST lists return them (see :mod:`portal.rows`). What the rows need and nobody wrote is added: an
administrator, funnels, stages.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from portal.cells import RowError, parse_moment, read_id, shown
from portal.clock import parse_offset
from portal.database import Database
from portal.dictionaries import (
    DEAL,
    SMART_INVOICE,
    category_row,
    common_status_rows,
    deal_stage_rows,
    invoice_stage_rows,
)
from portal.rows import Row, RowReader
from portal.schema import TABLES, primary_key

SETTINGS_FILE: Final = "portal.json"
_SHOWN_PROBLEMS: Final = 20
# Statuses, funnels and user fields first: the other rows are understood by them.
_ORDER: Final = (
    "statuses",
    "categories",
    "user_fields",
    "card_layouts",
    "users",
    "departments",
    "companies",
    "contacts",
    "leads",
    "deals",
    "invoices",
    "old_invoices",
    "activities",
    "requisites",
)


class FolderError(ValueError):
    """The folder cannot be read: file, line, what is wrong and what would be right."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        shown_problems = problems[:_SHOWN_PROBLEMS]
        if more := len(problems) - len(shown_problems):
            shown_problems.append(f"... and {more} more")
        super().__init__(
            f"{folder} is not a portal folder that can be read:\n  " + "\n  ".join(shown_problems)
        )
        self.problems = problems


def load_folder(path: str | Path, database: Database) -> list[str]:
    """Fill ``database`` and its settings from the folder; returns warnings, one a line.

    Raises FolderError when anything cannot be read; then nothing has been stored.
    """
    return _Folder(Path(path), database).load()


class _Folder:
    """One reading of a folder: rows, warnings and problems gather here until all is known."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self.database = database
        self.warnings: list[str] = []
        self.problems: list[str] = []
        self.rows: dict[str, list[Row]] = {table: [] for table in TABLES}

    def load(self) -> list[str]:
        if not self.path.is_dir():
            raise FolderError(
                self.path, ["no such folder; right would be: a folder with companies.jsonl, ..."]
            )
        self._look_for_unknown_files()
        settings = self._settings()
        now_s = int(time.time()) if settings["now"] is None else settings["now"]
        reader = RowReader(now_s, parse_offset(settings["timezone"]), settings["admin"])
        for table in _ORDER:
            self.rows[table] = list(self._read(table, reader))
        if self.problems:
            raise FolderError(self.path, self.problems)
        self._add_people(settings["admin"], settings["name"])
        self._add_funnels(reader.invoice_category)
        self._add_stages()
        self.database.settings.update(settings)
        for table, rows in self.rows.items():
            columns = list(TABLES[table])
            self.database.insert(
                table, columns, (tuple(row[name] for name in columns) for row in rows)
            )
        return self.warnings

    def _look_for_unknown_files(self) -> None:
        known = {SETTINGS_FILE, *(f"{table}.jsonl" for table in TABLES)}
        for file in sorted(self.path.iterdir()):
            if file.name not in known and not file.name.startswith("."):
                self.warnings.append(
                    f"{file.name}: unknown file, left out; known are {', '.join(sorted(known))}"
                )

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {"now": None, "timezone": "+03:00", "admin": 1, "name": "Портал"}
        file = self.path / SETTINGS_FILE
        if not file.exists():
            return settings
        try:
            given = json.loads(file.read_text("utf-8-sig"))
        except ValueError as error:
            self._problem(
                SETTINGS_FILE, getattr(error, "lineno", 1), f"not JSON: {error}", '{"now": null}'
            )
            return settings
        if not isinstance(given, dict):
            self._problem(
                SETTINGS_FILE, 1, f"{shown(given)} is no object", '{"now": null, "admin": 1}'
            )
            return settings
        for name in given.keys() - settings.keys():
            self.warnings.append(f"{SETTINGS_FILE}: unknown key {name!r}, left out")
        try:
            zone = str(given.get("timezone") or settings["timezone"])
            settings["name"] = str(given.get("name") or settings["name"])
            settings["admin"] = read_id(given.get("admin"), "admin") or 1
            settings["timezone"] = "+00:00" if zone in ("Z", "UTC") else zone
            parse_offset(settings["timezone"])
            if given.get("now") is not None:
                settings["now"] = parse_moment(
                    str(given["now"]), parse_offset(settings["timezone"])
                )
        except RowError as error:
            self._problem(SETTINGS_FILE, 1, error.wrong, error.right)
        except ValueError as error:
            right = '{"now": "2026-05-14T10:00:00+03:00" or null, "timezone": "+03:00", "admin": 1}'
            self._problem(SETTINGS_FILE, 1, f"now or timezone cannot be read: {error}", right)
            settings["timezone"] = "+03:00"
        return settings

    def _read(self, table: str, reader: RowReader) -> Iterator[Row]:
        name = f"{table}.jsonl"
        first_line_of: dict[Any, int] = {}
        odd_columns: set[str] = set()
        for line, text in self._lines(name):
            try:
                given = json.loads(text)
                if table == "statuses" and isinstance(given, dict):
                    # Nothing refers to a status by its id, so a hand-made row may leave it out.
                    given.setdefault("ID", 1_000_000 + line)
                row, warnings = reader.read(table, given)
            except json.JSONDecodeError as error:
                self._problem(
                    name,
                    line,
                    f"not JSON: {error.msg} at column {error.colno}",
                    "one JSON object a line",
                )
                continue
            except RowError as error:
                self._problem(name, line, error.wrong, error.right)
                continue
            key = row[primary_key(table)]
            if table == "categories":
                key = (row["entityTypeId"], key)
            if (first := first_line_of.setdefault(key, line)) != line:
                self._problem(
                    name, line, f"ID {key} stands in line {first} already", "an ID only once"
                )
                continue
            self.warnings.extend(f"{name}:{line}: {warning}" for warning in warnings)
            for column in _columns_of_other_case(table, given) - odd_columns:
                odd_columns.add(column)
                self.warnings.append(
                    f"{name}:{line}: column {column} is not known here, kept unused"
                )
            yield row

    def _lines(self, name: str) -> Iterator[tuple[int, str]]:
        file = self.path / name
        if not file.exists():
            return
        with file.open("rb") as lines:
            for line, raw in enumerate(lines, start=1):
                try:
                    text = raw.decode("utf-8-sig" if line == 1 else "utf-8").strip()
                except UnicodeDecodeError:
                    self._problem(name, line, "not UTF-8 text", "UTF-8")
                    continue
                if text:
                    yield line, text

    def _problem(self, file: str, line: int, wrong: str, right: str) -> None:
        self.problems.append(f"{file}:{line}: {wrong}; right would be: {right}")

    def _add(self, table: str, **values: Any) -> None:
        reader = RowReader(0, parse_offset("+00:00"))
        row, _ = reader.read(table, values)
        self.rows[table].append(row)

    def _add_people(self, admin: int, name: str) -> None:
        if not self.rows["departments"]:
            self._add("departments", ID=1, NAME=name, UF_HEAD=admin)
        if all(user["ID"] != admin for user in self.rows["users"]):
            if self.rows["users"]:
                self.warnings.append(
                    f"users.jsonl: the administrator, user {admin}, is missing and was added"
                )
            root = self.rows["departments"][0]["ID"]
            self._add(
                "users",
                ID=admin,
                NAME="Администратор",
                LAST_NAME="портала",
                IS_ADMIN="Y",
                UF_DEPARTMENT=[root],
            )

    def _add_funnels(self, invoice_category: int) -> None:
        deal_funnels = {0} | {row["CATEGORY_ID"] for row in self.rows["deals"]}
        invoice_funnels = {invoice_category} | {row["categoryId"] for row in self.rows["invoices"]}
        known = {(row["entityTypeId"], row["id"]) for row in self.rows["categories"]}
        for number in sorted(deal_funnels):
            if (DEAL, number) not in known:
                name = f"Воронка {number}" if number else "Общая"
                self.rows["categories"].append(category_row(DEAL, number, name, not number))
        for number in sorted(invoice_funnels):
            if (SMART_INVOICE, number) not in known:
                is_default = number == invoice_category
                self.rows["categories"].append(
                    category_row(SMART_INVOICE, number, f"Счета {number}", is_default)
                )

    def _add_stages(self) -> None:
        given = {row["ENTITY_ID"] for row in self.rows["statuses"]}
        wanted: list[Row] = list(common_status_rows())
        for row in self.rows["categories"]:
            makes = {DEAL: deal_stage_rows, SMART_INVOICE: invoice_stage_rows}.get(
                row["entityTypeId"]
            )
            wanted.extend(makes(row["id"]) if makes else ())
        self.rows["statuses"].extend(
            _numbered(
                (row for row in wanted if row["ENTITY_ID"] not in given),
                after=max((row["ID"] for row in self.rows["statuses"]), default=0),
            )
        )
        stages = {(row["ENTITY_ID"], row["STATUS_ID"]) for row in self.rows["statuses"]}
        for row in self.rows["invoices"]:
            entity = f"SMART_INVOICE_STAGE_{row['categoryId']}"
            if (entity, row["stageId"]) not in stages:
                where = f"stage {row['stageId']} of invoice {row['id']}"
                self.warnings.append(f"invoices.jsonl: {where} is not among those of {entity}")


def _numbered(rows: Iterable[Row], after: int) -> Iterator[Row]:
    for number, row in enumerate(rows, start=after + 1):
        yield {"ID": number, **row}


def _columns_of_other_case(table: str, row: dict[str, Any]) -> set[str]:
    """Unknown columns in the other naming of the REST: ``companyId`` for ``COMPANY_ID``."""
    is_camel = primary_key(table) == "id"
    unknown = {
        column for column in row if column not in TABLES[table] and not column.startswith("UF_")
    }
    return {
        column for column in unknown if (column.isupper() if is_camel else not column.isupper())
    }

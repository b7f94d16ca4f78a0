"""What somebody types into a workbook, for tests of what becomes of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl


def type_placements(book: Any) -> None:
    """Type into the log: a changed count, another placement, another price for the rest."""
    sheet = book["Placements"]
    sheet["C6"] = 51000
    sheet["B13"] = datetime.date(2002, 1, 8)
    sheet["C13"] = 1000
    sheet["D13"] = 4.5
    book["Totals"]["B5"] = 5.25


def type_into(path: Path, name: str, value: object) -> Path:
    """Type a value into the input cell of that name, and save the workbook as it stands."""
    book = openpyxl.load_workbook(path)
    ((sheet, cell),) = book.defined_names[name].destinations
    book[sheet][cell.replace("$", "")].value = value
    book.save(path)
    return path


def filled(made: Path, folder: Path, name: str, fill: Callable[[Any], None]) -> Path:
    """Open a workbook, type into it, and save it as another program would."""
    book = openpyxl.load_workbook(made / f"{name}.xlsx")
    fill(book)
    path = folder / f"{name}.xlsx"
    book.save(path)
    return path

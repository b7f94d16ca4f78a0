"""Files of a data folder, for tests of what is read from them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from xladdin.building.data_folder import DataFolder
from xladdin.building.render import TABLES, write
from xladdin.errors import FileError
from xladdin.terms import select

PLACEMENTS = "Date,Shares,Price\n2001-08-14,50000,4.04\n2001-09-10,120000,4.5\n"


def put(folder: Path, **files: str) -> Path:
    """Write a deal's CSV files, and return the data folder."""
    deal = folder / "data" / "NEOT-2001"
    deal.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (deal / f"{name}.csv").write_bytes(text.encode())
    return folder / "data"


def refused(data: Path, name: str = "placements") -> str:
    def fill() -> None:
        entries = DataFolder(data, TABLES).entries(select())
        write(name, select(), entries[name])

    with pytest.raises(FileError) as caught:
        fill()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def workbook(path: Path, sheets: dict[str, list[list[Any]]], tables: dict[str, str]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in tables:
            title, _, area = tables[name].partition("!")
            sheet.add_table(Table(displayName=title, ref=area))
    path.parent.mkdir(exist_ok=True)
    book.save(path)


ROWS: list[list[Any]] = [
    ["Date", "Shares", "Price"],
    [datetime.date(2001, 8, 14), 50000, 4.04],
    [None, None, None],
    ["2001-09-10", "120000", 4.5],
]

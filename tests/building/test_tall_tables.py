"""Tables of many rows, laid out, computed and written by windows of rows."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from building.data_files import put

from xladdin.building import data_folder, filled_workbook
from xladdin.building.build import build
from xladdin.building.data_folder import DataFolder
from xladdin.building.render import TABLES, Rendered, finish, render
from xladdin.cells import Cell, serial_of
from xladdin.engines import windows
from xladdin.errors import FileError
from xladdin.formulas.hosts import EXCEL, OFFICE_ADDIN
from xladdin.terms import select
from xladdin.workbooks.layout import styles, table
from xladdin.workbooks.layout.data_validation import whole_number
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, whole, write_table
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries, Rows
from xladdin.workbooks.placements import headings
from xladdin.workbooks.placements.columns import illustrative

pytestmark = pytest.mark.usefixtures("computed_anew")

STAGE = 28
"""Formulas of a row in the widest stage of the shipped deal's log: so many make a window a row."""


TYPED = Column("Typed", styles.INPUT, styles.COUNT, 9, allowed=whole_number(0, "Count"))


def log(deal: str, rows: int) -> Entries:
    """Make a log in which days go back, sales are there twice, and the last is beyond the capacity.

    Every third price has 17 digits, so that a sum differs with the order of what it adds.
    """
    sales = illustrative(select(deal))
    found: list[tuple[Cell, ...]] = []
    for number in range(rows):
        day, shares, price = sales[number * 5 % len(sales)]
        day += datetime.timedelta(days=number % 4)
        found.append(
            (float(serial_of(day)), float(shares // 25), price / (1 + (number % 3 == 0) / 7))
        )
    found[rows // 2] = found[rows // 2 - 1]
    found[-1] = (*found[-1][:1], 4e6, 90.0)
    places = tuple(f"line {number}" for number in range(rows))
    given = Rows(Path("log.csv"), ("Date", "Shares", "Price"), tuple(found), places)
    return Entries(Path("log.csv"), {}, {headings.TABLE: given}, frozenset({headings.TABLE}))


def in_windows(
    patch: pytest.MonkeyPatch, formulas: int, name: str, deal: str, *given: Any, **named: Any
) -> Rendered:
    with patch.context() as tall:
        tall.setattr(table, "TALL", 3)
        tall.setattr(windows, "FORMULAS", formulas)
        return render(name, select(deal), *given, **named)


@pytest.mark.sample(2)
@pytest.mark.parametrize("formulas", [1, STAGE * 7, 10**6])
@pytest.mark.parametrize(
    "deal", ["NEOT-2001", "CGTX-2022", "CIK886128-SHARES", "MORF-2020", "NEOT-2001/OTHER"]
)
def test_a_log_is_the_same_in_windows(
    monkeypatch: pytest.MonkeyPatch, deal: str, formulas: int
) -> None:
    """Windows of a row, of about seven, and one of all: byte by byte what comes of all at once."""
    entries = log(deal, 23)
    expected = render("placements", select(deal), entries=entries)
    assert expected.warnings
    assert in_windows(monkeypatch, formulas, "placements", deal, entries=entries) == expected


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("name", "deal"),
    [
        ("floating", "NEOT-2001"),
        ("captable", "NEOT-2001"),
        ("reporting", "NEOT-2001"),
        ("offering", "CGTX-2022"),
        ("equityline", "CANOO-2022"),
        ("reporting", "CANOO-2022"),
    ],
)
def test_other_tables_are_the_same_in_windows(
    monkeypatch: pytest.MonkeyPatch, name: str, deal: str
) -> None:
    assert in_windows(monkeypatch, 200, name, deal) == render(name, select(deal))


def test_for_another_add_in(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        host: in_windows(monkeypatch, 200, "placements", "NEOT-2001", None, NOTHING, host)
        for host in (EXCEL, OFFICE_ADDIN)
    }
    assert made[OFFICE_ADDIN] == render("placements", select(), host=OFFICE_ADDIN)
    assert made[OFFICE_ADDIN].data != made[EXCEL].data


@pytest.mark.parametrize("rows", [table.TALL, table.TALL + 1])
def test_only_a_tall_table_has_rows_without_cells(rows: int) -> None:
    book = Book(select())
    sheet = book.sheet("Log", ())
    twice = Column("Twice", styles.RESULT, styles.COUNT, 9, "1+1")
    write_table(sheet, "Log", 4, [TYPED, twice], rows)
    below = [row for row, column in sheet.worksheet._cells if row > 4 and column == 2]
    assert below == ([5, 4 + rows] if rows > table.TALL else [*range(5, 5 + rows)])


def test_columns_that_lead_to_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "TALL", 3)
    book = Book(select())
    columns = [TYPED] + [
        Column(name, styles.RESULT, styles.COUNT, 9, f"SUM({whole('Log', other)})")
        for name, other in (("One", "Other"), ("Other", "One"))
    ]
    write_table(book.sheet("Log", ()), "Log", 4, columns, 9)
    with pytest.raises(FileError, match="formulas of its tables lead to columns that lead to them"):
        finish(book)


def test_the_rows_of_a_log(tmp_path: Path) -> None:
    """50,000 placements, and no more; of every other table 6,000 rows."""
    most = data_folder.LONGER["Placements"]
    assert (most, data_folder.MAX_ROWS) == (50_000, 6_000)
    line = "2001-08-14,5,4\n"
    data = put(tmp_path, placements="Date,Shares,Price\n" + line * most)
    found = DataFolder(data, TABLES).entries(select())["placements"]
    assert len(found.tables["Placements"].rows) == most
    put(tmp_path, placements="Date,Shares,Price\n" + line * (most + 1))
    with pytest.raises(FileError, match=r"placements\.csv: it has more than 50,000 rows"):
        DataFolder(data, TABLES).entries(select())


def test_one_that_is_too_long_to_be_read_again_is_replaced_on_request_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "Date,Shares,Price\n" + "2001-08-14,5,4\n" * 21
    data, out = put(tmp_path, placements=rows), tmp_path / "out"
    build(["placements"], data=data, out=out)
    put(tmp_path, placements=rows + "2001-08-15,5,4\n")
    monkeypatch.setattr(filled_workbook, "MAX_ROWS", 20)
    [built] = build(["placements"], data=data, out=out)
    assert built.change == "refused"
    assert "the table Placements has more than 20 rows" in built.failures[0]
    [built] = build(["placements"], data=data, out=out, replace=True)
    assert built.change == "written"
    assert len(list(out.iterdir())) == 2  # a copy is kept

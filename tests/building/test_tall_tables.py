"""Tables of many rows, laid out, computed and written by windows of rows."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from building.data_files import put

from xladdin.building import data_folder, origin
from xladdin.building.build import build
from xladdin.building.data_folder import DataFolder
from xladdin.building.render import TABLES, Rendered, finish, render
from xladdin.building.upgrade import upgrade
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
from xladdin.xlsx.workbook_part import Workbook

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


LONG = "Date,Shares,Price\n" + "2001-08-14,5,4\n" * 21
"""More rows than are read again in these tests, which is 20."""


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log that is computed in windows and too long to be read again, with its data beside it."""
    monkeypatch.setattr(origin, "READ_AGAIN", 20)
    monkeypatch.setattr(table, "TALL", 3)
    monkeypatch.setattr(windows, "FORMULAS", STAGE * 7)
    [made] = build(["placements"], data=put(tmp_path, placements=LONG), out=tmp_path / "out")
    assert made.change == "written"
    return made.path


def save_again(path: Path, shares: int = 5) -> None:
    book = openpyxl.load_workbook(path)
    book["Placements"]["C9"] = shares
    book.save(path)


def test_a_long_log_that_nobody_touched_is_replaced(long: Path, tmp_path: Path) -> None:
    data = put(tmp_path, placements=LONG + "2001-08-15,6,4\n")
    [built] = build(["placements"], data=data, out=long.parent)
    assert built.change == "written"
    assert openpyxl.load_workbook(long)["Placements"]["C26"].value == 6
    [built] = build(["placements"], data=data, out=long.parent)
    assert built.change == "same"
    assert list(long.parent.iterdir()) == [long]


@pytest.mark.sample(1)
@pytest.mark.parametrize("shares", [5, 7])
def test_a_long_log_that_somebody_saved_is_replaced_on_request_alone(
    long: Path, tmp_path: Path, shares: int
) -> None:
    save_again(long, shares)
    old, data = long.read_bytes(), put(tmp_path, placements=LONG + "2001-08-15,5,4\n")
    [built] = build(["placements"], data=data, out=long.parent)
    assert built.change == "refused"
    assert "tables of more than 20 rows are not read back" in built.failures[0]
    assert "placements.csv of a data folder" in built.failures[0]
    assert long.read_bytes() == old
    [built] = build(["placements"], data=data, out=long.parent, replace=True)
    assert built.change == "written"
    assert len(list(long.parent.iterdir())) == 2  # a copy is kept


def test_a_single_byte_of_any_part_breaks_the_seal(long: Path) -> None:
    book = Workbook(long.read_bytes())
    assert book.is_as_sealed()
    for name in book.names:
        other = book.with_changes({name: book.read(name).replace(b"</", b" </", 1)})
        assert other != long.read_bytes()
        assert not Workbook(other).is_as_sealed(), name


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("rows", [20, 21])
def test_a_log_that_is_read_again_has_no_seal(tmp_path: Path, rows: int) -> None:
    lines = LONG.splitlines(keepends=True)[: rows + 1]
    [made] = build(["placements"], data=put(tmp_path, placements="".join(lines)), out=tmp_path)
    assert Workbook(made.path.read_bytes()).is_as_sealed() == (rows > 20)


@pytest.mark.usefixtures("long")
def test_a_long_log_with_what_somebody_typed_has_no_seal() -> None:
    entries = log("NEOT-2001", 21)
    data = render("placements", select(), entries=entries).data
    assert Workbook(data).is_as_sealed()
    data = render("placements", select(), entries=replace(entries, typed=entries.own)).data
    assert not Workbook(data).is_as_sealed()


def test_a_long_log_is_refused_with_its_remedy(long: Path, tmp_path: Path) -> None:
    words = "tables of more than 20 rows are not read back from a workbook, and Placements is one; "
    words += "keep them in placements.csv of a data folder and build from that"
    for refuse in (upgrade, lambda path: build(["proceeds"], data=path, out=tmp_path)):
        with pytest.raises(FileError) as caught:
            refuse(long)
        assert str(caught.value) == f"{long}: {words}"

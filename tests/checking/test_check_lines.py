"""The checks of a workbook: found, complete, and looked at, or a difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from xladdin.building.render import render
from xladdin.cells import Cell, CellError
from xladdin.checking.checks_sheet import Line
from xladdin.checking.findings import CHECKS
from xladdin.checking.recalc import Recalculated, recalc
from xladdin.checking.verify import DIFFERS, NOTHING, verify_one
from xladdin.cli.reports import recalculated, summary, verified
from xladdin.terms import select

Change = Callable[[Any], None]


def changed(made: Path, tmp_path: Path, change: Change) -> Recalculated:
    """Change captable.xlsx, and recalculate it."""
    book = openpyxl.load_workbook(made / "captable.xlsx")
    change(book)
    path = tmp_path / "captable.xlsx"
    book.save(path)
    return recalc(path, in_place=True)


def heading(book: Any) -> None:
    cell = next(cell for row in book["Checks"] for cell in row if cell.value == "Difference")
    cell.value = "Differences"


def name_gone(book: Any) -> None:
    del book.defined_names["Checks_OK"]


def name_elsewhere(book: Any) -> None:
    book["Start"]["H40"] = True
    book.defined_names["Checks_OK"].attr_text = "Start!$H$40"


def name_broken(book: Any) -> None:
    book.defined_names["Checks_OK"].attr_text = "#REF!"


def line_cleared(book: Any) -> None:
    row = book["Checks"].max_row
    for cell in book["Checks"][row]:
        cell.value = None


def line_in_the_middle_cleared(book: Any) -> None:
    book["Checks"]["A10"] = None


def line_added(book: Any) -> None:
    sheet = book["Checks"]
    sheet.append([cell.value for cell in sheet[sheet.max_row]])


def lines_not_looked_at(book: Any) -> None:
    book["Checks"]["B4"] = "=AND(F6:F7)"


def verdict_typed(book: Any) -> None:
    book["Checks"]["B4"] = True


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (heading, "its checks were not found"),
        (name_gone, "its checks were not found"),
        (name_elsewhere, "its checks were not found"),
        (name_broken, "its checks were not found"),
        (line_cleared, "and it came with"),
        (line_in_the_middle_cleared, "4 lines of checks were found, and it came with"),
        (line_added, "and it came with"),
        (lines_not_looked_at, "Checks_OK does not look at"),
        (verdict_typed, "Checks_OK does not look at"),
    ],
)
def test_checks_that_are_not_those_it_came_with(
    made: Path, tmp_path: Path, change: Change, words: str
) -> None:
    again = changed(made, tmp_path, change)
    done = verify_one(again.path)
    assert done.state == DIFFERS
    found = [item.note for item in done.differences if item.kind == CHECKS]
    assert any(words in note for note in found), done.differences
    assert "agrees" not in summary(done)
    assert not again.well
    lines = recalculated(again).lines
    assert "CHECKS FAIL" in lines[0]
    assert any(words in line for line in lines[1:])


def test_a_check_that_fails_for_nothing_else(made: Path, tmp_path: Path) -> None:
    found: list[str] = []

    def change(book: Any) -> None:
        row = next(row for row in book["Checks"] if row[-1].value == "plain-Excel twin")
        row[1].value += "+1"
        found.append(row[1].coordinate)

    again = changed(made, tmp_path, change)
    done = verify_one(again.path)
    (item,) = done.differences
    assert [(item.kind, item.cell)] == [("twin", cell) for cell in found]
    assert "difference 0.9999999999999999, tolerance 1E-09" in item.note
    assert len(again.failures) == 1
    assert not again.well


def test_a_verdict_is_not_taken_on_trust(tmp_path: Path) -> None:
    """A user's own Checks_OK counts as a check, whatever is beside it."""
    book = openpyxl.Workbook()
    book.active.append(["=1=2", "=A1"])
    book.defined_names["Checks_OK"] = DefinedName("Checks_OK", attr_text="Sheet!$A$1")
    path = tmp_path / "mine.xlsx"
    book.save(path)
    assert not recalc(path, in_place=True).well
    done = verify_one(path)
    assert [item.kind for item in done.differences] == ["twin"]
    assert done.twins == 1


def test_a_workbook_without_checks_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    path = tmp_path / "mine.xlsx"
    book.save(path)
    done = recalc(path, in_place=True)
    assert done.well
    assert recalculated(done).lines[0].endswith("  0 errors  by embedded")
    assert "no checks" in summary(verify_one(path))


@pytest.mark.parametrize(("formula", "why"), [(None, "no formulas"), ("=NOW()", "changes with")])
def test_nothing_compared_is_not_called_agreeing(
    tmp_path: Path, formula: str | None, why: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append([1, formula])
    path = tmp_path / "mine.xlsx"
    book.save(path)
    recalc(path, in_place=True)
    done = verify_one(path)
    assert (done.state, done.agrees) == (NOTHING, False)
    assert "NOTHING TO COMPARE" in summary(done)
    assert why in summary(done)


def test_warnings_are_given_and_are_no_failure(tmp_path: Path, made: Path) -> None:
    path = tmp_path / "placements.xlsx"
    book = openpyxl.load_workbook(made / path.name)
    sheet = book["Placements"]
    sheet["B6"].value, sheet["B7"].value = sheet["B7"].value, sheet["B6"].value
    book.save(path)
    again = recalc(path, in_place=True)
    assert again.well
    assert again.checks.odd
    done = verify_one(path)
    assert done.agrees
    assert done.warnings == again.checks.odd
    assert done.warnings == ("'Placements'!B7  row 7: before a placement above",)
    assert "  warning: 'Placements'!B7  row 7: before a placement above" in verified(done).lines


@pytest.mark.long
def test_ten_warnings_are_listed_and_the_others_counted(tmp_path: Path, made: Path) -> None:
    path = tmp_path / "placements.xlsx"
    book = openpyxl.load_workbook(made / path.name)
    for row in range(13, 25):
        book["Placements"].cell(row, 3).value = 1000
    book.save(path)
    lines = recalculated(recalc(path)).lines
    remark = "row 13: Missing: date, price"
    assert lines[1] == f"  warning: 'Placements'!B13  {remark}"
    assert len(lines) == 12
    assert lines[-1] == "  and 2 more warnings"
    path = tmp_path / "proceeds.xlsx"
    book = openpyxl.load_workbook(made / path.name)
    book["Proceeds"]["C8"] = None
    book.save(path)
    (warning,) = recalc(path).checks.odd
    assert warning.startswith("'Proceeds'!C8  Price 2: missing, ")


def test_what_is_missing_beside_the_entries_of_a_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "placements.xlsx"
    path.write_bytes(render("placements", select("CGTX-2022")).data)
    book = openpyxl.load_workbook(path)
    sheet = book["Placements"]
    (table,) = sheet.tables.values()
    head = sheet[table.ref][0]
    (paid,) = [cell for cell in head if cell.value == "Fee paid"]
    paid.offset(1, 0).value = None
    book.save(path)
    lines = recalculated(recalc(path)).lines
    row = paid.row + 1
    assert lines[1].endswith(f"{row}  row {row}: fee paid missing")


ELSEWHERE: Final = "#NUM! in D9, which compares more than B9 and C9"


@pytest.mark.parametrize(
    ("figure", "expected", "difference", "words"),
    [
        (2.0, 3.0, 1.0, "2, expected 3 (difference 1, tolerance 0)"),
        (
            142857.0,
            142857.0,
            CellError("#NUM!"),
            f"142857, expected 142857 (difference {ELSEWHERE}, tolerance 0)",
        ),
        (
            CellError("#N/A"),
            1.0,
            CellError("#N/A"),
            "#N/A, expected 1 (difference #N/A, tolerance 0)",
        ),
    ],
)
def test_words_of_a_line_show_what_differs(
    figure: Cell, expected: Cell, difference: Cell, words: str
) -> None:
    line = Line((9, 2), "Warrants", figure, expected, difference, 0.0, False, "must hold")
    assert line.words == f"Warrants: {words}"

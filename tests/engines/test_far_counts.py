"""Counts up to the edge of a sheet, which the engine is given as counts up to its last cell."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from xladdin.engines.embedded.compute import compute
from xladdin.engines.embedded.far_counts import ended


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("COUNTA(A4:BE1048576)-COUNTA(A4:BE9)", "COUNTA(A4:J60)-COUNTA(A4:BE9)"),
        ("count('It''s'!$B:$XFD)", "count('It''s'!B1:C5)"),
        ("COUNT(BF:XFD)+1", "COUNT(BF1:BF60)+1"),  # blank cells, and one column of them
        ("COUNT(X99:XFD1048576)", "COUNT(X99)"),
        ('IF(A1,"COUNT(B:XFD)",COUNT(4:1048576))', 'IF(A1,"COUNT(B:XFD)",COUNT(A4:J60))'),
    ],
)
def test_a_count_ends_with_its_sheet(formula: str, expected: str) -> None:
    assert ended(formula, "S", {"S": (60, 10), "It's": (5, 3)}.get) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(B:XFD)",  # not counted
        "COUNTBLANK(B:XFD)",
        "ROWS(A4:A1048576)",
        "COUNT(B:XFD,1)",  # not the only argument
        "COUNT((B:XFD))",
        "COUNT(B:C D:XFD)",
        "COUNT(T!B:XFD)",  # a sheet that is not there
        "COUNT(A1:B2)+1048576",
        "COUNT(",
        "COUNT(S!A1048576)",
    ],
)
def test_all_else_stays_as_it_is(formula: str) -> None:
    assert ended(formula, "S", {"S": (60, 10)}.get) == formula


def test_all_cells_are_counted_that_formulas_fill() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["C2"], sheet["D9"] = 1, "text", True
    sheet["F2"] = ArrayFormula("F2:G12", "=A1:A11*1")  # past the last cell of the file
    other = book.create_sheet("Other")
    formulas = ("COUNT({}B1:XFD1048576)", "COUNTA({}2:1048576)", "COUNT({}H:XFD)")
    for row, formula in enumerate(formulas, 1):
        other.cell(row, 1, "=" + formula.format("Sheet!"))
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute(buffer.getvalue())
    assert not found.refusals
    # The array formula fills two columns of eleven rows.
    assert [found.value("Other", row, 1) for row in (1, 2, 3)] == [22.0, 24.0, 0.0]

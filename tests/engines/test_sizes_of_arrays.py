"""Arrays whose sizes are not known before: Excel has #N/A where only one of two has a cell."""

from __future__ import annotations

import io
from typing import Final

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.compute import compute

RIGHT: Final[dict[str, Cell]] = {
    "SUM(INDEX(D!A1:C3,0,1)*D!B1:B3)": 32.0,
    "SUM((INDEX(D!A1:C3,0,1)*2)*D!B1:B3)": 64.0,
    "SUM(OFFSET(D!A1,0,0,3,1)*D!B1:B3)": 32.0,
    "SUM(TRANSPOSE(D!A1:A3)*D!A1:A3)": 36.0,
    "SUM(IF(D!A1:A3>1,D!A1:B1))": 10.0,
    "SUM(IF(D!A1=1,D!A1:A3,D!B1:B2))": 6.0,  # no array asks
    "SUM(IF(INDEX(D!A1:C3,0,1)>1,D!A1:A3,0))": 5.0,
    "SUM(ABS(D!A1:A3)*D!B1:B3)": 32.0,
    "ABS(INDEX(D!A1:C3,2,2))": 5.0,
    "INDEX(D!A1:C3,1,3)*INDEX(D!A1:C3,1,1)": CellError("#VALUE!"),  # of a text
}
"""In array formulas: columns of 1 to 3, 4 to 6, and texts of 1 to 3 letters."""

REFUSED: Final[dict[str, str]] = {
    "SUM(INDEX(D!A1:C3,0,1)*D!B1:B2)": "arrays that may be of different sizes",
    "IFERROR(SUM(OFFSET(D!A1,0,0,3,1)*D!A1:A2),9)": "arrays that may be of different sizes",
    'SUM(IFERROR(INDIRECT("D!A1:A3")-D!A1:A2,9))': "arrays that may be of different sizes",
    "SUM(TRANSPOSE(D!A1:A3)*D!A1:B1)": "arrays that may be of different sizes",
    "SUM(INDEX(D!A1:C3,0,1)*INDEX(D!A1:C2,0,2))": "arrays that may be of different sizes",
    "SUM(IF(D!A1:A3>1,D!A1:A2,0))": "IF is given ranges or arrays of different sizes",
    "SUM(IF(D!A1:A2>0,D!A1:A3))": "IF is given ranges or arrays of different sizes",
    "SUM(IFERROR(D!A1:A3,D!A1:A2))": "IFERROR is given ranges or arrays of different sizes",
    "SUM(ABS(INDEX(D!A1:C3,0,1)))": "ABS is given several values",
    "SUM(LEN(INDEX(D!A1:C3,0,3)))": "LEN is given several values",
    "SUM(--ISNUMBER(OFFSET(D!A1,0,0,3,1)))": "ISNUMBER is given several values",
    "SUM(COUNTIF(D!A1:A3,INDEX(D!A1:C3,0,1)))": "COUNTIF is given several values",
    "SUM(WEEKDAY(INDEX(D!A1:C3,0,1)+100))": "WEEKDAY is given several values",
    "SUM((D!A1:A50000=1)*(D!A1:ZZ1=1))": "more than 16,777,216 cells together",
    "SUM((D!A:A=1)*(D!1:1=1))": "more than 16,777,216 cells together",
}

PLAIN: Final[dict[str, str]] = {
    "SUMPRODUCT(ROUND(INDEX(D!A1:C3,0,1),0)*D!B1:B3)": "ROUND is given several values",
    "RANK(D!A1:A3,D!A1:A3)": "RANK is given an error",  # none of them is in line with it
    "LARGE(D!A1:A3,D!A1:A3)": "LARGE is given an error",
    "'[Book.xlsx]S'!A1": "by a link that the file does not have",
    "SUM([Book.xlsx]S!A1:B2)": "by a link that the file does not have",
    r"IF(FALSE,'C:\x\[Book.xlsx]S'!A1,1)": "by a link that the file does not have",
    '_xlfn.XLOOKUP(D!Z1,D!C1:C4,D!A1:A4,"no",2)': "not proved with 2",  # which finds C4
    '_xlfn.XLOOKUP("",D!C1:C4,D!A1:A4,"no",2)': "not proved with 2",
    "_xlfn.UNICHAR(55296)": "stands for no character",  # half of one
    "_xlfn.UNICHAR(65534)": "stands for no character",
}


def test_arrays_of_sizes_that_are_not_known_before() -> None:
    book = openpyxl.Workbook()
    data = book.create_sheet("D")
    for row in (1, 2, 3):
        data.append([row, row + 3, "x" * row])
    sheet = book.create_sheet("F")
    formulas = [*RIGHT, *REFUSED, *PLAIN]
    for row, formula in enumerate(formulas, 11):
        array = formula not in PLAIN
        sheet[f"A{row}"] = ArrayFormula(f"A{row}", f"={formula}") if array else f"={formula}"
    stream = io.BytesIO()
    book.save(stream)
    found = compute(stream.getvalue())
    reasons = {one.cell: one.reason for one in found.refusals}
    refused = {one: reasons.get(f"A{row}", "") for row, one in enumerate(formulas, 11)}
    values = {one: found.value("F", row, 1) for row, one in enumerate(formulas, 11)}
    assert {one: refused[one] for one in RIGHT if refused[one]} == {}
    assert {one: values[one] for one in RIGHT} == RIGHT
    wanted = REFUSED | PLAIN
    assert {one: refused[one] for one in wanted if wanted[one] not in refused[one]} == {}

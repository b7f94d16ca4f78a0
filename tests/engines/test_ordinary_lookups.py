"""Lookups, counts and texts as ordinary workbooks have them: computed, or refused for a reason.

What Excel gives is Microsoft's documentation of each function. That numbers are looked for among
numbers alone is in its article 113261; that nothing is found for a blank cell among blank cells
and empty texts, and `"13"` not among numbers, is in values that Excel stored (`MATCH.xlsx` of
IronCalc's tests).
"""

from __future__ import annotations

import io
from typing import Final

import openpyxl

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.compute import compute

COLUMNS: Final[dict[str, tuple[object, ...]]] = {
    "A": ("Bound", 10, 20, 30, 40),
    "B": ("Rate", 0.01, 0.02, 0.03, 0.04),
    "C": (40, 30, 20, 10, 5),
    "D": ("x", "y", "X", None, "z"),
    "E": ("101", 101, "5", True, 0),
    "F": (1.25, 2.5, -3.75, 4, 5),
    "G": (45000, 45100, 45200, 45291, 45292),
    "H": ("Bound", 10, 30, 20, 40),
    "J": ("x" * 20_000,),
}
NA: Final = CellError("#N/A")

RIGHT: Final[dict[str, Cell]] = {
    "MATCH(25,D!A:A)": 3.0,
    "MATCH(25,D!A1:A5)*2+1": 7.0,
    "MATCH(5,D!A:A,1)": NA,
    "VLOOKUP(35,D!A1:B9,2)": 0.03,
    "VLOOKUP(35,D!A:B,2,TRUE)": 0.03,
    "MATCH(25,D!C1:C5,-1)": 2.0,
    "MATCH(50,D!C1:C5,-1)": NA,
    'MATCH("101",D!E1:E5,0)': 1.0,
    'VLOOKUP("5",D!E1:F5,2,FALSE)': -3.75,
    "MATCH(TRUE,D!E1:E5,0)": 4.0,
    "MATCH(D!Z1,D!D1:D9,0)": NA,
    'IFERROR(VLOOKUP(D!Z1,D!D1:F5,2,FALSE),"none")': "none",
    "MATCH(TRUE,INDEX(D!F1:F5>3,0),0)": 4.0,
    'MATCH(1,INDEX((D!D1:D5="x")*(D!F1:F5<0),0),0)': 3.0,
    'LOOKUP(2,1/(D!D:D<>""),D!F:F)': 5.0,
    "SUMPRODUCT(ROUND(D!F1:F5,1))": 9.0,
    "SUMPRODUCT(--(MOD(D!F1:F5,2)=0.5))": 1.0,
    'SUMPRODUCT((TEXT(D!G1:G5,"yyyy")="2023")*D!F1:F5)': 4.0,
    "SUMPRODUCT(1/COUNTIF(D!C1:C5,D!C1:C5))": 5.0,
    'SUMPRODUCT((D!D1:D5<>"")/COUNTIF(D!D1:D5,D!D1:D5&""))': 3.0,
    'COUNTIF(D!D1:D5,"=")': 1.0,
    'SUMIFS(D!F1:F5,D!D1:D5,"=")': 4.0,
    'DATEDIF(D!G1,D!G3,"ym")': 6.0,
    'DATEDIF(D!G1,D!G2,"md")': 8.0,
    "WEEKDAY(D!G5,11)+WEEKDAY(D!G4,17)": 2.0,
    'TEXT(1234.5,"#,##0.##")&TEXT(3,"0.##")': "1,234.53.",
    'TEXT(0,"#,###")&TEXT(45678,"0.00E+00")': "4.57E+04",
    'TEXT(D!G1,"ddd, d.m.yy")': "Wed, 15.3.23",
    'IFERROR(D!D1&D!D2,"")': "xy",
}
"""15 March, 23 June, 1 October and 31 December 2023, and 1 January 2024, a Monday, are in G."""

REFUSED: Final[dict[str, str]] = {
    "MATCH(25,D!H1:H5)": "a text",
    "MATCH(25,D!H2:H5)": "in ascending order",
    "MATCH(D!Z1,D!E1:E5,0)": "a blank cell",
    "IFERROR(1/0,MATCH(D!Z1,D!A1:A5))": "a blank cell",
    'SUMIF(D!D:D,"1-30",D!F:F)': "may take for a number or a date",
    "VLOOKUP(25,D!A1:B5,2,2)": "not proved with 2 in place 4 (it is with",
    'TEXT(5,"0 kg")': 'not proved with the format "0 kg"',
    "MATCH(25,D!A1:A5,-1)": "is given",
    "SUMPRODUCT(1/COUNTIF(D!D1:D5,D!D1:D5))": "a blank cell",
    'DATEDIF(D!G1,45391,"md")': "past the end of a month",
    'TEXT(45678,"0.00e+00")': "small letter",
    'IFERROR(D!J1&D!J1,"")': "32,767",
    "OFFSET(D!F1,1,0,0.9,1)": "part of a row",
    'PRODUCT(INDIRECT("D!E1"))': "a number written as text",
    "IPMT(0.01,3,12,1000,,1)": "left out",
}


def test_lookups_counts_and_texts() -> None:
    book = openpyxl.Workbook()
    data = book.create_sheet("D")
    for column, cells in COLUMNS.items():
        for row, value in enumerate(cells, 1):
            data[f"{column}{row}"] = value
    sheet = book.create_sheet("F")
    formulas = [*RIGHT, *REFUSED]
    for row, formula in enumerate(formulas, 1):
        sheet[f"A{row}"] = f"={formula}"
    stream = io.BytesIO()
    book.save(stream)
    found = compute(stream.getvalue())
    reasons = {one.cell: one.reason for one in found.refusals}
    values = {one: found.values["F"][row, 1] for row, one in enumerate(formulas, 1)}
    refused = {one: reasons.get(f"A{row}", "") for row, one in enumerate(formulas, 1)}
    assert {one: refused[one] for one in RIGHT if refused[one]} == {}
    assert {one: values[one] for one in RIGHT} == RIGHT
    assert [one for one, words in REFUSED.items() if words not in refused[one]] == []

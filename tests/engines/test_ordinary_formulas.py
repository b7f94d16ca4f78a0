"""Ordinary formulas over whole columns, cell by cell and of the last cells, in every engine.

What each comes to is counted by hand. Excel's own rules are Microsoft's pages on each function: a
criterion ``""`` or ``<>x`` counts blank cells; the last number of a column is what comes before
9.99E+307 in it, whatever texts and blank cells are between; ADDRESS, CUMIPMT and CUMPRINC have the
examples of their pages.
"""

from __future__ import annotations

import datetime
from typing import Final

import pytest
from engines.excel_cases import ENGINES, NONE, NOT_CONFIRMED, Case, differences

from xladdin.cells import CellError

ROWS: Final = 1_048_576
MONDAY: Final = datetime.date(2024, 1, 1)

CELLS: Final = {
    **{f"A{row}": value for row, value in enumerate(("Kind", "a", None, "b", "A-1"), 1)},
    **{f"B{row}": row - 1 for row in range(2, 10)},
    "B1": "Amount",
    **{f"C{row}": MONDAY + datetime.timedelta(days=row) for row in range(2, 7)},
    **{f"D{row}": value for row, value in enumerate(("Sum", 10, 20, 30, None, "Total", 60), 1)},
    **{f"E{row}": value for row, value in enumerate((1, 2, 3, None, None), 1)},
    **{f"F{row}": value for row, value in enumerate((10, 20, 30, None, "Total"), 1)},
    "G1": "#N/A",
    "G2": 5,
    "G3": True,
    "G4": 2,
    "G5": 3,
    **{f"H{row}": value for row, value in enumerate(("x", "zzebra", "y"), 1)},
    "I1": "a",
}

WHOLE_COLUMNS: Final = (
    Case('SUMIF(A:A,"",B:B)', 2.0 + 5 + 6 + 7 + 8),
    Case('SUMIF(A:A,"<>a",B:B)', 36.0 - 1),
    Case('SUMIF($A:$A,"<>a",$B:$B)', 36.0 - 1),
    Case('SUMIF(A:A,"a",B:B)', 1.0),
    Case('AVERAGEIF(A:A,"",B:B)', 28 / 5),
    Case('SUMIFS(B:B,A:A,"<>a")', 35.0),
    Case('COUNTIFS(A:A,"")', ROWS - 4.0),
    Case('COUNTIFS(A:A,"<>a",B:B,"<>3")', ROWS - 2.0),
    Case('COUNTIFS(A:A,"",B:B,">2")', 4.0, NOT_CONFIRMED),
    Case('COUNTIFS(B:B,">2",A:A,"=")', 4.0),
    Case('COUNTIFS(A:A,"<>",B:B,"<>3")', 3.0),
    Case('COUNTIFS(A:A,"<>",B:B,"<>")', 4.0),
    Case('COUNTIFS(A:A,I1,B:B,"<>3")', 1.0),
    Case('COUNTIFS(A:A,I1&"*",B:B,"<>3")', 2.0),
    Case('COUNTIFS(A:A,I9&"",B:B,"<>3")', ROWS - 5.0, NONE),
    Case('COUNTIFS(A:A,"<>"&I1,B:B,"<>3")', ROWS - 2.0, NONE),
)

CELL_BY_CELL: Final = (
    Case("SUMPRODUCT((WEEKDAY(C2:C6)=4)*B2:B6)", 1.0),  # the Wednesday
    Case("SUMPRODUCT(--(WEEKDAY(C2:C6,2)>5))", 2.0),
    Case("SUMPRODUCT(--(WEEKDAY(C5:C9,1)=7))", 4.0),  # a blank cell is day 0, a Saturday
    Case("SUMPRODUCT((MOD(ROW(B2:B6),2)=0)*B2:B6)", 1.0 + 3 + 5),
    Case("SUMPRODUCT((ROW(B2:B6)-ROW(B2)+1=3)*B2:B6)", 3.0),
    Case("SUMPRODUCT(COLUMN(B2:D2)*B2:D2)", 2 + 3 * 45294.0 + 40),
    Case("SUMPRODUCT(--EXACT(A1:A5,I1))", 1.0),
    Case('SUMPRODUCT(--ISNUMBER(SEARCH("A",A1:A5)))', 2.0),
    Case('SUMPRODUCT(ISNUMBER(FIND("A",A2:A5))*B2:B5)', 4.0),
    Case('SUMPRODUCT((MID(A2:A5,2,2)="-1")*B2:B5)', 4.0),
    Case('SUMPRODUCT(LEN(A2:A5)-LEN(SUBSTITUTE(A2:A5,"-","")))', 1.0),
    Case('SUMPRODUCT((TRIM(A2:A5)="b")+(UPPER(A2:A5)="A"))', 2.0),
    Case("SUMPRODUCT(--NOT(ISBLANK(A2:A5)),B2:B5)", 8.0),
    Case("SUMPRODUCT(SIGN(B2:B5-2)+SQRT(B2:B5*0+4))", 9.0),
    Case("SUMPRODUCT((ROW(B2:B6)>3)*B2:B7)", CellError("#N/A"), NONE),
    Case("SUM(ROW(B2:B6))", 2.0, NONE),
)

LAST_CELLS: Final = (
    Case("MATCH(9E+99,D:D)", 7.0),
    Case("LOOKUP(9.99E+307,D:D)", 60.0),
    Case("INDEX(B:B,MATCH(9.99999999999999E+307,D1:D9,1))", 6.0),
    Case("LOOKUP(9E+99,D2:D7,B2:B7)", 6.0),
    Case('MATCH("zzz",A:A)', 5.0),
    Case('LOOKUP(REPT("z",255),D1:D9)', "Total", NOT_CONFIRMED),
    Case('LOOKUP("zzz",D1:D7,B1:B7)', 5.0, NOT_CONFIRMED),
    Case('LOOKUP(2,1/(A1:A9<>""),ROW(A1:A9))', 5.0),
    Case("MATCH(25,F1:F9)", 2.0),
    Case("VLOOKUP(35,F1:F9,1)", 30.0),
    Case("MATCH(25,D1:D5)", 3.0),
    Case("VLOOKUP(25,D1:D7,1)", 20.0, NONE),  # a number below the text
    Case("LOOKUP(9E+99,G1:G3)", 5.0, NONE),
    Case("MATCH(9E+99,G2:G5)", 4.0, NONE),  # beside a logical
    Case("MATCH(1E+15,D1:D7,1)", 7.0),
    Case('MATCH("zzz",H1:H3)', 3.0, NONE),
    Case("_xlfn.XMATCH(2.5,E1:E5,-1)", 2.0, NOT_CONFIRMED),
    Case("_xlfn.XLOOKUP(2.5,E1:E5,B2:B6,,1)", 3.0, NOT_CONFIRMED),
    Case("_xlfn.XMATCH(9,E1:E5,1)", CellError("#N/A"), NOT_CONFIRMED),
    Case("_xlfn.XMATCH(0.5,E1:E5,-1)", CellError("#N/A"), NONE),
    Case("_xlfn.XMATCH(-1,E1:E5,1)", 1.0, NONE),
)

OTHERS: Final = (
    Case('TEXT("abc","@")&TEXT(12.5,"@")', "abc12.5"),
    Case('TEXT(1234.5,"General")&TEXT(-0.25,"general")', "1234.5-0.25"),
    Case('TEXT(1/3,"General")', "0.333333333", NONE),
    Case('TEXT(12.5,"0 €")&TEXT(-1234.5,"€#,##0.00")', "13 €-€1,234.50"),
    Case('TEXT(5551234567,"(000) 000-0000")', "(555) 123-4567"),
    Case('TEXT(1234567,"000-00-0000")', "001-23-4567"),
    Case('TEXT(12345678901,"(000) 000-0000")', "(1234) 567-8901", NONE),
    Case("ADDRESS(2,3,2)&ADDRESS(2,3,2,FALSE)&ADDRESS(2,3,4)", "C$2R2C[3]C2"),
    Case('ADDRESS(2,3,,,"Data")', "Data!$C$2", NOT_CONFIRMED),
    Case('ADDRESS(2,3,1,FALSE,"EXCEL SHEET")', "'EXCEL SHEET'!R2C3"),
    Case('ADDRESS(2,3,1,TRUE,"Q1")', "'Q1'!$C$2", NONE),
    Case('SUM(INDIRECT("Data!B:B"))+COUNT(INDIRECT("Data!$B:$B"))', 44.0),
    Case('ROWS(INDIRECT("Data!B:B"))', float(ROWS), NONE),
    Case("SUM(OFFSET(B2,,,5))+SUM(OFFSET(B1,1,,5,))+OFFSET(B2,1,)", 15.0 + 15 + 2),
    Case("SUM(OFFSET(B2:B3,1,0,,1))", 5.0, NONE),
    Case("_xlfn.AGGREGATE(15,6,ROW(B2:B9)/(B2:B9>3),1)", 5.0),
    Case("_xlfn.AGGREGATE(14,6,B2:B9/(B2:B9<4),2)", 2.0),
    Case("IFERROR(_xlfn.AGGREGATE(14,6,B2:B9/(B2:B9<4),4),0)", 0.0),
    Case("_xlfn.AGGREGATE(14,4,B2:B9/(B2:B9<4),2)", CellError("#DIV/0!"), NONE),
    Case("ROUND(CUMIPMT(0.09/12,30*12,125000,13,24,0),5)", -11135.23213),
    Case("ROUND(CUMIPMT(0.09/12,30*12,125000,1,1,0),2)", -937.5),
    Case("ROUND(CUMPRINC(0.09/12,30*12,125000,13,24,0),7)", -934.1071234),
    Case("_xlfn.AGGREGATE(14,6,B2:B9>3,1)", CellError("#NUM!"), NONE),
    Case("CUMPRINC(0.5,50,100,1,1,0)", -50 / (1.5**50 - 1), NONE),  # less than its last digits
    Case("CUMIPMT(0.01,12,1000,5,4,0)", CellError("#NUM!"), NONE),
    Case("IPMT(0.01,1,12,1000,0,1)", 0.0),
    # Of 1,000 at 10% in two payments in advance, 1000 = p + p / 1.1.
    Case("ROUND(PPMT(0.1,1,2,1000,0,1),9)", round(-1100 / 2.1, 9)),
    Case("ROUND(IPMT(0.1,2,2,1000,0,1),9)", round(-(1000 - 1100 / 2.1) * 0.1, 9)),
    Case('DATEDIF(DATE(2023,11,15),DATE(2025,2,10),"yd")', 87.0),
    Case('DATEDIF(DATE(2023,2,15),DATE(2024,3,10),"yd")', 23.0, NONE),  # or 24, of 2024
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "cases",
    [WHOLE_COLUMNS, CELL_BY_CELL, LAST_CELLS, OTHERS],
    ids=("whole", "cell", "last", "more"),
)
def test_ordinary_formulas(engine: str, cases: tuple[Case, ...]) -> None:
    assert differences(engine, CELLS, cases, ()) == []

"""Formulas near those of which an engine is known to have another value: refused, or right.

Excel's values follow from its documentation, or from values that it stored in public workbooks.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

import openpyxl
import pytest
from engines.excel_cases import ENGINES, NONE, NOT_CONFIRMED, WITH_LIBREOFFICE, Case, differences
from openpyxl.worksheet.formula import ArrayFormula

from xladdin.cells import CellError
from xladdin.engines.choice import compute

N_A: Final = CellError("#N/A")
NUM: Final = CellError("#NUM!")
VALUE: Final = CellError("#VALUE!")
NAME: Final = CellError("#NAME?")

COLUMNS: Final[Mapping[str, Sequence[object]]] = {
    "A": (5, "5", True, None, "x", 0.1, 0.2, -0.3, 1e-7, "TRUE"),
    "B": ("a", "b", "A", "ab", "a*", "N", "Nora", "no", "", None),
    "C": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    "D": (45292, 45323, None, 45352.75, 45383, 59, 60, 61, 2958465, -1),
}
"""Columns from row 1 of the sheet Data."""

PLAIN: Final[Sequence[Case]] = (
    Case('TEXT(D3,"yyyy")', "1900", NONE),
    Case('TEXT(D6,"d mmm")', "28 Feb", NONE),
    Case('TEXT(D7,"d mmm")', "29 Feb", NONE),
    Case('TEXT(D10,"yyyy")', VALUE, NONE),
    Case('TEXT(A3,"0")', "TRUE", NONE),
    Case('TEXT(A10,"0")', "TRUE", NOT_CONFIRMED),
    Case('TEXT(1E-7,"0.00E+00")', "1.00E-07"),
    Case('TEXT(5,"@")', "5"),
    Case('TEXT(5,"")', "", NONE),
    Case('TEXT(0.5,"# ?/?")', " 1/2", NONE),
    Case('TEXT(5,"0;;")', "5", NONE),
    Case('TEXT(-5,"0;")', "", NONE),
    Case('TEXT(1234567,"0,")', "1235"),
    Case('TEXT(1234567,"#,##0,,")', "1"),
    Case('TEXT(1500000,"$0.0,,""M""")', "$1.5M"),
    Case('TEXT(-1500000,"$0.0,,""M""")', "-$1.5M"),
    Case('TEXT(5,"00000")', "00005"),
    Case('TEXT(-5,"000")', "-005"),
    Case('TEXT(12.5,"$0")', "$13"),
    Case('TEXT(0.285,"0%")', "29%", NONE),
    Case('TEXT(0.125,"0.0%")', "12.5%"),
    Case('TEXT(1.005,"0.00")', "1.01"),
    Case('TEXT(2.675,"0.00")', "2.68"),
    Case('TEXT(1E14,"#,##0.00")', "100,000,000,000,000.00"),
    Case('TEXT(123456789012345,"0.00")', "123456789012345.00"),
    Case('TEXT(45292.5,"m/d/yyyy")', "1/1/2024"),
    Case('TEXT(45292,"M/D/YYYY")', "1/1/2024"),
    Case('TEXT("2024-01-05","mmm")', "Jan", NONE),
    Case('TEXT("5","mmm")', "Jan", NONE),
    Case('TEXT(1=1,"0")', "TRUE", NONE),
    Case('TEXT(NA(),"0")', N_A),
    Case("SUMPRODUCT(IF(C1:C3>1,1,0))", VALUE, NONE),
    Case("SUMPRODUCT(IFERROR(C1:C3,0)*2)", VALUE, NONE),
    Case("SUMPRODUCT(CHOOSE(C1:C2,1,2))", VALUE, NONE),
    Case("SUMPRODUCT(INDEX(C1:C3,0))", 6.0),
    Case("SUMPRODUCT(IF(TRUE,C1:C3))", 6.0, NONE),
    Case("SUM(INDEX((C1:C3>1)*C1:C3,0))", 5.0, NOT_CONFIRMED),
    Case('MAX(INDEX((B1:B3="a")*C1:C3,0))', 3.0, NOT_CONFIRMED),
    Case('SUMPRODUCT(MAX((B1:B3="a")*C1:C3))', 3.0),
    Case('SUMPRODUCT(LARGE((B1:B3="a")*C1:C3,1))', 3.0),
    Case('SUMPRODUCT((B1:B10="a")/COUNTIF(B1:B10,B1:B10&""))', 1.0, NONE),
    Case("SUMPRODUCT(C1:C3,C1:C4)", VALUE, NONE),
    Case("SUMPRODUCT(A1:A5,C1:C5)", 5.0, NONE),
    Case("SUMPRODUCT(A1:A3*C1:C3)", 18.0),
    Case('SUMPRODUCT(1*(A1:A5="5"))', 1.0),
    Case("SUMPRODUCT(--(A1:A5=5))", 1.0),
    Case("SUMPRODUCT(--(A1:A4=0))", 1.0),
    Case('SUMPRODUCT(--(A1:A4=""))', 1.0),
    Case("SUMPRODUCT(ISNUMBER(A1:A5)*C1:C5)", 1.0, NOT_CONFIRMED),
    Case("SUMPRODUCT(--ISTEXT(A1:A10))", 3.0),
    Case("SUMPRODUCT(--ISERROR(1/A6:A8))", 0.0),
    Case("SUMPRODUCT(--(MONTH(D1:D3)=1))", 2.0, NOT_CONFIRMED),
    Case("SUMPRODUCT(--(YEAR(D1:D3)=1900))", 1.0, NOT_CONFIRMED),
    Case("SUMPRODUCT(--(DAY(D1:D6)=28))", 1.0, NONE),
    Case("SUMPRODUCT(ABS(A6:A8))", 0.6000000000000001),
    Case("SUMPRODUCT(ABS(A1:A2))", 10.0),
    Case("SUMPRODUCT(ABS(A4:A5))", VALUE),
    Case("SUMPRODUCT(INT(A6:A8*10))", 0.0),
    Case("SUMPRODUCT(--ISBLANK(B9:B10))", 2.0),
    Case("MATCH(TRUE,A1:A5,0)", 3.0),
    Case('MATCH("TRUE",A1:A10,0)', 10.0, NONE),
    Case("MATCH(5,A2:A5,0)", N_A),
    Case('VLOOKUP("5",A1:C5,3,0)', 2.0, NOT_CONFIRMED),
    Case('MATCH("",B1:B10,0)', N_A),
    Case('MATCH("A",B1:B3,0)', 1.0),
    Case('MATCH("a~*",B1:B5,0)', 5.0),
    Case('MATCH("a?",B1:B5,0)', 4.0),
    Case('COUNTIF(B1:B10,"")', 2.0),
    Case('COUNTIF(B1:B10,"=")', 2.0),
    Case('COUNTIF(B1:B10,"<>")', 8.0),
    Case('COUNTIF(B1:B10,"n*")', 3.0),
    Case('COUNTIF(A1:A5,"5")', 2.0),
    Case("COUNTIF(A1:A5,TRUE)", 1.0),
    Case('COUNTIF(A1:A10,"TRUE")', 2.0, NONE),
    Case("COUNTIF(A6:A8,0.1)", 1.0),
    Case('COUNTIF(C1:C3,">1")', 2.0),
    Case('COUNTIF(A1:A5,">=5")', 1.0),
    Case('SUMIF(A1:A5,"5",C1:C5)', 3.0),
    Case('COUNTIF(B1:B10,"a*")', 4.0),
    Case('COUNTIF(B1:B10,"?")', 4.0),
    Case('COUNTIF(C1:C10,"*")', 0.0, NOT_CONFIRMED),
    Case('COUNTIF(C1:C3,"1*")', 0.0, NOT_CONFIRMED),
    Case("DEC2HEX(-1)", "FFFFFFFFFF"),
    Case("DEC2BIN(5.9)", "101"),
    Case("DEC2BIN(-5)", "1111111011"),
    Case('HEX2DEC("FFFFFFFFFF")', -1.0),
    Case('BIN2DEC("1111111011")', -5.0),
    Case("BIN2DEC(101)", 5.0),
    Case('HEX2DEC("g")', NUM, NONE),
    Case("_xlfn.BASE(7,2,8)", "00000111"),
    Case('_xlfn.DECIMAL("ff",16)', 255.0),
    Case("_xlfn.BITAND(13,25)", 9.0),
    Case("_xlfn.BITOR(2.5,1)", NUM, NOT_CONFIRMED),
    Case("SYD(30000,7500,10,1)", 4090.909090909091),
    Case("SYD(30000,7500,10,11)", NUM, NONE),
    Case("FACTDOUBLE(7)", 105.0),
    Case("FACTDOUBLE(-1)", 1.0, NONE),
    Case("DELTA(5,4)", 0.0),
    Case("DELTA(0.1+0.2,0.3)", 0.0, NONE),
    Case("GESTEP(5,4)", 1.0),
    Case("STANDARDIZE(42,40,1.5)", 1.3333333333333333),
    Case("STANDARDIZE(1,1,0)", NUM, NOT_CONFIRMED),
    Case("_xlfn.RANK.AVG(3,C1:C5)", 3.0),
    Case("_xlfn.PERCENTRANK.INC(C1:C10,3.5)", 0.277, NOT_CONFIRMED),
    Case("TRIMMEAN(C1:C10,0.2)", 5.5),
    Case("AVERAGEA(A1:A5)", 1.5),
    Case("AVERAGEA(C1:C3,TRUE)", 1.75, NONE),
    Case("ISPMT(0.1,1,3,8000000)", -533333.3333333334),
    Case("GCD(5,0)", 5.0, WITH_LIBREOFFICE),
    Case("GCD(0,0)", 0.0, WITH_LIBREOFFICE),
    Case('GCD("4",6)', 2.0, NONE),
    Case("ERF(1,2)", 0.1525716999, NONE),
    Case("DB(1000,100,5,0)", NUM, NONE),
    Case("DB(242,75.1,3,4)", NUM, NONE),
    Case('IF("TRUE",1,2)', 1.0, NONE),
    Case('IF("x",1,2)', VALUE),
    Case('AND("TRUE",TRUE)', True, NONE),
    Case("5&TRUE", "5TRUE", NOT_CONFIRMED),
    Case("TRUE+1", 2.0),
    Case('"5"+1', 6.0),
    Case('"5%"*2', 0.1),
    Case('-"5"', -5.0),
    Case("1/3=0.333333333333333", True),
    Case("0.1*3=0.3", True),
    Case("1.1-1-0.1=0", False, NOT_CONFIRMED),
    Case("INT(0.1*3*10)", 3.0),
    Case("ROUND(2.5,0)", 3.0),
    Case("ROUND(-2.5,0)", -3.0),
    Case("ROUND(1.005,2)", 1.01),
    Case("MOD(-1,3)", 2.0),
    Case("10^-2", 0.01),
    Case("-2^2", 4.0),
    Case("2^0.5", 1.4142135623730951),
    Case("0^0", NUM, NOT_CONFIRMED),
    Case("(-8)^(1/3)", NUM, NONE),
    Case("LET(x,1,x)", NAME, NONE),
    Case("_xlfn.LET(_xlpm.x,2,_xlpm.x*3)", 6.0, NOT_CONFIRMED),
    Case("_xlfn.IFS(FALSE,1)", N_A),
    Case("_xlfn.SWITCH(3,1,2)", N_A),
    Case("_xlfn.CONCAT(A1:A3)", "55TRUE", NOT_CONFIRMED),
    Case('_xlfn.TEXTJOIN("-",TRUE,A1:A5)', "5-5-TRUE-x", NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("5",A1:A5,C1:C5)', 2.0, NOT_CONFIRMED),
    Case("_xlfn.XLOOKUP(9,C1:C3,C1:C3,,0,1)", N_A, NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("zz",B1:B5,C1:C5,"none",,1)', "none", NONE),
    Case("_xlfn.XLOOKUP(,A1:A5,C1:C5)", 4.0, NONE),
    Case('_xlfn.MAXIFS(C1:C10,B1:B10,"a")', 3.0),
    Case('_xlfn.DAYS("2024-02-01","2024-01-01")', 31.0, NONE),
)
"""Formulas with Excel's values."""

ARRAYS: Final[Sequence[Case]] = (
    Case("SUM(IF(A1:A5=5,C1:C5))", 1.0),
    Case("COUNT(IF(A1:A5=5,C1:C5))", 1.0, NONE),
    Case("AVERAGE(IF(C1:C3>1,C1:C3))", 2.5),
    Case("MIN(IF(C1:C3>1,C1:C3))", 2.0),
    Case("MIN(IF(C1:C3>5,C1:C3))", 0.0),
    Case("MAX(IF(C1:C3>1,TRUE))", 0.0, NOT_CONFIRMED),
    Case("SMALL(IF(C1:C3>5,C1:C3),1)", NUM, NOT_CONFIRMED),
    Case("PRODUCT(IF(C1:C3>1,C1:C3))", 6.0),
    Case("STDEV(IF(C1:C4>1,C1:C4))", 1.0),
    Case("COUNTA(IF(C1:C3>1,C1:C3))", 3.0, NONE),
    Case("SUM(1/COUNTIF(B1:B3,B1:B3))", 2.0),
    Case("SUM(TRANSPOSE(C1:C3))", 6.0),
    Case("SUM(N(C1:C3))", 1.0, NONE),
    Case("SUM(LEN(B1:B4))", 5.0),
    Case("MAX(LEN(B1:B4))", 2.0),
    Case('INDEX(C1:C10,MATCH(1,(B1:B10="no")*(C1:C10>7),0))', 8.0),
    Case("SUM((MONTH(D1:D3)=1)*1)", 2.0, NOT_CONFIRMED),
    Case('MEDIAN(IF(B1:B3="a",C1:C3))', 2.0),
    Case('LARGE(IF(C1:C5<4,C1:C5,""),1)', 3.0),
    Case("SUM(IFERROR(1/A6:A8,0))", 11.666666666666666),
    Case("AND(C1:C3>0)", True),
    Case('OR(B1:B3="b")', True),
    Case("SUM(--(A1:A3=TRUE))", 1.0),
    Case("SUM(A1:A3=TRUE)", 0.0, NOT_CONFIRMED),
    Case("SUM(ISNUMBER(A1:A3)*1)", 1.0, NOT_CONFIRMED),
    Case("ISNUMBER(A3)", False, NOT_CONFIRMED),
    Case("QUARTILE(IF(C1:C5>1,C1:C5),2)", 3.5),
    Case('VLOOKUP("a",IF({1,0},B1:B3,C1:C3),2,0)', 1.0),
)
"""Array formulas with Excel's values."""


CELLS: Final[Mapping[str, object]] = {
    f"{letter}{row}": value
    for letter, values in COLUMNS.items()
    for row, value in enumerate(values, 1)
}


@pytest.mark.parametrize("engine", ENGINES)
def test_neighbours_are_refused_or_right(engine: str) -> None:
    assert differences(engine, CELLS, PLAIN, ARRAYS) == []


COUNTING: Final = """
    SUM PRODUCT AVERAGE MIN MAX SUMSQ MEDIAN STDEV _xlfn.STDEV.S STDEVP _xlfn.STDEV.P VAR VARP
    _xlfn.VAR.S _xlfn.VAR.P SKEW KURT HARMEAN MODE _xlfn.MODE.SNGL LARGE SMALL PERCENTILE QUARTILE
    _xlfn.PERCENTILE.EXC _xlfn.QUARTILE.EXC
"""
"""Functions that pass over logicals in arrays."""


def test_logicals_in_arrays_are_passed_over() -> None:
    """FALSE and TRUE in the place of texts change nothing."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row, value in enumerate((1, "f", "t", 5, 9, 9, 4.5), 1):
        sheet[f"A{row}"] = value
    names = COUNTING.split()
    for row, name in enumerate(names, 1):
        more = {"LARGE": ",2", "SMALL": ",2"}.get(name, "")
        more = ",0.4" if "PERCENTILE" in name else ",1" if "QUARTILE" in name else more
        array = f'{name}(IF(A1:A7="f",FALSE,IF(A1:A7="t",TRUE,A1:A7)){more})'
        sheet[f"C{row}"] = ArrayFormula(f"C{row}", f"={array}")
        sheet[f"D{row}"] = f"={name}(A1:A7{more})"
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute("embedded", buffer.getvalue())
    assert not found.refusals
    values = {
        column: [found.value("Sheet", row, column) for row in range(1, len(names) + 1)]
        for column in (3, 4)
    }
    assert values[3] == values[4]
    assert values[4][:6] == [28.5, 1822.5, 5.7, 1.0, 9.0, 208.25]

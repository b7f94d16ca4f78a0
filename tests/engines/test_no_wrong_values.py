"""Formulas of which an engine has another value than Excel: each is refused, or right.

Excel's values follow from its documentation, or from values that it stored in public workbooks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from engines.excel_cases import ENGINES, NONE, NOT_CONFIRMED, WITH_LIBREOFFICE, Case, differences

from xladdin.cells import CellError

N_A: Final = CellError("#N/A")
VALUE: Final = CellError("#VALUE!")
NAME: Final = CellError("#NAME?")

COLUMNS: Final[Mapping[str, Sequence[object]]] = {
    "A": (101, 102, 103, "x", "101", True, None, 0.1, 0.2, -0.3),
    "B": ("x", "y", "x", "x", "y", "x", "y", "Nora", "N", "Ned"),
    "C": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    "D": (45292, 45323, 45352, None, 45383, 45413, None, 45444, 45474, 45505),
    "E": ("5%", "$5", "1,000", "abc", 5, 0.05, 1000, "2024-01-05", "", None),
    "F": (1 / 3, 1e15, 1e-7, 2.5, -2.5, 12.345, 0, -0.001, 5, 1234567.891),
}
"""Columns from row 2, below the headings in row 1."""

PLAIN: Final[Mapping[str, Sequence[Case]]] = {
    "lookups distinguish texts from numbers": [
        Case('MATCH("101",A2:A4,0)', N_A, NOT_CONFIRMED),
        Case('VLOOKUP("101",A2:C4,3,FALSE)', N_A, NOT_CONFIRMED),
        Case('HLOOKUP("101",A2:C4,2,FALSE)', N_A, NOT_CONFIRMED),
        Case('MATCH("10*",A2:A4,0)', N_A, NOT_CONFIRMED),
        Case("MATCH(101,A6:A6,0)", N_A),
        Case('MATCH("101",A2:A6,0)', 5.0, NOT_CONFIRMED),
        Case('IFERROR(VLOOKUP("10"&"1",A2:C4,3,FALSE),"none")', "none", NOT_CONFIRMED),
        Case('INDEX(C2:C4,MATCH("1*1",A2:A4,0))', N_A, NOT_CONFIRMED),
    ],
    "logicals in arrays are not counted": [
        Case('SUMPRODUCT(B2:B4="x",C2:C4)', 0.0, NONE),
        Case("SUMPRODUCT({TRUE,FALSE},{1,2})", 0.0, NONE),
        Case("SUMPRODUCT(--{TRUE,FALSE},{1,2})", 1.0),
        Case("SUM(A7:A8)", 0.0, NOT_CONFIRMED),
        Case("SUM({TRUE,TRUE})", 0.0, NOT_CONFIRMED),
        Case("COUNT({TRUE,1})", 1.0, NOT_CONFIRMED),
        Case("AVERAGE({TRUE,4})", 4.0, NOT_CONFIRMED),
        Case("MAX({TRUE,-1})", -1.0, NOT_CONFIRMED),
        Case("COUNT(C2:C4>2)", 0.0, NONE),
    ],
    "what TEXT makes of blanks and of formats": [
        Case('TEXT(A8,"mmm-yy")', "Jan-00", NONE),
        Case('TEXT(A8,"dd/mm/yyyy")', "00/01/1900", NONE),
        Case('TEXT(5,"0.##")', "5.", NOT_CONFIRMED),
        Case('TEXT(5,"#.##")', "5.", NOT_CONFIRMED),
        Case('TEXT(1234.5,"#,##0.##")', "1,234.5"),
        Case('TEXT(0,"#")', ""),
        Case('TEXT(45292,"Q")', VALUE, NONE),
        Case('TEXT(45292,"QQ")', VALUE, NONE),
        Case('TEXT(45292,"WW")', VALUE, NONE),
        Case('TEXT(45292,"NN")', VALUE, NONE),
        Case('TEXT(45292,"NNN")', VALUE, NONE),
        Case('TEXT(45292,"R")', VALUE, NONE),
        Case('TEXT(5,"Standard")', VALUE, NONE),
        Case('TEXT(5,"Currency")', VALUE, NONE),
        Case('TEXT(45292,"yyy")', "2024", NONE),
        Case('TEXT(1/3,"General")', "0.333333333", NONE),
        Case('TEXT(1234567890123,"General")', "1.23457E+12", NONE),
        Case('TEXT("TRUE","$0")', "TRUE", NOT_CONFIRMED),
        Case('TEXT(TRUE,"$0")', "TRUE", NONE),
        Case('TEXT("abc","$0")', "abc"),
        Case('TEXT("5","$0.00")', "$5.00"),
        Case('TEXT(0.5,"0")', "1"),
        Case('TEXT(2.5,"0")', "3"),
        Case('TEXT(1.005,"$0.00")', "$1.01"),
        Case('TEXT(12.345,"$#,##0.00")', "$12.35"),
        Case('TEXT(1234567.891,"$#,##0")', "$1,234,568"),
        Case('TEXT(-5,"$0")', "-$5"),
        Case('TEXT(-5,"$#,##0;($#,##0)")', "($5)"),
        Case('TEXT(-5,"$#,##0_);($#,##0)")', "($5)"),
        Case('TEXT(5,"$#,##0_);($#,##0)")', "$5 "),
        Case('TEXT(1E+15,"0")', "1000000000000000", NONE),
        Case('TEXT(0,"$0.00")', "$0.00"),
    ],
    "criteria of databases match beginnings": [
        Case('DSUM(B1:C11,"C",H1:H2)', 27.0, NONE),
        Case('DCOUNT(B1:C11,"C",H1:H2)', 3.0, NONE),
        Case('DMAX(B1:C11,"C",H1:H2)', 10.0, NONE),
        Case('DGET(B1:C11,"C",H1:H2)', CellError("#NUM!"), NONE),
    ],
    "texts of TEXT are no numbers": [
        Case('SUM(TEXT(2,"$0"))', 2.0, NONE),
        Case('AVERAGE(TEXT(2,"$0"))', 2.0, NONE),
        Case('PRODUCT(TEXT(2,"$0"))', 2.0, NONE),
        Case('MAX(TEXT(2,"$0"),1)', 2.0, NONE),
        Case('SUM(TEXT(2,"0"))', 2.0, NOT_CONFIRMED),
        Case('TEXT(2,"$0")+1', 3.0),
        Case('COUNT(TEXT(2,"$0"))', 1.0, NONE),
    ],
    "what is left of a sum stays": [
        Case('SUM(A9,VALUE(TEXT(A10,"$0.0")),A11)', 0.1 + 0.2 - 0.3),
        Case('IF(SUM(A9,VALUE(TEXT(A10,"$0.0")),A11)=0,1,2)', 2.0, NOT_CONFIRMED),
        Case('INT(VALUE(TEXT(4.35,"$0.00"))*100)', 434.0, NONE),
        Case('QUOTIENT(VALUE(TEXT(4.35,"$0.00"))*100,1)', 434.0, NONE),
        Case("SUM(GCD(2,4)/20,A10,A11)", 0.1 + 0.2 - 0.3, WITH_LIBREOFFICE),
        Case('DSUM(A1:A11,"A",G1:G2)', 0.1 + 0.2 - 0.3, NONE),
    ],
    "IF takes one cell of a range in ordinary formulas": [
        Case('SUMPRODUCT(IF(B2:B4="x",C2:C4,0))', VALUE, NONE),
        Case("SUMPRODUCT(IFERROR(C2:C4,0))", VALUE, NONE),
        Case('SUM(IF(B2:B4="x",C2:C4,0))', VALUE, NONE),
        Case("SUMPRODUCT(IF(C2:C4>1,1,0),C2:C4)", VALUE, NONE),
        Case("SUM(TRANSPOSE(C2:C4))", VALUE, NONE),
        Case("SUM(N(C2:C4))", 1.0, NONE),
    ],
    "functions of money and ranks": [
        Case("DOLLAR(-5)", "($5.00)", NONE),
        Case("DOLLAR(-1234.567,1)", "($1,234.6)", NONE),
        Case("PERCENTRANK(C2:C11,7)", 0.666, NONE),
        Case("_xlfn.PERCENTRANK.INC(C2:C11,7)", 0.666, NOT_CONFIRMED),
        Case("_xlfn.PERCENTRANK.EXC(C2:C11,2)", 0.181, NOT_CONFIRMED),
    ],
    "addresses on other sheets": [
        Case('ADDRESS(1,1,1,TRUE,"Data")', "Data!$A$1", NOT_CONFIRMED),
        Case('ADDRESS(1,1,4,1,"My data")', "'My data'!A1", NOT_CONFIRMED),
        Case('INDIRECT("Data.C2")', CellError("#REF!"), NONE),
        Case('INDIRECT("Data!C2")', 1.0),
        Case("ADDRESS(2,3,1,FALSE)", "R2C3"),
    ],
    "logicals of ours": [
        Case('CLASSB_AVAILABLE(4)&TEXT(1,"$0")', "TRUE$1", NOT_CONFIRMED),
        Case('TRUE&TEXT(1,"$0")', "TRUE$1", NOT_CONFIRMED),
        Case('(1=1)&TEXT(1,"$0")', "TRUE$1", NOT_CONFIRMED),
        Case("SUM(CLASSB_AVAILABLE(4))", 1.0),
        Case("CLASSB_AVAILABLE(4)=1", False, NOT_CONFIRMED),
        Case("COUNT(CLASSB_AVAILABLE(4))", 1.0, NONE),
    ],
    "newer functions need their prefix": [
        Case("XLOOKUP(101,A2:A4,C2:C4)", NAME, NONE),
        Case('CONCAT("a","b")', NAME, NONE),
        Case('TEXTJOIN(",",TRUE,B2:B3)', NAME, NONE),
        Case("IFS(TRUE,1)", NAME, NONE),
        Case("MAXIFS(C2:C4,C2:C4,1)", NAME, NONE),
        Case("STDEV.S(C2:C4)", NAME, NONE),
        Case("LET(x,1,x+1)", NAME, NONE),
        Case("DAYS(45000,44000)", NAME, NONE),
        Case("IFNA(NA(),1)", NAME, NONE),
        Case("ISFORMULA(A1)", NAME, NONE),
    ],
    "what is not certain": [
        Case('IF("7",1,2)', VALUE, NONE),
        Case("MATCH(0.1+0.2,{0.3},0)", 1.0, NONE),
        Case("MATCH(0.3,I2:I2,0)", 1.0, NONE),
        Case("VLOOKUP(0.3,I2:J2,2,FALSE)", 9.0, NONE),
    ],
    "numbers as texts in criteria": [
        Case("COUNTIF(E2:E4,0.05)", 1.0, NONE),
        Case("COUNTIF(E2:E4,5)", 1.0, NONE),
        Case("COUNTIF(E2:E4,1000)", 1.0, NONE),
        Case('COUNTIF(E2:E8,"5%")', 2.0, NONE),
        Case("SUMIF(E2:E8,5,C2:C8)", 7.0, NONE),
        Case("COUNTIF(E2:E11,45296)", 1.0, NONE),
    ],
}
"""By kind: formulas of the sheet Data with Excel's values."""

ARRAYS: Final[Sequence[Case]] = (
    Case("SUM(ISNUMBER(C2:C4))", 0.0, NOT_CONFIRMED),
    Case("SUM(--ISNUMBER(C2:C4))", 3.0),
    Case("COUNT(C2:C4>2)", 0.0, NONE),
    Case("COUNTA(IF(C2:C4>2,C2:C4))", 3.0, NONE),
    Case("COUNT(IF(C2:C4>2,C2:C4))", 1.0, NONE),
    Case("C2:C2>0", True),
    Case('B2="x"', True),
    Case("AND(C2:C4>0)", True),
    Case('MAX(INDEX((B2:B4="x")*C2:C4,0))', 3.0),
    Case('SUM(IF(B9:B11="N",A9:A11,A9:A11))', 0.1 + 0.2 - 0.3),
    Case('SUM(VALUE(SUBSTITUTE(TEXT(C2:C4*2,"$0"),"$","")))', 12.0, NONE),
    Case("SUM(MMULT({1,1,1},A9:A11))", 0.1 + 0.2 - 0.3, NONE),
    Case("SMALL(IF(C2:C11>2,C2:C11),1)", 3.0),
    Case("LARGE(IF(C2:C11<5,C2:C11),1)", 4.0),
    Case("SUM(IF(ISNUMBER(A2:A8),A2:A8))", 306.0, NOT_CONFIRMED),
    Case("AVERAGE(IF(C2:C4>1,TRUE,4))", 4.0, NOT_CONFIRMED),
    Case("MAX(IF(C2:C4>1,TRUE,-4))", -4.0, NOT_CONFIRMED),
)
"""Array formulas with Excel's values."""


CELLS: Final[Mapping[str, object]] = {
    f"{letter}{row}": value
    for letter, values in COLUMNS.items()
    for row, value in enumerate((letter, *values), 1)
} | {"G1": "A", "G2": "<1", "H1": "B", "H2": "N", "I2": "=0.1+0.2", "J2": 9}


@pytest.mark.parametrize("engine", ENGINES)
def test_formulas_are_refused_or_right(engine: str) -> None:
    plain = [case for cases in PLAIN.values() for case in cases]
    assert differences(engine, CELLS, plain, ARRAYS) == []


COMPUTED: Final = (
    Case("MEDIAN(IF(C2:C11>2,C2:C11))", 6.5),
    Case("SUM(IF(MONTH(D2:D6)=1,C2:C6,0))", 5.0),  # a blank cell is a day of January
    Case('MAX(IF(B2:B11="x",C2:C11))', 6.0),
)
"""More array formulas for which the embedded engine is proved."""


def test_array_formulas_that_are_computed() -> None:
    assert differences("embedded", CELLS, (), COMPUTED) == []

"""Zeros without a sign, sizes of ranges, digits of keys, and characters beyond ASCII."""

from __future__ import annotations

import io
import math
from typing import Final

import openpyxl
from openpyxl.workbook.defined_name import DefinedName

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.compute import compute
from xladdin.engines.embedded.search_rules import NEARLY_FOUND, NEARLY_MET
from xladdin.xlsx.workbook_part import Workbook

CELLS: Final[dict[str, object]] = {
    **{f"D{row}": row for row in (1, 2, 3)},
    **{f"C{row}": 10 * row for row in (1, 2, 3)},
    **{f"E{row}": text for row, text in enumerate(("low", "middle", "high"), 1)},
    **{f"H{row}": f"=0.1*{row}" for row in (1, 2, 3)},
    "F1": "=ROUND(-0.2,0)",
    "F2": 0,
    "F3": "=F2*-1",
    "G1": "\u00a0a",
    "G2": "\tb ",
    "G3": "  a   b ",
    "F4": 0.3,
    "G4": "\u03a9",
    "K1": "\U0001f600a",
    "L1": 1,
    "L3": 2,
    "K2": "b",
    **{f"J{row}": text for row, text in enumerate(("under", ">90 days", "x", "31-60"), 1)},
}

RIGHT: Final[dict[str, Cell]] = {
    "COUNTIF(F1:F3,0)": 3.0,
    'COUNTIF(F1:F3,"<0")': 0.0,
    'SUMIFS(D1:D3,F1:F3,">=0")': 6.0,
    '"Variance "&F1': "Variance 0",
    "LEN(F3)": 1.0,
    "EXACT(F1,0)": True,
    "TRIM(G1)": "\u00a0a",
    "TRIM(G2)": "\tb",
    "TRIM(G3)": "a b",
    "TRIM(12.5)": "12.5",
    'CODE("A")': 65.0,
    'SUMIFS(D1:D3,C1:C3,">10")': 5.0,
    'SUMIFS(D:D,C:C,">10")': 5.0,
    'COUNTIFS(C1:C3,">10",D1:D3,"<3")': 1.0,
    "SUMPRODUCT(D1:D3,C1:C3)": 140.0,
    "SUMPRODUCT(D1:D3,C1:C3/10)": 14.0,
    "SUMPRODUCT((D1:D3>1)*(C1:C3<30),C1:C3)": 20.0,
    "SUMPRODUCT(--(D1:D3>1),C1:C3)": 50.0,
    "SUMPRODUCT((D1:D3>{1,2,3})*C1:C3)": 80.0,
    "SUMPRODUCT(ABS(D1:D3),C1:C3)": 140.0,
    "COUNTIF(F1:F3,F1)": 3.0,
    "COUNTIF(F1:F3,ROUND(-0.2,0))": 3.0,
    "-F2": 0.0,
    "0.1234567890123450": 0.123456789012345,
    "SUM(1E-300)": 1e-300,
    "0.15^(D1*400)": 0.0,
    "(D1/D3)^2*9": 1.0,
    '43863.5&""': "43863.5",
    '66666.09482&""': "66666.09482",
    '(1/D3)&""': "0.333333333333333",
    'IFERROR(REPT("x",30000),"none")=""': False,
    '"0.123456789012345"*1': 0.123456789012345,
    'MATCH(">90 days",J1:J3,0)': 2.0,
    'COUNTIF(J1:J3,"under")': 1.0,
    'COUNTIF(J1:J3,"<>under")': 2.0,
    'COUNTIF(H1:H3,">0.25")': 1.0,
    'COUNTIF(H1:H3,">"&D1)': 0.0,
    "COUNTIF(H1:H3,0.2)": 1.0,
    'SUMIFS(D1:D3,H1:H3,"<"&D1)': 6.0,
    'COUNTIF(H1:H3,">"&AVERAGE(H1:H3)+0.05)': 1.0,
    "SUMIFS(D1:D3,H1:H3,MAX(H1:H3))": 3.0,
    "COUNTIF(H1:H3,1/3)": 0.0,
    'SUM(COUNTIF(E1:E3,{"low","high"}))': 2.0,
    'SUM(SUMIFS(D1:D3,E1:E3,{"low";"high"},D1:D3,">1"))': 3.0,
    'SUMPRODUCT(SUMIF(E1:E3,{"low","middle"},C1:C3))': 30.0,
    "SUM(LARGE(C1:C3,{1,2}))/2": 25.0,
    "AVERAGE(SMALL(C1:C3,{1,2}),90)": 40.0,
    'IF(OR(E1={"low","high"}),1,2)': 1.0,
    'IF(OR(E2={"low","high"}),1,2)': 2.0,
    "AND(D2>{0,1})": True,
    "AND(D2>{0,2})": False,
    'OR(ISNUMBER(SEARCH({"x","dd"},E2)))': True,
    'SUM(COUNTIF(E1:E3,{"low"}))': 1.0,
    "SUM(-{1,2})": -3.0,
    "SUM({1,2},3)": 6.0,
    '_xlfn.XLOOKUP(25,C1:C3,E1:E3,"none",-1)': "middle",
    '_xlfn.XLOOKUP(25,C1:C3,E1:E3,"none",1)': "high",
    '_xlfn.XLOOKUP(D1/3,C1:C3,E1:E3,"none",-1)': "none",
    "_xlfn.XLOOKUP(31,C1:C3,E1:E3,,1)": CellError("#N/A"),
    "_xlfn.XLOOKUP(0,F1:F3,D1:D3,,-1,-1)": 3.0,
    "_xlfn.XLOOKUP(0,F1:F3,D1:D3,,0,-1)": 3.0,
    "_xlfn.XMATCH(25,C1:C3,-1)": 2.0,
    "LOOKUP(2,1/(D1:D3<3),E1:E3)": "middle",
    'LOOKUP(2,1/((D1:D3>1)*(E1:E3<>"high")),C1:C3)': 20.0,
    'LOOKUP(2,1/(E1:E3="nothing"),C1:C3)': CellError("#N/A"),
    'IFERROR(LOOKUP(2,1/(E1:E4<>""),E1:E4),"none")': "high",
    'TEXT(0.5,"hh:mm")': "12:00",
    'TEXT(45292.75,"h:mm AM/PM")': "6:00 PM",
    'TEXT(45292.25,"hh:mm am/pm")': "06:00 AM",
    'TEXT(45292,"h:mm AM/PM")': "12:00 AM",
    'TEXT(45292.75,"yyyy-mm-dd hh:mm")': "2024-01-01 18:00",
    'TEXT(45337.0021875,"dd-mmm-yyyy hh:mm:ss")': "15-Feb-2024 00:03:09",
    'TEXT(1.5,"[h]:mm")': "36:00",
    'TEXT(TIME(9,5,7),"h:mm:ss")': "9:05:07",
    "WORKDAY(45292,5,45293)": 45300.0,
    "WORKDAY(45292,5,DATE(2024,1,2))": 45300.0,
    "NETWORKDAYS(45292,45300,DATE(2024,1,2))": 6.0,
    "ROUND(NPER(0.01,-100,0,1000),9)": round(math.log(1.1) / math.log(1.01), 9),
    "NPER(0,-100,1000,0)": 10.0,
    "ROUND(RATE(2,0,-100,121),9)": 0.1,
    "ROUND(RATE(1,-110,100,0,0),9)": 0.1,
    "ROUND(RATE(2,-60,110,0,1),9)": 0.2,
    'COUNTIF(J1:J4,"31-60")': 1.0,
    'SUMIF(J1:J4,"31-60",D1:D4)': 0.0,
    'IFERROR(LEFT(E1,FIND("-",E1)-1),E1)': "low",
    'IFERROR(MID(E1,FIND("-",E1),1),"none")': "none",
    "LEFT(E1,1/0)": CellError("#DIV/0!"),
    "RANK(2,D1:D3)": 2.0,
    "COS(0)": 1.0,
    'TEXT(45292,"mmm d")': "Jan 1",
    'TEXT(45292,"d-mmm")': "1-Jan",
    'TEXT(45292,"yyyymm")': "202401",
    'TEXT(45292,"dd.mm.yyyy")': "01.01.2024",
    "PV(5%,2,,-1000)": 1000 / 1.05**2,
    'SUMPRODUCT(--(LEFT(E1:E3)="m"))': 1.0,
    'SUMPRODUCT((LEFT(E1:E3,2)="mi")*C1:C3)': 20.0,
    'SUMPRODUCT((RIGHT(E1:E3,4)="high")*C1:C3)': 30.0,
    "SUMPRODUCT(LEN(E1:E3))": 13.0,
    "SUMPRODUCT(LEN(C1:C4))": 6.0,
    "COUNTIF(H1:H3,-5)": 0.0,
    'COUNTIF(H1:H3,">"&-5)': 3.0,
    "YEAR(44562)": 2022.0,
    "INT(8.75*100)": 875.0,
    "INT(1/3*100)": 33.0,
    "TRUNC(0.1*3*10)+ROUNDDOWN(2.5,0)": 5.0,
    "ROUNDUP(1/3,2)": 0.34,
    "ROUNDDOWN(2.3,1)": 2.3,
    "0.5/1E200": 5e-201,
    "1+EXP(-300)*EXP(-300)*EXP(-300)": 1.0,
    'TEXT(0.123456,"hh:mm")': "02:57",
    'TEXT(45351.9999,"yyyy-mm-dd")': "2024-02-29",
    "INT(ROUND(8.7*100,0))": 870.0,
    "ISEVEN(D2)": True,
    "QUOTIENT(7,2)": 3.0,
    "QUOTIENT(-7,2)": -3.0,
    "QUOTIENT(1,0.1)": 10.0,
    "QUOTIENT(1,0)": CellError("#DIV/0!"),
    "ATAN2(-1,F1)": math.pi,
    "ATAN2(1,1)": math.pi / 4,
    "ATAN2(0,F1)": CellError("#DIV/0!"),
    "COUNTIF(F1:F3,-0)": 3.0,
    '"a"&-0': "a0",
    '"a"&-(0)': "a0",
    "EXACT(-0,0)": True,
    "LARGE(D1:D3,2)": 2.0,
    "LARGE(D1:D3,D2)": 2.0,
    "+".join(["D1"] * 150): 150.0,
    'TEXT(5,"""a""0")': "a5",
    'TEXT(0.5,"0.0000000000")': "0.5000000000",
    "INDEX(OFFERING_DILUTION(2,10,100,100,1),2)": 1.0,
    "INDEX((OFFERING_DILUTION(-1,1,1,1,1)),2,2)": CellError("#NUM!"),
    "INDEX(OFFERING_DILUTION(-1,1,1,1,1),65,1)": CellError("#NUM!"),
    "INDEX(OFFERING_DILUTION(2,10,100,100,1),65,1)": CellError("#REF!"),
    "VLOOKUP(2,D1:E3,2,FALSE)": "middle",
    "VLOOKUP(2.5,D1:E3,2)": "middle",
    "VLOOKUP(2,D1:H3,5,FALSE)": 0.2,
    "HLOOKUP(1,D1:E3,3,FALSE)": 3.0,
    "MATCH(2,D1:D3,0)": 2.0,
    "LOOKUP(2.5,D1:D3,E1:E3)": "middle",
    'MATCH("middle",E1:E3,0)': 2.0,
    "INDEX(D1:E1,2)": "low",
    'TEXT(-0.001,"0.00;(0.00)")': "(0.00)",
    'COUNTIF(K1:K2,"b*")': 1.0,
    'MATCH("b",K1:K2,0)': 2.0,
    "INDEX(E1:E3,MATCH(MAX(H1:H3),H1:H3,0))": "high",
    "MATCH(1/3,H1:H3,0)": CellError("#N/A"),
    "MATCH(1/4,H1:H3,1)": 2.0,
    "MATCH(H3,H1:H3,0)": 3.0,
    "VLOOKUP(H3,H1:J3,3,FALSE)": "x",
    "VLOOKUP(D3/9,H1:J3,3)": "x",
    "VLOOKUP(0.1+0.2,D1:E3,2,FALSE)": CellError("#N/A"),
    'LOOKUP(75,{0,60,70,80},{"F","D","C","B"})': "C",
    'LOOKUP(D1-2,{-5;0;5},{"a","b","c"})': "a",
    "LOOKUP(D2,{1.5,3})": 1.5,
    "MATCH(D2,{0,1.5,3})": 2.0,
    'IF(D1>0,LOOKUP(C2,{0,20},{"x","y"}),"-")': "y",
    "IF(D1>5,MATCH(2,L1:L3),7)": 7.0,
    "MATCH(2.5,D1:D9)": 2.0,
    "MATCH(2.5,D:D,1)": 2.0,
    "VLOOKUP(2.5,D1:E9,2)": "middle",
    "VLOOKUP(9,D:E,2,TRUE)": "high",
    "LOOKUP(H2,H1:H3,E1:E3)": "middle",
    "_xlfn.XLOOKUP(MIN(H1:H3),H1:H3,D1:D3)": 1.0,
    "_xlfn.XMATCH(H1,H1:H3)": 1.0,
    "RANK(H3,H1:H3)": 1.0,
    "RANK(H3,H$1:H$3,1)": 3.0,
    "RANK(1,H1:H3)": CellError("#N/A"),
}
"""What Excel gives."""

NOT_KEPT: Final = "does not keep all digits"
SIZES: Final = "ranges or arrays of different sizes"
DIGITS: Final = "a number of more than 15 digits"
DUST: Final = "but for digits after the fifteenth"
CUT: Final = "digits after the fifteenth decide"
REFUSED: Final[dict[str, str]] = {
    'SUMIFS(D1:D3,C1:C2,">0")': SIZES,
    'SUMIFS(D1:D3,C2:C3,">0")': SIZES,
    'SUMIFS(D:D,C1:C3,">0")': SIZES,
    'COUNTIFS(C1:C3,">0",D1:D2,">0")': SIZES,
    'AVERAGEIFS(D1:D3,C1:C3,">0",D1:D2,">0")': SIZES,
    "SUMPRODUCT(D1:D3,C1:D3)": SIZES,
    "SUMPRODUCT(D1:D3,C1)": SIZES,
    "SUMPRODUCT(--(D1:D3>1),C1:C2)": SIZES,
    "SUMPRODUCT(D1:D3*2,C1:D3)": SIZES,
    "SUMPRODUCT((D1:D3>1)*C1:C2)": SIZES,
    "SUMPRODUCT(ABS(D1:D3),C1:C4)": SIZES,
    "INDEX(OFFERING_DILUTION(-1,1,1,1,1)*1,65,1)": "may be an error",
    "VLOOKUP(0.3,H1:H3,1,FALSE)": NEARLY_FOUND,
    "HLOOKUP(0.3,H3:H3,1,FALSE)": NEARLY_FOUND,
    "VLOOKUP(0.3,H1:H3,1)": NEARLY_FOUND,
    "MATCH(0.3,H1:H3,0)": NEARLY_FOUND,
    "MATCH(0.3,H1:H3)": NEARLY_FOUND,
    "LOOKUP(0.3,H1:H3)": NEARLY_FOUND,
    "_xlfn.XLOOKUP(0.3,H1:H3,D1:D3)": NEARLY_FOUND,
    "VLOOKUP(2,E1:E3,1)": "is given",
    "+".join(["D1"] * 400): "160 operators and calls",
    "&".join(["D1"] * 1_500): "160 operators and calls",
    "-" * 120 + "D1": "cannot read",
    "COUNTIF(H1:H3,0.3)": NEARLY_MET,
    'SUMIFS(D1:D3,H1:H3,">=0.3")': NEARLY_MET,
    "SUMIF(H1:H3,F4,D1:D3)": NEARLY_MET,
    'AVERAGEIF(H:H,"<"&F4)': NEARLY_MET,
    'COUNTIFS(D1:D3,">0",H1:H3,F4)': NEARLY_MET,
    'COUNTIF(H1:H3,">"&SUM(D1:D2)/10)': NEARLY_MET,
    "SUMIF(H1:H3,SUM(D1:D2)/10,D1:D3)": NEARLY_MET,
    "COUNTIF(F4,H3)": NEARLY_MET,
    'COUNTIF(H1:H3,">"&H3)': NEARLY_MET,
    "RANK(0.3,H1:H3)": NEARLY_FOUND,
    "MATCH(F4,H:H,0)": NEARLY_FOUND,
    "MATCH(D3/10,H1:H3,0)": NEARLY_FOUND,
    "MATCH(0.1+0.2,F1:F4,0)": NEARLY_FOUND,
    "VLOOKUP(D1/10+0.0000000000003,H1:H3,1)": NEARLY_FOUND,
    "MATCH(0.1+0.2,{0.1,0.3},0)": DIGITS,
    "MATCH(0.3,H1:H3*1,0)": "takes one cell of it or all",
    'COUNTIF(E1:E3,"a~b")': "a text with ~",
    'COUNTIF(E1:E3,"<>a~b")': "a text with ~",
    'SEARCH("~b",E1)': "a text with ~",
    "SIN(2^27)": "2^27",
    'TEXT(0.123456,"hh:mm:ss")': "within a second",
    'TEXT(60.5,"d/m/yyyy hh:mm")': "before March 1900",
    'TEXT(-0.5,"hh:mm")': "is given",
    "LOOKUP(2,1/(D1:D3<3),E1:E4)": SIZES,
    "LOOKUP(2,1/(D1:D3),E1:E3)": "else than ones",
    "LOOKUP(2,1/(F1:F5<9),F1:F5)": "a blank cell",
    "RATE(-3,-110,100)": "RATE ",
    "RATE(2,100,100,-120)": "RATE ",
    "RATE(10,-100,1000)": "RATE ",
    "RATE(1,-500,100)": "RATE ",
    "D1*3.14159265358979323846": NOT_KEPT,
    "D1+(0.30000000000000004)": NOT_KEPT,
    "-0.30000000000000004": NOT_KEPT,
    "SUM({1,1234567890123456})": NOT_KEPT,
    "SUM(1E-310,D1)": NOT_KEPT,
    '"12345678.123456789"*D1': "more digits than Excel keeps",
    'VALUE("12345678.123456789")': "more digits than Excel keeps",
    "SUM(1E-200)*1E-110*1E+300": "1E-60",
    "SUM(1E-200)/1E+300*1E+300": "1E+60",
    "EXP(-720)": "nearer to 0",
    '43863.89142&""': "a form of its own",
    "LEN(12586.4767)": "a form of its own",
    '"x"&(D2*13812.56065)': "a form of its own",
    'TEXT(32768.0355,"0.000")': "half-way",
    'IFERROR(REPT("x",D1*40000),"none")': "32,767",
    '_xlfn.SWITCH(REPT("x",D1*40000),"x",1,2)': "32,767",
    "YEAR(44562-1E-11)": DUST,
    "COUNTIF(H1:H3,0.3)*COUNTIF(H1:H3,-0.3)": NEARLY_MET,
    "INT(8.7*100)": CUT,
    "TRUNC((0.1+0.7)*10)": CUT,
    "ROUNDDOWN((0.1+0.7)*10,0)": CUT,
    "ROUNDUP(0.1+0.2,1)": CUT,
    "MOD((0.1+0.7)*10,1)": "depends on rounding",
    "EXP(-730)*EXP(700)": "2.2E-308",
    "1+EXP(-400)*EXP(-320)*EXP(700)": "2.2E-308",
    "HOUR(23.9999999/24)": "within a second",
    'TEXT(45351.999995,"yyyy-mm-dd")': "within half a second of midnight",
    "DAY(40000.9999999)": "within half a second of midnight",
    "MONTH(40000.9999999+0)": "within half a second of midnight",
    "INDEX(D1:D3,(0.1+0.7)*2.5)": "is given",
    "CHOOSE((0.1+0.7)*2.5,1,2)": DUST,
    "VLOOKUP(2,D1:E3,(0.1+0.7)*2.5,FALSE)": DUST,
    'COUNTIF(J1:J3,">f")': "begins with < or >",
    "COUNTIF(J1:J3,J2)": "begins with < or >",
    'MATCH(REPT("a",256),J1:J3,0)': "255",
    'COUNTIF(J1:J3,REPT("a",256))': "255",
    "EVEN(0.1*3*10)": DUST,
    "_xlfn.PERCENTRANK.INC(D1:D3,2+2E-13)": "nearly the same",
    "_xlfn.PERCENTRANK.INC(D1:D3,2,60)": "too many digits",
    "ISODD((0.1+0.7)*10)": DUST,
    "QUOTIENT(0.3,0.1)": CUT,
    'TEXT(5,"0"";""")': "not proved",
    'TEXT(5,"0"" a_)b""")': "not proved",
    'TEXT(0.5,"0.00000000000")': "more digits than Excel does",
    "INDEX(OFFERING_DILUTION(2,10,100,100,1),0)": "INDEX is given 0",
    "CODE(G4)": "depends on the system",
    "INDEX(D1:E3,2)": "several rows and columns",
    "LOOKUP(3,D1:D3,E1:E2)": SIZES,
    "LOOKUP(1,F1:G2)": "is given",
    "_xlfn.XLOOKUP(25,C1:C3,E1:E2,,1)": "not proved",
    "IF(D1>0,MATCH(2,L1:L3),0)": "not in ascending order",
    "IF(D1>0,INDEX(D1:E3,2),0)": "several rows and columns",
    "MODE(3,1,3,1,2)": "several commonest",
    "LOOKUP(2.5,D1:D9)": "a blank cell",
    "LOOKUP(2,{3,1},{1,2})": "else than cells",
    "LOOKUP(2,{1,3},{1,2,3})": "beside something else",
    "LOOKUP(2,{1,2,3},E1:E3)": "beside something else",
    "LOOKUP(1/3,{0,0.5})": DIGITS,
    "VLOOKUP(2,{1,5;3,6},2)": "something else than cells",
    "MATCH(2.5,L1:L3)": "not in ascending order",
    "LARGE(D1:D3,1.5)": "not whole",
    'COUNTIF(K1:K2,"?a")': "counts as two",
    'MATCH("?a",K1:K2,0)': "counts as two",
    "COUNTIF(K1:K2,E1)": "counts as two",
    "SMALL(D1:D3,D1*1.5)": "not whole",
    "SUMXMY2(D1:D4,C1:C4)": "a blank cell",
}
"""Excel gives an error, or something else than the engine; and words of the reason."""


def test_where_cells_are_that_a_formula_is_among() -> None:
    """To Excel, that is no circle."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 6):
        sheet.cell(row, 1, 10 - row)
        sheet.cell(row, 2, f"=SMALL($A$1:$A$5,ROWS(B$1:B{row}))")
        sheet.cell(row, 3, f"=ROWS(C{row}:C$5)")
    sheet["D2"] = "=ROW(D2)*100+COLUMN(D2)*10+COLUMNS($B2:D2)"
    sheet["E2"] = "=ROWS(E1:E3)+SUM(E2:E3)"
    data = io.BytesIO()
    book.save(data)
    found = compute(Workbook(data.getvalue(), "b.xlsx"))
    rows = range(1, 6)
    assert [found.value("Sheet", row, 2) for row in rows] == [5.0, 6.0, 7.0, 8.0, 9.0]
    assert [found.value("Sheet", row, 3) for row in rows] == [5.0, 4.0, 3.0, 2.0, 1.0]
    assert found.value("Sheet", 2, 4) == 243.0
    assert [(one.cell, one.reason) for one in found.refusals] == [("E2", "it refers to itself")]


NAMES: Final[dict[str, Cell]] = {
    "D!Here": 3.0,
    "D!Moving": 4.0,
    "D!Here+1": 4.0,
    "SUM('My Sheet'!Several)": 15.0,
    "IFERROR(D!Here,-1)": 3.0,
    "ISERROR(D!Here)": False,
    "D!Everywhere": 2.0,
}
"""Names of one sheet, by way of it, and what Excel gives."""


def test_names_by_way_of_their_sheets() -> None:
    book = openpyxl.Workbook()
    sheets = [book.create_sheet(title) for title in ("D", "My Sheet")]
    for sheet in sheets:
        for row in range(1, 6):
            sheet.cell(row, 1, row)
    sheets[0].defined_names["Here"] = DefinedName("Here", attr_text="D!$A$3")
    # From cell A1; from A2 it is D!A4.
    sheets[0].defined_names["Moving"] = DefinedName("Moving", attr_text="D!A3")
    sheets[0].defined_names["Five"] = DefinedName("Five", attr_text="5")
    sheets[1].defined_names["Several"] = DefinedName("Several", attr_text="'My Sheet'!$A$1:$A$5")
    book.defined_names["Everywhere"] = DefinedName("Everywhere", attr_text="D!$A$2")
    for row, formula in enumerate([*NAMES, "D!Five", "D!Nothing"], 1):
        book.active.cell(row, 1, f"={formula}")
    data = io.BytesIO()
    book.save(data)
    found = compute(Workbook(data.getvalue(), "b.xlsx"))
    values = [found.value("Sheet", row, 1) for row in range(1, len(NAMES) + 1)]
    assert values == list(NAMES.values())
    assert [one.cell for one in found.refusals] == ["A8", "A9"]
    assert all("by way of a sheet" in one.reason for one in found.refusals)


def computed(formulas: list[str]) -> tuple[list[Cell], dict[str, str]]:
    book = openpyxl.Workbook()
    for place, value in CELLS.items():
        book.active[place] = value
    for row, formula in enumerate(formulas, 1):
        book.active.cell(row, 1, f"={formula}")
    data = io.BytesIO()
    book.save(data)
    found = compute(Workbook(data.getvalue(), "b.xlsx"))
    values = [found.value("Sheet", row, 1) for row in range(1, len(formulas) + 1)]
    return values, {one.cell: one.reason for one in found.refusals}


def test_what_excel_gives() -> None:
    values, refused = computed(list(RIGHT))
    assert not refused
    assert dict(zip(RIGHT, values, strict=True)) == RIGHT


def test_what_excel_gives_otherwise_is_refused() -> None:
    # In one workbook with formulas of the same form that are right.
    _, refused = computed([*REFUSED, *RIGHT])
    found = {formula: refused.pop(f"A{row}", "") for row, formula in enumerate(REFUSED, 1)}
    assert {formula: why for formula, why in found.items() if REFUSED[formula] not in why} == {}
    assert refused == {}

"""Cells that OFFSET, INDIRECT, INDEX and lookups do not find, or whose end or content is not known.

Microsoft's pages: an error that a function is given for its cells is its value, COUNT leaves it out
and COUNTA counts it; OFFSET past the edge of a sheet is #REF!; whole columns have 1,048,576 rows;
and a blank cell is an empty text to & and =. Beside these: days with a time behind a T, which Excel
takes for texts, and DATE of parts, where it takes 2025.9999999 for 2026.
"""

from __future__ import annotations

from typing import Final

import pytest
from engines.excel_cases import NONE, Case, differences

from xladdin.cells import CellError

CELLS: Final = {
    **{f"A{row}": row for row in range(1, 6)},
    "B2": "b",
    "B4": 0,
    "B5": "e",
    "C1": "2024-06-01T00:00",
    "C2": 45444,  # 1 June 2024
}
_REF: Final = CellError("#REF!")

NOT_FOUND: Final = (
    Case("ROWS(OFFSET(A1,-1,0))", _REF, NONE),
    Case("COLUMNS(INDEX(A1:B3,9,1))", _REF, NONE),
    Case("ROWS(OFFSET(A1,0,0,3,2))", 3.0),
    Case("COUNT(OFFSET(A1,-1,0))", 0.0, NONE),
    Case("COUNTA(OFFSET(A1,-1,0))", 1.0, NONE),
    Case("COUNT(OFFSET(A1,0,0,9,1))", 5.0),
    Case("MATCH(1,OFFSET(A1,-1,0),0)", _REF, NONE),
    Case("MATCH(4,OFFSET(A1,0,0,5),0)", 4.0),
    Case("VLOOKUP(1,INDEX(A1:B3,9,1),1,FALSE)", _REF, NONE),
    Case("LOOKUP(3,A1:A5,OFFSET(A1,-1,0,5))", _REF, NONE),
)

BLANK: Final = (
    Case('VLOOKUP(3,OFFSET(A1,0,0,5,2),2,FALSE)&"x"', "x", NONE),
    Case('VLOOKUP(2,OFFSET(A1,0,0,5,2),2,FALSE)&"x"', "bx"),
    Case('VLOOKUP(3,INDIRECT("A1:B5"),2,FALSE)=""', True, NONE),
    Case('IF(VLOOKUP(3,OFFSET(A1,0,0,5,2),2,FALSE)="",1,2)', 1.0, NONE),
    Case('LOOKUP(3,A1:A5,OFFSET(B1,0,0,5))&"x"', "x", NONE),
    Case("VLOOKUP(3,OFFSET(A1,0,0,5,2),2,FALSE)", 0.0),
    Case('LOOKUP(3,A1:A5,B1:B5)&"x"', "x", NONE),
    Case('IF(LOOKUP(3,A1:A5,B1:B5)="","none","some")', "none", NONE),
    Case('LOOKUP(2,A1:A5,B1:B5)&"x"', "bx"),
    Case("LOOKUP(3,A1:A5,B1:B5)+1", 1.0),
    Case("IF(A1=1,IFERROR(VLOOKUP(4,OFFSET(A1,0,0,5,2),2,FALSE),9)+1,0)", 1.0),
)

WHOLE: Final = (
    Case("ROWS(OFFSET(A:A,0,1))", 1048576.0, NONE),
    Case("SUM(OFFSET(A:A,1,0))", _REF, NONE),
    Case("COLUMNS(OFFSET(1:1,1,0))", 16384.0, NONE),
    Case("SUM(OFFSET(B:B,0,-1))", 15.0),
    Case("SUM(OFFSET(A:A,1,0,3))", 9.0),
    Case('SUMPRODUCT(--(OFFSET(A:A,0,0)=""))', 1048571.0, NONE),
)

STAMPS: Final = (
    Case('"2024-06-01T00:00"+0', CellError("#VALUE!"), NONE),
    Case("C1*1", CellError("#VALUE!"), NONE),
    Case('COUNTIF(C2,"2024-06-01T00:00")', 0.0, NONE),
    Case("COUNTIF(C2,C1)", 0.0, NONE),
    Case("LEFT(C1,10)", "2024-06-01"),
)

PARTS: Final = (
    Case("DATE(2025.9,6.9,15.9)", 45823.0),
    Case("DATE(2025.9999999,6,15)", 46188.0, NONE),
    Case("DATE(2025,-0.0000001,1)", 45627.0, NONE),
    Case("DATE(2025,6,-0.5)", 45808.0, NONE),
    Case("DATE(2025,-1,1)", 45597.0),
)

WITHOUT_PREFIX: Final = (
    Case('XLOOKUP("b*",B1:B5,A1:A5,0,2)', CellError("#NAME?"), NONE),
    Case("XLOOKUP(2.5,A1:A5,A1:A5,0,-1)", CellError("#NAME?"), NONE),
    Case("IFERROR(SWITCH(TRUE,A1=1,5),-1)", -1.0, NONE),
)


@pytest.mark.parametrize(
    "cases",
    [NOT_FOUND, BLANK, WHOLE, STAMPS, PARTS, WITHOUT_PREFIX],
    ids=("not found", "blank", "whole", "stamps", "parts", "without prefix"),
)
def test_each(cases: tuple[Case, ...]) -> None:
    assert differences("embedded", CELLS, cases, ()) == []

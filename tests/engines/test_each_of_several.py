"""Functions of each of several values, and others that Microsoft's pages describe in full.

GEOMEAN, DB and DDB have the examples of their pages; criteria that are days are read year first, as
in every locale; what the cells come to is counted by hand.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Final

import pytest
from engines.excel_cases import ENGINES, NONE, NOT_CONFIRMED, Case, differences

from xladdin.cells import CellError
from xladdin.engines.embedded.substitutes import depreciation
from xladdin.engines.embedded.substitutes.values import UnknownRuleError

CELLS: Final = {
    **{
        f"A{row}": text
        for row, text in enumerate(("kind", "apple", "banana", "Apple", "cherry", None), 1)
    },
    **{f"B{row}": row for row in range(1, 7)},
    **{f"C{row}": day for row, day in enumerate((45443, 45444, 45445, None, 3), 1)},  # 1 June 2024
    **{f"D{row}": key for row, key in enumerate(("APPLE", "fig", 5, "b*", "straße"), 1)},
    "E1": 0,
    "E2": "strasse",
    "E3": "#N/A",
}

SEVERAL: Final = (
    Case("SUMPRODUCT(--ISNUMBER(MATCH(A1:A6,D1:D2,0)))", 2.0),
    Case("SUMPRODUCT(ISNUMBER(MATCH(A2:A5,D1:D2,0))*B2:B5)", 6.0),
    Case("SUMPRODUCT(--ISNA(MATCH(A2:A5,D1:D2,0)),B2:B5)", 8.0),
    Case("SUMPRODUCT(--ISERROR(MATCH(B1:B6,D1:D3,0)))", 5.0),
    Case('SUMPRODUCT(--ISNUMBER(MATCH(A2:A5&"",D1:D2,0)))', 2.0),
    Case("SUMPRODUCT(--ISNUMBER(MATCH(D1:D4,A2:A5,0)))", 2.0),  # b* finds banana
    Case("SUMPRODUCT(--(MATCH(A2:A5,A2:A5,0)=ROW(A2:A5)-1))", 3.0),
    Case("SUMPRODUCT(--ISNUMBER(MATCH(A5:A6,E1:E1,0)))", 0.0, NONE),  # a blank cell beside 0
    Case("SUMPRODUCT(--ISNUMBER(MATCH(D5:D5,E1:E2,0)))", 0.0, NONE),
    Case("SUMPRODUCT(--ISNUMBER(MATCH(D4:D5,E1:E2,0)))", 0.0, NONE),
    Case("SUMPRODUCT(MATCH(B1:B3,B1:B3))", 6.0, NONE),
    Case("SUMPRODUCT(SUMIF(A1:A6,D1:D2,B1:B6))", 6.0),
    Case("SUMPRODUCT(SUMIF(A:A,D1:D2,B:B))", 6.0),
    Case("SUMPRODUCT(SUMIF(B1:B6,B2:B3))", 5.0),
    Case("SUMPRODUCT(SUMIF(A1:A6,D1:D2,B1:B6)*{10;1})", 60.0),
    Case("SUMPRODUCT(SUMIF(D1:D2,D1:D2,E2:E3))", CellError("#N/A"), NONE),
    Case("SUMPRODUCT(SUMIF(A1:A6,D1:D2,B1:B5))", 6.0, NONE),
    Case("SUMPRODUCT(SUMIF(A1:A6,D4:D5,B1:B6))", 3.0, NONE),
    Case("SUMPRODUCT(SUMIFS(B1:B6,A1:A6,D1:D2))", 6.0),
    Case("SUMPRODUCT(COUNTIFS(A1:A6,D1:D2))", 2.0),
    Case('SUMPRODUCT(MAX((A1:A6="apple")*B1:B6))', 4.0),
    Case('SUMPRODUCT(MAX((A1:A6="apple")*B1:B6)-MIN(B1:B6))', 3.0),
    Case("SUMPRODUCT(B2)", 2.0),
    Case("SUMPRODUCT(TRUE)", 0.0, NONE),
    Case("SUMPRODUCT(LARGE(B1:B6,ROW(1:3)))", 15.0),
    Case('SUMPRODUCT(LARGE(B1:B6,ROW(INDIRECT("1:3"))))', 15.0),
    Case("SUMPRODUCT(ROW($1:$3)*B1:B3)", 14.0),
    Case("SUM(ROW(1:3))", 1.0, NONE),
)

DAYS: Final = (
    Case('COUNTIF(C1:C5,">=2024-06-01")', 2.0),
    Case('COUNTIF(C1:C5,"2024-06-01")', 1.0),
    Case('COUNTIF(C1:C5,"<>2024-6-1")', 4.0),
    Case('SUMIF(C1:C5,"<2024-06-01",B1:B5)', 6.0),
    Case('SUMIFS(B1:B5,C1:C5,">2024-05-31",C1:C5,"<=2024-06-01")', 2.0),
    Case('COUNTIFS(C1:C5,">=2024-06-01",B1:B5,">2")', 1.0),
    Case('AVERAGEIFS(B1:B5,C1:C5,">=2024-06-01")', 2.5),
    Case('COUNTIF(C1:C5,">=2024-02-30")', 0.0, NONE),
    Case('COUNTIF(C1:C5,">=6/1/2024")', 2.0, NONE),
    Case('COUNTIF(C1:C5,">=1900-01-31")', 4.0, NONE),
)

OTHERS: Final = (
    Case("ROUND(GEOMEAN(4,5,8,7,11,4,3),6)", 5.476987),
    Case("ROUND(GEOMEAN(B1:B6)^6,6)", 720.0),
    Case("GEOMEAN(B1:B6,0)", CellError("#NUM!"), NOT_CONFIRMED),
    Case("GEOMEAN(1E200,1E200)", 1e200, NONE),  # whose product no number holds
    Case("ROUND(DB(1000000,100000,6,1,7),2)", 186083.33),
    Case("ROUND(DB(1000000,100000,6,2,7),2)", 259639.42),
    Case("ROUND(DB(1000000,100000,6,6,7),2)", 55841.76),
    Case("ROUND(DB(1000000,100000,6,7,7),2)", 15845.10),
    Case("DB(1000000,100000,6,8,7)", CellError("#NUM!"), NONE),
    Case("DB(1000000,0,6,1)", 1000000.0, NONE),
    Case("ROUND(DDB(2400,300,10*365,1),2)", 1.32),
    Case("ROUND(DDB(2400,300,10*12,1,2),2)", 40.0),
    Case("ROUND(DDB(2400,300,10,2,1.5),2)", 306.0),
    Case("ROUND(DDB(2400,300,10,10),2)", 22.12),
    Case("DDB(2400,300,10,1.5)", 456.0, NONE),
    Case('TEXT(C2,"[$-409]mmm yyyy")', "Jun 2024"),
    Case('TEXT(C2,"[$-en-US]d mmmm yyyy")', "1 June 2024", NOT_CONFIRMED),
    Case('TEXT(-5,"0.0;[Red]-0.0")', "-5.0"),
    Case('TEXT(5,"[Blue]0.00;[Red]-0.00")', "5.00"),
    Case('TEXT(C2,"[$-407]mmmm")', "Juni", NONE),
    Case('TEXT(5,"[>3]0.0;0")', "5.0", NONE),
    Case('_xlfn.SWITCH(A6,1,"a",2,"b","none")', "none"),
    Case('_xlfn.SWITCH(A6,"x","a","none")', "none"),
    Case('_xlfn.SWITCH(A6,0,"a","none")', "a", NONE),
    Case('_xlfn.SWITCH(A6,B1,"a","none")', "none", NONE),
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cases", [SEVERAL, DAYS, OTHERS], ids=("several", "days", "others"))
def test_each(engine: str, cases: tuple[Case, ...]) -> None:
    assert differences(engine, CELLS, cases, ()) == []


def test_declining_balances_are_those_of_exact_arithmetic() -> None:
    for cost, salvage, life, factor in itertools.product(
        (2400, 10000), (0, 300, 1000), (5, 10, 40), (1, 1.5, 2)
    ):
        left = Fraction(cost)
        for year in range(1, life + 1):
            paid = max(Fraction(0), min(left * Fraction(factor) / life, left - salvage))
            left -= paid
            try:
                found = depreciation.double_declining(cost, salvage, life, year, factor)
            except UnknownRuleError:
                continue
            assert math.isclose(found, paid, rel_tol=1e-9, abs_tol=1e-9), (cost, life, year)

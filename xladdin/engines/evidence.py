"""Values that Excel stored in public workbooks, and of how many the engine gives the same.

The workbooks are none of this package's: they were read where they are published, every formula
was computed by the embedded engine, and its value held against the one that Excel had stored. Of
each function it is kept here in how many formulas it stood that came out the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple


class Source(NamedTuple):
    """Workbooks that Excel saved.

    Attributes:
        name: Whose they are, with the folder.
        commit: The version that was read.
        workbooks: How many of them have formulas, and were saved by Excel.
        compared: Formulas that the engine computed and whose values could be compared.
        refused: Formulas that it does not compute, and those that depend on such.
        differ: Formulas that came out otherwise than stored, none by a fault of the engine.
        why: Why those do.
        functions: By function: how many formulas with it came out as stored.
    """

    name: str
    commit: str
    workbooks: int
    compared: int
    refused: int
    differ: int
    why: str
    functions: Mapping[str, int]


def _counted(text: str) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r"(\S+)\s+(\d+)", text)}


SOURCES: Final = (
    Source(
        "IronCalc, xlsx/tests",
        "0d797798e12ba3b3ff561ff7ba6ca834c7edec56",
        workbooks=227,
        compared=9817,
        refused=61982,
        differ=237,
        why="they depend on TODAY, NOW or RAND",
        functions=_counted(
            """
    ABS 14, ACOS 25, ADDRESS 1, AND 122, ASIN 25, ATAN 25, ATAN2 25, AVERAGE 16, CEILING 336,
    CEILING.MATH 588, CEILING.PRECISE 341, CHAR 128, CHOOSE 14, COLUMN 12, COLUMNS 7, COMBIN 16,
    CONCAT 204, CONCATENATE 11, COS 34, COSH 26, COUNT 32, COUNTA 26, COUNTBLANK 11, COUNTIF
    170, COUNTIFS 134, COVARIANCE.P 34, COVARIANCE.S 34, DATE 621, DATEVALUE 1, DAY 138, DAYS
    24, DAYS360 20, DEGREES 22, EDATE 12, EFFECT 32, EOMONTH 15, EVEN 41, EXACT 7, EXP 41, FACT
    9, FALSE 1, FIND 29, FLOOR 336, FLOOR.MATH 609, FLOOR.PRECISE 357, FV 14, HARMEAN 1, HLOOKUP
    20, HOUR 6, HYPERLINK 4, IF 132, IFERROR 19, IFNA 9, IFS 44, INDEX 12, INT 40, IPMT 21, IRR
    53, ISBLANK 13, ISERR 13, ISERROR 25, ISEVEN 15, ISFORMULA 7, ISLOGICAL 13, ISNA 13,
    ISNONTEXT 13, ISNUMBER 25, ISO.CEILING 340, ISODD 15, ISTEXT 13, KURT 1, LARGE 12, LEFT 35,
    LEN 18, LET 6, LN 19, LOG 20, LOG10 20, LOOKUP 13, LOWER 7, MATCH 61, MAX 23, MEDIAN 1, MID
    6, MIN 24, MINUTE 6, MOD 39, MODE.SNGL 8, MONTH 27, MROUND 31, N 17, NA 136, NOMINAL 30,
    NORM.DIST 2, NORM.S.INV 14, NOT 6, NPER 38, NPV 34, ODD 41, OR 113, PDURATION 11, PEARSON 1,
    PERCENTILE.EXC 15, PERCENTILE.INC 15, PERMUT 12, PI 67, PMT 26, POWER 35, PPMT 21, PRODUCT
    42, PROPER 10, PV 66, QUARTILE.EXC 7, QUARTILE.INC 7, QUOTIENT 36, RADIANS 23, RANK.EQ 10,
    RATE 19, REPT 7, RIGHT 35, ROUND 44, ROUNDDOWN 42, ROUNDUP 42, ROW 12, ROWS 6, RRI 8, SECOND
    6, SIGN 42, SIN 65, SINH 26, SKEW 1, SLN 16, SMALL 14, SQRT 52, STDEV.P 1, STDEV.S 1,
    SUBSTITUTE 26, SUBTOTAL 57, SUM 92, SUMIF 10, SUMPRODUCT 4, SUMSQ 43, SUMXMY2 1, T 14, TAN
    33, TANH 25, TEXT 36, TEXTJOIN 27, TIME 45, TODAY 2, TRANSPOSE 4, TRIM 18, TRUE 1, TRUNC 57,
    UNICODE 10, UPPER 7, VALUE 17, VAR.P 2, VAR.S 2, VLOOKUP 23, XIRR 3, XLOOKUP 46, XMATCH 1,
    XNPV 16, XOR 110, YEAR 29, YEARFRAC 1
            """
        ),
    ),
    Source(
        "XlsxWriter, xlsxwriter/test/comparison",
        "cf3fe78d3eab5e4c7d825d4451af3a60e2a04011",
        workbooks=71,
        compared=99,
        refused=15,
        differ=1,
        why="it holds the 0 that the library put there, and Excel did not compute it",
        functions=_counted(
            """
    CONCATENATE 1, IF 3, SUBTOTAL 43, SUM 20, XOR 1
            """
        ),
    ),
)
"""Where values were taken from."""


def stored(function: str) -> int:
    """Return in how many formulas that Excel had computed a function came out the same."""
    return sum(source.functions.get(function, 0) for source in SOURCES)

"""Values that Excel stored in public workbooks, and of how many the engines give the same.

The workbooks are none of this package's: they were read where they are published, every formula
was computed, calls of LibreOffice included, and its value held against the one that Excel had
stored. Of each function it is kept here in how many formulas it stood that came out the same.
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
        compared=10675,
        refused=61089,
        differ=237,
        why="they depend on TODAY, NOW or RAND",
        functions=_counted(
            """
    ABS 14, ACOS 25, ADDRESS 1, AND 122, ASIN 25, ASINH 20, ATAN 25, ATAN2 25, AVERAGE 16,
    AVERAGEA 14, BASE 15, BIN2DEC 31, BIN2HEX 35, BIN2OCT 39, BITAND 12, BITOR 12,
    BITXOR 12, CEILING 335, CEILING.MATH 586, CEILING.PRECISE 339, CHAR 128, CHOOSE 14,
    COLUMN 12, COLUMNS 7, COMBIN 16, CONCAT 204, CONCATENATE 11, COS 34, COSH 26, COUNT 32,
    COUNTA 26, COUNTBLANK 11, COUNTIF 166, COUNTIFS 133, COUPDAYS 22, COUPNUM 28,
    COVARIANCE.P 34, COVARIANCE.S 34, DATE 621, DATEVALUE 1, DAY 139, DAYS 24, DAYS360 20,
    DEC2BIN 25, DEC2HEX 27, DEC2OCT 36, DECIMAL 11, DEGREES 22, DELTA 14, DOLLARDE 12,
    EDATE 12, EFFECT 32, EOMONTH 15, ERF 40, ERF.PRECISE 40, EVEN 41, EXACT 7, EXP 41,
    FACT 9, FACTDOUBLE 7, FALSE 1, FIND 29, FLOOR 335, FLOOR.MATH 607, FLOOR.PRECISE 355,
    FV 14, FVSCHEDULE 1, GCD 6, GESTEP 14, HARMEAN 1, HEX2BIN 19, HEX2DEC 56, HEX2OCT 42,
    HLOOKUP 20, HOUR 6, HYPERLINK 4, IF 132, IFERROR 19, IFNA 9, IFS 44, INDEX 12, INT 40,
    IPMT 21, IRR 52, ISBLANK 13, ISERR 13, ISERROR 19, ISEVEN 15, ISFORMULA 7, ISLOGICAL 13,
    ISNA 13, ISNONTEXT 13, ISNUMBER 25, ISO.CEILING 338, ISODD 15, ISPMT 7, ISTEXT 13,
    KURT 1, LARGE 12, LEFT 35, LEN 19, LET 6, LN 19, LOG 20, LOG10 20, LOOKUP 13, LOWER 7,
    MATCH 61, MAX 23, MEDIAN 1, MID 6, MIN 24, MINUTE 6, MIRR 131, MOD 39, MODE.SNGL 8,
    MONTH 28, MROUND 31, N 17, NA 130, NOMINAL 30, NORM.DIST 2, NORM.S.INV 14, NOT 6,
    NPER 38, NPV 30, OCT2BIN 30, OCT2DEC 25, OCT2HEX 38, ODD 41, OR 113, PDURATION 11,
    PEARSON 1, PERCENTILE.EXC 15, PERCENTILE.INC 15, PERCENTRANK.EXC 9, PERCENTRANK.INC 9,
    PERMUT 12, PERMUTATIONA 7, PHI 7, PI 67, PMT 26, POWER 35, PPMT 20, PRODUCT 42,
    PROPER 10, PV 66, QUARTILE.EXC 7, QUARTILE.INC 7, QUOTIENT 36, RADIANS 23, RANK.AVG 10,
    RANK.EQ 10, RATE 13, REPT 7, RIGHT 35, ROUND 44, ROUNDDOWN 42, ROUNDUP 42, ROW 12,
    ROWS 6, RRI 8, SECOND 6, SIGN 42, SIN 50, SINH 26, SKEW 1, SLN 16, SMALL 14, SQRT 54,
    SQRTPI 7, STANDARDIZE 4, STDEV.P 1, STDEV.S 1, SUBSTITUTE 26, SUBTOTAL 57, SUM 90,
    SUMIF 10, SUMPRODUCT 4, SUMSQ 43, SUMXMY2 1, SWITCH 17, SYD 8, T 14, TAN 33, TANH 25,
    TEXT 36, TEXTJOIN 27, TIME 45, TODAY 2, TRANSPOSE 4, TRIM 18, TRIMMEAN 13, TRUE 1,
    TRUNC 57, UNICODE 10, UPPER 7, VALUE 17, VAR.P 2, VAR.S 2, VLOOKUP 23, XIRR 3,
    XLOOKUP 46, XMATCH 1, XNPV 16, XOR 110, YEAR 30, YEARFRAC 1
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

"""What LibreOffice is known to compute otherwise than Excel, with the evidence for each."""

from __future__ import annotations

from typing import Final, NamedTuple

from xladdin.cells import Cell, CellError
from xladdin.errors import NUM


class Known(NamedTuple):
    """A difference that is known.

    Attributes:
        reason: What is refused, in words.
        example: A formula that shows it; A1 holds TRUE, and A2 nothing.
        excel: What Excel gives, by its documentation or in files that it saved.
        libreoffice: What LibreOffice 7.4 gives, as the test of this table measures.
        source: Where what Excel gives was taken from.
    """

    reason: str
    example: str
    excel: Cell
    libreoffice: Cell
    source: str


IRONCALC: Final = "stored by Excel in IronCalc's xlsx/tests at 0d79779: "
PAGE: Final = "support.microsoft.com, "

DECIMAL: Final = f"{PAGE}ROUND function: 2.15 rounded to one decimal is 2.2"

POWER: Final = "LibreOffice gives 0^0 and roots of negative numbers another value than Excel"
LOGICALS: Final = "LibreOffice takes TRUE and FALSE for 1 and 0 there"
EARLY: Final = "LibreOffice counts days before March 1900 otherwise than Excel"
TEXTS: Final = "LibreOffice does not take a text for a number there"
EMPTY: Final = "LibreOffice does not find an empty text"
OMITTED: Final = "LibreOffice takes an argument left out there for another than Excel"
OTHER: Final = "LibreOffice computes {} otherwise than Excel"
HALVES: Final = "LibreOffice may round a number half-way between two texts otherwise than Excel"

TABLE: Final = (
    Known(POWER, "0^0", CellError(NUM), 1.0, f"{IRONCALC}POWER(0,0)"),
    Known(
        POWER,
        "(-8)^(1/3)",
        CellError(NUM),
        -2.0,
        f"{PAGE}POWER function and #NUM! error: no real result",
    ),
    Known(
        POWER,
        "POWER(-8,1/3)",
        CellError(NUM),
        -2.0,
        f"{PAGE}POWER function and #NUM! error: no real result",
    ),
    Known(
        LOGICALS,
        "SUM(A1:A2)",
        0.0,
        1.0,
        f"{PAGE}SUM function: logical values in a reference are ignored",
    ),
    Known(
        LOGICALS,
        "COUNT(A1:A2)",
        0.0,
        1.0,
        f"{PAGE}COUNT function: logical values in a reference are not counted",
    ),
    Known(
        LOGICALS,
        "A1=1",
        False,
        True,
        f"{PAGE}Sort data in a range: numbers, texts, FALSE, TRUE are of different ranks",
    ),
    Known(
        LOGICALS, "A1>5", True, False, f"{PAGE}Sort data in a range: TRUE comes after all numbers"
    ),
    Known(
        LOGICALS, "TRUE>5", True, False, f"{PAGE}Sort data in a range: TRUE comes after all numbers"
    ),
    Known(
        LOGICALS,
        'A1&""',
        "TRUE",
        "1",
        f"{PAGE}Calculation operators: a logical becomes the text TRUE",
    ),
    Known(
        LOGICALS,
        'TRUE&""',
        "TRUE",
        "1",
        f"{PAGE}Calculation operators: a logical becomes the text TRUE",
    ),
    Known(
        LOGICALS,
        "LEFT(TRUE,2)",
        "TR",
        "1",
        f"{PAGE}Calculation operators: a logical becomes the text TRUE",
    ),
    Known(LOGICALS, "ISNUMBER(A1)", False, True, f"{PAGE}IS functions: values are not converted"),
    Known(
        LOGICALS,
        "_xlfn.ISFORMULA(A1)",
        False,
        True,
        f"{PAGE}ISFORMULA function: FALSE without a formula",
    ),
    Known(
        EARLY, "YEAR(A2)", 1900.0, 1899.0, f"{PAGE}Date systems in Excel: day 1 is 1 January 1900"
    ),
    Known(EARLY, "DAY(30)", 30.0, 29.0, f"{PAGE}Date systems in Excel: day 1 is 1 January 1900"),
    Known(
        EARLY,
        "DATE(1900,1,15)",
        15.0,
        16.0,
        f"{PAGE}Date systems in Excel: day 1 is 1 January 1900",
    ),
    Known(
        TEXTS,
        'SUM("5",1)',
        6.0,
        CellError("#VALUE!"),
        f"{PAGE}SUM function: numbers typed as text are counted",
    ),
    Known(
        EMPTY,
        'FIND("","abc")',
        1.0,
        CellError("#VALUE!"),
        f"{PAGE}FIND function: an empty text matches the first character",
    ),
    Known(
        OTHER.format("CODE"),
        'CODE("\u00e9")',
        233.0,
        195.0,
        f"{PAGE}CODE function: the Windows ANSI code",
    ),
    Known(
        HALVES,
        'TEXT(0.0725,"0.0%")',
        "7.3%",
        "7.2%",
        DECIMAL,
    ),
    Known(HALVES, "FIXED(573.925,2)", "573.93", "573.92", DECIMAL),
    Known(HALVES, "DOLLAR(573.925,2)", "$573.93", "$573.92", DECIMAL),
    Known(OTHER.format("ATAN2"), "ATAN2(0,0)", CellError("#DIV/0!"), 0.0, f"{IRONCALC}ATAN2(0,0)"),
    Known(OTHER.format("TYPE"), "TYPE(A1)", 4.0, 8.0, f"{IRONCALC}TYPE of TRUE"),
)
"""The differences, with the evidence. NETWORKDAYS.INTL and WORKDAY.INTL with an argument left out
are in files that Excel saved."""

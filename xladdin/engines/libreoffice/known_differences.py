"""What LibreOffice is known to compute otherwise than Excel, with the evidence for each."""

from __future__ import annotations

from typing import Final, NamedTuple

from xladdin.cells import Cell, CellError
from xladdin.errors import NA, NUM


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
WITNESSES: Final = "IronCalc 0.9 gives it, and the embedded engine where proved, as a test measures"

_SUM: Final = "https://learn.microsoft.com/zh-cn/office/VBA/api/excel.worksheetfunction.sum: "
_COUNT: Final = "https://support.microsoft.com/en-us/excel/count-function: "
_IS: Final = (
    "https://learn.microsoft.com/en-us/previous-versions/office/developer/office-2010/"
    "ff840818(v=office.14): "
)
_ISFORMULA: Final = "https://support.microsoft.com/en-US/excel/functions/isformula-function: "
_DATES: Final = "https://c-rex.net/samples/ooxml/e1/Part4/OOXML_P4_DOCX_Date_topic_ID0EIHICB.html: "
_FIND: Final = "https://www.oreilly.com/library/view/excel-2000-in/1565927141/re346.html: "
_CODE: Final = "https://support.microsoft.com/en-us/excel/code-function: "
_ROUND: Final = "http://office.microsoft.com/en-us/excel-help/round-HP005209239.aspx: "

_DURATION: Final = "https://support.microsoft.com/en-us/excel/duration-function: "
_ODD: Final = "https://support.microsoft.com/en-us/excel/oddfprice-function: "
_BESSEL: Final = "https://support.microsoft.com/en-us/excel/besselj-function: "

_DECIMAL: Final = f"{_ROUND}1.475 rounded to two decimals is 1.48"

POWER: Final = "LibreOffice gives 0^0 and roots of negative numbers, where Excel may differ"
"""Of roots of negative numbers it is not known: the description of the file format has #NUM! for
all; tests of a later release of the embedded engine, measured in Excel 16, have values for some."""
LOGICALS: Final = "LibreOffice takes TRUE and FALSE for 1 and 0 there"
EARLY: Final = "LibreOffice counts days before March 1900 otherwise than Excel"
SMALL_POWER: Final = "LibreOffice gives an error for so small a power"
LATE: Final = "LibreOffice computes a date after 9999 otherwise than Excel"
FRACTIONS: Final = "LibreOffice does not cut off a part of a whole number there"
TEXTS: Final = "LibreOffice does not take a text for a number there"
EMPTY: Final = "LibreOffice does not find an empty text"
OMITTED: Final = "LibreOffice takes an argument left out there for another than Excel"
CRITERIA: Final = "LibreOffice compares a criterion with texts of digits and numbers otherwise"
WRITTEN: Final = "LibreOffice writes such a number, or counts such a character, otherwise"
OTHER: Final = "LibreOffice computes {} otherwise than Excel"
HALVES: Final = "LibreOffice may round a number half-way between two texts otherwise than Excel"
MINUS_ZERO: Final = "Excel may write a sign before a negative number that is rounded to 0"
"""Of it there are reports of both; https://excelribbon.tips.net/T009901 has the sign."""
TIMES: Final = "LibreOffice cuts off parts of a second or minute that Excel may round"

TABLE: Final = (
    Known(POWER, "0^0", CellError(NUM), 1.0, f"{IRONCALC}POWER(0,0)"),
    Known(
        LOGICALS,
        "SUM(A1:A2)",
        0.0,
        1.0,
        f"{_SUM}logical values in a reference are ignored",
    ),
    Known(
        LOGICALS,
        "COUNT(A1:A2)",
        0.0,
        1.0,
        f"{_COUNT}of a reference, only numbers are counted",
    ),
    Known(
        LOGICALS,
        "A1=1",
        False,
        True,
        WITNESSES,
    ),
    Known(LOGICALS, "A1>5", True, False, WITNESSES),
    Known(LOGICALS, "TRUE>5", True, False, WITNESSES),
    Known(
        LOGICALS,
        'A1&""',
        "TRUE",
        "1",
        WITNESSES,
    ),
    Known(
        LOGICALS,
        'TRUE&""',
        "TRUE",
        "1",
        WITNESSES,
    ),
    Known(
        LOGICALS,
        "LEFT(TRUE,2)",
        "TR",
        "1",
        WITNESSES,
    ),
    Known(LOGICALS, "ISNUMBER(A1)", False, True, f"{_IS}values are not converted"),
    Known(
        LOGICALS,
        "_xlfn.ISFORMULA(A1)",
        False,
        True,
        f"{_ISFORMULA}FALSE where there is no formula",
    ),
    Known(
        EARLY,
        "YEAR(A2)",
        1900.0,
        1899.0,
        f"{_DATES}1 January 1900 is 1",
    ),
    Known(
        EARLY,
        "DAY(30)",
        30.0,
        29.0,
        f"{_DATES}1 January 1900 is 1",
    ),
    Known(
        EARLY,
        "DATE(1900,1,15)",
        15.0,
        16.0,
        f"{_DATES}1 January 1900 is 1",
    ),
    Known(
        TEXTS,
        'SUM("5",1)',
        6.0,
        CellError("#VALUE!"),
        f"{_SUM}numbers typed as text are counted",
    ),
    Known(
        EMPTY,
        'FIND("","abc")',
        1.0,
        CellError("#VALUE!"),
        f"{_FIND}an empty text is found at the start",
    ),
    Known(
        OTHER.format("CODE"),
        'CODE("\u00e9")',
        233.0,
        195.0,
        f"{_CODE}on Windows, the ANSI code",
    ),
    Known(
        HALVES,
        'TEXT(0.0725,"0.0%")',
        "7.3%",
        "7.2%",
        _DECIMAL,
    ),
    Known(HALVES, "FIXED(573.925,2)", "573.93", "573.92", _DECIMAL),
    Known(HALVES, "DOLLAR(573.925,2)", "$573.93", "$573.92", _DECIMAL),
    Known(EARLY, "DAY(-1)", CellError(NUM), 29.0, f"{_DATES}a serial value below 0 is ill-formed"),
    Known(EARLY, 'TEXT(60,"d mmm")', "29 Feb", "28 Feb", f"{_DATES}29 February 1900 is 60"),
    Known(CRITERIA, "COUNTIF(A6:A7,5)", 2.0, 1.0, WITNESSES),
    Known(CRITERIA, 'COUNTIF(A6:A7,"?")', 1.0, 2.0, WITNESSES),
    Known(OTHER.format("ATAN2"), "ATAN2(0,0)", CellError("#DIV/0!"), 0.0, f"{IRONCALC}ATAN2(0,0)"),
    Known(OTHER.format("MROUND of such numbers"), "MROUND(5,-2)", CellError(NUM), 6.0, WITNESSES),
    Known(OTHER.format("MOD of such numbers"), "MOD(0.3,0.1)", 0.3 % 0.1, 0.0, WITNESSES),
    Known(OTHER.format("MODE"), "MODE(5,5,3,3)", 5.0, 3.0, WITNESSES),
    Known(
        OTHER.format("RANK of a number that is not among the others"),
        "RANK(4,A6:A7)",
        CellError(NA),
        CellError("#VALUE!"),
        WITNESSES,
    ),
    Known(SMALL_POWER, "5^-500", 0.0, CellError(NUM), WITNESSES),
    Known(LATE, "EOMONTH(3000000,1)", CellError(NUM), 3000042.0, WITNESSES),
    Known(LATE, "WORKDAY(3000000,1)", CellError(NUM), 3000001.0, WITNESSES),
    Known(EARLY, "WORKDAY(-1,0)", CellError(NUM), -1.0, WITNESSES),
    Known(FRACTIONS, "_xlfn.DAYS(40000.25,30000)", 10000.0, 10000.25, WITNESSES),
    Known(FRACTIONS, "TIME(1,2.5,0)", 62 / 1440, 62.5 / 1440, WITNESSES),
    Known(LOGICALS, "ISNUMBER(TRUE)", False, True, WITNESSES),
    Known(LOGICALS, '"a"&IF(1>2,3)', "aFALSE", "a0", WITNESSES),
    Known(
        OTHER.format("DURATION"),
        "DURATION(DATE(2018,7,1),DATE(2048,1,1),0.08,0.09,2,1)",
        10.9191452815919,
        10.921573966569406,
        f"{_DURATION}its example",
    ),
    Known(
        OTHER.format("ODDFPRICE"),
        "ODDFPRICE(DATE(2008,11,11),DATE(2021,3,1),DATE(2008,10,15),DATE(2009,3,1),0.0785,0.0625,"
        "100,2,1)",
        113.597717474079,
        CellError("#VALUE!"),
        f"{_ODD}its example",
    ),
    Known(
        OTHER.format("BESSELJ"),
        "BESSELJ(1.9,2)",
        0.329925829,
        0.3299257276923874,
        f"{_BESSEL}its example",
    ),
    Known(OTHER.format("TYPE"), "TYPE(A1)", 4.0, 8.0, f"{IRONCALC}TYPE of TRUE"),
)
"""The differences, with the evidence. NETWORKDAYS.INTL and WORKDAY.INTL with an argument left out
are in files that Excel saved."""

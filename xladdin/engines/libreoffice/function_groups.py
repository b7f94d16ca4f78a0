"""Groups of functions that LibreOffice is known to compute otherwise than Excel in some way."""

from __future__ import annotations

from typing import Final

OTHERS: Final = frozenset(
    {"CODE", "CHAR", "ATAN2", "TYPE", "CELL", "INFO", "DDE", "GETPIVOTDATA"}
    | {"MODE", "MODE.SNGL", "SWITCH", "FORMULATEXT", "FORMULA"}
    | {"DURATION", "MDURATION", "ODDFPRICE", "ODDFYIELD", "ACCRINT"}
    | {"BESSELI", "BESSELJ", "BESSELK", "BESSELY"}
)
"""Functions that are refused whatever they are given. Excel has no DDE; the copy of a workbook that
LibreOffice is given has no pivot tables and other formulas; ACCRINT does not look at the first
interest date there; and Excel's Bessel functions have fewer digits than they show."""

ITS_OWN: Final = ("ORG.LIBREOFFICE.", "ORG.OPENOFFICE.")
"""What the names of functions begin with that Excel does not have."""

ROUNDED_TEXTS: Final = frozenset({"FIXED", "DOLLAR"})
"""Functions that write a number with decimals, of which LibreOffice rounds the binary value."""

BY_CRITERIA: Final = frozenset(
    {"COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"}
)

DAYS: Final = {"DAYS360": 2, "YEARFRAC": 2, "DATEDIF": 2} | dict.fromkeys(
    ("YEAR", "MONTH", "DAY", "WEEKDAY", "WEEKNUM", "ISOWEEKNUM", "EDATE", "EOMONTH"), 1
)
"""Functions of dates, and how many of their arguments are dates."""

WORKDAYS: Final = {"DAYS": 2, "NETWORKDAYS": 2, "NETWORKDAYS.INTL": 2} | dict.fromkeys(
    ("WORKDAY", "WORKDAY.INTL"), 1
)
"""Others, which rows that wait for input give a blank cell, in a branch that is not taken."""

DATE_RESULT: Final = frozenset(
    {"TODAY", "NOW", "DATE", "EDATE", "EOMONTH", "WORKDAY", "WORKDAY.INTL", "COUPNCD", "COUPPCD"}
)
"""Functions that give days, and are looked at by themselves."""

FROM_TEXTS: Final = {"DATEVALUE": 1, "VALUE": 1}
"""Functions that read a date from a text."""

WITHOUT_LOGICALS: Final = frozenset(
    {"EDATE", "EOMONTH", "NETWORKDAYS", "WORKDAY", "WEEKNUM", "YEARFRAC", "QUOTIENT", "MROUND"}
    | {"GCD", "LCM", "ISODD", "ISEVEN", "RANDBETWEEN", "FACTDOUBLE", "MULTINOMIAL", "SQRTPI"}
    | {"SERIESSUM", "DELTA", "GESTEP", "ERF", "ERFC", "CONVERT", "COMPLEX"}
    | {"BIN2DEC", "BIN2HEX", "BIN2OCT", "DEC2BIN", "DEC2HEX", "DEC2OCT"}
    | {"HEX2BIN", "HEX2DEC", "HEX2OCT", "OCT2BIN", "OCT2DEC", "OCT2HEX", "EFFECT", "NOMINAL"}
    | {"DOLLARDE", "DOLLARFR", "CUMIPMT", "CUMPRINC", "FVSCHEDULE", "XNPV", "XIRR"}
    | {"ACCRINTM", "COUPDAYBS", "COUPDAYS", "COUPDAYSNC", "COUPNCD", "COUPNUM", "COUPPCD", "DISC"}
    | {"INTRATE", "ODDLPRICE", "ODDLYIELD"}
    | {"PRICE", "PRICEDISC", "PRICEMAT", "RECEIVED", "TBILLEQ", "TBILLPRICE", "TBILLYIELD"}
    | {"YIELD", "YIELDDISC", "YIELDMAT", "AMORDEGRC", "AMORLINC"}
)
"""Functions that once came with the Analysis ToolPak, which in Excel take no logical."""

TO_MULTIPLES: Final = frozenset(
    {"FLOOR", "CEILING", "FLOOR.MATH", "CEILING.MATH", "FLOOR.PRECISE", "CEILING.PRECISE"}
    | {"ISO.CEILING"}
)
"""Functions that go to a multiple below or above; LibreOffice first rounds a number that nearly is
one."""

FROM_A_DAY: Final = {"EDATE": 31, "EOMONTH": 31, "WORKDAY": 3, "WORKDAY.INTL": 7}
"""Functions that count from a day, and how many days one step takes at most or so."""

OF_WHOLE_NUMBERS: Final = frozenset({"DATE", "DAYS", "TIME", "ISODD", "ISEVEN"})
"""Functions whose arguments Excel cuts off to whole numbers, and LibreOffice does not."""

CUT_OFF: Final = frozenset(
    {"INT", "TRUNC", "ROUNDDOWN", "ROUNDUP", "QUARTILE", "QUARTILE.INC", "QUARTILE.EXC", "ROUND"}
)
"""Functions that cut an argument off to a whole number, ROUND that of decimals; LibreOffice first
takes one that is whole but for its last digits for whole."""

OF_PERIODS: Final = frozenset({"PMT", "PV", "FV"})
"""Functions whose second argument is a number of periods."""

CHOOSING: Final = frozenset(
    {"IF", "IFS", "IFERROR", "IFNA", "CHOOSE", "INDEX", "VLOOKUP", "HLOOKUP", "LOOKUP", "OFFSET"}
    | {"INDIRECT"}
)
"""Functions that give one of their arguments, or of the cells that these refer to."""

SUMS: Final = frozenset({"SUM", "PRODUCT", "AVERAGE", "MIN", "MAX", "COUNT", "SUMSQ"})

LOGICAL_RESULT: Final = frozenset(
    {"AND", "OR", "NOT", "XOR", "TRUE", "FALSE", "ISBLANK", "ISERR", "ISERROR", "ISLOGICAL"}
    | {"ISNA", "ISNONTEXT", "ISNUMBER", "ISTEXT", "EXACT", "ISEVEN", "ISODD", "ISREF"}
)

OF_TEXTS: Final = frozenset(
    {"LEFT", "RIGHT", "MID", "LEN", "UPPER", "LOWER", "PROPER", "TRIM", "CLEAN", "SUBSTITUTE"}
    | {"REPT", "CONCATENATE", "CONCAT", "TEXTJOIN", "FIND", "SEARCH", "EXACT", "REPLACE", "TEXT"}
)

TO_TEXT: Final = OF_TEXTS - {"LEN", "FIND", "SEARCH", "EXACT"}
"""Functions whose result is a text."""

TAKES_LOGICALS: Final = frozenset(
    {"IF", "IFS", "IFERROR", "IFNA", "AND", "OR", "NOT", "XOR", "CHOOSE", "INDEX", "COUNTA"}
    | {"COUNTBLANK", "ROWS", "COLUMNS", "ROW", "COLUMN", "ISBLANK", "ISERR", "ISERROR", "ISNA"}
    | {"ISLOGICAL", "ISTEXT", "ISREF", "EXPLAIN", "AVERAGEA", "MAXA", "MINA", "N"}
)
"""Functions to which a cell with TRUE or FALSE means the same in LibreOffice as in Excel."""

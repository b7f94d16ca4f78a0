"""What the embedded engine is known to compute wrongly, found before it is asked.

The engine's functions of single values do not work on each cell of a range as Excel's do:
``SUMPRODUCT(LEN(A1:A3))`` counts the first cell alone, and ``SUM(COUNTIF(A1:A3,{1,2}))`` is 0.
Operators, IF, IFERROR, IFNA and our own functions do. A wrong value stored in somebody's workbook
would look like any other, so a formula that gives a range to what expects a single value is
refused. Measured with formualizer 0.13.0.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from xladdin.hosts.scanning import (
    CALL,
    CLOSE,
    COMMA,
    OPEN,
    WORD,
    Token,
    function_name,
    is_reference,
    tokens,
)

_EVERY: Final = frozenset(range(1, 256))
_ODD: Final = frozenset(range(1, 256, 2))


def _at(*positions: int) -> frozenset[int]:
    return frozenset(positions)


def _from(first: int) -> frozenset[int]:
    return frozenset(range(first, 256))


_REDUCING: Final = """
    SUM PRODUCT AVERAGE AVERAGEA MIN MINA MAX MAXA COUNT COUNTA COUNTBLANK MEDIAN MODE MODE.SNGL
    STDEV STDEVA STDEVP STDEVPA STDEV.S STDEV.P VAR VARA VARP VARPA VAR.S VAR.P SUMPRODUCT SUMSQ
    SUMX2MY2 SUMX2PY2 SUMXMY2 AND OR XOR IRR XIRR CONCAT TEXTJOIN GEOMEAN
    HARMEAN DEVSQ AVEDEV SKEW SKEW.P KURT CORREL COVAR COVARIANCE.P COVARIANCE.S PEARSON RSQ SLOPE
    INTERCEPT STEYX ROWS COLUMNS AREAS CELL SHEET ISREF FORMULATEXT
"""
"""Functions that take ranges anywhere and give one value."""

_ARRAYS: Final = """
    IF IFERROR IFNA TRANSPOSE SORT SORTBY UNIQUE FILTER VSTACK HSTACK TOROW TOCOL LINEST LOGEST
    TREND GROWTH FREQUENCY SIN COS TAN LET
"""
"""Functions that take ranges anywhere and may give an array."""

_DATABASE: Final = "DSUM DCOUNT DCOUNTA DGET DMAX DMIN DAVERAGE DPRODUCT DVAR DSTDEV"

_TAKES: Final[Mapping[str, frozenset[int]]] = {
    **dict.fromkeys(_REDUCING.split(), _EVERY),
    **dict.fromkeys(_ARRAYS.split(), _EVERY),
    "SUBTOTAL": _from(2),
    "AGGREGATE": _at(3),
    "INDEX": _at(1),
    "MATCH": _at(2),
    "LOOKUP": _at(2, 3),
    "VLOOKUP": _at(2),
    "HLOOKUP": _at(2),
    "XLOOKUP": _at(2, 3),
    "XMATCH": _at(2),
    "CHOOSE": _from(2),
    "SWITCH": _from(2),
    "IFS": _at(*range(2, 256, 2)),
    "OFFSET": _at(1),
    "NPV": _from(2),
    "XNPV": _at(2, 3),
    "MIRR": _at(1),
    "SUMIF": _at(1, 3),
    "AVERAGEIF": _at(1, 3),
    "COUNTIF": _at(1),
    "COUNTIFS": _ODD,
    **dict.fromkeys(("SUMIFS", "AVERAGEIFS", "MAXIFS", "MINIFS"), _at(1, *range(2, 256, 2))),
    **dict.fromkeys(("SMALL", "LARGE", "TRIMMEAN", "TAKE", "DROP", "CHOOSECOLS"), _at(1)),
    **dict.fromkeys(("PERCENTILE", "PERCENTILE.INC", "PERCENTILE.EXC", "CHOOSEROWS"), _at(1)),
    **dict.fromkeys(("QUARTILE", "QUARTILE.INC", "QUARTILE.EXC", "EXPAND"), _at(1)),
    **dict.fromkeys(("PERCENTRANK", "PERCENTRANK.INC", "PERCENTRANK.EXC"), _at(1)),
    **dict.fromkeys(("RANK", "RANK.EQ", "RANK.AVG"), _at(2)),
    **dict.fromkeys(("NETWORKDAYS", "WORKDAY"), _at(3)),
    **dict.fromkeys(("NETWORKDAYS.INTL", "WORKDAY.INTL"), _at(4)),
    **dict.fromkeys(("FORECAST", "FORECAST.LINEAR"), _at(2, 3)),
    **dict.fromkeys(
        [
            "DSUM",
            "DCOUNT",
            "DCOUNTA",
            "DGET",
            "DMAX",
            "DMIN",
            "DAVERAGE",
            "DPRODUCT",
            "DVAR",
            "DSTDEV",
        ],
        _at(1, 3),
    ),
}
"""By function, at which positions it takes a range. Others take single values only."""

_GIVES_ARRAYS: Final = frozenset(
    {*_ARRAYS.split(), "TAKE", "DROP", "CHOOSE", "SWITCH", "IFS"}
    | {"EXPAND", "CHOOSECOLS", "CHOOSEROWS", "XLOOKUP"}
)
"""Functions whose result may be an array where an argument is one."""

_MAKES_ARRAYS: Final = frozenset({"SEQUENCE", "RANDARRAY", "MUNIT"})
"""Functions whose result is an array whatever the arguments are."""


_LACKING: Final = """
    AMORDEGRC AMORLINC AREAS BAHTTEXT CALL COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD
    CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT CUBEVALUE
    DISC DURATION FVSCHEDULE GETPIVOTDATA INFO INTRATE JIS MDETERM MDURATION MINVERSE MMULT
    ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PHONETIC PRICEDISC PRICEMAT PROB RECEIVED REGISTER.ID
    RTD SQL.REQUEST STOCKHISTORY VDB WEBSERVICE YIELDDISC YIELDMAT
"""

NOT_COMPUTED: Final = frozenset(_LACKING.split())
"""Functions of Excel that the engine lacks. Files mark the newer ones with a prefix besides."""


_PLAIN: Final = """
    IF IFERROR IFNA SUMIF SUMIFS COUNTIF COUNTIFS AVERAGEIF AVERAGEIFS MAXIFS MINIFS MATCH NA NOT
    ISBLANK ISERR ISERROR ISLOGICAL ISNA ISNUMBER ISTEXT ABS CEILING EXP FLOOR INT LN LOG LOG10 MOD
    POWER ROUND ROUNDDOWN ROUNDUP SIGN SQRT TRUNC SMALL LARGE DATE DATEVALUE DAY EDATE EOMONTH MONTH
    NETWORKDAYS TODAY WEEKDAY WORKDAY YEAR CONCATENATE EXACT FIND LEFT LEN LOWER MID N REPLACE REPT
    RIGHT SEARCH SUBSTITUTE TEXT TRIM UPPER VALUE
"""

SINGLE: Final = frozenset({*_REDUCING.split(), *_PLAIN.split()})
"""Functions of Excel whose arrays, if they give any, `judge` knows of."""


_WIDE: Final = re.compile(r"[:{#]|OFFSET|SEQUENCE|RANDARRAY|MUNIT", re.IGNORECASE)
"""Without one of these, or a name of a range, there is no array in a formula."""


class _Frame:
    """An open parenthesis: whose it is, and what has been seen within."""

    __slots__ = ("name", "position", "wide", "wide_here")

    def __init__(self, name: str) -> None:
        self.name = name
        self.position = 1
        self.wide = False  # whether any argument is an array
        self.wide_here = False  # whether the argument being read is one


class Scope(NamedTuple):
    """What formulas of a workbook may speak of.

    Attributes:
        ours: Our functions, and whether each works element by element.
        wide_names: Defined names of ranges of several cells, in lower case.
    """

    ours: Mapping[str, bool]
    wide_names: Collection[str] = ()


def called(formula: str) -> dict[str, bool]:
    """Name the functions that a formula calls; what LET and LAMBDA name is left out.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        By name in capitals, without a file's prefixes: whether it is surely one of Excel's own.
    """
    found: dict[str, bool] = {}
    for token in tokens(formula):
        prefix = token.text[:6].lower()
        if token.kind == CALL and prefix != "_xlpm.":
            name = function_name(token.text)
            found[name] = found.get(name, False) or prefix == "_xlfn." or name in NOT_COMPUTED
    return found


def gives_one_value(formula: str, scope: Scope) -> bool:
    """Whether there is surely no array in a formula, unless a function makes one of its own.

    Args:
        formula: The formula, without an equals sign.
        scope: What it may speak of.

    Returns:
        False where there may be one.
    """
    return not scope.wide_names and _WIDE.search(formula) is None


class Verdict(NamedTuple):
    """What can be told of a formula before it is computed.

    Attributes:
        reason: Why the engine's value for it could not be trusted; empty where there is none.
        array: Whether it may give an array, functions aside that make one of their own.
    """

    reason: str
    array: bool


def limit(formula: str, scope: Scope) -> str:
    """Say why the engine's value for a formula could not be trusted.

    Args:
        formula: The formula as the engine is to see it.
        scope: What it may speak of.

    Returns:
        The reason in words; empty where there is none.
    """
    return judge(formula, scope).reason


def judge(formula: str, scope: Scope) -> Verdict:
    """Judge a formula.

    Args:
        formula: The formula as the engine is to see it.
        scope: What it may speak of.

    Returns:
        Whether its value can be trusted, and whether it is one value.
    """
    if gives_one_value(formula, scope):
        return Verdict("", False)
    frames = [_Frame("")]
    parts = [token for token in tokens(formula) if token.kind != "space"]
    wides = [_wide(parts, at, scope) for at in range(len(parts))]
    # What LET or LAMBDA names may be a range as soon as there is one.
    any_wide = any(wides)
    for at, token in enumerate(parts):
        top = frames[-1]
        if token.kind == CALL:
            frames.append(_Frame(function_name(token.text)))
        elif token.kind == OPEN:
            frames.append(_Frame(token.text))
        elif token.kind == COMMA or (token.text == ";" and top.name == "{"):
            reason = _ended(top, scope)
            if reason:
                return Verdict(reason, True)
            if top.name == "{":
                top.wide = True
            top.position += 1
        elif token.kind == CLOSE and len(frames) > 1:
            reason = _ended(top, scope)
            if reason:
                return Verdict(reason, True)
            frames.pop()
            frames[-1].wide_here |= _gives_array(top, scope)
        elif wides[at] or (any_wide and token.text[:6].lower() == "_xlpm."):
            top.wide_here = True
    outermost = frames[0]
    return Verdict("", len(frames) > 1 or outermost.wide or outermost.wide_here)


def _ended(frame: _Frame, scope: Scope) -> str:
    """Close an argument, and judge it."""
    wide, frame.wide_here = frame.wide_here, False
    if not wide:
        return ""
    frame.wide = True
    if frame.name in ("", "(", "{") or frame.name in scope.ours:
        return ""
    if frame.position in _TAKES.get(frame.name, ()):
        return ""
    return f"{frame.name} is given a range where it takes a single value"


def _gives_array(frame: _Frame, scope: Scope) -> bool:
    if frame.name in _MAKES_ARRAYS:
        return True
    if frame.name == "OFFSET":
        return frame.position >= 4  # a height or a width is given
    passes = frame.name in ("(", "{") or scope.ours.get(frame.name, False)
    return frame.wide and (passes or frame.name in _GIVES_ARRAYS)


def _wide(parts: list[Token], at: int, scope: Scope) -> bool:
    """Whether a token makes a range of several cells."""
    token = parts[at]
    if token.text == ":":
        sides = parts[at - 1 : at] + parts[at + 1 : at + 2]
        same = len(sides) == 2 and is_reference(sides[0]) and is_reference(sides[1])
        return not (same and _plain(sides[0]) == _plain(sides[1]))
    if token.kind == "other" and token.text == "#":
        return True
    return token.kind == WORD and token.text.casefold() in scope.wide_names


def _plain(token: Token) -> str:
    return token.text.replace("$", "").upper()

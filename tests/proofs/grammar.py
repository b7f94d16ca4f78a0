"""Generated formulas: functions with arguments of every kind and shape.

A function's arguments are described by roles, which say what is usual there, so that most formulas
give values and not errors:

``N`` a number, ``P`` above 0, ``I`` whole, ``G`` digits to round to, ``C`` a count from 0, ``Z``
one from 1, ``Q`` a part of 1, ``E`` a rate of interest, ``L`` a number of periods, ``Y`` a
year, ``D`` a date, ``T`` a text, ``B`` a logical, ``A`` any value, ``U`` what is looked up, ``K``
a criterion, ``NT`` a number as text; ``R`` a column of numbers, ``S`` one in order, ``SD`` one in
descending order, ``SH`` one in order below a heading, ``XH`` it and another, ``J`` dates,
``F`` as many dates as there are cash flows ``M``,
``W``, ``X`` and ``H`` tables, the second in order; ``V``, ``BV`` and ``TV`` ranges or
values. Others stand for themselves. ``?`` may be missing, ``+`` stands once or more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, NamedTuple

from proofs.books import Constant

from xladdin.cells import CellError
from xladdin.engines.proved_table import NEWER
from xladdin.xlsx.workbook_part import column_letters

KINDS: Final = "nmbotdqelx"
"""``n`` a usual value for the place, ``m`` any other number, and kinds as in the table."""

_SIGNATURES: Final = """
CEILING.MATH N P|FLOOR.MATH N P|CEILING.MATH N P 1|FLOOR.MATH N P 1|CEILING.PRECISE N P
FLOOR.PRECISE N P|ISO.CEILING N P|MROUND P 5|MROUND N N|CEILING N N|FLOOR N N|ABS N|SIGN N|INT N
TRUNC N G?|ROUND N G|ROUNDUP N G|ROUNDDOWN N G|QUOTIENT N N|MOD N N|POWER P I|CEILING P 5
CEILING P 1|FLOOR P 10|FLOOR P 1|SQRT P|EXP I|LN P|LOG P P?|LOG10 P|PI|FACT C|COMBIN C C|PERMUT C C
EVEN N|ODD N|SIN N|COS N|TAN N|ASIN Z|ACOS Z|ATAN N|ATAN2 N N|SINH I|COSH I|TANH I|DEGREES N
RADIANS N|SUM V+|PRODUCT V+|SUMSQ V+|AVERAGE V+|MIN V+|MAX V+|COUNT V+|COUNTA V+|COUNTBLANK R
MEDIAN V+|HARMEAN V+|MODE V+|MODE.SNGL V+|STDEV V+|STDEV.S V+|STDEVP V+|STDEV.P V+|VAR V+|VAR.S V+
VARP V+|VAR.P V+|SKEW V+|KURT V+|LARGE R C|SMALL R C|RANK U R Z01?|RANK.EQ U R Z01?|PERCENTILE R Q
PERCENTILE.INC R Q|PERCENTILE.EXC R Q|QUARTILE R Z|QUARTILE.INC R Z|QUARTILE.EXC R Z|CORREL R R
PEARSON R R|RSQ R R|SLOPE R R|INTERCEPT R R|FORECAST N R R|COVAR R R|COVARIANCE.P R R
COVARIANCE.S R R|SUMXMY2 R R|SUMIF R K R?|COUNTIF R K|AVERAGEIF R K R?|SUMIFS R R K R? K?
COUNTIFS R K R? K?|AVERAGEIFS R R K R? K?|MAXIFS R R K|MINIFS R R K|SUMPRODUCT R R?|IF B A A?
IFERROR A A|IFNA A A|IFS B A B A|AND BV+|OR BV+|XOR BV+|NOT B|SWITCH A A A A?|SWITCH A A A A A A?
CHOOSE Z A A A?|HYPERLINK T T|TRUE|FALSE|NA|ISBLANK A|ISERR A|ISERROR A|ISLOGICAL A|ISNA A
ISNONTEXT A|ISNUMBER A|ISTEXT A|ISEVEN N|ISODD N|N A|T A|INDEX R Z|INDEX W Z Z12|MATCH U R 0
MATCH U S 1|MATCH U S|VLOOKUP U W 2 FALSE|VLOOKUP U X 2 TRUE|VLOOKUP U W 2 0|VLOOKUP U X 2
HLOOKUP U H 2 FALSE|LOOKUP U S S|XLOOKUP U R R|XLOOKUP U R R A|XLOOKUP U R R A 0|XLOOKUP U R R A 0 1
XLOOKUP U R R A 0 -1|XLOOKUP N R R A -1|XLOOKUP N R R A 1 -1|XMATCH N R -1|XMATCH N R 1 1
XMATCH N R -1 -1|XMATCH U R 0 -1|XMATCH U R|XMATCH U R 0|ROWS R|COLUMNS W|ROW R1|COLUMN R1
ADDRESS Z Z|OFFSET R1 Z Z01|INDIRECT "D!A1"|HOUR D|MINUTE D|SECOND D|HOUR Q|MINUTE Q|SECOND Q
WORKDAY.INTL D I 1|WORKDAY.INTL D I 7 J|NETWORKDAYS.INTL D D 1 J|NETWORKDAYS.INTL D D 11|DATE Y I C
YEAR D|MONTH D|DAY D|TIME C C C|EDATE D I|EOMONTH D I|WEEKDAY D|WEEKDAY D 2|WEEKDAY D 11
WEEKDAY D 16|WEEKNUM D|ISOWEEKNUM D|WORKDAY D I|WORKDAY D I J|NETWORKDAYS D D|NETWORKDAYS D D J
WORKDAY D I D|NETWORKDAYS D D D|DAYS D D|DAYS360 D D|DATEDIF D D "d"|DATEDIF D D "m"|DATEDIF D D "y"
DATEDIF D D "ym"|DATEDIF D D "md"|YEARFRAC D D|YEARFRAC D D 1|YEARFRAC D D 3|PROPER T
REPLACE T Z C T|DATEVALUE "2024-03-05"|DATEVALUE "1999-12-31_06:00"|LEFT T C?|RIGHT T C?|MID T Z C
LEN T|TRIM T|UPPER T|LOWER T|CLEAN T|SUBSTITUTE T T T Z?|FIND T T Z?|SEARCH T T Z?|CONCATENATE T T+
CONCAT TV+|TEXTJOIN T B TV+|REPT T C|EXACT T T|VALUE NT|CHAR 65|UNICHAR 65|CODE T|UNICODE T
FIXED N 2|FIXED N 0|FIXED N|TEXT D "h:mm"|TEXT Q "hh:mm:ss"|TEXT D "yyyy-mm-dd_hh:mm"|TEXT N "0"
TEXT N "0.0"|TEXT N "0.00"|TEXT N "#,##0"|TEXT N "#,##0.00"|TEXT N "0%"|TEXT N "0.0%"|TEXT N "000"
TEXT D "yyyy-mm-dd"|TEXT D "dd/mm/yyyy"|TEXT D "mmm-yy"|TEXT D "mmmm"|TEXT D "ddd"
TEXT D "d_mmm_yyyy"|TEXT D "mmmm_d,_yyyy"|TEXT D "yyyymmdd"|PMT E L P P? Z01?|PMT E L P P 1
PV E L P P 0|PV E L P|FV E L P P? |NPER E P P|RATE L P P|NPER E P P N|NPER E P P N 1|RATE L P P N
RATE L P P N 1|NPER E I N N 0|RATE L N N N 0|NPV E V+|IRR M|IRR M 0.1|IRR M 0.05|IRR M 0.2
XNPV E R F|XIRR M F|IPMT E Z L P|PPMT E Z L P|IPMT E Z L P N 0|PPMT E Z L P N 0
MATCH N SD -1|MATCH N SH|VLOOKUP N XH 2
GEOMEAN V+|DB 9000 P L Z|DB 9000 P L Z 7|DDB 9000 P L Z|DDB 9000 P L Z 1.5
SLN P P L|EFFECT E C12|NOMINAL E C12
RRI L P P|PDURATION E P P|NORM.S.DIST N TRUE|NORM.DIST N N P TRUE|NORMSDIST N|NORM.S.INV Q
NORMSINV Q|SQRTPI P|ASINH N|PHI N|STANDARDIZE N N P|FACTDOUBLE C|DELTA N N?|GESTEP N N?|BITAND C C
BITOR C C|BITXOR C C|RANK.AVG U R Z01?|PERCENTRANK.INC R N|PERCENTRANK.EXC R N Z|TRIMMEAN R Q
AVERAGEA R|BIN2DEC "1101"|OCT2DEC "17"|HEX2DEC "A5"|BIN2OCT "1101" Z?|BIN2HEX "1101"|OCT2BIN "17" C?
OCT2HEX "17"|HEX2BIN "A5"|HEX2OCT "A5"|DEC2BIN I C?|DEC2OCT I|DEC2HEX I C?|BASE C 2|BASE C 16 Z
DECIMAL "11" 2|SYD P P L Z|ISPMT E Z L P|GCD C C|COUPNUM D D 2|PERMUTATIONA C C|TEXT N "$0.00"
TEXT N "$#,##0"|TEXT N "$#,##0.00_);($#,##0.00)"|TEXT N "0.000%"|TEXT N "0.0000"|TEXT N "#,##0.000"
TEXT N "#,###"|TEXT N "0.0##"|TEXT N "0.00E+00"|TEXT D "dd-mm-yyyy"|TEXT N "0.0;(0.0);-"
TEXT D "m/d/yyyy"|TEXT D "dd-mmm-yyyy"|TEXT D "mmm_d,_yyyy"|TEXT D "yyyy-mm"|TEXT D "ddd,_d.m.yy"
TEXT D "dddd,_mmmm_d,_yyyy"|MIRR M E E|ERF N|ERF.PRECISE N|DOLLARDE N 16|GCD C C C|COUPDAYS D D 2 0
COUPDAYS D D 4|FVSCHEDULE N R|SUBTOTAL 9 R|SUBTOTAL 1 R|SUBTOTAL 2 R|SUBTOTAL 3 R|SUBTOTAL 4 R
SUBTOTAL 5 R|SUBTOTAL 109 R|AGGREGATE 9 6 R|AGGREGATE 1 4 R|AGGREGATE 2 6 R|AGGREGATE 3 4 R
AGGREGATE 4 6 R|AGGREGATE 5 6 R|AGGREGATE 7 6 R|AGGREGATE 8 4 R|AGGREGATE 12 6 R|AGGREGATE 6 6 R
AGGREGATE 10 6 R|AGGREGATE 11 6 R|AGGREGATE 14 6 R C|AGGREGATE 15 4 R C|IPMT E Z L P N 1
PPMT E Z L P N 1|CUMIPMT E L P 1 3 0|CUMPRINC E L P 1 3 0|CUMIPMT E L P Z Z 1|CUMPRINC E L P Z L 1
DATEDIF D D "yd"|ADDRESS Z Z Z|ADDRESS Z Z Z FALSE|ADDRESS Z Z 1 TRUE "Data"|TEXT N "0_€"
TEXT N "€#,##0.00"|TEXT P "000-00-0000"|TEXT T "@"|TEXT I "@"|TEXT N "General"|MATCH 9E+99 R
LOOKUP 9E+99 R|LOOKUP 9E+99 R R|MATCH A R 0|COUNTIF R A|SUMIF R A R
XLOOKUP A R R "none"|VLOOKUP A W 2 FALSE|UPPER A|LOWER A|SEARCH "e" T|SEARCH "ä" T|SEARCH "o?e" T
"""

OPERATORS: Final = ("+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">=")

_TEXTUAL: Final = "LEFT RIGHT MID TRIM UPPER LOWER SUBSTITUTE CONCATENATE REPT TEXT"
_LOGICAL: Final = "AND OR NOT ISNUMBER ISERROR ISTEXT ISBLANK EXACT"
_NUMERIC: Final = """
    ABS INT ROUND ROUNDUP ROUNDDOWN SUM AVERAGE MIN MAX COUNT COUNTA LARGE SMALL SUMIF COUNTIF
    SUMIFS COUNTIFS AVERAGEIFS SUMPRODUCT INDEX MATCH VLOOKUP XLOOKUP MOD SQRT YEAR MONTH DAY
    WEEKDAY NETWORKDAYS LEN FIND SEARCH IF IFERROR CHOOSE PMT NPV N POWER DATEDIF
"""

HEIGHT: Final = 6
_COLUMNS: Final = 80
_FREE: Final = _COLUMNS + 6
CONTENTS: Final = ("", "b", "t", "d", "q", "e", "l", "x", "S", "btl", "bt", "M")
"""What a column of the sheet D holds beside numbers; ``S`` is in order, ``M`` cash flows."""

_TEXTS: Final = (
    *("abc", "Widget", "north", "a b", "x", "Zoë", " pad ", "b", "Q1", "a*", "ZOË"),
    *("Zoe", "Straße", "strasse", "O’Brien", "O'Brien", "Ärger", "äRGER", "5 € – net", "жук"),
)
_DIGITS: Final = ("5", "12", "-3", "2.5", "0", "05", "5.0")
_DOUBTFUL: Final = ("1,000", "$2.80", "5%", "2001-03-04", "1e3", " 7 ", "(3)", "1/2", "12:30")
_ERRORS: Final = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?")
_VALUES: Final[Mapping[str, tuple[Constant, ...]]] = {
    "t": _TEXTS,
    "d": _DIGITS,
    "q": _DOUBTFUL,
    "e": ("",),
    "l": (True, False),
    "m": (
        *(0.0, -1.0, 0.5, -7.25, 1e10, 1e-9, 3e6, 59.0, 60.0, 61.5, 1.0, 123456.789, -1e7, 2.5),
        *(0.1 + 0.2, 1 / 3, 1e15, -2 / 3, 0.99999999999999989),
    ),
}
_CRITERIA: Final = (
    ">2",
    "<=3",
    "<>0",
    "abc",
    "a*",
    "?bc",
    "=2",
    ">=north",
    "<>abc",
    "2",
    "<>",
    "=",
)


class Signature(NamedTuple):
    """A function and the roles of its arguments."""

    name: str
    roles: tuple[str, ...]


def signatures() -> list[Signature]:
    """Return every function with the roles of its arguments."""
    items = (line.split() for line in _SIGNATURES.replace("\n", "|").split("|"))
    return [
        Signature(item[0], tuple(role.replace("_", " ") for role in item[1:]))
        for item in items
        if item
    ]


class Pool:
    """Constants that formulas refer to, and formulas over them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.constants: dict[tuple[int, int], Constant] = {}
        self._columns: dict[str, list[int]] = {}
        self._depth = 0
        for column in range(1, _COLUMNS + 1):
            self._fill(column)
        for row in range(1, 4):
            self.constants[row, _COLUMNS + 2] = float(self.random.randint(30000, 48000))
        for row in range(1, HEIGHT + 1):
            self.constants[row, _COLUMNS + 3] = 40000.0 + 181 * row
            self.constants[row, _COLUMNS + 1] = 20.0 - 4 * row
            self.constants[row, _COLUMNS + 4] = "abc" if row == 1 else -12.0 + 4 * row
            self.constants[row, _COLUMNS + 5] = 1.5 * row
        self._row, self._column = 1, _FREE
        by_name: dict[str, list[Signature]] = {}
        for item in signatures():
            by_name.setdefault(item.name, []).append(item)
        self._by_name = by_name

    def _fill(self, column: int) -> None:
        kinds = CONTENTS[column % len(CONTENTS)]
        self._columns.setdefault(kinds, []).append(column)
        numbers = [self.number() for _ in range(HEIGHT)]
        values: list[Constant | None] = [*numbers]
        if kinds == "S":
            values = [*sorted(numbers)]
        elif kinds == "M":
            values = [-100.0, *(abs(number) + 10 for number in numbers[1:])]
        else:
            for kind in kinds:
                for _ in range(self.random.randint(1, 2)):
                    values[self.random.randrange(HEIGHT)] = self._odd(kind)
        for row, value in enumerate(values, 1):
            if value is not None:
                self.constants[row, column] = value

    def number(self) -> float:
        choose = self.random
        whole, small = float(choose.randint(-5, 9)), float(choose.randint(0, 4))
        return choose.choice([whole, round(choose.uniform(-20, 40), 2), small])

    def _odd(self, kind: str) -> Constant | None:
        if kind == "b":
            return None
        if kind == "x":
            return CellError(self.random.choice(_ERRORS))
        return self.random.choice(_VALUES[kind])

    def cell(self, value: Constant | None) -> str:
        """Put a value into a cell of its own, and return the cell's name."""
        row, column = self._row, self._column
        self._column += 1
        if self._column > _FREE + 200:
            self._row, self._column = row + 1, _FREE
        if value is not None:
            self.constants[row, column] = value
        return f"D!{column_letters(column)}{row}"

    def column(self, kinds: str = "", width: int = 1) -> str:
        """Return a range whose cells are numbers, and the given kinds beside."""
        first = self.random.choice(self._columns[kinds])
        left, right = column_letters(first), column_letters(min(first + width - 1, _COLUMNS))
        return f"D!${left}$1:${right}${HEIGHT}"

    def given(self, value: Constant) -> str:
        """Write a value into the formula, or into a cell."""
        return literal(value) if self.random.random() < 0.4 else self.cell(value)

    def usual(self, role: str) -> str:
        """Return an argument such as the place is made for."""
        role = role.rstrip("?+")
        nested = self._nested(role)
        if nested:
            return nested
        number = _NUMBERS.get(role)
        if number is not None:
            return self.given(number(self.random))
        other = _OTHERS.get(role)
        return other(self) if other is not None else role

    def _nested(self, role: str) -> str:
        """Return a formula as an argument, where those are wanted."""
        names = _TEXTUAL if role == "T" else _LOGICAL if role == "B" else _NUMERIC
        if role not in ("N", "A", "V", "T", "B") or not self._depth or self.random.random() < 0.4:
            return ""
        self._depth -= 1
        try:
            if role == "B" and self.random.random() < 0.6:
                return f"{self.usual('N')}{self.random.choice(OPERATORS[6:])}{self.usual('N')}"
            if role in "NAV" and self.random.random() < 0.4:
                return f"({self.usual('N')}{self.random.choice('+-*/')}{self.usual('N')})"
            name = self.random.choice(names.split())
            kinds = {} if self.random.random() < 0.8 else {0: self.random.choice(KINDS)}
            made = self.formula(self.random.choice(self._by_name[name]), kinds)
            return made or self.given(self.number())
        finally:
            self._depth += 1

    def unusual(self, role: str, kind: str) -> str | None:
        """Return an argument of some kind for a place; None where there is none."""
        role = role.rstrip("?+")
        if kind == "o":
            return ""
        ranged = role in ("R", "S", "M") or (role in _MIXED and self.random.random() < 0.6)
        if kind in "btdqelx" and ranged:
            return self.column(kind)
        if role in ("R", "S", "M", "J", "W", "X", "H", "R1", "SD", "SH", "XH"):
            return None
        value = self._odd(kind)
        return self.cell(None) if value is None else self.given(value)

    def formula(self, signature: Signature, odd: Mapping[int, str]) -> str | None:
        """Make a formula; `odd` gives the kinds of arguments that are not usual."""
        roles: list[str] = []
        for role in signature.roles:
            wanted = any(at >= len(roles) for at in odd)
            if role.endswith("?") and not wanted and self.random.random() < 0.4:
                break
            roles.append(role)
            if role.endswith("+"):
                roles += [role] * self.random.randint(0, 2)
        given: list[str] = []
        for at, role in enumerate(roles):
            kind = odd.get(at, "n")
            text = self.usual(role) if kind == "n" or fixed(role) else self.unusual(role, kind)
            if text is None:
                return None
            given.append(text)
        prefix = "_xlfn." if signature.name in NEWER else ""
        return f"{prefix}{signature.name}({','.join(given)})"

    def nested(self, depth: int) -> str:
        """Make a formula of formulas."""
        self._depth = depth
        try:
            if self.random.random() < 0.3:
                operator = self.random.choice(OPERATORS)
                return f"{self.usual('A')}{operator}{self.usual('A')}"
            signature = self.random.choice(signatures())
            count = len(signature.roles)
            places = [at for at in range(count) if self.random.random() < 0.2]
            odd = {at: self.random.choice(KINDS) for at in places}
            return self.formula(signature, odd) or self.nested(depth)
        finally:
            self._depth = 0


def literal(value: Constant) -> str:
    """Write a constant as a formula has it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return '"' + value.replace('"', '""') + '"'


def fixed(role: str) -> bool:
    """Whether a role stands for itself."""
    return role[0] in '-0123456789"' or role in ("TRUE", "FALSE")


def one_odd(
    pool: Pool, times: int, kinds: str = KINDS, names: Collection[str] = ()
) -> Iterator[str]:
    """Go through functions, places and kinds: every formula has at most one argument not usual.

    Of some functions alone, if they are named.
    """
    for signature in signatures():
        if names and signature.name not in names:
            continue
        for _ in range(2 * times):
            yield pool.formula(signature, {}) or ""
        for at, role in enumerate(signature.roles):
            for kind in "" if fixed(role) else kinds:
                for _ in range(times):
                    yield pool.formula(signature, {at: kind}) or ""
    for operator in () if names else OPERATORS:
        for at in (0, 1):
            for kind in kinds.replace("o", ""):
                for _ in range(3 * times):
                    sides = [pool.usual("N"), pool.usual("N")]
                    if kind != "n":
                        sides[at] = pool.unusual("A", kind) or sides[at]
                    yield operator.join(sides)


def _dates(choose: random.Random) -> float:
    whole = float(choose.randint(30000, 48000))
    return whole if choose.random() < 0.7 else whole + round(choose.random(), 4)


_NUMBERS: Final[Mapping[str, Callable[[random.Random], float]]] = {
    "N": lambda choose: choose.choice(
        [float(choose.randint(-5, 9)), round(choose.uniform(-900, 900), 3)]
    ),
    "P": lambda choose: choose.choice(
        [float(choose.randint(1, 500)), round(choose.uniform(0.1, 99), 2)]
    ),
    "I": lambda choose: float(choose.randint(-5, 8)),
    "G": lambda choose: float(choose.randint(-2, 4)),
    "C": lambda choose: float(choose.randint(0, 8)),
    "C12": lambda choose: float(choose.choice([1, 2, 4, 12])),
    "Z": lambda choose: float(choose.randint(1, 4)),
    "Z01": lambda choose: float(choose.randint(0, 1)),
    "Z12": lambda choose: float(choose.randint(1, 2)),
    "Q": lambda choose: round(choose.uniform(0.05, 0.95), 2),
    "E": lambda choose: round(choose.uniform(0.005, 0.2), 4),
    "L": lambda choose: float(choose.randint(3, 60)),
    "Y": lambda choose: float(choose.randint(1950, 2080)),
    "D": _dates,
}
_MIXED: Final = ("V", "BV", "TV")
_OTHERS: Final[Mapping[str, Callable[[Pool], str]]] = {
    "T": lambda pool: pool.given(pool.random.choice(_TEXTS)),
    "NT": lambda pool: pool.given(pool.random.choice(_DIGITS)),
    "K": lambda pool: pool.given(
        pool.random.choice([pool.random.choice(_CRITERIA), float(pool.random.randint(0, 4))])
    ),
    "B": lambda pool: pool.random.choice(
        ["TRUE", "FALSE", pool.cell(True), pool.cell(False), f"{pool.usual('N')}>1"]
    ),
    "U": lambda pool: pool.given(
        pool.random.choice(
            [float(pool.random.randint(0, 4)), pool.number(), pool.random.choice(_TEXTS)]
        )
    ),
    "A": lambda pool: pool.given(
        pool.random.choice([pool.random.choice(_TEXTS), float(pool.random.randint(0, 4))])
    ),
    "R": lambda pool: pool.column(),
    "R1": lambda _: "D!$B$3",
    "S": lambda pool: pool.column("S"),
    "M": lambda pool: pool.column("M"),
    "SD": lambda _: "D!${0}$1:${0}${1}".format(column_letters(_COLUMNS + 1), HEIGHT),
    "SH": lambda _: "D!${0}$1:${0}${1}".format(column_letters(_COLUMNS + 4), HEIGHT),
    "XH": lambda _: "D!${}$1:${}${}".format(
        *map(column_letters, (_COLUMNS + 4, _COLUMNS + 5)), HEIGHT
    ),
    "J": lambda _: "D!${0}$1:${0}$3".format(column_letters(_COLUMNS + 2)),
    "F": lambda _: "D!${0}$1:${0}${1}".format(column_letters(_COLUMNS + 3), HEIGHT),
    "W": lambda pool: pool.column("", 2),
    "X": lambda pool: pool.column("S", 2),
    "H": lambda pool: pool.column("", 4),
    "V": lambda pool: pool.column() if pool.random.random() < 0.6 else pool.usual("N"),
    "BV": lambda pool: pool.usual("B"),
    "TV": lambda pool: pool.usual("T") if pool.random.random() < 0.6 else pool.column(),
}
